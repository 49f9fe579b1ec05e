"""What is new to a coordinator who has read an earlier version: which answers, never what they
were before."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.models import Summary
from bot.store.sealing import Seal
from flows.answers import Answer
from flows.review import CoordinatorCopy


class Mark(StrEnum):
    """What became of an answer since it was last read."""

    NEW = "new"
    CHANGED = "changed"
    SHARING = "sharing"
    """The words are the same; who may hear or say them is not."""


@dataclass(frozen=True)
class Changes:
    """Between the newest version and the last one before it that was read."""

    read_at: datetime
    marks: dict[str, Mark]
    """By step."""
    gone: tuple[str, ...]
    """Steps that were read, and are answered no longer."""


def since_read(
    session: Session, seal: Seal, participant_id: UUID, version: int, copy: CoordinatorCopy
) -> Changes | None:
    """What `version`, which holds `copy`, brings; None where no earlier one was ever read.

    It stays the same after `version` itself is read: a page that is opened again, or printed,
    shows the same marks.
    """
    if version == 1:
        return None
    row = session.scalar(
        select(Summary)
        .where(
            Summary.participant_id == participant_id,
            Summary.version < version,
            Summary.first_read_at.is_not(None),
        )
        .order_by(Summary.version.desc())
        .limit(1)
    )
    if row is None or row.first_read_at is None:
        return None
    body = seal.open_text("summary", row.id, "sealed_body", row.sealed_body)
    marks, gone = between(CoordinatorCopy.model_validate_json(body), copy)
    return Changes(row.first_read_at, marks, gone)


def said_anew(earlier: CoordinatorCopy, newest: CoordinatorCopy) -> frozenset[str]:
    """The steps in which something else is said now, whoever may hear it."""
    marks, _ = between(earlier, newest)
    return frozenset(step for step, mark in marks.items() if mark is not Mark.SHARING)


def between(
    read: CoordinatorCopy, newest: CoordinatorCopy
) -> tuple[dict[str, Mark], tuple[str, ...]]:
    """The marks of what differs, and the steps that are gone."""
    before = {item.step: item.answer for item in read.items}
    now = {item.step: item.answer for item in newest.items}
    marks = {
        step: mark for step, answer in now.items() if (mark := _mark(before.get(step), answer))
    }
    return marks, tuple(step for step in before if step not in now)


def _mark(before: Answer | None, now: Answer) -> Mark | None:
    if before is None:
        return Mark.NEW
    if (before.how, before.chosen, before.parts) != (now.how, now.chosen, now.parts):
        return Mark.CHANGED
    heard = ("hears", "says", "not_to")
    if any(getattr(before.sharing, one) != getattr(now.sharing, one) for one in heard):
        return Mark.SHARING
    return None
