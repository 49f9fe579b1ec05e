"""P2: you say who hears each answer. Only the coordinator, unless you chose more for these words.

A Hypothesis state machine talks in every flow and keeps its own book of what was chosen, from the
taps alone. What the meeting copy holds is compared with that book, not with what the answers say.
"""

import ast
import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from mypy import api as mypy

from bot.summaries import meeting_copy as room
from flows.answers import Answer, Conversation, How, Part, Sharing, Speaker
from flows.conversation import begin, take_turn
from flows.exchange import Command, CommandName, Edited, Said, Sent, Tap, Words
from flows.review import Item, MeetingCopy, NotShared, SharedItem, coordinators_copy, meeting_copy
from flows.schema import Ask, SharingRule
from tests.promises.test_p05_always_a_way import AROUND
from tests.service import library

FLOWS = ("parent", "family", "young_person", "child")
ROOT = Path(__file__).parent.parent.parent
NAMES = ("Craig", "Uncle Ted")

Content = tuple[tuple[Part, ...], tuple[str, ...]]


class WhoHears(RuleBasedStateMachine):
    flow = "parent"

    @initialize(channel=st.sampled_from(["telegram", "web"]), same=st.booleans())
    def has_been_told_what_this_is(self, channel: str, same: bool) -> None:
        """Some have chosen already that the meeting may hear the next ones too."""
        self.machine = library().newest(self.flow)
        self.around = AROUND.model_copy(update={"channel": channel})
        self.reply = begin(self.machine, self.around, library().wording, "en")
        self.book: dict[str, Content] = {}
        """For each step: the words that its owner chose the meeting for."""
        self.kept_from: dict[str, set[str]] = {}
        """For each step: the names that it must not reach."""
        self.refs: list[str] = []
        while self.now.state not in self.machine.counted:
            ways = ("en", "yes", "go_on")
            self.taps(next(way for way in ways if way in self.offered()))
        while same and not self.now.same:
            if self.now.state.endswith(".hears"):
                self.lets_the_meeting_hear(Speaker.ME, True)
            elif self.asked_who_hears(self.now.state):
                self.writes(at_once=False)
                if "done" in self.offered():
                    self.taps("done")
            else:
                self.taps("skip")

    def asked_who_hears(self, step: str) -> bool:
        asked = self.machine.steps.get(step)
        return isinstance(asked, Ask) and asked.sharing is SharingRule.ASK

    @property
    def now(self) -> Conversation:
        return self.reply.conversation

    def offered(self) -> list[str]:
        asked = [m for m in self.reply.messages if m.rows and m.state == self.now.state]
        return [choice.id for message in asked for row in message.rows for choice in row]

    # --- what a person does ---

    @rule(data=st.data())
    def taps_something(self, data: st.DataObject) -> None:
        if choices := self.offered():
            self.taps(data.draw(st.sampled_from(choices)))
        else:
            self.says(Tap(state="*", choice="resume", revision=0))

    @rule(at_once=st.booleans())
    def writes(self, at_once: bool) -> None:
        self.refs.append(str(len(self.refs)))
        self.says(Words(text=f"words {self.refs[-1]}", ref=self.refs[-1], at_once=at_once))

    @rule(data=st.data())
    @precondition(lambda self: self.refs)
    def edits(self, data: st.DataObject) -> None:
        ref = data.draw(st.sampled_from(self.refs))
        self.says(Edited(ref=ref, text=f"other words than {ref}"))

    @rule(data=st.data())
    @precondition(lambda self: self.now.answers)
    def adds_to_something_earlier(self, data: st.DataObject) -> None:
        about = data.draw(st.sampled_from(sorted(self.now.answers)))
        self.refs.append(str(len(self.refs)))
        self.says(Words(text=f"more {self.refs[-1]}", ref=self.refs[-1], about=about))

    @rule()
    def speaks(self) -> None:
        self.refs.append(str(len(self.refs)))
        self.says(Sent(kind="voice", attachment=f"a{self.refs[-1]}", ref=self.refs[-1]))

    @rule(speaker=st.sampled_from(list(Speaker)), same=st.booleans())
    @precondition(lambda self: self.now.state.endswith(".hears"))
    def lets_the_meeting_hear(self, speaker: Speaker, same: bool) -> None:
        self.taps("meeting")
        self.taps(speaker)
        if self.now.state.endswith(".same"):
            self.taps("same" if same else "each")

    @rule(name=st.sampled_from(NAMES))
    @precondition(lambda self: self.now.state.endswith(".hears"))
    def keeps_it_from_somebody(self, name: str) -> None:
        step = self.now.state.removesuffix(".hears")
        self.taps("not_to")
        self.says(Words(text=name))
        self.kept_from.setdefault(step, set()).add(name)
        self.taps("done")

    @rule(data=st.data())
    @precondition(lambda self: self.now.answers and self.now.state != "review")
    def looks_again(self, data: st.DataObject) -> None:
        """In the list: changes an answer, or who hears it."""
        self.says(Command(name=CommandName.REVIEW))
        items = [choice for choice in self.offered() if choice in self.machine.steps]
        if items:
            self.taps(data.draw(st.sampled_from(items)))
            self.taps(data.draw(st.sampled_from(["change", *self.offered()])))

    def taps(self, choice: str) -> None:
        state, revision = self.now.state, self.now.revision
        self.says(Tap(state=state, choice=choice, revision=revision))

    def says(self, said: Said) -> None:
        before = Conversation.model_validate_json(self.now.model_dump_json())
        self.reply = take_turn(self.machine, before, said, self.around, library().wording)
        self.note(before, said)

    # --- the book ---

    def note(self, before: Conversation, said: Said) -> None:
        """What they have just chosen, by the tap itself; and what "the same" then covers."""
        if isinstance(said, Tap) and said.state == before.state:
            step, _, sub = before.state.partition(".")
            if sub == "says" and said.choice in set(Speaker):
                self.book[step] = content(self.now.answers[step])
            if sub == "hears" and said.choice == "coordinator":
                self.book.pop(step, None)
        for step in set(before.answers) - set(self.now.answers):
            self.book.pop(step, None)
            self.kept_from.pop(step, None)  # taken out: what they say next is another answer
        same = before.same
        in_one_breath = isinstance(said, Words) and said.at_once
        if same is None or same.hears != "meeting" or (before.returning and not in_one_breath):
            return
        for step, answer in self.now.answers.items():
            was = before.answers.get(step)
            asked = self.machine.steps[step]
            given = was is None or content(was) != content(answer)
            if given and isinstance(asked, Ask) and asked.sharing is SharingRule.ASK:
                self.book[step] = content(answer)

    # --- what must hold ---

    @invariant()
    def the_meeting_hears_these_words_only_if_they_were_chosen(self) -> None:
        for item in self.copy.items:
            assert self.book.get(item.step) == (item.parts, item.chosen)

    @invariant()
    def what_was_not_chosen_is_the_coordinators_only(self) -> None:
        shared = {item.step for item in self.copy.items}
        for step, answer in self.now.answers.items():
            assert step in shared or answer.sharing.hears == "coordinator" or self.cannot_be(answer)

    @invariant()
    def locked_is_locked(self) -> None:
        for step, answer in self.now.answers.items():
            asked = self.machine.steps[step]
            if isinstance(asked, Ask) and asked.sharing is SharingRule.LOCKED:
                assert answer.sharing.hears == "coordinator"
                assert f"{step}.hears" not in self.machine.states

    @invariant()
    def whom_it_must_not_reach_is_never_forgotten(self) -> None:
        for step, names in self.kept_from.items():
            if step in self.now.answers:
                assert names <= set(self.now.answers[step].sharing.not_to)

    @invariant()
    def the_copy_that_is_handed_round_goes_no_further(self) -> None:
        """Nobody's name is on it whom something must not reach; on the wall there is no name."""
        handed = room.copy_for_the_meeting([room.Shared("Dawn O'Shea", self.copy)], library(), "en")
        assert not any(name in repr(handed) for name in NAMES)
        assert "Dawn O'Shea" not in repr(handed.wall)
        assert all(line.heading == "" for line in handed.wall)
        held_back = {item.step for item in self.copy.items if item.not_to}
        lines = [*handed.wall, *(line for voice in handed.voices for line in voice.lines)]
        assert len(lines) == len(self.copy.items) - len(held_back)

    @property
    def copy(self) -> MeetingCopy:
        return meeting_copy(coordinators_copy(self.machine, self.now))

    def cannot_be(self, answer: Answer) -> bool:
        """Chosen once, and then left unanswered: there is nothing to say."""
        return answer.how is not How.ANSWERED


