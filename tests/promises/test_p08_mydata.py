"""P8: they can see and take away all that is held about them, and nothing about anybody else."""

import json
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
import sqlalchemy as sa
from PIL import Image
from sqlalchemy.orm import Session

from bot.privacy.bundle import take_away
from bot.privacy.everything import gather
from bot.store.columns import Base
from bot.store.database import Database
from bot.store.sealing import KeyRing, ServiceKey
from tests.journeys.script import people_of
from tests.promises.ash import FILE, Ash, ash_family
from tests.service import library
from tests.telegram.emulator import Person
from tests.web.files import photo
from tests.web.visitor import Visitor

pytestmark = pytest.mark.asyncio

HOSTILE = "<script>alert(1)</script> & =cmd|'/c calc'!A1 {{ 7*7 }} \u202egnirts"
NOT_ABOUT_THEM = {
    "data_key",
    "coordinator",
    "recovery_code",
    "meeting",
    "telegram_chat",
    "turn",
    "service",
}
"""A key; who runs the meeting and how they sign in, and the meeting, as they know them; which chat
is theirs, which the file names; numbers of updates that were handled; and whom the service itself
can be reached by."""


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from texts_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts_in(one)
    elif isinstance(value, str):
        yield value


def said_by(name: str) -> list[str]:
    """All that the script has someone type."""
    says = next(one for one in people_of(FILE) if one["id"] == name)["says"]
    return [text for text in texts_in(says) if len(text) > 12]


def opened(content: bytes) -> tuple[str, dict[str, Any], dict[str, bytes]]:
    """The page, the details and the other files of a bundle."""
    with ZipFile(BytesIO(content)) as bundle:
        files = {name: bundle.read(name) for name in bundle.namelist()}
    page, details = files.pop("everything.html"), files.pop("everything.json")
    return page.decode(), json.loads(details), files


async def from_the_web(visitor: Visitor) -> bytes:
    await visitor.opens("/chat/mydata")
    answer = await visitor.client.post("/chat/mydata", data=visitor.paper.fields)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/zip"
    return answer.content


