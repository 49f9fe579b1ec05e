"""The meeting copy holds what was shared, and nothing else, whatever people chose (P2, P24)."""

import typing

import hypothesis.strategies as some
from hypothesis import given, settings

from bot.summaries import meeting_copy as room
from bot.summaries.meeting_copy import CopyForTheMeeting, Shared, copy_for_the_meeting
from flows.answers import Answer, Conversation, How, Part, Sharing, Speaker
from flows.review import MeetingCopy, coordinators_copy, meeting_copy
from flows.schema import Ask, SharingRule
from tests.coordinator.household import LIBRARY

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


def test_what_makes_the_copy_cannot_be_given_a_coordinators_copy() -> None:
    assert typing.get_type_hints(Shared)["copy"] is MeetingCopy
    assert not {"CoordinatorCopy", "Item", "coordinators_copy"} & set(vars(room))
