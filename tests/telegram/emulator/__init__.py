"""A Bot API for our own tests: as strict as Telegram's, over real HTTP, with people on the other
side. `Emulator.serving()` runs it in a test's loop, `python -m tests.telegram.emulator` by itself.
"""

from tests.telegram.emulator.chats import Message, Popup
from tests.telegram.emulator.clock import MovableClock
from tests.telegram.emulator.faults import (
    Cut,
    CutAfterAccepting,
    Held,
    Refusal,
    ServerError,
    SilentAfterAccepting,
    Slow,
    TooManyRequests,
)
from tests.telegram.emulator.formatted import Entity
from tests.telegram.emulator.markup import Button
from tests.telegram.emulator.people import Person
from tests.telegram.emulator.server import Emulator
from tests.telegram.emulator.world import Call

__all__ = [
    "Button",
    "Call",
    "Cut",
    "CutAfterAccepting",
    "Emulator",
    "Entity",
    "Held",
    "Message",
    "MovableClock",
    "Person",
    "Popup",
    "Refusal",
    "ServerError",
    "SilentAfterAccepting",
    "Slow",
    "TooManyRequests",
]
