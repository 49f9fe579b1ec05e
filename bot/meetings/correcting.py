"""A meeting is corrected: what it is known by, its kind, where it is, what families are told of it.
That it begins at another time is changes' business."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.meetings.making import close_about, note
from bot.meetings.progress import MeetingUnknown
from bot.meetings.telling import Told, tell
from bot.store.conversations import about_in
from bot.store.models import Meeting
from bot.store.sealing import KeyRing
from flows.answers import AboutMeeting
from flows.wording import Wording


def correct_meeting(
    session: Session,
    ring: KeyRing,
    wording: Wording,
    meeting_id: UUID,
    *,
    title: str,
    kind: str,
    place: str,
    about: AboutMeeting,
    now: datetime,
    actor: str,
) -> Told:
    """Keeps it, and tells people where the place is another, or how to join.

    Returns:
        Who is told, and how; nobody where that stays as it was, or the meeting was called off.

    Raises:
        MeetingUnknown: no such meeting.
    """
    row = session.get(Meeting, meeting_id, with_for_update=True)
    if row is None:
        raise MeetingUnknown(str(meeting_id))
    seal = ring.of(row.id)
    was = about_in(seal, row.id, row.sealed_about)
    was_at = seal.open_text("meeting", row.id, "sealed_place", row.sealed_place)
    row.kind = kind
    row.sealed_title = seal.close("meeting", row.id, "sealed_title", title)
    row.sealed_place = seal.close("meeting", row.id, "sealed_place", place)
    row.sealed_about = close_about(seal, row.id, about)
    session.flush()
    note(session, actor, "meeting_corrected", row.id, now)
    elsewhere = (was_at, was.joining) != (place, about.joining)
    if not elsewhere or row.cancelled_at is not None or row.starts_at <= now:
        return Told()
    return tell(session, ring, wording, row, "news_elsewhere", now)


def about_of(session: Session, ring: KeyRing, meeting_id: UUID) -> AboutMeeting:
    """What was written of a meeting. Raises bot.store.sealing.KeyGone: it was erased."""
    sealed = session.scalar(select(Meeting.sealed_about).where(Meeting.id == meeting_id))
    return about_in(ring.of(meeting_id), meeting_id, sealed)
