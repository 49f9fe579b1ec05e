"""What someone needs for the day, as far as they tapped it: for tables without quotes."""

from collections.abc import Iterator

from bot.summaries.entries import Reader, heading_of, labels_of
from flows.machine import FlowMachine
from flows.review import CoordinatorCopy
from flows.schema import Ask, Choice, Choices, Section, YesNo

_ABOUT_THE_DAY = (Section.TAKING_PART, Section.PRACTICAL)


def needs_in(machine: FlowMachine, copy: CoordinatorCopy, reader: Reader) -> Iterator[str]:
    """One line for each question about the day that was answered with buttons. Of a locked
    answer, nothing."""
    for item in copy.items:
        step = machine.steps.get(item.step)
        if not isinstance(step, Ask) or item.locked or step.section not in _ABOUT_THE_DAY:
            continue
        if isinstance(step.answer, Choice | Choices | YesNo) and item.answer.chosen:
            tapped = labels_of(machine, step.id, item.answer.chosen, reader)
            yield f"{heading_of(machine, step.id, reader)}: {', '.join(tapped)}"
