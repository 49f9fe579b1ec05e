"""Pictures, recordings and files: for the coordinator only once they are in what was sent."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.models import Attachment, AuditEntry, Meeting, Participant
from bot.store.sealing import KeyGone, KeyRing
from bot.summaries.compile import NotYours, newest_copy
from bot.summaries.entries import Piece

_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Opened:
    media_type: str
    content: bytes


def pictures_in(
    session: Session,
    ring: KeyRing,
    pieces: Iterable[Piece],
    *,
    coordinator_id: UUID,
    now: datetime,
) -> dict[str, bytes]:
    """The pictures among the pieces of a page or copy of this coordinator's, opened; the audit log
    says so. Leaves out what is not there, and what is not theirs."""
    names = {
        UUID(piece.attachment): piece.attachment
        for piece in pieces
        if piece.kind == "picture" and _ID.fullmatch(piece.attachment)
    }
    if not names:
        return {}
    rows = session.scalars(
        select(Attachment)
        .join(Participant, Participant.id == Attachment.participant_id)
        .join(Meeting, Meeting.id == Participant.meeting_id)
        .where(Attachment.id.in_(names), Meeting.coordinator_id == coordinator_id)
    ).all()
    found = {}
    for row in rows:
        seal = ring.find(row.participant_id)
        if seal is None:
            continue
        found[names[row.id]] = seal.open("attachment", row.id, "sealed_content", row.sealed_content)
        session.add(_read_by(coordinator_id, row.id, now))
    return found


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
    session.add(_read_by(coordinator_id, row.id, now))
    return Opened(row.media_type, content)


def _read_by(coordinator: UUID, attachment: UUID, now: datetime) -> AuditEntry:
    actor = f"coordinator:{coordinator}"
    return AuditEntry(at=now, actor=actor, action="attachment_read", subject_id=attachment)
