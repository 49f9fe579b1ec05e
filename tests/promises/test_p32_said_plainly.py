"""P32: what it does not protect against is said plainly: to people in the chat and on the web, to
operators in the README, and to a council in its papers, each line of which can be checked."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import typer.main

from bot.channels.telegram import hearing
from bot.channels.web.pages import anchor
from bot.cli import app
from bot.settings import Settings
from bot.store.database import Database
from bot.store.sealing import ServiceKey
from flows.exchange import CommandName
from flows.library import CONTENT, read_library
from flows.machine import FlowMachine
from flows.schema import Ask, Audience, Say
from flows.telling import TOPICS, KeptDays, told
from tests.journeys.script import PEOPLE, Script, people_of
from tests.service import Service, serving
from tests.telegram.emulator import Emulator
from tests.telegram.emulator.people import Person
from tests.telegram.player import come_in, payload, play, question, where

ROOT = Path(__file__).parent.parent.parent
PAPERS = sorted((ROOT / "docs" / "service").glob("*.md"))
THREATS = ROOT / "docs" / "service" / "threat-model.md"
README = ROOT / "README.md"
TODAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
NAME = "Children's services, Exampleshire"
LIBRARY = read_library(CONTENT)
LANGUAGES = LIBRARY.wording.languages

LIMITS = {
    "Telegram keeps and can read its copies": {
        "en": r"Telegram (could read|keeps)",
        "cy": r"Telegram.{0,60}[gc]opi",
        "ar": r"(تيليجرام|Telegram).{0,60}نسخة",
    },
    "whoever holds the phone can read it": {
        "en": r"(who|that) (holds|has) (your|this|the) phone",
        "cy": r"ffôn",
        "ar": r"هاتف",
    },
    "someone must act on danger": {
        "en": r"may have to (tell someone|be told|know)|must act|must help",
        "cy": r"rhaid",
        "ar": r"يلزم|يجب|نضطر",
    },
}
"""What must be said, and words that show it. Where a language has no words here yet, that it says
the same phrases is all that is checked; and what is not translated yet is said in English."""


def unsaid(text: str, language: str) -> list[str]:
    """The limits that a text keeps quiet about."""
    words = " ".join(text.split())
    return [
        limit
        for limit, shown in LIMITS.items()
        if not re.search(shown.get(language, ""), words) and not re.search(shown["en"], words)
    ]


# --- in the papers ---


@pytest.mark.parametrize("line", re.findall(r"(?m)^- .*$", THREATS.read_text(encoding="utf-8")))
def test_each_line_of_the_threat_model_names_its_test_or_its_limit(line: str) -> None:
    assert line.startswith("- Limit: ") or re.search(r"`tests/\S+\.py(::\w+)?`$", line)


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.name)
def test_each_test_that_a_paper_names_is_there(paper: Path) -> None:
    named = re.findall(r"`(tests/[^`]+)`", paper.read_text(encoding="utf-8"))
    assert [test for test in named if not is_there(test)] == []


def is_there(test: str) -> bool:
    path, _, function = test.partition("::")
    file = ROOT / path
    return file.is_file() and (
        not function or f"def {function}(" in file.read_text(encoding="utf-8")
    )


@pytest.mark.parametrize("paper", [README, *PAPERS], ids=lambda path: path.name)
def test_papers_name_only_what_there_is(paper: Path) -> None:
    text = paper.read_text(encoding="utf-8")
    settings = {f"BEFOREHAND_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"BEFOREHAND_[A-Z_]+[A-Z]", text)) <= settings
    commands = [said.split() for said in re.findall(r"`(?:uv run )?beforehand ([a-z ]+)", text)]
    assert [said for said in commands if not is_command(said)] == []
    addresses = {"/health", "/telegram", "/privacy"}
    in_chat = {f"/{name}" for name in (*CommandName, hearing.TODAY)} | addresses
    assert set(re.findall(r"`(/[a-z]+)`", text)) <= in_chat
    links = re.findall(r"\]\(([^):#]+)\)", text)
    assert [link for link in links if not (paper.parent / link).exists()] == []


def is_command(said: list[str]) -> bool:
    at = typer.main.get_command(app)
    for name in said:
        commands = getattr(at, "commands", None)
        if commands is None:
            return True  # its arguments
        if name not in commands:
            return False
        at = commands[name]
    return True


def test_the_readme_says_the_limits() -> None:
    _, _, limits = README.read_text(encoding="utf-8").partition("## What it does not protect")
    assert unsaid(limits.replace("Whoever holds the phone", "who holds the phone"), "en") == []
    assert "not end-to-end encrypted" in limits


# --- in the chat ---


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("flow", LIBRARY.names)
def test_each_opening_says_the_limits(flow: str, language: str) -> None:
    machine: FlowMachine = LIBRARY.newest(flow)
    said = [
        LIBRARY.wording.text(text, machine.flow.audience, language, coordinator="Amina")
        for step in machine.flow.opening
        for text in words_of(step)
    ]
    assert unsaid("\n".join(said), language) == []


def words_of(step: Say | Ask) -> list[str]:
    texts = [step.say] if isinstance(step, Say) else [step.ask, step.more]
    return [text for text in texts if isinstance(text, str) and text]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audience", Audience)
def test_the_cards_say_the_limits_wherever_they_are_read(audience: Audience, language: str) -> None:
    def all_of(place: str) -> str:
        sentences = (
            told(topic, place, LIBRARY.wording, audience, language, KeptDays())  # type: ignore[arg-type]
            for topic in TOPICS
        )
        return "\n".join(sentence for each in sentences for sentence in each)

    assert unsaid(all_of("page"), language) == []
    assert unsaid(all_of("telegram"), language) == []
    on_the_web = unsaid(all_of("web"), language)
    assert on_the_web in ([], ["Telegram keeps and can read its copies"])


def test_the_days_said_are_the_days_set() -> None:
    days = KeptDays(drafts=1, after_meeting=9, sent=80, backups=7)
    said = list(told("privacy_kept", "page", LIBRARY.wording, Audience.ADULT, "en", days))
    assert any("1 day after you last wrote" in sentence for sentence in said)
    assert any("9 days after the meeting" in sentence for sentence in said)
    assert any("until 80 days after the meeting" in sentence for sentence in said)
    assert any("gone after 7 days" in sentence for sentence in said)


async def at_the_worries(service: Service, telegram: Emulator) -> Person:
    """Dawn, on Telegram, who is asked about her worries."""
    ash = PEOPLE / "meeting-ash.yaml"
    start = service.meeting(ash)["people"][0]["telegram"]["start"]
    dawn = telegram.person("Dawn")
    await come_in(dawn, start)
    await play(dawn, Script(people_of(ash)[0]), until="worries")
    return dawn


@pytest.mark.asyncio
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_privacy_comes_in_cards_and_leads_back_to_the_question(
    database: Database, service_key: ServiceKey
) -> None:
    async with (
        Emulator.serving(now=lambda: TODAY) as telegram,
        serving(database, service_key, lambda: TODAY, telegram) as service,
    ):
        dawn = await at_the_worries(service, telegram)
        dawn.says("/privacy")
        card = await dawn.sees("kept locked")
        assert unsaid(card.text, "en") == []
        assert f"{service.address}/privacy" in card.text
        for topic in TOPICS:
            sentences = told(topic, "telegram", LIBRARY.wording, Audience.ADULT, "en", KeptDays())
            dawn.taps(payload(question(dawn), topic))
            shown = await dawn.sees(LIBRARY.wording.say(topic, Audience.ADULT, "en") + "\n")
            assert shown.id == card.id  # in its place, so that the chat does not fill up
            assert [one for one in sentences if one not in shown.text] == []
        dawn.taps(payload(question(dawn), "resume"))
        await dawn.quiet()
        assert where(question(dawn))[0] == "worries"


# --- on the web ---


@pytest_asyncio.fixture
async def stranger(database: Database, service_key: ServiceKey) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's browser, without a visit."""
    async with (
        serving(
            database,
            service_key,
            lambda: TODAY,
            service_name=NAME,
            privacy_contact="privacy@example.org",
        ) as service,
        httpx.AsyncClient(base_url=service.address) as client,
    ):
        yield client


