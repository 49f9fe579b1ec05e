"""How a Telegram chat becomes somebody's: the invitation, the confirm tap, who a chat talks as."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from bot import invitations
from bot.delivery import outbox
from bot.meetings.relation import who_is_asked
from bot.store.models import AuditEntry, Coordinator, Invitation, Participant, TelegramChat
from bot.store.sealing import KeyRing

PURPOSES = ("telegram", "coordinator_telegram")


@dataclass(frozen=True)
class Asked:
    """Whom to ask whether it is them."""

    owner_id: UUID
    who: str
    """Empty for a coordinator."""
    language: str


@dataclass(frozen=True)
class Opened:
    """A chat that has just become somebody's."""

    participant_id: UUID | None
    coordinator_id: UUID | None
    language: str


def talking_as(session: Session, chat: int) -> UUID | None:
    """The participant that this chat talks as."""
    return session.scalar(select(TelegramChat.participant_id).where(TelegramChat.chat == chat))


def coordinates(session: Session, chat: int) -> str | None:
    """The language of the coordinator whose chat this is; None where it is nobody's."""
    return session.scalar(select(Coordinator.language).where(Coordinator.telegram_chat == chat))


def knock(session: Session, ring: KeyRing, chat: int, token: str, now: datetime) -> Asked | None:
    """Someone opened an invitation here. Nothing is used up until they confirm (promise P29).

    None for a token that is unknown, used, expired or revoked: the same for all.
    """
    invitation = invitations.look_up(session, token, PURPOSES, now)
    if invitation is None:
        return None
    held = session.get(TelegramChat, chat)
    if held is None:
        held = TelegramChat(chat=chat)
        session.add(held)
    held.invitation_id = invitation.id
    return _asked(session, ring, invitation)


def answer(
    session: Session, ring: KeyRing, chat: int, yes: bool, now: datetime
) -> tuple[Asked | None, Opened | None]:
    """The confirm tap. The invitation is used once, whoever races for it."""
    held = session.get(TelegramChat, chat, with_for_update=True)
    if held is None or held.invitation_id is None:
        return None, None
    invitation = session.get_one(Invitation, held.invitation_id)
    asked = _asked(session, ring, invitation)
    held.invitation_id = None
    if not yes:
        return asked, None
    if not invitations.use(session, invitation.id, now):
        return None, None
    if invitation.coordinator_id is not None:
        _call_off(session, chat, invitation.coordinator_id)
        session.execute(
            update(Coordinator).where(Coordinator.telegram_chat == chat).values(telegram_chat=None)
        )
        coordinator = session.get_one(Coordinator, invitation.coordinator_id)
        coordinator.telegram_chat = chat
        session.add(
            AuditEntry(
                at=now,
                actor=f"coordinator:{coordinator.id}",
                action="telegram_linked",
                subject_id=coordinator.id,
            )
        )
        return asked, Opened(None, coordinator.id, coordinator.language)
    participant = session.get_one(Participant, invitation.participant_id)
    participant.telegram_chat = chat
    participant.opened_at = participant.opened_at or now
    held.participant_id = participant.id
    return asked, Opened(participant.id, None, participant.language)


def _call_off(session: Session, chat: int, coordinator: UUID) -> None:
    """What waits for the chat that they had before, and for who had this one before, comes to
    neither: it is at the desk."""
    earlier = select(Coordinator).where(
        or_(
            and_(Coordinator.id == coordinator, Coordinator.telegram_chat != chat),
            and_(Coordinator.id != coordinator, Coordinator.telegram_chat == chat),
        )
    )
    for one in session.scalars(earlier):
        outbox.cancel_at_desk(session, one.id, (f"telegram:{one.telegram_chat}",))


def _asked(session: Session, ring: KeyRing, invitation: Invitation) -> Asked:
    if invitation.coordinator_id is not None:
        coordinator = session.get_one(Coordinator, invitation.coordinator_id)
        return Asked(coordinator.id, "", coordinator.language)
    row = session.get_one(Participant, invitation.participant_id)
    seal = ring.of(row.id)
    name = seal.open_text("participant", row.id, "sealed_name", row.sealed_name)
    relation = seal.open_text("participant", row.id, "sealed_relation", row.sealed_relation)
    return Asked(row.id, who_is_asked(name, relation), row.language)
