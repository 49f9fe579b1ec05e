"""Attachments: sealed when they come, opened for their owner."""

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bot.store.models import Attachment
from bot.store.sealing import Seal


def keep_attachment(
    session: Session, seal: Seal, media_type: str, content: bytes, key: str, now: datetime
) -> UUID:
    """Seals an attachment and gives its id.

    Args:
        key: of what brought it. When the same comes again, the first is kept and no other.
    """
    row = uuid5(seal.owner, key)
    if session.scalar(select(Attachment.id).where(Attachment.id == row)) is None:
        session.execute(
            insert(Attachment).values(
                id=row,
                participant_id=seal.owner,
                media_type=media_type,
                sealed_content=seal.close("attachment", row, "sealed_content", content),
                created_at=now,
            )
        )
    return row
