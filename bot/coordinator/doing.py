"""What a coordinator does with tasks: who sees to them, and that they are done. Twice is once, and
the audit log says who."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.models import AuditEntry, Meeting, Participant, Task
from bot.store.sealing import KeyRing
from bot.summaries.compile import NotYours

LONGEST_OWNER: Final = 80
"""Letters of a name."""


def finish_task(
    session: Session, participant_id: UUID, step: str, coordinator_id: UUID, now: datetime
) -> UUID:
    """Ticks a task off. Returns the meeting. Raises NotYours."""
    task, meeting = _own(session, participant_id, step, coordinator_id)
    if task.done_at is None:
        task.done_at = now
        _note(session, coordinator_id, "task_done", task.id, now)
    return meeting


def give_task(
    session: Session,
    ring: KeyRing,
    participant_id: UUID,
    step: str,
    coordinator_id: UUID,
    owner: str,
    now: datetime,
) -> UUID:
    """Says who sees to it; nobody else but the coordinator where `owner` is empty. Returns the
    meeting. Raises NotYours."""
    task, meeting = _own(session, participant_id, step, coordinator_id)
    seal = ring.of(participant_id)
    task.sealed_owner = seal.close("task", task.id, "sealed_owner", owner) if owner else None
    _note(session, coordinator_id, "task_given", task.id, now)
    return meeting


def meeting_of(session: Session, participant_id: UUID, step: str, coordinator_id: UUID) -> UUID:
    """Where a task of one's own stands. Raises NotYours."""
    return _own(session, participant_id, step, coordinator_id)[1]


def _own(
    session: Session, participant_id: UUID, step: str, coordinator_id: UUID
) -> tuple[Task, UUID]:
    found = session.execute(
        select(Task, Meeting.id)
        .join(Participant, Participant.id == Task.participant_id)
        .join(Meeting, Meeting.id == Participant.meeting_id)
        .where(
            Task.participant_id == participant_id,
            Task.step == step,
            Meeting.coordinator_id == coordinator_id,
        )
        .with_for_update(of=Task)
    ).one_or_none()
    if found is None:
        raise NotYours
    return found[0], found[1]


def _note(session: Session, coordinator: UUID, action: str, subject: UUID, now: datetime) -> None:
    session.add(
        AuditEntry(at=now, actor=f"coordinator:{coordinator}", action=action, subject_id=subject)
    )
