"""What leads where in a flow: nothing out of reach, no dead end, nothing asked too early."""

from collections import defaultdict
from collections.abc import Iterator

from flows.checks.finding import Finding
from flows.checks.places import Loc
from flows.checks.view import View, nearest
from flows.machine import EXTRA, REVIEW
from flows.schema import Ask, Say, Words

OPENING = ("what_this_is", "who_reads", "what_cannot_stay", "you_may_say_no")
"""What people know before the first question (promise P1)."""


def check_graph(view: View) -> Iterator[Finding]:
    yield from _opening(view)
    yield from _anything_else(view)
    reached = _reached(view, view.flow.steps[0].id)
    for loc, step in view.places:
        yield from _lines(view, loc, step)
        if step.id not in reached and step.id != EXTRA:
            mend = "Lead to it with `next`"
            mend += ", or take it out." if step.detour else ", or let the step above run on to it."
            yield view.find(loc, "unreachable", f"Nothing leads to `{step.id}`.", mend)
        yield from _way_on(view, loc, step)


def _onto(view: View, step: Say | Ask, passed: frozenset[str] = frozenset()) -> Iterator[str]:
    """Where one may get to from a step. One with `only` may be passed over."""
    for following in view.next(step):
        yield following.go
        target = view.steps.get(following.go)
        if isinstance(target, Ask) and target.only is not None and target.id not in passed:
            yield from _onto(view, target, passed | {target.id})


def _reached(view: View, start: str, without: str = "") -> set[str]:
    reached: set[str] = set()
    todo = [start]
    while todo:
        state = todo.pop()
        if state in reached or state == without:
            continue
        reached.add(state)
        if state == REVIEW:
            todo.append(EXTRA)
        elif state in view.steps:
            todo += _onto(view, view.steps[state])
    return reached


def _lines(view: View, loc: Loc, step: Say | Ask) -> Iterator[Finding]:
    for number, following in enumerate(step.next):
        place = (*loc, "next", number)
        if following.go not in view.steps and following.go != REVIEW:
            yield view.find(
                (*place, "go"),
                "broken_go",
                f"There is no step `{following.go}`.",
                nearest(following.go, [*view.steps, REVIEW]),
            )
        if following.when is not None or number == len(step.next) - 1:
            continue
        if sum(line.when is None for line in step.next) > 1:
            yield view.find(
                place,
                "two_defaults",
                "Two lines have no `when`: this one always holds, the other never.",
                "Keep one of them, as the last line.",
            )
        else:
            yield view.find(
                place,
                "default_not_last",
                "A line without `when` always holds, so the lines below it never do.",
                "Move it to the end.",
            )


def _way_on(view: View, loc: Loc, step: Say | Ask) -> Iterator[Finding]:
    if step.next and all(line.when is not None for line in step.next):
        yield view.find(
            (*loc, "next", len(step.next) - 1),
            "dead_end",
            f"After `{step.id}` there may be no way on: each line holds only sometimes.",
            "Add a last line without `when`.",
        )
        return
    reached = _reached(view, step.id)
    in_a_ring = any(step.id in _reached(view, after) for after in _onto(view, step))
    if in_a_ring and REVIEW not in reached:
        yield view.find(
            (*loc, "next") if step.next else loc,
            "dead_end",
            f"From `{step.id}` there is no way to the end: it goes round in a ring.",
            "Let one of these steps lead out of it.",
        )


def _opening(view: View) -> Iterator[Finding]:
    untold: dict[Loc, list[str]] = defaultdict(list)
    for told in OPENING:
        if told not in {step.id for step in view.flow.opening}:
            yield view.find(
                ("opening",),
                "opening_missing",
                f"The opening has no step `{told}`.",
                "Add it: people must know this before the first question.",
            )
            continue
        reached = _reached(view, view.flow.steps[0].id, without=told)
        for loc, step in view.places:
            if step.id in reached and isinstance(step, Ask) and step.heading:
                untold[loc].append(told)
                break
    for loc, missed in untold.items():
        yield view.find(
            loc,
            "asked_too_early",
            f"A question can be reached without {', '.join(f'`{told}`' for told in missed)}.",
            "Let every way to it pass through the whole opening.",
        )


def _anything_else(view: View) -> Iterator[Finding]:
    loc, step = next(
        ((loc, step) for loc, step in view.places if step.id == EXTRA), (("questions",), None)
    )
    own_words = isinstance(step, Ask) and isinstance(step.answer, Words) and step.heading
    if step is None or not own_words or not step.detour:
        yield view.find(
            loc,
            "no_anything_else",
            f"“Add something” in the review needs a step `{EXTRA}` for own words.",
            f"Add a question `{EXTRA}` with a heading, `kind: words` and `detour: true`.",
        )
    elif set(_onto(view, step)) != {REVIEW}:
        yield view.find(
            (*loc, "next") if step.next else loc,
            "anything_else_leads",
            f"After `{EXTRA}` people must be back at their list.",
            "Make it the last step, or add `next: [{go: review}]`.",
        )
