"""Plays a made-up person's part in Telegram, one reply at a time, as someone with a phone would."""

from tests.journeys.script import Script, Tapped
from tests.telegram.emulator.chats import Message
from tests.telegram.emulator.people import Person

LONGEST = 300


async def come_in(person: Person, start: str) -> None:
    """Opens the invitation and says yes, that is me."""
    person.start(start)
    await person.hears()
    person.taps("~door:yes:0")
    await person.hears()


async def play(person: Person, script: Script, *, until: str = "sent") -> None:
    """Does what the script says until the conversation is in the state `until`."""
    for _ in range(LONGEST):
        asked = question(person)
        state, choices = where(asked)
        if state == until:
            return
        deed = script.next(state, choices)
        assert deed is not None, f"the script ends at {state}"
        if isinstance(deed, Tapped):
            person.taps(payload(asked, deed.choice))
        else:
            person.says(deed.text)
        await _next_question(person, asked)
    raise AssertionError(f"{until} was not reached; the screen says {person.last.text!r}")


async def _next_question(person: Person, before: Message) -> None:
    while question(person).id <= before.id:
        await person.hears()


def question(person: Person) -> Message:
    """The newest message that offers something to tap."""
    return next(m for m in reversed(person.screen) if m.from_bot and m.buttons)


def where(message: Message) -> tuple[str, list[str]]:
    """The state that a message asks about, and the choices on its buttons."""
    payloads = [button.data.split(":") for button in message.buttons if button.data]
    state = payloads[0][0]
    return state, [payload[1] for payload in payloads if payload[0] == state]


def payload(message: Message, choice: str) -> str:
    """The callback data of one of its buttons."""
    return next(
        button.data
        for button in message.buttons
        if button.data and button.data.split(":")[1] == choice
    )
