"""Brings deliveries to where they belong: claims, sends, retries, and says loudly when it gives up.

The database is let go before anything is sent. What remains possible is one repeated message,
when a crash falls between the other side's yes and our note of it (promise P21).
"""

import asyncio
import contextlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy.orm import Session
from tenacity import RetryCallState
from tenacity.wait import wait_exponential_jitter

from bot.clock import Clock
from bot.delivery import outbox
from bot.delivery.letters import ChatLetter
from bot.delivery.outbox import Claimed, Outcome
from bot.store.database import Database
from bot.store.sealing import KeyRing, ServiceKey

GIVE_UP_AFTER = 12
"""Attempts. With the back-off below, about six hours of an outage."""

_BACK_OFF = wait_exponential_jitter(multiplier=2, max=1800, jitter=2)
_AT_ONCE = 64
"""Deliveries under way at the same time, over all recipients, before the table is left alone."""
_AT_LEAST = 8

_BREATH_S = 0.02
"""Between two looks at the table: under load one look finds what many turns have queued."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Delivered:
    remote_message: int | None = None


@dataclass(frozen=True)
class TryAgain:
    """The other side could not take it now. `after_s`: seconds that it asked us to wait."""

    error: str
    after_s: float | None = None


@dataclass(frozen=True)
class Undeliverable:
    """It will never arrive this way. `blocked`: the person does not want it, which is no error."""

    error: str
    blocked: bool = False


@dataclass(frozen=True)
class NotWanted:
    """Nobody is to get it any more."""


Result = Delivered | TryAgain | Undeliverable | NotWanted


class Sender(Protocol):
    """One way out: Telegram, or e-mail."""

    async def send(self, claimed: Claimed) -> Result:
        """Sends one letter within 30 seconds. Raises nothing that it foresees."""
        ...


class Courier:
    """One for each process."""

    def __init__(
        self,
        database: Database,
        service_key: ServiceKey,
        clock: Clock,
        senders: Mapping[str, Sender],
    ) -> None:
        self._database = database
        self._service_key = service_key
        self._clock = clock
        self._senders = dict(senders)
        self._wake = asyncio.Event()
        self._behind = False
        """Rows wait that were not handed over: look for them whenever something has gone."""
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._outcomes: list[Outcome] = []
        self._noting = asyncio.Lock()
        self.last_message: dict[str, int] = {}
        """The newest message of ours in each Telegram chat, as far as this process knows."""

    def add(self, channel: str, sender: Sender) -> None:
        self._senders[channel] = sender

    def send_soon(self, claimed: tuple[Claimed, ...]) -> None:
        """Takes what a turn queued and holds already."""
        for one in claimed:
            before = self._under_way.get(one.recipient)
            task = asyncio.create_task(self._bring(one, after=before))
            self._under_way[one.recipient] = task
            task.add_done_callback(partial(self._gone, one.recipient))

    def wake(self) -> None:
        """Something was queued that nobody holds yet."""
        self._behind = True
        self._wake.set()

    async def settled(self, recipient: str, within_s: float = 2.0) -> None:
        """Waits until nothing is on its way to this recipient, for a little while at most."""
        task = self._under_way.get(recipient)
        if task is not None:
            await asyncio.wait({task}, timeout=within_s)

    async def run(self) -> None:
        """Works until cancelled; what is under way then is brought to its end."""
        if self._database.dialect == "sqlite":
            await self._database.run(outbox.release_all)
        try:
            while True:
                self._wake.clear()
                if not await self._look():
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(1):
                            await self._wake.wait()
                    await asyncio.sleep(_BREATH_S)
        finally:
            await self.finish_what_is_under_way()

    async def _look(self) -> bool:
        """One round. Whatever goes wrong in it, there is a next one."""
        try:
            return await self._round()
        except Exception as error:
            _log.error("courier_failed", error=type(error).__name__)
            return False

    async def finish_what_is_under_way(self) -> None:
        while self._under_way:
            await asyncio.wait(set(self._under_way.values()))

    async def deliver_all_due(self) -> None:
        """Sends all that is due now, and waits for it: for tests, and the command line."""
        while await self._round():
            await self.finish_what_is_under_way()

    async def _round(self) -> bool:
        # Some room always: what waits in the table must not starve behind what is handed over.
        room = max(_AT_ONCE - len(self._under_way), _AT_LEAST)
        now = self._clock()

        def take(session: Session) -> list[Claimed]:
            return outbox.claim(session, KeyRing(session, self._service_key), now, room)

        claimed = tuple(await self._database.run(take))
        if not claimed and not self._under_way:
            self._behind = False
        self.send_soon(claimed)
        return bool(claimed)

    def _gone(self, recipient: str, task: "asyncio.Task[None]") -> None:
        if self._under_way.get(recipient) is task:
            del self._under_way[recipient]
        if self._behind:
            self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            _log.error("delivery_crashed", error=type(task.exception()).__name__)

    async def _bring(self, claimed: Claimed, after: "asyncio.Task[None] | None") -> None:
        if after is not None:
            await asyncio.wait({after})
        if claimed.attempt > 1 and not await self._still_wanted(claimed):
            return
        sender = self._senders.get(claimed.channel)
        result: Result
        if sender is None:
            result = TryAgain("no_way_out")
        else:
            result = await sender.send(claimed)
        await self._note(self._outcome(claimed, result))

    async def _still_wanted(self, claimed: Claimed) -> bool:
        return await self._database.run(lambda session: outbox.still_wanted(session, claimed))

    def _outcome(self, claimed: Claimed, result: Result) -> Outcome:
        number, attempt = claimed.number, claimed.attempt
        match result:
            case Delivered(remote_message=message):
                if message is not None:
                    self.last_message[claimed.recipient] = message
                letter = claimed.letter
                brought = letter.brings if isinstance(letter, ChatLetter) else None
                return Outcome(number, attempt, "sent", remote_message=message, brought=brought)
            case TryAgain(error=error, after_s=after_s):
                if attempt >= GIVE_UP_AFTER:
                    _log.error("delivery_given_up", number=number, kind=claimed.kind, error=error)
                    return Outcome(number, attempt, "failed", error=error)
                wait_s = back_off_s(attempt) if after_s is None else after_s + random.random()  # noqa: S311
                _log.warning("delivery_put_off", number=number, kind=claimed.kind, error=error)
                retry_at = self._clock() + timedelta(seconds=wait_s)
                return Outcome(number, attempt, "waiting", error=error, retry_at=retry_at)
            case NotWanted():
                return Outcome(number, attempt, "cancelled")
            case Undeliverable(error=error, blocked=blocked):
                _log.error("delivery_impossible", number=number, kind=claimed.kind, error=error)
                return Outcome(number, attempt, "blocked" if blocked else "failed", error=error)

    async def _note(self, outcome: Outcome) -> None:
        """Notes outcomes several at a time: one transaction for all that came meanwhile."""
        self._outcomes.append(outcome)
        async with self._noting:
            if outcome not in self._outcomes:
                return
            outcomes, self._outcomes = self._outcomes, []
            now = self._clock()
            await self._database.run(lambda session: outbox.finish(session, outcomes, now))


def back_off_s(attempt: int) -> float:
    """Seconds before the attempt after this one."""
    state = RetryCallState(None, None, (), {})  # type: ignore[arg-type]
    state.attempt_number = attempt
    return _BACK_OFF(state)
