"""P28: what is over goes when its day has come, in every table; nothing makes it stay, and the
service is warned before."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot import human_answers, invitations, second_factor, staff
from bot.alerts import acknowledge
from bot.delivery.courier import Delivered, TryAgain
from bot.delivery.handing_over import HandingOver
from bot.delivery.letters import MailLetter
from bot.delivery.outbox import Claimed
from bot.privacy.days import Retention
from bot.privacy.retention import RULES
from bot.removing import remove_from_desk
from bot.settings import Settings
from bot.store.columns import Base
from bot.store.conversations import NobodyThere
from bot.store.database import Database
from bot.store.models import Alert, Coordinator, Meeting
from bot.store.sealing import KeyGone, KeyRing, ServiceKey
from tests.promises.ash import TODAY, Ash, ash_family
from tests.promises.test_p06_take_back import moves
from tests.service import library
from tests.web.files import photo

pytestmark = pytest.mark.asyncio

MEETING = 20
"""The day of the meeting. Day 0 is today; on it, everybody says all that they say."""

LAST_DAYS = {
    "heard_message": 2,
    "session": 8,  # idle for one, and over for seven
    "turn": 30,
    "telegram_chat": 34,  # with Dawn
    "conversation": 34,  # 14 after the meeting
    "answer": 34,
    "chat_line": 34,
    "human_answer": 34,
    "invitation": 44,  # the coordinator's, of 14 days
    "attachment": 110,  # 90 after the meeting
    "summary": 110,
    "task": 110,
    "delivery": 126,  # the warning came on day 96
    "alert": 370,  # acknowledged on day 5
    "participant": 370,
    "meeting": 370,
    "audit_entry": 370,
    "data_key": None,
    "coordinator": None,
    "recovery_code": None,
    "service": None,
}
"""The day on which a table's last row goes. None: the coordinator, their key and codes, and the
service's own row stay."""


DAYS = sorted(
    {*(day + near for day in LAST_DAYS.values() if day for near in (-1, 0, 1)), 5, 19, 96, 98}
    | {*range(1, 130, 10), *range(130, 380, 50), 380}
)
"""Each day on which anything is due, the days around it, and some others: a year would be long."""


class Post:
    """Mail that arrives."""

    def __init__(self) -> None:
        self.subjects: list[str] = []

    async def send(self, claimed: Claimed) -> Delivered:
        assert isinstance(claimed.letter, MailLetter)
        self.subjects.append(claimed.letter.subject)
        return Delivered()


class Unreached:
    """A mail server that is down."""

    async def send(self, claimed: Claimed) -> TryAgain:
        return TryAgain("mail_network")


def counts(ash: Ash) -> dict[str, int]:
    return {table: len(ash.rows(table)) for table in Base.metadata.tables}


async def looks_without_a_word(ash: Ash) -> None:
    """A page that stands open asks each day, and a call to Telegram fails each day."""
    for name in ("kit", "dawn"):
        try:
            await ash.service.app.turns.lines(ash.id_of(name))
        except (KeyGone, NobodyThere, AssertionError):
            continue


