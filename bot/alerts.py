"""What becomes of an alert: who may acknowledge it, what it was in the end, and the figures."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.delivery.calling import letters_of
from bot.service import read_service
from bot.store.models import Alert, AuditEntry, Coordinator, Delivery, Meeting, Participant
from bot.store.sealing import KeyRing
from bot.summaries.compile import NotYours, Raised, who_is

Became = Literal["needed_action", "false_alarm"]


@dataclass(frozen=True)
class Called:
    """One alert, for whoever was told of it. None of the person's words."""

    alert: Raised
    name: str
    timezone: str
    meeting_id: UUID
    own: bool
    """The meeting is theirs, so that they may open its page."""


def called(session: Session, ring: KeyRing, alert: UUID, coordinator: UUID) -> Called:
    """Raises NotYours: no such alert, or one that they are not told of."""
    row, person, meeting = _told(session, ring, alert, coordinator)
    raised = Raised(row.id, row.category, row.raised_at, row.acknowledged_at, row.outcome)
    own = meeting.coordinator_id == coordinator
    return Called(raised, who_is(ring, person).name, meeting.timezone, meeting.id, own)


def acknowledge(
    session: Session, ring: KeyRing, alert: UUID, coordinator: UUID, now: datetime
) -> UUID:
    """Someone is acting on it: nobody else is called. Twice is once. Returns the meeting.

    Raises:
        NotYours: no such alert, or one that they are not told of.
    """
    row, _, meeting = _told(session, ring, alert, coordinator)
    if row.acknowledged_at is None:
        row.acknowledged_at = now
        session.execute(
            update(Delivery)
            .where(Delivery.key.startswith(letters_of(alert)), Delivery.status == "waiting")
            .values(status="cancelled")
            .execution_options(synchronize_session=False)
        )
        _note(session, coordinator, "alert_acknowledged", alert, now)
    return meeting.id


def became(
    session: Session, ring: KeyRing, alert: UUID, outcome: Became, coordinator: UUID, now: datetime
) -> UUID:
    """What it was in the end; it may be changed. Returns the meeting. Raises NotYours, also for
    an alert that nobody has acknowledged yet."""
    row, _, meeting = _told(session, ring, alert, coordinator)
    if row.acknowledged_at is None:
        raise NotYours
    if row.outcome != outcome:
        row.outcome = outcome
        _note(session, coordinator, f"alert_{outcome}", alert, now)
    return meeting.id


@dataclass(frozen=True)
class Figure:
    """One month and one kind of danger. Counts, and never who."""

    month: str
    category: str
    needed_action: int
    false_alarms: int
    undecided: int


def figures(session: Session) -> tuple[Figure, ...]:
    """All alerts that are still held, by month and category."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in session.scalars(select(Alert)):
        for category in row.categories.split(",") if row.categories else [row.category]:
            counts[f"{row.raised_at:%Y-%m}", category, row.outcome or "undecided"] += 1
    kinds = sorted({(month, category) for month, category, _ in counts})
    return tuple(
        Figure(
            *kind,
            counts[*kind, "needed_action"],
            counts[*kind, "false_alarm"],
            counts[*kind, "undecided"],
        )
        for kind in kinds
    )


def _told(
    session: Session, ring: KeyRing, alert: UUID, coordinator: UUID
) -> tuple[Alert, Participant, Meeting]:
    """The meeting's own coordinator, and whoever is on the service's rota with this address."""
    found = session.execute(
        select(Alert, Participant, Meeting)
        .join(Participant, Participant.id == Alert.participant_id)
        .join(Meeting, Meeting.id == Participant.meeting_id)
        .where(Alert.id == alert)
        .with_for_update(of=Alert)
    ).one_or_none()
    if found is None:
        raise NotYours
    row, person, meeting = found
    if meeting.coordinator_id != coordinator and not _on_the_rota(session, ring, coordinator):
        raise NotYours
    return row, person, meeting


def _on_the_rota(session: Session, ring: KeyRing, coordinator: UUID) -> bool:
    service, row = read_service(session, ring), session.get(Coordinator, coordinator)
    if service is None or row is None:
        return False
    contacts = (*service.told_at_once, *service.in_turn)
    return any(row.email_mark in ring.marks(contact.email) for contact in contacts)


def _note(session: Session, coordinator: UUID, action: str, alert: UUID, now: datetime) -> None:
    session.add(
        AuditEntry(at=now, actor=f"coordinator:{coordinator}", action=action, subject_id=alert)
    )
