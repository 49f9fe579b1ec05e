"""Whose session a browser holds, and how it gets one. Tokens and their rows are invitations'."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bot import invitations, staff
from bot.coordinator.desk import SignedIn
from bot.store.models import AuditEntry, Coordinator
from bot.store.sealing import KeyGone, KeyRing, ServiceKey


def signed_in(
    session: Session, service_key: ServiceKey, token: str, now: datetime, *, touch: bool = True
) -> SignedIn | None:
    """The coordinator whose session this is; None for everybody else.

    Args:
        touch: as for `invitations.who`.
    """
    found = invitations.who(session, token, now, touch=touch) if token else None
    if found is None or found.coordinator_id is None:
        return None
    row = session.get_one(Coordinator, found.coordinator_id)
    if row.removed_at is not None:
        return None
    try:
        seal = KeyRing(session, service_key).of(row.id)
    except KeyGone:
        return None
    return SignedIn(
        id=row.id,
        name=seal.open_text("coordinator", row.id, "sealed_name", row.sealed_name),
        language=row.language,
        administers=row.role == staff.ADMINISTRATOR,
        has_password=row.password_hash is not None,
        has_code=row.codes_since is not None,
        code_due=found.code_due,
    )


def enter_by_link(
    session: Session, token: str, now: datetime, *, strictly: bool, language: str = ""
) -> str | None:
    """Uses a link up: it stands for the password, never for the code from the phone.

    Args:
        strictly: whoever has no code yet is to set one up before anything is open.
        language: what they have chosen on the way in; as it was when empty.

    Returns:
        The new session's token; None where the link is no good.
    """
    invitation = invitations.accept(session, token, ("coordinator_web",), now)
    if invitation is None or invitation.coordinator_id is None:
        return None
    row = session.get_one(Coordinator, invitation.coordinator_id)
    row.language = language or row.language
    note(session, row.id, "signed_in_by_link", now)
    return invitations.sign_in(
        session,
        coordinator_id=row.id,
        now=now,
        code_due=strictly or row.codes_since is not None,
    )


def enter_by_password(session: Session, coordinator_id: UUID, now: datetime) -> str:
    """A session in which nothing is open until the code from the phone comes too."""
    note(session, coordinator_id, "password_right", now)
    return invitations.sign_in(session, coordinator_id=coordinator_id, now=now, code_due=True)


def enter(session: Session, coordinator_id: UUID, before: str, now: datetime) -> str:
    """A whole session, in the place of the one `before`: a token that was seen then is no use."""
    invitations.sign_out(session, before, now)
    note(session, coordinator_id, "signed_in", now)
    return invitations.sign_in(session, coordinator_id=coordinator_id, now=now)


def enter_alone(session: Session, coordinator_id: UUID, action: str, now: datetime) -> str:
    """A whole session in the place of all others."""
    invitations.sign_out_everywhere(session, coordinator_id, now)
    note(session, coordinator_id, action, now)
    return invitations.sign_in(session, coordinator_id=coordinator_id, now=now)


def leave(session: Session, token: str, now: datetime) -> None:
    invitations.sign_out(session, token, now)


def leave_everywhere(session: Session, coordinator_id: UUID, now: datetime) -> None:
    """No browser is in as them any more."""
    invitations.sign_out_everywhere(session, coordinator_id, now)
    note(session, coordinator_id, "signed_out_everywhere", now)


def note(session: Session, coordinator_id: UUID, action: str, now: datetime) -> None:
    """An audit entry about the coordinator's own doings."""
    session.add(
        AuditEntry(
            at=now, actor=f"coordinator:{coordinator_id}", action=action, subject_id=coordinator_id
        )
    )
