"""What privacy asks for again and again, whatever anybody does: files cleared of destroyed keys."""

import asyncio
import contextlib

import structlog

from bot.clock import Clock
from bot.store.database import Database

_EVERY_S = 60

_log = structlog.get_logger(__name__)


class Rounds:
    """One for each process; two at once do no harm."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
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
        if self._scrub:
            self._scrub = not await self._database.scrub()
