"""Gathers what everybody shared, for the meeting copy. Here the coordinator's copies end: only what
`flows.review.meeting_copy` lets through goes on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.models import Meeting, Participant
from bot.store.sealing import KeyGone, KeyRing
from bot.summaries.compile import NotYours
from bot.summaries.documents.handout import Occasion
from bot.summaries.meeting_copy import CopyForTheMeeting, Shared, copy_for_the_meeting
from bot.summaries.sentences import Sentences
from bot.summaries.standing import newest_of
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
    """The meeting copy as it stands now, with as many queries for a hundred people as for one.

    Raises:
        NotYours: no such meeting, or another coordinator's.
    """
    own = select(Meeting.id).where(
        Meeting.id == meeting_id, Meeting.coordinator_id == coordinator_id
    )
    if session.scalar(own) is None:
        raise NotYours
    here = Participant.meeting_id == meeting_id
    people = session.scalars(select(Participant).where(here).order_by(Participant.reference)).all()
    ring.read_along(person.id for person in people)
    newest = newest_of(session, ring, select(Participant.id).where(here))
    everybody = []
    for person in people:
        seal, sent = ring.find(person.id), newest.get(person.id)
        if seal is not None and sent is not None:
            name = seal.open_text("participant", person.id, "sealed_name", person.sealed_name)
            everybody.append(Shared(name, meeting_copy(sent.copy), person.language))
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