def content(answer: Answer) -> Content:
    return answer.parts, answer.chosen


@pytest.mark.parametrize("flow", FLOWS)
def test_in_any_conversation_the_meeting_hears_what_was_chosen_and_nothing_else(flow: str) -> None:
    machine = type(f"WhoHears_{flow}", (WhoHears,), {"flow": flow})
    test = machine.TestCase  # type: ignore[attr-defined]
    test.settings = settings(
        max_examples=50,
        stateful_step_count=50,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],  # to make a failure shorter takes minutes: add Phase.shrink for it
        suppress_health_check=list(HealthCheck),
    )
    test().runTest()


# --- by types ---


def test_a_type_checker_refuses_all_that_was_not_shared(tmp_path: Path) -> None:
    marked = (Path(__file__).parent / "refused_by_types.py").read_text(encoding="utf-8")
    wrong = {n for n, line in enumerate(marked.splitlines(), 1) if "# type: ignore" in line}
    bare = "\n".join(line.split("  # type: ignore")[0] for line in marked.splitlines())
    (tmp_path / "unmarked.py").write_text(bare, encoding="utf-8")
    out, err, _ = mypy.run(
        [
            "--config-file", str(ROOT / "pyproject.toml"),
            "--cache-dir", str(tmp_path / "cache"),
            "--no-pretty", "--no-error-summary", "--hide-error-context",
            str(tmp_path / "unmarked.py"),
        ]
    )  # fmt: skip
    assert not err
    found = {int(line.split(":")[1]) for line in out.splitlines() if ": error:" in line}
    assert found == wrong, out
    assert len(wrong) == 11


