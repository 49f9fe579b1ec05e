"""P6: until the meeting they may add, change and take back; the coordinator's copy says so, and
they are told honestly who has seen it."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from bot import meetings
from bot.store.database import Database
from bot.store.sealing import KeyRing, ServiceKey
from tests.promises.ash import Ash, ash_family
from tests.service import library
from tests.telegram.emulator import Person, ServerError
from tests.telegram.player import question, where
from tests.web.files import photo
from tests.web.visitor import Visitor

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

MONEY = "Nobody believes me about the money"


async def opens_item(person: Person, heading: str) -> None:
    person.says("/review")
    await person.quiet()
    asked = question(person)
    number = next(
        line.partition(".")[0]
        for line in asked.text.splitlines()
        if line.partition(". ")[2] == heading
    )
    person.taps(next(b.data for b in asked.buttons if b.text == number and b.data))
    await person.quiet()
    assert where(question(person))[0] == "item"


async def taps(person: Person, choice: str) -> None:
    button = next(b.data for b in question(person).buttons if b.data and f":{choice}:" in b.data)
    person.taps(button)
    await person.quiet()


async def sends(person: Person) -> None:
    person.says("/review")
    await person.quiet()
    await taps(person, "look")
    await taps(person, "send")


async def page(ash: Ash, odette: Visitor, name: str = "dawn") -> str:
    await odette.opens(f"/coordinator/summary/{ash.id_of(name)}")
    return odette.paper.text


async def test_add_change_and_take_back_until_the_meeting(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        chat = ash.telegram.person("Odette")
        chat.start(ash.made["coordinator"]["telegram"])
        await chat.hears()
        chat.taps("~door:yes:0")
        await chat.hears()
        odette = await ash.odette()
        dawn = await ash.in_telegram("dawn")

        dawn.says("and the boiler is mended")
        await dawn.quiet()
        assert "boiler is mended" not in await page(ash, odette), "not before she sends it"
        await sends(dawn)
        shown = await page(ash, odette)
        assert "boiler is mended" in shown
        assert "version 2" in shown

        await opens_item(dawn, "Worries")
        await taps(dawn, "change")
        dawn.says("It is about the money, and only that")
        await dawn.quiet()
        assert "about the money, and only that" not in await page(ash, odette)
        await sends(dawn)
        assert "about the money, and only that" in await page(ash, odette)
        await ash.delivered()
        assert any("only that" in message.text for message in chat.screen)

        await opens_item(dawn, "Worries")
        await taps(dawn, "out")
        told = dawn.last.text
        assert "no longer on their page" in told
        assert "had already opened it" in told
        shown = await page(ash, odette)
        assert "Taken back on" in shown
        assert "treat it as not said" in shown
        for words in (MONEY, "only that"):
            assert words not in shown
            await ash.delivered()
            assert not [m for m in chat.screen if words in m.text]
        assert "taken something back" in chat.last.text

        ash.clock.move(timedelta(days=130))
        await sends_nothing_more(dawn)


async def sends_nothing_more(person: Person) -> None:
    person.says("/review")
    await person.quiet()
    await taps(person, "look")
    assert "The meeting has been" in person.last.text
    assert "send" not in where(question(person))[1]


async def test_they_are_told_of_the_version_that_held_it(
    database: Database, service_key: ServiceKey
) -> None:
    """Odette has read the first version; what came with the second she has not seen."""
    async with ash_family(database, service_key) as ash:
        odette = await ash.odette()
        dawn = await ash.in_telegram("dawn")
        await page(ash, odette)
        dawn.says("and the boiler is mended")
        await dawn.quiet()
        await sends(dawn)
        await opens_item(dawn, "Something more")
        await taps(dawn, "out")
        assert "had not opened it yet" in dawn.last.text
        assert "boiler" not in await page(ash, odette)


async def test_a_letter_on_its_way_does_not_bring_what_was_taken_back(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        chat = ash.telegram.person("Odette")
        chat.start(ash.made["coordinator"]["telegram"])
        await chat.hears()
        chat.taps("~door:yes:0")
        await chat.hears()
        dawn = await ash.in_telegram("dawn", until="preview")
        hold = [row["number"] for row in ash.rows("delivery")]
        assert hold
        ash.telegram.fails("sendMessage", ServerError(502), chat=chat.id, times=1)
        await taps(dawn, "send")
        await opens_item(dawn, "Worries")
        await taps(dawn, "out")
        ash.clock.move(timedelta(minutes=5))
        await ash.delivered()
        await ash.delivered()
        assert not [m for m in chat.screen if MONEY in m.text]
        assert "taken something back" in chat.last.text


async def test_a_meeting_that_moves_stops_no_taking_back(
    database: Database, service_key: ServiceKey
) -> None:
    """Odette's chat is out of reach when Dawn takes it back, and then the meeting moves."""
    async with ash_family(database, service_key) as ash:
        chat = ash.telegram.person("Odette")
        chat.start(ash.made["coordinator"]["telegram"])
        await chat.hears()
        chat.taps("~door:yes:0")
        await chat.hears()
        dawn = await ash.in_telegram("dawn")
        assert any(MONEY in message.text for message in chat.screen)
        ash.telegram.fails(None, ServerError(502), chat=chat.id, times=None)
        await opens_item(dawn, "Worries")
        await taps(dawn, "out")
        await moves(ash)
        ash.telegram.faults.clear()
        ash.clock.move(timedelta(hours=1))
        await ash.delivered()
        assert not [m for m in chat.screen if MONEY in m.text]
        assert "taken something back" in chat.last.text
        mails = [r for r in ash.rows("delivery") if r["kind"] == "taken_back"]
        assert {r["channel"] for r in mails} == {"mail", "telegram"}


