"""The whole service, the Ash family's meeting in it, and browsers: with scripts and without."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from bot.store.database import Database
from bot.store.sealing import ServiceKey
from tests.chromium import ARGUMENTS, CHROMIUM, needs_chromium
from tests.journeys.script import PEOPLE
from tests.overheard import nothing_is_overheard  # noqa: F401 - automatic
from tests.service import Service, serving
from tests.telegram.emulator import MovableClock
from tests.web.visitor import Visitor

TODAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
PHONE = {"width": 360, "height": 740}


@dataclass(frozen=True)
class Ash:
    """Kit's meeting, and everybody's links."""

    made: dict[str, Any]

    def link(self, person: str) -> str:
        return next(str(one["web"]) for one in self.made["people"] if one["id"] == person)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(TODAY)


@pytest_asyncio.fixture(loop_scope="session")
async def service(
    database: Database, service_key: ServiceKey, clock: MovableClock
) -> AsyncIterator[Service]:
    # Somewhere neutral that is not on the internet.
    async with serving(database, service_key, clock, quick_exit_url="/health") as running:
        yield running


@pytest.fixture
def ash(service: Service) -> Ash:
    return Ash(service.meeting(PEOPLE / "meeting-ash.yaml"))


@pytest.fixture
def birch(service: Service) -> Ash:
    """Zosia is a child of seven; Yusuf reads Arabic."""
    return Ash(service.meeting(PEOPLE / "meeting-birch.yaml"))


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(service: Service) -> AsyncIterator[Callable[..., Visitor]]:
    """A new browser without scripts each time, as on another device."""
    visitors: list[Visitor] = []

    def new(**headers: str) -> Visitor:
        visitors.append(Visitor.of(service.address, headers))
        return visitors[-1]

    yield new
    for one in visitors:
        await one.client.aclose()


@pytest_asyncio.fixture(loop_scope="session")
async def kit(ash: Ash, visitor: Callable[..., Visitor]) -> Visitor:
    """Inside, at the first thing that is asked."""
    kit = visitor()
    await kit.come_in(ash.link("kit"))
    return kit


@pytest_asyncio.fixture(loop_scope="session")
async def at_a_question(kit: Visitor) -> Visitor:
    """Inside, past the explanations: what would you like to be called?"""
    await kit.go_to("name")
    return kit


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def chromium() -> AsyncIterator[Browser]:
    needs_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def phone(chromium: Browser, service: Service) -> AsyncIterator[BrowserContext]:
    """A phone of 360 pixels. Nothing may go wrong in its console. Closed before the service is."""
    context = await chromium.new_context(
        viewport=PHONE,  # type: ignore[arg-type]
        has_touch=True,
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    wrong: list[str] = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on(
        "console",
        lambda message: wrong.append(message.text) if "Content Security" in message.text else None,
    )
    yield context
    await context.close()
    assert not wrong


@pytest_asyncio.fixture(loop_scope="session")
async def page(phone: BrowserContext) -> Page:
    return await phone.new_page()


@pytest_asyncio.fixture(loop_scope="session")
async def phone_in(phone: BrowserContext, kit: Visitor, service: Service) -> BrowserContext:
    """The phone, inside as Kit: a second window of the same browser."""
    cookie = kit.client.cookies["chat"]
    await phone.add_cookies([{"name": "chat", "value": cookie, "url": service.address}])
    return phone
