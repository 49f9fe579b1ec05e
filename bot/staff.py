"""Who works at the desk: coordinators and administrators are invited, let in anew. How they
are removed is removing's business."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import invitations, second_factor
from bot.store.models import AuditEntry, Coordinator, Meeting
from bot.store.sealing import KeyRing

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
    row = there(session, coordinator)
    row.password_hash = None
    if lost_phone:
        second_factor.forget(session, coordinator)
        _note(session, actor, "phone_forgotten", coordinator, now)
    invitations.sign_out_everywhere(session, coordinator, now)
    return link(session, coordinator, now, actor)


def named(ring: KeyRing, row: Coordinator) -> tuple[str, str]:
    """Name and address."""
    seal = ring.of(row.id)
    return (
        seal.open_text("coordinator", row.id, "sealed_name", row.sealed_name),
        seal.open_text("coordinator", row.id, "sealed_email", row.sealed_email),
    )


def there(session: Session, coordinator: UUID) -> Coordinator:
    """Their row, held until the transaction ends. Raises Unknown: no such, or removed."""
    row = session.get(Coordinator, coordinator, with_for_update=True)
    if row is None or row.removed_at is not None:
        raise Unknown
    return row


def _note(session: Session, actor: str, action: str, subject: UUID, now: datetime) -> None:
    session.add(AuditEntry(at=now, actor=actor, action=action, subject_id=subject))
