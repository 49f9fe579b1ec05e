"""The webhook: updates posted to the bot, in order for each chat, until it says yes.

Source: Bot API, "setWebhook", "WebhookInfo", "Making requests when getting updates"."""

import asyncio
import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from tests.telegram.emulator.chats import seconds
from tests.telegram.emulator.updates import Pending, Updates, allowed_updates
from tests.telegram.emulator.wire import JsonObject, Params, bad

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_PORTS = {443, 80, 88, 8443}
_LOCAL = {"127.0.0.1", "localhost", "::1"}

RunReply = Callable[[str, JsonObject], None]


@dataclass(frozen=True)
class Hook:
    """Where the bot wants its updates."""

    url: str
    secret: str
    max_connections: int


class Webhook:
    """Posts what is pending. `run_reply` runs the method that a reply's body asks for."""

    def __init__(
        self, updates: Updates, run_reply: RunReply, *, first_retry_s: float, timeout_s: float
    ) -> None:
        self.updates = updates
        self.run_reply = run_reply
        self.first_retry_s = first_retry_s
        self.timeout_s = timeout_s
        self.hook: Hook | None = None
        self.busy: dict[int | None, asyncio.Task[None]] = {}
        self.last_error: tuple[int, str] | None = None
        self._loop_task: asyncio.Task[None] | None = None
        self._ends: set[asyncio.Task[None]] = set()

    def set(self, params: Params) -> None:
        """setWebhook; an empty address takes it away. Raises Refused."""
        url = params.words("url")
        if not url:
            self.remove(params)
            return
        secret = params.words("secret_token")
        if secret and not _SECRET.fullmatch(secret):
            raise bad("secret token contains unallowed characters")
        self._check(url)
        limit = params.number("max_connections", 40)
        if not 1 <= limit <= 100:
            raise bad("max_connections must be between 1 and 100")
        wanted = params.items("allowed_updates")
        if wanted is not None:
            self.updates.allowed = allowed_updates(wanted)
        if params.flag("drop_pending_updates"):
            self.updates.drop()
        self.hook = Hook(url, secret, limit)
        self.updates.webhook_set = True
        self.last_error = None
        if self._loop_task is None:
            self._loop_task = asyncio.create_task(self._deliver())
        self.updates.changed.notify()

    def remove(self, params: Params) -> None:
        """deleteWebhook."""
        if params.flag("drop_pending_updates"):
            self.updates.drop()
        self.hook = None
        self.updates.webhook_set = False
        if self._loop_task is not None:
            self._end(self._loop_task)
            self._loop_task = None
        self.updates.changed.notify()

    def info(self) -> JsonObject:
        """getWebhookInfo."""
        said: JsonObject = {
            "url": self.hook.url if self.hook else "",
            "has_custom_certificate": False,
            "pending_update_count": self.updates.waiting(),
        }
        if self.hook is not None:
            said["max_connections"] = self.hook.max_connections
        if self.updates.allowed:
            said["allowed_updates"] = sorted(self.updates.allowed)
        if self.last_error is not None:
            said["last_error_date"], said["last_error_message"] = self.last_error
        return said

    async def stop(self) -> None:
        """Ends every delivery."""
        if self._loop_task is not None:
            self._end(self._loop_task)
        self._loop_task = None
        await asyncio.gather(*self._ends, *self.busy.values(), return_exceptions=True)

    def _end(self, task: asyncio.Task[None]) -> None:
        task.cancel()
        for posting in self.busy.values():
            posting.cancel()
        self._ends.add(task)
        task.add_done_callback(self._ends.discard)

    @staticmethod
    def _check(url: str) -> None:
        """HTTPS and four ports; plain HTTP at home, as a Bot API server run locally takes it."""
        parts = urlsplit(url)
        if not parts.hostname:
            raise bad("bad webhook: invalid webhook URL specified")
        if parts.hostname in _LOCAL:
            return
        if parts.scheme != "https":
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if (parts.port or 443) not in _PORTS:
            raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")

    async def _deliver(self) -> None:
        async with httpx.AsyncClient(timeout=self.timeout_s, trust_env=False) as client:
            while self.hook is not None:
                soonest_s = None
                for entry in self._next(self.hook.max_connections):
                    wait_s = entry.not_before - asyncio.get_running_loop().time()
                    if wait_s > 0:
                        soonest_s = wait_s if soonest_s is None else min(soonest_s, wait_s)
                    else:
                        posting = asyncio.create_task(self._post(client, self.hook, entry))
                        self.busy[entry.chat_id] = posting
                await self.updates.changed.wait(soonest_s)

    def _next(self, at_once: int) -> Collection[Pending]:
        """The oldest update of each chat that has none on its way, as many as may be."""
        free = at_once - len(self.busy)
        first: dict[int | None, Pending] = {}
        for entry in self.updates.pending:
            if len(first) >= free:
                break
            if entry.chat_id not in self.busy and entry.chat_id not in first:
                first[entry.chat_id] = entry
        return first.values()

    async def _post(self, client: httpx.AsyncClient, hook: Hook, entry: Pending) -> None:
        headers = {"Content-Type": "application/json"}
        if hook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = hook.secret
        try:
            reply = await client.post(
                hook.url, content=json.dumps(entry.update).encode(), headers=headers
            )
            if reply.is_success:
                self._run(reply)
                self.updates.done(entry)
            else:
                said = f"Wrong response from the webhook: {reply.status_code} "
                self._failed(entry, said + reply.reason_phrase)
        except httpx.TimeoutException:
            self._failed(entry, "Read timeout expired")
        except httpx.HTTPError:
            self._failed(entry, "Connection refused")
        finally:
            self.busy.pop(entry.chat_id, None)
            self.updates.changed.notify()

    def _failed(self, entry: Pending, said: str) -> None:
        """It is tried again, each time after twice as long, and holds up its own chat only."""
        self.last_error = seconds(self.updates.now()), said
        wait_s = self.first_retry_s * 2 ** min(entry.attempts, 6)
        entry.attempts += 1
        entry.not_before = asyncio.get_running_loop().time() + wait_s

    def _run(self, reply: httpx.Response) -> None:
        try:
            said = reply.json()
        except ValueError:
            return
        if isinstance(said, dict) and isinstance(said.get("method"), str):
            self.run_reply(said["method"], {k: v for k, v in said.items() if k != "method"})
