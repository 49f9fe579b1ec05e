"""Clearing a Telegram chat: which of its messages the bot may still take away, theirs and ours.

A bot may delete messages of a private chat for 48 hours (Bot API, deleteMessage).
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from bot.delivery.outbox import TELEGRAM_DELETES_WITHIN
from bot.store.models import Delivery, HeardMessage, Participant

CLEARED_AT = timedelta(hours=40)
"""How old a message may get in a chat that is kept clear: eight hours are left for an outage."""

_NOTE = {
    "sqlite": insert_sqlite(HeardMessage).on_conflict_do_nothing(),
    "postgresql": insert_postgresql(HeardMessage).on_conflict_do_nothing(),
}


def note_heard(session: Session, chat: int, message: int, now: datetime) -> None:
    """Someone sent a message here. Its number and its time, never what it said."""
    connection = session.connection()
    values = {"chat": chat, "message": message, "at": now}
    connection.execute(_NOTE[connection.dialect.name], values)


def all_that_can_go(session: Session, chat: int, now: datetime) -> tuple[int, ...]:
    """Every message of the last 48 hours, from either side."""
    since = now - TELEGRAM_DELETES_WITHIN
    theirs = session.scalars(
        select(HeardMessage.message).where(HeardMessage.chat == chat, HeardMessage.at >= since)
    )
    return tuple(sorted({*theirs, *_ours(session, chat, since)}))


def what_holds_their_words(session: Session, chat: int, now: datetime) -> tuple[int, ...]:
    """What they sent, and what of ours repeats it."""
    since = now - TELEGRAM_DELETES_WITHIN
    theirs = session.scalars(
        select(HeardMessage.message).where(HeardMessage.chat == chat, HeardMessage.at >= since)
    )
    return tuple(sorted({*theirs, *_ours(session, chat, since, quoting=True)}))


def sent_about(session: Session, participant: UUID, chat: int, now: datetime) -> tuple[int, ...]:
    """What of somebody's summaries stands in their coordinator's own chat."""
    rows = session.scalars(
        select(Delivery.remote_message).where(
            Delivery.recipient == f"telegram:{chat}",
            Delivery.participant_id == participant,
            Delivery.kind == "summary",
            Delivery.remote_message.is_not(None),
            Delivery.finished_at >= now - TELEGRAM_DELETES_WITHIN,
        )
    )
    return tuple(sorted(one for one in rows if one is not None))


def forget(session: Session, chat: int, messages: tuple[int, ...]) -> None:
    """They are being cleared: once is enough, where Telegram lets us at all."""
    session.execute(
        delete(HeardMessage).where(HeardMessage.chat == chat, HeardMessage.message.in_(messages))
    )
    session.execute(
        update(Delivery)
        .where(Delivery.recipient == f"telegram:{chat}", Delivery.remote_message.in_(messages))
        .values(remote_message=None)
    )


def due_in_clear_chats(
    session: Session, now: datetime
) -> list[tuple[Participant, tuple[int, ...]]]:
    """For each who keeps their answers out of the chat: all that has become too old to wait."""
    due = []
    people = session.scalars(
        select(Participant).where(Participant.keeps_out, Participant.telegram_chat.is_not(None))
    ).all()
    for person in people:
        assert person.telegram_chat is not None  # noqa: S101 - asked for above
        since, until = now - TELEGRAM_DELETES_WITHIN, now - CLEARED_AT
        old = _between(session, person.telegram_chat, since, until)
        if old:
            due.append((person, old))
    return due


def _between(session: Session, chat: int, since: datetime, until: datetime) -> tuple[int, ...]:
    theirs = session.scalars(
        select(HeardMessage.message).where(
            HeardMessage.chat == chat, HeardMessage.at.between(since, until)
        )
    )
    ours = session.scalars(
        select(Delivery.remote_message).where(
            Delivery.recipient == f"telegram:{chat}",
            Delivery.remote_message.is_not(None),
            Delivery.finished_at.between(since, until),
        )
    )
    return tuple(sorted({*theirs, *(one for one in ours if one is not None)}))


def _ours(session: Session, chat: int, since: datetime, *, quoting: bool = False) -> set[int]:
    query = select(Delivery.remote_message).where(
        Delivery.recipient == f"telegram:{chat}",
        Delivery.remote_message.is_not(None),
        Delivery.finished_at >= since,
    )
    if quoting:
        query = query.where(Delivery.quotes)
    return {one for one in session.scalars(query) if one is not None}
