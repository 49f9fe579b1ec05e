"""Driving the emulator from another process: people act and are read over HTTP under /control.

Only for tests that kill a process and for benchmarks; other tests hold the Emulator itself."""

import base64
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.telegram.emulator.chats import Message
from tests.telegram.emulator.clock import MovableClock
from tests.telegram.emulator.faults import (
    Cut,
    CutAfterAccepting,
    Fault,
    ServerError,
    SilentAfterAccepting,
    Slow,
    TooManyRequests,
)
from tests.telegram.emulator.people import Person
from tests.telegram.emulator.wire import JsonObject

if TYPE_CHECKING:
    from tests.telegram.emulator.server import Emulator


def control_routes(telegram: "Emulator") -> list[Route]:
    """The control API. Bodies are JSON objects; every answer is JSON.

    POST /control/people {"name", "language_code"}     -> {"id"}
    POST /control/people/ID/ACT {...}                  start, says, taps, sends_voice ...
    GET  /control/people/ID/screen                     -> the messages visible now
    GET  /control/people/ID/hears?count=&within_s=     -> the bot's new messages, once there
    GET  /control/people/ID/quiet?within_s=            -> once nothing is pending
    GET  /control/calls?method=&chat=&after=           -> the calls from number `after` on
    GET  /control/pending                              -> updates not yet acknowledged
    POST /control/updates {"kind", "body", "chat"}     -> {"update_id"}
    POST /control/redeliver {"update_id"}
    POST /control/faults {"method", "fault", "seconds", "code", "chat", "times"}
    POST /control/revoke
    POST /control/clock {"seconds"}                    moves the emulator's clock on
    """

    async def people(request: Request) -> Response:
        asked = await _body(request)
        person = telegram.person(
            str(asked.get("name", "Dawn")), _words_or_none(asked.get("language_code", "en"))
        )
        return JSONResponse({"id": person.id, "name": person.chat.name})

    async def act(request: Request) -> Response:
        person = _person(telegram, request)
        asked = await _body(request)
        name = request.path_params["act"]
        if name not in _ACTS:
            return JSONResponse({"error": f"no such act: {name}"}, status_code=404)
        try:
            return JSONResponse(_ACTS[name](person, asked))
        except (AssertionError, ValueError) as problem:
            return JSONResponse({"error": str(problem)}, status_code=409)

    async def screen(request: Request) -> Response:
        return JSONResponse([_shown(m) for m in _person(telegram, request).screen])

    async def hears(request: Request) -> Response:
        person = _person(telegram, request)
        count, within_s = _query(request, "count", 1), _query(request, "within_s", 5.0)
        try:
            heard = await person.hears(int(count), within_s)
        except AssertionError as problem:
            return JSONResponse({"error": str(problem)}, status_code=504)
        return JSONResponse([_shown(message) for message in heard])

    async def quiet(request: Request) -> Response:
        try:
            await _person(telegram, request).quiet(_query(request, "within_s", 5.0))
        except AssertionError as problem:
            return JSONResponse({"error": str(problem)}, status_code=504)
        return JSONResponse({})

    async def calls(request: Request) -> Response:
        chat = request.query_params.get("chat")
        made = telegram.calls(request.query_params.get("method"), int(chat) if chat else None)
        return JSONResponse(
            [
                {
                    "method": call.method,
                    "params": call.params,
                    "result": call.result,
                    "refused": call.refused.body() if call.refused else None,
                    "chat": call.chat_id,
                    "at": call.at.isoformat(),
                }
                for call in made[int(_query(request, "after", 0)) :]
            ]
        )

    async def pending(request: Request) -> Response:
        return JSONResponse(telegram.pending_updates)

    async def updates(request: Request) -> Response:
        asked = await _body(request)
        body = asked.get("body")
        pushed = telegram.push(
            str(asked["kind"]), body if isinstance(body, dict) else {}, _int_or_none(asked, "chat")
        )
        return JSONResponse({"update_id": pushed})

    async def redeliver(request: Request) -> Response:
        telegram.redeliver(int(_number(await _body(request), "update_id", 0)))
        return JSONResponse({})

    async def faults(request: Request) -> Response:
        asked = await _body(request)
        telegram.fails(
            _words_or_none(asked.get("method")),
            _fault(asked),
            chat=_int_or_none(asked, "chat"),
            times=_int_or_none(asked, "times"),
        )
        return JSONResponse({})

    async def revoke(request: Request) -> Response:
        telegram.revoke_token()
        return JSONResponse({})

    async def clock(request: Request) -> Response:
        asked = await _body(request)
        now = telegram.world.now
        if not isinstance(now, MovableClock):
            return JSONResponse({"error": "this clock cannot be moved"}, status_code=409)
        now.move(timedelta(seconds=_number(asked, "seconds", 0)))
        return JSONResponse({"now": now().isoformat()})

    def post(path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> Route:
        return Route(f"/control/{path}", endpoint, methods=["POST"])

    def get(path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> Route:
        return Route(f"/control/{path}", endpoint, methods=["GET"])

    return [
        post("people", people),
        get("people/{id:int}/screen", screen),
        get("people/{id:int}/hears", hears),
        get("people/{id:int}/quiet", quiet),
        post("people/{id:int}/{act}", act),
        get("calls", calls),
        get("pending", pending),
        post("updates", updates),
        post("redeliver", redeliver),
        post("faults", faults),
        post("revoke", revoke),
        post("clock", clock),
    ]


def _says(person: Person, asked: JsonObject) -> object:
    return person.says(str(asked["text"])).id


def _sends_document(person: Person, asked: JsonObject) -> object:
    name, mime = str(asked.get("name", "file.txt")), str(asked.get("mime", "text/plain"))
    return person.sends_document(name, _data(asked), mime).id


def _silently(act: Callable[[Person], None]) -> Callable[[Person, JsonObject], object]:
    def done(person: Person, _: JsonObject) -> object:
        act(person)
        return None

    return done


_ACTS: dict[str, Callable[[Person, JsonObject], object]] = {
    "start": lambda person, asked: person.start(str(asked.get("payload", ""))).id,
    "says": _says,
    "taps": lambda person, asked: person.taps(str(asked["what"])),
    "forwards": lambda person, asked: person.forwards(str(asked["text"])).id,
    "sends_voice": lambda person, asked: person.sends_voice(_data(asked)).id,
    "sends_photo": lambda person, asked: person.sends_photo(_data(asked)).id,
    "sends_document": _sends_document,
    "sends_sticker": lambda person, _: person.sends_sticker().id,
    "sends_contact": lambda person, _: person.sends_contact().id,
    "sends_location": lambda person, _: person.sends_location().id,
    "sends_poll": lambda person, _: person.sends_poll().id,
    "blocks_bot": _silently(Person.blocks_bot),
    "unblocks_bot": _silently(Person.unblocks_bot),
}


def _shown(message: Message) -> JsonObject:
    return {
        "id": message.id,
        "from_bot": message.from_bot,
        "kind": message.kind,
        "text": message.text,
        "entities": [entity.json() for entity in message.entities],
        "buttons": [[vars(button) for button in row] for row in message.rows],
        "protect_content": message.protect_content,
        "date": message.date.isoformat(),
    }


def _fault(asked: JsonObject) -> Fault:
    seconds = _number(asked, "seconds", 1)
    known: dict[str, Fault] = {
        "too_many_requests": TooManyRequests(int(seconds)),
        "server_error": ServerError(int(_number(asked, "code", 500))),
        "cut": Cut(),
        "cut_after_accepting": CutAfterAccepting(),
        "silent_after_accepting": SilentAfterAccepting(),
        "slow": Slow(seconds),
    }
    return known[str(asked["fault"])]


def _person(telegram: "Emulator", request: Request) -> Person:
    return telegram.people[request.path_params["id"]]


async def _body(request: Request) -> JsonObject:
    said = await request.json() if await request.body() else {}
    return said if isinstance(said, dict) else {}


def _data(asked: JsonObject) -> bytes:
    return base64.b64decode(str(asked.get("base64", "")))


def _query(request: Request, name: str, default: float) -> float:
    return float(request.query_params.get(name, default))


def _number(asked: JsonObject, name: str, default: float) -> float:
    return float(str(asked.get(name, default)))


def _words_or_none(value: object) -> str | None:
    return None if value is None else str(value)


def _int_or_none(asked: JsonObject, name: str) -> int | None:
    return None if asked.get(name) is None else int(_number(asked, name, 0))
