"""Pictures, recordings and files: for the coordinator only once they are in what was sent."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.models import Attachment, AuditEntry, Meeting, Participant
from bot.store.sealing import KeyGone, KeyRing
from bot.summaries.compile import NotYours, newest_copy


@dataclass(frozen=True)
class Opened:
    media_type: str
    content: bytes


def sent_attachment(
    session: Session, ring: KeyRing, attachment_id: UUID, *, coordinator_id: UUID, now: datetime
) -> Opened:
    """What somebody sent, opened; the audit log says so.

    Raises:
        NotYours: not there, another coordinator's, not sent, or taken back.
    """
    row = session.scalar(
        select(Attachment)
        .join(Participant, Participant.id == Attachment.participant_id)
        .join(Meeting, Meeting.id == Participant.meeting_id)
        .where(Attachment.id == attachment_id, Meeting.coordinator_id == coordinator_id)
    )
    if row is None:
        raise NotYours
    try:
        seal = ring.of(row.participant_id)
    except KeyGone:
        raise NotYours from None
    newest = newest_copy(session, seal, row.participant_id)
    sent = {
        part.attachment
        for item in (newest.copy.items if newest is not None else ())
        for part in item.answer.parts
    }
    if not sent & {str(row.id), row.id.hex}:
        raise NotYours
    content = seal.open("attachment", row.id, "sealed_content", row.sealed_content)
    session.add(
        AuditEntry(
            at=now,
            actor=f"coordinator:{coordinator_id}",
            action="attachment_read",
            subject_id=row.id,
        )
    )
    return Opened(row.media_type, content)
