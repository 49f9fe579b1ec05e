"""P21: what Telegram refuses or delays reaches people all the same; nobody pretends to be it."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from bot.delivery.courier import GIVE_UP_AFTER
from bot.store.database import Database
from bot.store.models import Delivery
from bot.store.sealing import ServiceKey
from tests.journeys.script import Script, people_of
from tests.service import SECRET, Service, serving
from tests.telegram.emulator import Emulator, MovableClock, Refusal, ServerError, TooManyRequests
from tests.telegram.player import come_in, play, question, where
from tests.telegram.test_chats import ASH, dawn, step

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

LONGEST_BACK_OFF = timedelta(minutes=31)


@pytest.mark.parametrize("fault", [TooManyRequests(1), ServerError(502)], ids=["429", "502"])
async def test_what_could_not_be_sent_is_sent_again_in_order(
    service: Service, telegram: Emulator, clock: MovableClock, fault: object
) -> None:
    person = await dawn(service, telegram, until="worries")
    planned = telegram.fails("sendMessage", fault, chat=person.id, times=1)  # type: ignore[arg-type]
    person.says("kept whatever happens")
    await telegram.until(lambda: planned.hits == 1, 30)
    courier = service.app.courier
    for _ in range(GIVE_UP_AFTER):
        # Until it is noted when to try again; had the clock moved before, that would never come.
        # On a slow machine the next try may be put off as well.
        await courier.finish_what_is_under_way()
        clock.move(LONGEST_BACK_OFF)
        await courier.deliver_all_due()
        await courier.finish_what_is_under_way()
        if step(person) == "worries.hears":
            return
    raise AssertionError("it never came")


async def test_a_bot_that_was_blocked_is_noted_and_never_retried(
    service: Service, telegram: Emulator, database: Database
) -> None:
    person = await dawn(service, telegram, until="worries")
    telegram.fails("sendMessage", Refusal(403, "Forbidden: bot was blocked by the user"), times=1)
    person.says("hello")
    await person.quiet()
    await service.app.courier.settled(f"telegram:{person.id}")
    statuses = await database.run(
        lambda session: set(session.scalars(select(Delivery.status)).all())
    )
    assert "blocked" in statuses


async def test_a_revoked_token_leaves_the_web_standing(
    service: Service, telegram: Emulator
) -> None:
    telegram.revoke_token()
    async with httpx.AsyncClient(base_url=service.address) as web:
        await dawn_can_still(web)


async def dawn_can_still(web: httpx.AsyncClient) -> None:
    assert (await web.get("/back")).status_code == 200
    assert (await web.get("/help")).status_code == 200


async def test_by_webhook_too_and_only_from_telegram(
    database: Database, service_key: ServiceKey, clock: MovableClock, telegram: Emulator
) -> None:
    async with serving(database, service_key, clock, telegram, webhook=True) as service:
        async with httpx.AsyncClient(base_url=service.address) as stranger:
            for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": SECRET + "x"}):
                answer = await stranger.post("/telegram", json={"update_id": 1}, headers=headers)
                assert answer.status_code == 403
            token = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
            broken = await stranger.post("/telegram", content=b"{", headers=token)
            assert broken.status_code == 400
            huge = await stranger.post("/telegram", content=b"x" * 1_100_000, headers=token)
            assert huge.status_code == 413
        start = service.meeting(ASH)["people"][0]["telegram"]["start"]
        person = telegram.person("Dawn")
        await come_in(person, start)
        await play(person, Script(people_of(ASH)[0]), until="worries")
        assert where(question(person))[0] == "worries"
