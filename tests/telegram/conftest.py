"""A Telegram of our own, and the service that talks to it."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from bot.store.database import Database
from bot.store.sealing import ServiceKey
from tests.overheard import nothing_is_overheard  # noqa: F401 - automatic
from tests.service import Service, serving
from tests.telegram.emulator import Emulator, MovableClock

os.environ["PTB_TIMEDELTA"] = "1"  # python-telegram-bot 22 warns of its own older durations

TODAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest_asyncio.fixture
async def clock() -> MovableClock:
    return MovableClock(TODAY)


@pytest_asyncio.fixture
async def telegram(clock: MovableClock) -> AsyncIterator[Emulator]:
    async with Emulator.serving(now=clock) as emulator:
        yield emulator


@pytest_asyncio.fixture
async def service(
    database: Database, service_key: ServiceKey, clock: MovableClock, telegram: Emulator
) -> AsyncIterator[Service]:
    """The service, polling."""
    async with serving(database, service_key, clock, telegram) as running:
        yield running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On SQLite, unless a test is marked `both_databases`: what differs is turn's and store's."""
    items[:] = [item for item in items if not _for_the_other_database(item)]


def _for_the_other_database(item: pytest.Item) -> bool:
    if item.path.parent != Path(__file__).parent or item.get_closest_marker("both_databases"):
        return False
    chosen = any("database_url" in mark.args[0] for mark in item.iter_markers("parametrize"))
    callspec = getattr(item, "callspec", None)
    database = callspec.params.get("database_url") if callspec is not None else None
    return not chosen and database == "postgresql"
