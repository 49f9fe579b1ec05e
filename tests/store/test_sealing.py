"""What people write is sealed, opens only where it belongs, and is gone once its key is."""

import re
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.store.database import Database
from bot.store.models import DataKey, Delivery
from bot.store.sealing import (
    KeyGone,
    KeyRing,
    KeyUnusable,
    Seal,
    SealBroken,
    ServiceKey,
    new_secret,
    rewrap_all,
)

MUM, DAD, ROW, OTHER_ROW = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4)
WORDS = "I do not feel safe when he is there. زه ډارېږم 🫶"

written = some.text(some.characters(exclude_categories=["Cs"]))


def mums_seal() -> Seal:
    return Seal.of(MUM, b"m" * 32)


@given(written)
def test_words_come_back_letter_for_letter(words: str) -> None:
    sealed = mums_seal().close("answer", ROW, "sealed_body", words)
    assert mums_seal().open_text("answer", ROW, "sealed_body", sealed) == words


@given(some.binary())
def test_pictures_come_back_byte_for_byte(content: bytes) -> None:
    sealed = mums_seal().close("attachment", ROW, "sealed_content", content)
    assert mums_seal().open("attachment", ROW, "sealed_content", sealed) == content


def test_the_same_words_never_look_the_same_twice() -> None:
    seal = mums_seal()
    once, again = (seal.close("answer", ROW, "sealed_body", WORDS) for _ in range(2))
    assert once != again
    assert len(once) == len(WORDS.encode()) + 29


@given(some.data())
def test_one_flipped_bit_is_refused(data: some.DataObject) -> None:
    seal = mums_seal()
    sealed = bytearray(seal.close("answer", ROW, "sealed_body", WORDS))
    bit = data.draw(some.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << (bit % 8)
    with pytest.raises(SealBroken):
        seal.open("answer", ROW, "sealed_body", bytes(sealed))


def test_anything_cut_short_or_made_longer_is_refused() -> None:
    seal = mums_seal()
    sealed = seal.close("answer", ROW, "sealed_body", WORDS)
    for altered in [sealed[:length] for length in range(len(sealed))] + [sealed + b"\0"]:
        with pytest.raises(SealBroken):
            seal.open("answer", ROW, "sealed_body", altered)


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        ("summary", ROW, "sealed_body"),
        ("answer", OTHER_ROW, "sealed_body"),
        ("answer", ROW, "sealed_name"),
        ("answers", ROW, "ealed_body"),
        ("", ROW, "answersealed_body"),
    ],
)
def test_words_moved_to_another_place_are_refused(table: str, row: UUID, column: str) -> None:
    sealed = mums_seal().close("answer", ROW, "sealed_body", WORDS)
    with pytest.raises(SealBroken) as caught:
        mums_seal().open(table, row, column, sealed)
    assert caught.value.code == "seal_broken"


def test_words_given_to_another_person_are_refused_even_under_the_same_key() -> None:
    sealed = mums_seal().close("answer", ROW, "sealed_body", WORDS)
    for other in (Seal.of(DAD, b"m" * 32), Seal.of(MUM, b"d" * 32)):
        with pytest.raises(SealBroken):
            other.open("answer", ROW, "sealed_body", sealed)


def test_a_data_key_opens_for_its_owner_and_its_service_alone(service_key: ServiceKey) -> None:
    secret = new_secret()
    kid, wrapped = service_key.wrap(MUM, secret)
    assert service_key.unwrap(MUM, kid, wrapped) == secret
    same_name = ServiceKey.parse(ServiceKey.new_line(kid))
    altered = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
    for key, owner, held in [
        (service_key, DAD, wrapped),
        (same_name, MUM, wrapped),
        (service_key, MUM, altered),
        (service_key, MUM, wrapped[:-1]),
        (service_key, MUM, wrapped[:5]),
        (service_key, MUM, b""),
    ]:
        with pytest.raises(SealBroken):
            key.unwrap(owner, kid, held)


def test_a_service_key_is_read_from_lines_or_commas() -> None:
    new, old = ServiceKey.new_line("k2"), ServiceKey.new_line("k1")
    kid, wrapped = ServiceKey.parse(old).wrap(MUM, b"s" * 32)
    for text in (f"{new}\n{old}\n", f"{new},{old}", f"\r\n  {new} ,\r\n {old}"):
        key = ServiceKey.parse(text)
        assert key.current_kid == "k2"
        assert key.unwrap(MUM, kid, wrapped) == b"s" * 32


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n, ",
        "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I=",
        "k1:",
        "k1:c2VjcmV0",
        "k1:not base64 at all, but secret",
        "k1:c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I=é",
        "a name with c2VjcmV0 blanks:c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I=",
        "seventeenletters1:c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I=",
        "k1:c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I=\n"
        "k1:c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I=",
    ],
)
def test_an_unusable_service_key_says_what_to_do_and_shows_nothing_of_itself(text: str) -> None:
    with pytest.raises(KeyUnusable) as caught:
        ServiceKey.parse(text)
    said = str(caught.value)
    assert "BEFOREHAND_KEY" in said
    assert "BEFOREHAND_KEY_FILE" in said
    assert "beforehand key new" in said
    assert "c2VjcmV0" not in said
    assert "secret" not in said


