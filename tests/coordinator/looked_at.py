"""The desk served on a port of its own, for real browsers to look at: a meeting in which something
has happened, its coordinator and an administrator signed in, and how each page is looked at."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    StorageState,
    ViewportSize,
    expect,
    sync_playwright,
)
from starlette.applications import Starlette

from bot import invitations, staff
from bot.channels.web.headers import SecurityHeaders
from bot.coordinator.routes import coordinators_site
from bot.meetings import make_meeting, read_meeting_file
from bot.store.database import Database
from bot.store.sealing import KeyRing, ServiceKey
from bot.store.upgrade import upgrade
from tests.chromium import ARGUMENTS, CHROMIUM, needs_chromium
from tests.coordinator.conftest import QUICK, Hands
from tests.coordinator.household import (
    LIBRARY,
    NOW,
    PEOPLE,
    Household,
    in_person,
    only_coordinator,
    people,
    picked,
    to_the_meeting,
    words,
)

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}


@dataclass
class Site:
    """The site on a port of its own, with a meeting in which something has happened."""

    address: str
    household: Household
    hands: Hands
    signed_in: StorageState
    """The coordinator's cookies."""
    administrators: StorageState

    @property
    def meeting(self) -> str:
        return f"{self.address}/coordinator/meeting/{self.household.made.meeting_id}"

    def summary(self, person: str) -> str:
        return f"{self.address}/coordinator/summary/{self.household.id_of(person)}"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    needs_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all tests here: none of them stands in another's way."""
    url = f"sqlite:///{tmp_path_factory.mktemp('desk') / 'beforehand.db'}"
    upgrade(url)
    database = Database.open(url)
    service_key = ServiceKey.parse(ServiceKey.new_line("k20261123"))
    text = (PEOPLE / "meeting-birch.yaml").read_text(encoding="utf-8")
    read = read_meeting_file(text.replace("language: cy}", "language: en}"), "birch")
    made = database.run_now(lambda session: make_meeting(session, service_key, read, NOW))
    household = Household(database, service_key, made)
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
    household.sends("mair", [words("going_well", "songs in the bath", to_the_meeting())])
    household.alerts("yusuf")
    household.fails_to_deliver("mair")
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, hands = f"http://127.0.0.1:{port}", Hands()
    routes = coordinators_site(
        database,
        service_key,
        LIBRARY,
        hands,
        address,
        hasher=QUICK,
        look_every_s=0.05,
        bot_name=lambda: "beforehand_bot",
    )
    app = SecurityHeaders(Starlette(routes=routes))
    config = uvicorn.Config(
        app, port=port, log_level="error", ws="none", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    links = (household.made.coordinator_web, _administrators_link(database, service_key, hands))
    inside = [_cookies(chromium, f"{address}/coordinator/in/{link}") for link in links]
    yield Site(address, household, hands, *inside)
    server.should_exit = True
    thread.join()
    database.close_now()


Opener = Callable[..., BrowserContext]


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Opener]:
    """A window of so many pixels. All are closed in the end: an open page keeps a stream."""
    contexts: list[BrowserContext] = []

    def new(width: int, inside: StorageState | None = None, *, scripts: bool = True) -> Any:
        viewport: ViewportSize = {"width": width, "height": 740}
        contexts.append(
            chromium.new_context(
                viewport=viewport, storage_state=inside, java_script_enabled=scripts
            )
        )
        return contexts[-1]

    yield new
    for one in contexts:
        one.close()


def _cookies(chromium: Browser, link: str) -> StorageState:
    """Signs in once. The page itself is looked at on the way."""
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(link)
    check(page, 360)
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_role("navigation")).to_be_visible()
    state = context.storage_state()
    context.close()
    return state


def _administrators_link(database: Database, service_key: ServiceKey, hands: Hands) -> str:
    return database.run_now(
        lambda session: staff.link(
            session,
            staff.make(
                session,
                KeyRing(session, service_key),
                name="Nadia Okonjo",
                email="nadia.okonjo@example.org",
                language="en",
                now=hands.now,
                actor="operator",
                administers=True,
            ),
            hands.now,
            "operator",
        )
    )


def check(page: Page, width: int) -> None:
    """No scrolling sideways, and nothing that axe objects to; nor to its colours by night, which
    are the same at each width. A phone's page fits into the 320 pixels of WCAG 2.2, 1.4.10, too."""
    for narrow in (320, width) if width == 360 else (width,):
        page.set_viewport_size({"width": narrow, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= narrow, page.url
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    if width < 1280:
        return
    page.emulate_media(color_scheme="dark")
    found = Axe().run(page, options={"runOnly": {"type": "rule", "values": ["color-contrast"]}})
    assert found.violations_count == 0, f"{page.url} by night\n{found.generate_report()}"
    page.emulate_media(color_scheme="light")


def another_link(site: Site) -> str:
    """A link for the same coordinator: each works once."""
    made = site.household.made
    return site.household.database.run_now(
        lambda session: invitations.invite(
            session,
            "coordinator_web",
            now=site.hands.now,
            lasts=timedelta(days=1),
            coordinator_id=made.coordinator_id,
        )
    )
