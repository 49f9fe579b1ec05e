"""P9: out in one tap, and Back does not return; titles, previews and notices give nothing away."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import Page, async_playwright

from bot.privacy.bundle import FILE_NAME
from bot.store.database import Database
from bot.store.sealing import ServiceKey
from flows.schema import Audience
from tests.chromium import ARGUMENTS, CHROMIUM, needs_chromium
from tests.promises.ash import ash_family
from tests.service import library
from tests.web.conftest import PHONE
from tests.web.phone import come_in

pytestmark = pytest.mark.asyncio

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TELLING = re.compile(
    r"\b(kit|child|children|mum|dad|famil\w*|parent\w*|meeting|conference|protect\w*|social|safe\w*"
    r"|danger|abuse|council|odette|farrow|answer\w*|beforehand)\b",
    re.IGNORECASE,
)
"""What a notice on a locked phone must not say."""

UNASKED = ("reminder", "resume", "hidden")
"""What comes to someone's chat without their having written, and what is left after /hide."""


async def everything_on(page: Page) -> str:
    return f"{await page.title()} {await page.content()}"


@on_sqlite
@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
async def test_one_tap_leaves_and_back_does_not_return(
    database: Database, service_key: ServiceKey, scripts: bool
) -> None:
    needs_chromium()
    async with (
        ash_family(database, service_key, quick_exit_url="/health") as ash,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        phone = await browser.new_context(
            viewport=PHONE,  # type: ignore[arg-type]
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        phone.set_default_timeout(10_000)
        page = await phone.new_page()
        await come_in(page, ash.person("kit")["web"])
        other = await phone.new_page()
        for path in ("/chat", "/chat/mydata", "/help", "/privacy"):
            await other.goto(f"{ash.service.address}{path}")
            assert await other.title() == "Chat"
            assert await other.locator(".leave").count() == 1, f"no way out of {path}"
        await page.goto(f"{ash.service.address}/chat")
        cookies = {one["name"]: one["value"] for one in await phone.cookies()}
        await page.locator(".leave").click()
        await page.wait_for_url("**/health")
        for _ in range(2):
            await page.go_back()
            shown = await everything_on(page)
            assert "Kit" not in shown
            assert "Odette" not in shown
            assert await page.locator("#answer").count() == 0
        await other.goto(f"{ash.service.address}/chat/mydata")
        assert other.url.endswith("/back"), "other tabs are out too"
        assert not [one for one in await phone.cookies() if one["name"] == "chat"]
        await browser.close()
        copied = ash.browser(cookie=f"chat={cookies['chat']}")
        assert (await copied.opens("/chat")).headers["location"] == "/back"


@on_sqlite
async def test_titles_and_link_previews_say_nothing(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        link, dead = ash.person("dawn")["web"], f"/i/{'A' * 32}"
        dawn = ash.browser()
        pages = {path: await dawn.opens(path) for path in (link, "/", "/back", "/help", "/privacy")}
        await dawn.come_in(link)
        pages |= {path: await dawn.opens(path) for path in ("/chat", "/chat/mydata", dead)}
        for path, page in pages.items():
            head = page.text.partition("<body")[0]
            assert re.findall(r"<title>(.*?)</title>", head) == ["Chat"], path
            names = re.findall(r'<meta (?:name|property)="([^"]+)"', head)
            assert set(names) <= {"viewport", "color-scheme", "format-detection"}, path
            assert not TELLING.search(head), path
            assert page.headers["x-robots-tag"] == "noindex, nofollow"
            assert page.headers["cache-control"] == "no-store"
        assert not TELLING.search(FILE_NAME)
        icon = await dawn.client.get("/static/icon.svg")
        assert "<text" not in icon.text


@on_sqlite
async def test_what_comes_unasked_says_nothing(database: Database, service_key: ServiceKey) -> None:
    """Day by day until after the meeting, with someone who never writes again."""
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="worries")
        newest = dawn.screen[-1].id
        for _ in range(20):
            ash.clock.move(timedelta(days=7))
            await ash.service.app.scheduler.round()
            await ash.service.app.rounds.round()
            await ash.delivered()
        await dawn.quiet()
        unasked = [message for message in dawn.screen if message.id > newest]
        assert len(unasked) == 2, "two reminders, ever"
        for message in unasked:
            shown = " ".join([message.text, *message.labels])
            assert not TELLING.search(shown), shown


async def test_no_language_puts_a_name_into_what_comes_unasked() -> None:
    wording = library().wording
    given = {"coordinator": "ODETTE", "child": "KIT", "meeting": "CONFERENCE", "place": "LIBRARY"}
    for language in wording.languages:
        for phrase in UNASKED:
            for audience in Audience:
                said = wording.say(phrase, audience, language, **given)
                assert not [name for name in given.values() if name in said], (phrase, language)
    for phrase in UNASKED:
        assert not TELLING.search(wording.say(phrase, Audience.ADULT, "en"))


@on_sqlite
async def test_what_hide_leaves_could_be_about_anything(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="worries")
        dawn.says("/hide")
        await dawn.sees("Ready.")
        await dawn.quiet()
        [left] = dawn.screen
        assert not TELLING.search(" ".join([left.text, *left.labels]))


@on_sqlite
async def test_telegram_previews_no_link_of_ours(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        odette = ash.telegram.person("Odette")
        odette.start(ash.made["coordinator"]["telegram"])
        await odette.hears()
        odette.taps("~door:yes:0")
        await odette.hears()
        dawn = await ash.in_telegram("dawn")
        await odette.quiet()
        said = [m for m in (*dawn.screen, *odette.screen) if m.from_bot and m.kind == "text"]
        assert [m for m in said if "http" in m.text], "calls for help hold a link"
        assert [m for m in said if m.link_preview != {"is_disabled": True}] == []
