"""P22: what is due by the calendar comes once, at the right hour of the meeting's own clock. All
of it goes along when the meeting moves or is called off."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot import meetings
from bot.delivery.letters import ChatLetter
from bot.delivery.schedule import Scheduler
from bot.settings import Settings
from bot.store.database import Database
from bot.store.models import Conversation, Coordinator, Delivery, Participant
from bot.store.sealing import KeyRing, ServiceKey
from tests.journeys.script import PEOPLE
from tests.service import library
from tests.statements import statements

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
    key: ServiceKey
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

    async def waiting(self) -> list[str]:
        """What kinds wait to be sent."""
        waits = select(Delivery.kind).where(Delivery.status == "waiting").order_by(Delivery.number)
        return await self.database.run(lambda session: list(session.scalars(waits)))

    async def tried(self, person: str, *statuses: str) -> None:
        """That reminders went to somebody, and what came of each."""

        def note(session: Session) -> None:
            one = session.query(Participant).filter_by(reference=person).one()
            for status in statuses:
                session.add(
                    Delivery(
                        kind="reminder",
                        channel="telegram",
                        recipient=f"telegram:{person}",
                        owner_id=one.id,
                        participant_id=one.id,
                        sealed_body=b"",
                        due_at=self.hands.now,
                        finished_at=self.hands.now,
                        status=status,
                    )
                )

        await self.database.run(note)

    async def said(self, kind: str, to: str) -> list[str]:
        """The words of what is queued to a chat."""

        def read(session: Session) -> list[str]:
            row = session.query(Delivery).filter_by(kind=kind, recipient=to).one()
            seal = KeyRing(session, self.key).of(row.owner_id)
            body = seal.open("delivery", row.id, "sealed_body", row.sealed_body)
            letter = ChatLetter.model_validate_json(body)
            return [_plain(one.text) for one in letter.message.paragraphs]

        return await self.database.run(read)

    async def meetings_more(self, count: int) -> None:
        for _ in range(count):
            await self.database.run(
                lambda session: meetings.make_meeting(session, self.key, the_file(), self.hands.now)
            )

    async def moves(self, starts_at: datetime) -> None:
        await self.database.run(lambda session: self.move(session, starts_at))

    def move(self, session: Session, starts_at: datetime) -> None:
        ring = KeyRing(session, self.key)
        now = self.hands.now
        meetings.move_meeting(session, ring, library().wording, self.meeting, starts_at, now)

    async def calls_off(self) -> None:
        now = self.hands.now

        def call_off(session: Session) -> None:
            ring = KeyRing(session, self.key)
            meetings.cancel_meeting(session, ring, library().wording, self.meeting, now)

        await self.database.run(call_off)

    async def sets(self, row: type[Any], **values: object) -> None:
        await self.database.run(lambda session: session.execute(update(row).values(**values)))


def _plain(text: str) -> str:
    """Without the marks that keep names from turning what stands beside them round."""
    return text.translate({0x2068: None, 0x2069: None})


def the_file() -> meetings.MeetingFile:
    return meetings.read_meeting_file(ASH.read_text(encoding="utf-8"), ASH.name)


@pytest.fixture
def calendar(database: Database, service_key: ServiceKey) -> Calendar:
    hands = Hands()
    made = database.run_now(
        lambda session: meetings.make_meeting(session, service_key, the_file(), hands.now)
    )
    scheduler = Scheduler(database, service_key, library(), hands, Settings(), lambda: None)
    return Calendar(
        database, service_key, hands, scheduler, made.meeting_id, made.people[0].participant_id
    )


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


@pytest.mark.parametrize("starts", ["2027-03-29T16:30", "2027-10-31T16:30"])
async def test_at_the_set_hour_on_the_days_when_the_clocks_change(
    calendar: Calendar, starts: str
) -> None:
    """24 hours are 24 hours: half past three, or half past five, by the clock on the wall."""
    there = datetime.fromisoformat(starts).replace(tzinfo=ZoneInfo("Europe/London"))
    await calendar.moves(there)
    due = there.astimezone(UTC) - timedelta(hours=24)
    assert await calendar.at(due - timedelta(minutes=1)) == []
    assert await calendar.at(due) == ["roundup"]


async def test_the_roundup_in_the_chat_says_of_each_what_their_meetings_page_says(
    calendar: Calendar,
) -> None:
    """Dawn blocked the chat once and was reached later; Craig never was; Kit came in and left."""
    await has_started(calendar)
    await calendar.sets(Coordinator, telegram_chat=9)
    await calendar.tried("dawn", "blocked", "sent")
    await calendar.tried("craig", "blocked")
    await calendar.database.run(
        lambda session: session.execute(
            update(Participant).where(Participant.reference == "kit").values(opened_at=STARTS)
        )
    )
    await calendar.at(STARTS - timedelta(hours=3))
    assert (await calendar.said("roundup", "telegram:9"))[1:] == [
        "Started, not sent: Dawn O'Shea",
        "Opened, not started: Kit",
        "Not opened yet: Marjorie Pell",
        "Could not be reached: Craig Dunmore",
    ]


async def test_a_round_asks_no_more_of_thirty_meetings_than_of_three(calendar: Calendar) -> None:
    asked = []
    for count in (3, 30):
        await calendar.meetings_more(count)
        await calendar.at(STARTS - timedelta(hours=3))
        with statements() as heard:
            await calendar.scheduler.round()
        asked.append(len(heard))
    assert asked[0] == asked[1]


async def test_when_the_meeting_moves_the_roundup_moves_along(calendar: Calendar) -> None:
    later = STARTS + timedelta(days=7)
    await calendar.moves(later)
    assert await calendar.at(STARTS - timedelta(hours=2)) == []
    assert await calendar.at(later - timedelta(hours=23)) == ["roundup"]


async def test_a_meeting_that_moves_again_and_again_has_a_roundup_each_time_it_is_near(
    calendar: Calendar,
) -> None:
    """Even where it comes back to a start that it had: the first one never went out."""
    assert await calendar.at(STARTS - timedelta(hours=24)) == ["roundup"]
    await calendar.moves(STARTS + timedelta(days=7))
    assert await calendar.waiting() == [], "it says the old time"
    await calendar.moves(STARTS)
    await calendar.at(STARTS - timedelta(hours=23))
    assert await calendar.waiting() == ["roundup"]


async def test_a_meeting_moved_to_tomorrow_has_its_roundup_at_once(calendar: Calendar) -> None:
    await calendar.moves(calendar.hands.now + timedelta(hours=20))
    assert await calendar.at(calendar.hands.now) == ["roundup"]


async def test_a_meeting_called_off_has_none(calendar: Calendar) -> None:
    await calendar.calls_off()
    assert await calendar.at(STARTS - timedelta(hours=2)) == []


async def test_what_waits_for_a_meeting_is_called_off_with_it(calendar: Calendar) -> None:
    await has_started(calendar)
    assert await calendar.at(calendar.hands.now + timedelta(days=4)) == ["reminder"]
    await calendar.calls_off()
    assert await calendar.waiting() == ["news"]
    assert await calendar.at(STARTS - timedelta(days=1)) == ["reminder", "news"]


async def test_reminders_go_by_the_new_start(calendar: Calendar) -> None:
    await has_started(calendar)
    await calendar.moves(calendar.hands.now + timedelta(days=3, hours=6))
    assert "reminder" not in await calendar.at(calendar.hands.now + timedelta(days=3))
    await calendar.moves(calendar.hands.now + timedelta(days=9))
    assert "reminder" in await calendar.at(calendar.hands.now)


async def test_nobody_is_told_of_what_was_not_changed(calendar: Calendar) -> None:
    """The notice stands in the same transaction as the change: both, or neither."""
    await has_started(calendar)

    def move_and_fail(session: Session) -> None:
        calendar.move(session, STARTS + timedelta(days=1))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await calendar.database.run(move_and_fail)
    assert await calendar.waiting() == []
    await calendar.moves(STARTS + timedelta(days=1))
    assert await calendar.waiting() == ["news"]


async def test_only_the_newest_change_waits(calendar: Calendar) -> None:
    """Whoever was out of reach meanwhile hears one new time, and it is the right one."""
    await has_started(calendar)
    await calendar.moves(STARTS + timedelta(days=1))
    await calendar.moves(STARTS + timedelta(days=2))
    assert await calendar.waiting() == ["news"]
    await calendar.calls_off()
    assert await calendar.waiting() == ["news"]


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
