"""P7: what someone wipes is gone: from the chat as far as Telegram lets us, here for good."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import async_playwright, expect
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from bot.cli import app
from bot.delivery.courier import Delivered, TryAgain
from bot.delivery.letters import MailLetter
from bot.delivery.outbox import Claimed
from bot.meetings import show_meeting
from bot.privacy.anew import Named, invite_anew
from bot.store.columns import Base
from bot.store.database import Database
from bot.store.sealing import KeyRing, ServiceKey
from flows.answers import Circumstances, Conversation
from flows.conversation import take_turn
from flows.exchange import Command, CommandName, Tap, Wipe, Words
from tests.chromium import ARGUMENTS, CHROMIUM, needs_chromium
from tests.promises.ash import Ash, ash_family
from tests.service import library
from tests.telegram.emulator import Person
from tests.telegram.player import question
from tests.web.files import photo
from tests.web.phone import come_in
from tests.web.visitor import Visitor

pytestmark = pytest.mark.asyncio

DAWNS = ("Nobody believes me about the money", "drinking on the 9th", "Dawn O'Shea", "Kit's mum")


class Post:
    """A mail server that is out of order until it is mended."""

    def __init__(self) -> None:
        self.mended = False
        self.mails: list[MailLetter] = []

    async def send(self, claimed: Claimed) -> Delivered | TryAgain:
        if not self.mended:
            return TryAgain("mail_network", after_s=60)
        assert isinstance(claimed.letter, MailLetter)
        self.mails.append(claimed.letter)
        return Delivered()


def tap_of(person: Person, choice: str) -> str:
    return next(b.data for b in question(person).buttons if b.data and f":{choice}:" in b.data)


async def wipes(person: Person) -> None:
    person.says("/wipe")
    await person.sees("Do you want to wipe everything?")
    person.taps(tap_of(person, "wipe"))
    await person.sees("It is wiped")
    await person.quiet()


async def wipes_on_the_web(visitor: Visitor) -> str:
    paper = await visitor.does(command="wipe")
    assert "Do you want to wipe everything?" in paper.told
    answer = await visitor.sends(choice="wipe")
    assert answer.status_code == 200
    return answer.text


def sealed_values(ash: Ash, name: str) -> set[bytes]:
    """The wrapped key of a person, and all that it seals, as the tables hold it now."""
    owner = ash.id_of(name)
    [conversation] = [
        row["id"] for row in ash.rows("conversation") if row["participant_id"] == owner
    ]
    found = {row["wrapped"] for row in ash.rows("data_key") if row["owner_id"] == owner}
    for table in Base.metadata.tables:
        for row in ash.rows(table):
            if {owner, conversation} & {
                row.get("id") if table == "participant" else None,
                row.get("participant_id"),
                row.get("owner_id"),
                row.get("conversation_id"),
            }:
                found |= {v for k, v in row.items() if k.startswith("sealed_") and v}
    return found


def on_disk(session: Session, *, journal: bool) -> bytes:
    """Every byte that the database keeps in files; with its journal, and all else of its server."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        path = str(connection.engine.url.database)
        return b"".join(file.read_bytes() for file in sorted(Path(path).parent.glob("*")))
    connection.exec_driver_sql("CHECKPOINT")
    folder = Path(str(connection.exec_driver_sql("SHOW data_directory").scalar_one()))
    ours = connection.exec_driver_sql(
        "SELECT oid FROM pg_database WHERE datname = current_database()"
    ).scalar_one()
    under = folder if journal else folder / "base" / str(ours)
    return b"".join(file.read_bytes() for file in under.rglob("*") if file.is_file())


def files_of(database: Database) -> bytes:
    """Without PostgreSQL's journal, which ages out, as backups do, within the days we name."""
    return database.run_now(lambda session: on_disk(session, journal=False))


def all_files_of(database: Database) -> bytes:
    return database.run_now(lambda session: on_disk(session, journal=True))


def holds(files: bytes, sealed: bytes) -> bool:
    """Long values lie on several pages: one end of them is found whole."""
    return sealed[:24] in files or sealed[-24:] in files


def of_theirs(ash: Ash, owner: UUID) -> dict[str, int]:
    """How many rows of each table are somebody's."""
    counted = {}
    for table in Base.metadata.tables:
        mine = [
            row
            for row in ash.rows(table)
            if owner in (row.get("participant_id"), row.get("owner_id"))
        ]
        if mine:
            counted[table] = len(mine)
    return counted


