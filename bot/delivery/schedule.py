"""What is due by the calendar: the roundup, gentle reminders, and each morning's list.

Nothing is planned ahead. Each round asks which meetings and people something is due for now, so
that a meeting that moves or is called off takes all of it along. A key for each letter makes it
happen once.
"""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.delivery import outbox
from bot.delivery.letters import ChatLetter, MailLetter, TodayLetter
from bot.service import Service, at_work_since, read_service
from bot.settings import Settings
from bot.staff import COORDINATOR
from bot.store.database import Database
from bot.store.models import Conversation, Coordinator, Delivery, Meeting, Participant
from bot.store.sealing import KeyGone, KeyRing, ServiceKey
from flows.exchange import Choice, Message, Paragraph, Style
from flows.library import audience_for
from flows.schema import Audience
from flows.speech import ANYWHERE
from flows.wording import Wording

AT_MOST = 2
"""Reminders for one person, ever."""

REST = timedelta(days=3)
"""Between someone's last word and a reminder, and between two of them."""

EARLIEST, LATEST = time(9, 0), time(20, 0)
"""Never at night: only between these hours, in the meeting's own zone."""

NOT_WITHIN = timedelta(hours=12)
"""No reminder so shortly before the meeting: it would only frighten."""

MORNING = timedelta(hours=2)
"""From when the service begins to work: a list that comes later is none of the morning's."""

_EVERY_S = 30

_log = structlog.get_logger(__name__)


class Scheduler:
    """One for each process; two at once do no harm."""

    def __init__(
        self,
        database: Database,
        service_key: ServiceKey,
        wording: Wording,
        clock: Clock,
        settings: Settings,
        wake: Callable[[], None],
    ) -> None:
        self._database = database
        self._service_key = service_key
        self._wording = wording
        self._clock = clock
        self._roundup_before = timedelta(hours=settings.roundup_hours_before)
        self._address = settings.address
        self._wake = wake

    async def run(self) -> None:
        while True:
            try:
                await self.round()
            except Exception as error:
                _log.error("schedule_failed", error=type(error).__name__)
            await asyncio.sleep(_EVERY_S)

    async def round(self) -> None:
        """Queues all that is due now and was not queued before."""
        now = self._clock()
        await self._database.run(lambda session: self._queue_due(session, now))
        self._wake()

    def _queue_due(self, session: Session, now: datetime) -> None:
        ring = KeyRing(session, self._service_key)
        service = read_service(session, ring) or Service()
        before = self._roundup_before
        if service.roundup_hours_before is not None:
            before = timedelta(hours=service.roundup_hours_before)
        for meeting in _meetings_ahead(session, now):
            if meeting.starts_at - before <= now:
                self._roundup(session, ring, meeting, now)
            if service.reminders and _awake(meeting, now) and meeting.starts_at - NOT_WITHIN > now:
                for participant in _unfinished(session, meeting.id, now):
                    self._remind(session, ring, meeting, participant, now)
        _mornings(session, ring, service, now)

    # --- the roundup ---

    def _roundup(self, session: Session, ring: KeyRing, meeting: Meeting, now: datetime) -> None:
        """Who has prepared, started, or never been reached. No words of anybody's."""
        key = f"roundup:{meeting.id.hex}:{int(meeting.starts_at.timestamp())}"
        if _queued(session, key):
            return
        coordinator = session.get_one(Coordinator, meeting.coordinator_id)
        language = coordinator.language
        link = f"{self._address}/coordinator/meeting/{meeting.id}"
        seal = ring.of(coordinator.id)
        email = seal.open_text(
            "coordinator", coordinator.id, "sealed_email", coordinator.sealed_email
        )
        mail = MailLetter(
            to=email,
            subject=self._wording.say("mail_roundup_subject", Audience.ADULT, language),
            text=self._wording.say("mail_roundup", Audience.ADULT, language, link=link),
        )
        outbox.queue(
            session,
            seal,
            mail,
            kind="roundup",
            channel="mail",
            recipient=f"mail:{coordinator.id}",
            now=now,
            key=key,
            meeting_id=meeting.id,
        )
        if coordinator.telegram_chat is not None:
            outbox.queue(
                session,
                seal,
                ChatLetter(message=self._roundup_message(session, ring, meeting, language)),
                kind="roundup",
                channel="telegram",
                recipient=f"telegram:{coordinator.telegram_chat}",
                now=now,
                key=f"{key}:t",
                meeting_id=meeting.id,
            )

    def _roundup_message(
        self, session: Session, ring: KeyRing, meeting: Meeting, language: str
    ) -> Message:
        known = ("sent", "started", "unopened", "unreached", "wiped")
        groups: dict[str, list[str]] = {group: [] for group in known}
        for row, sent_at, started_at in session.execute(
            select(Participant, Conversation.sent_at, Conversation.started_at)
            .outerjoin(Conversation, Conversation.participant_id == Participant.id)
            .where(Participant.meeting_id == meeting.id)
            .order_by(Participant.reference)
        ):
            try:
                name = ring.of(row.id).open_text(
                    "participant", row.id, "sealed_name", row.sealed_name
                )
            except KeyGone:
                if row.wiped_at is not None:
                    groups["wiped"].append(row.reference)
                continue
            blocked = session.scalar(
                select(
                    exists().where(Delivery.participant_id == row.id, Delivery.status == "blocked")
                )
            )
            group = (
                "sent"
                if sent_at
                else "unreached"
                if blocked
                else "started"
                if started_at
                else "unopened"
            )
            groups[group].append(name)
        when = self._wording.when(meeting.starts_at, meeting.timezone, Audience.ADULT, language)
        title = self._wording.say("chat_roundup", Audience.ADULT, language, when=when)
        lines = (
            self._wording.say(f"chat_roundup_{group}", Audience.ADULT, language, names=tuple(names))
            for group, names in groups.items()
            if names
        )
        return Message(
            paragraphs=(
                Paragraph(text=title, style=Style.STRONG),
                *(Paragraph(text=line) for line in lines),
            ),
            language=language,
            quotes=True,
        )

    # --- reminders ---

    def _remind(
        self,
        session: Session,
        ring: KeyRing,
        meeting: Meeting,
        participant: Participant,
        now: datetime,
    ) -> None:
        key = f"reminder:{participant.id.hex}:{participant.reminders + 1}"
        if _queued(session, key):
            return
        audience = audience_for(participant.role, participant.age_band)
        language = participant.language if self._wording.speaks(participant.language) else "en"
        text = self._wording.say("reminder", audience, language)
        resume = self._wording.say("resume", audience, language)
        message = Message(
            paragraphs=(Paragraph(text=text),),
            rows=((Choice(id="resume", label=resume),),),
            state=ANYWHERE,
            language=language,
        )
        participant.reminders += 1
        outbox.queue(
            session,
            ring.of(participant.id),
            ChatLetter(message=message),
            kind="reminder",
            channel="telegram",
            recipient=f"telegram:{participant.telegram_chat}",
            now=now,
            key=key,
            participant_id=participant.id,
            meeting_id=meeting.id,
        )


