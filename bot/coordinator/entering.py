"""Whose session a browser holds, and how it gets one. Tokens and their rows are invitations'."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bot import invitations
from bot.coordinator.desk import SignedIn
from bot.store.models import AuditEntry, Coordinator
from bot.store.sealing import KeyGone, KeyRing, ServiceKey


def signed_in(
    session: Session, service_key: ServiceKey, token: str, now: datetime, *, touch: bool = True
) -> SignedIn | None:
    """The coordinator whose session this is; None for everybody else.

    Args:
        touch: whether they did something just now (`bot.invitations.who`).
    """
    found = invitations.who(session, token, now, touch=touch) if token else None
    if found is None or found.coordinator_id is None:
        return None
    row = session.get_one(Coordinator, found.coordinator_id)
    try:
        seal = KeyRing(session, service_key).of(row.id)
    except KeyGone:
        return None
    name = seal.open_text("coordinator", row.id, "sealed_name", row.sealed_name)
    return SignedIn(row.id, name, row.language, row.password_hash is not None)


def enter_by_link(session: Session, token: str, now: datetime) -> str | None:
    """Uses a link up. Returns the new session's token; None where the link is no good."""
    invitation = invitations.accept(session, token, ("coordinator_web",), now)
    if invitation is None or invitation.coordinator_id is None:
        return None
    note(session, invitation.coordinator_id, "signed_in_by_link", now)
    return invitations.sign_in(session, coordinator_id=invitation.coordinator_id, now=now)


def enter(session: Session, coordinator_id: UUID, now: datetime) -> str:
    """A new session for someone whose password was right. Returns its token."""
    note(session, coordinator_id, "signed_in", now)
    return invitations.sign_in(session, coordinator_id=coordinator_id, now=now)


def leave(session: Session, token: str, now: datetime) -> None:
    invitations.sign_out(session, token, now)


def note(session: Session, coordinator_id: UUID, action: str, now: datetime) -> None:
    """An audit entry about the coordinator's own doings."""
    session.add(
        AuditEntry(
            at=now, actor=f"coordinator:{coordinator_id}", action=action, subject_id=coordinator_id
        )
    )