SHARED = Answer(
    step="wants",
    parts=(Part(text="home at weekends"),),
    sharing=Sharing(hears="meeting", says=Speaker.ME, chosen=True),
)


@pytest.mark.parametrize(
    ("change", "locked"),
    [
        ({"sharing": Sharing()}, False),
        ({"sharing": Sharing(hears="meeting", chosen=True)}, False),
        ({"sharing": Sharing(hears="coordinator", says=Speaker.ME)}, False),
        ({"how": How.IN_PERSON}, False),
        ({"how": How.NOT_SURE}, False),
        ({}, True),
    ],
)
def test_nor_can_one_be_made_while_it_runs(change: dict[str, Any], locked: bool) -> None:
    assert SharedItem(Item(step="wants", answer=SHARED, locked=False)).says is Speaker.ME
    with pytest.raises(NotShared):
        SharedItem(Item(step="wants", answer=SHARED.model_copy(update=change), locked=locked))


def test_what_makes_the_copy_knows_no_coordinators_copy() -> None:
    assert dataclasses.fields(room.Shared)[1].type is MeetingCopy
    tree = ast.parse(Path(room.__file__).read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
              for alias in node.names}  # fmt: skip
    assert not {"CoordinatorCopy", "Item", "Answer", "Conversation", "coordinators_copy"} & names