@pytest.mark.asyncio
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_page_says_all_of_it_to_anyone_in_any_language(
    stranger: httpx.AsyncClient,
) -> None:
    for language in LANGUAGES:
        for audience in Audience:
            page = await stranger.get(
                f"/privacy?for={audience}", headers={"Accept-Language": language}
            )
            text = unescape(page.text)
            assert page.status_code == 200
            assert f'<html lang="{language}"' in text
            assert unsaid(text, language) == []
            for topic in TOPICS:
                sentences = told(topic, "page", LIBRARY.wording, audience, language, KeptDays())
                assert [one for one in sentences if one not in text] == []
                assert f'id="{anchor(topic)}"' in text  # where the chat's link leads
            assert NAME in text
            assert "privacy@example.org" in text


@pytest.mark.asyncio
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_page_says_the_days_of_the_settings(
    database: Database, service_key: ServiceKey
) -> None:
    days = {"keep_drafts_days": 21, "keep_sent_days": 60, "keep_backups_days": 7}
    async with (
        serving(database, service_key, lambda: TODAY, **days) as service,  # type: ignore[arg-type]
        httpx.AsyncClient(base_url=service.address) as client,
    ):
        page = unescape((await client.get("/privacy")).text)
    assert "21 days after you last wrote" in page
    assert "until 60 days after the meeting" in page
    assert "gone after 7 days" in page


@pytest.mark.asyncio
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_unknown_reader_gets_the_page_for_adults(stranger: httpx.AsyncClient) -> None:
    adults = (await stranger.get("/privacy?for=adult")).text
    assert (await stranger.get("/privacy")).text == adults
    assert (await stranger.get("/privacy?for=%3Cscript%3E")).text == adults
