"""A coordinator's and an administrator's whole work in a real browser, with scripts and without:
the pages are met on a phone and at a desk by turns, and each fits into both."""

import re
from typing import Any

import pyotp
import pytest
from playwright.async_api import Browser, expect
from sqlalchemy.orm import Session

from bot import staff
from bot.store.database import Database
from bot.store.sealing import KeyRing, ServiceKey
from tests.coordinator.test_invitations_sent import (
    ACCOUNT,
    SECRET,
    TEMPLATE,
    Notify,
    notify_server,
)
from tests.journeys.desk_walker import Walker
from tests.promises.ash import ash_family
from tests.promises.coordinators_side import Post, post
from tests.service import Service
from tests.web.conftest import chromium

__all__ = ["chromium"]

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"]),
]

PASSWORD = "three brown otters dancing"  # noqa: S105 - made up
PDF, WORD = b"%PDF-", b"PK"
CSV = (
    "name;relation;role;age\r\nRay O'Shea;Kit's uncle;family;\r\nIvy;herself;young person;nine\r\n"
)


def sends_by(box: Post, notify: Notify) -> dict[str, Any]:
    """Settings with which invitations can be sent."""
    return {
        "smtp_url": f"smtp://127.0.0.1:{box.port}?from=hello@example.org",
        "notify_api_key": f"beforehand-{ACCOUNT}-{SECRET}",
        "notify_text_template": TEMPLATE,
        "notify_url": notify.address,
    }


def administrators_link(service: Service) -> str:
    def invite(session: Session) -> str:
        now = service.clock()
        made = staff.make(
            session,
            KeyRing(session, service.service_key),
            name="Nadia Okonjo",
            email="nadia.okonjo@example.org",
            language="en",
            now=now,
            actor="operator",
            administers=True,
        )
        return staff.link(session, made, now, "operator")

    return f"{service.address}/coordinator/in/{service.database.run_now(invite)}"


async def test_a_meeting_is_made_filled_changed_copied_and_called_off(
    chromium: Browser,
    database: Database,
    service_key: ServiceKey,
    scripts: bool,
) -> None:
    async with ash_family(database, service_key) as ash:
        desk = await Walker.of(chromium, scripts=scripts)
        await desk.comes_in(ash.made["coordinator"]["web"])
        await desk.at("Today")
        await desk.presses("New meeting")
        await desk.at("New meeting")
        await desk.types(title="Meeting for Wren", time="16:30", place="The library")
        await desk.presses("Go on to the people")
        await desk.is_told("Enter the day of the meeting")
        await desk.types(date="2027-04-12")
        await desk.presses("Go on to the people")

        await desk.at("Add people")
        await desk.types(name="Sam Hale", relation="Wren's mum")
        await desk.presses("Add this person")
        await desk.is_told("Choose their role and age")
        await desk.chooses(who="parent adult", language="pl")
        await desk.presses("Add this person")
        await desk.at("Links to give")
        await desk.sees("Sam Hale", "/i/")
        await desk.opens("Add people")

        await desk.types(people="Wren, herself, young person")
        await desk.presses("Look at the list")
        await desk.is_told("Line 1: write the age of a young person")
        await desk.types(people="Wren, herself, young person, 13")
        await desk.presses("Look at the list")
        await desk.presses("Add this person")
        await desk.at("Links to give")
        await desk.opens("Add people")

        chosen: Any = {"name": "people.csv", "mimeType": "text/csv", "buffer": CSV.encode("cp1252")}
        await desk.page.get_by_label("Or a CSV file").set_input_files(chosen)
        await desk.presses("Look at the list")
        await desk.is_told("Line 3: write the age of a young person")
        await desk.types(people=CSV.replace("nine", "16"))
        await desk.presses("Look at the list")
        await desk.presses("Add these 2 people")
        await desk.at("Links to give")
        await desk.opens("To the meeting")
        await desk.at("Meeting for Wren")
        await desk.sees("Wren's mum", "Ray O'Shea", "Polish")

        await desk.opens("About the meeting")
        await desk.at("About the meeting")
        await desk.chooses(kind="family_unity_meeting")
        await desk.types(
            called="Family network meeting",
            joining="Ring 01632 960 001",
            professionals="Asha Lowe, social worker\nMr Petrov, teacher",
            may_be_told="How Wren can stay with family.",
            fixed="Wren does not go back before it is safe.",
            open="Who helps, and when.",
        )
        await desk.presses("Keep")
        await desk.at("Meeting for Wren")
        await desk.sees("Family network meeting", "01632 960 001", "Mr Petrov, teacher")

        await desk.opens("Move the meeting")
        await desk.at("Move the meeting")
        await desk.types(date="2020-01-01")
        await desk.presses("Move it")
        await desk.is_told("That time is over")
        await desk.types(date="2027-04-19", time="10:00")
        await desk.presses("Move it")
        await desk.sees("Monday 19 April 2027, 10:00")

        await desk.opens("Set up another meeting with these people")
        await desk.at("New meeting")
        await desk.types(date="2027-07-12", time="10:00")
        await desk.presses("Go on to the people")
        await desk.at("Add people")
        await desk.sees("These are the people of the earlier meeting")
        await desk.presses("Add these 4 people")
        await desk.opens("To the meeting")
        await desk.sees("Monday 12 July 2027, 10:00")

        await desk.opens("Call the meeting off")
        await desk.at("Call the meeting off?")
        await desk.presses("Call it off")
        await desk.sees("This meeting was called off")
        await desk.opens("Meetings", within="header")
        await desk.at("Meetings")
        await desk.sees("Called off")
        await desk.context.close()


