"""A flow as one state machine: the table of what may follow what.

Back, and jumping to an answer from the review, are not transitions: they return along the trail
that the conversation keeps. A machine holds no conversation and is shared by all of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from transitions import EventData, Machine

from flows.schema import Ask, Flow, Next, Say, SharingRule, When

REVIEW, ITEM, PREVIEW, SENT = "review", "item", "preview", "sent"
EXTRA = "anything_else"
"""The step that "Add something" in the review leads to; each flow has it, as a detour."""


class Sub(StrEnum):
    """What is asked about an answer once it is given (promise P2)."""

    HEARS = "hears"
    SAYS = "says"
    NOT_TO = "not_to"
    SAME = "same"


class Trigger(StrEnum):
    ANSWER = "answer"
    LEAVE = "leave"
    """Skipped, not sure, in person; also how an answered step is passed again."""
    GO_ON = "go_on"
    COORDINATOR = "coordinator"
    MEETING = "meeting"
    SAYS = "says"
    NOT_TO = "not_to"
    NAMED = "named"
    SETTLED = "settled"
    LOOK = "look"
    ADD = "add"
    CHANGE = "change"
    SEND = "send"


@dataclass
class Facts:
    """What guards may ask about a conversation. Thrown away after one trigger.

    `transitions` writes the new state into `state`.
    """

    state: str
    chosen: Callable[[str], tuple[str, ...]]
    """For a step: the options chosen there, or how it was left."""
    channel: str
    sharing_settled: bool
    """Who hears this answer is known already: chosen for "the next ones" too, or kept."""
    offer_same: bool
    """"The same for the next ones?" has not been asked yet."""


def holds(when: When, facts: Facts) -> bool:
    """Whether a condition of the flow file holds."""
    if when.channel is not None and when.channel != facts.channel:
        return False
    if when.answer is None:
        return True
    return bool(set(facts.chosen(when.answer)) & set(when.one_of))


class FlowMachine:
    """One version of one flow, with its table of transitions."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.steps: dict[str, Say | Ask] = {step.id: step for step in flow.steps}
        self.order = {step.id: number for number, step in enumerate(flow.steps)}
        self.counted = {step: number for number, step in enumerate(flow.counted, start=1)}
        self.first = flow.steps[0].id
        self.starred = tuple(s for s in flow.steps if isinstance(s, Ask) and s.signal is not None)
        self.explained_first = frozenset(s.id for s in flow.opening if isinstance(s, Say))
        """What is said before the first question (promise P1)."""
        self._machine = Machine(
            model=None,
            states=list(self._states()),
            initial=self.first,
            auto_transitions=False,
            send_event=True,
            queued=False,
        )
        for trigger, source, destination, guards in self._transitions():
            self._machine.add_transition(trigger, source, destination, conditions=guards)

    def go(self, trigger: Trigger, facts: Facts) -> str:
        """The state that follows.

        Raises:
            transitions.MachineError: this trigger means nothing in this state.
        """
        self._machine.events[trigger].trigger(facts)
        return facts.state

    def triggers(self, state: str) -> frozenset[str]:
        return frozenset(self._machine.get_triggers(state))

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(self._machine.states)

    def next_steps(self, step: Say | Ask) -> tuple[Next, ...]:
        """Where a step leads, its silent default included."""
        return step.next or (Next(go=self._below(step)),)

    def _below(self, step: Say | Ask) -> str:
        after = self.flow.steps[self.order[step.id] + 1 :]
        return next((below.id for below in after if not below.detour), REVIEW)

    def _states(self) -> Iterator[str]:
        for step in self.flow.steps:
            yield step.id
            if isinstance(step, Ask) and step.sharing is not SharingRule.LOCKED and step.heading:
                yield from (f"{step.id}.{sub}" for sub in Sub if sub is not Sub.SAME)
                if _offers_same(step):
                    yield f"{step.id}.{Sub.SAME}"
        yield from (REVIEW, ITEM, PREVIEW, SENT)

    def _transitions(self) -> Iterator[tuple[str, str, str, list[Any]]]:
        for step in self.flow.steps:
            onward = list(self._onward(step, []))
            if isinstance(step, Say):
                yield from ((Trigger.GO_ON, step.id, go, guards) for go, guards in onward)
                continue
            if step.sharing in (SharingRule.ASK, SharingRule.EACH):
                yield from (
                    (Trigger.ANSWER, step.id, go, [_sharing_settled, *guards])
                    for go, guards in onward
                )
                yield Trigger.ANSWER, step.id, f"{step.id}.{Sub.HEARS}", []
            else:
                yield from ((Trigger.ANSWER, step.id, go, guards) for go, guards in onward)
            yield from ((Trigger.LEAVE, step.id, go, guards) for go, guards in onward)
            if f"{step.id}.{Sub.HEARS}" in self._machine.states:
                yield from self._sharing(step, onward)
        yield Trigger.LOOK, REVIEW, PREVIEW, []
        yield Trigger.ADD, REVIEW, EXTRA, []
        yield Trigger.CHANGE, PREVIEW, REVIEW, []
        yield Trigger.SEND, PREVIEW, SENT, []
        yield Trigger.CHANGE, SENT, REVIEW, []
        yield Trigger.CHANGE, ITEM, REVIEW, []

    def _sharing(
        self, step: Ask, onward: list[tuple[str, list[Any]]]
    ) -> Iterator[tuple[str, str, str, list[Any]]]:
        hears, says, not_to, same = (f"{step.id}.{sub}" for sub in Sub)
        for trigger, source in ((Trigger.COORDINATOR, hears), (Trigger.SAYS, says)):
            if _offers_same(step):
                yield trigger, source, same, [_offer_same]
            yield from ((trigger, source, go, guards) for go, guards in onward)
        yield Trigger.MEETING, hears, says, []
        yield Trigger.NOT_TO, hears, not_to, []
        yield Trigger.NAMED, not_to, hears, []
        if _offers_same(step):
            yield from ((Trigger.SETTLED, same, go, guards) for go, guards in onward)

    def _onward(
        self, step: Say | Ask, passed: list[Any], budget: int = 50
    ) -> Iterator[tuple[str, list[Any]]]:
        """Destinations in order of priority; a step whose `only` fails is passed over."""
        for following in self.next_steps(step):
            guards = [*passed, *([_guard(following.when)] if following.when else [])]
            target = self.steps.get(following.go)
            if isinstance(target, Ask) and target.only is not None and budget:
                yield target.id, [*guards, _guard(target.only)]
                yield from self._onward(target, guards, budget - 1)
            else:
                yield following.go, guards


def _offers_same(step: Ask) -> bool:
    """ "The same for the next ones?" is asked on the way through, never from the review."""
    return step.sharing in (SharingRule.ASK, SharingRule.EACH) and step.id != EXTRA


def _guard(when: When) -> Callable[[EventData], bool]:
    def condition(event: EventData) -> bool:
        return holds(when, _facts(event))

    condition.__name__ = " ".join(
        part
        for part in (
            f"{when.answer} is {' or '.join(when.one_of)}" if when.answer else "",
            f"on {when.channel}" if when.channel else "",
        )
        if part
    )
    return condition


def _sharing_settled(event: EventData) -> bool:
    return _facts(event).sharing_settled


def _offer_same(event: EventData) -> bool:
    return _facts(event).offer_same


def _facts(event: EventData) -> Facts:
    facts = event.model
    assert isinstance(facts, Facts)  # noqa: S101 - a bug of ours, not something that people send
    return facts
