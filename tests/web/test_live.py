"""Live updates: a stream that says that there is more."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from bot.store.database import Database
from bot.store.sealing import ServiceKey
from tests.journeys.script import PEOPLE
from tests.service import serving
from tests.telegram.emulator import MovableClock
from tests.web.conftest import Ash
from tests.web.visitor import Visitor

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
NewVisitor = Callable[..., Visitor]


async def until(pieces: AsyncIterator[str], wanted: str) -> str:
    """What came, up to and with what was wanted."""
    came = ""
    async with asyncio.timeout(10):
        async for piece in pieces:
            came += piece
            if wanted in came:
                return came
    raise AssertionError(came)


async def test_another_tab_hears_at_once(at_a_question: Visitor) -> None:
    newest = int(at_a_question.paper.fields["after"])
    stream = at_a_question.client.stream("GET", f"/chat/events?after={newest}")
    async with stream as open_stream:
        pieces = open_stream.aiter_text()
        assert "retry" in await until(pieces, "retry")
        await at_a_question.says("Kit, secretly")
        came = await until(pieces, "event: lines")
    assert "secretly" not in came
    assert f"id: {newest + 2}" in came
    missed = at_a_question.client.stream(
        "GET", "/chat/events", headers={"Last-Event-ID": str(newest)}
    )
    async with missed as again:
        assert f"id: {newest + 2}" in await until(again.aiter_text(), "event: lines")


async def test_nobody_hears_that_somebody_else_wrote(
    ash: Ash, at_a_question: Visitor, visitor: NewVisitor
) -> None:
    dawn = visitor()
    await dawn.come_in(ash.link("dawn"))
    async with dawn.client.stream("GET", f"/chat/events?after={dawn.paper.fields['after']}") as one:
        pieces = one.aiter_text()
        await until(pieces, "retry")
        await at_a_question.says("Kit")
        await dawn.taps("en")
        assert (await until(pieces, "event: lines")).count("event: lines") == 1


async def test_who_is_not_in_hears_nothing(visitor: NewVisitor) -> None:
    assert (await visitor().client.get("/chat/events")).status_code == 204


async def test_streams_do_not_pile_up(at_a_question: Visitor) -> None:
    async with AsyncExitStack() as stack:
        for number in range(7):
            context = at_a_question.client.stream("GET", "/chat/events")
            stream = await stack.enter_async_context(context)
            assert stream.status_code == (204 if number == 6 else 200)
    await at_a_question.see_chat()


async def test_a_stream_ends_when_the_service_does(
    database: Database,
    service_key: ServiceKey,
    clock: MovableClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with serving(database, service_key, clock) as service:
        kit = Visitor.of(service.address, {})
        await kit.come_in(Ash(service.meeting(PEOPLE / "meeting-ash.yaml")).link("kit"))
        context = kit.client.stream("GET", "/chat/events")
        pieces = (await context.__aenter__()).aiter_text()
        await until(pieces, "retry")
    async with asyncio.timeout(5):
        assert "".join([piece async for piece in pieces]).count("event") <= 1
    await context.__aexit__(None, None, None)
    await kit.client.aclose()
    assert "Traceback" not in caplog.text
