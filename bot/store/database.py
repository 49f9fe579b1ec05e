"""How transactions are run: which database, which threads, which guarantees. No queries here.

A turn is a plain function of a session. It runs whole in a worker thread: one on SQLite, which has
one writer anyway, five on PostgreSQL (measured: twice as fast as asynchronous drivers on SQLite).
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from sqlite3 import Connection as SQLiteConnection
from threading import Lock
from typing import Any, ClassVar, TypeVar

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session

from bot.store.models import TABLES

T = TypeVar("T")

_AT_ONCE = 64
"""Jobs that may share one commit on SQLite."""

SEALED = tuple(
    table.name
    for table in TABLES
    if any(column.name.startswith("sealed_") for column in table.columns)
)
"""Tables that hold sealed words."""

_STILL_SEEN = text("""
SELECT EXISTS (
  SELECT FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND greatest(age(backend_xid), age(backend_xmin)) > age(CAST(CAST(:now AS text) AS xid))
)""")
"""Whether some transaction began before the number `now`. VACUUM keeps what such a one may read."""

_POSTGRESQL_WORKERS = 5
_BUSY_MILLISECONDS = 5000


class DatabaseUnusable(Exception):
    """The operator's: BEFOREHAND_DATABASE_URL does not name a database that we can use."""

    code: ClassVar[str] = "database_unusable"


@dataclass(frozen=True)
class _Job:
    """Something to run in a transaction, and whom to tell."""

    work: Callable[[Session], Any]
    done: "asyncio.Future[Any]"


@dataclass(frozen=True)
class _Result:
    value: Any = None
    error: BaseException | None = None


class Database:
    """One database and the threads that may write to it. Open it once, close it at the end.

    On SQLite, whatever waits for the one writer is run together and made durable by one commit:
    each still has the whole database to itself while it runs. When one of them fails, all are
    rolled back and run again, each alone; nothing was told to anybody by then.
    """

    def __init__(self, engine: Engine, workers: int) -> None:
        self._engine = engine
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="database")
        self._together = workers == 1
        self._waiting: deque[_Job] = deque()
        self._draining = False
        self._lock = Lock()

    @classmethod
    def open(cls, url: str) -> "Database":
        """Opens `sqlite:///path` or `postgresql://…`. Raises DatabaseUnusable."""
        engine = make_engine(url)
        workers = 1 if engine.dialect.name == "sqlite" else _POSTGRESQL_WORKERS
        return cls(engine, workers)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    async def run(self, work: Callable[[Session], T]) -> T:
        """Runs `work` in a transaction, commits, and returns what it returned.

        Anything raised rolls back and is raised here. Once handed over, the work is done to its
        end, even when nobody waits for it any more: a turn is never torn. Let it return plain
        data or loaded rows, change nothing outside the database (it may be run twice), wait for
        nothing, and never call `run` itself.
        """
        job = _Job(work, asyncio.get_running_loop().create_future())
        if self._together:
            with self._lock:
                self._waiting.append(job)
                begin, self._draining = not self._draining, True
            if begin:
                self._workers.submit(self._drain)
        else:
            self._workers.submit(self._run_and_tell, [job])
        result: T = await asyncio.shield(job.done)
        return result

    def run_now(self, work: Callable[[Session], T]) -> T:
        """The same for the command line, where there is no event loop. Always runs alone."""
        return self._workers.submit(self._alone, work).result()

    def _drain(self) -> None:
        while True:
            with self._lock:
                jobs = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
                self._draining = bool(jobs)
            if not jobs:
                return
            self._run_and_tell(jobs)

    def _run_and_tell(self, jobs: list[_Job]) -> None:
        results = list(zip(jobs, self._run_together(jobs), strict=True))
        for loop in {job.done.get_loop() for job in jobs}:
            of_loop = [(job, result) for job, result in results if job.done.get_loop() is loop]
            with contextlib.suppress(RuntimeError):  # the loop ended: nobody waits any more
                loop.call_soon_threadsafe(_tell, of_loop)

    def _run_together(self, jobs: list[_Job]) -> list[_Result]:
        if len(jobs) > 1:
            try:
                with Session(self._engine, expire_on_commit=False) as session:
                    values = []
                    for job in jobs:
                        values.append(job.work(session))
                        session.flush()
                        session.expunge_all()
                    session.commit()
                return [_Result(value) for value in values]
            except Exception:  # noqa: S110 - whose it was shows when each runs alone
                pass
        return [self._attempt(job.work) for job in jobs]

    def _attempt(self, work: Callable[[Session], Any]) -> _Result:
        try:
            return _Result(self._alone(work))
        except BaseException as error:
            return _Result(error=error)

    def _alone(self, work: Callable[[Session], T]) -> T:
        # Closing the session rolls back whatever was not committed.
        with Session(self._engine, expire_on_commit=False) as session:
            result = work(session)
            session.commit()
            return result

    async def scrub(self) -> bool:
        """After erasing: clears what the database's own files still hold of dropped data keys.

        False where someone else held it back: then try again later. PostgreSQL's journal and all
        backups keep their copies until they age out (promise P7).
        """
        return await asyncio.shield(asyncio.wrap_future(self._workers.submit(self._scrub)))

    async def scrub_pages(self) -> bool:
        """By night: clears what free pages still hold of rows that are gone. All of it is sealed,
        and what was wiped has no key any more. False where someone else held it back.
        """
        if self.dialect == "sqlite":
            return await self.scrub()
        return await asyncio.shield(
            asyncio.wrap_future(self._workers.submit(_scrub_postgresql, self._engine, SEALED))
        )

    def _scrub(self) -> bool:
        scrub = _scrub_sqlite if self.dialect == "sqlite" else _scrub_postgresql
        return scrub(self._engine)

    async def close(self) -> None:
        """Waits for the work under way, then lets the database go."""
        await asyncio.to_thread(self.close_now)

    def close_now(self) -> None:
        self._workers.shutdown(wait=True)
        self._engine.dispose()


