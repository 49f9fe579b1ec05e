"""P25: everything is sealed at rest, and no sealed thing opens in another's place."""

from pathlib import Path

import pytest
from sqlalchemy import LargeBinary

from bot.store.columns import Base
from bot.store.database import Database
from bot.store.sealing import ServiceKey
from tests.promises.ash import FILE, ash_family
from tests.web import files

NOT_SEALED = {
    "data_key.wrapped": "a data key, itself sealed by the service's key",
    "coordinator.email_mark": "a keyed hash",
    "invitation.token_hash": "a hash",
    "recovery_code.code_hash": "a hash",
    "session.token_hash": "a hash",
    "recovery_code.mark": "a keyed hash",
}
CANARY = "kingfisher-on-the-mill-race"


def test_every_column_of_bytes_is_sealed_or_says_why_not() -> None:
    columns = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary) and not column.name.startswith("sealed_")
    }
    assert columns <= set(NOT_SEALED)


@pytest.mark.asyncio
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_word_and_no_name_lies_readable_on_the_disk(
    database: Database, service_key: ServiceKey, tmp_path: Path
) -> None:
    async with ash_family(database, service_key) as ash:
        kit = ash.browser()
        await kit.come_in(ash.person("kit")["web"])
        await kit.go_to("going_well")
        await kit.does({"picture": ("x", files.photo(), "image/jpeg")})
        await kit.go_to("worries")
        await kit.says(CANARY)
        dawn = await ash.in_telegram("dawn", until="worries")
        dawn.says(CANARY)
        await dawn.quiet()
        await ash.delivered()
        on_disk = b"".join(path.read_bytes() for path in tmp_path.glob("beforehand.db*"))
    given = FILE.read_text(encoding="utf-8")
    names = [name for name in ("Odette", "Marjorie", "Dawn", "odette@") if name in given]
    assert names
    for word in (CANARY, *names):
        for encoding in ("utf-8", "utf-16-le"):
            assert word.encode(encoding) not in on_disk, word


@pytest.mark.asyncio
async def test_nor_in_any_row(database: Database, service_key: ServiceKey) -> None:
    async with ash_family(database, service_key) as ash:
        kit = ash.browser()
        await kit.come_in(ash.person("kit")["web"])
        await kit.go_to("worries")
        await kit.says(CANARY)
        for table in Base.metadata.tables:
            for row in ash.rows(table):
                shown = " ".join(
                    value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                    for value in row.values()
                )
                assert CANARY not in shown, table
                assert "Odette" not in shown, table