def nothing_is_left(database: Database, sealed: set[bytes]) -> bool:
    left, all_files = files_of(database), all_files_of(database)
    assert not [value for value in sealed if holds(left, value)]
    assert not [words for words in DAWNS if words.encode() in all_files]
    return True


async def cleared(database: Database) -> None:
    """By night, until nobody holds it back: what somebody still reads at that moment stays for the
    next time."""
    for scrub in (database.scrub, database.scrub_pages, database.scrub_pages):
        while not await scrub():
            pass


async def odette_links(ash: Ash, person: Person) -> None:
    """Summaries and alerts come to her own chat from now on."""
    person.start(ash.made["coordinator"]["telegram"])
    await person.hears()
    person.taps("~door:yes:0")
    await person.hears()


def only_a_call_for_help_is_left(ash: Ash, owner: UUID) -> bool:
    kinds = {row["kind"] for row in ash.rows("delivery") if row["participant_id"] == owner}
    return set(of_theirs(ash, owner)) == {"alert", "delivery"} and kinds == {"alert"}


async def test_in_telegram_all_of_it_goes(database: Database, service_key: ServiceKey) -> None:
    async with ash_family(database, service_key) as ash:
        odette = ash.telegram.person("Odette")
        await odette_links(ash, odette)
        dawn = await ash.in_telegram("dawn")
        craig = await ash.in_telegram("craig", until="worries")
        dawn.says("/review")
        await dawn.sees("You have sent this")
        dawn.sends_sticker()
        dawn.sends_photo(photo())
        await dawn.quiet()
        assert "Nobody believes me" in " ".join(m.text for m in odette.screen)
        sealed, owner = sealed_values(ash, "dawn"), ash.id_of("dawn")
        held = files_of(database)
        assert len(sealed) > 20
        assert all(holds(held, value) for value in sealed)

        await wipes(dawn)

        assert len(dawn.screen) == 1, "only the last, honest message is left"
        told = dawn.last.text
        for promised in ("48 hours", "30 days", "opens nothing", "Odette Farrow"):
            assert promised in told
        await ash.delivered()
        assert "Nobody believes me" not in " ".join(m.text for m in odette.screen)
        assert only_a_call_for_help_is_left(ash, owner)
        await ash.service.app.rounds.round()
        await cleared(database)
        assert nothing_is_left(database, sealed)
        assert await is_still_asked_about_worries(craig)


async def is_still_asked_about_worries(craig: Person) -> bool:
    craig.says("/start")
    await craig.quiet()
    return question(craig).buttons[0].data.startswith("worries:")  # type: ignore[union-attr]


async def test_on_the_web_all_of_it_goes(database: Database, service_key: ServiceKey) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.on_the_web("dawn", until="needs_from_services")
        await ash.sends(dawn)
        await dawn.does({"picture": ("photo", photo(), "image/jpeg")})
        code = await dawn.client.post("/chat/code", data=dawn.paper.fields)
        sealed, owner = sealed_values(ash, "dawn"), ash.id_of("dawn")
        assert "chat_line" in Base.metadata.tables
        assert "attachment" in of_theirs(ash, owner)

        page = await wipes_on_the_web(dawn)

        for promised in ("It is wiped", "30 days", "opens nothing", "Odette Farrow"):
            assert promised in page
        assert "Nobody believes me" not in page
        assert "<title>Chat</title>" in page
        assert not ash.rows("chat_line")
        assert not ash.rows("answer")
        assert only_a_call_for_help_is_left(ash, owner)
        await ash.service.app.rounds.round()
        await cleared(database)
        assert nothing_is_left(database, sealed)
        again = await dawn.client.get("/chat")
        assert (again.status_code, again.headers["location"]) == (303, "/back")
        assert code.status_code == 200


