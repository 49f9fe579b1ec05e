"""The whole service, as tests start it: real HTTP on loopback, a clock of their own."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import uvicorn
from pydantic import SecretStr

from bot import meetings
from bot.app import Beforehand
from bot.clock import Clock
from bot.settings import Settings
from bot.store.database import Database
from bot.store.sealing import ServiceKey
from flows.library import Library, read_library
from tests.journeys.script import meeting_in
from tests.telegram.emulator import Emulator

SECRET = "a-made-up-webhook-secret"  # noqa: S105 - made up

_LIBRARY: list[Library] = []


def library() -> Library:
    """Read once for all tests: nothing in it changes."""
    if not _LIBRARY:
        _LIBRARY.append(read_library())
    return _LIBRARY[0]


@dataclass
class Service:
    """A running service and what a test needs to reach into it."""

    app: Beforehand
    address: str
    service_key: ServiceKey
    database: Database
    clock: Clock

    def meeting(self, path: Path) -> dict[str, Any]:
        """Makes the meeting of a file; what `beforehand meeting new --json` prints."""
        file = meeting_in(path)
        now: datetime = self.clock()
        made = self.database.run_now(
            lambda session: meetings.make_meeting(session, self.service_key, file, now)
        )
        return meetings.as_json(made, self.address, "beforehand_bot")


class _Server(uvicorn.Server):
    """Stops when it is told to: uvicorn's own looks every tenth of a second, and tests are many."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.leaves = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.leaves.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does: whatever is open has a second in which to end."""
        for listening in self.servers:
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for _ in range(200):
            if not self.server_state.connections and not self.server_state.tasks:
                break
            await asyncio.sleep(0.005)
        for task in self.server_state.tasks:
            task.cancel()
        await self.lifespan.shutdown()


def _listener() -> socket.socket:
    """On a free port. With the protocol named, asyncio sets TCP_NODELAY; without, each reply takes
    40 ms more."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    return listener


@contextlib.asynccontextmanager
async def serving(
    database: Database,
    service_key: ServiceKey,
    clock: Clock,
    telegram: Emulator | None = None,
    *,
    webhook: bool = False,
    **settings: Any,
) -> AsyncIterator[Service]:
    """The service on a free port of loopback, until the block ends."""
    with _listener() as listener:
        port = listener.getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        chosen = Settings(
            _env_file=None,
            bind=f"127.0.0.1:{port}",
            public_url=address,
            duty_contact="duty@example.org",
            telegram_token=SecretStr(telegram.token) if telegram else None,
            telegram_api_url=telegram.url if telegram else "http://127.0.0.1:1",
            telegram_mode="webhook" if webhook else "polling",
            telegram_secret=SecretStr(SECRET),
            **settings,
        )
        app = Beforehand(chosen, database, service_key, library(), clock)
        server = _Server(uvicorn.Config(app.asgi, log_config=None, access_log=False))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            while not server.started:
                if running.done():
                    await running
                await asyncio.sleep(0.01)
            yield Service(app, address, service_key, database, clock)
        finally:
            server.leaves.set()
            await running
