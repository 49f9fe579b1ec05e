"""Gathers what everybody shared, for the meeting copy. Here the coordinator's copies end: only what
`flows.review.meeting_copy` lets through goes on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.models import Meeting, Participant
from bot.store.sealing import KeyGone, KeyRing
from bot.summaries.compile import NotYours, newest_copy
from bot.summaries.documents.handout import Occasion
from bot.summaries.meeting_copy import CopyForTheMeeting, Shared, copy_for_the_meeting
from bot.summaries.sentences import Sentences
from flows.library import Library
from flows.review import meeting_copy


def gather(
    session: Session,
    ring: KeyRing,
    library: Library,
    meeting_id: UUID,
    *,
    coordinator_id: UUID,
    language: str,
) -> CopyForTheMeeting:
    """The meeting copy as it stands now.

    Raises:
        NotYours: no such meeting, or another coordinator's.
    """
    own = select(Meeting.id).where(
        Meeting.id == meeting_id, Meeting.coordinator_id == coordinator_id
    )
    if session.scalar(own) is None:
        raise NotYours
    people = session.scalars(
        select(Participant)
        .where(Participant.meeting_id == meeting_id)
        .order_by(Participant.reference)
    ).all()
    everybody = []
    for person in people:
        try:
            seal = ring.of(person.id)
        except KeyGone:
            continue
        newest = newest_copy(session, seal, person.id)
        if newest is not None:
            name = seal.open_text("participant", person.id, "sealed_name", person.sealed_name)
            everybody.append(Shared(name, meeting_copy(newest.copy)))
    return copy_for_the_meeting(everybody, library, language)


def occasion(
    session: Session,
    ring: KeyRing,
    meeting_id: UUID,
    sentences: Sentences,
    *,
    coordinator_id: UUID,
    now: datetime,
) -> Occasion:
    """What stands on top of the papers that are handed round.

    Raises:
        NotYours: no such meeting, another coordinator's, or erased.
    """
    meeting = session.scalar(
        select(Meeting).where(Meeting.id == meeting_id, Meeting.coordinator_id == coordinator_id)
    )
    if meeting is None:
        raise NotYours
    try:
        seal = ring.of(meeting.id)
    except KeyGone:
        raise NotYours from None
    return Occasion(
        title=seal.open_text("meeting", meeting.id, "sealed_title", meeting.sealed_title),
        when=sentences.when(meeting.starts_at, meeting.timezone),
        place=seal.open_text("meeting", meeting.id, "sealed_place", meeting.sealed_place),
        made=sentences.made(now, meeting.timezone),
    )