async def test_day_by_day_everything_goes(database: Database, service_key: ServiceKey) -> None:
    assert set(LAST_DAYS) == set(Base.metadata.tables), "each table needs a day, or a reason"
    async with ash_family(database, service_key, keep_audit_days=365) as ash:
        post = Post()
        ash.service.app.courier.add("mail", post)
        starts_at = TODAY + timedelta(days=MEETING)
        database.run_now(lambda s: s.execute(update(Meeting).values(starts_at=starts_at)))
        await ash.in_telegram("dawn", until="questions")  # unsent, with a call for help
        kit = await ash.on_the_web("kit", until="going_well")
        await kit.does({"picture": ("photo", photo(), "image/jpeg")})
        await kit.taps("coordinator")
        await ash.sends(kit)
        await kit.does(command="mydata")
        database.run_now(lambda s: somebody_comes_and_goes(s, KeyRing(s, service_key)))
        [odette] = [row["id"] for row in ash.rows("coordinator") if row["removed_at"] is None]
        kits = ash.id_of("kit")
        database.run_now(
            lambda s: human_answers.answer(
                s,
                KeyRing(s, service_key),
                library().wording,
                kits,
                odette,
                "There will be sandwiches.",
                TODAY,
            )
        )
        begun = counts(ash)
        assert [table for table, count in begun.items() if not count and LAST_DAYS[table]] == []
        last_seen: dict[str, int] = {}
        unread: dict[int, bool] = {}
        today = 0
        for day in DAYS:
            ash.clock.move(timedelta(days=day - today))
            today = day
            if day == 5:
                acknowledge_all(ash)
            if day <= 130:
                await looks_without_a_word(ash)
                await ash.service.app.scheduler.round()
            await ash.service.app.rounds.round()
            if day <= 130:
                await ash.delivered()
            now = counts(ash)
            last_seen |= {table: day for table, count in now.items() if count}
            unread[day] = any(row["sealed_body"] for row in ash.rows("delivery"))
        stays = {table for table, day in LAST_DAYS.items() if day is None}
        went = {t: None if t in stays else last_seen.get(t, 0) + 1 for t in begun}
        assert went == LAST_DAYS
        assert (now["coordinator"], now["data_key"]) == (1, 1)
        assert not unread[98], "words of letters go two days after they went"
        assert post.subjects.count("Something to keep soon") == 1


def somebody_comes_and_goes(session: Session, ring: KeyRing) -> None:
    """A coordinator with codes for a lost phone stays; one without meetings is taken out."""
    second_factor.new_recovery_codes(session, session.scalars(select(Coordinator.id)).one())
    made = staff.make(
        session,
        ring,
        name="Theo Lund",
        email="theo.lund@example.org",
        language="en",
        now=TODAY,
        actor="operator",
    )
    telling = HandingOver(library(), "http://testserver", "")
    remove_from_desk(session, ring, made, None, TODAY, "operator", telling)


