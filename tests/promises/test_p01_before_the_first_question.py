"""P1: before the first question you know what this is, that it is a program and not a person, who
reads what you send and when, what cannot stay private, and that you may say no and still come."""

import re
from collections.abc import Iterator

import pytest

from flows.answers import Circumstances, Conversation
from flows.conversation import begin, take_turn
from flows.exchange import Command, CommandName, Edited, Said, Sent, Tap, Words
from flows.hand import Reply
from flows.machine import FlowMachine
from flows.schema import Ask, Say
from tests.promises.test_p05_always_a_way import AROUND
from tests.service import library

FLOWS = ("parent", "family", "young_person", "child")
TOLD = {
    "what_this_is": ("meeting", "program, not a person", "stop at any time"),
    "who_reads": ("{coordinator}", "reads? .*only when you tap Send|when you tap Send", "work"),
    "what_cannot_stay": ("cannot stay private", "hurt", "whose job is to help"),
    "you_may_say_no": ("say no to all of this, and still come to the meeting", "skip", "help"),
}
"""The explanations, and what each must say."""


def is_question(machine: FlowMachine, step_id: str) -> bool:
    """What is asked about the family: not which language, whether it is safe, or how to remind."""
    step = machine.steps.get(step_id.split(".")[0])
    return isinstance(step, Ask) and bool(step.heading)


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("told", TOLD)
def test_no_path_of_the_graph_reaches_a_question_without(flow: str, told: str) -> None:
    """The whole table of what may follow what, whatever its conditions say, with one explanation
    taken out: nothing that lies behind it may be reached."""
    machine = library().newest(flow)
    seen, waiting = set[str](), [machine.first]
    while waiting:
        state = waiting.pop()
        if state in seen or state == told:
            continue
        seen.add(state)
        waiting += [after for _, source, after, _ in machine._transitions() if source == state]
    assert told in machine.explained_first
    assert not [state for state in seen if is_question(machine, state) or state == "review"]


@pytest.mark.parametrize("flow", FLOWS)
def test_what_is_explained_says_it(flow: str) -> None:
    machine = library().newest(flow)
    for step_id, sentences in TOLD.items():
        step = machine.steps[step_id]
        assert isinstance(step, Say)
        for words in sentences:
            assert re.search(words, step.say.replace("\n", " ")), (step_id, words)


@pytest.mark.parametrize("channel", ["telegram", "web"])
@pytest.mark.parametrize("flow", FLOWS)
def test_nothing_that_can_be_said_gets_around_it(flow: str, channel: str) -> None:
    """Not a command, not a button of another state, not a reply, a recording or an edit: all of
    them in every state, until everything has been explained."""
    machine = library().newest(flow)
    around = AROUND.model_copy(update={"channel": channel})
    first = begin(machine, around, library().wording, "en")
    waiting, seen = [first], set()
    asked_at_last = False
    while waiting:
        now = waiting.pop().conversation
        for said in all_that_can_be_said(machine, now):
            reply = take_turn(machine, now, said, around, library().wording)
            if machine.explained_first <= set(reply.conversation.seen):
                asked_at_last = True
                continue
            assert_nothing_is_asked(machine, reply)
            then = reply.conversation
            mark = (then.state, then.seen, then.resting, then.returning, then.language_from)
            if mark not in seen:
                seen.add(mark)
                waiting.append(reply)
    assert asked_at_last, "the way on is open to those who were told"


def assert_nothing_is_asked(machine: FlowMachine, reply: Reply) -> None:
    asked = [m.step for m in reply.messages if is_question(machine, m.step)]
    states = [m.state for m in reply.messages if is_question(machine, m.state)]
    kept = [step for step in reply.conversation.answers if is_question(machine, step)]
    assert not asked + states + kept
    assert not reply.effects or all(effect.effect in ALLOWED for effect in reply.effects)


ALLOWED = ("pause", "hide", "messages", "keep_out", "give_data", "alert", "wipe")
"""What may be asked of us at any time, and asks nothing."""


def all_that_can_be_said(machine: FlowMachine, now: Conversation) -> Iterator[Said]:
    yield from (Command(name=name) for name in CommandName)
    choices = ["go_on", "skip", "done", "yes", "en", "later", "send", "look", "add", "change", "5"]
    choices += ["carry_on", "resume", "back", "meeting", "coordinator", "worries"]
    for state in {now.state, "*", "worries", "review", "preview", "worries.hears", "nowhere"}:
        for choice in choices:
            yield Tap(state=state, choice=choice, revision=now.revision)
    yield Words(text="something of my own", ref="1")
    yield Words(text="at once", ref="2", at_once=True)
    yield from (Words(text="to something earlier", about=step) for step in machine.steps)
    yield Sent(kind="voice", attachment="a", ref="3")
    yield Edited(ref="1", text="changed")


def test_whoever_says_no_is_still_expected() -> None:
    """The explanation says so, and nothing of ours holds that somebody said no."""
    for model in (Conversation, Circumstances):
        assert not [name for name in model.model_fields if "refus" in name or "declin" in name]