def test_a_new_line_needs_a_name_that_fits() -> None:
    assert re.fullmatch(r"k20261123:[A-Za-z0-9+/]{43}=", ServiceKey.new_line("k20261123"))
    for kid in ("", "k:1", "k 1", "k1\n", "k" * 17):
        with pytest.raises(ValueError, match="a key's name"):
            ServiceKey.new_line(kid)


def test_keys_never_show_themselves() -> None:
    line = ServiceKey.new_line("k1")
    shown = repr(ServiceKey.parse(line)) + str(ServiceKey.parse(line)) + repr(mums_seal())
    assert line.partition(":")[2] not in shown
    assert "mmmm" not in shown
    assert "6d6d" not in shown


def test_an_address_is_found_by_its_mark_whatever_its_case(service_key: ServiceKey) -> None:
    (mark,) = service_key.marks("Ann.Jones@council.wales")
    assert service_key.marks("  ann.jones@COUNCIL.wales\n") == (mark,)
    assert service_key.marks("ann.jones@council.example") != (mark,)
    assert len(mark) == 32


def test_a_mark_made_under_the_old_key_is_still_found() -> None:
    new, old = ServiceKey.new_line("k2"), ServiceKey.new_line("k1")
    (made_before,) = ServiceKey.parse(old).marks("ann@council.wales")
    current, other = ServiceKey.parse(f"{new}\n{old}").marks("ann@council.wales")
    assert other == made_before
    assert current == ServiceKey.parse(new).marks("ann@council.wales")[0]


def test_a_person_gets_a_key_and_their_words_open_in_a_later_turn(
    database: Database, service_key: ServiceKey
) -> None:
    def write(session: Session) -> bytes:
        keys = KeyRing(session, service_key)
        assert keys.create(MUM) is keys.of(MUM)
        return keys.of(MUM).close("answer", ROW, "sealed_body", WORDS)

    def read(session: Session) -> str:
        return KeyRing(session, service_key).of(MUM).open_text("answer", ROW, "sealed_body", sealed)

    sealed = database.run_now(write)
    assert database.run_now(read) == WORDS


def test_another_services_key_opens_nothing(database: Database, service_key: ServiceKey) -> None:
    database.run_now(lambda session: KeyRing(session, service_key).create(MUM))
    same_name = ServiceKey.parse(ServiceKey.new_line(service_key.current_kid))
    other_name = ServiceKey.parse(ServiceKey.new_line("k9"))
    with pytest.raises(SealBroken):
        database.run_now(lambda session: KeyRing(session, same_name).of(MUM))
    with pytest.raises(KeyUnusable, match=service_key.current_kid):
        database.run_now(lambda session: KeyRing(session, other_name).of(MUM))


def test_an_erased_persons_key_is_gone_at_once_and_for_good(
    database: Database, service_key: ServiceKey
) -> None:
    def erase(session: Session) -> None:
        keys = KeyRing(session, service_key)
        keys.of(MUM)
        keys.drop(MUM)
        with pytest.raises(KeyGone):
            keys.of(MUM)

    def look_up(owner: UUID, session: Session) -> None:
        KeyRing(session, service_key).of(owner)

    def make_and_drop(session: Session) -> None:
        keys = KeyRing(session, service_key)
        keys.create(DAD)
        keys.drop(DAD)

    database.run_now(lambda session: KeyRing(session, service_key).create(MUM))
    database.run_now(erase)
    database.run_now(make_and_drop)
    for owner in (MUM, DAD):
        with pytest.raises(KeyGone) as caught:
            database.run_now(partial(look_up, owner))
        assert caught.value.owner == owner


def test_nobody_gets_a_second_key_over_their_first(
    database: Database, service_key: ServiceKey
) -> None:
    database.run_now(lambda session: KeyRing(session, service_key).create(MUM))
    with pytest.raises(sa.exc.IntegrityError):
        database.run_now(lambda session: KeyRing(session, service_key).create(MUM))


def test_the_service_key_is_changed_while_the_service_runs(database: Database) -> None:
    new, old = ServiceKey.new_line("k2"), ServiceKey.new_line("k1")
    before, first_step = ServiceKey.parse(old), ServiceKey.parse(f"{old}\n{new}")
    second_step, after = ServiceKey.parse(f"{new}\n{old}"), ServiceKey.parse(new)
    owners = [uuid4() for _ in range(501)]  # more than one batch

    def invite_all(session: Session) -> dict[UUID, bytes]:
        keys = KeyRing(session, before)
        return {one: keys.create(one).close("answer", ROW, "sealed_body", WORDS) for one in owners}

    def everyone_can_read(key: ServiceKey, session: Session) -> bool:
        keys = KeyRing(session, key)
        said = {keys.of(o).open_text("answer", ROW, "sealed_body", s) for o, s in sealed.items()}
        return said == {WORDS}

    sealed = database.run_now(invite_all)
    assert database.run_now(lambda session: rewrap_all(session, second_step)) == 501
    for key in (first_step, second_step, after):
        assert database.run_now(partial(everyone_can_read, key))
    with pytest.raises(KeyUnusable):
        database.run_now(partial(everyone_can_read, before))
    assert database.run_now(lambda session: rewrap_all(session, second_step)) == 0