async def test_somebody_is_invited_by_every_way_and_the_device_is_handed_over(
    chromium: Browser,
    database: Database,
    service_key: ServiceKey,
    scripts: bool,
) -> None:
    async with (
        post() as box,
        notify_server() as notify,
        ash_family(database, service_key, **sends_by(box, notify)) as ash,
    ):
        desk = await Walker.of(chromium, scripts=scripts)
        await desk.comes_in(ash.made["coordinator"]["web"])
        await desk.opens("Meeting for Kit")
        assert (await desk.prints("Print a letter for everyone")).startswith(PDF)
        await desk.opens("Invitation: Dawn O'Shea")
        await desk.at("Dawn O'Shea")
        await desk.sees("Nobody has said that post is safe.")
        await desk.types(mobile="12", care="Not after six.")
        await desk.page.get_by_label("Text messages are safe").check()
        await desk.presses("Keep")
        await desk.is_told("Enter a mobile number")
        await desk.types(mobile="07700 900123", email="dawn@example.org")
        await desk.page.get_by_label("E-mail is safe").check()
        await desk.presses("Keep")
        await desk.sees("Not after six.")
        await desk.presses("Send it by text message to 07700900123")
        await notify.has(1)
        await desk.presses("Send it by e-mail to dawn@example.org")
        await box.has(1)
        assert (await desk.prints("Print a letter")).startswith(PDF)
        await desk.page.reload()
        await desk.sees("A text message,", "An e-mail,", "A letter,", "Not used yet.")

        await desk.presses("Show the link and a square to scan")
        await desk.at("Links to give")
        await expect(desk.page.get_by_role("img", name="A square to scan")).to_be_visible()
        await desk.opens("Print a letter, or send it: Dawn O'Shea")
        await desk.unfolds("Lost, or opened by somebody else?")
        await desk.presses("Make a new link")
        await desk.at("Links to give")
        await desk.opens("The meeting", within="body")
        await desk.opens("Invitation: Dawn O'Shea")
        await desk.unfolds("Lost, or opened by somebody else?")
        await desk.presses("Take all links back")
        await desk.sees("It opens nothing any more.")

        await desk.opens("The meeting", within="body")
        await desk.opens("Invitation: Kit")
        await desk.unfolds("Let them do it here")
        await desk.presses("Sign me out and open their page")
        await expect(desk.page).to_have_url(re.compile(r"/i/|/chat"))
        await desk.page.goto(f"{ash.service.address}/coordinator")
        await desk.at("Sign in")
        await desk.context.close()


