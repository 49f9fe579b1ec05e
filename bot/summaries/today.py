"""What a coordinator has to do now, over all their meetings; and whether that has changed."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.store.models import Alert, Conversation, Delivery, Meeting, Participant, Summary, Task
from bot.summaries.compile import Raised, ToDo
from bot.summaries.roundup import Roundup
from bot.summaries.standing import Failure, Standing

OVER_AFTER: Final = timedelta(hours=12)
"""A meeting counts as ahead until so long after it began."""
NEAR: Final = timedelta(days=7)
"""From so long before a meeting, someone who has not opened their invitation is worth a call."""


@dataclass(frozen=True)
class OpenAlert:
    meeting: Roundup
    person: Standing
    alert: Raised


@dataclass(frozen=True)
class OpenTask:
    meeting: Roundup
    person: Standing
    task: ToDo


@dataclass(frozen=True)
class Unreached:
    """Somebody whom nothing of ours has reached; or a meeting whose own letters did not arrive.

    `failures` is empty where they have only not opened their invitation yet.
    """

    meeting: Roundup
    person: Standing | None
    failures: tuple[Failure, ...]


@dataclass(frozen=True)
class Today:
    alerts: tuple[OpenAlert, ...]
    """That nobody has acknowledged, the oldest first, of past meetings too."""
    tasks: tuple[OpenTask, ...]
    unreached: tuple[Unreached, ...]
    ahead: tuple[Roundup, ...]
    """By date. Called-off ones stand among them until their day is over."""


def today_of(mine: Iterable[Roundup], now: datetime) -> Today:
    """`mine`: a coordinator's meetings, the earliest first."""
    everything = tuple(mine)
    ahead = tuple(one for one in everything if is_ahead(one, now))
    held = tuple(one for one in ahead if one.cancelled_at is None)
    alerts = [
        OpenAlert(meeting, person, alert)
        for meeting in everything
        for person in meeting.people
        for alert in person.alerts
        if alert.acknowledged_at is None
    ]
    tasks = tuple(
        OpenTask(meeting, person, task)
        for meeting in held
        for person in meeting.people
        for task in person.to_do
        if task.done_at is None
    )
    unreached = tuple(one for meeting in held for one in _unreached(meeting, now))
    return Today(
        tuple(sorted(alerts, key=lambda one: one.alert.raised_at)), tasks, unreached, ahead
    )


def is_ahead(meeting: Roundup, now: datetime) -> bool:
    return meeting.starts_at + OVER_AFTER >= now


def _unreached(meeting: Roundup, now: datetime) -> Iterable[Unreached]:
    if meeting.failures:
        yield Unreached(meeting, None, meeting.failures)
    near = meeting.starts_at - NEAR <= now
    for person in meeting.people:
        if person.failures or (near and person.status == "invited"):
            yield Unreached(meeting, person, person.failures)


def mark_of(session: Session, coordinator_id: UUID) -> str:
    """Another value whenever today's page would show something else. One query, nothing opened."""
    mine = Meeting.coordinator_id == coordinator_id
    theirs = select(Participant.id).join(Meeting, Meeting.id == Participant.meeting_id).where(mine)
    worth_it = or_(
        Delivery.kind.not_in(("reply", "typing", "hide")),
        Delivery.status.in_(("failed", "blocked")),
    )
    row = session.execute(
        select(
            *_seen(Meeting.id, Meeting.cancelled_at, mine),
            *_seen(Participant.id, Participant.opened_at, Participant.id.in_(theirs)),
            *_seen(Participant.id, Participant.wiped_at, Participant.id.in_(theirs)),
            *_seen(Alert.id, Alert.acknowledged_at, Alert.participant_id.in_(theirs)),
            *_seen(Task.id, Task.done_at, Task.participant_id.in_(theirs)),
            *_seen(Conversation.id, Conversation.sent_at, Conversation.participant_id.in_(theirs)),
            *_seen(Summary.id, Summary.first_read_at, Summary.participant_id.in_(theirs)),
            *_seen(
                Delivery.id,
                Delivery.finished_at,
                and_(Delivery.participant_id.in_(theirs), worth_it),
            ),
        )
    ).one()
    return hashlib.sha256(repr(tuple(row)).encode()).hexdigest()[:16]


def _seen(
    each: InstrumentedAttribute[UUID],
    moment: InstrumentedAttribute[datetime | None],
    which: ColumnElement[bool],
) -> tuple[ScalarSelect[Any], ...]:
    """How many there are, for how many the moment has come, and the last time that it did."""
    return tuple(
        select(value).where(which).scalar_subquery()
        for value in (func.count(each), func.count(moment), func.max(moment))
    )
