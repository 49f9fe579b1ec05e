"""What an administrator sets is what people meet: languages, nations, days, reminders."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.service import Service, write_service
from bot.store.database import Database
from bot.store.sealing import KeyRing, ServiceKey
from tests.promises.ash import Ash, ash_family
from tests.telegram.player import question

pytestmark = pytest.mark.asyncio


async def sets(ash: Ash, service: Service) -> None:
    now = ash.clock()
    await ash.database.run(
        lambda session: write_service(
            session, KeyRing(session, ash.service.service_key), service, "operator", now
        )
    )


async def test_only_languages_that_are_offered_can_be_chosen(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="language")
        assert {"English", "Cymraeg", "العربية"} <= set(question(dawn).labels)
        await sets(ash, Service(languages=("cy",)))
        dawn.says("/language")
        await dawn.quiet()
        labels = question(dawn).labels
        assert {"English", "Cymraeg"} <= set(labels)
        assert "العربية" not in labels


async def test_the_days_that_people_are_told_are_the_days_that_are_kept(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        await sets(ash, Service(name="Marrow Lane", keep_drafts_days=3))
        kit = await ash.on_the_web("kit", until="name")
        told = (await kit.client.get("/privacy?for=adult")).text
        assert "3 days" in told
        assert "Marrow Lane" in told
        kit = await ash.on_the_web("dawn", until="worries")
        ash.clock.move(timedelta(days=2, hours=20))
        await ash.service.app.rounds.round()
        assert ash.rows("answer")
        ash.clock.move(timedelta(hours=8))
        await ash.service.app.rounds.round()
        assert not ash.rows("answer")
        assert not ash.rows("conversation")


@pytest.mark.parametrize(("reminders", "reminded"), [(True, 1), (False, 0)])
async def test_reminders_go_only_where_the_service_wants_them(
    database: Database, service_key: ServiceKey, reminders: bool, reminded: int
) -> None:
    async with ash_family(database, service_key) as ash:
        await sets(ash, Service(reminders=reminders))
        await ash.in_telegram("dawn", until="worries")
        ash.clock.move(timedelta(days=4))
        await ash.service.app.scheduler.round()
        kinds = [row["kind"] for row in ash.rows("delivery")]
        assert kinds.count("reminder") == reminded


async def test_the_roundup_is_due_when_the_service_wants_it(
    database: Database, service_key: ServiceKey
) -> None:
    two_days_before = datetime(2027, 3, 27, 15, 0, tzinfo=UTC)
    async with ash_family(database, service_key, two_days_before) as ash:
        await ash.service.app.scheduler.round()
        assert "roundup" not in [row["kind"] for row in ash.rows("delivery")]
        await sets(ash, Service(roundup_hours_before=72))
        await ash.service.app.scheduler.round()
        assert "roundup" in [row["kind"] for row in ash.rows("delivery")]
