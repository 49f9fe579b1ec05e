"""A meeting moves, or is called off. Telling people is delivery's."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from bot.meetings.making import SHORTEST_INVITATION, note
from bot.meetings.progress import MeetingUnknown
from bot.store.models import Conversation, Invitation, Meeting, Participant


class MeetingCancelled(Exception):
    """It was called off, so it cannot be moved."""

    code: ClassVar[str] = "meeting_cancelled"


def move_meeting(
    session: Session, meeting_id: UUID, starts_at: datetime, now: datetime, actor: str = "operator"
) -> tuple[UUID, ...]:
    """Gives the meeting another start, and unused invitations the time until then.

    Returns:
        The participants who are to be told: those who have opened their invitation.

    Raises:
        MeetingUnknown: no such meeting.
        MeetingCancelled: it was called off.
    """
    meeting = _locked(session, meeting_id)
    if meeting.cancelled_at is not None:
        raise MeetingCancelled
    if meeting.starts_at == starts_at:
        return ()
    meeting.starts_at = starts_at
    people = select(Participant.id).where(Participant.meeting_id == meeting_id)
    session.execute(
        update(Invitation)
        .where(
            Invitation.participant_id.in_(people),
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
        )
        .values(expires_at=max(starts_at, now + SHORTEST_INVITATION))
        .execution_options(synchronize_session=False)
    )
    note(session, actor, "meeting_moved", meeting_id, now)
    return _to_be_told(session, meeting_id)


def cancel_meeting(
    session: Session, meeting_id: UUID, now: datetime, actor: str = "operator"
) -> tuple[UUID, ...]:
    """Calls the meeting off. Twice is once.

    Returns:
        The participants who are to be told: those who have opened their invitation.

    Raises:
        MeetingUnknown: no such meeting.
    """
    meeting = _locked(session, meeting_id)
    if meeting.cancelled_at is not None:
        return ()
    meeting.cancelled_at = now
    note(session, actor, "meeting_cancelled", meeting_id, now)
    return _to_be_told(session, meeting_id)


def _locked(session: Session, meeting_id: UUID) -> Meeting:
    meeting = session.get(Meeting, meeting_id, with_for_update=True)
    if meeting is None:
        raise MeetingUnknown(str(meeting_id))
    return meeting


def _to_be_told(session: Session, meeting: UUID) -> tuple[UUID, ...]:
    reached = or_(
        Participant.opened_at.is_not(None),
        exists().where(Conversation.participant_id == Participant.id),
    )
    rows = session.scalars(
        select(Participant.id)
        .where(Participant.meeting_id == meeting, reached)
        .order_by(Participant.reference)
    )
    return tuple(rows)