def acknowledge_all(ash: Ash) -> None:
    [coordinator] = [row for row in ash.rows("coordinator") if row["removed_at"] is None]

    def acknowledge_each(session: Session) -> None:
        for alert in session.scalars(select(Alert.id)).all():
            acknowledge(
                session,
                KeyRing(session, ash.service.service_key),
                alert,
                coordinator["id"],
                ash.clock(),
            )

    ash.database.run_now(acknowledge_each)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_draft_goes_thirty_days_after_the_last_word_of_its_owner(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="worries")
        ash.clock.move(timedelta(days=29))
        dawn.says("still here")
        await dawn.quiet()
        for _ in range(29):
            ash.clock.move(timedelta(days=1))
            await looks_without_a_word(ash)
            await ash.service.app.rounds.round()
        assert ash.rows("answer"), "a word of theirs is what counts"
        ash.clock.move(timedelta(days=1))
        await ash.service.app.rounds.round()
        assert not ash.rows("answer")
        dawn.says("hello again")
        await dawn.quiet()
        assert "Which language" in dawn.last.text or dawn.last.buttons, "they may begin again"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_was_sent_stays_changeable_until_the_meeting_however_far_it_is(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        await ash.in_telegram("dawn")
        before = counts(ash)
        ash.clock.move(timedelta(days=120))
        await ash.service.app.rounds.round()
        after = counts(ash)
        assert after["answer"] == before["answer"]
        assert after["summary"] == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_open_call_for_help_outlasts_all_else(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        await ash.in_telegram("dawn", until="questions")
        ash.clock.move(timedelta(days=1000))
        await ash.service.app.rounds.round()
        assert ash.rows("alert")
        odette = await signed_in_anew(ash, service_key)
        await odette.opens(f"/coordinator/meeting/{ash.made['meeting']}")
        assert "Dawn O&#39;Shea" in odette.paper.text
        assert not ash.rows("answer")
        acknowledge_all(ash)
        ash.clock.move(timedelta(days=366))
        await ash.service.app.rounds.round()
        assert not ash.rows("alert")
        assert not ash.rows("participant")


async def signed_in_anew(ash: Ash, service_key: ServiceKey) -> Any:
    [coordinator] = [row for row in ash.rows("coordinator") if row["removed_at"] is None]
    now, lasts = ash.clock(), timedelta(days=1)
    token = ash.database.run_now(
        lambda s: invitations.invite(
            s, "coordinator_web", now=now, lasts=lasts, coordinator_id=coordinator["id"]
        )
    )
    ash.made["coordinator"]["web"] = f"{ash.service.address}/coordinator/in/{token}"
    return await ash.odette()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_service_is_warned_by_mail_and_on_the_page(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key, keep_sent_days=60, keep_warning_days=10) as ash:
        post = Post()
        ash.service.app.courier.add("mail", post)
        await ash.in_telegram("dawn")
        odette = await ash.odette()
        await odette.opens(f"/coordinator/meeting/{ash.made['meeting']}")
        assert "wiped on Friday 28 May 2027" in odette.paper.text
        ash.clock.move(timedelta(days=126 + 60 - 11))
        await ash.service.app.rounds.round()
        await ash.delivered()
        assert "Something to keep soon" not in post.subjects
        ash.clock.move(timedelta(days=2))
        for _ in range(2):
            await ash.service.app.rounds.round()
            await ash.delivered()
            ash.clock.move(timedelta(hours=2))
        assert post.subjects.count("Something to keep soon") == 1
        ash.clock.move(timedelta(days=11))
        await ash.service.app.rounds.round()
        assert not ash.rows("summary")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_warning_that_waits_goes_with_its_day_when_the_meeting_moves(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key, keep_sent_days=60, keep_warning_days=10) as ash:
        ash.service.app.courier.add("mail", Unreached())
        await ash.in_telegram("dawn")
        ash.clock.move(timedelta(days=126 + 60 - 9))
        await ash.service.app.rounds.round()
        await ash.delivered()
        [warning] = [row for row in ash.rows("delivery") if row["kind"] == "leaving"]
        assert warning["status"] == "waiting"
        await moves(ash)  # by 30 days from now
        post = Post()
        ash.service.app.courier.add("mail", post)
        ash.clock.move(timedelta(hours=1))
        await ash.service.app.rounds.round()
        await ash.delivered()
        assert "Something to keep soon" not in post.subjects, "it names a day that holds no more"
        ash.clock.move(timedelta(days=30 + 60 - 5))
        await ash.service.app.rounds.round()
        await ash.delivered()
        assert post.subjects.count("Something to keep soon") == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_meeting_called_off_ends_on_that_day(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        await ash.in_telegram("dawn")
        called_off = ash.clock()
        database.run_now(lambda s: s.execute(update(Meeting).values(cancelled_at=called_off)))
        ash.clock.move(timedelta(days=14))
        await ash.service.app.rounds.round()
        assert not ash.rows("answer")
        ash.clock.move(timedelta(days=76))
        await ash.service.app.rounds.round()
        assert not ash.rows("summary")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_picture_that_nothing_names_goes_within_two_days(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="worries")
        dawn.sends_photo(photo())
        await dawn.quiet()
        owner = ash.id_of("dawn")
        await ash.service.app.turns.keep(owner, "image/jpeg", photo(), "nobody names it")
        assert len(ash.rows("attachment")) == 2
        for _ in range(2):
            ash.clock.move(timedelta(days=1))
            await ash.service.app.rounds.round()
        assert len(ash.rows("attachment")) == 1


async def test_each_table_has_a_rule() -> None:
    assert set(RULES) == set(Base.metadata.tables)


async def test_the_days_are_settings_with_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEFOREHAND_KEEP_SENT_DAYS", "45")
    assert Settings(_env_file=None).keep_sent_days == 45
    for name, value in (("KEEP_AUDIT_DAYS", "364"), ("KEEP_BACKUPS_DAYS", "31")):
        monkeypatch.setenv(f"BEFOREHAND_{name}", value)
        with pytest.raises(ValidationError):
            Settings(_env_file=None)
        monkeypatch.delenv(f"BEFOREHAND_{name}")
    assert set(Retention.model_fields) <= set(Settings.model_fields)
