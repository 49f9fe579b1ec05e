"""Puts the parts together: one process, one event loop, the web and Telegram side by side."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from telegram import Bot

from bot.channels.telegram.chat import TelegramChats
from bot.channels.telegram.desk import DeskInChat
from bot.channels.telegram.intake import Intake, State, Webhook
from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.speaking import TelegramSender
from bot.channels.web.headers import SecurityHeaders
from bot.channels.web.routes import web_chat
from bot.clock import Clock, system_clock
from bot.coordinator.routes import coordinators_site
from bot.delivery.calling import Calling
from bot.delivery.courier import Courier, Sender
from bot.delivery.escalation import Escalation
from bot.delivery.inviting import writing
from bot.delivery.mail import MailSender, NoMail, PretendMail, Smtp
from bot.delivery.schedule import Scheduler
from bot.delivery.texting import NoTexts, TextSender
from bot.effects import Effects
from bot.failures import FailuresWithoutWords, kind_page
from bot.helplines import help_lines
from bot.logs import quiet_loop
from bot.privacy.bundle import take_away
from bot.privacy.leaving import Leaving
from bot.privacy.rounds import Rounds
from bot.settings import Settings
from bot.starting import on_loopback, unsafe_settings
from bot.store.conversations import NobodyThere
from bot.store.database import Database
from bot.store.sealing import KeyGone, KeyRing, ServiceKey
from bot.turn import Turns
from flows.library import Library

_log = structlog.get_logger(__name__)


class Beforehand:
    """The whole service. Nothing outside it holds state."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        service_key: ServiceKey,
        library: Library,
        clock: Clock = system_clock,
        *,
        demo: bool = False,
    ) -> None:
        self.settings = settings
        self.database = database
        self.clock = clock
        write = writing(database, service_key, library.wording, clock, settings.address)
        mail: Sender = PretendMail() if demo else NoMail()
        if settings.smtp_url:
            mail = MailSender(Smtp.parse(settings.smtp_url.get_secret_value()), write)
        notify = settings.notify()
        text = TextSender(notify, write) if notify else NoTexts()
        senders = {"mail": mail, "text": text}
        sends = frozenset(
            way for way, is_set in (("mail", settings.smtp_url), ("text", notify)) if is_set
        )
        self.courier = Courier(database, service_key, clock, senders)
        calling = Calling(library.wording, settings.address, settings.duty_contact)
        effects = Effects(library.wording, settings.address, calling)
        self.escalation = Escalation(database, service_key, clock, calling, self.courier.wake)
        self.rounds = Rounds(
            database,
            service_key,
            clock,
            self.courier.wake,
            settings,
            Leaving(library.wording, settings.address),
        )
        self.turns = Turns(
            database,
            service_key,
            library,
            clock,
            effects,
            help_lines,
            self.courier,
            self.rounds.scrub_soon,
            settings,
            f"{settings.address}/privacy",
        )
        self.scheduler = Scheduler(
            database, service_key, library, clock, settings, self.courier.wake
        )
        self.intake = self._telegram(service_key, library, senders)
        self.web = Starlette(
            routes=[
                Route("/health", self._health),
                Route("/telegram", self._webhook, methods=["POST"]),
                *coordinators_site(
                    database,
                    service_key,
                    library,
                    clock,
                    settings.address,
                    settings,
                    demo=demo,
                    strict=not on_loopback(settings.address),
                    unset=partial(unsafe_settings, settings),
                    sends=sends,
                    duty_contact=settings.duty_contact,
                    bot_name=self._bot_name if self.intake is not None else None,
                ),
                *web_chat(self.turns, database, service_key, library, clock, settings),
            ],
            lifespan=self._lifespan,
            exception_handlers={Exception: kind_page},
        )
        https = settings.address.startswith("https:")
        self.asgi = FailuresWithoutWords(SecurityHeaders(self.web, https=https))

    def _telegram(
        self, service_key: ServiceKey, library: Library, senders: dict[str, Sender]
    ) -> Intake | None:
        token = self.settings.token()
        if token is None:
            return None
        api = self.settings.telegram_api_url.rstrip("/")
        bot = Bot(
            token,
            base_url=f"{api}/bot",
            base_file_url=f"{api}/file/bot",
            request=AiohttpRequest(connections=64, read_timeout_s=15),
            get_updates_request=AiohttpRequest(connections=2, read_timeout_s=40),
        )

        async def data_of(participant: UUID, most_bytes: int) -> bytes | None:
            def make(session: Session) -> bytes | None:
                ring, now = KeyRing(session, service_key), self.clock()
                try:
                    return take_away(session, ring, library, participant, now, most_bytes)
                except (NobodyThere, KeyGone):
                    return None

            return await self.database.run(make)

        desk = DeskInChat(self.database, service_key, library, self.clock, self.settings.address)
        self.courier.add("telegram", TelegramSender(bot, library.wording, data_of, desk))
        chats = TelegramChats(
            bot, self.database, service_key, self.turns, self.courier, library.wording, self.clock
        )
        webhook = None
        if self.settings.telegram_mode == "webhook" and self.settings.telegram_secret:
            url = f"{self.settings.address}/telegram"
            webhook = Webhook(url, self.settings.telegram_secret.get_secret_value())
        self._chats, self._bot = chats, bot
        return Intake(bot, chats, library.wording, webhook)

    def _bot_name(self) -> str:
        """As Telegram has told us; empty until then."""
        try:
            return self._bot.username
        except RuntimeError:
            return ""

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with self.running():
            yield

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Takes updates and delivers while it lasts. Telegram's troubles never stop the web."""
        quiet_loop(asyncio.get_running_loop())
        tasks = [
            asyncio.create_task(self.courier.run()),
            asyncio.create_task(self.scheduler.run()),
            asyncio.create_task(self.rounds.run()),
            asyncio.create_task(self.escalation.run()),
        ]
        if self.intake is not None:
            tasks.append(asyncio.create_task(self.intake.run()))
        try:
            yield
        finally:
            for task in reversed(tasks):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            if self.intake is not None:
                await self._chats.close()
                await self._bot.shutdown()

    async def _health(self, _: Request) -> Response:
        """Ready once updates are being taken; the web chat alone is ready at once."""
        state = self.intake.state if self.intake is not None else State.TAKING_UPDATES
        ready = state is State.TAKING_UPDATES
        return JSONResponse(
            {"ready": ready, "telegram": state if self.intake else "off"},
            status_code=200 if ready else 503,
        )

    async def _webhook(self, request: Request) -> Response:
        if self.intake is None:
            return Response(status_code=404)
        return await self.intake.receive(request)
