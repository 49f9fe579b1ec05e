"""What a coordinator does with alerts and tasks. Twice is once, and the audit log says who."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.models import Alert, AuditEntry, Meeting, Participant, Task
from bot.summaries.compile import NotYours


def acknowledge_alert(
    session: Session, alert_id: UUID, coordinator_id: UUID, now: datetime
) -> UUID:
    """Notes that someone is acting on it. Returns the meeting. Raises NotYours."""
    found = session.execute(
        select(Alert, Meeting.id)
        .join(Participant, Participant.id == Alert.participant_id)
        .join(Meeting, Meeting.id == Participant.meeting_id)
        .where(Alert.id == alert_id, Meeting.coordinator_id == coordinator_id)
        .with_for_update(of=Alert)
    ).one_or_none()
    if found is None:
        raise NotYours
    alert, meeting = found
    if alert.acknowledged_at is None:
        alert.acknowledged_at = now
        _note(session, coordinator_id, "alert_acknowledged", alert_id, now)
    return UUID(str(meeting))


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
