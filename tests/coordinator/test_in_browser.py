"""The coordinators' pages in a real browser: a phone, a desk, by day and by night."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.applications import Starlette

from bot.coordinator.routes import coordinators_site
from bot.store.database import Database
from bot.store.sealing import ServiceKey
from bot.store.upgrade import upgrade
from tests.coordinator.conftest import QUICK, Hands
from tests.coordinator.household import (
    LIBRARY,
    Household,
    in_person,
    only_coordinator,
    people,
    picked,
    to_the_meeting,
    words,
)

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists() and not os.environ.get("CI"):
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[str, Household]]:
    """The site on a port of its own, with a meeting in which something has happened."""
    url = f"sqlite:///{tmp_path / 'beforehand.db'}"
    upgrade(url)
    database = Database.open(url)
    service_key = ServiceKey.parse(ServiceKey.new_line("k20261123"))
    household = Household.of(database, service_key, "meeting-birch.yaml")
    household.sends(
        "yusuf",
        [
            words("worries", "لا أحد اتصل بي.", only_coordinator("Halina"), language="ar"),
            words("going_well", "x" * 400, to_the_meeting()),
            people("not_safe_with", "Someone, a neighbour"),
            picked("told_purpose", "no"),
            in_person("questions"),
        ],
    )
    household.alerts("yusuf")
    household.fails_to_deliver("mair")
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    routes = coordinators_site(database, service_key, LIBRARY, Hands(), address, hasher=QUICK)
    config = uvicorn.Config(Starlette(routes=routes), port=port, log_level="error", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield address, household
    server.should_exit = True
    thread.join()
    database.close_now()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_fits_and_can_be_used_by_everybody(
    chromium: Browser, desk: tuple[str, Household], width: int, scheme: str
) -> None:
    address, household = desk
    context = chromium.new_context(
        viewport={"width": width, "height": 740},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(f"{address}/coordinator/in/{household.made.coordinator_web}")
    check(page, width)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    meeting = f"{address}/coordinator/meeting/{household.made.meeting_id}"
    for path in (
        f"{address}/coordinator",
        meeting,
        f"{meeting}/copy",
        f"{address}/coordinator/summary/{household.id_of('yusuf')}",
        f"{address}/coordinator/summary/{household.id_of('mair')}",
        f"{address}/coordinator/password",
        f"{address}/coordinator/nowhere",
    ):
        page.goto(path)
        check(page, width)
    context.close()


def test_the_meeting_copy_prints_without_what_is_for_the_screen(
    chromium: Browser, desk: tuple[str, Household]
) -> None:
    address, household = desk
    household.sends(
        "mair",
        [
            words("going_well", "songs in the bath", to_the_meeting()),
            words("worries", "damp", to_the_meeting()),
        ],
    )
    page = chromium.new_page()
    page.goto(f"{address}/coordinator/in/{household.made.coordinator_web}")
    page.get_by_role("main").get_by_role("button").click()
    page.goto(f"{address}/coordinator/meeting/{household.made.meeting_id}/copy")
    page.emulate_media(media="print")
    printed = page.inner_text("body")
    assert "songs in the bath" in printed
    for screen_only in ("Sign out", "Choose a password", "Back to the meeting", "Print it"):
        assert screen_only not in printed
    page.close()


def check(page: Page, width: int) -> None:
    """No scrolling sideways, and nothing that axe objects to."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