def _scrub_sqlite(engine: Engine) -> bool:
    """secure_delete has zeroed the pages; the write-ahead log still has them as they were."""
    with closing(engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("PRAGMA busy_timeout=0")  # every turn waits behind this one thread
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            row = cursor.fetchone()
            return row is not None and row[0] == 0
        finally:
            cursor.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")


def _scrub_postgresql(engine: Engine, tables: tuple[str, ...] = ("data_key",)) -> bool:
    """FULL: plain VACUUM leaves the newest key's bytes in the hole of its page (measured)."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("SET lock_timeout = '500ms'")  # every turn waits behind it
        try:
            if not _all_see_it_gone(connection):
                return False
            for table in tables:
                connection.exec_driver_sql(f"VACUUM (FULL) {table}")
        except OperationalError as error:
            if isinstance(error.orig, LockNotAvailable):
                return False
            raise
        finally:
            connection.exec_driver_sql("RESET lock_timeout")
        return True


def _all_see_it_gone(connection: Connection, tries: int = 10) -> bool:
    """Waits half a second for those who began before: a backup, or PostgreSQL's own ANALYZE."""
    now = connection.execute(
        text("SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS xid) AS text)")
    ).scalar_one()
    for _ in range(tries):
        if not connection.execute(_STILL_SEEN, {"now": now}).scalar_one():
            return True
        time.sleep(0.05)
    return False


def _tell(results: list[tuple[_Job, _Result]]) -> None:
    for job, result in results:
        if job.done.done():
            continue
        if result.error is not None:
            job.done.set_exception(result.error)
        else:
            job.done.set_result(result.value)


def make_engine(url: str, *, foreign_keys: bool = True) -> Engine:
    """An engine as STACK "Store" has it. Raises DatabaseUnusable.

    foreign_keys: off only while migrating, as SQLite changes a table by copying and dropping it.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise _unusable() from None
    if parsed.drivername == "sqlite" and parsed.database not in (None, "", ":memory:"):
        # hide_parameters: no value may show in a traceback (promise P27).
        engine = create_engine(parsed, hide_parameters=True)
        _set_up_sqlite(engine, foreign_keys)
        return engine
    if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_size=_POSTGRESQL_WORKERS,
            max_overflow=0,
            pool_pre_ping=True,  # 17 us, so that a restarted server costs nobody their turn
            hide_parameters=True,
        )
    raise _unusable()


def _unusable() -> DatabaseUnusable:
    # Not a word of the address itself: it may hold a password.
    return DatabaseUnusable(
        "BEFOREHAND_DATABASE_URL must be sqlite:///path/to/file.db or "
        "postgresql://user:password@host/name."
    )


def _set_up_sqlite(engine: Engine, foreign_keys: bool) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: SQLiteConnection, _record: object) -> None:
        connection.isolation_level = None  # sqlite3 must not begin transactions of its own
        connection.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")  # NORMAL may lose the last turns
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        connection.execute("PRAGMA secure_delete=ON")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # A transaction that reads and then writes fails at once behind another writer unless it
        # took the lock at its beginning; busy_timeout does not help such an upgrade.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
