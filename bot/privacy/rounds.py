"""What privacy asks for again and again, whatever anybody does: chats that are kept clear,
what goes when its day has come, and files cleared of destroyed keys."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.delivery import outbox
from bot.delivery.letters import SweepLetter
from bot.privacy import clearing, retention
from bot.privacy.days import Retention
from bot.privacy.leaving import Leaving
from bot.service import read_service
from bot.store.database import Database
from bot.store.sealing import KeyRing, ServiceKey

_EVERY_S = 60
_KEEPING_EVERY = timedelta(hours=1)
_NIGHT = time(3, 0, tzinfo=UTC)

_log = structlog.get_logger(__name__)


def _night_after(now: datetime) -> datetime:
    tonight = datetime.combine(now.astimezone(UTC).date(), _NIGHT)
    return tonight if tonight > now else tonight + timedelta(days=1)


class Rounds:
    """One for each process; two at once do no harm."""

    def __init__(
        self,
        database: Database,
        service_key: ServiceKey,
        clock: Clock,
        wake: Callable[[], None],
        days: Retention,
        leaving: Leaving,
    ) -> None:
        self._database = database
        self._service_key = service_key
        self._clock = clock
        self._wake_courier = wake
        self._days = days
        self._leaving = leaving
        self._next_keeping = clock()
        self._next_night = _night_after(clock())
        self._wake = asyncio.Event()
        self._scrub = True
        self._scrub_pages = True
        """At the start too: a crash may have fallen between a wiping and the clearing of files."""

    def scrub_soon(self) -> None:
        """A data key was destroyed."""
        self._scrub = self._scrub_pages = True
        self._wake.set()

    async def run(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self.round()
            except Exception as error:
                _log.error("privacy_round_failed", error=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_S):
                    await self._wake.wait()

    async def round(self) -> None:
        """Does all that is due now."""
        now = self._clock()
        await self._database.run(lambda session: self._clear_chats(session, now))
        if now >= self._next_keeping:
            await self._keep_to_the_days(now)
            self._next_keeping = now + _KEEPING_EVERY
        if now >= self._next_night:
            await self._by_night(now)
            self._next_night = _night_after(now)
        self._wake_courier()
        if self._scrub:
            self._scrub = not await self._database.scrub()

    async def _keep_to_the_days(self, now: datetime) -> None:
        def keep(session: Session) -> retention.Gone:
            ring = KeyRing(session, self._service_key)
            outbox.try_sweeps_again(session)
            days = self._days_kept(session, ring)
            self._leaving.queue_due(session, ring, days, now)
            return retention.keep_to(session, ring, days, now)

        gone = await self._database.run(keep)
        self._scrub |= gone.keys
        self._scrub_pages |= gone.words

    async def _by_night(self, now: datetime) -> None:
        """What takes longer: the attachments of each in a transaction of their own, then pages."""
        owners = await self._database.run(
            lambda session: retention.owners_of_attachments(session, now)
        )
        for owner in owners:

            def look(session: Session, owner: UUID = owner) -> None:
                ring = KeyRing(session, self._service_key)
                days = self._days_kept(session, ring)
                retention.let_go_of_unnamed(session, ring, owner, days, now)

            await self._database.run(look)
        if self._scrub_pages:
            self._scrub_pages = not await self._database.scrub_pages()

    def _days_kept(self, session: Session, ring: KeyRing) -> Retention:
        service = read_service(session, ring)
        return service.days(self._days) if service is not None else self._days

    def _clear_chats(self, session: Session, now: datetime) -> None:
        """What has stood for forty hours in a chat that is kept clear goes, while it still can."""
        ring = KeyRing(session, self._service_key)
        for person, messages in clearing.due_in_clear_chats(session, now):
            assert person.telegram_chat is not None  # noqa: S101 - only such are found
            clearing.forget(session, person.telegram_chat, messages)
            outbox.queue(
                session,
                ring.of(person.id),
                SweepLetter(messages=messages),
                kind="hide",
                channel="telegram",
                recipient=f"telegram:{person.telegram_chat}",
                now=now,
                participant_id=person.id,
                meeting_id=person.meeting_id,
            )
