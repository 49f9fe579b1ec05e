"""What others did about somebody: a part of all that is held about them (promise P8)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot import human_answers
from bot.store.conversations import Preparing
from bot.store.models import Alert, Attachment, AuditEntry, Task
from bot.store.sealing import Seal
from bot.summaries.tasks import SoFar


def alerts(session: Session, participant: UUID) -> list[dict[str, Any]]:
    """Calls for help, and when somebody acknowledged each."""
    rows = session.scalars(
        select(Alert).where(Alert.participant_id == participant).order_by(Alert.raised_at)
    )
    return [
        {
            "about": row.step,
            "kind": row.category,
            "raised_at": at(row.raised_at),
            "acknowledged_at": at(row.acknowledged_at),
        }
        for row in rows
    ]


def answers(session: Session, of: Preparing) -> list[dict[str, Any]]:
    """What their coordinator answered them."""
    return [
        {
            "from": one.name,
            "text": one.text,
            "written_at": at(one.written_at),
            "shown_at": at(one.shown_at),
        }
        for one in human_answers.all_of(session, of.seal, of.participant_id)
    ]


def tasks(session: Session, seal: Seal, participant: UUID) -> list[dict[str, Any]]:
    """What their answers asked of the coordinator, and who sees to it."""
    rows = session.scalars(
        select(Task).where(Task.participant_id == participant).order_by(Task.raised_at)
    )
    return [
        {
            "about": row.step,
            "raised_at": at(row.raised_at),
            "done_at": at(row.done_at),
            "seen_to_by": SoFar.of(seal, row).owner,
        }
        for row in rows
    ]


def audit(session: Session, participant: UUID) -> list[dict[str, Any]]:
    """Who did what, by what they are. The names of those who work here are not theirs."""
    about = (
        select(table.id).where(table.participant_id == participant)
        for table in (Attachment, Alert, Task)
    )
    rows = session.scalars(
        select(AuditEntry)
        .where(
            or_(
                AuditEntry.subject_id == participant,
                *(AuditEntry.subject_id.in_(ids) for ids in about),
            )
        )
        .order_by(AuditEntry.at, AuditEntry.id)
    )
    return [
        {
            "at": at(row.at),
            "who": "you" if row.actor.startswith("participant:") else row.actor.partition(":")[0],
            "what": row.action,
        }
        for row in rows
    ]


def at(moment: datetime | None) -> str | None:
    """A time as the file gives it: ISO 8601."""
    return None if moment is None else moment.isoformat()