async def test_the_key_goes_at_once_and_before_the_next_night(
    database: Database, service_key: ServiceKey
) -> None:
    """Without it the sealed rest is noise, whatever page it still lies on."""
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="wants")
        owner = ash.id_of("dawn")
        [wrapped] = [r["wrapped"] for r in ash.rows("data_key") if r["owner_id"] == owner]
        assert wrapped in files_of(database)
        await wipes(dawn)
        for _ in range(5):  # what PostgreSQL itself still reads at that moment goes in the next
            await ash.service.app.rounds.round()
        assert wrapped not in files_of(database)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_it_is_asked_once_more_and_no_means_no(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="wants")
        before = ash.rows("answer")
        dawn.says("Wipe everything!")
        asked = await dawn.sees("Do you want to wipe everything?")
        for honest in ("Nobody can bring it back", "48 hours", "30 days", "help was called"):
            assert honest in asked.text
        old = tap_of(dawn, "wipe")
        dawn.taps(tap_of(dawn, "wipe_nothing"))
        await dawn.quiet()
        assert ash.rows("answer") == before
        dawn.says("I want Kit home at weekends first")
        await dawn.quiet()
        dawn.taps_old(asked, old)
        await dawn.quiet()
        assert len(ash.rows("answer")) > len(before), "an old button asks again and wipes nothing"
        assert "Do you want to wipe everything?" in dawn.last.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_old_ways_in_open_nothing_and_give_nothing_away(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="wants")
        await wipes(dawn)
        start, link = ash.person("dawn")["telegram"]["start"], ash.person("dawn")["web"]
        stranger = ash.telegram.person("Somebody")
        said = []
        for token in (start, "A" * 32):
            stranger.start(token)
            said.append((await stranger.hears())[0].text)
        assert said[0] == said[1]
        browser = ash.browser()
        old, unknown = await browser.opens(link), await browser.opens(f"{link[:-32]}{'A' * 32}")
        assert old.status_code == unknown.status_code
        assert browser.paper.said == []
        dawn.says("hello?")
        assert "open the link" in (await dawn.sees("open the link")).text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_coordinator_sees_that_it_was_wiped_and_not_what(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        odette, chat = await ash.odette(), ash.telegram.person("Odette")
        await odette_links(ash, chat)
        dawn = await ash.in_telegram("dawn")
        owner, meeting = ash.id_of("dawn"), ash.made["meeting"]
        await odette.opens(f"/coordinator/summary/{owner}")
        assert "Nobody believes me" in odette.paper.text
        dawn.says("/wipe")
        asked = await dawn.sees("Do you want to wipe everything?")
        assert "Odette Farrow has opened it already" in asked.text
        dawn.taps(tap_of(dawn, "wipe"))
        assert "opened it already" in (await dawn.sees("It is wiped")).text
        for page in (f"/coordinator/meeting/{meeting}", f"/coordinator/summary/{owner}"):
            answer = await odette.opens(page)
            assert answer.status_code == 200
            assert "wiped their preparation" in odette.paper.text
            assert not [words for words in DAWNS[:2] if words in odette.paper.text]
        actions = [row["action"] for row in ash.rows("audit_entry")]
        assert actions.count("wiped") == 1
        shown = database.run_now(lambda s: show_meeting(s, service_key, UUID(meeting)))
        assert [one["status"] for one in shown["people"] if one["id"] == "dawn"] == ["wiped"]
        ash.clock.move(timedelta(days=126))
        await ash.service.app.scheduler.round()
        assert "wiped what they had prepared: dawn" in (await chat.sees("Your meeting on")).text


async def test_a_call_for_help_goes_on_without_a_word_of_theirs(
    database: Database, service_key: ServiceKey
) -> None:
    """Whoever makes someone wipe it does not make the call for help go away (promise P12)."""
    async with ash_family(database, service_key) as ash:
        post = Post()
        ash.service.app.courier.add("mail", post)
        dawn = await ash.in_telegram("dawn", until="needs_from_services")
        await wipes(dawn)
        await ash.service.app.rounds.round()
        post.mended = True
        ash.clock.move(timedelta(hours=1))
        await ash.delivered()
        assert {mail.to for mail in post.mails} == {
            "odette.farrow@example.org",
            "duty@example.org",
        }
        assert not [mail for mail in post.mails if "broke the door" in mail.text]
        odette = await ash.odette()
        await odette.opens(f"/coordinator/meeting/{ash.made['meeting']}")
        page = odette.paper.text
        assert "Dawn O&#39;Shea" in page
        assert "Nobody has acknowledged it yet" in page
        assert "broke the door" not in page
        assert ash.rows("alert")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_started_again_it_is_empty(database: Database, service_key: ServiceKey) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="wants")
        await wipes(dawn)
        owner, named = ash.id_of("dawn"), Named("Dawn O'Shea", "Kit's mum", "Kit")
        way_in = await database.run(
            lambda session: invite_anew(
                session, KeyRing(session, service_key), owner, named, ash.clock()
            )
        )
        browser = ash.browser()
        await browser.come_in(f"{ash.service.address}/i/{way_in.web}")
        assert not browser.paper.said
        assert not ash.rows("answer")
        assert owner in {row["owner_id"] for row in ash.rows("data_key")}
        await wipes_on_the_web(browser)
        assert owner not in {row["owner_id"] for row in ash.rows("data_key")}, "and once more"