def _mornings(session: Session, ring: KeyRing, service: Service, now: datetime) -> None:
    """For each coordinator who has linked their Telegram, once on each working day."""
    since = at_work_since(service, now)
    if since is None or now >= since + MORNING:
        return
    day = since.astimezone(ZoneInfo(service.timezone)).date()
    linked = select(Coordinator.id, Coordinator.telegram_chat).where(
        Coordinator.telegram_chat.is_not(None), Coordinator.role == COORDINATOR
    )
    for coordinator, chat in session.execute(linked).all():
        key = f"morning:{coordinator.hex}:{day}"
        if not _queued(session, key):
            outbox.queue(
                session,
                ring.of(coordinator),
                TodayLetter(today_of=coordinator, asked=False),
                kind="morning",
                channel="telegram",
                recipient=f"telegram:{chat}",
                now=now,
                key=key,
            )


def _meetings_ahead(session: Session, now: datetime) -> list[Meeting]:
    return list(
        session.scalars(
            select(Meeting)
            .where(Meeting.starts_at > now, Meeting.cancelled_at.is_(None))
            .order_by(Meeting.starts_at)
        )
    )


def _unfinished(session: Session, meeting: UUID, now: datetime) -> Iterator[Participant]:
    """Those who may be reminded: they said yes, have not sent, and have been quiet for a while."""
    rows = session.execute(
        select(Participant, Conversation.touched_at)
        .join(Conversation, Conversation.participant_id == Participant.id)
        .where(
            Participant.meeting_id == meeting,
            Participant.may_message.is_(True),
            Participant.telegram_chat.is_not(None),
            Participant.reminders < AT_MOST,
            Conversation.sent_at.is_(None),
        )
    )
    for participant, touched_at in rows:
        last = session.scalar(
            select(Delivery.due_at)
            .where(Delivery.participant_id == participant.id, Delivery.kind == "reminder")
            .order_by(Delivery.number.desc())
            .limit(1)
        )
        if max(touched_at, last or touched_at) + REST <= now:
            yield participant


def _awake(meeting: Meeting, now: datetime) -> bool:
    here = now.astimezone(ZoneInfo(meeting.timezone)).time()
    return EARLIEST <= here < LATEST


def _queued(session: Session, key: str) -> bool:
    return bool(session.scalar(select(exists().where(Delivery.key == key))))
