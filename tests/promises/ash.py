"""The Ash family's meeting in a running service, with a Telegram of our own and a clock to move."""

import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from bot.store.columns import Base
from bot.store.database import Database
from bot.store.models import Participant
from bot.store.sealing import ServiceKey
from tests.journeys.script import PEOPLE, Script, Tapped, people_of
from tests.service import Service, serving
from tests.telegram.emulator import Emulator, MovableClock, Person
from tests.telegram.player import come_in, play
from tests.web.visitor import Paper, Visitor

os.environ["PTB_TIMEDELTA"] = "1"  # python-telegram-bot 22 warns of its own older durations

TODAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
FILE = PEOPLE / "meeting-ash.yaml"
"""Dawn, Craig, Kit and Marjorie, on 29 March 2027; Odette coordinates."""


@dataclass
class Ash:
    """What a test of privacy needs at hand."""

    service: Service
    telegram: Emulator
    clock: MovableClock
    made: dict[str, Any]
    visitors: list[Visitor] = field(default_factory=list)

    @property
    def database(self) -> Database:
        return self.service.database

    def person(self, name: str) -> dict[str, Any]:
        return next(one for one in self.made["people"] if one["id"] == name)

    def id_of(self, name: str) -> UUID:
        reference = Participant.reference == name
        found = self.database.run_now(
            lambda session: session.scalar(select(Participant.id).where(reference))
        )
        assert found is not None
        return found

    def script(self, name: str) -> Script:
        return Script(next(one for one in people_of(FILE) if one["id"] == name))

    async def in_telegram(self, name: str, until: str = "sent") -> Person:
        """Someone who has come as far as the state `until`, in Telegram."""
        person = self.telegram.person(name.title())
        await come_in(person, self.person(name)["telegram"]["start"])
        await play(person, self.script(name), until=until)
        await person.quiet()
        await self.delivered()
        return person

    async def on_the_web(self, name: str, until: str = "sent") -> Visitor:
        """The same, in a browser without scripts."""
        visitor = self.browser()
        await visitor.come_in(self.person(name)["web"])
        await self.goes_on(visitor, name, until)
        return visitor

    async def goes_on(self, visitor: Visitor, name: str, until: str = "sent") -> None:
        """As its scripts would ask: only for what is new, which is quicker than whole pages."""
        script = self.script(name)
        while visitor.paper.state != until:
            deed = script.next(visitor.paper.state, visitor.paper.choices)
            assert deed is not None, f"the script ends at {visitor.paper.state}"
            said = {"choice": deed.choice} if isinstance(deed, Tapped) else {"text": deed.text}
            answer = await visitor.client.post(
                "/chat", data={**visitor.paper.fields, **said}, headers={"X-Enhance": "1"}
            )
            visitor.paper = Paper(answer.text)
        await visitor.see_chat()

    async def sends(self, visitor: Visitor) -> None:
        """What there is so far, from the list."""
        await visitor.does(command="review")
        await visitor.taps("look")
        await visitor.taps("send")
        assert visitor.paper.state == "sent"

    async def delivered(self) -> None:
        """Nothing is on its way, and what came of it is noted, by the clock as it stands."""
        courier = self.service.app.courier
        for _ in range(100):
            await courier.deliver_all_due()
            await courier.finish_what_is_under_way()
            waiting = [r for r in self.rows("delivery") if r["status"] == "waiting"]
            # Nobody overtakes: what waits behind a letter that is put off waits with it.
            first = {r["recipient"]: r for r in sorted(waiting, key=lambda r: -r["number"])}
            if not [row for row in first.values() if row["due_at"] <= self.clock()]:
                return
        raise AssertionError("something is still on its way")

    def browser(self, **headers: str) -> Visitor:
        self.visitors.append(Visitor.of(self.service.address, headers))
        return self.visitors[-1]

    async def odette(self) -> Visitor:
        """The coordinator, signed in by her link."""
        browser = self.browser()
        link = self.made["coordinator"]["web"]
        page = await browser.opens(link)
        answer = await browser.client.post(link, data=browser.paper.fields)
        assert (page.status_code, answer.status_code) == (200, 303)
        return browser

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table, as they are stored."""
        found = Base.metadata.tables[table]
        return self.database.run_now(
            lambda session: [dict(row) for row in session.execute(select(found)).mappings()]
        )


@contextlib.asynccontextmanager
async def ash_family(
    database: Database, service_key: ServiceKey, now: datetime = TODAY, **settings: Any
) -> AsyncIterator[Ash]:
    """Until the block ends."""
    clock = MovableClock(now)
    async with (
        Emulator.serving(now=clock) as telegram,
        serving(database, service_key, clock, telegram, **settings) as service,
    ):
        ash = Ash(service, telegram, clock, service.meeting(FILE))
        try:
            yield ash
        finally:
            for visitor in ash.visitors:
                await visitor.client.aclose()
