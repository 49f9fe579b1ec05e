"""P5: always a way on and a way out. Back, change, skip, in person, stop, another day: whatever is
said, in any state, no answer is lost.

A Hypothesis state machine over every flow. Between any two steps the conversation goes through
JSON and back. P1, P2 and P3 are looked at on the way.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from flows.answers import Answer, Circumstances, Conversation
from flows.conversation import begin, take_turn, where_we_are
from flows.exchange import (
    Command,
    CommandName,
    Edited,
    Message,
    Refusal,
    Said,
    SendSummary,
    Sent,
    Tap,
    Unusable,
    Words,
)
from flows.hand import Reply
from flows.review import coordinators_copy, meeting_copy
from flows.schema import Ask, Say, SharingRule
from flows.speech import ANYWHERE
from tests.service import library

NASTY = st.sampled_from(
    [
        "ok",
        "<b>bold</b> & {coordinator}",
        "'; drop table answer; --",
        "\u202eback to front",
        "🥞" * 200,
        "help",
        "stop",
        "0",
        "7 because mornings",
        "yes",
        "مساعدة؟",
        " \n ",
        "x" * 20_001,
    ]
)
AROUND = Circumstances(
    channel="telegram",
    coordinator="Odette Farrow",
    meeting_kind="family_group_conference",
    starts_at=datetime(2027, 3, 29, 15, 30, tzinfo=UTC),
    timezone="Europe/London",
    languages=("en", "cy", "ar"),
    help_lines=("Childline: 0800 1111",),
)


class AnyConversation(RuleBasedStateMachine):
    flow = "parent"

    @initialize(channel=st.sampled_from(["telegram", "web"]), answered=st.booleans())
    def starts(self, channel: str, answered: bool) -> None:
        """At the beginning, or at the list with every question answered."""
        self.machine = library().newest(self.flow)
        self.around = AROUND.model_copy(update={"channel": channel})
        self.reply = begin(self.machine, self.around, library().wording, "en")
        if answered:
            self.reply = answered_throughout(self.flow, self.around)
        self.now = self.reply.conversation
        self.opened = {s.id for s in self.machine.flow.opening if isinstance(s, Say)}
        self.preview: tuple[int, Any] | None = None
        self.number = 100
        self.left: set[tuple[str, bool, bool]] = set()
        """Where the ways out were tried."""

    # --- what may be said ---

    @rule(data=st.data())
    def taps_a_button(self, data: st.DataObject) -> None:
        choices = [(m, c.id) for m in self.reply.messages for row in m.rows for c in row]
        if choices:
            message, choice = data.draw(st.sampled_from(choices))
            self.say(Tap(state=message.state, choice=choice, revision=message.revision))
        else:
            self.say(Command(name=CommandName.START))

    @rule(text=NASTY, at_once=st.booleans())
    def writes(self, text: str, at_once: bool) -> None:
        self.number += 1
        self.say(Words(text=text, ref=str(self.number), at_once=at_once))

    @rule(data=st.data(), text=NASTY)
    def replies_to_something_earlier(self, data: st.DataObject, text: str) -> None:
        about = data.draw(st.sampled_from([*self.machine.steps, "nowhere"]))
        self.say(Words(text=text, about=about))

    @rule(kind=st.sampled_from(["voice", "picture", "file"]), caption=st.sampled_from(["", "hi"]))
    def sends(self, kind: Any, caption: str) -> None:
        self.number += 1
        self.say(Sent(kind=kind, attachment="a", ref=str(self.number), caption=caption))

    @rule(back=st.integers(0, 5), text=NASTY)
    def edits(self, back: int, text: str) -> None:
        self.say(Edited(ref=str(self.number - back), text=text))

    @rule(name=st.sampled_from(list(CommandName)))
    def commands(self, name: CommandName) -> None:
        before = self.now.answers
        self.say(Command(name=name))
        assert self.now.answers == before, "a command never uses up a question"

    @rule(why=st.sampled_from(list(Refusal)))
    def something_unusable(self, why: Refusal) -> None:
        state = self.now.state
        self.say(Unusable(why=why))
        assert self.now.state == state, "the question stays open"

    @rule(data=st.data())
    def forges_a_button(self, data: st.DataObject) -> None:
        states = [*self.machine.states, "", "nowhere"]
        choices = ["send", "meeting", "me", "out", "hears", "done", "9", "x" * 40, "worries"]
        tap = Tap(
            state=data.draw(st.sampled_from(states)),
            choice=data.draw(st.sampled_from(choices)),
            revision=data.draw(st.integers(0, 50)),
        )
        self.say(tap)

    def say(self, said: Said) -> None:
        before = Conversation.model_validate_json(self.now.model_dump_json())
        self.reply = take_turn(self.machine, before, said, self.around, library().wording)
        self.now = self.reply.conversation
        self.sent_only_what_was_seen(self.reply, said)
        self.nothing_is_lost(before, said)
        if self.now.state == "preview" and any(m.state == "preview" for m in self.reply.messages):
            self.preview = (self.now.revision, coordinators_copy(self.machine, self.now))

    # --- what must hold ---

    def sent_only_what_was_seen(self, reply: Reply, said: Said) -> None:
        """P3."""
        if any(isinstance(effect, SendSummary) for effect in reply.effects):
            assert isinstance(said, Tap)
            assert said.choice == "send"
            assert self.preview is not None
            assert self.preview[1] == coordinators_copy(self.machine, self.now)

    def nothing_is_lost(self, before: Conversation, said: Said) -> None:
        """P5: an answer goes only when its owner takes it out."""
        gone = set(before.answers) - set(self.now.answers)
        if gone:
            assert isinstance(said, Tap)
            assert (said.state, said.choice, gone) == ("item", "out", {before.item})
        kept = {step for step in before.answers if step in self.now.answers}
        touched = {step for step in kept if self.now.answers[step] != before.answers[step]}
        assert len(touched | gone) <= 1, "one thing said changes one answer, and none after it"
        for step in touched:
            was, now = before.answers[step], self.now.answers[step]
            if isinstance(said, Edited):
                refs = [part.ref for part in was.parts]
                assert [part.ref for part in now.parts] == refs, "an edit is of one message"

    @invariant()
    def the_state_is_known(self) -> None:
        assert self.now.state in self.machine.states

    @invariant()
    def there_is_a_way_on(self) -> None:
        """What is shown here, now or by the next device, can be answered by a tap."""
        assert self.reply.messages
        here = where_we_are(self.machine, self.now, self.around, library().wording)
        assert [choice for row in here.rows for choice in row]
        step = self.machine.steps.get(self.now.state)
        if isinstance(step, Ask) and step.exits:
            ways = {choice.id for row in here.rows for choice in row}
            assert {"skip", "not_sure", "in_person"} <= ways

    @invariant()
    def there_is_a_way_out(self) -> None:
        """Help, rest, stop and the way back work from here, and take nothing along."""
        here = (self.now.state, self.now.returning, self.now.resting)
        if here in self.left:
            return
        self.left.add(here)
        for name in (CommandName.HELP, CommandName.LATER, CommandName.STOP, CommandName.BACK):
            reply = take_turn(
                self.machine, self.now, Command(name=name), self.around, library().wording
            )
            assert reply.messages
            assert reply.conversation.answers == self.now.answers
            if name in (CommandName.LATER, CommandName.STOP):
                assert reply.conversation.resting
                assert reply.conversation.state == self.now.state, "they come back to here"
            if name is CommandName.HELP:
                card = " ".join(p.text for m in reply.messages for p in m.paragraphs)
                assert "Childline: 0800 1111" in card

    @invariant()
    def explained_before_asked(self) -> None:
        """P1."""
        asked = [m.step for m in self.reply.messages if m.step]
        answered = [s for s in self.now.answers if self.heading(s)]
        if answered or any(self.heading(step) for step in asked):
            assert self.opened <= set(self.now.seen)

    @invariant()
    def the_meeting_hears_only_what_was_chosen(self) -> None:
        """P2."""
        for item in meeting_copy(coordinators_copy(self.machine, self.now)).items:
            answer: Answer = self.now.answers[item.step]
            step = self.machine.steps[item.step]
            assert isinstance(step, Ask)
            assert step.sharing is not SharingRule.LOCKED
            assert answer.sharing.hears == "meeting"
            assert answer.sharing.says is not None

    @invariant()
    def payloads_fit(self) -> None:
        for message in self.reply.messages:
            for row in message.rows:
                for choice in row:
                    packed = f"{message.state}:{choice.id}:{message.revision}"
                    assert len(packed.encode()) <= 64
                    assert choice.label

    @invariant()
    @precondition(lambda self: self.now.resting)
    def the_rested_can_come_back(self) -> None:
        reply = take_turn(
            self.machine,
            self.now,
            Tap(state=ANYWHERE, choice="resume", revision=0),
            self.around,
            library().wording,
        )
        assert not reply.conversation.resting
        assert shows_something_to_do(reply.messages)

    def heading(self, step_id: str) -> str:
        step = self.machine.steps.get(step_id)
        return step.heading if isinstance(step, Ask) else ""


def shows_something_to_do(messages: tuple[Message, ...]) -> bool:
    return any(message.rows for message in messages)


@pytest.mark.parametrize("flow", ["parent", "family", "young_person", "child"])
def test_whatever_is_said(flow: str) -> None:
    machine = type(f"Any_{flow}", (AnyConversation,), {"flow": flow})
    test = machine.TestCase  # type: ignore[attr-defined]
    test.settings = settings(
        max_examples=30,
        stateful_step_count=50,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],  # to make a failure shorter takes minutes: add Phase.shrink for it
        suppress_health_check=list(HealthCheck),
    )
    test().runTest()


@pytest.mark.parametrize("flow", ["parent", "family", "young_person", "child"])
def test_every_state_can_be_reached(flow: str) -> None:
    """By asking the conversation itself: a search over what its own buttons, and words, lead to."""
    machine = library().newest(flow)
    wanted = set(machine.states)
    for channel in ("telegram", "web"):
        around = AROUND.model_copy(update={"channel": channel})
        for start in (*skipped_throughout(flow, around), answered_throughout(flow, around)):
            if wanted:
                wanted -= reached_from(flow, start, around)
    assert not wanted


def reached_from(flow: str, start: Reply, around: Circumstances) -> set[str]:
    """A search from one place, not past the next question; from the list, anywhere."""
    machine = library().newest(flow)
    home = start.conversation.state
    waiting, seen, reached = [start], set(), set()
    while waiting:
        reply = waiting.pop()
        now = reply.conversation
        reached.add(now.state)
        if home != "review" and now.state.split(".")[0] != home:
            continue
        for said in what_could_be_said(reply):
            after = take_turn(machine, now, said, around, library().wording)
            then = after.conversation
            detours = tuple(s for s in then.answers if machine.steps[s].detour)
            mark = (then.state, then.returning, then.item, then.state in then.answers, detours)
            if mark not in seen:
                seen.add(mark)
                waiting.append(after)
    return reached


def skipped_throughout(flow: str, around: Circumstances) -> list[Reply]:
    """At each question in turn, with none before it answered."""
    machine = library().newest(flow)
    replies = [begin(machine, around, library().wording, "en")]
    while replies[-1].conversation.state != "review":
        message = replies[-1].messages[-1]
        choices = [choice.id for row in message.rows for choice in row]
        choice = next(c for c in ("skip", "go_on", "en", "yes") if c in choices)
        tap = Tap(state=message.state, choice=choice, revision=message.revision)
        now = replies[-1].conversation
        replies.append(take_turn(machine, now, tap, around, library().wording))
    return replies


def answered_throughout(flow: str, around: Circumstances) -> Reply:
    """At the list, with every question that can be reached straight on answered."""
    machine = library().newest(flow)
    reply = begin(machine, around, library().wording, "en")
    while reply.conversation.state != "review":
        now = reply.conversation
        message = reply.messages[-1]
        choices = [choice.id for row in message.rows for choice in row]
        said: Said = Words(text="something of my own")
        ways_on = ("done", "en", "go_on", "yes", "coordinator", "each", "5", "nobody", "resume")
        tap = next((way for way in ways_on if way in choices), None)
        step = machine.steps.get(now.state)
        if isinstance(step, Ask) and step.answer.kind == "choice" and tap is None:
            tap = step.answer.options[0].id
        given = now.state in now.answers
        if tap is not None and (given or tap != "done"):
            said = Tap(state=message.state, choice=tap, revision=message.revision)
        reply = take_turn(machine, now, said, around, library().wording)
    return reply


def what_could_be_said(reply: Reply) -> list[Said]:
    taps: list[Said] = [
        Tap(state=message.state, choice=choice.id, revision=message.revision)
        for message in reply.messages
        for row in message.rows
        for choice in row
    ]
    return [*taps, Words(text="something of my own")]
