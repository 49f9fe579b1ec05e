"""Updates on their way to the bot: the queue, long polling, and what redelivers and reorders.

Source: Bot API, "Getting updates". The webhook's side of it is in `webhook.py`."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.telegram.emulator.signals import Signal
from tests.telegram.emulator.wire import JsonObject, Params, Refused, bad

KEPT = timedelta(hours=24)  # Bot API, "Getting updates"
# getUpdates, allowed_updates: "all update types except" these, unless asked for.
NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}


@dataclass(eq=False)
class Pending:
    """An update that the bot has not yet acknowledged."""

    update: JsonObject
    chat_id: int | None
    since: datetime
    again: bool = False
    """A redelivery: it comes once, whatever the offset says."""
    attempts: int = 0
    not_before: float = 0.0
    """The loop's time before which the webhook is not tried again."""

    @property
    def id(self) -> int:
        number = self.update["update_id"]
        return number if isinstance(number, int) else 0


class Updates:
    """Everything that happened to the bot and that it has not acknowledged."""

    def __init__(self, now: Callable[[], datetime], first_id: int = 1000) -> None:
        self.now = now
        self.next_id = first_id
        self.pending: list[Pending] = []
        self.all: dict[int, Pending] = {}
        """Every update ever made, by its id, for redelivery."""
        self.allowed: Collection[str] | None = None
        self.held: list[Pending] | None = None
        self.changed = Signal()
        self.webhook_set = False
        self._poll = 0

    def push(self, kind: str, body: JsonObject, chat_id: int | None) -> int | None:
        """Queues a new update and gives its id; None if the bot did not ask for its kind."""
        wanted = kind not in NOT_BY_DEFAULT if not self.allowed else kind in self.allowed
        if not wanted:
            return None
        entry = Pending({"update_id": self.next_id, kind: body}, chat_id, self.now())
        self.next_id += 1
        self.all[entry.id] = entry
        self._queue(entry)
        return entry.id

    def redeliver(self, update_id: int) -> None:
        """Sends an update once more, with the same id, acknowledged or not."""
        first = self.all[update_id]
        self._queue(Pending(first.update, first.chat_id, self.now(), again=True))

    def hold(self) -> None:
        """From now on updates wait."""
        self.held = self.held or []

    def release(self, *, newest_first: bool = False) -> None:
        """Lets go of what waited, in order or turned round."""
        held, self.held = self.held or [], None
        for entry in reversed(held) if newest_first else held:
            self._queue(entry)

    def done(self, entry: Pending) -> None:
        """The bot has acknowledged this one."""
        if entry in self.pending:
            self.pending.remove(entry)
        self.changed.notify()

    def drop(self) -> None:
        self.pending.clear()
        self.changed.notify()

    def waiting(self, chat_id: int | None = None) -> int:
        """How many updates (of this chat) are not yet acknowledged."""
        queued = [*self.pending, *(self.held or ())]
        return sum(1 for entry in queued if chat_id in (None, entry.chat_id))

    async def poll(self, params: Params) -> list[JsonObject]:
        """getUpdates. Raises Refused: 409 when another poll or a webhook takes over."""
        if self.webhook_set:
            raise Refused(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        self._poll += 1
        mine = self._poll
        allowed = params.items("allowed_updates")
        if allowed is not None:
            self.allowed = allowed_updates(allowed)
        limit = params.number("limit", 100)
        if not 1 <= limit <= 100:
            raise bad("limit must be between 1 and 100")
        self._acknowledge(params.number("offset"))
        self.changed.notify()
        wait_s = min(max(params.number("timeout"), 0), 50)
        try:
            await self.changed.until(
                lambda: self._ready() or self._poll != mine or self.webhook_set,
                wait_s,
                lambda: "no update",
            )
        except AssertionError:
            return []
        if self.webhook_set:
            raise Refused(409, "Conflict: terminated by setWebhook request")
        if self._poll != mine:
            raise Refused(
                409,
                "Conflict: terminated by other getUpdates request; "
                "make sure that only one bot instance is running",
            )
        batch = self._ready()[:limit]
        for entry in batch:
            entry.again = False
            entry.attempts += 1
        return [entry.update for entry in batch]

    def _queue(self, entry: Pending) -> None:
        (self.pending if self.held is None else self.held).append(entry)
        self.changed.notify()

    def _ready(self) -> list[Pending]:
        oldest = self.now() - KEPT
        self.pending = [entry for entry in self.pending if entry.since > oldest]
        return self.pending

    def _acknowledge(self, offset: int) -> None:
        """An offset above an update's id confirms it; a negative one keeps only the last ones."""
        if offset < 0:
            self.pending = self.pending[offset:]
        else:
            self.pending = [e for e in self.pending if e.again or e.id >= offset]


def allowed_updates(raw: list[object]) -> Collection[str] | None:
    """The kinds that the bot wants; None for the usual ones."""
    if not all(isinstance(kind, str) for kind in raw):
        raise bad("can't parse allowed updates JSON object")
    return {str(kind) for kind in raw} or None
