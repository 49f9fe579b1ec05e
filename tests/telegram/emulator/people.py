"""A made-up person with a phone: what they send, and what they see on their screen.

Source of the updates' shapes: Bot API, "Update", "Message", "CallbackQuery",
"ChatMemberUpdated"."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tests.telegram.emulator.chats import BOT, Chat, Message, Popup, seconds
from tests.telegram.emulator.formatted import units
from tests.telegram.emulator.markup import Button
from tests.telegram.emulator.signals import Thing
from tests.telegram.emulator.text import TEXT_LIMIT, typed_by_a_person
from tests.telegram.emulator.wire import JsonObject
from tests.telegram.emulator.world import Tap, World

_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")  # Bot API, "Deep linking"
WITHIN_S = 5.0
SETTLED_S = 0.1


class Person:
    """One person in a private chat with the bot. Nothing here needs the bot to be running."""

    def __init__(self, world: World, chat: Chat) -> None:
        self.world = world
        self.chat = chat
        self._heard = 0

    @property
    def id(self) -> int:
        """Their user id, which is the chat's id too."""
        return self.chat.id

    # What they see.

    @property
    def screen(self) -> list[Message]:
        """The messages visible now, in order, from both sides."""
        return list(self.chat.messages.values())

    @property
    def last(self) -> Message:
        """The bot's newest visible message."""
        said = [message for message in self.screen if message.from_bot]
        assert said, f"the bot has said nothing to {self.chat.name}"
        return said[-1]

    @property
    def popups(self) -> list[Popup]:
        """What was shown over the chat after taps, oldest first."""
        return self.chat.popups

    async def hears(self, count: int = 1, within_s: float = WITHIN_S) -> list[Message]:
        """The bot's messages since the last time this was asked, once there are so many."""

        def new() -> list[Message]:
            fresh = [m for m in self.screen if m.from_bot and m.id > self._heard]
            return fresh if len(fresh) >= count else []

        fresh = await self._until(new, within_s, f"{count} new message(s)")
        self._heard = fresh[-1].id
        return fresh

    async def sees(self, words: str, within_s: float = WITHIN_S) -> Message:
        """The newest bot message with these words in it, sent or edited, once it is there."""

        def found() -> Message | None:
            said = [m for m in reversed(self.screen) if m.from_bot and words in m.text]
            return said[0] if said else None

        message = await self._until(found, within_s, repr(words))
        assert message is not None
        return message

    async def quiet(self, within_s: float = WITHIN_S, settled_s: float = SETTLED_S) -> None:
        """Waits until the bot has acknowledged all of this person's updates, no call for their
        chat is under way, and none came for `settled_s`."""

        def idle() -> bool:
            waiting = self.world.updates.waiting(self.id)
            return not waiting and not self.world.on_their_way[self.id]

        loop = asyncio.get_running_loop()
        ends_at = loop.time() + within_s
        while await self.chat.changed.wait(settled_s) or not idle():
            if loop.time() >= ends_at:
                raise AssertionError(f"no quiet within {within_s} s: {self._seen()}")

    # What they send.

    def start(self, payload: str = "") -> Message:
        """Opens the chat by its link: `/start`, with the link's payload."""
        if payload and not _PAYLOAD.fullmatch(payload):
            raise ValueError("a start payload is 1-64 of A-Z a-z 0-9 _ -")
        if self.chat.blocked:
            self.unblocks_bot()
        return self.says(f"/start {payload}".rstrip())

    def says(self, text: str) -> Message:
        """Sends words; past 4096 UTF-16 units, as several messages, as Telegram's apps do.

        Gives the last one. ValueError if there is nothing to send."""
        return [self._says(part) for part in _parts(text)][-1]

    def replies(self, to_message: Message, text: str) -> Message:
        return self._says(text, reply_to=to_message.id)

    def forwards(self, text: str) -> Message:
        """Passes on someone else's words."""
        date = seconds(self.world.now())
        origin = {"type": "hidden_user", "sender_user_name": "Somebody Else", "date": date}
        return self._says(text, extra={"forward_origin": origin})

    def edits(self, message: Message, text: str) -> Message:
        """Changes an own message: an edited_message update."""
        current = self.chat.messages[message.id]
        if current.from_bot:
            raise ValueError("people can edit only their own messages")
        shown = typed_by_a_person(text)
        edited = self.chat.put(
            replace(current, text=shown.text, entities=shown.entities, edited=self.world.now())
        )
        self._push("edited_message", self.chat.message_json(edited))
        return edited

    def taps(self, what: str | Button) -> str:
        """Taps the newest visible button with this label or callback data; a label on a reply
        keyboard is sent as words. Gives the callback query's id, or "" for words."""
        for message in reversed(self.screen):
            for button in message.buttons:
                if _is(button, what) and button.data is not None:
                    return self._tap(message, button)
            markup = message.markup
            if markup is not None and markup.kind == "keyboard":
                for row in markup.rows:
                    for button in row:
                        if _is(button, what):
                            self.says(button.text)
                            return ""
        raise AssertionError(f"nothing to tap called {what!r}; on the screen: {self._seen()}")

    def taps_old(self, message: Message, what: str | Button) -> str:
        """Taps a button as it stood under `message` then, edited or deleted since or not."""
        for button in message.buttons:
            if _is(button, what) and button.data is not None:
                return self._tap(message, button)
        raise AssertionError(f"{what!r} was never under: {message}")

    def sends_voice(self, data: bytes, size_bytes: int | None = None) -> Message:
        return self._sends_file("voice", "voice.oga", data, "audio/ogg", size_bytes)

    def sends_photo(self, data: bytes, caption: str = "") -> Message:
        return self._sends_file("photo", "photo.jpg", data, "image/jpeg", caption=caption)

    def sends_document(
        self, name: str, data: bytes, mime: str, size_bytes: int | None = None
    ) -> Message:
        """`size_bytes` is what Telegram says of it, where a test wants a large one."""
        return self._sends_file("document", name, data, mime, size_bytes)

    def sends_album(self, photos: Sequence[bytes]) -> list[Message]:
        """Several pictures at once: one update each, with one media_group_id."""
        group = {"media_group_id": f"album-{self.id}-{self.chat.last_id}"}
        return [
            self._sends_file("photo", "photo.jpg", data, "image/jpeg", extra=group)
            for data in photos
        ]

    def sends_sticker(self) -> Message:
        kept = self.world.files.keep("sticker", "sticker.webp", b"a sticker")
        look = {"width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self._sends("sticker", {**kept.json(), **look, "type": "regular", "emoji": "🙂"})

    def sends_contact(self) -> Message:
        # 01632 960000-960999 is kept free for made-up people (Ofcom).
        return self._sends("contact", {"phone_number": "01632960123", "first_name": "Made Up"})

    def sends_location(self) -> Message:
        return self._sends("location", {"latitude": 51.5, "longitude": -0.12})

    def sends_poll(self) -> Message:
        option = {"text": "Yes", "voter_count": 0}
        options = [{**option, "persistent_id": "1"}, {**option, "persistent_id": "2"}]
        rules = {"type": "regular", "is_closed": False, "is_anonymous": True}
        counts = {"total_voter_count": 0, "allows_multiple_answers": False}
        more = {"allows_revoting": True, "members_only": False}
        poll = {"id": "1", "question": "Made up?", "options": options, **rules, **counts, **more}
        return self._sends("poll", poll)

    def blocks_bot(self) -> None:
        """A my_chat_member update; from now on the bot gets 403."""
        self.chat.blocked = True
        self._membership("member", "kicked")

    def unblocks_bot(self) -> None:
        self.chat.blocked = False
        self._membership("kicked", "member")

    def deletes_chat(self) -> None:
        """Clears the history on both sides. The bot is not told."""
        self.chat.messages.clear()
        self.chat.changed.notify()

    # How it becomes an update.

    def _says(
        self,
        text: str,
        *,
        reply_to: int | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> Message:
        shown = typed_by_a_person(text)
        if not shown.text:
            raise ValueError("Telegram's apps send no empty message")
        return self._add(
            Message(
                id=0,
                chat_id=self.id,
                from_bot=False,
                date=self.world.now(),
                text=shown.text,
                entities=shown.entities,
                reply_to=reply_to,
                extra=extra or {},
            )
        )

    def _sends_file(
        self,
        kind: str,
        name: str,
        data: bytes,
        mime: str,
        size_bytes: int | None = None,
        *,
        caption: str = "",
        extra: Mapping[str, object] | None = None,
    ) -> Message:
        kept = self.world.files.keep(kind, name, data, size_bytes)
        return self._sends(kind, self.world.files.media(kept, name, mime), caption, extra)

    def _sends(
        self,
        kind: str,
        media: object,
        caption: str = "",
        extra: Mapping[str, object] | None = None,
    ) -> Message:
        shown = typed_by_a_person(caption)
        return self._add(
            Message(
                id=0,
                chat_id=self.id,
                from_bot=False,
                date=self.world.now(),
                kind=kind,
                text=shown.text,
                entities=shown.entities,
                media=media,
                extra=extra or {},
            )
        )

    def _add(self, message: Message) -> Message:
        if self.chat.blocked:
            raise ValueError(f"{self.chat.name} has blocked the bot and must unblock it first")
        self.chat.started = True
        added = self.chat.add(message)
        self._push("message", self.chat.message_json(added))
        return added

    def _tap(self, message: Message, button: Button) -> str:
        query_id = f"{self.id}{len(self.world.taps):09d}"
        self.world.taps[query_id] = Tap(self.id, self.world.now())
        current = self.chat.messages.get(message.id)
        # A message no longer there is an InaccessibleMessage, whose date is always 0.
        shown: JsonObject = {"message_id": message.id, "date": 0, "chat": self.chat.json()}
        if current is not None:
            shown = self.chat.message_json(current)
        self._push(
            "callback_query",
            {
                "id": query_id,
                "from": self.chat.user(),
                "chat_instance": f"instance-{self.id}",
                "message": shown,
                "data": button.data,
            },
        )
        return query_id

    def _membership(self, before: str, after: str) -> None:
        def member(status: str) -> JsonObject:
            until: JsonObject = {"until_date": 0} if status == "kicked" else {}
            return {"user": BOT, "status": status, **until}

        self._push(
            "my_chat_member",
            {
                "chat": self.chat.json(),
                "from": self.chat.user(),
                "date": seconds(self.world.now()),
                "old_chat_member": member(before),
                "new_chat_member": member(after),
            },
        )

    def _push(self, kind: str, body: JsonObject) -> None:
        self.world.updates.push(kind, body, self.id)

    async def _until(self, holds: Callable[[], Thing], within_s: float, what: str) -> Thing:
        return await self.chat.changed.until(
            holds, within_s, lambda: f"{self.chat.name}: {what}; on the screen: {self._seen()}"
        )

    def _seen(self) -> str:
        return " / ".join(map(str, self.screen)) or "nothing"


def _is(button: Button, what: str | Button) -> bool:
    return button == what if isinstance(what, Button) else what in (button.text, button.data)


def _parts(text: str) -> list[str]:
    """Cut as Telegram's apps cut, at a blank where there is one."""
    parts = []
    while units(text) > TEXT_LIMIT:
        cut = min(len(text), TEXT_LIMIT)
        while units(text[:cut]) > TEXT_LIMIT:
            cut -= 1
        blank = max(text.rfind(" ", 0, cut), text.rfind("\n", 0, cut))
        cut = blank if blank > 0 else cut
        parts.append(text[:cut])
        text = text[cut:].lstrip()
    return [*parts, text]
