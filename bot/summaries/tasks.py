"""What answers ask of the coordinator, and what has become of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.models import DATA_TASK, Task
from bot.store.sealing import Seal
from bot.summaries.entries import Reader, heading_of, labels_of
from flows.machine import FlowMachine
from flows.review import IN_PERSON_TASK, CoordinatorCopy, tasks_in
from flows.schema import Ask, Audience, Choices


@dataclass(frozen=True)
class ToDo:
    """Something for the coordinator to do. The sentence is the flow's own, and so is whatever it
    names: none of the person's words."""

    step: str
    sentence: str
    done_at: datetime | None
    owner: str = ""
    """Who sees to it, where that is not the coordinator."""


@dataclass(frozen=True)
class SoFar:
    """What has become of a task."""

    done_at: datetime | None = None
    owner: str = ""

    @classmethod
    def of(cls, seal: Seal, row: Task) -> "SoFar":
        if row.sealed_owner is None:
            return cls(row.done_at, "")
        return cls(row.done_at, seal.open_text("task", row.id, "sealed_owner", row.sealed_owner))


def to_do(
    session: Session,
    seal: Seal,
    machine: FlowMachine,
    copy: CoordinatorCopy,
    participant: UUID,
    reader: Reader,
) -> tuple[ToDo, ...]:
    """What the answers that were sent ask of the coordinator. Never what a draft would ask."""
    rows = session.scalars(select(Task).where(Task.participant_id == participant))
    return asked_in(machine, copy, {row.step: SoFar.of(seal, row) for row in rows}, reader)


def asked_in(
    machine: FlowMachine, copy: CoordinatorCopy, tasks: Mapping[str, SoFar], reader: Reader
) -> tuple[ToDo, ...]:
    """What one copy asks for; `tasks`: what has become of each step's."""
    found: dict[str, ToDo] = {}
    for asked, steps in tasks_in(machine, copy).items():
        sentence = _sentence(machine, copy, asked, steps, reader)
        so_far = tasks.get(asked, SoFar())
        found.setdefault(sentence, ToDo(asked, sentence, so_far.done_at, so_far.owner))
    return tuple(found.values())


def _sentence(
    machine: FlowMachine,
    copy: CoordinatorCopy,
    asked: str,
    steps: tuple[str, ...],
    reader: Reader,
) -> str:
    """What is to be done; and which of it, where it may be several things."""
    if asked == IN_PERSON_TASK:
        says = reader.wording.say("task_in_person", Audience.ADULT, reader.language)
        return _naming(says, [heading_of(machine, step, reader) for step in steps])
    step = machine.steps[asked]
    assert isinstance(step, Ask)  # noqa: S101 - nothing else has a task
    assert step.task is not None  # noqa: S101
    says = reader.say(step.task.say, machine)
    if not isinstance(step.answer, Choices):
        return says
    chosen = next(item.answer.chosen for item in copy.items if item.step == asked)
    ticked = tuple(one for one in chosen if one in step.task.one_of)
    return _naming(says, labels_of(machine, asked, ticked, reader))


def _naming(says: str, what: Iterable[str]) -> str:
    return f"{says}: {' · '.join(what)}"


def data_asked_for(tasks: Mapping[str, SoFar], reader: Reader) -> tuple[ToDo, ...]:
    """Someone who asked for all that is held about them, whether they have sent anything or not."""
    if DATA_TASK not in tasks:
        return ()
    sentence = reader.wording.say("task_data", Audience.ADULT, reader.language)
    return (ToDo(DATA_TASK, sentence, tasks[DATA_TASK].done_at, tasks[DATA_TASK].owner),)
