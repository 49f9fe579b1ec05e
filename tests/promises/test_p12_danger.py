"""P12: danger is heard, help is shown, somebody is told at once, and an alert that nobody
acknowledges moves on. Nobody who prepares for the meeting ever sees it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot import staff
from bot.alerts import Figure, figures
from bot.delivery.courier import Delivered, Undeliverable
from bot.delivery.handing_over import HandingOver
from bot.delivery.letters import MailLetter
from bot.delivery.outbox import Claimed
from bot.removing import remove_from_desk
from bot.service import Contact, Service, write_service
from bot.store.database import Database
from bot.store.models import Coordinator
from bot.store.sealing import KeyRing, ServiceKey
from tests.promises.ash import Ash, ash_family
from tests.promises.test_p06_take_back import sends
from tests.service import library
from tests.telegram.emulator import Person
from tests.telegram.player import question, where

pytestmark = pytest.mark.asyncio

FRIDAY = datetime(2026, 11, 27, 16, 50, tzinfo=UTC)
"""Ten minutes before the week-end begins."""
SATURDAY = datetime(2026, 11, 28, 11, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
HIT = "he hits me every day"
ROTA = Service(
    name="Exampleshire",
    rota=(
        Contact(name="Rae", email="rae@example.org"),
        Contact(name="Sol", email="sol@example.org"),
    ),
    manager=Contact(name="Mo", email="mo@example.org"),
)

one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Post:
    """Mail that arrives, but for addresses that refuse it."""

    def __init__(self) -> None:
        self.letters: list[MailLetter] = []
        self.refused: set[str] = set()

    async def send(self, claimed: Claimed) -> Delivered | Undeliverable:
        letter = claimed.letter
        assert isinstance(letter, MailLetter)
        if letter.to in self.refused:
            return Undeliverable("mail_refused")
        self.letters.append(letter)
        return Delivered()

    @property
    def alerted(self) -> list[str]:
        return [one.to for one in self.letters if "may need help" in one.text]


@asynccontextmanager
async def on_duty(
    database: Database, key: ServiceKey, now: datetime = FRIDAY, service: Service | None = ROTA
) -> AsyncIterator[tuple[Ash, Post]]:
    if service is not None:
        database.run_now(lambda s: write_service(s, KeyRing(s, key), service, "operator", now))
    async with ash_family(database, key, now) as ash:
        post = Post()
        ash.service.app.courier.add("mail", post)
        yield ash, post


async def comes(ash: Ash, moment: datetime, rounds: int = 2) -> None:
    """The clock shows this, and both replicas have looked."""
    ash.clock.move(moment - ash.clock())
    for _ in range(rounds):
        await ash.service.app.escalation.round()
        await ash.service.app.courier.deliver_all_due()


async def writes(ash: Ash, person: Person, text: str) -> str:
    """Gives all that was said to it."""
    before = person.last.id
    person.says(text)
    await person.quiet()
    await ash.delivered()
    await person.quiet()
    return "\n".join(one.text for one in person.screen if one.id > before and one.from_bot)


async def links_chat(ash: Ash, person: Person) -> None:
    person.start(ash.made["coordinator"]["telegram"])
    await person.hears()
    person.taps("~door:yes:0")
    await person.hears()
    await person.quiet()


async def odettes(ash: Ash) -> Person:
    chat = ash.telegram.person("Odette")
    await links_chat(ash, chat)
    return chat


def coordinators_mail(post: Post) -> str:
    return next(to for to in post.alerted if to != "duty@example.org")


async def test_over_a_week_end_it_moves_on_by_working_minutes(
    database: Database, service_key: ServiceKey
) -> None:
    async with on_duty(database, service_key) as (ash, post):
        dawn = await ash.in_telegram("dawn", until="worries")
        told = await writes(ash, dawn, HIT)
        assert "Some words you wrote made me want to check that you are OK" in told
        assert "They are at work until 17:00 today." in told
        assert "call 999" in told
        assert len(post.alerted) == 2, "coordinator and duty inbox, at once"
        assert "duty@example.org" in post.alerted
        for letter in (one for one in post.letters if one.to in post.alerted):
            assert "Dawn" in letter.text
            assert "hits" not in letter.subject + letter.text

        first = len(post.alerted)
        await comes(ash, SATURDAY)
        await comes(ash, MONDAY + timedelta(minutes=19))
        assert len(post.alerted) == first, "ten minutes on Friday and nineteen on Monday"
        await comes(ash, MONDAY + timedelta(minutes=20))
        assert post.alerted[first:] == ["rae@example.org"]
        await comes(ash, MONDAY + timedelta(minutes=50))
        assert post.alerted[first:] == ["rae@example.org", "sol@example.org"]
        await comes(ash, MONDAY + timedelta(minutes=80))
        assert post.alerted[-1] == "mo@example.org"
        with structlog.testing.capture_logs() as logs:
            await comes(ash, MONDAY + timedelta(minutes=110))
        assert post.alerted[first:].count("mo@example.org") == 2, "the manager again"
        [loud] = [one for one in logs if one["event"] == "alert_not_acknowledged"]
        assert set(loud) == {"event", "log_level", "alert", "meeting", "step"}
        acts = [row["action"] for row in ash.rows("audit_entry") if row["actor"] == "service"]
        rung = [one for one in post.letters if one.subject == "Help lines to check"]
        assert [one.to for one in rung] == ["mo@example.org"], "once in 120 days"
        assert acts.count("alert_told") == 1
        assert acts.count("alert_moved_on") == 3
        assert acts.count("alert_nobody_acknowledges") == 1


async def test_one_tap_in_telegram_acknowledges_and_it_moves_no_further(
    database: Database, service_key: ServiceKey
) -> None:
    async with on_duty(database, service_key) as (ash, post):
        odette = await odettes(ash)
        dawn = await ash.in_telegram("dawn", until="worries")
        await writes(ash, dawn, HIT)
        await odette.quiet()
        assert "may need help" in odette.last.text
        assert "hits" not in odette.last.text
        tap = next(b.data for b in odette.last.buttons if b.data and b.data.startswith("~alert:"))

        dawn.taps_old(odette.last, tap)
        await dawn.quiet()
        assert ash.rows("alert")[0]["acknowledged_at"] is None, "only whoever is told of it may"
        odette.taps(tap)
        await odette.quiet()
        assert "acting on it" in odette.last.text
        assert ash.rows("alert")[0]["acknowledged_at"] is not None
        sent = len(post.alerted)
        await comes(ash, MONDAY + timedelta(hours=6))
        assert len(post.alerted) == sent


@one_database
async def test_at_the_week_end_they_are_told_when_it_is_read(
    database: Database, service_key: ServiceKey
) -> None:
    async with on_duty(database, service_key, SATURDAY) as (ash, post):
        dawn = await ash.in_telegram("dawn", until="worries")
        told = await writes(ash, dawn, HIT)
        assert "Nobody reads this until Monday 30 November 2026, 09:00." in told
        assert "They are at work" not in told
        assert len(post.alerted) == 2, "told at once all the same"


@one_database
async def test_a_team_that_is_always_there_is_told_at_once_and_the_words_say_so(
    database: Database, service_key: ServiceKey
) -> None:
    night = Contact(name="Night", email="night@example.org", always=True)
    service = ROTA.model_copy(update={"rota": (night, *ROTA.rota)})
    async with on_duty(database, service_key, SATURDAY, service) as (ash, post):
        dawn = await ash.in_telegram("dawn", until="worries")
        told = await writes(ash, dawn, HIT)
        assert "night@example.org" in post.alerted
        assert "A team that works when others do not is told now" in told
        assert "Nobody reads this" not in told


@one_database
async def test_what_is_refused_moves_on_at_once_and_shows(
    database: Database, service_key: ServiceKey
) -> None:
    async with on_duty(database, service_key) as (ash, post):
        post.refused = {"duty@example.org", "rae@example.org"}
        dawn = await ash.in_telegram("dawn", until="worries")
        await writes(ash, dawn, HIT)
        await comes(ash, FRIDAY + timedelta(seconds=20), rounds=3)
        assert "sol@example.org" in post.alerted, "past the one whose mail was refused"
        assert "mo@example.org" not in post.alerted
        odette = await ash.odette()
        await odette.opens(f"/coordinator/meeting/{ash.made['meeting']}")
        assert "An alert did not arrive." in odette.paper.text


@one_database
async def test_an_alert_never_reaches_a_chat_in_which_somebody_prepares(
    database: Database, service_key: ServiceKey
) -> None:
    """Craig, the other parent, coordinates too, in the chat in which he prepares."""
    async with on_duty(database, service_key) as (ash, post):
        craig = await ash.in_telegram("craig", until="worries")
        chat = next(r["telegram_chat"] for r in ash.rows("participant") if r["telegram_chat"])
        database.run_now(lambda s: s.execute(update(Coordinator).values(telegram_chat=chat)))
        before = len(craig.screen)
        dawn = await ash.in_telegram("dawn", until="worries")
        await writes(ash, dawn, HIT)
        await comes(ash, FRIDAY + timedelta(minutes=1))
        await craig.quiet()
        assert len(craig.screen) == before
        assert set(post.alerted) == {"duty@example.org", "rae@example.org"}, "the next instead"


@one_database
async def test_whoever_takes_a_meeting_over_in_which_they_prepare_is_not_called(
    database: Database, service_key: ServiceKey
) -> None:
    """Idris, who is to have Odette's meetings, has Craig's chat."""
    async with on_duty(database, service_key) as (ash, post):
        craig = await ash.in_telegram("craig", until="worries")
        chat = next(r["telegram_chat"] for r in ash.rows("participant") if r["telegram_chat"])
        dawn = await ash.in_telegram("dawn", until="worries")
        await writes(ash, dawn, HIT)
        before, told = len(craig.screen), len(post.alerted)
        now, url = ash.clock(), ash.service.address

        def remove(session: Session) -> None:
            ring = KeyRing(session, service_key)
            gone = session.scalars(select(Coordinator.id)).one()
            heir = staff.make(
                session,
                ring,
                name="Idris",
                email="idris@example.org",
                language="en",
                now=now,
                actor="operator",
            )
            session.get_one(Coordinator, heir).telegram_chat = chat
            telling = HandingOver(library(), url, "duty@example.org")
            remove_from_desk(session, ring, gone, heir, now, "operator", telling)

        await ash.database.run(remove)
        await comes(ash, FRIDAY + timedelta(minutes=1))
        await craig.quiet()
        assert len(craig.screen) == before
        assert post.alerted[told:] == ["rae@example.org"], "the next instead"
        [subject] = [one.subject for one in post.letters if one.to == "idris@example.org"]
        assert subject == "Meetings that are yours now"


@one_database
async def test_the_answer_is_kept_and_the_question_not_used_up(
    database: Database, service_key: ServiceKey
) -> None:
    async with on_duty(database, service_key) as (ash, post):
        dawn = await ash.in_telegram("dawn", until="worries")
        asked = where(question(dawn))[0]
        await writes(ash, dawn, HIT)
        state = where(question(dawn))[0]
        assert state == f"{asked}.hears", "who may hear it is asked, as of any answer"
        assert len(ash.rows("alert")) == 1
        sent = len(post.alerted)
        await writes(ash, dawn, "and i want to kill myself")
        assert len(ash.rows("alert")) == 2, "another kind of danger calls anew"
        assert len(post.alerted) == sent + 2
        await writes(ash, dawn, "he hit me again")
        assert len(post.alerted) <= sent + 4
        for table in ("alert", "audit_entry", "delivery"):
            assert not [r for r in ash.rows(table) if HIT in str(r)]


@one_database
async def test_on_the_web_too_and_wiping_stops_no_alert(
    database: Database, service_key: ServiceKey
) -> None:
    async with on_duty(database, service_key) as (ash, post):
        kit = await ash.on_the_web("kit", until="going_well")
        await kit.says(HIT)
        await ash.service.app.courier.deliver_all_due()
        assert "made me want to check that you are OK" in kit.paper.text
        assert post.alerted
        letters = [row for row in ash.rows("delivery") if row["kind"] == "alert"]
        assert {row["owner_id"] for row in letters}.isdisjoint({ash.id_of("kit")})


@one_database
async def test_an_alert_becomes_a_figure_without_words(
    database: Database, service_key: ServiceKey
) -> None:
    async with on_duty(database, service_key) as (ash, _):
        dawn = await ash.in_telegram("dawn", until="worries")
        await writes(ash, dawn, HIT)
        odette = await ash.odette()
        [alert] = ash.rows("alert")
        await odette.opens(f"/coordinator/meeting/{ash.made['meeting']}")
        await presses(odette, alert["id"], "acknowledge")
        await presses(odette, alert["id"], "false-alarm")
        assert ash.rows("alert")[0]["outcome"] == "false_alarm"
        shown = ash.database.run_now(figures)
        assert shown == (Figure("2026-11", "physical_abuse", 0, 1, 0),)


@one_database
async def test_an_answer_that_alerted_is_to_be_read_first_once_it_is_sent(
    database: Database, service_key: ServiceKey
) -> None:
    async with on_duty(database, service_key) as (ash, _):
        dawn = await ash.in_telegram("dawn")
        ash.clock.move(timedelta(minutes=1))
        await writes(ash, dawn, HIT)
        odette = await ash.odette()
        await odette.opens(f"/coordinator/summary/{ash.id_of('dawn')}")
        assert HIT not in odette.paper.text, "a draft stays theirs"
        before = odette.paper.text.count("Read first")
        await sends(dawn)
        await odette.opens(f"/coordinator/summary/{ash.id_of('dawn')}")
        assert HIT in odette.paper.text
        assert odette.paper.text.count("Read first") == before + 1


@one_database
async def test_whoever_is_not_safe_now_is_asked_whether_to_tell(
    database: Database, service_key: ServiceKey
) -> None:
    async with on_duty(database, service_key, SATURDAY) as (ash, post):
        dawn = await ash.in_telegram("dawn", until="private_time")
        dawn.taps(next(b.data for b in question(dawn).buttons if b.data and ":not_safe:" in b.data))
        await dawn.quiet()
        assert not ash.rows("alert"), "nobody is told unasked"
        dawn.taps("Yes, tell Odette Farrow")
        await dawn.quiet()
        await ash.service.app.courier.deliver_all_due()
        assert [row["category"] for row in ash.rows("alert")] == ["asked"]
        assert len(post.alerted) == 2
        assert any("Nobody reads this until Monday" in one.text for one in dawn.screen)


async def presses(browser: Any, alert: Any, what: str) -> None:
    token = browser.paper.fields["token"]
    answer = await browser.client.post(f"/coordinator/alert/{alert}/{what}", data={"token": token})
    assert answer.status_code == 303, answer.status_code
