"""A meeting moves, or is called off, and everything with it: invitations, what waits to be sent.
The people are told."""

from datetime import datetime
from typing import ClassVar, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.meetings.fields import BadField, moment
from bot.meetings.inviting import SHORTEST_INVITATION
from bot.meetings.making import note
from bot.meetings.progress import MeetingUnknown
from bot.meetings.telling import Told, tell
from bot.store.models import Invitation, Meeting, Participant
from bot.store.sealing import KeyRing
from flows.wording import Wording

_OUT_OF_DATE: Final = ("news", "roundup", "leaving")
"""Letters that name a time by the meeting's old start, or come too early now. What is due by the
new one is queued anew: the news here, the others by their own rounds."""


class MeetingCancelled(Exception):
    """It was called off, so it cannot be moved."""

    code: ClassVar[str] = "meeting_cancelled"

    def __init__(self) -> None:
        super().__init__("The meeting was called off. Make a new one.")


class StartRefused(ValueError):
    """No such time there, or one that is over. The message says what to write instead."""

    code: ClassVar[str] = "start_refused"


def move_meeting(
    session: Session,
    ring: KeyRing,
    wording: Wording,
    meeting_id: UUID,
    starts_at: datetime,
    now: datetime,
    actor: str = "operator",
) -> Told:
    """Gives the meeting another start, unused invitations the time until then, and tells people.

    The roundup and reminders need nothing: delivery.schedule asks anew each time what is due.

    Returns:
        Who is told, and how; nobody where the start stays as it was.

    Raises:
        MeetingUnknown: no such meeting.
        MeetingCancelled: it was called off.
        StartRefused: the new start is over already.
    """
    meeting = _locked(session, meeting_id)
    if meeting.cancelled_at is not None:
        raise MeetingCancelled
    if starts_at <= now:
        raise StartRefused("That time is over. A meeting can be moved to a time ahead only.")
    if meeting.starts_at == starts_at:
        return Told()
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
    outbox.cancel(session, kinds=_OUT_OF_DATE, meeting_id=meeting_id)
    note(session, actor, "meeting_moved", meeting_id, now)
    return tell(session, ring, wording, meeting, "news_moved", now)


def moment_of(session: Session, meeting_id: UUID, text: str) -> datetime:
    """A date and time of day as it is written in a meeting file, in this meeting's zone.

    Raises:
        MeetingUnknown: no such meeting.
        StartRefused: no such time, or one that came or comes twice that night.
    """
    try:
        return moment(text, _locked(session, meeting_id).timezone)
    except BadField as error:
        raise StartRefused(str(error)) from None


def cancel_meeting(
    session: Session,
    ring: KeyRing,
    wording: Wording,
    meeting_id: UUID,
    now: datetime,
    actor: str = "operator",
) -> Told:
    """Calls the meeting off, and tells people. Twice is once.

    Returns:
        Who is told, and how; nobody the second time.

    Raises:
        MeetingUnknown: no such meeting.
    """
    meeting = _locked(session, meeting_id)
    if meeting.cancelled_at is not None:
        return Told()
    meeting.cancelled_at = now
    outbox.cancel(session, kinds=(*_OUT_OF_DATE, "reminder", "invitation"), meeting_id=meeting_id)
    note(session, actor, "meeting_cancelled", meeting_id, now)
    return tell(session, ring, wording, meeting, "news_called_off", now)


def _locked(session: Session, meeting_id: UUID) -> Meeting:
    meeting = session.get(Meeting, meeting_id, with_for_update=True)
    if meeting is None:
        raise MeetingUnknown(str(meeting_id))
    return meeting
