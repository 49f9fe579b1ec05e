"""A meeting is corrected: what it is known by, its kind, where it is, what families are told of it.
So are its people: how they are called, or that they were never to be in it. That a meeting begins
at another time is changes' business."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from bot.meetings.making import close_about, note
from bot.meetings.pasted import Row, read_person
from bot.meetings.progress import MeetingUnknown
from bot.meetings.telling import Told, tell
from bot.privacy import erase
from bot.store.conversations import about_in
from bot.store.models import Conversation, Delivery, Meeting, Participant, Summary
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


def correct_person(
    session: Session,
    ring: KeyRing,
    participant: UUID,
    typed: Mapping[str, str],
    now: datetime,
    actor: str,
) -> Row:
    """How somebody is called, what they are to the child, and their language. It is kept unless
    something is wrong with it. What they have said stays theirs, in the language they chose."""
    row = session.get_one(Participant, participant, with_for_update=True)
    fixed = {"role": row.role, "age": row.age_band, "channel": row.channel}
    read = read_person({**typed, **fixed})
    if read.person is not None:
        seal = ring.of(row.id)
        row.sealed_name = seal.close("participant", row.id, "sealed_name", read.person.name)
        row.sealed_relation = seal.close(
            "participant", row.id, "sealed_relation", read.person.relation
        )
        row.sealed_child = seal.close("participant", row.id, "sealed_child", read.person.child)
        row.language = read.person.language
        note(session, actor, "person_corrected", row.id, now)
        session.flush()
    return read


def has_begun(session: Session, participant: UUID) -> bool:
    """Whether they have said anything here, sent or not."""
    begun = exists().where(Conversation.participant_id == participant)
    sent = exists().where(Summary.participant_id == participant)
    return bool(session.scalar(select(or_(begun, sent))))


def take_out(session: Session, ring: KeyRing, participant: UUID, now: datetime, actor: str) -> bool:
    """Somebody who was never to be in the meeting is gone from it, and from here. False where they
    have begun: what they prepared is theirs."""
    row = session.get_one(Participant, participant, with_for_update=True)
    if has_begun(session, row.id):
        return False
    erase.delete_all_but_alerts(session, ring, row)
    session.execute(delete(Delivery).where(Delivery.participant_id == row.id))
    note(session, actor, "person_taken_out", row.id, now)
    session.delete(row)
    session.flush()
    return True
