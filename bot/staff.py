"""Who works at the desk: coordinators and administrators are invited, let in anew, and removed."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot import invitations, second_factor
from bot.delivery import outbox
from bot.delivery.letters import SweepLetter
from bot.privacy import clearing
from bot.service import read_service, write_service
from bot.store.models import AuditEntry, Coordinator, Meeting
from bot.store.sealing import KeyRing, Seal

LINK_LASTS = timedelta(days=14)
LONGEST_NAME = 80
"""Characters."""
COORDINATOR, ADMINISTRATOR = "coordinator", "administrator"


class Unknown(LookupError):
    """Nobody who works at the desk has this id or address."""

    code: ClassVar[str] = "coordinator_unknown"


class Known(ValueError):
    """Someone has this address already."""

    code: ClassVar[str] = "coordinator_known"


class NobodyToTakeOver(ValueError):
    """Meetings must be handed over to another coordinator who is there."""

    code: ClassVar[str] = "nobody_to_take_over"


@dataclass(frozen=True)
class AtDesk:
    """One who works at the desk, as administrators see them. Nothing of any family."""

    id: UUID
    name: str
    email: str
    administers: bool
    has_password: bool
    has_code: bool
    meetings: int
    """Not over and not called off."""


def at_desk(session: Session, ring: KeyRing, now: datetime) -> tuple[AtDesk, ...]:
    """All who have not been removed, by name."""
    counted = session.execute(
        select(Meeting.coordinator_id, func.count())
        .where(Meeting.starts_at > now, Meeting.cancelled_at.is_(None))
        .group_by(Meeting.coordinator_id)
    )
    ahead = {row[0]: row[1] for row in counted}
    rows = session.scalars(select(Coordinator).where(Coordinator.removed_at.is_(None))).all()
    ring.read_along(row.id for row in rows)
    found = []
    for row in rows:
        name, email = named(ring, row)
        found.append(
            AtDesk(
                row.id,
                name,
                email,
                row.role == ADMINISTRATOR,
                row.password_hash is not None,
                row.codes_since is not None,
                ahead.get(row.id, 0),
            )
        )
    return tuple(sorted(found, key=lambda one: one.name.casefold()))


def find(session: Session, ring: KeyRing, email: str) -> UUID:
    """Whose address this is. Raises Unknown."""
    found = session.scalar(
        select(Coordinator.id).where(
            Coordinator.email_mark.in_(ring.marks(email)), Coordinator.removed_at.is_(None)
        )
    )
    if found is None:
        raise Unknown
    return found


def make(
    session: Session,
    ring: KeyRing,
    *,
    name: str,
    email: str,
    language: str,
    now: datetime,
    actor: str,
    administers: bool = False,
) -> UUID:
    """Someone new at the desk. Raises Known."""
    marks = ring.marks(email)
    if session.scalar(select(Coordinator.id).where(Coordinator.email_mark.in_(marks))) is not None:
        raise Known
    row = uuid4()
    seal = ring.create(row)
    session.add(
        Coordinator(
            id=row,
            role=ADMINISTRATOR if administers else COORDINATOR,
            email_mark=marks[0],
            sealed_email=seal.close("coordinator", row, "sealed_email", email),
            sealed_name=seal.close("coordinator", row, "sealed_name", name),
            language=language,
            created_at=now,
        )
    )
    session.flush()
    _note(session, actor, "coordinator_made", row, now)
    return row


def still_here(session: Session, coordinator: UUID) -> bool:
    """Whether somebody has not been removed. Nobody removes them before the transaction ends."""
    row = session.get(Coordinator, coordinator, with_for_update=True)
    return row is not None and row.removed_at is None


def link(session: Session, coordinator: UUID, now: datetime, actor: str) -> str:
    """A link that lets them in once; those before it open nothing any more."""
    invitations.revoke(session, coordinator, now, ("coordinator_web",))
    _note(session, actor, "coordinator_invited", coordinator, now)
    return invitations.invite(
        session,
        purpose="coordinator_web",
        coordinator_id=coordinator,
        now=now,
        lasts=LINK_LASTS,
    )


def let_in_anew(
    session: Session, coordinator: UUID, now: datetime, actor: str, *, lost_phone: bool
) -> str:
    """For a forgotten password: it is gone, every browser is out, and a link lets them in.

    Args:
        lost_phone: and neither their phone's codes nor those on paper work any more.

    Raises:
        Unknown: no such coordinator.
    """
    row = _there(session, coordinator)
    row.password_hash = None
    if lost_phone:
        second_factor.forget(session, coordinator)
        _note(session, actor, "phone_forgotten", coordinator, now)
    invitations.sign_out_everywhere(session, coordinator, now)
    return link(session, coordinator, now, actor)


def remove(
    session: Session,
    ring: KeyRing,
    coordinator: UUID,
    to: UUID | None,
    now: datetime,
    actor: str,
) -> int:
    """Takes someone from the desk at once, and hands their meetings over.

    Args:
        to: who has the meetings from now on; may be None only where there are none.

    Returns:
        How many meetings were handed over.

    Raises:
        Unknown: no such coordinator.
        NobodyToTakeOver: there are meetings, and `to` is nobody who coordinates.
    """
    row = _there(session, coordinator)
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
    outbox.cancel_all_to(session, coordinator)
    seal = ring.of(coordinator)
    if row.telegram_chat is not None:
        _clear(session, seal, row.telegram_chat, now)
    row.removed_at, row.password_hash, row.telegram_chat = now, None, None
    row.sealed_email = seal.close("coordinator", coordinator, "sealed_email", "")
    row.email_mark = secrets.token_bytes(32)  # the address may be invited again
    second_factor.forget(session, coordinator)
    _note(session, actor, "coordinator_removed", coordinator, now)
    return len(meetings)


def named(ring: KeyRing, row: Coordinator) -> tuple[str, str]:
    """Name and address."""
    seal = ring.of(row.id)
    return (
        seal.open_text("coordinator", row.id, "sealed_name", row.sealed_name),
        seal.open_text("coordinator", row.id, "sealed_email", row.sealed_email),
    )


def _there(session: Session, coordinator: UUID) -> Coordinator:
    row = session.get(Coordinator, coordinator, with_for_update=True)
    if row is None or row.removed_at is not None:
        raise Unknown
    return row


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
