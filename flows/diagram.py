"""A flow as a picture: a Mermaid state diagram of its steps.

Drawn from `FlowMachine.next_steps`, not from the machine's own table by transitions' GraphMachine:
the table has each arrow up to eight times (answered, left, and once for every question about
sharing), so collapsing it would mean guessing the author's lines back. Here one line of the flow
file is one arrow. A test holds the picture against the table.
"""

from collections.abc import Iterator

from flows.machine import EXTRA, PREVIEW, REVIEW, SENT, FlowMachine
from flows.schema import Ask, Next, Say, When

_MERMAID_WORDS = frozenset(
    {"as", "class", "classdef", "click", "default", "direction", "end", "hide", "href"}
    | {"note", "scale", "state", "style"}
)
"""What its lexer takes for something else than a state (mermaid's stateDiagram.jison)."""

_AFTER = (
    (REVIEW, PREVIEW, "see what will be sent"),
    (REVIEW, EXTRA, "add something"),
    (PREVIEW, REVIEW, "change something"),
    (PREVIEW, SENT, "send"),
    (SENT, REVIEW, "change or add"),
)


def diagram(machine: FlowMachine) -> str:
    """The flow as Mermaid's stateDiagram-v2, steps only: who hears an answer is left out."""
    lines = ["stateDiagram-v2", f"    [*] --> {_id(machine.first)}"]
    for step in machine.flow.steps:
        lines.append(f"    {_id(step.id)} : {_label(machine, step)}")
    for source, destination, label in arrows(machine):
        lines.append(f"    {_id(source)} --> {_id(destination)}" + (f" : {label}" if label else ""))
    starred = [_id(s.id) for s in machine.flow.steps if isinstance(s, Ask) and s.signal is not None]
    told = [_id(step.id) for step in machine.flow.steps if isinstance(step, Say)]
    for steps, name, style in (
        (told, "told", "stroke-dasharray: 4"),
        (starred, "starred", "stroke-width: 3px"),
    ):
        if steps:
            lines += [f"    classDef {name} {style}", f"    class {','.join(steps)} {name}"]
    return "\n".join(lines) + "\n"


def arrows(machine: FlowMachine) -> Iterator[tuple[str, str, str]]:
    """From, to, and when: one for each line of the flow file, in its order."""
    for step in machine.flow.steps:
        for following in machine.next_steps(step):
            yield from _passing(machine, step.id, following, ())
    yield from _AFTER


def page(machine: FlowMachine) -> str:
    """A documentation page with the picture."""
    flow = machine.flow
    return (
        f"# {flow.title}\n\n"
        f"The flow `{flow.id}`, version {flow.version}, drawn by `beforehand flows diagram`. "
        "Dashed: something said. Thick: an answer here may raise an alert. Every question can also "
        "be skipped, left at “not sure” or kept for a person, and that leads the same way.\n\n"
        f"```mermaid\n{diagram(machine)}```\n"
    )


def _passing(
    machine: FlowMachine, source: str, following: Next, passed: tuple[str, ...]
) -> Iterator[tuple[str, str, str]]:
    """The arrow to a step; where it may be passed over, the arrows to what comes after it too."""
    when = (*passed, *([_words(following.when)] if following.when else []))
    target = machine.steps.get(following.go)
    if not isinstance(target, Ask) or target.only is None:
        yield source, following.go, " and ".join(when)
        return
    yield source, following.go, " and ".join((*when, _words(target.only)))
    for after in machine.next_steps(target):
        yield from _passing(machine, source, after, (*when, f"not {_words(target.only)}"))


def _words(when: When) -> str:
    parts = []
    if when.answer and when.one_of:
        first, last = when.one_of[0], when.one_of[-1]
        numbers = tuple(map(str, range(int(first), int(last) + 1))) if _digits(first, last) else ()
        run = len(numbers) > 2 and when.one_of == numbers
        said = f"{first} to {last}" if run else " or ".join(when.one_of)
        parts.append(f"{when.answer} is {said}")
    if when.channel:
        parts.append(f"on {when.channel}")
    return " and ".join(parts)


def _digits(*options: str) -> bool:
    return all(option.isdecimal() for option in options)


def _label(machine: FlowMachine, step: Say | Ask) -> str:
    if isinstance(step, Say):
        return step.id.replace("_", " ")
    number = machine.counted.get(step.id)
    words = step.heading or step.id.replace("_", " ")
    # Mermaid takes these as its own.
    clean = words.replace(":", " -").replace(";", ",").replace("#", "").replace('"', "”")
    return f"{number}. {clean}" if number else clean


def _id(step: str) -> str:
    return f"{step}_" if step in _MERMAID_WORDS else step
