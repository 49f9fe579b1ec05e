"""P10: help is one tap, or one word, away from every screen and state, and uses up no question."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from bot.helplines import CONFIRM_EVERY, all_helplines, hours_unchecked, unconfirmed
from bot.store.database import Database
from bot.store.sealing import ServiceKey
from flows.answers import Answer, Circumstances, Conversation, Part
from flows.conversation import begin, take_turn
from flows.exchange import Command, CommandName, RaiseAlert, Said, Tap, Words
from flows.machine import ITEM, PREVIEW, REVIEW, SENT, FlowMachine, Sub
from flows.replay import circumstances
from flows.review import sendable
from flows.speech import ANYWHERE
from tests.promises.ash import ash_family
from tests.service import library

FLOWS = ("parent", "family", "young_person", "child")
ASKED: tuple[Said, ...] = (
    Command(name=CommandName.HELP),
    Tap(state=ANYWHERE, choice="help", revision=0),
    *(
        Words(text=text)
        for text in ("help", "HELP!!", "I need help", "hlep", "999", "Please help  me.")
    ),
)


def every_state(machine: FlowMachine, around: Circumstances) -> Iterator[Conversation]:
    """Every state that the flow has, at rest and awake."""
    first = begin(machine, around, library().wording, "en").conversation
    said = {
        step.id: Answer(step=step.id, parts=(Part(text="some words"),))
        for step in sendable(machine)
    }
    full = first.model_copy(update={"answers": said, "item": next(iter(said))})
    yield first
    for step in machine.flow.steps:
        yield first.model_copy(update={"state": step.id})
    for step_id in said:
        for sub in Sub:
            yield full.model_copy(update={"state": f"{step_id}.{sub}"})
    for state in (REVIEW, ITEM, PREVIEW):
        yield full.model_copy(update={"state": state})
    yield full.model_copy(update={"state": SENT, "sent": 1})
    yield first.model_copy(update={"resting": True})


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("when", ["ahead", "over", "cancelled"])
def test_help_is_there_in_every_state_and_uses_up_nothing(flow: str, when: str) -> None:
    machine = library().newest(flow)
    changes = {} if when == "ahead" else {when: True}
    around = circumstances({}).model_copy(update=changes)
    for before in every_state(machine, around):
        for said in ASKED:
            reply = take_turn(machine, before, said, around, library().wording)
            told = [part.text for one in reply.messages for part in one.paragraphs]
            assert any("call 999" in text for text in told), (before.state, said)
            assert (reply.conversation.state, reply.conversation.answers) == (
                before.state,
                before.answers,
            ), said
            assert not reply.effects, "nobody is told before they say so"
            assert any(
                choice.id == "tell" for one in reply.messages for row in one.rows for choice in row
            )


@pytest.mark.parametrize("flow", FLOWS)
def test_after_the_card_somebody_is_told_if_they_say_so(flow: str) -> None:
    machine, around = library().newest(flow), circumstances({})
    for before in every_state(machine, around):
        yes = take_turn(
            machine,
            before,
            Tap(state=ANYWHERE, choice="tell", revision=1),
            around,
            library().wording,
        )
        assert yes.effects == (RaiseAlert(step="~help", category="asked"),)
        assert yes.conversation.state == before.state
        no = take_turn(
            machine,
            before,
            Tap(state=ANYWHERE, choice="tell_not", revision=1),
            around,
            library().wording,
        )
        assert not no.effects


@pytest.mark.asyncio
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_at_the_door_and_in_a_chat_of_nobodys(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        stranger = ash.telegram.person("Stranger")
        stranger.start("")
        await stranger.quiet()
        stranger.says("Help!!")
        await stranger.quiet()
        for number in ("999", "0808 2000 247", "0808 80 10 800", "0800 027 1234", "0808 802 1414"):
            assert number in stranger.last.text, "every nation's, for nobody knows where this is"
        assert "nobody is told" in stranger.last.text
        dawn = ash.telegram.person("Dawn")
        dawn.start(ash.person("dawn")["telegram"]["start"])
        await dawn.quiet()
        dawn.taps("I need help now")
        await dawn.quiet()
        assert "999" in dawn.last.text
        assert not ash.rows("conversation"), "the door is still to be answered"
        dawn.taps("~door:yes:0")
        await dawn.quiet()
        assert ash.rows("conversation")


def test_a_number_holds_for_120_days_after_somebody_rang_it() -> None:
    day = date(2026, 11, 20)
    rung = {line.name: day for line in all_helplines()}
    assert unconfirmed(day) == all_helplines()
    assert unconfirmed(day + CONFIRM_EVERY, rung) == ()
    assert unconfirmed(day + CONFIRM_EVERY + timedelta(days=1), rung) == all_helplines()
    assert unconfirmed(day - timedelta(days=1), rung), "a day to come proves nothing"
    assert hours_unchecked() == ()
