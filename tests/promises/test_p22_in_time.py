"""What is due by the calendar: once, at the right hour of the meeting's own clock (promise P22)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from bot import meetings
from bot.delivery.schedule import Scheduler
from bot.settings import Settings
from bot.store.database import Database
from bot.store.models import Conversation, Delivery, Meeting, Participant
from bot.store.sealing import ServiceKey
from tests.journeys.script import PEOPLE
from tests.service import library

pytestmark = pytest.mark.asyncio

ASH = PEOPLE / "meeting-ash.yaml"
"""On the Monday after the clocks go forward: 29 March 2027, 16:30 in London, 15:30 UTC."""
STARTS = datetime(2027, 3, 29, 15, 30, tzinfo=UTC)


@dataclass
class Hands:
    now: datetime = field(default=datetime(2027, 3, 1, 12, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Calendar:
    """A meeting, a scheduler, and a clock to move."""

    database: Database
    hands: Hands
    scheduler: Scheduler
    meeting: UUID
    dawn: UUID

    async def at(self, moment: datetime) -> list[str]:
        """What kinds have ever been queued, once this moment has come."""
        self.hands.now = moment
        await self.scheduler.round()
        await self.scheduler.round()
        return await self.database.run(
            lambda session: list(session.scalars(select(Delivery.kind).order_by(Delivery.number)))
        )

    async def sets(self, row: type[Any], **values: object) -> None:
        await self.database.run(lambda session: session.execute(update(row).values(**values)))


@pytest.fixture
def calendar(database: Database, service_key: ServiceKey) -> Calendar:
    hands = Hands()
    file = meetings.read_meeting_file(ASH.read_text(encoding="utf-8"), ASH.name)
    made = database.run_now(
        lambda session: meetings.make_meeting(session, service_key, file, hands.now)
    )
    scheduler = Scheduler(database, service_key, library().wording, hands, Settings(), lambda: None)
    return Calendar(database, hands, scheduler, made.meeting_id, made.people[0].participant_id)


async def has_started(calendar: Calendar) -> None:
    """Dawn began in Telegram, said yes to reminders, and went quiet."""

    def start(session: Any) -> None:
        dawn = session.get_one(Participant, calendar.dawn)
        dawn.telegram_chat, dawn.may_message = 5, True
        session.add(
            Conversation(
                participant_id=dawn.id,
                flow="parent",
                version=1,
                state="worries",
                revision=1,
                sealed_memory=b"",
                started_at=calendar.hands.now,
                touched_at=calendar.hands.now,
                answered=0,
            )
        )

    await calendar.database.run(start)


async def test_the_roundup_comes_once_at_its_hour_across_the_clock_change(
    calendar: Calendar,
) -> None:
    assert await calendar.at(STARTS - timedelta(hours=24, minutes=1)) == []
    assert await calendar.at(STARTS - timedelta(hours=24)) == ["roundup"]
    assert await calendar.at(STARTS - timedelta(hours=1)) == ["roundup"]


async def test_when_the_meeting_moves_the_roundup_moves_along(calendar: Calendar) -> None:
    later = STARTS + timedelta(days=7)
    await calendar.sets(Meeting, starts_at=later)
    assert await calendar.at(STARTS - timedelta(hours=2)) == []
    assert await calendar.at(later - timedelta(hours=23)) == ["roundup"]


async def test_a_meeting_called_off_has_none(calendar: Calendar) -> None:
    await calendar.sets(Meeting, cancelled_at=calendar.hands.now)
    assert await calendar.at(STARTS - timedelta(hours=2)) == []


async def test_at_most_two_reminders_three_days_apart(calendar: Calendar) -> None:
    await has_started(calendar)
    noon = calendar.hands.now
    counts = [len(await calendar.at(noon + timedelta(days=day))) for day in range(0, 16)]
    assert counts == [0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]


async def test_never_at_night(calendar: Calendar) -> None:
    await has_started(calendar)
    night = datetime(2027, 3, 10, 20, 0, tzinfo=UTC)
    assert await calendar.at(night) == []
    assert await calendar.at(night + timedelta(hours=12, minutes=59)) == []
    assert await calendar.at(night + timedelta(hours=13)) == ["reminder"]


@pytest.mark.parametrize("answer", [None, False])
async def test_never_to_who_did_not_say_yes(calendar: Calendar, answer: bool | None) -> None:
    await has_started(calendar)
    await calendar.sets(Participant, may_message=answer)
    assert await calendar.at(calendar.hands.now + timedelta(days=5)) == []


async def test_never_to_who_has_sent(calendar: Calendar) -> None:
    await has_started(calendar)
    await calendar.sets(Conversation, sent_at=calendar.hands.now)
    assert await calendar.at(calendar.hands.now + timedelta(days=5)) == []
