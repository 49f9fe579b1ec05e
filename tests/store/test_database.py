"""Transactions: whole or not at all, one after another where they touch the same thing."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from threading import Event

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.store.database import Database, DatabaseUnusable
from bot.store.models import AuditEntry

tally = sa.Table(
    "tally",
    sa.MetaData(),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("total", sa.Integer, nullable=False),
)


@pytest.fixture(autouse=True)
def _tally(request: pytest.FixtureRequest) -> None:
    if "database" in request.fixturenames:
        database: Database = request.getfixturevalue("database")
        database.run_now(lambda session: tally.create(session.connection()))


def put(session: Session, name: str, total: int = 0) -> None:
    session.execute(sa.insert(tally).values(name=name, total=total))


def everything(session: Session) -> dict[str, int]:
    return {row.name: row.total for row in session.execute(sa.select(tally.c.name, tally.c.total))}


@pytest.mark.asyncio
async def test_what_a_turn_did_is_there_for_the_next(database: Database) -> None:
    await database.run(lambda session: put(session, "kept", 3))
    assert await database.run(everything) == {"kept": 3}
    assert database.run_now(everything) == {"kept": 3}


@pytest.mark.asyncio
async def test_a_turn_that_fails_leaves_nothing(database: Database) -> None:
    def fail_late(session: Session) -> None:
        put(session, "half")
        raise LookupError("something in the turn")

    def fail_in_the_database(session: Session) -> None:
        put(session, "twice")
        put(session, "twice")

    with pytest.raises(LookupError):
        await database.run(fail_late)
    with pytest.raises(IntegrityError):
        await database.run(fail_in_the_database)
    assert await database.run(everything) == {}


@pytest.mark.asyncio
async def test_read_then_write_never_fails_and_loses_no_update(
    database: Database, database_url: str
) -> None:
    other_process = Database.open(database_url)
    await database.run(lambda session: put(session, "answers"))

    def add_one(session: Session) -> None:
        row = tally.c.name == "answers"
        total = session.execute(sa.select(tally.c.total).where(row).with_for_update()).scalar_one()
        session.execute(sa.update(tally).where(row).values(total=total + 1))

    turns = [one.run(add_one) for _ in range(40) for one in (database, other_process)]
    await asyncio.gather(*turns)
    assert await database.run(everything) == {"answers": 80}
    await other_process.close()


@pytest.mark.asyncio
async def test_a_turn_goes_on_when_nobody_waits_for_it_any_more(
    database: Database, database_url: str
) -> None:
    begun, go_on = Event(), Event()

    def slow(session: Session) -> None:
        put(session, "begun")
        begun.set()
        go_on.wait()
        put(session, "ended")

    waiting = asyncio.create_task(database.run(slow))
    await asyncio.to_thread(begun.wait)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go_on.set()
    await database.close()
    assert seen_from_elsewhere(database_url) == {"begun": 0, "ended": 0}


@pytest.mark.asyncio
async def test_a_turn_is_taken_even_when_its_task_was_cancelled_before_it_began(
    database: Database, database_url: str
) -> None:
    go_on = Event()
    blocking = [asyncio.create_task(database.run(lambda _: go_on.wait())) for _ in range(5)]
    queued = asyncio.create_task(database.run(lambda session: put(session, "queued")))
    await asyncio.sleep(0)  # lets each task hand over its work
    queued.cancel()
    with pytest.raises(asyncio.CancelledError):
        await queued
    go_on.set()
    await asyncio.gather(*blocking)
    await database.close()
    assert seen_from_elsewhere(database_url) == {"queued": 0}


def seen_from_elsewhere(database_url: str) -> dict[str, int]:
    elsewhere = Database.open(database_url)
    try:
        return elsewhere.run_now(everything)
    finally:
        elsewhere.close_now()


@pytest.mark.asyncio
async def test_rows_that_were_loaded_stay_readable_afterwards(database: Database) -> None:
    entry = AuditEntry(at=datetime(2026, 11, 23, 9, tzinfo=UTC), actor="system", action="start")
    await database.run(lambda session: session.add(entry))
    assert entry.action == "start"


@pytest.mark.asyncio
async def test_an_error_does_not_show_what_was_to_be_stored(database: Database) -> None:
    def store_twice(session: Session) -> None:
        put(session, "same", 7071)
        put(session, "same", 8082)

    with pytest.raises(IntegrityError) as caught:
        await database.run(store_twice)
    assert "8082" not in str(caught.value)
    assert "hidden" in str(caught.value)


@pytest.mark.asyncio
async def test_after_closing_nothing_more_is_taken(database: Database) -> None:
    await database.close()
    await database.close()
    with pytest.raises(RuntimeError):
        await database.run(everything)


@pytest.mark.asyncio
async def test_turns_under_way_are_finished_before_closing(
    database: Database, database_url: str
) -> None:
    turns = [
        asyncio.create_task(database.run(partial(put, name=str(number)))) for number in range(20)
    ]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*turns)
    assert len(seen_from_elsewhere(database_url)) == 20


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_is_set_to_keep_every_commit_and_to_overwrite_what_goes(database: Database) -> None:
    def pragmas(session: Session) -> list[object]:
        names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys", "secure_delete")
        connection = session.connection()
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]

    assert database.run_now(pragmas) == ["wal", 2, 5000, 1, 1]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.asyncio
async def test_a_restarted_server_costs_nobody_their_turn(
    database: Database, database_url: str
) -> None:
    def cut_the_others_off(session: Session) -> None:
        session.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )

    await asyncio.gather(*(database.run(everything) for _ in range(20)))
    elsewhere = Database.open(database_url)
    await elsewhere.run(cut_the_others_off)
    await elsewhere.close()
    await asyncio.gather(*(database.run(everything) for _ in range(20)))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://ann:hunter2@host/name",
        "postgresql+asyncpg://ann:hunter2@host/name",
    ],
)
def test_an_address_that_cannot_be_used_names_the_setting_and_not_the_password(url: str) -> None:
    with pytest.raises(DatabaseUnusable) as caught:
        Database.open(url)
    assert "BEFOREHAND_DATABASE_URL" in str(caught.value)
    assert "hunter2" not in str(caught.value)
