"""When something breaks on our side: a kind page, nothing lost, and no words in any log (P27)."""

import logging
from collections.abc import Callable

import pytest
from sqlalchemy.exc import OperationalError

from bot.store import conversations
from tests.overheard import Overheard
from tests.service import Service
from tests.web.visitor import Visitor

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
CANARY = "canary words about the stairs"


def breaks(*_: object, **__: object) -> None:
    """As a database that is gone, in an exception that quotes what was to be written."""
    raise OperationalError(f"INSERT {CANARY}", {"text": CANARY}, Exception(CANARY))


async def test_a_turn_that_fails_says_so_kindly_and_tells_nobody_the_words(
    service: Service,
    at_a_question: Visitor,
    monkeypatch: pytest.MonkeyPatch,
    nothing_is_overheard: Overheard,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    cookie = at_a_question.client.cookies["chat"]
    with monkeypatch.context() as broken:
        broken.setattr(conversations, "save", breaks)
        answer = await at_a_question.sends(text=CANARY, send="words")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "999" in answer.text
    assert "<title>Chat</title>" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert CANARY not in answer.text
    logged = "".join(map(nothing_is_overheard.all_of, ("output", "log", "event"))) + caplog.text
    assert "request_failed" in logged
    for secret in (CANARY, cookie, at_a_question.paper.fields["csrf"]):
        assert secret not in logged
    # The same form, with the same key, is taken now: nothing was half done.
    paper = await at_a_question.does(text=CANARY, send="words")
    assert paper.said.count(CANARY) == 1
    assert paper.state == "who_can_see"


async def test_help_comes_when_the_database_does_not(
    service: Service, at_a_question: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise P10."""

    async def gone(*_: object) -> None:
        breaks()

    with monkeypatch.context() as broken:
        broken.setattr(service.database, "run", gone)
        for path in ("/help", "/privacy"):
            answer = await at_a_question.client.get(path)
            assert answer.status_code == 200
            assert "999" in (await at_a_question.client.get("/help")).text
        assert (await at_a_question.client.get("/exit")).status_code == 303


async def test_a_whole_visit_leaves_no_words_and_no_tokens_in_the_logs(
    at_a_question: Visitor,
    visitor: Callable[..., Visitor],
    nothing_is_overheard: Overheard,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    await at_a_question.go_to("going_well")
    await at_a_question.says(CANARY)
    cookie = at_a_question.client.cookies["chat"]
    code = await at_a_question.client.post("/chat/code", data=at_a_question.paper.fields)
    await at_a_question.client.get("/exit")
    ours = [one for one in caplog.records if not one.name.startswith(("httpx", "httpcore"))]
    logged = "".join(map(nothing_is_overheard.all_of, ("output", "log", "event")))
    logged += "".join(one.getMessage() for one in ours)
    assert CANARY not in logged
    assert cookie not in logged
    assert code.status_code == 200
