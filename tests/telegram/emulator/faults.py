"""What can go wrong between a bot and Telegram, planned by method and chat, and counted."""

import asyncio
from dataclasses import dataclass, field

from tests.telegram.emulator.wire import Refused


@dataclass(frozen=True)
class TooManyRequests:
    """429 with `retry_after` (Bot API, "ResponseParameters"). Nothing is done."""

    retry_after_s: int


@dataclass(frozen=True)
class ServerError:
    """500 or 502. Nothing is done."""

    code: int = 500


@dataclass(frozen=True)
class Cut:
    """The connection ends before anything is done."""


@dataclass(frozen=True)
class CutAfterAccepting:
    """It is done, and the connection ends before the reply."""


@dataclass(frozen=True)
class SilentAfterAccepting:
    """It is done, and no reply ever comes: the client's own time-out must end it."""


@dataclass(frozen=True)
class Slow:
    """It is done only after so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Held:
    """It is done only once the test sets `let_go`."""

    let_go: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class Refusal:
    """Any other refusal, in Telegram's words ("Bad Request: ..."). Nothing is done."""

    code: int
    description: str


Fault = (
    TooManyRequests
    | ServerError
    | Cut
    | CutAfterAccepting
    | SilentAfterAccepting
    | Slow
    | Held
    | Refusal
)


@dataclass
class Planned:
    """A fault that is to happen. `hits` counts how often it has."""

    fault: Fault
    method: str | None
    chat_id: int | None
    times: int | None
    hits: int = 0

    def meets(self, method: str, chat_id: int | None) -> bool:
        return (
            (self.times is None or self.hits < self.times)
            and self.method in (None, method)
            and self.chat_id in (None, chat_id)
        )


class Faults:
    """The plan, first come first met: one fault a call."""

    def __init__(self) -> None:
        self.planned: list[Planned] = []

    def plan(self, planned: Planned) -> Planned:
        self.planned.append(planned)
        return planned

    def clear(self) -> None:
        self.planned.clear()

    def meet(self, method: str, chat_id: int | None) -> Fault | None:
        """The fault that this call runs into, if any."""
        for one in self.planned:
            if one.meets(method, chat_id):
                one.hits += 1
                return one.fault
        return None


def refusal(fault: Fault) -> Refused | None:
    """The reply of those faults that are a plain refusal."""
    match fault:
        case TooManyRequests(retry_after_s=after):
            return Refused(429, f"Too Many Requests: retry after {after}", {"retry_after": after})
        case ServerError(code=code):
            return Refused(code, "Bad Gateway" if code == 502 else "Internal Server Error")
        case Refusal(code=code, description=description):
            return Refused(code, description)
        case _:
            return None
