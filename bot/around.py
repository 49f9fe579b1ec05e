"""What a conversation is told of the world as it is now: the meeting, the service, whom to call."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.privacy.days import Retention
from bot.service import Service, at_work_until, next_at_work, read_service
from bot.store.conversations import Preparing, name_of
from bot.store.sealing import KeyRing
from flows.answers import Circumstances, Seen
from flows.machine import FlowMachine
from flows.schema import Audience
from flows.wording import Wording

MEETING_LASTS = timedelta(hours=12)
"""How long after its start a meeting counts as over. Meetings start late and overrun."""

Channel = Literal["telegram", "web"]
HelpLines = Callable[[str, Audience, str], tuple[str, ...]]
"""Whom to call: for a nation, an audience and a language."""


class Around:
    """Reads it for each turn, in the turn's own transaction."""

    def __init__(
        self,
        wording: Wording,
        clock: Clock,
        help_lines: HelpLines,
        days: Retention,
        privacy_page: str,
    ) -> None:
        self._wording = wording
        self._clock = clock
        self._help_lines = help_lines
        self._days = days
        self._privacy_page = privacy_page

    def of(
        self,
        session: Session,
        ring: KeyRing,
        before: Preparing,
        machine: FlowMachine,
        channel: Channel,
    ) -> Circumstances:
        audience, now = machine.flow.audience, self._clock()
        language = before.conversation.language if before.conversation else before.language
        read_by = name_of(session, ring, before, before.read_by) if before.read_at else ""
        around = Circumstances(
            channel=channel,
            coordinator=before.coordinator,
            meeting_kind=before.meeting_kind,
            starts_at=before.starts_at,
            timezone=before.timezone,
            place=before.place,
            about=before.about,
            child=before.child,
            languages=self._wording.languages,
            help_lines=self._help_lines(before.nation, audience, language),
            privacy_page=self._privacy_page,
            read_at=before.read_at,
            read_by=read_by,
            seen=_seen(session, ring, before, read_by),
            over=now > before.starts_at + MEETING_LASTS,
            cancelled=before.cancelled,
            draft_days=self._days.keep_drafts_days,
            after_meeting_days=self._days.keep_drafts_after_meeting_days,
            sent_days=self._days.keep_sent_days,
            backup_days=self._days.keep_backups_days,
        )
        service = read_service(session, ring)
        return around if service is None else self._as_the_service_says(around, service, now)

    def _as_the_service_says(
        self, around: Circumstances, service: Service, now: datetime
    ) -> Circumstances:
        """Who reads alerts now, and when; which languages there are; what is kept for how long."""
        days = service.days(self._days)
        changes = {
            "at_work_until": at_work_until(service, now),
            "at_work_from": next_at_work(service, now),
            "work_timezone": service.timezone,
            "always_someone": bool(service.told_at_once),
            "languages": service.offers(self._wording.languages),
            "draft_days": days.keep_drafts_days,
            "after_meeting_days": days.keep_drafts_after_meeting_days,
            "sent_days": days.keep_sent_days,
        }
        return around.model_copy(update=changes)


def _seen(session: Session, ring: KeyRing, before: Preparing, read_by: str) -> Seen | None:
    """Of all that they have sent. Of one answer, `bot.privacy.taking_back` knows."""
    if before.read_at is not None:
        return Seen(how="opened", by=read_by)
    if before.in_chat_of is None:
        return None
    return Seen(how="in_chat", by=name_of(session, ring, before, before.in_chat_of))
