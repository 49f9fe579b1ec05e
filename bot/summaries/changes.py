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
from bot.summaries.reading import own_readings
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
    session: Session, seal: Seal, newest: Summary, copy: CoordinatorCopy, coordinator: UUID
) -> Changes | None:
    """What `newest`, which holds `copy`, brings; None where they have read no earlier one.

    It stays the same after `newest` itself is read: a page that is opened again, or printed, shows
    the same marks.
    """
    if newest.version == 1:
        return None
    earlier = session.scalars(
        select(Summary)
        .where(Summary.participant_id == newest.participant_id, Summary.version < newest.version)
        .order_by(Summary.version.desc())
    ).all()
    read = own_readings(session, (newest, *earlier), coordinator)
    row = next((one for one in earlier if one.id in read), None)
    if row is None:
        return None
    body = seal.open_text("summary", row.id, "sealed_body", row.sealed_body)
    marks, gone = between(CoordinatorCopy.model_validate_json(body), copy)
    return Changes(read[row.id], marks, gone)


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
