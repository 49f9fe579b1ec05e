"""How far each person is with their preparation. Times and counts, never a quote."""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from bot.meetings import status_of
from bot.meetings.contact import contact_of
from bot.store.models import (
    TO_THE_DESK,
    Alert,
    Conversation,
    DataKey,
    Delivery,
    Meeting,
    Participant,
    Summary,
    Task,
)
from bot.store.sealing import KeyGone, KeyRing
from bot.summaries.compile import (
    Newest,
    Raised,
    opened,
    raised,
    who_is,
)
from bot.summaries.entries import Reader
from bot.summaries.needs import needs_in
from bot.summaries.reading import own_readings
from bot.summaries.tasks import SoFar, ToDo, asked_in, data_asked_for
from flows.library import Library

_SMALL = ("typing", "hide")
"""Deliveries that nobody misses."""


@dataclass(frozen=True)
class Failure:
    """Something that did not reach anybody. `status`: failed, or blocked by the other side."""

    kind: str
    channel: str
    status: str
    at: datetime
    """When it was last tried."""
    count: int = 1
    """How many of the kind did not arrive by this way: a page says it once."""

    @property
    def to_the_person(self) -> bool:
        return self.kind not in TO_THE_DESK


@dataclass(frozen=True)
class Standing:
    """How far one person is."""

    participant_id: UUID
    name: str
    """Of someone who has wiped all: as `bot.summaries.compile.who_is` has it."""
    reference: str
    """The id that the service itself gave them."""
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
    """By whoever looks; None where it is new to them."""
    alerts: tuple[Raised, ...]
    to_do: tuple[ToDo, ...]
    failures: tuple[Failure, ...]
    needs: tuple[str, ...]
    """What they tapped about taking part and about the day; never their words."""
    post_is_safe: bool
    """They said so."""

    @property
    def open_alerts(self) -> int:
        return sum(one.acknowledged_at is None for one in self.alerts)

    @property
    def open_tasks(self) -> int:
        return sum(one.done_at is None for one in self.to_do)

    @property
    def cannot_be_reached(self) -> bool:
        """What we sent them did not arrive, and they have not prepared by another way."""
        return self.status in ("invited", "opened", "started") and any(
            one.to_the_person for one in self.failures
        )


@dataclass(frozen=True)
class Held:
    """What the store holds of all the people of some meetings, by whose it is."""

    people: Mapping[UUID, list[Participant]]
    began: Mapping[UUID, tuple[datetime, datetime | None]]
    """When they started, and when they last sent."""
    newest: Mapping[UUID, Newest]
    read: Mapping[UUID, datetime]
    """When whoever looks first read each of those, by the row's id."""
    tasks: Mapping[UUID, Mapping[str, SoFar]]
    alerts: Mapping[UUID, list[Alert]]
    failures: Mapping[tuple[UUID | None, UUID | None], list[Failure]]
    """By participant, and by meeting where it is nobody's own."""


def held_of(session: Session, ring: KeyRing, mine: ColumnElement[bool], coordinator: UUID) -> Held:
    """Reads it, with as many queries for a hundred people as for one.

    Args:
        mine: which meetings.
        coordinator: whoever looks.
    """
    people: defaultdict[UUID, list[Participant]] = defaultdict(list)
    began: dict[UUID, tuple[datetime, datetime | None]] = {}
    for person, kid, wrapped, started_at, sent_at in session.execute(
        select(
            Participant, DataKey.kid, DataKey.wrapped, Conversation.started_at, Conversation.sent_at
        )
        .join(Meeting, Meeting.id == Participant.meeting_id)
        .outerjoin(DataKey, DataKey.owner_id == Participant.id)
        .outerjoin(Conversation, Conversation.participant_id == Participant.id)
        .where(mine)
        .order_by(Participant.reference)
    ):
        people[person.meeting_id].append(person)
        with suppress(KeyGone):
            ring.take(person.id, kid, wrapped)
        if started_at is not None:
            began[person.id] = started_at, sent_at
    theirs = select(Participant.id).join(Meeting, Meeting.id == Participant.meeting_id).where(mine)
    tasks: defaultdict[UUID, dict[str, SoFar]] = defaultdict(dict)
    for task in session.scalars(select(Task).where(Task.participant_id.in_(theirs))):
        tasks[task.participant_id][task.step] = SoFar.of(ring.of(task.participant_id), task)
    alerts: defaultdict[UUID, list[Alert]] = defaultdict(list)
    for alert in session.scalars(
        select(Alert).where(Alert.participant_id.in_(theirs)).order_by(Alert.raised_at)
    ):
        alerts[alert.participant_id].append(alert)
    newest = newest_of(session, ring, theirs)
    return Held(
        people,
        began,
        newest,
        own_readings(session, (one.row for one in newest.values()), coordinator),
        tasks,
        alerts,
        _failures(session, theirs, mine),
    )


