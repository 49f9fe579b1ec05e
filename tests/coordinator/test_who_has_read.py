"""Whoever sent something is told the truth of who has had it before their eyes; and a coordinator
who took a meeting over is shown as unread what they have not read."""

from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy.orm import Session

from bot import staff
from bot.delivery.handing_over import HandingOver
from bot.removing import remove_from_desk
from bot.store.database import Database
from bot.store.sealing import KeyRing, ServiceKey
from tests.papers.reading import read_pdf
from tests.promises.ash import Ash, ash_family
from tests.promises.test_p06_take_back import opens_item, sends, taps
from tests.promises.test_p08_mydata import from_telegram, opened
from tests.service import library
from tests.telegram.emulator import Person
from tests.web.visitor import Visitor

pytestmark = pytest.mark.asyncio

IN_A_CHAT = "It came to Odette Farrow in a chat, so they may have read it already."


async def links_her_chat(ash: Ash) -> Person:
    odette = ash.telegram.person("Odette")
    odette.start(ash.made["coordinator"]["telegram"])
    await odette.hears()
    odette.taps("~door:yes:0")
    await odette.sees("This chat is now yours")
    await odette.quiet()
    return odette


async def takes_over(ash: Ash) -> Visitor:
    """Odette has left, and Idris coordinates; he is signed in."""

    def hand_over(session: Session) -> str:
        ring, now = KeyRing(session, ash.service.service_key), ash.clock()
        idris = staff.make(
            session,
            ring,
            name="Idris Vaughan",
            email="idris@example.org",
            language="en",
            now=now,
            actor="operator",
        )
        odette = staff.find(session, ring, "odette.farrow@example.org")
        telling = HandingOver(library(), ash.service.address, "")
        remove_from_desk(session, ring, odette, idris, now, "operator", telling)
        return staff.link(session, idris, now, "operator")

    link = f"/coordinator/in/{await ash.database.run(hand_over)}"
    browser = ash.browser()
    await browser.opens(link)
    assert (await browser.client.post(link, data=browser.paper.fields)).status_code == 303
    return browser


@pytest.mark.both_databases
async def test_words_that_came_into_the_coordinators_chat_are_not_called_unseen(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        chat = await links_her_chat(ash)
        dawn = await ash.in_telegram("dawn")
        assert any("Nobody believes me" in one.text for one in chat.screen)
        desk = await ash.odette()
        page = (await desk.opens(f"/coordinator/meeting/{ash.made['meeting']}")).text
        assert "Not read yet." in page, "to have it in a chat is not to have read it"
        dawn.says("/wipe")
        assert IN_A_CHAT in (await dawn.sees("Do you want to wipe everything?")).text
        await dawn.quiet()
        await opens_item(dawn, "Worries")
        assert "has read what was sent" not in "".join(one.text for one in dawn.screen)
        await taps(dawn, "out")
        assert "no longer on their page" in dawn.last.text
        assert IN_A_CHAT in dawn.last.text
        assert "had not opened it yet" not in dawn.last.text
        assert IN_A_CHAT in opened(await from_telegram(ash, dawn))[0]


async def test_a_childs_words_come_into_no_chat(
    database: Database, service_key: ServiceKey
) -> None:
    """Kit is 13: the chat says that something was sent, and none of it."""
    async with ash_family(database, service_key) as ash:
        chat = await links_her_chat(ash)
        kit = await ash.on_the_web("kit")
        await ash.delivered()
        await chat.quiet()
        assert any("under 16" in one.text for one in chat.screen)
        await kit.does(command="wipe")
        assert "They have not opened it yet." in " ".join(kit.paper.told)


@pytest.mark.both_databases
async def test_after_a_hand_over_they_hear_who_it_was_that_read_it(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn")
        await (await ash.odette()).opens(f"/coordinator/summary/{ash.id_of('dawn')}")
        idris = await takes_over(ash)
        await opens_item(dawn, "Worries")
        told = "".join(one.text for one in dawn.screen)
        assert "Odette Farrow has read what was sent." in told
        assert "Idris Vaughan has read" not in told
        await taps(dawn, "out")
        assert "I have told Idris Vaughan" in dawn.last.text
        assert "Odette Farrow had already opened it" in dawn.last.text
        assert "Odette Farrow first opened it on" in opened(await from_telegram(ash, dawn))[0]
        dawn.says("/wipe")
        asked = await dawn.sees("Do you want to wipe everything?")
        assert "Odette Farrow has opened it already" in asked.text
        assert (
            "Taken back on" in (await idris.opens(f"/coordinator/summary/{ash.id_of('dawn')}")).text
        )


@pytest.mark.both_databases
async def test_whoever_takes_a_meeting_over_has_not_read_it_by_that(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn")
        meeting = f"/coordinator/meeting/{ash.made['meeting']}"
        page = f"/coordinator/summary/{ash.id_of('dawn')}"
        odette = await ash.odette()
        assert "They can see whether you have." in (await odette.opens(page)).text
        dawn.says("and the boiler is mended")
        await dawn.quiet()
        await sends(dawn)
        await odette.opens(page)
        idris = await takes_over(ash)
        assert "Not read yet." in (await idris.opens(meeting)).text
        shown = unescape((await idris.opens(page)).text)
        assert "You first read it just now." in shown
        assert "They can see whether you have." not in shown, "they hear of Odette"
        assert "since the version that you read" not in shown
        assert "You read it Monday 23 November 2026" in (await idris.opens(meeting)).text
        paper = read_pdf((await idris.client.get(f"{page}/pdf")).content).text
        assert "You first read it Monday 23 November" in " ".join(paper.split())
        ash.clock.move(timedelta(minutes=10))
        dawn.says("and the stairs too")
        await dawn.quiet()
        await sends(dawn)
        assert "since the version that you read" in unescape((await idris.opens(page)).text)
