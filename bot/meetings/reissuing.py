"""New ways in for someone whose link was lost, or opened by somebody else (promise P29)."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from bot import invitations
from bot.meetings.making import SHORTEST_INVITATION, WayIn
from bot.store.conversations import NobodyThere
from bot.store.models import AuditEntry, Meeting, Participant, TelegramChat
from bot.store.models import Session as BrowserSession


def reissue(session: Session, participant: UUID, now: datetime, actor: str = "operator") -> WayIn:
    """Puts everybody out who is in as this participant, and gives new links. What was prepared
    stays.

    Raises:
        bot.store.conversations.NobodyThere: no such participant, or they have wiped everything.
    """
    row = session.get(Participant, participant, with_for_update=True)
    if row is None or row.wiped_at is not None:
        raise NobodyThere
    invitations.revoke(session, row.id, now)
    session.execute(
        update(BrowserSession)
        .where(BrowserSession.participant_id == row.id, BrowserSession.ended_at.is_(None))
        .values(ended_at=now)
    )
    session.execute(
        update(TelegramChat)
        .where(TelegramChat.participant_id == row.id)
        .values(participant_id=None, invitation_id=None)
    )
    row.telegram_chat = None
    session.execute(
        insert(AuditEntry).values(
            id=uuid4(), at=now, actor=actor, action="invited", subject_id=row.id
        )
    )
    lasts = max(session.get_one(Meeting, row.meeting_id).starts_at - now, SHORTEST_INVITATION)

    def invite(purpose: str) -> str:
        return invitations.invite(
            session, purpose=purpose, participant_id=row.id, now=now, lasts=lasts
        )

    telegram = invite("telegram") if row.age_band in ("adult", "16_17") else None
    return WayIn(row.reference, row.id, invite("web"), telegram)
