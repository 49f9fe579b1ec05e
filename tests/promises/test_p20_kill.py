"""P20: an answer that was acknowledged is never lost, and never there twice: kill -9 under load."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from random import Random

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot import meetings
from bot.store.conversations import prepare
from bot.store.database import Database
from bot.store.models import TelegramChat
from bot.store.sealing import KeyRing, ServiceKey
from tests.journeys.script import PEOPLE, Script, people_of
from tests.telegram import player
from tests.telegram.emulator import Emulator, Person

pytestmark = pytest.mark.asyncio

KEY = ServiceKey.new_line("k1")
KILLS = 4
ASH = PEOPLE / "meeting-ash.yaml"


class Process:
    """The service as a process of its own, which can be killed."""

    def __init__(self, database_url: str, telegram: Emulator) -> None:
        self._environment = os.environ | {
            "BEFOREHAND_DATABASE_URL": database_url,
            "BEFOREHAND_KEY": KEY,
            "BEFOREHAND_TELEGRAM_TOKEN": telegram.token,
            "BEFOREHAND_TELEGRAM_API_URL": telegram.url,
            "BEFOREHAND_BIND": "127.0.0.1:0",
            "BEFOREHAND_DUTY_CONTACT": "duty@example.org",
        }
        self._running: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._running = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", env=self._environment
        )

    async def kill(self) -> None:
        assert self._running is not None
        self._running.send_signal(signal.SIGKILL)
        await self._running.wait()


@pytest_asyncio.fixture
async def telegram() -> AsyncIterator[Emulator]:
    async with Emulator.serving() as emulator:
        yield emulator


async def test_every_acknowledged_answer_is_there_once(
    database_url: str, database: Database, telegram: Emulator
) -> None:
    random = Random(20)  # noqa: S311 - when to kill, the same each time
    key = ServiceKey.parse(KEY)
    file = meetings.read_meeting_file(ASH.read_text(encoding="utf-8"), ASH.name)
    now = datetime.now(UTC)
    made = await database.run(lambda session: meetings.make_meeting(session, key, file, now))
    process = Process(database_url, telegram)
    await process.start()
    try:
        person = telegram.person("Dawn")
        start = made.people[0].telegram
        assert start is not None
        await patiently_in(person, start)
        await play_patiently(person, until="worries")
        said = []
        for number in range(KILLS):
            for part in range(6):
                said.append(f"words {number}-{part}")
                person.says(said[-1])
            if number % 2:  # at once when the last one is acknowledged: what if it was too early?
                await telegram.until(lambda: not telegram.pending_updates, 40)
            else:
                await asyncio.sleep(random.uniform(0.02, 0.4))
            await process.kill()
            await process.start()
        await telegram.until(lambda: not telegram.pending_updates, 40)
        heard = len(person.screen)
        person.says("/review")
        await telegram.until(
            lambda: not telegram.pending_updates and len(person.screen) > heard, 60
        )
        kept = await database.run(lambda session: words_of(session, key, person.id))
        assert sorted(kept) == sorted(said)
        assert kept == said, "in the order in which they were sent"
    finally:
        await process.kill()


async def patiently_in(person: Person, start: str) -> None:
    person.start(start)
    await person.hears(within_s=20)
    person.taps("~door:yes:0")
    await person.hears(within_s=20)


async def play_patiently(person: Person, until: str) -> None:
    await player.play(person, Script(people_of(ASH)[0]), until=until)


def words_of(session: object, key: ServiceKey, chat: int) -> list[str]:
    from sqlalchemy.orm import Session

    assert isinstance(session, Session)
    who = session.scalar(select(TelegramChat.participant_id).where(TelegramChat.chat == chat))
    assert who is not None
    conversation = prepare(session, KeyRing(session, key), who).conversation
    assert conversation is not None
    return [
        part.text
        for answer in conversation.answers.values()
        for part in answer.parts
        if part.text.startswith("words ")
    ]
