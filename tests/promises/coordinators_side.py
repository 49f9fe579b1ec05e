"""All that could reach anybody but the person: the coordinator's pages, chat and mail, what the
operator's command shows, and the database as it lies on the disk."""

import asyncio
import contextlib
import html
import itertools
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import MetaData, create_engine

from bot import meetings
from bot.store.database import Database
from bot.store.sealing import ServiceKey
from tests.journeys.script import PEOPLE, Deed, Script, Typed
from tests.journeys.test_families import signed_in
from tests.papers.reading import read_pdf, text_in_docx
from tests.service import Service, serving
from tests.telegram.emulator import Emulator, Message, MovableClock, Person

SOON = "2026-11-24T09:00"
"""Within a day of the tests' today: the roundup is due at once."""


@dataclass
class Post:
    """A mail server that keeps what it gets."""

    port: int = 0
    mails: list[str] = field(default_factory=list)

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        body = mail.get_body()
        assert body is not None
        self.mails.append(f"{mail.as_string()}\n{body.get_content()}")
        return "250 OK"

    async def has(self, count: int) -> None:
        for _ in range(500):
            if len(self.mails) >= count:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{len(self.mails)} mails, not {count}")


@contextlib.asynccontextmanager
async def post() -> AsyncIterator[Post]:
    box = Post()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, loop=loop), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        await server.wait_closed()


@dataclass
class CoordinatorsSide:
    """A running service with a meeting tomorrow, and its coordinator at every screen of theirs."""

    service: Service
    made: dict[str, Any]
    post: Post
    chat: Person
    desk: httpx.AsyncClient

    def link(self, person: str) -> dict[str, Any]:
        return next(one for one in self.made["people"] if one["id"] == person)

    async def id_of(self, person: str) -> UUID:
        from tests.journeys.test_families import ids

        found = await asyncio.to_thread(ids, self.made, self.service)
        return UUID(found[person])

    async def pages(self) -> dict[str, str]:
        """Every address of the site that answers a GET, with every id of this meeting in it."""
        known = [self.made["meeting"], *map(str, [await self.id_of(p) for p in self._people()])]
        pages = {}
        for route in self.service.app.web.routes:
            path = getattr(route, "path", "")
            if not path.startswith("/coordinator") or "GET" not in (route.methods or ()):  # type: ignore[attr-defined]
                continue
            if path.endswith("/events"):
                pages[path] = await self._first_event(path)
                continue
            holes = re.findall(r"\{[^}]*\}", path)
            for ids in itertools.product(known, repeat=len(holes)):
                address = path
                for hole, one in zip(holes, ids, strict=True):
                    address = address.replace(hole, one, 1)
                answer = await self.desk.get(address)
                pages[address] = said_in(answer) + str(answer.headers)
        assert len([page for page in pages.values() if "<h1" in page]) > 5, "it is signed in"
        return pages

    async def _first_event(self, address: str) -> str:
        """Of a stream that would go on: what it says at once."""
        async with self.desk.stream("GET", address) as answer:
            lines = []
            async for line in answer.aiter_lines():
                lines.append(line)
                if line.startswith("data:"):
                    break
            return "\n".join(lines) + str(answer.headers)

    def _people(self) -> list[str]:
        return [one["id"] for one in self.made["people"]]

    async def everything(self) -> dict[str, str]:
        """By place."""
        shown = await self.service.database.run(
            lambda session: meetings.show_meeting(
                session, self.service.service_key, UUID(self.made["meeting"])
            )
        )
        return {
            **await self.pages(),
            "mail": "\n".join(self.post.mails),
            "chat": "\n".join(message.text for message in self.chat.screen),
            "meeting show": json.dumps(shown, ensure_ascii=False),
            "database": on_the_disk(self.service),
        }

    async def roundup(self) -> None:
        await self.service.app.scheduler.round()
        await self.chat.sees("who has prepared")


def said_in(answer: httpx.Response) -> str:
    """What can be read in it: of a page, of a paper."""
    kind = answer.headers.get("content-type", "")
    if "pdf" in kind:
        return read_pdf(answer.content).text
    if "wordprocessingml" in kind:
        return text_in_docx(answer.content)
    return html.unescape(answer.text)


def on_the_disk(service: Service) -> str:
    """Every column of every row as it lies there, and on SQLite every byte of the files."""
    url = service.database._engine.url
    engine = create_engine(url)
    tables = MetaData()
    tables.reflect(engine)
    found = []
    with engine.connect() as connection:
        for table in tables.sorted_tables:
            for row in connection.execute(table.select()):
                found += [_text(value) for value in row]
    engine.dispose()
    if url.get_backend_name() == "sqlite" and url.database:
        folder = Path(url.database)
        found += [_text(file.read_bytes()) for file in folder.parent.glob(f"{folder.name}*")]
    return "\n".join(found)


def _text(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", errors="replace")
    return str(value)


@contextlib.asynccontextmanager
async def coordinators_side(
    database: Database, service_key: ServiceKey, clock: MovableClock, telegram: Emulator
) -> AsyncIterator[CoordinatorsSide]:
    """The Ash family's meeting, tomorrow morning; Odette is signed in and her chat is linked."""
    folder = Path(str(database._engine.url.database)).parent
    file = folder / "meeting.yaml"
    text = (PEOPLE / "meeting-ash.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("2027-03-29T16:30", SOON), encoding="utf-8")
    async with (
        post() as box,
        serving(
            database,
            service_key,
            clock,
            telegram,
            smtp_url=f"smtp://127.0.0.1:{box.port}?from=hello@example.org",
        ) as service,
    ):
        made = service.meeting(file)
        file.unlink()
        odette = telegram.person("Odette")
        odette.start(made["coordinator"]["telegram"])
        await odette.hears()
        odette.taps("Yes, that is me")
        await odette.hears()
        desk = await signed_in(service, made)
        yield CoordinatorsSide(service, made, box, odette, desk)
        await desk.aclose()


@dataclass
class Remembering(Script):
    """Plays a part, with words of its own in each answer, and remembers what it typed."""

    typed: list[str] = field(default_factory=list)

    def next(self, state: str, choices: list[str]) -> Deed | None:
        deed = super().next(state, choices)
        if isinstance(deed, Typed) and state != "name" and not state.endswith(".not_to"):
            deed = Typed(f"{deed.text} ⟦planted at {state}⟧")
            self.typed.append(deed.text)
        return deed


def quotes_in_chat(messages: list[Message]) -> list[str]:
    """What Telegram shows as somebody's own words."""
    return [
        message.text.encode("utf-16-le")[2 * one.offset : 2 * (one.offset + one.length)].decode(
            "utf-16-le"
        )
        for message in messages
        for one in message.entities
        if one.type == "blockquote"
    ]


def quotes_on_page(page: str) -> list[str]:
    """What a page shows as somebody's own words, whom they named, and what they tapped."""
    found = re.findall(
        r'<(blockquote|p class="person"|p class="chosen"|figcaption)[^>]*>(.*?)</', page, re.DOTALL
    )
    return [html.unescape(text) for _, text in found]