@pytest.mark.parametrize("flow", ["parent", "family", "young_person", "child"])
async def test_it_is_offered_in_every_state(flow: str) -> None:
    machine = library().newest(flow)
    around = Circumstances(
        channel="web",
        coordinator="Odette",
        meeting_kind="review",
        starts_at=datetime(2027, 3, 29, 15, 30, tzinfo=UTC),
        timezone="Europe/London",
    )
    for state in machine.states:
        there = Conversation(
            flow=flow,
            version=machine.flow.version,
            channel="web",
            language="en",
            state=state,
            item=machine.flow.counted[0],
            told_start=around.starts_at,
            told_place=around.place,
        )
        for said in (Command(name=CommandName.WIPE), Words(text="delete everything.")):
            reply = take_turn(machine, there, said, around, library().wording)
            assert reply.conversation == there, "to ask changes nothing"
            yes = reply.messages[-1].rows[0][0]
            assert yes.label == "Yes, wipe everything", state
            tap = Tap(state="*", choice=yes.id, revision=reply.messages[-1].revision)
            done = take_turn(machine, there, tap, around, library().wording)
            assert done.effects == (Wipe(),), state


@pytest.mark.browser
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_with_scripts_the_last_words_stay_on_the_page(
    database: Database, service_key: ServiceKey
) -> None:
    needs_chromium()
    async with ash_family(database, service_key) as ash, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = await browser.new_context()
        context.set_default_timeout(10_000)
        page, other = await context.new_page(), await context.new_page()
        await come_in(page, ash.person("kit")["web"])
        await other.goto(f"{ash.service.address}/chat")
        await page.locator("[data-menu] summary").click()
        await page.locator("button[value=wipe][name=command]").click()
        await page.locator("button[name=choice][value=wipe]").click()
        await expect(page.locator("main")).to_contain_text("It is wiped")
        assert await page.locator("#answer").count() == 0
        await other.wait_for_url("**/back")  # what stood open elsewhere goes too
        await page.reload()
        assert page.url.endswith("/back")
        await browser.close()
    assert not ash.rows("conversation")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_request_that_came_another_way_is_met_from_the_command_line(
    database: Database,
    database_url: str,
    service_key: ServiceKey,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = ServiceKey.new_line("k1")
    key = ServiceKey.parse(line)
    async with ash_family(database, key) as ash:
        dawn = await ash.in_telegram("dawn", until="wants")
        owner = str(ash.id_of("dawn"))
        monkeypatch.setenv("BEFOREHAND_DATABASE_URL", database_url)
        monkeypatch.setenv("BEFOREHAND_KEY", line)
        monkeypatch.setattr("bot.cli.system_clock", ash.clock)

        def said(*command: str, answers: str = "") -> str:
            done = CliRunner().invoke(app, ["person", *command], input=answers)
            assert done.exit_code == 0, done.output
            return done.output

        await asyncio.to_thread(said, "wipe", owner, "--yes")
        await asyncio.to_thread(said, "wipe", owner, answers="y\n")
        assert not ash.rows("answer")
        await ash.delivered()
        await dawn.quiet()
        assert dawn.screen == []
        noted = [row for row in ash.rows("audit_entry") if row["action"] == "wiped"]
        assert [row["actor"] for row in noted] == ["operator"]
        asked = "Dawn\nKit's mum\nKit\n"
        links = await asyncio.to_thread(said, "invite", owner, answers=asked)
        link = json.loads(links[links.index("{") :])["web"].rpartition("/i/")[2]
        browser = ash.browser()
        await browser.come_in(f"{ash.service.address}/i/{link}")
        assert not browser.paper.said


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_it_is_offered_when_the_draft_has_gone_by_itself(
    database: Database, service_key: ServiceKey
) -> None:
    """Their name is held from the beginning, and that they were invited."""
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="worries")
        ash.clock.move(timedelta(days=31))
        await ash.service.app.rounds.round()
        assert not ash.rows("conversation"), "the draft went by itself"
        await wipes(dawn)
        assert not [row for row in ash.rows("data_key") if row["owner_id"] == ash.id_of("dawn")]
