"""What privacy asks for again and again, whatever anybody does: chats that are kept clear,
and files cleared of destroyed keys."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.delivery import outbox
from bot.delivery.letters import SweepLetter
from bot.privacy import clearing
from bot.store.database import Database
from bot.store.sealing import KeyRing, ServiceKey

_EVERY_S = 60

_log = structlog.get_logger(__name__)


class Rounds:
    """One for each process; two at once do no harm."""

    def __init__(
        self,
        database: Database,
        service_key: ServiceKey,
        clock: Clock,
        wake: Callable[[], None],
    ) -> None:
        self._database = database
        self._service_key = service_key
        self._clock = clock
        self._wake_courier = wake
        self._wake = asyncio.Event()
        self._scrub = True
        """At the start too: a crash may have fallen between a wiping and the clearing of files."""

    def scrub_soon(self) -> None:
        """A data key was destroyed."""
        self._scrub = True
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
        self._wake_courier()
        if self._scrub:
            self._scrub = not await self._database.scrub()

    def _clear_chats(self, session: Session, now: datetime) -> None:
        """What has stood for forty hours in a chat that is kept clear goes, while it still can."""
        outbox.try_sweeps_again(session, now)
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
