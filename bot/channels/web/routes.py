"""The web chat's addresses. What each shows is told in the module of its room."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.web.chat import Chat
from bot.channels.web.mydata import MyData
from bot.channels.web.pages import STATIC, Pages
from bot.channels.web.shared import RunBy, Shared, kept_days
from bot.channels.web.standing import Standing
from bot.channels.web.visit import Visits
from bot.channels.web.ways_in import WaysIn
from bot.clock import Clock
from bot.settings import Settings
from bot.store.database import Database
from bot.store.sealing import ServiceKey
from bot.turn import Turns
from flows.library import Library

_POST: Final = ["POST"]
_LINKS: Final = ("/i/{token}", "/i/{token:path}")
"""The second for guesses with a slash in them, so that they too get the one kind page."""


def web_chat(
    turns: Turns,
    database: Database,
    service_key: ServiceKey,
    library: Library,
    clock: Clock,
    settings: Settings,
) -> list[BaseRoute]:
    """The routes of the web chat."""
    shared = Shared(
        turns=turns,
        database=database,
        service_key=service_key,
        wording=library.wording,
        library=library,
        clock=clock,
        pages=Pages(library.wording, settings.quick_exit_url),
        visits=Visits(database, clock, https=settings.address.startswith("https:")),
        neutral_url=settings.quick_exit_url,
        runs_it=RunBy(
            settings.service_name,
            settings.privacy_contact,
            kept_days(settings),
        ),
        operators=settings,
    )
    ways_in, chat, standing = WaysIn(shared), Chat(shared), Standing(shared)
    mydata = MyData(shared)
    return [
        Route("/", ways_in.landing),
        *(Route(link, ways_in.door) for link in _LINKS),
        *(Route(link, ways_in.enter, methods=_POST) for link in _LINKS),
        Route("/back", ways_in.back),
        Route("/back", ways_in.redeem, methods=_POST),
        Route("/exit", ways_in.leave, methods=["GET", "POST"]),  # a beacon is a POST
        Route("/chat", chat.inside(chat.show)),
        Route("/chat", chat.inside(chat.say), methods=_POST),
        Route("/chat/code", chat.inside(chat.show)),
        Route("/chat/code", chat.inside(chat.code), methods=_POST),
        Route("/chat/events", chat.events),
        Route("/chat/attachment/{attachment:uuid}", chat.inside(chat.attachment)),
        Route("/chat/mydata", chat.inside(mydata.show)),
        Route("/chat/mydata", chat.inside(mydata.give), methods=_POST),
        Route("/help", standing.help),
        Route("/help", standing.tell, methods=_POST),
        Route("/privacy", standing.privacy),
        Mount("/static", _Kept(StaticFiles(directory=STATIC))),
    ]


class _Kept:
    """Static files have their content's hash in their address, so they may be kept for long."""

    def __init__(self, files: ASGIApp) -> None:
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def kept(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                headers = MutableHeaders(scope=message)
                headers["Cache-Control"] = "public, max-age=31536000, immutable"
            await send(message)

        await self._files(scope, receive, kept)
