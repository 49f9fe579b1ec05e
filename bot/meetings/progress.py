"""How far everybody is with a meeting, for whoever runs the service. Opens no name and no word but
the meeting's title."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.store.models import Conversation, Delivery, Meeting, Participant
from bot.store.sealing import KeyGone, KeyRing, ServiceKey


class MeetingUnknown(LookupError):
    """There is no meeting with this id."""

    code: ClassVar[str] = "meeting_unknown"


def show_meeting(session: Session, service_key: ServiceKey, meeting_id: UUID) -> dict[str, Any]:
    """How far everybody is, for whoever runs the service. Never a word or a name of anybody's.

    Raises:
        MeetingUnknown: no such meeting.
    """
    meeting = session.get(Meeting, meeting_id)
    if meeting is None:
        raise MeetingUnknown(str(meeting_id))
    try:
        seal = KeyRing(session, service_key).of(meeting_id)
        title = seal.open_text("meeting", meeting_id, "sealed_title", meeting.sealed_title)
    except KeyGone:
        title = ""
    failures = _failures(session, meeting_id)
    return {
        "meeting": str(meeting_id),
        "title": title,
        "kind": meeting.kind,
        "starts_at": _text(meeting.starts_at),
        "timezone": meeting.timezone,
        "cancelled_at": _text(meeting.cancelled_at),
        "people": list(_progress(session, meeting, failures)),
        "deliveries_failed": [shown for owner, shown in failures if owner is None],
    }


def _progress(
    session: Session, meeting: Meeting, failures: list[tuple[UUID | None, dict[str, Any]]]
) -> Iterator[dict[str, Any]]:
    rows = session.execute(
        select(
            Participant.id,
            Participant.reference,
            Participant.opened_at,
            Participant.wiped_at,
            Conversation.started_at,
            Conversation.sent_at,
        )
        .outerjoin(Conversation, Conversation.participant_id == Participant.id)
        .where(Participant.meeting_id == meeting.id)
        .order_by(Participant.reference)
    )
    for row in rows:
        yield {
            "id": row.reference,
            "status": "wiped"
            if row.wiped_at
            else status_of(row.opened_at, row.started_at, row.sent_at),
            "invited_at": _text(meeting.created_at),
            "opened_at": _text(row.opened_at),
            "started_at": _text(row.started_at),
            "sent_at": _text(row.sent_at),
            "deliveries_failed": [shown for owner, shown in failures if owner == row.id],
        }


def status_of(
    opened_at: datetime | None, started_at: datetime | None, sent_at: datetime | None
) -> str:
    """`invited`, `opened`, `started` or `sent`."""
    if sent_at is not None:
        return "sent"
    if started_at is not None:
        return "started"
    return "invited" if opened_at is None else "opened"


def _failures(session: Session, meeting: UUID) -> list[tuple[UUID | None, dict[str, Any]]]:
    people = select(Participant.id).where(Participant.meeting_id == meeting)
    rows = session.scalars(
        select(Delivery)
        .where(
            or_(Delivery.meeting_id == meeting, Delivery.participant_id.in_(people)),
            Delivery.status.in_(("failed", "blocked")),
        )
        .order_by(Delivery.number)
    )
    return [
        (
            row.participant_id,
            {
                "kind": row.kind,
                "channel": row.channel,
                "status": row.status,
                "error": row.error,
                "due_at": _text(row.due_at),
            },
        )
        for row in rows
    ]


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
