"""One line of a web chat, as a page shows it. The rows are the store's, the rendering the web's."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flows.exchange import Message, Plain, Said


class LineBody(Plain):
    """What the store seals of a line."""

    message: Message | None = None
    said: Said | None = None
    label: str = ""


@dataclass(frozen=True)
class Line:
    """What one side said. `message` is ours, `said` theirs; a coordinator's answer is a message
    too, with `author` saying so."""

    number: int
    """Counts up from 1 within a conversation, without gaps."""
    author: str
    """`person`, `assistant`, or `coordinator` (a human)."""
    at: datetime
    turn_key: str
    message: Message | None = None
    said: Said | None = None
    label: str = ""
    """What the button said that the person tapped, in their language then."""
    last: bool = False
    """All is wiped, this line too: it is shown once and kept nowhere."""


@dataclass(frozen=True)
class Kept:
    """An attachment, opened for its owner."""

    id: UUID
    media_type: str
    content: bytes
