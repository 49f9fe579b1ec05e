"""Somebody is removed from the desk: their access ends at once, their meetings are another's, and
nothing comes to them any more."""

import secrets
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot import invitations, second_factor
from bot.delivery import outbox
from bot.delivery.calling import rota_inboxes
from bot.delivery.handing_over import HandingOver
from bot.delivery.letters import SweepLetter
from bot.privacy import clearing
from bot.service import read_service, write_service
from bot.staff import COORDINATOR, named, there
from bot.store.models import AuditEntry, Coordinator, Meeting
from bot.store.sealing import KeyRing, Seal


class NobodyToTakeOver(ValueError):
    """Meetings must be handed over to another coordinator who is there."""

    code: ClassVar[str] = "nobody_to_take_over"


def remove_from_desk(
    session: Session,
    ring: KeyRing,
    coordinator: UUID,
    to: UUID | None,
    now: datetime,
    actor: str,
    handing_over: HandingOver,
) -> int:
    """Takes someone from the desk at once, and hands their meetings over: what waits for them is
    called off, and reaches whoever takes over.

    Args:
        to: who has the meetings from now on; may be None only where there are none.

    Returns:
        How many meetings were handed over.

    Raises:
        bot.staff.Unknown: no such coordinator.
        NobodyToTakeOver: there are meetings, and `to` is nobody who coordinates.
    """
    row = there(session, coordinator)
    meetings = session.scalars(
        select(Meeting.id).where(Meeting.coordinator_id == coordinator).with_for_update()
    ).all()
    if meetings:
        heir = session.get(Coordinator, to) if to is not None and to != coordinator else None
        if heir is None or heir.removed_at is not None or heir.role != COORDINATOR:
            raise NobodyToTakeOver
        session.execute(
            update(Meeting).where(Meeting.id.in_(meetings)).values(coordinator_id=heir.id)
        )
        for meeting in meetings:
            _note(session, actor, "meeting_handed_over", meeting, now)
    _, email = named(ring, row)
    _off_the_rota(session, ring, email, actor, now)
    invitations.sign_out_everywhere(session, coordinator, now)
    invitations.revoke(session, coordinator, now)
    inboxes = [f"mail:{coordinator}", *rota_inboxes(ring, email)]
    if row.telegram_chat is not None:
        inboxes.append(f"telegram:{row.telegram_chat}")
    not_arrived = outbox.cancel_at_desk(session, coordinator, inboxes)
    seal = ring.of(coordinator)
    if row.telegram_chat is not None:
        _clear(session, seal, row.telegram_chat, now)
    row.removed_at, row.password_hash, row.telegram_chat = now, None, None
    row.sealed_email = seal.close("coordinator", coordinator, "sealed_email", "")
    row.email_mark = secrets.token_bytes(32)  # the address may be invited again
    second_factor.forget(session, coordinator)
    if meetings and to is not None:
        handing_over.tell(session, ring, to, meetings, not_arrived, now)
    _note(session, actor, "coordinator_removed", coordinator, now)
    return len(meetings)


def _off_the_rota(session: Session, ring: KeyRing, email: str, actor: str, now: datetime) -> None:
    """Nobody who was removed hears of an alert."""
    service = read_service(session, ring, to_change=True)
    if service is None:
        return
    gone = email.casefold()
    rota = tuple(one for one in service.rota if one.email.casefold() != gone)
    manager = service.manager
    if manager is not None and manager.email.casefold() == gone:
        manager = None
    if rota != service.rota or manager != service.manager:
        changed = service.model_copy(update={"rota": rota, "manager": manager})
        write_service(session, ring, changed, actor, now)


def _clear(session: Session, seal: Seal, chat: int, now: datetime) -> None:
    """What came to their chat of other people's words, as far as Telegram still takes it back."""
    messages = clearing.what_holds_their_words(session, chat, now)
    if messages:
        clearing.forget(session, chat, messages)
        outbox.queue(
            session,
            seal,
            SweepLetter(messages=messages),
            kind="hide",
            channel="telegram",
            recipient=f"telegram:{chat}",
            now=now,
        )


def _note(session: Session, actor: str, action: str, subject: UUID, now: datetime) -> None:
    session.add(AuditEntry(at=now, actor=actor, action=action, subject_id=subject))
