"""How long each page of the coordinators' site takes with many meetings, and how many queries.

    uv run python -m tests.bench.desk [--database postgresql://…] [--meetings 1000] [--each 30]

Meetings of five people each are spread over coordinators of `--each` meetings; one coordinator has
five times as many. Of five people three have sent what the made-up family says, one has started,
one has not opened. Each page is asked for over HTTP, in turn with a page that reads nothing but
who is signed in: the last column says how many times that page each one takes. Figures are for
reading, never asserted.
"""

import argparse
import asyncio
import re
import statistics
import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
from starlette.applications import Starlette

from bot import staff
from bot.coordinator.routes import coordinators_site
from bot.meetings import MeetingFile, make_meeting, read_meeting_file
from bot.store.database import Database
from bot.store.sealing import KeyRing, ServiceKey
from bot.store.upgrade import upgrade
from tests.coordinator.household import LIBRARY, NOW, PEOPLE, Household, picked, words
from tests.statements import statements

HEAVY = 5
"""How many times as many meetings one coordinator has."""
YARDSTICK = "/coordinator/account"


def plant(database: Database, key: ServiceKey, meetings: int, each: int) -> dict[str, Household]:
    """The last household of an everyday coordinator, and of the one with many."""
    read = read_meeting_file((PEOPLE / "meeting-ash.yaml").read_text("utf-8"), "meeting-ash.yaml")
    file = replace(read, people=(*read.people, replace(read.people[-1], id="bex", name="Bex")))
    last = {}
    for number in range(meetings):
        is_heavy = number < each * HEAVY
        coordinator = "heavy" if is_heavy else f"c{number // each}"
        last["heavy" if is_heavy else "everyday"] = one_meeting(
            database, key, file, number, coordinator
        )
    return last


def one_meeting(
    database: Database, key: ServiceKey, file: MeetingFile, number: int, coordinator: str
) -> Household:
    given = replace(file.coordinator, email=f"{coordinator}@example.org")
    starts_at = file.meeting.starts_at + timedelta(hours=number)
    meeting = replace(file.meeting, title=f"Meeting number {number}", starts_at=starts_at)
    own = replace(file, coordinator=given, meeting=meeting)
    made = database.run_now(lambda session: make_meeting(session, key, own, NOW))
    household = Household(database, key, made)
    for person in ("dawn", "craig", "marjorie"):
        household.sends(
            person,
            [
                words("going_well", "we do pancakes every saturday, Kit flips them now"),
                words("worries", "Nobody believes me about the money."),
                picked("told_purpose", "no"),
            ],
        )
    household.starts("kit", [words("worries", "the night on the stairs")])
    if number % 10 == 0:
        household.alerts("dawn")
    return household


def pages_of(household: Household) -> list[str]:
    meeting, dawn = household.made.meeting_id, household.id_of("dawn")
    return [
        "/coordinator",
        "/coordinator/meetings",
        f"/coordinator/meeting/{meeting}",
        f"/coordinator/meeting/{meeting}/people",
        f"/coordinator/meeting/{meeting}/copy",
        f"/coordinator/meeting/{meeting}/copy.pdf",
        f"/coordinator/meeting/{meeting}/roundup.pdf",
        f"/coordinator/person/{dawn}",
        f"/coordinator/summary/{dawn}",
        f"/coordinator/summary/{dawn}/pdf",
        f"/coordinator/summary/{dawn}/docx",
    ]


async def signed_in(site: Starlette, link: str) -> httpx.AsyncClient:
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=site), base_url="http://testserver"
    )
    page = await client.get(f"/coordinator/in/{link}")
    [token] = set(re.findall(r'name="token" value="([0-9a-f]{64})"', page.text))
    await client.post(f"/coordinator/in/{link}", data={"token": token})
    return client


async def measure(who: str, client: httpx.AsyncClient, pages: list[str], rounds: int) -> None:
    took: defaultdict[str, list[float]] = defaultdict(list)
    queries: dict[str, int] = {}
    for _ in range(rounds):
        for page in (YARDSTICK, *pages):
            with statements() as heard:
                began = time.perf_counter()
                answer = await client.get(page)
                took[page].append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, (page, answer.status_code)
            queries[page] = len(heard)
    base = statistics.median(took[YARDSTICK])
    print(f"\n{who:<52} median ms  worst ms  queries  times {YARDSTICK}")
    for page, times in took.items():
        name = re.sub(r"[0-9a-f-]{36}", "…", page)
        middle = statistics.median(times)
        print(f"{name:<52} {middle:9.1f} {max(times):9.1f} {queries[page]:8} {middle / base:8.1f}")


async def main(database_url: str, meetings: int, each: int, rounds: int) -> None:
    upgrade(database_url)
    database = Database.open(database_url)
    key = ServiceKey.parse(ServiceKey.new_line("bench"))
    last = await asyncio.to_thread(plant, database, key, meetings, each)
    clock = NOW + timedelta(days=1)
    site = Starlette(
        routes=coordinators_site(database, key, LIBRARY, lambda: clock, "http://testserver")
    )
    for who, household in last.items():
        client = await signed_in(site, household.made.coordinator_web)
        await measure(who, client, pages_of(household), rounds)
    link = database.run_now(
        lambda session: staff.link(
            session,
            staff.make(
                session,
                KeyRing(session, key),
                name="Nadia Okonjo",
                email="nadia.okonjo@example.org",
                language="en",
                now=clock,
                actor="operator",
                administers=True,
            ),
            clock,
            "operator",
        )
    )
    pages = [f"/coordinator/administration{page}" for page in ("", "/service", "/figures", "/log")]
    await measure("administrator", await signed_in(site, link), pages, rounds)
    await database.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", default="")
    parser.add_argument("--meetings", type=int, default=1000)
    parser.add_argument("--each", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{Path(folder) / 'bench.db'}"
        asyncio.run(main(url, given.meetings, given.each, given.rounds))
