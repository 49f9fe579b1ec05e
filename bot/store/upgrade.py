"""Which version of the tables a database has, and how it gets to another (Alembic, no .ini file).

Each upgrade or downgrade is one transaction: it happens whole or not at all, and two processes
that start at once do not do it twice.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData
from sqlalchemy.exc import OperationalError

from bot.store.database import DatabaseUnusable, make_engine

MIGRATIONS = Path(__file__).parent / "migrations"

State = Literal["empty", "behind", "current", "ahead"]

_LOCK = 0x6265666F7265  # "before": a number that no other program takes


def state(url: str, *, migrations: Path = MIGRATIONS) -> State:
    """Whether the tables fit this version of the program.

    `empty`: there are none yet. `behind`: upgrade. `ahead`: a newer version made them.
    Raises DatabaseUnusable.
    """
    with _connect(url) as connection:
        at = MigrationContext.configure(connection).get_current_revision()
    if at is None:
        return "empty"
    scripts = ScriptDirectory(migrations)
    if at == scripts.get_current_head():
        return "current"
    known = {script.revision for script in scripts.walk_revisions()}
    return "behind" if at in known else "ahead"


def upgrade(url: str, revision: str = "head", *, migrations: Path = MIGRATIONS) -> None:
    """Brings the tables up to `revision`, or makes them. Raises DatabaseUnusable."""
    with _connect(url) as connection:
        command.upgrade(_config(connection, migrations), revision)
        _refuse_lost_parents(connection)


def downgrade(url: str, revision: str, *, migrations: Path = MIGRATIONS) -> None:
    """Takes the tables back to `revision`; `base` drops them all."""
    with _connect(url) as connection:
        command.downgrade(_config(connection, migrations), revision)
        _refuse_lost_parents(connection)


def draft(url: str, message: str, metadata: MetaData) -> None:
    """For developers: writes the next migration, from the tables at `url` to those in `metadata`.

    Read it and tidy it. tests/promises/test_p31_migrations.py then runs it with real rows.
    """
    number = f"{int(ScriptDirectory(MIGRATIONS).get_current_head() or 0) + 1:04}"
    with _connect(url) as connection:
        config = _config(connection, MIGRATIONS, metadata)
        command.revision(config, message, autogenerate=True, rev_id=number)


@contextmanager
def _connect(url: str) -> Iterator[Connection]:
    # SQLite changes a table by copying it and dropping the old one. With foreign keys on, that
    # drop would delete or refuse whatever points to it; and they cannot be turned off later.
    engine = make_engine(url, foreign_keys=False)
    try:
        with _reach(engine) as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield connection
    finally:
        engine.dispose()


def _reach(engine: Engine) -> Connection:
    try:
        return engine.connect()
    except OperationalError as error:
        raise DatabaseUnusable(
            "The database that BEFOREHAND_DATABASE_URL names cannot be reached. "
            "Is it there, is it running, and may we write to it?"
        ) from error


def _refuse_lost_parents(connection: Connection) -> None:
    """Foreign keys were off meanwhile, so look once before the commit."""
    if connection.dialect.name == "sqlite":
        lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if lost:
            tables = sorted({row[0] for row in lost})
            raise RuntimeError(f"this migration would leave rows without parents in {tables}")


def _config(connection: Connection, migrations: Path, metadata: MetaData | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["metadata"] = metadata
    return config
