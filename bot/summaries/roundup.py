"""Who has prepared, who has started, who was never reached. Times and counts, never a quote."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session, aliased

from bot.meetings import status_of
from bot.store.models import Conversation, DataKey, Delivery, Meeting, Participant
from bot.store.sealing import KeyGone, KeyRing
from bot.summaries.compile import (
    NotYours,
    Raised,
    ToDo,
    alerts_of,
    asked_for_data,
    newest_copy,
    to_do,
    who_is,
)
from bot.summaries.entries import Reader, heading_of, labels_of
from flows.library import Library
from flows.machine import FlowMachine
from flows.review import CoordinatorCopy
from flows.schema import Ask, Choice, Choices, Section, YesNo

_SMALL = ("typing", "hide")
"""Deliveries that nobody misses."""
_ABOUT_THE_DAY = (Section.TAKING_PART, Section.PRACTICAL)


@dataclass(frozen=True)
class Failure:
    """Something that did not reach anybody. `status`: failed, or blocked by the other side."""

    kind: str
    channel: str
    status: str
    at: datetime


@dataclass(frozen=True)
class Standing:
    """How far one person is."""

    participant_id: UUID
    name: str
    """Of someone who has wiped all: the id that the service itself gave them."""
    relation: str
    role: str
    age_band: str
    language: str
    channel: str
    status: str
    """invited, opened, started, sent, wiped, or erased."""
    wiped_at: datetime | None
    opened_at: datetime | None
    started_at: datetime | None
    sent_at: datetime | None
    first_read_at: datetime | None
    alerts: tuple[Raised, ...]
    to_do: tuple[ToDo, ...]
    failures: tuple[Failure, ...]
    needs: tuple[str, ...] = ()
    """What they tapped about taking part and about the day; never their words."""

    @property
    def open_alerts(self) -> int:
        return sum(one.acknowledged_at is None for one in self.alerts)

    @property
    def open_tasks(self) -> int:
        return sum(one.done_at is None for one in self.to_do)


@dataclass(frozen=True)
class Roundup:
    """One meeting, and how far everybody is."""

    meeting_id: UUID
    title: str
    kind: str
    place: str
    starts_at: datetime
    timezone: str
    cancelled_at: datetime | None
    people: tuple[Standing, ...]
    failures: tuple[Failure, ...]
    """Of the meeting as a whole; each person's own are theirs."""

    def counted(self, *statuses: str) -> int:
        return sum(person.status in statuses for person in self.people)

    @property
    def open_alerts(self) -> int:
        return sum(person.open_alerts for person in self.people)

    @property
    def open_tasks(self) -> int:
        return sum(person.open_tasks for person in self.people)

    @property
    def failed(self) -> int:
        return len(self.failures) + sum(len(person.failures) for person in self.people)


def roundup(
    session: Session,
    ring: KeyRing,
    library: Library,
    meeting_id: UUID,
    *,
    coordinator_id: UUID,
    language: str,
) -> Roundup:
    """How far everybody is with one meeting.

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
    reader = Reader(library.wording, language)
    return Roundup(
        meeting_id=meeting.id,
        title=seal.open_text("meeting", meeting.id, "sealed_title", meeting.sealed_title),
        kind=meeting.kind,
        place=seal.open_text("meeting", meeting.id, "sealed_place", meeting.sealed_place),
        starts_at=meeting.starts_at,
        timezone=meeting.timezone,
        cancelled_at=meeting.cancelled_at,
        people=tuple(_everybody(session, ring, library, meeting.id, reader)),
        failures=_failures(session, meeting.id, None),
    )


def own_meetings(
    session: Session, ring: KeyRing, library: Library, *, coordinator_id: UUID, language: str
) -> tuple[Roundup, ...]:
    """A coordinator's meetings, the earliest first."""
    mine = session.scalars(
        select(Meeting.id)
        .join(DataKey, DataKey.owner_id == Meeting.id)
        .where(Meeting.coordinator_id == coordinator_id)
        .order_by(Meeting.starts_at, Meeting.id)
    ).all()
    return tuple(
        roundup(session, ring, library, one, coordinator_id=coordinator_id, language=language)
        for one in mine
    )


def _everybody(
    session: Session, ring: KeyRing, library: Library, meeting: UUID, reader: Reader
) -> Iterator[Standing]:
    rows = session.execute(
        select(Participant, Conversation.started_at, Conversation.sent_at)
        .outerjoin(Conversation, Conversation.participant_id == Participant.id)
        .where(Participant.meeting_id == meeting)
        .order_by(Participant.reference)
    ).all()
    for person, started_at, sent_at in rows:
        yield _standing(session, ring, library, person, started_at, sent_at, reader)


def _standing(
    session: Session,
    ring: KeyRing,
    library: Library,
    person: Participant,
    started_at: datetime | None,
    sent_at: datetime | None,
    reader: Reader,
) -> Standing:
    seal, who = ring.find(person.id), who_is(ring, person)
    newest = newest_copy(session, seal, person.id) if seal is not None else None
    tasks: tuple[ToDo, ...] = ()
    needs: tuple[str, ...] = ()
    if newest is not None:
        machine = library.version(newest.copy.flow, newest.copy.version)
        tasks = to_do(session, machine, newest.copy, person.id, reader)
        needs = tuple(_needs(machine, newest.copy, reader))
        sent_at = sent_at or newest.row.sent_at  # the draft may be gone already
    status = status_of(person.opened_at, started_at, sent_at)
    return Standing(
        participant_id=person.id,
        name=who.name,
        relation=who.relation,
        role=person.role,
        age_band=person.age_band,
        language=person.language,
        channel=person.channel,
        status=status if seal is not None else "wiped" if person.wiped_at else "erased",
        wiped_at=person.wiped_at,
        opened_at=person.opened_at,
        started_at=started_at,
        sent_at=sent_at,
        first_read_at=newest.row.first_read_at if newest is not None else None,
        alerts=alerts_of(session, person.id),
        to_do=(*tasks, *asked_for_data(session, person.id, reader)),
        failures=_failures(session, None, person.id),
        needs=needs,
    )


def _needs(machine: FlowMachine, copy: CoordinatorCopy, reader: Reader) -> Iterator[str]:
    for item in copy.items:
        step = machine.steps.get(item.step)
        if not isinstance(step, Ask) or item.locked or step.section not in _ABOUT_THE_DAY:
            continue
        if isinstance(step.answer, Choice | Choices | YesNo) and item.answer.chosen:
            tapped = labels_of(machine, step.id, item.answer.chosen, reader)
            yield f"{heading_of(machine, step.id, reader)}: {', '.join(tapped)}"


def _failures(
    session: Session, meeting: UUID | None, participant: UUID | None
) -> tuple[Failure, ...]:
    """What did not arrive, and did not arrive later either."""
    later = aliased(Delivery)
    made_good = exists().where(
        later.recipient == Delivery.recipient,
        later.kind == Delivery.kind,
        later.number > Delivery.number,
        later.status == "sent",
    )
    whose = (
        Delivery.participant_id == participant
        if participant is not None
        else and_(Delivery.meeting_id == meeting, Delivery.participant_id.is_(None))
    )
    rows = session.scalars(
        select(Delivery)
        .where(
            whose,
            Delivery.status.in_(("failed", "blocked")),
            Delivery.kind.not_in(_SMALL),
            ~made_good,
        )
        .order_by(Delivery.number)
    ).all()
    return tuple(
        Failure(row.kind, row.channel, row.status, row.finished_at or row.due_at) for row in rows
    )
