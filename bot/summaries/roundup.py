"""Who has prepared, who has started, who was never reached. Times and counts, never a quote."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from bot.store.models import DataKey, Meeting
from bot.store.sealing import KeyRing
from bot.summaries.compile import NotYours
from bot.summaries.entries import Reader
from bot.summaries.standing import Failure, Standing, held_of, standing
from flows.library import Library


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
    def cannot_be_reached(self) -> int:
        return sum(person.cannot_be_reached for person in self.people)

    @property
    def open_alerts(self) -> int:
        return sum(person.open_alerts for person in self.people)

    @property
    def open_tasks(self) -> int:
        return sum(person.open_tasks for person in self.people)

    @property
    def failed(self) -> int:
        theirs = (one for person in self.people for one in person.failures)
        return sum(one.count for one in (*self.failures, *theirs))


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
    found = _read(session, ring, library, coordinator_id, language, [meeting_id])
    if not found:
        raise NotYours
    return found[0]


def own_meetings(
    session: Session,
    ring: KeyRing,
    library: Library,
    *,
    coordinator_id: UUID,
    language: str,
    only: Collection[UUID],
) -> tuple[Roundup, ...]:
    """Those `only` that are the coordinator's, the earliest first."""
    return _read(session, ring, library, coordinator_id, language, only)


def _read(
    session: Session,
    ring: KeyRing,
    library: Library,
    coordinator: UUID,
    language: str,
    only: Collection[UUID],
) -> tuple[Roundup, ...]:
    """As many queries for thirty as for one."""
    mine: ColumnElement[bool] = and_(Meeting.coordinator_id == coordinator, Meeting.id.in_(only))
    rows = session.execute(
        select(Meeting, DataKey.kid, DataKey.wrapped)
        .join(DataKey, DataKey.owner_id == Meeting.id)
        .where(mine)
        .order_by(Meeting.starts_at, Meeting.id)
    ).all()
    if not rows:
        return ()
    seals = {row.id: ring.take(row.id, kid, wrapped) for row, kid, wrapped in rows}
    held = held_of(session, ring, mine, coordinator)
    reader = Reader(library.wording, language)
    return tuple(
        Roundup(
            meeting_id=row.id,
            title=seals[row.id].open_text("meeting", row.id, "sealed_title", row.sealed_title),
            kind=row.kind,
            place=seals[row.id].open_text("meeting", row.id, "sealed_place", row.sealed_place),
            starts_at=row.starts_at,
            timezone=row.timezone,
            cancelled_at=row.cancelled_at,
            people=tuple(
                standing(ring, library, person, held, reader) for person in held.people[row.id]
            ),
            failures=tuple(held.failures[None, row.id]),
        )
        for row, _, _ in rows
    )