async def test_what_is_sent_is_read_done_answered_and_taken_along(
    chromium: Browser,
    database: Database,
    service_key: ServiceKey,
    scripts: bool,
) -> None:
    async with ash_family(database, service_key) as ash:
        kit = await ash.on_the_web("kit", until="questions")
        await kit.says("will there be food?")
        await ash.sends(kit)
        desk = await Walker.of(chromium, scripts=scripts)
        await desk.comes_in(ash.made["coordinator"]["web"])
        await desk.sees("Someone may be hard or scary to be with.", "Has asked something.")
        while await desk.page.get_by_role("button", name="I have seen this").count():
            await desk.presses("I have seen this and am acting on it")
            await desk.at("Meeting for Kit")
            await desk.opens("Today", within="header")
        await desk.at("Today")

        await desk.opens("Meeting for Kit")
        await desk.sees("Not read yet.")
        await desk.unfolds("Give it to somebody: Kit: Has asked something")
        await desk.types(owner="Asha Lowe")
        await desk.presses("Keep")
        await desk.sees("Asha Lowe")
        await desk.presses("Done: Kit: Has asked something")
        await desk.sees("Done Monday 23 November 2026")
        for kind, begins in (("As a PDF", PDF), ("As a Word document", WORD)):
            assert (await desk.takes(kind)).startswith(begins)

        await desk.opens("Kit")
        await desk.at("Kit")
        await desk.sees("Safety first", "will there be food?", "ollie next door.")
        for kind, begins in (("As a PDF", PDF), ("As a Word document", WORD)):
            assert (await desk.takes(kind)).startswith(begins)
        await desk.presses("Send")
        await desk.is_told("Write what you want to answer")
        await desk.types(answer="Yes. There will be sandwiches.")
        await desk.presses("Send")
        await desk.sees("They see it when they are next in their chat.")
        await kit.see_chat()
        assert "There will be sandwiches." in kit.paper.text
        await desk.page.reload()
        await desk.sees("Shown to them")

        await desk.opens("Meeting for Kit", within="body")
        await desk.opens("The meeting copy")
        await desk.at("Meeting for Kit")
        await desk.sees("I dont want to choose.", "Read out in exactly these words.")
        for kind, begins in (
            ("As a PDF", PDF),
            ("As a Word document", WORD),
            ("Cards to cut out, as a PDF", PDF),
        ):
            assert (await desk.takes(kind)).startswith(begins)

        await desk.opens("Your sign-in", within="header")
        await desk.opens("Link your Telegram")
        await desk.presses("Make a code")
        start = await desk.page.get_by_text("/start ").inner_text()
        chat = ash.telegram.person("Odette")
        chat.says(start)
        await chat.hears()
        await desk.context.close()


async def test_an_administrator_sets_the_service_up(
    chromium: Browser,
    database: Database,
    service_key: ServiceKey,
    scripts: bool,
) -> None:
    async with ash_family(database, service_key) as ash:
        desk = await Walker.of(chromium, scripts=scripts)
        await desk.comes_in(administrators_link(ash.service))
        await desk.at("Setting up")
        await desk.sees("Left")
        await desk.opens("Your password and your phone")
        await desk.opens("Choose a password")
        await desk.types(password=PASSWORD, again=PASSWORD)
        await desk.presses("Keep this password")
        await desk.at("Set up your phone")
        secret = re.sub(r"\s", "", await desk.page.locator(".key").inner_text())
        await desk.types(code=pyotp.TOTP(secret).at(int(ash.clock().timestamp())))
        await desk.presses("Go on")
        await desk.at("Your recovery codes")
        await desk.presses("I have kept them")

        await desk.opens("What the service is called, and its hours")
        await desk.at("The service")
        await desk.types(name="Harrow Lane Family Meetings")
        await desk.types(**{"monday-opens": "09:00", "monday-closes": "08:00"})
        await desk.presses("Keep")
        await desk.is_told("Monday: enter two times")
        await desk.types(**{"monday-closes": "17:00"}, closed="2026-12-25")
        await desk.types(rota="Ada Brook, ada.brook@example.org")
        await desk.presses("Keep")
        await desk.sees("What you typed is in force from now on.")

        await desk.opens("Numbers", within="header")
        await desk.at("Numbers that people are given")
        await desk.presses("I rang it today")
        await desk.sees("Last rung on")

        await desk.opens("Who works at the desk", within="header")
        await desk.types(name="Idris Vaughan", email="odette.farrow@example.org")
        await desk.presses("Make a link")
        await desk.is_told("Someone has this e-mail address already")
        await desk.types(email="idris.vaughan@example.org")
        await desk.presses("Make a link")
        link = await desk.page.locator(".key").inner_text()
        idris = await Walker.of(chromium, scripts=scripts)
        await idris.comes_in(link)
        await idris.sees("You have no meeting ahead.")
        odette = await Walker.of(chromium, scripts=scripts)
        await odette.comes_in(ash.made["coordinator"]["web"])
        await odette.sees("Meeting for Kit")

        await desk.opens("Remove: Odette Farrow")
        await desk.presses("Remove: Odette Farrow")
        await desk.is_told("Choose who takes their meetings over.")
        await desk.chooses(to="Idris Vaughan")
        await desk.presses("Remove: Odette Farrow")
        await desk.at("Who works at the desk")
        await odette.page.goto(f"{ash.service.address}/coordinator")
        await odette.at("Sign in")
        await idris.page.goto(f"{ash.service.address}/coordinator")
        await idris.sees("Meeting for Kit")

        await desk.opens("The audit log", within="header")
        await desk.at("The audit log")
        await desk.chooses(action="coordinator_removed")
        await desk.presses("Search")
        await expect(desk.page.get_by_role("row")).to_have_count(2)
        table = await desk.takes("Download as a spreadsheet (CSV)")
        assert table.count(b"coordinator_removed") == 1
        for one in (idris, odette, desk):
            await one.context.close()
