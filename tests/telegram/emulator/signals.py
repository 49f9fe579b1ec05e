"""Waiting for something to become so, without sleeping: whoever changes a thing says so here."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

Thing = TypeVar("Thing")


class Signal:
    """Wakes everyone who waits for a change."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def notify(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for one in waiting:
            if not one.done():
                one.set_result(None)

    async def wait(self, within_s: float | None = None) -> bool:
        """True at the next change; False if none came within so many seconds."""
        change = asyncio.get_running_loop().create_future()
        self._waiting.add(change)
        try:
            done, _ = await asyncio.wait((change,), timeout=within_s)
        finally:
            self._waiting.discard(change)
        return bool(done)

    async def until(
        self, holds: Callable[[], Thing], within_s: float, otherwise: Callable[[], str]
    ) -> Thing:
        """What `holds` gives, once that is true. Raises AssertionError with `otherwise()`."""
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + within_s
        while not (held := holds()):
            if loop.time() >= ends_at:
                raise AssertionError(f"not within {within_s} s: {otherwise()}")
            await self.wait(ends_at - loop.time())
        return held