def newest_of(session: Session, ring: KeyRing, theirs: Select[UUID]) -> Mapping[UUID, Newest]:
    """The version of each one's summary that holds, in one query where the ring has their keys."""
    last = (
        select(Summary.participant_id, func.max(Summary.version).label("version"))
        .where(Summary.participant_id.in_(theirs))
        .group_by(Summary.participant_id)
        .subquery()
    )
    rows = session.scalars(
        select(Summary).join(
            last,
            and_(
                last.c.participant_id == Summary.participant_id, last.c.version == Summary.version
            ),
        )
    )
    found = {}
    for row in rows:
        seal = ring.find(row.participant_id)
        if seal is not None:
            found[row.participant_id] = opened(seal, row)
    return found


def standing(
    ring: KeyRing, library: Library, person: Participant, held: Held, reader: Reader
) -> Standing:
    """How far one of them is, in the coordinator's language."""
    seal, who = ring.find(person.id), who_is(ring, person)
    started_at, sent_at = held.began.get(person.id, (None, None))
    newest = held.newest.get(person.id)
    so_far = held.tasks.get(person.id, {})
    tasks: tuple[ToDo, ...] = ()
    needs: tuple[str, ...] = ()
    if newest is not None:
        machine = library.version(newest.copy.flow, newest.copy.version)
        tasks = asked_in(machine, newest.copy, so_far, reader)
        needs = tuple(needs_in(machine, newest.copy, reader))
        sent_at = sent_at or newest.row.sent_at  # the draft may be gone already
    status = status_of(person.opened_at, started_at, sent_at)
    return Standing(
        participant_id=person.id,
        name=who.name,
        reference=person.reference,
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
        first_read_at=held.read.get(newest.row.id) if newest is not None else None,
        alerts=raised(held.alerts.get(person.id, ())),
        to_do=(*tasks, *data_asked_for(so_far, reader)),
        failures=tuple(held.failures.get((person.id, None), ())),
        needs=needs,
        post_is_safe=seal is not None and contact_of(seal, person).may("post"),
    )


def _failures(
    session: Session, theirs: Select[UUID], mine: ColumnElement[bool]
) -> Mapping[tuple[UUID | None, UUID | None], list[Failure]]:
    """What did not arrive, and did not arrive later either."""
    later = aliased(Delivery)
    made_good = exists().where(
        later.recipient == Delivery.recipient,
        later.kind == Delivery.kind,
        later.number > Delivery.number,
        later.status == "sent",
    )
    of_the_meetings = and_(
        Delivery.meeting_id.in_(select(Meeting.id).where(mine)), Delivery.participant_id.is_(None)
    )
    rows = session.execute(
        select(
            Delivery.participant_id,
            Delivery.meeting_id,
            Delivery.kind,
            Delivery.channel,
            Delivery.status,
            func.coalesce(Delivery.finished_at, Delivery.due_at),
        )
        .where(
            or_(Delivery.participant_id.in_(theirs), of_the_meetings),
            Delivery.status.in_(("failed", "blocked")),
            Delivery.kind.not_in(_SMALL),
            ~made_good,
        )
        .order_by(Delivery.number)
    )
    found: defaultdict[tuple[UUID | None, UUID | None], dict[tuple[str, ...], Failure]]
    found = defaultdict(dict)
    for person, meeting, kind, channel, status, at in rows:
        alike = found[(person, None) if person is not None else (None, meeting)]
        before = alike.get((kind, channel, status))
        at, count = (max(at, before.at), before.count + 1) if before else (at, 1)
        alike[kind, channel, status] = Failure(kind, channel, status, at, count)
    return defaultdict(list, {whose: list(alike.values()) for whose, alike in found.items()})
