"""Whether whoever looks has themselves read what was sent. The store keeps who opened each version
first, and the person hears of that one; another who coordinates later has not read it by that."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.models import AuditEntry, Summary


def own_readings(
    session: Session, rows: Iterable[Summary], coordinator: UUID
) -> Mapping[UUID, datetime]:
    """When this coordinator first read each version, by the row's id; without those that they have
    not. One query at most, and none where nobody else read one of them before.

    Args:
        rows: with those of one person, all that came after it.
    """
    rows = sorted(rows, key=lambda row: row.version)
    found, others = {}, []
    for row in rows:
        if row.first_read_at is not None and row.first_read_by == coordinator:
            found[row.id] = row.first_read_at
        elif row.first_read_at is not None:
            others.append(row)
    if not others:
        return found
    looked: defaultdict[UUID | None, list[datetime]] = defaultdict(list)
    for whose, at in session.execute(
        select(AuditEntry.subject_id, AuditEntry.at)
        .where(
            AuditEntry.at >= min(row.sent_at for row in others),
            AuditEntry.actor == f"coordinator:{coordinator}",
            AuditEntry.action == "summary_read",
            AuditEntry.subject_id.in_({row.participant_id for row in others}),
        )
        .order_by(AuditEntry.at)
    ):
        looked[whose].append(at)
    for row in others:
        after = (one.sent_at for one in rows if _follows(one, row))
        until = min(after, default=None)
        for at in looked[row.participant_id]:
            if at >= row.sent_at and (until is None or at < until):
                found[row.id] = at
                break
    return found


def _follows(one: Summary, row: Summary) -> bool:
    return one.participant_id == row.participant_id and one.version > row.version
