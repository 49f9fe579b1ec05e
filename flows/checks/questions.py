"""What a question needs, and whether what it names is there: options, conditions, ids."""

from collections.abc import Iterator

from flows.answers import How
from flows.checks.finding import Finding
from flows.checks.places import Loc
from flows.checks.view import View, nearest
from flows.review import SAID
from flows.schema import (
    Ask,
    Choice,
    Choices,
    Faces,
    Language,
    People,
    Scale,
    SharingRule,
    When,
    Words,
    YesNo,
)

RESERVED_OPTIONS = frozenset(
    {"skip", "skipped", "in_person", "back", "rehear", "keep", "done", "clear", "named", SAID}
)
"""`not_sure` is not here: an option of that name means what the button of that name does."""

RESERVED_STEPS = RESERVED_OPTIONS | {
    "review", "item", "preview", "sent", "look", "add", "later", "carry_on", "not_sure", "go_on",
}  # fmt: skip
"""States and buttons of the conversation's own: in the review, a step's id is a button's."""


def check_questions(view: View) -> Iterator[Finding]:
    seen: set[str] = set()
    for loc, step in view.places:
        yield from _id(view, (*loc, "id"), "step", step.id, seen, RESERVED_STEPS)
        for number, line in enumerate(step.next):
            if line.when is not None:
                place = (*loc, "next", number, "when")
                yield from _when(view, place, line.when, view.order[step.id])
        if isinstance(step, Ask):
            if step.only is not None:
                yield from _when(view, (*loc, "only"), step.only, view.order[step.id] - 1)
            yield from _needs(view, loc, step)
            yield from _names(view, loc, step)


def options(step: Ask) -> frozenset[str]:
    """The ids that an answer to this question may have, its exits aside. Not for languages."""
    match step.answer:
        case Choice(options=offered) | Choices(options=offered):
            return frozenset(option.id for option in offered)
        case YesNo():
            return frozenset({"yes", "no"})
        case Scale():
            return frozenset(map(str, range(11)))
        case Faces():
            return frozenset(map(str, range(1, 6)))
        case People(nobody=nobody):
            return frozenset({"named", *(["nobody"] if nobody else [])})
        case Words():
            return frozenset({SAID})
    return frozenset()


def _exits(step: Ask) -> frozenset[str]:
    if step.exits:
        return frozenset({How.SKIPPED, How.NOT_SURE, How.IN_PERSON})
    return frozenset({How.SKIPPED}) if isinstance(step.answer, Choices | People) else frozenset()


def _id(
    view: View, loc: Loc, what: str, name: str, seen: set[str], reserved: frozenset[str]
) -> Iterator[Finding]:
    """An id stands once, and is not one of the conversation's own."""
    mend = f"Give the {what} another id."
    if name in seen:
        yield view.find(loc, f"{what}_twice", f"There are two {what}s `{name}`.", mend)
    if name in reserved:
        problem = f"`{name}` is a name of the conversation's own."
        yield view.find(loc, f"{what}_reserved", problem, mend)
    seen.add(name)


def _when(view: View, loc: Loc, when: When, latest: int) -> Iterator[Finding]:
    """A condition. It may ask about the steps up to the number `latest`."""
    if when.answer is None:
        if when.channel is None or when.one_of:
            yield view.find(
                loc,
                "broken_when",
                "This does not say which answer it asks about.",
                "Add `answer:` with the id of a question.",
            )
        return
    step = view.steps.get(when.answer)
    if not isinstance(step, Ask):
        yield view.find(
            (*loc, "answer"),
            "broken_when",
            f"`{when.answer}` is {'not a question' if step else 'no step'}: it has no answer.",
            nearest(when.answer, [s.id for s in view.flow.steps if isinstance(s, Ask)]),
        )
        return
    if view.order[step.id] > latest:
        yield view.find(
            (*loc, "answer"),
            "forward",
            f"`{step.id}` is not answered yet at this point, so this never holds.",
            "Ask about an earlier question, or move that one up.",
        )
    if not when.one_of:
        yield view.find(
            loc,
            "broken_when",
            "This names no answer, so it never holds.",
            "Add `one_of:` with the answers that it is about.",
        )
    if not isinstance(step.answer, Language):
        known = options(step) | _exits(step)
        yield from _named(view, (*loc, "one_of"), "broken_when", when.one_of, known)


def _needs(view: View, loc: Loc, step: Ask) -> Iterator[Finding]:
    if not step.exits and loc[0] != "opening":
        yield view.find(
            (*loc, "exits"),
            "no_exits",
            f"`{step.id}` cannot be skipped, left at “not sure”, or said to a person.",
            "Take `exits: false` out. Only the opening may have it.",
        )
    if step.signal is not None and step.sharing is not SharingRule.LOCKED:
        yield view.find(
            (*loc, "signal"),
            "starred_not_locked",
            f"`{step.id}` may raise an alert, and yet the meeting could hear its answer.",
            "Add `sharing: locked`.",
        )
    needed: list[tuple[str, object, str]] = []
    if step.counted:
        needed += [
            ("evidence", step.evidence, "where it comes from"),
            ("mechanism", step.mechanism, "why it is asked"),
            ("heading", step.heading, "what its answer is called"),
        ]
    if step.counted or step.heading:
        needed.append(("section", step.section, "where on the coordinator's page its answer is"))
    for field, value, what in needed:
        if not value:
            yield view.find(
                (*loc, "id"),
                f"no_{field}",
                f"`{step.id}` does not say {what}.",
                f"Add `{field}:`"
                + (", or `counted: false` if it is about this chat." if step.counted else "."),
            )


def _names(view: View, loc: Loc, step: Ask) -> Iterator[Finding]:
    offered: set[str] = set()
    if isinstance(step.answer, Choice | Choices):
        for number, option in enumerate(step.answer.options):
            place = (*loc, "answer", "options", number, "id")
            yield from _id(view, place, "option", option.id, offered, RESERVED_OPTIONS)
    # A skipped question raises nothing, and where several may be ticked nothing rests or helps.
    raising = options(step) | _exits(step) - {How.SKIPPED}
    if step.task is not None:
        yield from _named(view, (*loc, "task"), "broken_task", step.task.one_of, raising)
    if step.signal is not None:
        yield from _named(view, (*loc, "signal"), "broken_signal", step.signal.one_of, raising)
    taps = options(step) - {"named", SAID}
    if isinstance(step.answer, Choices):
        taps = frozenset()
    for field, named in (("pause", step.pause), ("help", step.help)):
        yield from _named(view, (*loc, field), f"broken_{field}", named, taps)


def _named(
    view: View, loc: Loc, code: str, named: tuple[str, ...], known: frozenset[str]
) -> Iterator[Finding]:
    for option in named:
        if option not in known:
            problem = f"`{option}` cannot be the answer there."
            if option == How.SKIPPED:
                problem = "Skipping a question raises nothing."
            yield view.find(loc, code, problem, nearest(option, known))
