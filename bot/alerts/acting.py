"""What people do about an alert: acknowledge it, and say later whether there was cause for it."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot.store.models import Alert, AuditEntry, Coordinator, Meeting, Participant
from bot.summaries.compile import NotYours

Outcome = Literal["acted", "false_alarm"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("acted", "false_alarm")


def acknowledge(session: Session, alert_id: UUID, coordinator_id: UUID, now: datetime) -> UUID:
    """Notes that someone is acting on it. Twice is once. Returns the meeting. Raises NotYours."""
    alert, meeting = _own(session, alert_id, Meeting.coordinator_id == coordinator_id)
    if alert.acknowledged_at is None:
        alert.acknowledged_at, alert.acknowledged_by = now, coordinator_id
        _note(session, coordinator_id, "alert_acknowledged", alert_id, now)
    return meeting


def acknowledge_in_chat(
    session: Session, alert_id: UUID, chat: int, now: datetime
) -> tuple[UUID, UUID, str] | None:
    """The same, tapped in a coordinator's own chat: the meeting, the coordinator and their
    language. None where the alert is not theirs, or the chat is nobody's."""
    row = session.execute(
        select(Coordinator.id, Coordinator.language).where(Coordinator.telegram_chat == chat)
    ).one_or_none()
    if row is None:
        return None
    try:
        meeting = acknowledge(session, alert_id, row.id, now)
    except NotYours:
        return None
    return meeting, row.id, row.language


def judge(
    session: Session, alert_id: UUID, coordinator_id: UUID, outcome: Outcome, now: datetime
) -> UUID:
    """Says whether there was cause for it. Returns the meeting. Raises NotYours."""
    alert, meeting = _own(session, alert_id, Meeting.coordinator_id == coordinator_id)
    if alert.acknowledged_at is None:
        alert.acknowledged_at, alert.acknowledged_by = now, coordinator_id
    if alert.outcome != outcome:
        alert.outcome = outcome
        _note(session, coordinator_id, f"alert_{outcome}", alert_id, now)
    return meeting


def figures(session: Session) -> list[tuple[str, str, str, int]]:
    """How many alerts there were: month, category, outcome, count. No names and no words."""
    counted: dict[tuple[str, str, str], int] = {}
    rows = session.execute(select(Alert.raised_at, Alert.category, Alert.outcome))
    for raised_at, category, outcome in rows:
        key = (f"{raised_at:%Y-%m}", category, outcome or "not said")
        counted[key] = counted.get(key, 0) + 1
    return [(*key, count) for key, count in sorted(counted.items())]


def _own(session: Session, alert_id: UUID, whose: ColumnElement[bool]) -> tuple[Alert, UUID]:
    found = session.execute(
        select(Alert, Meeting.id)
        .join(Participant, Participant.id == Alert.participant_id)
        .join(Meeting, Meeting.id == Participant.meeting_id)
        .where(Alert.id == alert_id, whose)
        .with_for_update(of=Alert)
    ).one_or_none()
    if found is None:
        raise NotYours
    return found[0], UUID(str(found[1]))


def _note(session: Session, coordinator: UUID, action: str, subject: UUID, now: datetime) -> None:
    session.add(
        AuditEntry(at=now, actor=f"coordinator:{coordinator}", action=action, subject_id=subject)
    )
