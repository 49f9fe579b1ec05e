"""Everything Telegram knows about one bot: its chats, files, buttons tapped, profile and calls."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from tests.telegram.emulator.chats import Chat, Files
from tests.telegram.emulator.signals import Signal
from tests.telegram.emulator.updates import Updates
from tests.telegram.emulator.webhook import Webhook
from tests.telegram.emulator.wire import JsonObject, Params, Refused, bad, forbidden, typed


@dataclass(frozen=True)
class Call:
    """One call that the bot made, as it was understood, and what came of it."""

    method: str
    params: JsonObject
    result: object
    refused: Refused | None
    chat_id: int | None
    at: datetime


@dataclass
class Tap:
    """A callback query that waits for its answer."""

    chat_id: int
    at: datetime
    answered: bool = False


@dataclass
class Profile:
    """What the bot said about itself, by language."""

    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[object]] = field(default_factory=dict)
    menus: dict[int | None, JsonObject] = field(default_factory=dict)


class World:
    """The state behind the methods. `now` is the clock that the 48-hour rules go by."""

    def __init__(
        self,
        now: Callable[[], datetime],
        token: str,
        *,
        webhook_retry_s: float,
        webhook_timeout_s: float,
        query_lives_s: float,
    ) -> None:
        self.now = now
        self.tokens = {token}
        self.query_lives_s = query_lives_s
        self.chats: dict[int, Chat] = {}
        self.files = Files()
        self.taps: dict[str, Tap] = {}
        self.profile = Profile()
        self.calls: list[Call] = []
        self.on_their_way: Counter[int | None] = Counter()
        """Calls begun and not yet answered, by chat."""
        self.called = Signal()
        self.updates = Updates(now)
        self.webhook = Webhook(
            self.updates,
            self._run_webhook_reply,
            first_retry_s=webhook_retry_s,
            timeout_s=webhook_timeout_s,
        )
        self.perform: Callable[[str, Params], Call] = self._nothing_performs_yet

    @contextmanager
    def on_its_way(self, chat_id: int | None) -> Iterator[None]:
        """While a call is being answered. Whoever waits looks again at both ends."""
        self.on_their_way[chat_id] += 1
        self._stirred(chat_id)
        try:
            yield
        finally:
            self.on_their_way[chat_id] -= 1
            self._stirred(chat_id)

    def record(
        self, method: str, params: Params, result: object = None, refused: Refused | None = None
    ) -> Call:
        chat_id = self.chat_of(params)
        call = Call(method, params.values, result, refused, chat_id, self.now())
        self.calls.append(call)
        self._stirred(chat_id)
        return call

    def chat_of(self, params: Params) -> int | None:
        """The chat that a call is about."""
        chat_id = params.values.get("chat_id")
        if isinstance(chat_id, int):
            return chat_id
        tap = self.taps.get(params.words("callback_query_id"))
        return tap.chat_id if tap is not None else None

    def chat(self, params: Params) -> Chat:
        """The chat a call names. Raises Refused if the bot has never met that person."""
        chat_id = params.values.get("chat_id")
        if chat_id in (None, ""):
            raise bad("chat_id is empty")
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else None
        if chat is None or not (chat.started or chat.known_to_bot):
            raise bad("chat not found")
        return chat

    def open_chat(self, params: Params) -> Chat:
        """The chat, if the bot may write into it. Raises Refused."""
        chat = self.chat(params)
        if not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        return chat

    def _stirred(self, chat_id: int | None) -> None:
        self.called.notify()
        if chat_id in self.chats:
            self.chats[chat_id].changed.notify()

    def _run_webhook_reply(self, method: str, values: JsonObject) -> None:
        self.perform(method, typed(values))

    def _nothing_performs_yet(self, method: str, params: Params) -> Call:
        raise NotImplementedError(method)
