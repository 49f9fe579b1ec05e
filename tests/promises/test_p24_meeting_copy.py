"""P24: the meeting copy can be handed round. It holds what was shared, and nothing else."""

import re

import hypothesis.strategies as some
import pytest
from hypothesis import given, settings
from sqlalchemy.orm import Session

from bot.store.database import Database
from bot.store.sealing import KeyRing, ServiceKey
from bot.summaries.handing_round import gather
from bot.summaries.meeting_copy import CopyForTheMeeting, Shared, copy_for_the_meeting
from flows.answers import Answer, Conversation, How, Part, Sharing, Speaker
from flows.review import coordinators_copy, meeting_copy
from flows.schema import Ask, Section, SharingRule
from tests.coordinator.household import LIBRARY, Household

FLOWS = ("parent", "family", "young_person", "child")


def _steps(flow: str) -> list[Ask]:
    return [s for s in LIBRARY.newest(flow).flow.steps if isinstance(s, Ask) and s.heading]


SHARINGS = some.builds(
    Sharing,
    hears=some.sampled_from(["coordinator", "meeting"]),
    says=some.none() | some.sampled_from(list(Speaker)),
    not_to=some.sampled_from([(), ("Craig",), ("Dawn", "Craig")]),
    chosen=some.just(True),
)


@some.composite
def conversations(draw: some.DrawFn) -> Conversation:
    """Anybody, having answered anything, with each answer's words its own."""
    flow = draw(some.sampled_from(FLOWS))
    machine = LIBRARY.newest(flow)
    answers = {}
    for step in draw(some.lists(some.sampled_from(_steps(flow)), unique_by=lambda s: s.id)):
        answers[step.id] = Answer(
            step=step.id,
            how=draw(some.sampled_from(list(How))),
            parts=(Part(text=f"⟦{step.id}⟧"),),
            sharing=draw(SHARINGS),
        )
    return Conversation(
        flow=flow,
        version=machine.flow.version,
        channel="web",
        language="en",
        state="review",
        answers=answers,
    )


def _copy(conversation: Conversation) -> CopyForTheMeeting:
    machine = LIBRARY.version(conversation.flow, conversation.version)
    shared = meeting_copy(coordinators_copy(machine, conversation))
    return copy_for_the_meeting([Shared("Someone", shared)], LIBRARY, "en")


@settings(max_examples=150, deadline=None)
@given(conversations())
def test_the_copy_holds_exactly_what_was_shared_with_everyone(conversation: Conversation) -> None:
    copy = _copy(conversation)
    lines = [*copy.wall, *(line for voice in copy.voices for line in voice.lines)]
    shown = sorted(piece.text for line in lines for piece in line.pieces)
    rules = {step.id: step.sharing for step in _steps(conversation.flow)}
    expected = sorted(
        f"⟦{answer.step}⟧"
        for answer in conversation.answers.values()
        if rules[answer.step] is not SharingRule.LOCKED
        and answer.how is How.ANSWERED
        and answer.sharing.hears == "meeting"
        and answer.sharing.says is not None
        and not answer.sharing.not_to
    )
    assert shown == expected
    for answer in conversation.answers.values():
        if f"⟦{answer.step}⟧" not in expected:
            assert f"⟦{answer.step}⟧" not in repr(copy)


@settings(max_examples=100, deadline=None)
@given(conversations())
def test_nobody_is_named_beside_their_words_on_the_wall(conversation: Conversation) -> None:
    copy = _copy(conversation)
    on_the_wall = {
        f"⟦{answer.step}⟧"
        for answer in conversation.answers.values()
        if answer.sharing.says is Speaker.ON_THE_WALL
    }
    assert all(line.heading == "" for line in copy.wall)
    assert not any(text in repr(copy.voices) for text in on_the_wall)


@settings(max_examples=100, deadline=None)
@given(conversations())
def test_the_copy_names_nobody_whom_something_must_not_reach(conversation: Conversation) -> None:
    copy = _copy(conversation)
    for name in ("Craig", "Dawn"):
        assert name not in repr(copy)


def test_the_order_on_the_wall_does_not_tell_whose_words_they_are() -> None:
    def wall(names: tuple[str, ...]) -> list[str]:
        everybody = []
        for name in names:
            answer = Answer(
                step="worries",
                parts=(Part(text=f"words of {name}"),),
                sharing=Sharing(hears="meeting", says=Speaker.ON_THE_WALL, chosen=True),
            )
            conversation = Conversation(
                flow="parent",
                version=LIBRARY.newest("parent").flow.version,
                channel="web",
                language="en",
                state="review",
                answers={"worries": answer},
            )
            machine = LIBRARY.newest("parent")
            everybody.append(Shared(name, meeting_copy(coordinators_copy(machine, conversation))))
        copy = copy_for_the_meeting(everybody, LIBRARY, "en")
        return [line.pieces[0].text for line in copy.wall]

    assert wall(("a", "b", "c")) == wall(("c", "a", "b"))


@pytest.mark.parametrize("flow", FLOWS)
def test_a_safety_note_cannot_be_shared_whatever_is_tapped(flow: str) -> None:
    """Nor what else is locked: the question who may hear it is never asked of these."""
    machine = LIBRARY.newest(flow)
    for step in _steps(flow):
        if step.section is Section.SAFETY or step.signal is not None:
            assert step.sharing is SharingRule.LOCKED, step.id
        if step.sharing is SharingRule.LOCKED:
            assert not [state for state in machine.states if state.startswith(f"{step.id}.")]


def test_handed_round_it_holds_nothing_of_the_coordinators_page(
    database: Database, service_key: ServiceKey
) -> None:
    """No safety, no alert, no task, no draft, no note of how somebody left a question."""
    ash = Household.of(database, service_key, "meeting-ash.yaml")
    shared = Sharing(hears="meeting", says=Speaker.ME, chosen=True)
    ash.sends(
        "dawn",
        [
            Answer(step="wants", parts=(Part(text="⟦home at weekends⟧"),), sharing=shared),
            Answer(step="not_safe_with", parts=(Part(text="⟦Craig⟧"),), sharing=shared),
            Answer(step="worries", parts=(Part(text="⟦the money⟧"),)),
            Answer(step="child_needs", how=How.IN_PERSON, sharing=shared),
            Answer(step="told_purpose", chosen=("no",)),
        ],
    )
    ash.starts("craig", [Answer(step="wants", parts=(Part(text="⟦a draft⟧"),), sharing=shared)])
    ash.alerts("dawn", "not_safe_with")

    def handed(session: Session) -> CopyForTheMeeting:
        ring = KeyRing(session, service_key)
        made = ash.made
        whose = made.coordinator_id
        return gather(session, ring, LIBRARY, made.meeting_id, coordinator_id=whose, language="en")

    copy = database.run_now(handed)
    assert re.findall("⟦.*?⟧", repr(copy)) == ["⟦home at weekends⟧"]
    lines = [(voice.name, len(voice.lines)) for voice in copy.voices]
    assert (lines, copy.wall, copy.left_out) == ([("Dawn O'Shea", 1)], (), ())
