"""A real browser, a Telegram of our own, and the service between them."""

import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from bot.store.database import Database
from bot.store.sealing import ServiceKey
from tests.chromium import ARGUMENTS, CHROMIUM, needs_chromium
from tests.overheard import nothing_is_overheard  # noqa: F401 - automatic
from tests.service import Service, serving
from tests.telegram.emulator import Emulator, MovableClock
from tests.web.visitor import Visitor

os.environ["PTB_TIMEDELTA"] = "1"  # python-telegram-bot 22 warns of its own older durations

TODAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest_asyncio.fixture
async def chromium() -> AsyncIterator[Browser]:
    needs_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def telegram() -> AsyncIterator[Emulator]:
    async with Emulator.serving(now=MovableClock(TODAY)) as emulator:
        yield emulator


@pytest_asyncio.fixture
async def service(
    database: Database, service_key: ServiceKey, telegram: Emulator
) -> AsyncIterator[Service]:
    async with serving(database, service_key, MovableClock(TODAY), telegram) as running:
        yield running


@pytest_asyncio.fixture
async def visitor(service: Service) -> AsyncIterator[Callable[[], Visitor]]:
    """A new browser without scripts each time, as on another device."""
    visitors: list[Visitor] = []

    def new() -> Visitor:
        visitors.append(Visitor.of(service.address, {}))
        return visitors[-1]

    yield new
    for one in visitors:
        await one.client.aclose()
