"""The lines of a web chat, opened; how a page shows them is the web's."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.conversations import Preparing
from bot.store.models import ChatLine
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


def lines_of(
    session: Session, of: Preparing, *, turn_key: str = "", after: int = 0
) -> tuple[Line, ...]:
    """What was said after a line, or in one turn, in order."""
    query = (
        select(ChatLine)
        .where(ChatLine.conversation_id == of.conversation_id, ChatLine.number > after)
        .order_by(ChatLine.number)
    )
    if turn_key:
        query = query.where(ChatLine.turn_key == turn_key)
    lines = []
    for row in session.scalars(query):
        body = LineBody.model_validate_json(
            of.seal.open("chat_line", row.id, "sealed_body", row.sealed_body)
        )
        lines.append(
            Line(row.number, row.author, row.at, row.turn_key, body.message, body.said, body.label)
        )
    return tuple(lines)


def shown_last(session: Session, of: Preparing) -> int | None:
    """The revision that the page's newest question was shown at."""
    for line in reversed(lines_of(session, of)):
        if line.message is not None and line.message.state not in ("", "*"):
            return line.message.revision
        if line.message is not None and of.conversation is not None and of.conversation.resting:
            return line.message.revision
    return None
