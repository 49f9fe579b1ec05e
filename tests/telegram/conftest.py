"""A Telegram of our own, and the service that talks to it."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest_asyncio

from bot.store.database import Database
from bot.store.sealing import ServiceKey
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
