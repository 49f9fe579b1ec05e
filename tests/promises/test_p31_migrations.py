"""P31: the tables change without losing a row, up and down, with real rows, on both databases."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import IntegrityError

from bot.store.columns import Base
from bot.store.database import Database, DatabaseUnusable, make_engine
from bot.store.upgrade import MIGRATIONS, downgrade, state, upgrade

RELEASED = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
"""Every version there ever was, the newest first."""

Rows = dict[str, list[dict[str, Any]]]

REBUILD_EVERY_TABLE = """
def upgrade():
    for table in TABLES:
        with op.batch_alter_table(table, recreate=RECREATE()) as batch:
            batch.add_column(sa.Column("extra", sa.String(), server_default="new"))

def downgrade():
    for table in TABLES:
        with op.batch_alter_table(table, recreate=RECREATE()) as batch:
            batch.drop_column("extra")
"""

BREAK_HALFWAY = """
def upgrade():
    op.create_table("half", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("DELETE FROM delivery")
    op.execute("SELECT nothing FROM nowhere")
"""

LEAVE_ORPHANS = """
def upgrade():
    op.execute("DELETE FROM meeting")
"""


@pytest.mark.parametrize("began_at", RELEASED)
def test_from_every_released_version_up_and_back_no_row_is_lost(
    empty_database_url: str, began_at: str
) -> None:
    upgrade(empty_database_url, began_at)
    before = plant_rows_in_every_table(empty_database_url)
    upgrade(empty_database_url)
    after = all_rows(empty_database_url)
    for table, rows in before.items():
        assert [{**now, **row} for now, row in zip(after[table], rows, strict=True)] == after[table]
    downgrade(empty_database_url, began_at)
    assert all_rows(empty_database_url) == before


def test_rows_made_at_each_version_are_all_there_at_the_newest_and_at_the_oldest(
    empty_database_url: str,
) -> None:
    planted = 0
    for revision in reversed(RELEASED):
        upgrade(empty_database_url, revision)
        plant_rows_in_every_table(empty_database_url)
        planted += 2
    newest = all_rows(empty_database_url)
    oldest_tables = set()
    for revision in RELEASED:
        downgrade(empty_database_url, revision)
        now = all_rows(empty_database_url)
        assert_nothing_lost(newest, now)
        oldest_tables = set(now)
    assert {len(newest[table]) for table in oldest_tables} == {planted}
    upgrade(empty_database_url)
    back = all_rows(empty_database_url)
    for table, rows in now.items():
        known = [{name: row[name] for name in rows[0] if name in row} for row in back[table]]
        assert known == [{name: row[name] for name in known[0]} for row in rows]


def assert_nothing_lost(newest: Rows, older: Rows) -> None:
    """All that the older version has a place for is as it was."""
    for table, rows in older.items():
        assert len(rows) == len(newest[table]), table
        for was, now in zip(newest[table], rows, strict=True):
            both = was.keys() & now.keys()
            assert {name: was[name] for name in both} == {name: now[name] for name in both}, table


def test_who_read_a_summary_first_is_taken_from_the_audit_log(empty_database_url: str) -> None:
    upgrade(empty_database_url, "0010")
    plant_rows_in_every_table(empty_database_url)
    first, second = all_rows(empty_database_url)["summary"]
    reader, later = uuid4(), uuid4()
    with tables_of(empty_database_url) as (connection, tables):
        audit = next(table for table in tables if table.name == "audit_entry")
        read_at = first["first_read_at"]
        for who, at in ((reader, read_at), (later, read_at + timedelta(hours=1))):
            row = {
                "id": some_value(audit.c.id.type, 0),
                "at": at,
                "actor": f"coordinator:{who}",
                "action": "summary_read",
                "subject_id": first["participant_id"],
            }
            connection.execute(sa.insert(audit), row)
    upgrade(empty_database_url)
    known = {row["id"]: row["first_read_by"] for row in all_rows(empty_database_url)["summary"]}
    assert UUID(str(known[first["id"]])) == reader
    assert known[second["id"]] is None


def test_rebuilding_every_table_loses_no_row_although_they_point_to_each_other(
    database_url: str, tmp_path: Path
) -> None:
    planted = plant_rows_in_every_table(database_url)
    later = with_migration(tmp_path, REBUILD_EVERY_TABLE)
    upgrade(database_url, migrations=later)
    changed = {t: [{**row, "extra": "new"} for row in rows] for t, rows in planted.items()}
    assert all_rows(database_url) == changed
    downgrade(database_url, RELEASED[0], migrations=later)
    assert all_rows(database_url) == planted
    assert differences(database_url) == []


def test_the_migrations_make_the_tables_that_the_models_describe(database_url: str) -> None:
    assert differences(database_url) == []


def test_all_the_way_down_leaves_nothing_and_up_again_works(database_url: str) -> None:
    plant_rows_in_every_table(database_url)
    downgrade(database_url, "base")
    assert all_rows(database_url) == {}
    assert state(database_url) == "empty"
    upgrade(database_url)
    assert differences(database_url) == []


def test_a_migration_that_fails_changes_nothing(database_url: str, tmp_path: Path) -> None:
    planted = plant_rows_in_every_table(database_url)
    with pytest.raises(sa.exc.DBAPIError):
        upgrade(database_url, migrations=with_migration(tmp_path, BREAK_HALFWAY))
    assert all_rows(database_url) == planted
    assert state(database_url) == "current"


def test_a_migration_that_would_leave_orphans_is_refused(database_url: str, tmp_path: Path) -> None:
    planted = plant_rows_in_every_table(database_url)
    with pytest.raises((RuntimeError, IntegrityError)):
        upgrade(database_url, migrations=with_migration(tmp_path, LEAVE_ORPHANS))
    assert all_rows(database_url) == planted


def test_it_says_whether_the_tables_fit_the_program(
    empty_database_url: str, tmp_path: Path
) -> None:
    later = with_migration(tmp_path, REBUILD_EVERY_TABLE)
    assert state(empty_database_url) == "empty"
    upgrade(empty_database_url)
    assert state(empty_database_url) == "current"
    assert state(empty_database_url, migrations=later) == "behind"
    upgrade(empty_database_url, migrations=later)
    assert state(empty_database_url) == "ahead"


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    planted = plant_rows_in_every_table(database_url)
    upgrade(database_url)
    assert all_rows(database_url) == planted


def test_two_that_start_at_once_upgrade_once(empty_database_url: str) -> None:
    program = "import sys; from bot.store.upgrade import upgrade; upgrade(sys.argv[1])"
    starting = [
        subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", program, empty_database_url], cwd=MIGRATIONS.parents[2]
        )
        for _ in range(3)
    ]
    assert [one.wait() for one in starting] == [0, 0, 0]
    assert state(empty_database_url) == "current"


def test_a_running_service_and_an_upgrade_share_the_database(database: Database) -> None:
    url = database.run_now(lambda session: session.connection().engine.url)
    upgrade(url.render_as_string(hide_password=False))
    assert database.run_now(lambda session: session.scalar(sa.text("SELECT 1"))) == 1


@pytest.mark.parametrize(
    "url",
    ["sqlite:////nowhere/at/all/x.db", "postgresql://ann:hunter2@127.0.0.1:1/name"],
)
def test_a_database_that_is_not_there_names_the_setting_and_not_the_password(url: str) -> None:
    for ask in (state, upgrade):
        with pytest.raises(DatabaseUnusable) as caught:
            ask(url)
        assert "BEFOREHAND_DATABASE_URL" in str(caught.value)
        assert "hunter2" not in str(caught.value) + str(caught.value.__cause__)


def test_migrations_never_import_the_models_that_go_on_changing() -> None:
    scripts = list((MIGRATIONS / "versions").glob("*.py"))
    assert scripts
    for script in [*scripts, MIGRATIONS / "env.py"]:
        assert "bot" not in script.read_text().split(), script.name
        assert "bot." not in script.read_text(), script.name


def with_migration(folder: Path, body: str) -> Path:
    """The real migrations and one more after them."""
    copy = folder / "migrations"
    shutil.copytree(MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    head = (
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision = 'next'\ndown_revision = {RELEASED[0]!r}\n"
        f"TABLES = {sorted(Base.metadata.tables)!r}\n"
        "RECREATE = lambda: 'always' if op.get_bind().dialect.name == 'sqlite' else 'never'\n"
    )
    (copy / "versions" / "next.py").write_text(head + body)
    return copy


@contextmanager
def tables_of(url: str) -> Iterator[tuple[sa.Connection, list[sa.Table]]]:
    """The tables as they are, not as the models have them."""
    engine = make_engine(url)
    with engine.begin() as connection:
        metadata = sa.MetaData()
        metadata.reflect(connection)
        yield connection, [t for t in metadata.sorted_tables if t.name != "alembic_version"]
    engine.dispose()


def all_rows(url: str) -> Rows:
    with tables_of(url) as (connection, tables):
        return {
            table.name: [
                dict(row)
                for row in connection.execute(
                    sa.select(table).order_by(*table.primary_key)
                ).mappings()
            ]
            for table in tables
        }


NUMBERS = count(2**40)
"""Never the same twice: some must be unique."""


def plant_rows_in_every_table(url: str) -> Rows:
    """Two rows in each, every column filled, each pointing to the row of its own number."""
    planted: dict[tuple[str, int], dict[str, Any]] = {}
    with tables_of(url) as (connection, tables):
        for table in tables:
            for which in range(2):
                row = {}
                for column in table.columns:
                    parent = next((key.column for key in column.foreign_keys), None)
                    if parent is None:
                        row[column.name] = some_value(column.type, next(NUMBERS))
                    else:
                        row[column.name] = planted[parent.table.name, which][parent.name]
                connection.execute(sa.insert(table), row)
                planted[table.name, which] = row
    rows = all_rows(url)
    assert {len(of_table) % 2 for of_table in rows.values()} == {0}
    return rows


def some_value(kind: sa.types.TypeEngine[Any], number: int) -> object:
    match kind:
        case sa.Boolean():
            return number % 2 == 0
        case sa.Integer():
            return number
        case sa.DateTime():
            return datetime.fromtimestamp(number // 1000 + 0.123456)  # noqa: DTZ006
        case sa.LargeBinary():
            return number.to_bytes(8) * 5
        case sa.Uuid():
            return uuid4()
        case sa.String():
            return uuid4().hex[: kind.length]
    raise AssertionError(f"plant something for {kind!r} too")


def differences(url: str) -> list[Any]:
    with tables_of(url) as (connection, _):
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))
