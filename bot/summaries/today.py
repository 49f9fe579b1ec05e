"""What a coordinator has to do now, over all their meetings; and whether that has changed."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import (
    LargeBinary,
    and_,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from bot.store.models import (
    Alert,
    Conversation,
    Delivery,
    Meeting,
    Participant,
    Summary,
    Task,
)
from bot.store.sealing import NONCE_ENDS, KeyRing
from bot.summaries.compile import Raised
from bot.summaries.roundup import Roundup, own_meetings
from bot.summaries.standing import Failure, Standing
from bot.summaries.tasks import ToDo
from flows.library import Library

OVER_AFTER: Final = timedelta(hours=12)
"""A meeting counts as ahead until so long after it began."""
NEXT: Final = 40
"""Meetings that today looks at: those that come next. A coordinator has some thirty."""
NEAR: Final = timedelta(days=7)
"""From so long before a meeting, someone who has not opened their invitation is worth a call."""


@dataclass(frozen=True)
class OpenAlert:
    meeting: Roundup
    person: Standing
    alert: Raised


@dataclass(frozen=True)
class Alerted:
    """One person's open alerts, which whoever acts on them acknowledges together."""

    meeting: Roundup
    person: Standing
    alerts: tuple[Raised, ...]


@dataclass(frozen=True)
class OpenTask:
    meeting: Roundup
    person: Standing
    task: ToDo


@dataclass(frozen=True)
class Unreached:
    """Those of one meeting whom nothing of ours has reached, and what did not arrive."""

    meeting: Roundup
    failures: tuple[Failure, ...]
    """Of the meeting as a whole."""
    failed: tuple[Standing, ...]
    """People about whom or to whom something did not arrive."""
    not_opened: tuple[Standing, ...]
    """People who have not opened their invitation, with the meeting near."""

    @property
    def count(self) -> int:
        return bool(self.failures) + len(self.failed) + len(self.not_opened)


@dataclass(frozen=True)
class Today:
    alerts: tuple[OpenAlert, ...]
    """That nobody has acknowledged, the oldest first, of past meetings too."""
    tasks: tuple[OpenTask, ...]
    unreached: tuple[Unreached, ...]
    """A line for each meeting."""
    ahead: tuple[Roundup, ...]
    """By date. Called-off ones stand among them until their day is over."""
    later: int
    """Meetings ahead that come after those, and of which only open alerts are here."""

    @property
    def alerted(self) -> tuple[Alerted, ...]:
        """The open alerts by person; whoever has waited longest first."""
        found: dict[UUID, Alerted] = {}
        for one in self.alerts:
            whose = one.person.participant_id
            before = found[whose].alerts if whose in found else ()
            found[whose] = Alerted(one.meeting, one.person, (*before, one.alert))
        return tuple(found.values())


@dataclass(frozen=True)
class Dates:
    """A coordinator's meetings, by their dates alone."""

    ahead: tuple[UUID, ...]
    """The next one first."""
    been: tuple[UUID, ...]
    """The last one first."""


def dates_of(session: Session, coordinator_id: UUID, now: datetime) -> Dates:
    """One query, nothing opened."""
    rows = session.execute(
        select(Meeting.id, Meeting.starts_at)
        .where(Meeting.coordinator_id == coordinator_id)
        .order_by(Meeting.starts_at, Meeting.id)
    ).all()
    over = sum(not is_ahead(starts_at, now) for _, starts_at in rows)
    found = tuple(meeting for meeting, _ in rows)
    return Dates(ahead=found[over:], been=found[:over][::-1])


def read_today(
    session: Session,
    ring: KeyRing,
    library: Library,
    *,
    coordinator_id: UUID,
    language: str,
    now: datetime,
) -> Today:
    """What a coordinator has to do now: about what comes next, and wherever an alert is open."""
    ahead = dates_of(session, coordinator_id, now).ahead
    alerted = session.scalars(
        select(Participant.meeting_id)
        .join(Alert, Alert.participant_id == Participant.id)
        .join(Meeting, Meeting.id == Participant.meeting_id)
        .where(Meeting.coordinator_id == coordinator_id, Alert.acknowledged_at.is_(None))
    )
    wanted = {*ahead[:NEXT], *alerted}
    mine = own_meetings(
        session, ring, library, coordinator_id=coordinator_id, language=language, only=wanted
    )
    return _today_of(mine, now, later=len(ahead) - len(wanted.intersection(ahead)))


def _today_of(everything: Iterable[Roundup], now: datetime, later: int) -> Today:
    everything = tuple(everything)
    ahead = tuple(one for one in everything if is_ahead(one.starts_at, now))
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
    unreached = tuple(one for one in (_unreached(meeting, now) for meeting in held) if one.count)
    return Today(
        tuple(sorted(alerts, key=lambda one: one.alert.raised_at)), tasks, unreached, ahead, later
    )


def is_ahead(starts_at: datetime, now: datetime) -> bool:
    return starts_at + OVER_AFTER >= now


def _unreached(meeting: Roundup, now: datetime) -> Unreached:
    near = meeting.starts_at - NEAR <= now
    failed = tuple(one for one in meeting.people if one.failures)
    not_opened = tuple(
        one for one in meeting.people if near and one.status == "invited" and not one.failures
    )
    return Unreached(meeting, meeting.failures, failed, not_opened)


def mark_of(session: Session, coordinator_id: UUID) -> str:
    """Another value whenever today's page would show something else. One query, nothing opened."""
    mine = Meeting.coordinator_id == coordinator_id
    theirs = select(Participant.id).join(Meeting, Meeting.id == Participant.meeting_id).where(mine)
    worth_it = or_(
        Delivery.kind.not_in(("reply", "typing", "hide")),
        Delivery.status.in_(("failed", "blocked")),
    )
    seen = (
        (Meeting.cancelled_at, mine),
        (Participant.opened_at, Participant.id.in_(theirs)),
        (Participant.wiped_at, Participant.id.in_(theirs)),
        (Alert.acknowledged_at, Alert.participant_id.in_(theirs)),
        (Task.done_at, Task.participant_id.in_(theirs)),
        (Conversation.sent_at, Conversation.participant_id.in_(theirs)),
        (Summary.first_read_at, Summary.participant_id.in_(theirs)),
        (Delivery.finished_at, and_(Delivery.participant_id.in_(theirs), worth_it)),
    )
    given = and_(Task.participant_id.in_(theirs), Task.sealed_owner.is_not(None))
    sealed = (
        (Meeting.starts_at, Meeting.sealed_title, mine),
        (Participant.opened_at, Participant.sealed_name, Participant.id.in_(theirs)),
        (Task.raised_at, Task.sealed_owner, given),
    )
    # How many there are, for how many the moment has come, and the last time that it did.
    counted = (
        select(
            literal(number),
            func.count(),
            func.count(moment),
            func.max(moment),
            cast(null(), LargeBinary),
        ).where(which)
        for number, (moment, which) in enumerate(seen)
    )
    # Each by itself, as nothing counts them: they are sealed anew, under another nonce, whenever
    # somebody corrects the meeting or the person, or gives the task to another.
    corrected = (
        select(
            literal(number),
            literal(1),
            literal(1),
            moment,
            func.substr(words, 1, NONCE_ENDS, type_=LargeBinary),
        ).where(which)
        for number, (moment, words, which) in enumerate(sealed, len(seen))
    )
    rows = session.execute(union_all(*counted, *corrected)).all()
    shown = sorted(repr(tuple(row)) for row in rows)
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]
