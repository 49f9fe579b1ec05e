"""The Bot API over real HTTP: requests in, replies out, and what a test holds in its hand.

Source: Bot API, "Making requests"; `/file/bot<token>/<path>` is getFile's download address."""

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.telegram.emulator import faults
from tests.telegram.emulator.chats import Chat
from tests.telegram.emulator.control import control_routes
from tests.telegram.emulator.faults import Fault, Faults, Planned
from tests.telegram.emulator.people import Person
from tests.telegram.emulator.signals import Thing
from tests.telegram.emulator.table import METHODS, NAMES
from tests.telegram.emulator.wire import JsonObject, Params, Refused, read
from tests.telegram.emulator.world import Call, World

TOKEN = "123456789:AAE-made-up-token-for-tests-0123456789"  # noqa: S105 - a made-up one
_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{30,}")
FIRST_PERSON_ID = 700_000_001
QUERY_LIVES_S = 15.0 * 60


class Emulator:
    """One bot's Telegram. Made by `serving`."""

    def __init__(self, world: World, token: str) -> None:
        self.world = world
        self.token = token
        self.faults = Faults()
        self.people: dict[int, Person] = {}
        self.port = 0
        self._server: uvicorn.Server | None = None
        world.perform = self.perform

    @classmethod
    @contextlib.asynccontextmanager
    async def serving(
        cls,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        token: str = TOKEN,
        port: int = 0,
        webhook_retry_s: float = 0.05,
        webhook_timeout_s: float = 5.0,
        query_lives_s: float = QUERY_LIVES_S,
    ) -> AsyncIterator["Emulator"]:
        """A running emulator, in the loop of whoever asks.

        `now` is the clock of message dates, of the 48 hours in which a message can be deleted,
        and of `query_lives_s`, after which a tap can no longer be answered. `webhook_retry_s` is
        the first wait before an update is posted again; it doubles each time."""
        world = World(
            now,
            token,
            webhook_retry_s=webhook_retry_s,
            webhook_timeout_s=webhook_timeout_s,
            query_lives_s=query_lives_s,
        )
        emulator = cls(world, token)
        emulator.port = port
        await emulator._listen()
        try:
            yield emulator
        finally:
            await world.webhook.stop()
            await emulator._hang_up()

    # Where it is.

    @property
    def url(self) -> str:
        """The root, as a Bot API server's address is given."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """python-telegram-bot's `base_url`: the token is put behind it."""
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        """python-telegram-bot's `base_file_url`."""
        return f"{self.url}/file/bot"

    # Who is there, and what was done.

    def person(
        self, name: str = "Dawn", language_code: str | None = "en", *, known_to_bot: bool = False
    ) -> Person:
        """Someone new, who has not yet opened the chat. Writing to them is "chat not found", or,
        when the bot knows them from elsewhere (a shared contact), 403."""
        chat = Chat(
            FIRST_PERSON_ID + len(self.world.chats),
            name,
            language_code,
            known_to_bot=known_to_bot,
        )
        self.world.chats[chat.id] = chat
        self.people[chat.id] = Person(self.world, chat)
        return self.people[chat.id]

    def calls(self, method: str | None = None, chat: int | None = None) -> list[Call]:
        """What the bot called, in order, refused calls too."""
        return [
            call
            for call in self.world.calls
            if method in (None, call.method) and chat in (None, call.chat_id)
        ]

    @property
    def pending_updates(self) -> list[JsonObject]:
        """What the bot has not yet acknowledged."""
        return [entry.update for entry in self.world.updates.pending]

    async def until(
        self, holds: Callable[[], Thing], within_s: float = 5.0, what: str = "condition"
    ) -> Thing:
        """Waits for something about the calls, looked at after each of them."""
        return await self.world.called.until(holds, within_s, lambda: what)

    # What goes wrong.

    def fails(
        self,
        method: str | None,
        fault: Fault,
        *,
        chat: int | None = None,
        times: int | None = 1,
    ) -> Planned:
        """Plans a fault for the next `times` calls (None: for ever) of this method (None: any)
        about this chat (None: any). The plan counts its `hits`."""
        return self.faults.plan(Planned(fault, method, chat, times))

    @contextlib.asynccontextmanager
    async def outage(self) -> AsyncIterator[None]:
        """Connections are refused, and those open are cut, until the block ends."""
        await self._hang_up()
        try:
            yield
        finally:
            await self._listen()

    def revoke_token(self) -> None:
        """401 from now on."""
        self.world.tokens.clear()

    def issue_token(self, token: str) -> None:
        """One more token that is good."""
        self.world.tokens.add(token)
        self.token = token

    def redeliver(self, update_id: int) -> None:
        """The same update comes again, with its id."""
        self.world.updates.redeliver(update_id)

    @contextlib.contextmanager
    def reordered(self) -> Iterator[None]:
        """What people do in the block reaches the bot after it, newest first."""
        self.world.updates.hold()
        try:
            yield
        finally:
            self.world.updates.release(newest_first=True)

    def push(self, kind: str, body: JsonObject, chat: int | None = None) -> int | None:
        """Any other update, as the Bot API documents it."""
        return self.world.updates.push(kind, body, chat)

    # How a call is done.

    def perform(self, name: str, params: Params) -> Call:
        """Does one call (all but getUpdates, which waits) and records it."""
        canonical = NAMES.get(name.lower(), name)
        try:
            if canonical not in METHODS:
                raise Refused(404, "Not Found: method not found")
            result = METHODS[canonical](self.world, params)
        except Refused as refused:
            return self.world.record(canonical, params, refused=refused)
        return self.world.record(canonical, params, result)

    async def _bot(self, request: Request) -> Response:
        token, name = request.path_params["token"], request.path_params["method"]
        if (refused := self._wrong_token(token)) is not None:
            return _reply(refused)
        try:
            params = await read(request)
        except Refused as refused:
            return _reply(refused)
        name = NAMES.get(name.lower(), name)
        chat_id = self.world.chat_of(params)
        with self.world.on_its_way(chat_id):
            return await self._answer(request, name, params, chat_id)

    async def _answer(
        self, request: Request, name: str, params: Params, chat_id: int | None
    ) -> Response:
        fault = self.faults.meet(name, chat_id)
        if fault is not None and (refused := faults.refusal(fault)) is not None:
            return _reply(self.world.record(name, params, refused=refused).refused)
        if isinstance(fault, faults.Cut):
            return await self._cut(request)
        if isinstance(fault, faults.Slow):
            await _unless_gone(request, asyncio.sleep(fault.seconds))
        if isinstance(fault, faults.Held):
            await _unless_gone(request, fault.let_go.wait())
        reply = await self._done(request, name, params)
        if isinstance(fault, faults.CutAfterAccepting):
            return await self._cut(request)
        if isinstance(fault, faults.SilentAfterAccepting):
            await _gone(request)
        return reply

    async def _done(self, request: Request, name: str, params: Params) -> Response:
        if name != "getUpdates":
            call = self.perform(name, params)
            return _reply(call.refused, call.result)
        try:
            batch = await _unless_gone(request, self.world.updates.poll(params))
        except Refused as refused:
            return _reply(self.world.record(name, params, refused=refused).refused)
        self.world.record(name, params, batch)
        return _reply(None, batch or [])

    async def _file(self, request: Request) -> Response:
        if (refused := self._wrong_token(request.path_params["token"])) is not None:
            return _reply(refused)
        kept = self.world.files.by_path.get(request.path_params["path"])
        if kept is None:
            return _reply(Refused(404, "Not Found"))
        return Response(kept.data, media_type="application/octet-stream")

    def _wrong_token(self, token: str) -> Refused | None:
        if not _TOKEN.fullmatch(token):
            return Refused(404, "Not Found")
        return None if token in self.world.tokens else Refused(401, "Unauthorized")

    # How it listens.

    async def _listen(self) -> None:
        """uvicorn, without its signal handlers and its tenth of a second at each end."""
        # With the protocol named, asyncio sets TCP_NODELAY; without, each reply takes 40 ms more.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        app = Starlette(
            routes=[
                Route("/bot{token}/{method}", self._bot, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self._file),
                *control_routes(self),
            ]
        )
        config = uvicorn.Config(
            app, http="httptools", ws="none", lifespan="off", log_config=None, access_log=False
        )
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[listener])
        await server.on_tick(0)
        self._server = server

    async def _hang_up(self) -> None:
        """Stops listening and cuts every connection; calls under way see that and end."""
        server, self._server = self._server, None
        if server is None:
            return
        for listening in server.servers:
            listening.close()
        for connection in list(server.server_state.connections):
            _abort(connection)
        await asyncio.gather(*server.server_state.tasks, return_exceptions=True)

    async def _cut(self, request: Request) -> Response:
        """Ends this request's connection without a word."""
        assert self._server is not None
        for connection in list(self._server.server_state.connections):
            if getattr(connection, "client", None) == request.scope.get("client"):
                _abort(connection)
        await _gone(request)
        return Response()


def _reply(refused: Refused | None, result: object = None) -> JSONResponse:
    if refused is not None:
        return JSONResponse(refused.body(), status_code=refused.code)
    return JSONResponse({"ok": True, "result": result})


def _abort(connection: object) -> None:
    transport = getattr(connection, "transport", None)
    if isinstance(transport, asyncio.Transport):
        transport.abort()


async def _gone(request: Request) -> None:
    """Waits until the client has hung up."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _unless_gone(request: Request, what: Awaitable[Thing]) -> Thing | None:
    """What it gives, or None as soon as the client has hung up."""
    doing = asyncio.ensure_future(what)
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait((doing, gone), return_when=asyncio.FIRST_COMPLETED)
        return doing.result() if doing.done() else None
    finally:
        for task in (doing, gone):
            task.cancel()
        await asyncio.gather(doing, gone, return_exceptions=True)