async def from_telegram(ash: Ash, person: Person) -> bytes:
    person.says("/mydata")
    await ash.telegram.until(lambda: any(m.kind == "document" for m in person.screen), 10)
    await person.quiet()
    await ash.delivered()
    message = next(m for m in reversed(person.screen) if m.kind == "document")
    assert not message.protect_content, "what cannot be saved cannot be taken away"
    assert isinstance(message.media, dict)
    return ash.telegram.world.files.by_id[message.media["file_id"]].data


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_all_that_was_planted_is_in_it_and_nothing_of_anybody_else(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        odette = await ash.odette()
        craig = await ash.in_telegram("craig", until="wants")
        craig.says("only craig could say this")
        await craig.quiet()
        dawn = await ash.on_the_web("dawn", until="needs_from_services")
        await ash.sends(dawn)
        await dawn.says(HOSTILE)
        typed = list(dawn.paper.said)
        await dawn.does({"picture": ("photo", photo(), "image/jpeg")})
        await odette.opens(f"/coordinator/summary/{ash.id_of('dawn')}")
        dawn_before = ash.rows("answer")

        page, details, files = opened(await from_the_web(dawn))

        everything = "\n".join(texts_in(details))
        assert HOSTILE in typed
        assert len(typed) > 7
        for text in [*typed, "Dawn O'Shea", "Kit's mum", "Odette Farrow"]:
            assert text in everything, text
        for part in ("answers", "sent", "chat"):
            held = set(texts_in(details[part]))
            assert len([text for text in said_by("dawn") if text in held]) > 4, part
        for part, table in (("messages", "delivery"), ("ways_in", "invitation")):
            own = [r for r in ash.rows(table) if r["participant_id"] == ash.id_of("dawn")]
            assert len(details[part]) == len(own), part
        for other in (*said_by("craig"), "only craig could say this", "Craig Dunmore"):
            assert other not in everything
            assert other not in page
        assert str(ash.id_of("craig")) not in everything
        [picture] = files
        with Image.open(BytesIO(files[picture])) as shown:
            assert shown.format == "JPEG"
        assert details["sent"][0]["first_read_at"]
        assert [one["what"] for one in details["what_was_done"]].count("summary_read") == 1
        assert details["calls_for_help"][0]["raised_at"]
        assert details["ways_in"]
        assert details["visits"]
        assert details["messages"]
        assert ash.rows("answer") == dawn_before, "to look changes nothing"


async def test_every_table_that_holds_something_of_theirs_is_read(
    database: Database, service_key: ServiceKey
) -> None:
    """A new table fails this test until the file holds it, or it is said why it need not."""
    read: set[str] = set()

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        named = set(re.findall(r"(?:FROM|JOIN|,) (\w+)", statement))
        read.update(named & set(Base.metadata.tables))

    async with ash_family(database, service_key) as ash:
        await ash.on_the_web("dawn", until="wants")
        owner = ash.id_of("dawn")

        def watch(session: Session) -> None:
            engine = session.connection().engine
            sa.event.listen(engine, "before_cursor_execute", note)
            gather(session, KeyRing(session, service_key), library(), owner, ash.clock())
            sa.event.remove(engine, "before_cursor_execute", note)

        database.run_now(watch)
    assert read | NOT_ABOUT_THEM >= set(Base.metadata.tables)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_in_telegram_it_comes_as_a_file_and_can_be_cleared(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn")
        dawn.sends_photo(photo())
        await dawn.quiet()
        page, details, files = opened(await from_telegram(ash, dawn))
        assert "Nobody believes me about the money" in page
        assert details["messages_in_telegram"]
        assert list(files) == ["1.jpg"]
        dawn.says("/hide")
        await dawn.quiet()
        assert not [m for m in dawn.screen if m.kind == "document"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_hostile_words_are_only_words(database: Database, service_key: ServiceKey) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.on_the_web("dawn", until="worries")
        await dawn.says(HOSTILE)
        page, details, _ = opened(await from_the_web(dawn))
        assert "<script>" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "{{ 7*7 }}" in page
        assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
        assert HOSTILE in "\n".join(texts_in(details))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_it_reads_in_their_language_and_direction(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        kit = await ash.on_the_web("kit", until="going_well")
        await kit.does(command="language")
        await kit.taps("ar")
        page, _, _ = opened(await from_the_web(kit))
        assert '<html lang="ar" dir="rtl">' in page


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_coordinator_is_told_that_it_was_asked_for_and_ticks_it_off(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        odette, meeting = await ash.odette(), ash.made["meeting"]
        kit = await ash.on_the_web("kit", until="worries")
        await kit.does(command="mydata")
        await odette.opens(f"/coordinator/meeting/{meeting}")
        assert "asked for a copy of all that is held about them" in odette.paper.text
        assert "ollie next door" not in odette.paper.text
        done = f"/coordinator/task/{ash.id_of('kit')}/~data/done"
        answer = await odette.client.post(done, data={"token": odette.paper.fields["token"]})
        assert answer.status_code == 303
        [task] = ash.rows("task")
        assert task["done_at"] is not None
        assert [row["action"] for row in ash.rows("audit_entry")].count("data_asked") == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nobody_else_gets_it_and_a_link_alone_does_nothing(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        await ash.on_the_web("kit", until="worries")
        outside = ash.browser()
        for answer in (
            await outside.client.get("/chat/mydata"),
            await outside.client.post("/chat/mydata"),
        ):
            assert (answer.status_code, answer.headers["location"]) == (303, "/back")
        dawn = await ash.on_the_web("dawn", until="worries")
        seen = await dawn.client.get("/chat/mydata")
        assert "all that is held" in seen.text.lower()
        assert "data_given" not in [row["action"] for row in ash.rows("audit_entry")]
        page, _, _ = opened(await from_the_web(dawn))
        assert "ollie next door" not in page


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_files_that_are_too_large_for_telegram_are_named_and_left_out(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.on_the_web("dawn", until="worries")
        await dawn.does({"picture": ("photo", photo(), "image/jpeg")})
        owner = ash.id_of("dawn")
        content = database.run_now(
            lambda session: take_away(
                session, KeyRing(session, service_key), library(), owner, ash.clock(), 10
            )
        )
        page, details, files = opened(content)
        assert not files
        assert details["attachments"][0]["file"] == "1.jpg"
        assert "too big to be sent here" in page
