"""The help page: numbers for everybody, and somebody is told when a person says so (P10, P12)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot.service import Service as Hours
from bot.service import write_service
from bot.store.database import Database
from bot.store.models import Alert, Delivery
from bot.store.sealing import KeyRing, ServiceKey
from tests.service import Service
from tests.web.conftest import Ash
from tests.web.visitor import Paper, Visitor

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
NewVisitor = Callable[..., Visitor]
QUESTION = "Shall I tell Odette Farrow that you need help?"
TOLD = "Odette Farrow and a team whose job is to help are being told now"


def alerts(database: Database) -> list[tuple[str, str]]:
    return database.run_now(
        lambda session: [(one.step, one.category) for one in session.scalars(select(Alert))]
    )


async def says_yes(who: Visitor, **changes: Any) -> httpx.Response:
    headers = changes.pop("headers", {})
    data = {**who.paper.fields, **changes}
    return await who.client.post("/help", data=data, headers=headers)


async def test_somebody_is_told_and_the_page_says_who_reads_it_and_when(
    kit: Visitor, database: Database, service_key: ServiceKey
) -> None:
    hours = Hours(name="Exampleshire")
    now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    database.run_now(lambda s: write_service(s, KeyRing(s, service_key), hours, "operator", now))
    await kit.opens("/help")
    assert QUESTION in kit.paper.told
    assert not alerts(database), "to look tells nobody"
    answer = await says_yes(kit)
    page = Paper(answer.text)
    assert answer.status_code == 200
    assert any(one.startswith(TOLD) for one in page.told)
    assert "They are at work until 17:00 today." in page.told
    assert "999" in answer.text
    assert QUESTION not in page.told
    assert not any("Nobody is told" in one for one in page.told)
    assert alerts(database) == [("~help", "asked")]


async def test_without_known_hours_nothing_is_promised(kit: Visitor) -> None:
    await kit.opens("/help")
    told = Paper((await says_yes(kit)).text).told
    assert any(one.startswith(TOLD) for one in told)
    assert not any("at work" in one for one in told)
    assert any("999" in one for one in told)


async def test_it_is_one_alert_however_often_it_is_pressed(
    kit: Visitor, database: Database
) -> None:
    await kit.opens("/help")
    first = await says_yes(kit)
    again = await says_yes(kit)
    assert again.text == first.text
    assert sum(one.startswith(TOLD) for one in (await kit.see_chat()).told) == 1
    await kit.opens("/help")
    assert TOLD in (await says_yes(kit)).text
    assert len(alerts(database)) == 1
    called = database.run_now(
        lambda s: sorted(s.scalars(select(Delivery.channel).where(Delivery.kind == "alert")))
    )
    assert called == ["mail", "mail"]  # the coordinator, and whoever is on duty


async def test_the_chat_says_it_too_and_its_question_stays_open(at_a_question: Visitor) -> None:
    state = at_a_question.paper.state
    await at_a_question.opens("/help")
    await says_yes(at_a_question)
    paper = await at_a_question.see_chat()
    assert any(one.startswith(TOLD) for one in paper.told)
    assert paper.state == state
    assert (await at_a_question.says("Kit")).state != state


async def test_before_the_chat_was_ever_seen_it_works_alike(
    ash: Ash, visitor: NewVisitor, database: Database
) -> None:
    dawn = visitor()
    await dawn.opens(ash.link("dawn"))
    await dawn.client.post(ash.link("dawn"), data=dawn.paper.fields)
    await dawn.opens("/help")
    assert TOLD in (await says_yes(dawn)).text
    assert alerts(database) == [("~help", "asked")]


async def test_it_takes_our_own_form(kit: Visitor, visitor: NewVisitor, database: Database) -> None:
    await kit.opens("/help")
    for changes in (
        {"csrf": "wrong"},
        {"csrf": "é" * 64},
        {"headers": {"Sec-Fetch-Site": "cross-site"}},
        {"more": "x" * 100_000},
    ):
        answer = await says_yes(kit, **changes)
        assert (answer.status_code, answer.headers["location"]) == (303, "/help")
    stranger = visitor()
    page = await stranger.opens("/help")
    assert "Shall I tell" not in page.text
    answer = await says_yes(stranger, **kit.paper.fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/help")
    assert not alerts(database)


async def test_what_may_have_failed_is_said_and_the_numbers_stand_there(
    kit: Visitor, service: Service, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    await kit.opens("/help")

    async def fails(*_: object, **__: object) -> None:
        raise OperationalError("", {}, Exception())

    for broken, name in ((service.app.turns, "take"), (service.database, "run")):
        with monkeypatch.context() as breaking:
            breaking.setattr(broken, name, fails)
            answer = await says_yes(kit)
        assert answer.status_code == 200
        assert any("may not have worked" in one for one in Paper(answer.text).told)
        assert "999" in answer.text
    assert not alerts(database)
    assert TOLD in (await says_yes(kit)).text
