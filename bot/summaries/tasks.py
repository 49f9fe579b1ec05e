"""What answers ask of the coordinator, and what has become of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.store.models import DATA_TASK, Task
from bot.store.sealing import Seal
from bot.summaries.entries import Reader
from flows.machine import FlowMachine
from flows.review import CoordinatorCopy, tasks_in
from flows.schema import Ask, Audience


@dataclass(frozen=True)
class ToDo:
    """Something for the coordinator to do. The sentence is the flow's own."""

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
    for asked in tasks_in(machine, copy):
        step = machine.steps[asked]
        if isinstance(step, Ask) and step.task is not None:
            sentence = reader.say(step.task.say, machine)
            so_far = tasks.get(asked, SoFar())
            found.setdefault(sentence, ToDo(asked, sentence, so_far.done_at, so_far.owner))
    return tuple(found.values())


def data_asked_for(tasks: Mapping[str, SoFar], reader: Reader) -> tuple[ToDo, ...]:
    """Someone who asked for all that is held about them, whether they have sent anything or not."""
    if DATA_TASK not in tasks:
        return ()
    sentence = reader.wording.say("task_data", Audience.ADULT, reader.language)
    return (ToDo(DATA_TASK, sentence, tasks[DATA_TASK].done_at, tasks[DATA_TASK].owner),)
