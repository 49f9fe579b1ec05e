"""Chats, as people have them: through the Bot API, over HTTP."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.store.database import Database
from bot.store.models import Attachment
from tests.journeys.script import PEOPLE, Script, people_of
from tests.service import Service
from tests.telegram.emulator import Emulator, Message
from tests.telegram.emulator.people import Person
from tests.telegram.player import come_in, payload, play, question, where

ASH = PEOPLE / "meeting-ash.yaml"
JPEG = Path(__file__).parent / "photo.jpg"

pytestmark = pytest.mark.asyncio


async def dawn(service: Service, telegram: Emulator, until: str) -> Person:
    """Dawn, who has come as far as the question `until`."""
    links = service.meeting(ASH)
    person = telegram.person("Dawn")
    await come_in(person, links["people"][0]["telegram"]["start"])
    await play(person, Script(people_of(ASH)[0]), until=until)
    return person


def step(person: Person) -> str:
    return where(question(person))[0]


@pytest.mark.both_databases
async def test_opening_a_link_does_nothing_until_the_tap(
    service: Service, telegram: Emulator
) -> None:
    start = service.meeting(ASH)["people"][0]["telegram"]["start"]
    first, second = telegram.person("Preview"), telegram.person("Dawn")
    first.start(start)
    asked = await first.hears()
    assert "Kit's mum" in asked[0].text
    assert "Dawn" not in asked[0].text
    await come_in(second, start)
    first.taps("~door:yes:0")
    refused = await first.hears()
    assert "does not work" in refused[0].text


async def test_saying_no_at_the_door_opens_nothing(service: Service, telegram: Emulator) -> None:
    start = service.meeting(ASH)["people"][0]["telegram"]["start"]
    stranger = telegram.person("Somebody")
    stranger.start(start)
    await stranger.hears()
    stranger.taps("~door:no:0")
    said = await stranger.hears()
    assert "not for you" in said[0].text
    stranger.says("hello?")
    assert "open the link" in (await stranger.hears())[0].text


@pytest.mark.parametrize("token", ["x", "A" * 32, "../../etc/passwd", "<b>", "' OR 1=1; --"])
async def test_a_wrong_link_says_one_kind_sentence(
    service: Service, telegram: Emulator, token: str
) -> None:
    used = service.meeting(ASH)["people"][0]["telegram"]["start"]
    await come_in(telegram.person("Dawn"), used)
    words = set()
    for tried in (token, used):
        person = telegram.person("Guesser")
        person.says(f"/start {tried}")
        words.add((await person.hears())[0].text)
    assert len(words) == 1


@pytest.mark.both_databases
async def test_three_messages_in_one_breath_are_one_answer(
    service: Service, telegram: Emulator
) -> None:
    person = await dawn(service, telegram, until="worries")
    for words in ("Nobody believes me", "about the money.", "Three weeks."):
        person.says(words)
    await person.quiet()
    assert step(person) == "worries.hears"
    person.says("/review")
    listed = await person.sees("Here is everything")
    assert listed.text.index("Nobody believes me") < listed.text.index("about the money.")
    assert listed.text.index("about the money.") < listed.text.index("Three weeks.")


async def test_a_burst_after_the_next_question_has_come_still_belongs_together(
    service: Service, telegram: Emulator
) -> None:
    """Sent before our reply was there to be read, whatever question that reply asks."""
    person = await dawn(service, telegram, until="feelings_why")
    with telegram.reordered():
        pass
    person.says("a break halfway")
    person.says("and a window")
    await person.quiet()
    assert step(person) == "must_be_said"
    person.says("/review")
    listed = await person.sees("Here is everything")
    assert "a break halfway\n" in listed.text
    assert "and a window" in listed.text


@pytest.mark.both_databases
async def test_twenty_messages_in_a_second_are_kept_in_order(
    service: Service, telegram: Emulator
) -> None:
    person = await dawn(service, telegram, until="worries")
    said = [f"number {n:02}" for n in range(20)]
    for words in said:
        person.says(words)
    await person.quiet()
    person.says("/review")
    listed = (await person.sees("Here is everything")).text
    assert [listed.index(words) for words in said] == sorted(listed.index(words) for words in said)


@pytest.mark.parametrize(
    ("send", "reply"),
    [
        (lambda p: p.sends_sticker(), "stickers"),
        (lambda p: p.sends_contact(), "contact"),
        (lambda p: p.sends_location(), "where you are"),
        (lambda p: p.sends_poll(), "poll"),
        (lambda p: p.sends_voice(b""), "empty"),
        (lambda p: p.sends_photo(b"PK\x03\x04 not a photo"), "picture"),
        (
            lambda p: p.sends_document("a.zip", b"PK\x03\x04" + b"\0" * 60, "application/zip"),
            "kind",
        ),
        (
            lambda p: p.sends_document("letter.txt", b"MZ\x90\0 no letter", "text/plain"),
            "plain text works",
        ),
        (lambda p: p.says("/nonsense"), "do not know that command"),
    ],
)
async def test_what_cannot_be_an_answer_is_answered_kindly_and_the_question_stays_open(
    service: Service,
    telegram: Emulator,
    send: Callable[[Person], object],
    reply: str,
) -> None:
    person = await dawn(service, telegram, until="worries")
    send(person)
    await person.quiet()
    assert reply in person.last.text
    assert step(person) == "worries"


async def test_plain_text_is_taken_by_its_content(
    service: Service, telegram: Emulator, database: Database
) -> None:
    person = await dawn(service, telegram, until="worries")
    person.sends_document("letter.pdf", "Zażółć, said Dawn.\r\n".encode("utf-16"), "text/plain")
    await person.quiet()
    assert step(person) == "worries.hears"
    kinds = await database.run(lambda s: list(s.scalars(select(Attachment.media_type))))
    assert kinds == ["text/plain"]


@pytest.mark.parametrize(
    "words",
    [
        "<b>bold</b> Marks & Spencer",
        "{name} {coordinator} %s",
        "'; drop table answer; --",
        "\u202eright to left\u202c ‏مرحبا",
        "🥞" * 1000,
        "<blockquote>unclosed",
        "&lt;script&gt;",
    ],
)
async def test_whatever_people_type_is_kept_and_quoted_as_valid_html(
    service: Service, telegram: Emulator, words: str
) -> None:
    person = await dawn(service, telegram, until="worries")
    person.says(words)
    await person.quiet()
    assert step(person) == "worries.hears"
    person.says("/review")
    await person.quiet()
    screen = "".join(m.text for m in person.screen if m.from_bot)
    assert words.replace("\u202e", "").replace("\u202c", "") in screen


async def test_a_letter_of_five_thousand_characters_is_shown_in_parts(
    service: Service, telegram: Emulator
) -> None:
    person = await dawn(service, telegram, until="worries")
    letter = " ".join(f"This is sentence number {n}, about the stairs." for n in range(110))
    person.says(letter[:4000])
    person.says(letter[4000:])
    await person.quiet()
    person.says("/review")
    await person.quiet()
    shown = [m for m in person.screen if m.from_bot]
    assert "sentence number 0," in "".join(m.text for m in shown)
    assert "sentence number 109," in "".join(m.text for m in shown)
    assert all(len(m.text.encode("utf-16-le")) // 2 <= 4096 for m in shown)


@pytest.mark.both_databases
async def test_voice_photo_and_album_are_answers(service: Service, telegram: Emulator) -> None:
    person = await dawn(service, telegram, until="going_well")
    person.sends_voice(b"OggS" + b"\0" * 200)
    await person.quiet()
    assert step(person) == "going_well.hears"
    person.taps(payload(question(person), "back"))
    await person.quiet()
    person.sends_album([JPEG.read_bytes()] * 3)
    await person.quiet()
    person.says("/review")
    listed = await person.sees("Here is everything")
    assert listed.text.count("🖼") == 3


async def test_an_edited_message_changes_the_answer(service: Service, telegram: Emulator) -> None:
    person = await dawn(service, telegram, until="worries")
    sent = person.says("She has 4 cats")
    await person.quiet()
    person.edits(sent, "She has 2 cats")
    await person.quiet()
    person.says("/review")
    listed = await person.sees("Here is everything")
    assert "She has 2 cats" in listed.text
    assert "4 cats" not in listed.text


async def test_a_reply_to_an_earlier_question_goes_to_that_answer(
    service: Service, telegram: Emulator
) -> None:
    person = await dawn(service, telegram, until="child_needs")
    asked = next(m for m in reversed(person.screen) if m.from_bot and where_is(m) == "going_well")
    person.replies(asked, "and he laughs again")
    await person.quiet()
    assert "earlier answer" in person.last.text
    assert step(person) == "child_needs"


def where_is(message: Message) -> str:
    return where(message)[0] if message.buttons else ""


async def test_a_button_from_an_hour_ago_changes_nothing(
    service: Service, telegram: Emulator
) -> None:
    person = await dawn(service, telegram, until="worries")
    old = next(m for m in person.screen if m.from_bot and where_is(m) == "seen_worries")
    person.taps_old(old, payload(old, "yes"))
    await person.quiet()
    assert "earlier question" in person.last.text
    assert step(person) == "worries"


@pytest.mark.both_databases
async def test_an_update_that_comes_again_is_handled_once(
    service: Service, telegram: Emulator
) -> None:
    person = await dawn(service, telegram, until="worries")
    person.says("only once")
    await person.quiet()
    before = len(person.screen)
    telegram.redeliver(telegram.world.updates.next_id - 1)
    await person.quiet()
    assert len(person.screen) == before


async def test_what_quotes_a_person_is_protected(service: Service, telegram: Emulator) -> None:
    person = await dawn(service, telegram, until="preview")
    quoting = [m for m in person.screen if m.from_bot and "pancakes" in m.text]
    assert quoting
    assert all(message.protect_content for message in quoting)


async def test_the_menu_stands_in_each_language(service: Service, telegram: Emulator) -> None:
    await telegram.until(lambda: bool(telegram.calls("setMyCommands")), 5)
    commands = telegram.calls("setMyCommands")[0].params["commands"]
    assert "help" in str(commands)
    assert "stop" in str(commands)


@pytest.mark.both_databases
async def test_hide_clears_what_telegram_lets_a_bot_clear(
    service: Service, telegram: Emulator
) -> None:
    person = await dawn(service, telegram, until="worries")
    person.says("my private words")
    await person.quiet()
    person.says("/hide")
    await person.quiet()
    await telegram.until(lambda: bool(telegram.calls("deleteMessages")), 5)
    await person.quiet()
    assert "my private words" not in "".join(m.text for m in person.screen)


async def test_blocking_and_coming_back(service: Service, telegram: Emulator) -> None:
    person = await dawn(service, telegram, until="worries")
    person.blocks_bot()
    await person.quiet()
    person.unblocks_bot()
    await person.quiet()
    assert step(person) == "worries"