async def test_what_wiping_follows_on_is_cleared_all_the_same(
    database: Database, service_key: ServiceKey
) -> None:
    """Odette's chat is out of reach when Dawn takes it back, and when she wipes everything."""
    async with ash_family(database, service_key) as ash:
        chat = ash.telegram.person("Odette")
        chat.start(ash.made["coordinator"]["telegram"])
        await chat.hears()
        chat.taps("~door:yes:0")
        await chat.hears()
        dawn = await ash.in_telegram("dawn")
        ash.telegram.fails(None, ServerError(502), chat=chat.id, times=None)
        await opens_item(dawn, "Worries")
        await taps(dawn, "out")
        dawn.says("/wipe")
        await dawn.sees("Do you want to wipe everything?")
        dawn.taps("Yes, wipe everything")
        await dawn.sees("It is wiped")
        ash.telegram.faults.clear()
        ash.clock.move(timedelta(hours=1))
        await ash.delivered()
        assert not [m for m in chat.screen if MONEY in m.text]


async def moves(ash: Ash) -> None:
    def move(session: Session) -> None:
        meetings.move_meeting(
            session,
            KeyRing(session, ash.service.service_key),
            library().wording,
            UUID(ash.made["meeting"]),
            ash.clock() + timedelta(days=30),
            ash.clock(),
        )

    await ash.database.run(move)


async def test_a_picture_that_was_taken_back_is_served_no_more(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        odette = await ash.odette()
        kit = await ash.on_the_web("kit", until="going_well")
        await kit.does({"picture": ("drawing", photo(), "image/jpeg")})
        await kit.taps("coordinator")
        await ash.sends(kit)
        await page(ash, odette, "kit")
        [picture] = [one for one in odette.paper.pictures if "/attachment/" in one]
        assert (await odette.client.get(picture)).status_code == 200

        await kit.does(command="review")
        await kit.taps("going_well")
        await kit.taps("out")
        assert "Taken back on" in await page(ash, odette, "kit")
        assert (await odette.client.get(picture)).status_code == 404
