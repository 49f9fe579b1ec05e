"""A flow as the checks look at it: its steps with their places, and how a finding is made."""

from collections.abc import Iterable
from difflib import get_close_matches

from flows.checks.finding import Finding
from flows.checks.places import Document, Loc
from flows.machine import REVIEW
from flows.schema import Ask, Flow, Next, Say


class View:
    """One flow that the schema accepts, mistakes and all."""

    def __init__(self, flow: Flow, document: Document) -> None:
        self.flow = flow
        self.document = document
        self.steps: dict[str, Say | Ask] = {step.id: step for step in reversed(flow.steps)}
        self.order = {step.id: number for number, step in enumerate(flow.steps)}
        self.places: list[tuple[Loc, Say | Ask]] = [
            *((("opening", number), step) for number, step in enumerate(flow.opening)),
            *((("questions", number), step) for number, step in enumerate(flow.questions)),
        ]

    def next(self, step: Say | Ask) -> tuple[Next, ...]:
        """Where a step leads, its silent default included."""
        if step.next:
            return step.next
        after = self.flow.steps[self.order[step.id] + 1 :]
        return (Next(go=next((below.id for below in after if not below.detour), REVIEW)),)

    def find(self, loc: Loc, code: str, problem: str, mend: str) -> Finding:
        return Finding(self.document.path, self.document.line(loc), code, problem, mend)


def nearest(word: str, known: Iterable[str]) -> str:
    """What to write instead."""
    known = sorted(known)
    close = get_close_matches(word, known, n=1)
    if close:
        return f"Did you mean `{close[0]}`?"
    if not known:
        return "Take it out."
    return f"Use one of these: {', '.join(known)}."
