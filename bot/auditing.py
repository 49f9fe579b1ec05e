"""Reading the audit log: who did what to which row, and when. There are no words in it to read."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.store.models import AuditEntry, Coordinator
from bot.store.sealing import KeyRing

A_PAGE = 50
MOST_IN_A_FILE = 100_000
BYTE_ORDER_MARK = "\ufeff"
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run by a spreadsheet (OWASP, CSV injection)."""


@dataclass(frozen=True)
class Asked:
    """What of the log is wanted; everything where nothing is said."""

    since: datetime | None = None
    until: datetime | None = None
    """Not included."""
    action: str = ""
    who: UUID | None = None
    """A coordinator or administrator, as the one who did it."""


@dataclass(frozen=True)
class Entry:
    at: datetime
    name: str
    """Of whoever did it, if they ever worked at the desk."""
    kind: str
    """What they are: `coordinator`, `service`, `operator`, `participant`, `unknown`."""
    action: str
    subject: UUID | None


def read(
    session: Session, ring: KeyRing, asked: Asked, *, page: int = 1
) -> tuple[tuple[Entry, ...], bool]:
    """One page of the log, the newest first, and whether there is another."""
    rows = session.scalars(_chosen(asked).offset((page - 1) * A_PAGE).limit(A_PAGE + 1)).all()
    return tuple(_entries(session, ring, rows[:A_PAGE])), len(rows) > A_PAGE


def actions(session: Session) -> tuple[str, ...]:
    """What has ever been done, for choosing from."""
    return tuple(sorted(session.scalars(select(AuditEntry.action).distinct())))


def who_ever_did(session: Session, ring: KeyRing) -> tuple[tuple[str, str], ...]:
    """Id and name of all who ever worked at the desk, by name. A participant is never named."""
    return tuple(sorted(_names(session, ring).items(), key=lambda one: one[1].casefold()))


def as_csv(session: Session, ring: KeyRing, asked: Asked) -> str:
    """All that was asked for, at most MOST_IN_A_FILE lines, as a spreadsheet opens it: without the
    mark at its beginning, Excel does not take it for UTF-8."""
    file = io.StringIO()
    file.write(BYTE_ORDER_MARK)
    lines = csv.writer(file)
    lines.writerow(("at", "actor", "action", "subject"))
    rows = session.scalars(_chosen(asked).limit(MOST_IN_A_FILE)).all()
    for entry in _entries(session, ring, rows):
        cells = (
            entry.at.isoformat(),
            entry.name or entry.kind,
            entry.action,
            str(entry.subject or ""),
        )
        lines.writerow([_harmless(cell) for cell in cells])
    return file.getvalue()


def _chosen(asked: Asked) -> Select[AuditEntry]:
    chosen = select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id)
    if asked.since is not None:
        chosen = chosen.where(AuditEntry.at >= asked.since)
    if asked.until is not None:
        chosen = chosen.where(AuditEntry.at < asked.until)
    if asked.action:
        chosen = chosen.where(AuditEntry.action == asked.action)
    if asked.who is not None:
        chosen = chosen.where(AuditEntry.actor == f"coordinator:{asked.who}")
    return chosen


def _entries(session: Session, ring: KeyRing, rows: Sequence[AuditEntry]) -> Iterable[Entry]:
    names = _names(session, ring)
    for row in rows:
        kind, _, number = row.actor.partition(":")
        yield Entry(row.at, names.get(number, ""), kind, row.action, row.subject_id)


def _names(session: Session, ring: KeyRing) -> dict[str, str]:
    """By the ids of all who ever worked at the desk and were not erased."""
    rows = session.scalars(select(Coordinator)).all()
    ring.read_along(row.id for row in rows)
    found = {}
    for row in rows:
        seal = ring.find(row.id)
        if seal is not None:
            name = seal.open_text("coordinator", row.id, "sealed_name", row.sealed_name)
            found[str(row.id)] = name
    return found


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell
