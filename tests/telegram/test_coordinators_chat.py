"""The desk in a coordinator's own Telegram chat: linked by a code, and nobody else's."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import uuid4

import pytest
import pytest_asyncio
from pydantic import TypeAdapter
from sqlalchemy.orm import Session
from telegram import Update

from bot import staff
from bot.channels.telegram.hearing import hear
from bot.delivery.courier import Delivered, TryAgain
from bot.delivery.handing_over import HandingOver
from bot.delivery.letters import Letter, MailLetter, PaperLetter
from bot.delivery.outbox import Claimed
from bot.invitations import invite
from bot.removing import remove_from_desk
from bot.service import Contact, Service, write_service
from bot.store.database import Database
from bot.store.sealing import KeyRing, ServiceKey
from tests.papers.reading import read_pdf
from tests.promises.ash import Ash, ash_family
from tests.service import library
from tests.telegram.emulator import Message, Person, ServerError
from tests.web.visitor import Visitor

pytestmark = pytest.mark.asyncio

ODETTE, RAE = "odette.farrow@example.org", "rae@example.org"
MONDAY_AT_NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EVENING = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)


@pytest_asyncio.fixture
async def ash(database: Database, service_key: ServiceKey) -> AsyncIterator[Ash]:
    """It is Sunday evening."""
    async with ash_family(database, service_key, EVENING) as family:
        yield family


async def code_of(desk: Visitor) -> str:
    """A new code, from the page at the desk."""
    await desk.opens("/coordinator/account/telegram")
    made = await desk.client.post("/coordinator/account/telegram", data=desk.paper.fields)
    link = re.search(r'href="https://t\.me/\w+\?start=([\w-]+)"', made.text)
    start = re.search(r"/start ([\w-]+)", unescape(made.text))
    assert link is not None
    assert start is not None
    assert link[1] == start[1]
    assert 'class="square"' in made.text
    return link[1]


async def links(ash: Ash, desk: Visitor, name: str = "Odette") -> Person:
    person = ash.telegram.person(name)
    person.start(await code_of(desk))
    await person.hears()
    person.taps("~door:yes:0")
    await person.sees("This chat is now yours")
    await person.quiet()
    return person


def goes_on(ash: Ash, to: datetime) -> None:
    ash.clock.move(to - ash.clock())


def words_of(ash: Ash, name: str) -> list[str]:
    says = ash.script(name).says.values()
    return [words for words in says if isinstance(words, str) and " " in words]


def with_button(message: Message, data: str) -> Message:
    """The same message, with another payload behind its button."""
    assert message.markup is not None
    row = tuple(replace(one, data=data) for one in message.rows[0])
    return replace(message, markup=replace(message.markup, rows=(row,)))


def files_in(person: Person) -> list[Message]:
    return [one for one in person.screen if one.kind == "document"]


async def test_it_is_linked_by_a_code_that_works_once_and_taken_off_at_the_desk(ash: Ash) -> None:
    desk = await ash.odette()
    earlier = await code_of(desk)
    odette = await links(ash, desk)
    assert "Take the link off" in (await desk.opens("/coordinator/account")).text
    stranger = ash.telegram.person("Stranger")
    for used in (earlier, await code_of(desk)):
        if used is not earlier:
            ash.clock.move(timedelta(minutes=11))
        stranger.start(used)
        await stranger.sees("This link does not work")
        await stranger.quiet()
    menus = [call.params for call in ash.telegram.calls("setMyCommands")]
    [own] = [menu for menu in menus if str(odette.id) in str(menu.get("scope", ""))]
    assert "today" in str(own["commands"])
    assert "wipe" not in str(own["commands"])

    page = await desk.opens("/coordinator/account")
    done = await desk.client.post("/coordinator/account/telegram/unlink", data=desk.paper.fields)
    assert (page.status_code, done.status_code) == (200, 303)
    await odette.sees("not linked to the desk any more")
    odette.says("/today")
    await odette.quiet()
    assert "At the desk" not in odette.last.text
    noted = [row["action"] for row in ash.rows("audit_entry")]
    assert [one for one in noted if "telegram" in one and "code" not in one] == [
        "telegram_linked",
        "telegram_unlinked",
    ]


async def test_what_there_is_to_do_names_nobody(ash: Ash) -> None:
    odette = await links(ash, await ash.odette())
    odette.says("/today")
    told = (await odette.sees("At the desk")).text
    assert "Meetings after that: 1" in told
    assert "Calls for help" not in told
    await ash.in_telegram("dawn")
    odette.says("/today")
    await odette.quiet()
    told = odette.last.text
    assert re.search(r"Calls for help that nobody has acknowledged: [1-9]", told)
    assert re.search(r"Things to do: \d", told)
    for name in ("Dawn", "Craig", "Kit", "Marjorie"):
        assert name not in told
    goes_on(ash, datetime(2027, 3, 26, 9, 0, tzinfo=UTC))
    odette.says("/today")
    await odette.quiet()
    assert "Monday 29 March 2027, 16:30: 1 of 4 have sent." in odette.last.text
    assert "Not reached, or not opened: " in odette.last.text


async def test_the_list_comes_once_on_each_working_morning_and_only_if_it_has_something(
    ash: Ash,
) -> None:
    odette = await links(ash, await ash.odette())
    await ash.service.app.scheduler.round()
    await ash.delivered()
    assert "At the desk" not in odette.last.text, "it is Sunday"
    goes_on(ash, MONDAY_AT_NINE)
    await ash.service.app.scheduler.round()
    await ash.delivered()
    assert "At the desk" not in odette.last.text, "there is nothing to do"
    await ash.in_telegram("dawn", until="worries")
    goes_on(ash, MONDAY_AT_NINE + timedelta(days=1, hours=1))
    for _ in range(3):
        await ash.service.app.scheduler.round()
        await ash.delivered()
    lists = [one for one in odette.screen if "At the desk" in one.text]
    assert not lists
    await ash.in_telegram("craig")
    goes_on(ash, MONDAY_AT_NINE + timedelta(days=2, hours=1))
    for _ in range(3):
        await ash.service.app.scheduler.round()
        await ash.delivered()
    lists = [one for one in odette.screen if "At the desk" in one.text]
    assert len(lists) == 1
    goes_on(ash, MONDAY_AT_NINE + timedelta(days=3, hours=3))
    await ash.service.app.scheduler.round()
    await ash.delivered()
    assert len([one for one in odette.screen if "At the desk" in one.text]) == 1, "too late"


async def test_a_summary_comes_as_a_file_and_goes_when_it_is_wiped(ash: Ash) -> None:
    odette = await links(ash, await ash.odette())
    dawn = await ash.in_telegram("dawn")
    told = await odette.sees("has sent you what they want to say")
    parts = [one for one in odette.screen if "As a file" in one.labels]
    assert told.protect_content
    assert len(parts) == 1
    odette.taps_old(parts[0], "As a file")
    await ash.telegram.until(lambda: bool(files_in(odette)), 10)
    [file] = files_in(odette)
    assert file.protect_content, "not to be passed on"
    content = ash.telegram.world.files.by_id[file.media["file_id"]].data  # type: ignore[index]
    assert "Nobody believes me about the money" in " ".join(read_pdf(content).text.split())
    [summary] = ash.rows("summary")
    assert summary["first_read_at"] is not None

    stranger = ash.telegram.person("Stranger")
    stranger.says("hello")
    await stranger.quiet()
    stranger.taps_old(parts[0], "As a file")
    await stranger.sees("This link does not work here")
    assert not files_in(stranger)
    dawn.says("/wipe")
    await dawn.sees("Do you want to wipe everything?")
    dawn.taps("Yes, wipe everything")
    await dawn.sees("It is wiped")
    await ash.delivered()
    assert not files_in(odette)
    odette.says("/today")
    await odette.quiet()
    assert not files_in(odette)


async def test_the_roundup_comes_as_a_file_to_nobody_but_its_coordinator(ash: Ash) -> None:
    odette = await links(ash, await ash.odette())
    ash.clock.move(datetime(2027, 3, 28, 15, 30, tzinfo=UTC) - ash.clock())
    await ash.service.app.scheduler.round()
    await ash.delivered()
    told = await odette.sees("Not opened yet")
    odette.taps_old(told, "As a file")
    await ash.telegram.until(lambda: bool(files_in(odette)), 10)
    [file] = files_in(odette)
    assert file.protect_content, "not to be passed on"
    content = ash.telegram.world.files.by_id[file.media["file_id"]].data  # type: ignore[index]
    paper = read_pdf(content).text
    assert "Who has prepared" in paper
    assert "None of anybody's own words stand in this table" in paper

    stranger = ash.telegram.person("Stranger")
    stranger.says("hello")
    await stranger.quiet()
    stranger.taps_old(told, "As a file")
    await stranger.sees("This link does not work here")
    assert not files_in(stranger)


async def test_a_summary_that_an_earlier_version_queued_still_comes() -> None:
    whose = uuid4()
    waiting = f'{{"summary_of": "{whose}"}}'
    assert TypeAdapter(Letter).validate_json(waiting) == PaperLetter(kind="summary", of=whose)


async def test_none_of_a_childs_words_go_by_telegram(ash: Ash) -> None:
    """Kit is 13, and was promised the web alone."""
    odette = await links(ash, await ash.odette())
    dawn = await ash.in_telegram("dawn")
    button = next(one for one in odette.screen if "As a file" in one.labels)
    await ash.on_the_web("kit")
    await ash.delivered()
    told = await odette.sees("Kit (himself) has sent you what they want to say")
    assert "They are under 16" in told.text
    assert f"/coordinator/summary/{ash.id_of('kit')}" in told.text
    assert told.labels == []
    said = " ".join(one.text for one in odette.screen)
    for words in words_of(ash, "kit"):
        assert words not in said
    # A button made up for it brings nothing either.
    [data] = [one.data for one in button.buttons if one.text == "As a file"]
    assert data is not None
    forged = data.replace(ash.id_of("dawn").hex, ash.id_of("kit").hex)
    odette.taps_old(with_button(button, forged), "As a file")
    await odette.sees("This link does not work here")
    assert not files_in(odette)
    assert dawn.last


async def test_for_somebody_in_a_family_it_is_no_command(ash: Ash) -> None:
    dawn = await ash.in_telegram("dawn", until="worries")
    dawn.says("/today")
    assert "I do not know that command" in (await dawn.sees("I do not know that")).text
    craig = ash.telegram.person("Craig")
    craig.says("/today")
    await craig.quiet()
    assert "At the desk" not in " ".join(one.text for one in craig.screen)


async def test_whoever_is_removed_gets_nothing_more_and_loses_what_came(ash: Ash) -> None:
    odette = await links(ash, await ash.odette())
    await ash.in_telegram("dawn")
    assert "Nobody believes me" in text_in(odette)
    await removes(ash)
    ash.service.app.courier.wake()
    await ash.delivered()
    assert "Nobody believes me" not in text_in(odette)
    odette.says("/today")
    await odette.quiet()
    assert "At the desk" not in odette.last.text


@pytest.mark.both_databases
async def test_what_waits_for_whoever_is_removed_reaches_whoever_takes_over_and_nobody_else(
    ash: Ash,
) -> None:
    """Neither her chat nor her inbox can be reached when Dawn sends; then Odette goes."""
    odette = await links(ash, await ash.odette())
    mail = Mail()
    ash.service.app.courier.add("mail", mail)
    ash.telegram.fails(None, ServerError(502), chat=odette.id, times=None)
    await ash.in_telegram("dawn")
    idris = await removes(ash)
    ash.telegram.faults.clear()
    mail.is_down = False
    ash.clock.move(timedelta(hours=1))
    await ash.delivered()
    for words in ("Nobody believes me", "Dawn"):
        assert words not in text_in(odette)
        assert words in text_in(idris)
    assert "may need help" in idris.screen[-1].text
    got = {one.subject: one.text for one in mail.letters if one.to == "idris@example.org"}
    assert set(got) == {
        "Meetings that are yours now",
        "Something new to read",
        "Please look now: someone may need help",
    }
    assert got["Meetings that are yours now"].endswith(f"{ash.service.address}/coordinator")
    assert "odette.farrow@example.org" not in {one.to for one in mail.letters}
    tap = next(b.data for b in idris.last.buttons if b.data and b.data.startswith("~alert:"))
    idris.taps(tap)
    await idris.sees("acting on it")
    assert any(row["acknowledged_at"] for row in ash.rows("alert"))


async def test_what_is_cleared_from_her_chat_is_cleared_when_she_is_removed_meanwhile(
    ash: Ash,
) -> None:
    odette = await links(ash, await ash.odette())
    dawn = await ash.in_telegram("dawn")
    ash.telegram.fails(None, ServerError(502), chat=odette.id, times=None)
    dawn.says("/wipe")
    await dawn.sees("Do you want to wipe everything?")
    dawn.taps("Yes, wipe everything")
    await dawn.sees("It is wiped")
    await removes(ash)
    ash.telegram.faults.clear()
    ash.clock.move(timedelta(hours=1))
    await ash.delivered()
    assert "Nobody believes me" not in text_in(odette)


async def test_whoever_was_on_the_rota_hears_of_no_alert_that_still_waited(ash: Ash) -> None:
    """Rae has no meetings, and is told at once of every alert; then Rae goes."""
    now, mail = ash.clock(), Mail()
    telling = HandingOver(library(), ash.service.address, "")
    rota = Service(rota=(Contact(name="Rae", email=RAE, always=True),))

    def make(session: Session) -> None:
        ring = KeyRing(session, ash.service.service_key)
        staff.make(session, ring, name="Rae", email=RAE, language="en", now=now, actor="operator")
        write_service(session, ring, rota, "operator", now)

    def remove(session: Session) -> None:
        ring = KeyRing(session, ash.service.service_key)
        gone = staff.find(session, ring, RAE)
        remove_from_desk(session, ring, gone, None, now, "operator", telling)

    await ash.database.run(make)
    ash.service.app.courier.add("mail", mail)
    await ash.in_telegram("dawn")
    waiting = [row["recipient"] for row in ash.rows("delivery") if row["status"] == "waiting"]
    assert any(one.startswith("rota:") for one in waiting)
    await ash.database.run(remove)
    mail.is_down = False
    ash.clock.move(timedelta(hours=1))
    await ash.delivered()
    assert {one.to for one in mail.letters} == {ODETTE, "duty@example.org"}


async def test_nothing_that_waited_comes_to_a_chat_that_was_taken_off_the_desk(ash: Ash) -> None:
    desk = await ash.odette()
    odette, mail = await links(ash, desk), Mail()
    ash.service.app.courier.add("mail", mail)
    ash.telegram.fails(None, ServerError(502), chat=odette.id, times=None)
    await ash.in_telegram("dawn")
    await desk.opens("/coordinator/account")
    await desk.client.post("/coordinator/account/telegram/unlink", data=desk.paper.fields)
    ash.telegram.faults.clear()
    mail.is_down = False
    ash.clock.move(timedelta(hours=1))
    await ash.delivered()
    assert "Nobody believes me" not in text_in(odette)
    assert "may need help" not in text_in(odette)
    assert "not linked to the desk any more" in text_in(odette)
    assert "Something new to read" in {one.subject for one in mail.letters if one.to == ODETTE}


async def test_nothing_that_waited_comes_to_a_chat_that_another_took_the_place_of(
    ash: Ash,
) -> None:
    desk = await ash.odette()
    lost = await links(ash, desk)
    ash.telegram.fails(None, ServerError(502), chat=lost.id, times=None)
    await ash.in_telegram("dawn")
    await links(ash, desk, "Odette's new phone")
    ash.telegram.faults.clear()
    ash.clock.move(timedelta(hours=1))
    await ash.delivered()
    assert "Nobody believes me" not in text_in(lost)


class Mail:
    """A mail server that is down, at first."""

    def __init__(self) -> None:
        self.is_down = True
        self.letters: list[MailLetter] = []

    async def send(self, claimed: Claimed) -> Delivered | TryAgain:
        if self.is_down:
            return TryAgain("mail_network")
        assert isinstance(claimed.letter, MailLetter)
        self.letters.append(claimed.letter)
        return Delivered()


def text_in(person: Person) -> str:
    return "\n".join(one.text for one in person.screen)


async def removes(ash: Ash) -> Person:
    """Odette goes, and Idris has her meetings, and a chat of his own."""
    now, telling = ash.clock(), HandingOver(library(), ash.service.address, "duty@example.org")

    def make(session: Session) -> str:
        heir = staff.make(
            session,
            KeyRing(session, ash.service.service_key),
            name="Idris Vaughan",
            email="idris@example.org",
            language="en",
            now=now,
            actor="operator",
        )
        purpose = "coordinator_telegram"
        return invite(session, purpose, coordinator_id=heir, now=now, lasts=timedelta(hours=1))

    def remove(session: Session) -> None:
        ring = KeyRing(session, ash.service.service_key)
        heir, gone = (staff.find(session, ring, one) for one in ("idris@example.org", ODETTE))
        remove_from_desk(session, ring, gone, heir, now, "operator", telling)

    idris = ash.telegram.person("Idris")
    idris.start(await ash.database.run(make))
    await idris.hears()
    idris.taps("~door:yes:0")
    await idris.sees("This chat is now yours")
    await ash.database.run(remove)
    return idris


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
async def test_nothing_of_it_is_heard_in_a_group(kind: str) -> None:
    chat = {"id": -100, "type": kind, "title": "Team"}
    user = {"id": 7, "is_bot": False, "first_name": "Odette"}
    for text in ("/today", "/today@beforehand_bot", "/start abcdef", "hello"):
        message = {"message_id": 1, "date": 1, "chat": chat, "from": user, "text": text}
        assert hear(Update.de_json({"update_id": 1, "message": message}, None)) is None
        if text == "hello":
            for state in ("~alert", "~paper", "~roundup"):
                tap = {
                    "id": "1",
                    "from": user,
                    "chat_instance": "1",
                    "data": f"{state}:{'a' * 32}:0",
                    "message": message,
                }
                update = Update.de_json({"update_id": 2, "callback_query": tap}, None)
                assert hear(update) is None
