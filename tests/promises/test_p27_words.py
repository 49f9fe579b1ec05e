"""P27: words and tokens never reach a log, a traceback, a URL or a mail."""

import io
import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import event

from bot import logs
from bot.store.database import Database
from bot.store.sealing import ServiceKey
from flows import conversation
from flows.exchange import Words
from tests.overheard import Overheard, logging_as_the_command_does
from tests.promises.ash import Ash, ash_family
from tests.telegram.emulator import ServerError

CANARY = "heron-by-the-weir said that she saw it all"
TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"  # noqa: S105 - made up


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Logging as the command sets it up, but for everything down to the last detail."""
    written = io.StringIO()
    with logging_as_the_command_does(monkeypatch, written, logging.DEBUG):
        yield written


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"error": "KeyError"}, {"error": "KeyError"}),
        ({"number": 7, "kind": "reply"}, {"number": 7, "kind": "reply"}),
        ({"alert": "0b1c8f3e-3c4f-4d58-9a65-2f1f0a2b7c11"}, None),
        ({"text": "he hits me"}, {}),
        ({"error": "she said he hits me"}, {"error": logs.HIDDEN}),
        ({"error": TOKEN}, {"error": logs.HIDDEN}),
        ({"error": "odette@example.org"}, {"error": logs.HIDDEN}),
        ({"error": "0808 801 0366"}, {"error": logs.HIDDEN}),
        ({"error": "9U6YVJ61szN0n7pjT2vEppqgcsG557YY"}, {"error": logs.HIDDEN}),
    ],
)
def test_only_ids_and_codes_are_let_through(
    said: dict[str, object], shown: dict[str, object] | None
) -> None:
    assert logs.let_through(None, "error", dict(said)) == (said if shown is None else shown)


def test_a_library_that_quotes_words_is_not_quoted(logged: io.StringIO) -> None:
    try:
        raise ValueError(CANARY)
    except ValueError:
        logging.getLogger("sqlalchemy.engine").exception("failed with %s", CANARY)
    logging.getLogger("uvicorn.error").error(CANARY)
    err = logged.getvalue()
    assert "ValueError" in err
    assert "test_p27_words.py" in err
    assert "heron" not in err


async def _a_bad_day(ash: Ash) -> list[str]:
    """Words said in both chats while much goes wrong. Gives the tokens that were used."""
    kit = await ash.on_the_web("kit", until="going_well")
    await kit.says(CANARY)
    dawn = await ash.in_telegram("dawn", until="worries")
    ash.telegram.fails("sendMessage", ServerError(502), chat=dawn.id, times=1)
    dawn.says(CANARY)
    await dawn.quiet()
    ways = [ash.person(name)["web"].rpartition("/")[2] for name in ("kit", "dawn")]
    return [*ways, kit.client.cookies["chat"], ash.telegram.token]


@pytest.mark.asyncio
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nothing_that_was_said_is_logged_whatever_goes_wrong(
    database: Database,
    service_key: ServiceKey,
    logged: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with ash_family(database, service_key) as ash:
        tokens = await _a_bad_day(ash)

        def fails(*_: object, **__: object) -> None:
            raise RuntimeError(CANARY)

        kit = ash.visitors[0]
        with monkeypatch.context() as broken:
            broken.setattr(conversation, "take_turn", fails)
            await kit.client.post("/chat", data={**kit.paper.fields, "text": CANARY})
        with monkeypatch.context() as broken:
            broken.setattr("bot.store.conversations.save", fails)
            await kit.client.post("/chat", data={**kit.paper.fields, "text": CANARY})
    err = logged.getvalue()
    assert "request_failed" in err
    for secret in (CANARY, "heron", *tokens):
        assert secret not in err


@pytest.mark.parametrize("where", ["output", "log", "event", "mail"])
@pytest.mark.parametrize("token", [False, True])
def test_whatever_a_journey_lets_slip_is_found(where: str, token: bool) -> None:
    """What stands around every journey is no scarecrow: see tests/overheard.py."""
    heard = Overheard()
    heard.says(Words(text=f"  {CANARY}\nand said “so”, twice over, that morning"))
    heard.tokens.add(TOKEN)
    heard.into(where).write("nothing yet, then: ")
    heard.check()
    heard.into(where).write(TOKEN if token else repr(CANARY[:60] + "\n")[:-4])
    with pytest.raises(AssertionError):
        heard.check()


@pytest.mark.asyncio
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_statement_carries_a_word_in_clear(
    database: Database, service_key: ServiceKey
) -> None:
    """What reaches the database is sealed before: its own logs can show nothing."""
    seen: list[str] = []
    async with ash_family(database, service_key) as ash:
        engine = database.run_now(lambda session: session.connection().engine)

        def note(_c: object, _k: object, statement: str, values: object, *_: object) -> None:
            seen.append(f"{statement} {values}")

        event.listen(engine, "before_cursor_execute", note)
        await _a_bad_day(ash)
        event.remove(engine, "before_cursor_execute", note)
    assert seen
    assert not [one for one in seen if "heron" in one]