def test_a_rotation_that_is_interrupted_keeps_what_it_did_and_goes_on(database: Database) -> None:
    new, old = ServiceKey.new_line("k2"), ServiceKey.new_line("k1")
    owners = [UUID(int=n) for n in range(1, 503)]

    def invite_all(session: Session) -> None:
        keys = KeyRing(session, ServiceKey.parse(old))
        for owner in owners:
            keys.create(owner)

    def damage(session: Session, wrapped: bytes) -> bytes:
        row = session.get_one(DataKey, owners[-1])
        was, row.wrapped = row.wrapped, wrapped
        return was

    def rewrapped(session: Session) -> int | None:
        return session.scalar(select(func.count()).where(DataKey.kid == "k2"))

    both = ServiceKey.parse(f"{new}\n{old}")
    database.run_now(invite_all)
    whole = database.run_now(lambda session: damage(session, b"damaged"))
    with pytest.raises(SealBroken):
        database.run_now(lambda session: rewrap_all(session, both))
    assert database.run_now(rewrapped) == 500
    database.run_now(lambda session: damage(session, whole))
    assert database.run_now(lambda session: rewrap_all(session, both)) == 2


@pytest.mark.asyncio
async def test_nothing_of_an_erased_person_is_readable_in_the_databases_own_files(
    database: Database, service_key: ServiceKey
) -> None:
    def write(session: Session) -> tuple[bytes, bytes]:
        keys = KeyRing(session, service_key)
        for other in range(100, 130):
            keys.create(UUID(int=other))
        row = uuid4()
        body = keys.create(MUM).close("delivery", row, "sealed_body", WORDS)
        session.add(_delivery(row, MUM, body))
        session.flush()
        wrapped = session.scalars(select(DataKey.wrapped).where(DataKey.owner_id == MUM)).one()
        return wrapped, body

    def erase(session: Session) -> None:
        KeyRing(session, service_key).drop(MUM)
        session.execute(sa.delete(Delivery).where(Delivery.owner_id == MUM))

    wrapped, body = await database.run(write)
    held = await database.run(raw_files)
    assert wrapped in held
    assert body in held
    assert WORDS.encode() not in held

    await database.run(erase)
    assert wrapped in await database.run(raw_files)
    assert await database.scrub()
    left = await database.run(raw_files)
    assert wrapped not in left
    if database.dialect == "sqlite":
        assert body not in left
    assert WORDS.encode() not in left


@pytest.mark.asyncio
async def test_a_scrub_that_someone_holds_back_says_so_and_may_be_tried_again(
    database: Database, database_url: str, service_key: ServiceKey
) -> None:
    await database.run(lambda session: KeyRing(session, service_key).create(MUM))
    reader = sa.create_engine(sa.make_url(database_url).set(drivername=_driver(database)))
    with reader.connect() as connection:
        connection.exec_driver_sql("BEGIN") if database.dialect == "sqlite" else None
        connection.execute(select(DataKey.kid)).all()
        await database.run(lambda session: KeyRing(session, service_key).drop(MUM))
        assert not await database.scrub()
    reader.dispose()
    assert await database.scrub()


@pytest.mark.asyncio
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_whoever_may_still_read_it_holds_a_scrub_back(
    database: Database, database_url: str, service_key: ServiceKey
) -> None:
    """Someone who reads another table: PostgreSQL keeps for them what VACUUM was to clear."""
    await database.run(lambda session: KeyRing(session, service_key).create(MUM))
    reader = sa.create_engine(sa.make_url(database_url).set(drivername=_driver(database)))
    with reader.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.execute(select(Delivery.id)).all()
        await database.run(lambda session: KeyRing(session, service_key).drop(MUM))
        assert not await database.scrub()
        assert not await database.scrub_pages()
    reader.dispose()
    assert await database.scrub()


def _driver(database: Database) -> str:
    return "sqlite" if database.dialect == "sqlite" else "postgresql+psycopg"


def _delivery(row: UUID, owner: UUID, body: bytes) -> Delivery:
    return Delivery(
        id=row,
        kind="reply",
        channel="telegram",
        recipient="telegram:1",
        owner_id=owner,
        sealed_body=body,
        due_at=sa.func.now(),
    )


def raw_files(session: Session) -> bytes:
    """All that the database keeps on disk, without PostgreSQL's journal, which ages out."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        path = str(connection.engine.url.database)
        return b"".join(Path(path + end).read_bytes() for end in ("", "-wal"))
    connection.exec_driver_sql("CHECKPOINT")
    folder = Path(str(connection.exec_driver_sql("SHOW data_directory").scalar_one()))
    oid = connection.exec_driver_sql(
        "SELECT oid FROM pg_database WHERE datname = current_database()"
    ).scalar_one()
    files = (folder / "base" / str(oid)).iterdir()
    return b"".join(file.read_bytes() for file in files if file.is_file())
