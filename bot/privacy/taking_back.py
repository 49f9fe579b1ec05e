"""An answer taken back after sending: out of every version, and out of the coordinator's own chat
as far as Telegram lets us (promise P6)."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from bot.privacy import clearing
from bot.store.conversations import Preparing, name_of
from bot.store.models import AuditEntry, Coordinator, Delivery, Summary
from bot.store.sealing import KeyRing
from flows.answers import Seen
from flows.review import CoordinatorCopy


def take_back(session: Session, before: Preparing, step: str, now: datetime) -> tuple[int, ...]:
    """The coordinator's page no longer holds the answer, in this version or an older one, and no
    letter that still waits brings it. The messages of theirs to clear are returned."""
    for row, copy in _versions(session, before):
        kept = tuple(item for item in copy.items if item.step != step)
        changed = copy.model_copy(update={"items": kept})
        row.sealed_body = before.seal.close(
            "summary", row.id, "sealed_body", changed.model_dump_json()
        )
    session.execute(
        update(Delivery)
        .where(
            Delivery.participant_id == before.participant_id,
            Delivery.kind == "summary",
            Delivery.channel == "telegram",
            Delivery.status == "waiting",
        )
        .values(status="cancelled", finished_at=now, sealed_body=b"")
    )
    session.execute(
        insert(AuditEntry).values(
            id=uuid4(),
            at=now,
            actor=f"participant:{before.participant_id}",
            action="taken_back",
            subject_id=before.participant_id,
        )
    )
    chat = session.get_one(Coordinator, before.coordinator_id).telegram_chat
    if chat is None:
        return ()
    messages = clearing.sent_about(session, before.participant_id, chat, now)
    clearing.forget(session, chat, messages)
    return messages


def seen_by(session: Session, ring: KeyRing, before: Preparing, step: str) -> Seen | None:
    """Who has opened a version that held this answer; or else, in whose chat one stands."""
    held = [
        row
        for row, copy in _versions(session, before)
        if any(item.step == step for item in copy.items)
    ]
    for row in held:
        if row.first_read_at is not None:
            return Seen(how="opened", by=name_of(session, ring, before, row.first_read_by))
    for row in held:
        if row.in_chat_of is not None:
            return Seen(how="in_chat", by=name_of(session, ring, before, row.in_chat_of))
    return None


def _versions(session: Session, before: Preparing) -> list[tuple[Summary, CoordinatorCopy]]:
    rows = session.scalars(
        select(Summary)
        .where(Summary.participant_id == before.participant_id)
        .order_by(Summary.version)
    )
    return [
        (
            row,
            CoordinatorCopy.model_validate_json(
                before.seal.open("summary", row.id, "sealed_body", row.sealed_body)
            ),
        )
        for row in rows
    ]
