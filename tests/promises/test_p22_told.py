"""P22: people are told when their meeting moves or is called off, in the chat that they use."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import CliRunner, Result

from bot import meetings
from bot.cli import app
from bot.store.database import Database
from bot.store.models import AuditEntry, Meeting
from bot.store.sealing import KeyRing, ServiceKey
from tests.journeys.script import PEOPLE, Script, meeting_in, people_of
from tests.service import Service, library
from tests.telegram import player
from tests.telegram.emulator import Emulator
from tests.web.visitor import Visitor

pytestmark = pytest.mark.asyncio

ASH = PEOPLE / "meeting-ash.yaml"
STARTS = datetime(2027, 3, 29, 15, 30, tzinfo=UTC)


@dataclass
class Told:
    """A meeting in a running service, and who prepares for it."""

    made: dict[str, Any]
    dawn: Any = None

    async def moves(self, service: Service, starts_at: datetime) -> meetings.Told:
        now, meeting = service.clock(), UUID(self.made["meeting"])

        def move(session: Session) -> meetings.Told:
            ring = KeyRing(session, service.service_key)
            wording = library().wording
            return meetings.move_meeting(session, ring, wording, meeting, starts_at, now)

        return await service.database.run(move)

    async def calls_off(self, service: Service) -> meetings.Told:
        now, meeting = service.clock(), UUID(self.made["meeting"])

        def call_off(session: Session) -> meetings.Told:
            ring = KeyRing(session, service.service_key)
            return meetings.cancel_meeting(session, ring, library().wording, meeting, now)

        return await service.database.run(call_off)

    async def undelivered(self, service: Service) -> list[str]:
        shown = await service.database.run(
            lambda session: meetings.show_meeting(
                session, service.service_key, UUID(self.made["meeting"])
            )
        )
        return [one["kind"] for person in shown["people"] for one in person["deliveries_failed"]]


async def dawn_in(service: Service, telegram: Emulator, until: str = "worries") -> Told:
    """Dawn prepares in Telegram, and has said yes to messages."""
    made = service.meeting(ASH)
    dawn = telegram.person("Dawn")
    await player.come_in(dawn, made["people"][0]["telegram"]["start"])
    await player.play(dawn, Script(people_of(ASH)[0]), until=until)
    await dawn.quiet()
    return Told(made, dawn)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_whoever_said_yes_is_told_of_the_new_time_and_no_meeting_is_named(
    service: Service, telegram: Emulator
) -> None:
    told = await dawn_in(service, telegram)
    who = await told.moves(service, datetime(2027, 4, 6, 9, 0, tzinfo=UTC))
    assert who == meetings.Told(now=("dawn",), by_you=("craig", "kit", "marjorie"))
    said = await told.dawn.sees("new time")
    assert "Tuesday 6 April" in said.text
    assert "10:00" in said.text, "by the meeting's own clock, in summer time"
    for word in ("meeting", "Kit", "Odette", "family", "worries"):
        assert word not in said.text
    told.dawn.taps("*:resume:0")
    await told.dawn.sees("The meeting has a new time")
    await told.dawn.quiet()
    assert player.where(player.question(told.dawn))[0] == "worries", "and goes on where she was"
    told.dawn.says("Nobody believes me.")
    await told.dawn.quiet()
    assert "new time" not in told.dawn.last.text, "said once"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_whoever_said_no_gets_no_message_and_is_told_when_back(
    service: Service, telegram: Emulator
) -> None:
    told = await dawn_in(service, telegram)
    told.dawn.says("/stop")
    await told.dawn.quiet()
    before = len(told.dawn.screen)
    assert (await told.moves(service, STARTS + timedelta(days=8))).when_back == ("dawn",)
    await told.dawn.quiet()
    assert len(told.dawn.screen) == before
    told.dawn.says("/stop")
    assert await told.dawn.sees("The meeting has a new time"), "whatever they say first"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_meeting_called_off_is_told_in_telegram(
    service: Service, telegram: Emulator
) -> None:
    told = await dawn_in(service, telegram, until="preview")
    assert (await told.calls_off(service)).now == ("dawn",)
    said = await told.dawn.sees("called off")
    assert "meeting" not in said.text
    told.dawn.taps("*:resume:0")
    await told.dawn.sees("The meeting has been called off. Odette Farrow")
    await told.dawn.quiet()
    assert "Send" not in told.dawn.last.labels


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_blocked_bot_shows_among_what_did_not_arrive(
    service: Service, telegram: Emulator
) -> None:
    told = await dawn_in(service, telegram)
    told.dawn.blocks_bot()
    await told.moves(service, STARTS + timedelta(days=8))
    for _ in range(500):
        if await told.undelivered(service):
            break
        await asyncio.sleep(0.01)
    assert await told.undelivered(service) == ["news"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_in_the_web_chat_a_line_says_it_at_the_next_visit(
    service: Service, visitor: Callable[[], Visitor]
) -> None:
    told = Told(service.meeting(ASH))
    kit = visitor()
    await kit.come_in(told.made["people"][2]["web"])
    await kit.go_to("name")
    who = await told.moves(service, datetime(2027, 4, 6, 9, 0, tzinfo=UTC))
    assert who == meetings.Told(when_back=("kit",), by_you=("craig", "dawn", "marjorie"))
    await kit.see_chat()
    assert len(new_times(kit)) == 1
    assert "Tuesday 6 April" in new_times(kit)[0]
    assert kit.paper.state == "name", "what was asked stays open"
    await kit.says("Kit")
    await kit.see_chat()
    assert len(new_times(kit)) == 1, "said once"
    await told.calls_off(service)
    await kit.see_chat()
    assert [line for line in kit.paper.told if "called off" in line]


def new_times(kit: Visitor) -> list[str]:
    return [line for line in kit.paper.told if "new time" in line]


async def test_the_operator_moves_and_calls_off_by_command(
    database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = ServiceKey.new_line("k1")
    monkeypatch.setenv("BEFOREHAND_DATABASE_URL", database_url)
    monkeypatch.setenv("BEFOREHAND_KEY", line)
    file = meeting_in(ASH)
    now = datetime.now(UTC)
    made = database.run_now(
        lambda session: meetings.make_meeting(session, ServiceKey.parse(line), file, now)
    )
    meeting = str(made.meeting_id)

    def command(*words: str) -> Result:
        return CliRunner().invoke(app, ["meeting", *words])

    moved = command("move", meeting, "--to", "2099-07-01T10:00")
    assert json.loads(moved.output)["told"]["by_you"] == ["craig", "dawn", "kit", "marjorie"]
    starts = database.run_now(lambda session: session.get_one(Meeting, made.meeting_id).starts_at)
    assert starts == datetime(2099, 7, 1, 9, 0, tzinfo=UTC), "ten in the morning, in London"
    for wrong, why in [
        ("2027-03-28T01:30", "clocks go forward"),
        ("2020-01-01T10:00", "over"),
        ("tomorrow", "not a date"),
    ]:
        refused = command("move", meeting, "--to", wrong)
        assert refused.exit_code == 1
        assert why in refused.stderr
    assert command("cancel", meeting).exit_code == 0
    again = command("move", meeting, "--to", "2099-07-02T10:00")
    assert "called off" in again.stderr
    assert "no meeting" in command("cancel", str(made.coordinator_id)).stderr
    noted = database.run_now(
        lambda session: session.scalars(
            select(AuditEntry.action).where(AuditEntry.subject_id == made.meeting_id)
        ).all()
    )
    assert sorted(noted) == ["meeting_cancelled", "meeting_made", "meeting_moved"]
