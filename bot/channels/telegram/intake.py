"""How updates come in: a loop over getUpdates, or a webhook. An update is acknowledged to Telegram
only once its turn is committed; python-telegram-bot's own Updater acknowledges before that."""

import asyncio
import hmac
import json
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from telegram import Bot, BotCommand, Update
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.channels.telegram.chat import TelegramChats
from bot.channels.telegram.hearing import ALLOWED_UPDATES
from flows.exchange import CommandName
from flows.schema import Audience
from flows.wording import Wording

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
LARGEST_UPDATE_BYTES = 1_000_000
_LONG_POLL_S = 25
_TRIES = 3
_MENU = (
    CommandName.START,
    CommandName.HELP,
    CommandName.CHANGE,
    CommandName.REVIEW,
    CommandName.LATER,
    CommandName.LANGUAGE,
    CommandName.MEETING,
    CommandName.PRIVACY,
    CommandName.MYDATA,
    CommandName.HIDE,
    CommandName.WIPE,
    CommandName.STOP,
)

_log = structlog.get_logger(__name__)


class State(StrEnum):
    """Of the Telegram side, for `/health` and the operator."""

    STARTING = "starting"
    TAKING_UPDATES = "taking_updates"
    REFUSED = "refused"


@dataclass(frozen=True)
class Webhook:
    url: str
    secret: str


class Intake:
    """Takes updates until it is cancelled. The web chat does not depend on it."""

    def __init__(
        self, bot: Bot, chats: TelegramChats, wording: Wording, webhook: Webhook | None
    ) -> None:
        self._bot = bot
        self._chats = chats
        self._wording = wording
        self._webhook = webhook
        self.state = State.STARTING

    async def run(self) -> None:
        wait_s = 1.0
        while True:
            try:
                await self._introduce()
                if self._webhook is not None:
                    await self._register(self._webhook)
                    return
                await self._bot.delete_webhook()
                await self._poll()
            except InvalidToken:
                self.state = State.REFUSED
                _log.error(
                    "telegram_token_refused",
                    what_to_do="Telegram does not know this token, or it was revoked. Get the "
                    "current one from BotFather and set BEFOREHAND_TELEGRAM_TOKEN. The web chat "
                    "goes on without Telegram.",
                )
                wait_s = 60.0
            except Conflict:
                self.state = State.STARTING
                _log.error(
                    "telegram_conflict",
                    what_to_do="Another process takes updates with the same "
                    "BEFOREHAND_TELEGRAM_TOKEN. Stop it, or give this one a token of its own. "
                    "Trying again.",
                )
            except RetryAfter as error:
                after = error.retry_after
                wait_s = float(after) if isinstance(after, int) else after.total_seconds()
            except NetworkError as error:
                self.state = State.STARTING
                _log.warning(
                    "telegram_unreachable",
                    error=type(error).__name__,
                    what_to_do="Telegram cannot be reached. Check the network and "
                    "BEFOREHAND_TELEGRAM_API_URL. The web chat goes on; trying again.",
                )
            except TelegramError as error:
                _log.error("telegram_failed", error=type(error).__name__)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, 30.0)

    # --- polling ---

    async def _poll(self) -> None:
        offset = None
        failed: defaultdict[int, int] = defaultdict(int)
        while True:
            updates = await self._bot.get_updates(
                offset=offset, timeout=_LONG_POLL_S, allowed_updates=ALLOWED_UPDATES
            )
            self.state = State.TAKING_UPDATES
            results = await asyncio.gather(
                *(self._chats.handle(update) for update in updates), return_exceptions=True
            )
            for update, result in zip(updates, results, strict=True):
                if isinstance(result, BaseException):
                    failed[update.update_id] += 1
                    _log.error("turn_failed", error=type(result).__name__)
                    if failed[update.update_id] < _TRIES:
                        await asyncio.sleep(1)
                        break
                    _log.error("update_given_up", update=update.update_id)
                failed.pop(update.update_id, None)
                offset = update.update_id + 1

    # --- webhook ---

    async def _register(self, webhook: Webhook) -> None:
        await self._bot.set_webhook(
            webhook.url,
            secret_token=webhook.secret,
            allowed_updates=ALLOWED_UPDATES,
            max_connections=100,
        )
        self.state = State.TAKING_UPDATES

    async def receive(self, request: Request) -> Response:
        """`POST /telegram`. 200 says that the turn is committed; anything else brings it again."""
        if self._webhook is None:
            return PlainTextResponse("", status_code=404)
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._webhook.secret.encode()):
            return PlainTextResponse("", status_code=403)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_UPDATE_BYTES:
                return PlainTextResponse("", status_code=413)
        try:
            data = json.loads(body)
            update = Update.de_json(data, self._bot)
        except (ValueError, TypeError, KeyError, AttributeError):
            return PlainTextResponse("", status_code=400)
        try:
            await self._chats.handle(update)
        except Exception as error:
            _log.error("turn_failed", error=type(error).__name__)
            return PlainTextResponse("", status_code=500)
        return PlainTextResponse("")

    # --- the menu ---

    async def _introduce(self) -> None:
        """Logs in, and sets the menu of commands in each language."""
        await self._bot.initialize()
        for language in self._wording.languages:
            commands = [
                BotCommand(name, self._wording.say(f"menu_{name}", Audience.ADULT, language))
                for name in _MENU
            ]
            code = None if language == "en" else language
            await self._bot.set_my_commands(commands, language_code=code)
