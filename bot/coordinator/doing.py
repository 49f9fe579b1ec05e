"""What a coordinator does with tasks. Twice is once, and the audit log says who."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.models import AuditEntry, Meeting, Participant, Task
from bot.summaries.compile import NotYours


def finish_task(
    session: Session, participant_id: UUID, step: str, coordinator_id: UUID, now: datetime
) -> UUID:
    """Ticks a task off. Returns the meeting. Raises NotYours."""
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
    task, meeting = found
    if task.done_at is None:
        task.done_at = now
        _note(session, coordinator_id, "task_done", task.id, now)
    return UUID(str(meeting))


def _note(session: Session, coordinator: UUID, action: str, subject: UUID, now: datetime) -> None:
    session.add(
        AuditEntry(at=now, actor=f"coordinator:{coordinator}", action=action, subject_id=subject)
    )
