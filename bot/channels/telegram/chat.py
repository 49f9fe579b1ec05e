"""Telegram chats: each update becomes one turn, in the order in which a chat sent them.

Only translation stands here. What is said back leaves through the courier.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session
from telegram import Bot, Update
from telegram.error import BadRequest, TelegramError

from bot.attachments import LARGEST_BYTES, accept
from bot.channels.telegram import door as doors
from bot.channels.telegram.aside import Aside
from bot.channels.telegram.desk import (
    acknowledged,
    queue_paper,
    queue_roundup,
    queue_today,
)
from bot.channels.telegram.hearing import (
    Acknowledging,
    Answering,
    Fetching,
    Heard,
    Listing,
    Opening,
    Printing,
    Unblocked,
    hear,
)
from bot.channels.telegram.speaking import door
from bot.clock import Clock
from bot.delivery import outbox
from bot.delivery.courier import Courier
from bot.delivery.letters import ChatLetter
from bot.delivery.outbox import Claimed
from bot.privacy import clearing
from bot.store.conversations import NobodyThere, was_taken
from bot.store.database import Database
from bot.store.models import Delivery
from bot.store.sealing import KeyGone, KeyRing, ServiceKey
from bot.summaries.compile import NotYours
from bot.turn import Turns
from flows.exchange import (
    Command,
    CommandName,
    Message,
    Refusal,
    Said,
    Sent,
    Tap,
    Unusable,
    Words,
)
from flows.keeping import ASKED_TO_WIPE
from flows.schema import Audience
from flows.wording import Wording

_log = structlog.get_logger(__name__)


_NOT_SAID = (Opening, Answering, Acknowledging, Printing, Listing, Unblocked)


class TelegramChats:
    """Handles updates. Returns from `handle` only once the turn is committed."""

    def __init__(
        self,
        bot: Bot,
        database: Database,
        service_key: ServiceKey,
        turns: Turns,
        courier: Courier,
        wording: Wording,
        clock: Clock,
    ) -> None:
        self._bot = bot
        self._database = database
        self._service_key = service_key
        self._turns = turns
        self._courier = courier
        self._wording = wording
        self._clock = clock
        self._aside = Aside(bot, wording)
        self._locks: dict[int, tuple[asyncio.Lock, int]] = {}
        self._errands: set[asyncio.Task[None]] = set()

    async def handle(self, update: Update) -> None:
        """Takes one update. Safe to call twice with the same one.

        Raises whatever kept the turn from being committed: then the update is not acknowledged,
        and comes again.
        """
        heard = hear(update)
        if heard is None:
            return
        async with self._in_order(heard.chat):
            await self._handle(heard)
        if heard.callback:
            self._do_soon(self._stop_the_spinner(heard.callback))

    async def close(self) -> None:
        if self._errands:
            await asyncio.wait(self._errands)

    async def _handle(self, heard: Heard) -> None:
        what = heard.what
        if isinstance(what, Opening):
            await self._knock(heard, what.token)
        elif isinstance(what, Answering):
            await self._answer_the_door(heard, yes=what.yes)
        elif isinstance(what, Acknowledging):
            await self._acknowledge(heard, what.alert)
        elif isinstance(what, Printing | Listing):
            await self._at_the_desk(heard, what)
        else:
            await self._talk(heard)

    async def _talk(self, heard: Heard) -> None:
        try:
            if isinstance(heard.what, Unblocked):
                await self._turns.open(heard.chat, "telegram", self._key(heard))
                return
            said = await self._said(heard)
            tapped = heard.message if heard.callback else None
            message = None if heard.callback else heard.message
            await self._turns.take(heard.chat, said, self._key(heard), "telegram", tapped, message)
        except (NobodyThere, KeyGone):
            await self._nobody(heard)

    async def _said(self, heard: Heard) -> Said:
        what = heard.what
        if isinstance(what, Fetching):
            what = await self._fetched(what, heard)
        recipient = f"telegram:{heard.chat}"
        if _clears(what):
            # What is still on its way to the chat could not be cleared from it.
            await self._courier.settled(recipient)
        if not isinstance(what, Words | Sent):
            assert not isinstance(what, _NOT_SAID)  # noqa: S101 - see _handle
            return what
        await self._courier.settled(recipient)
        newest = self._courier.last_message.get(recipient)
        sent_before_our_reply = (
            newest is not None and heard.message is not None and heard.message < newest
        )
        about = await self._about(recipient, heard.replies_to) if heard.replies_to else ""
        return what.model_copy(update={"at_once": sent_before_our_reply, "about": about})

    async def _about(self, recipient: str, message: int) -> str:
        """The question that a message of ours asked."""

        def find(session: Session) -> str:
            step = session.scalar(
                select(Delivery.step).where(
                    Delivery.recipient == recipient, Delivery.remote_message == message
                )
            )
            return step or ""

        return await self._database.run(find)

    async def _fetched(self, what: Fetching, heard: Heard) -> Said:
        """Fetches a file and keeps it, sealed, before the turn that speaks of it.

        Raises:
            NobodyThere: nobody talks in this chat, so nothing is fetched.
        """
        chat = heard.chat
        participant = await self._database.run(lambda session: doors.talking_as(session, chat))
        if participant is None:
            raise NobodyThere
        if what.size > LARGEST_BYTES:
            return Unusable(why=Refusal.TOO_BIG)
        try:
            file = await self._bot.get_file(what.file_id)
            content = bytes(await file.download_as_bytearray())
        except BadRequest:
            return Unusable(why=Refusal.TOO_BIG)
        kept = await asyncio.to_thread(accept, what.kind, content)
        if isinstance(kept, Refusal):
            return Unusable(why=kept)
        attachment = await self._turns.keep(
            participant, kept.media_type, kept.content, self._key(heard)
        )
        return Sent(
            kind=what.kind,
            attachment=str(attachment),
            ref=str(heard.message),
            caption=what.caption,
            seconds=what.seconds,
        )

    # --- the door ---

    async def _knock(self, heard: Heard, token: str) -> None:
        now = self._clock()

        def knock(session: Session) -> Claimed | bool | None:
            ring = KeyRing(session, self._service_key)
            asked = doors.knock(session, ring, heard.chat, token, now)
            if asked is None:
                return None
            if heard.message is not None:
                clearing.note_heard(session, heard.chat, heard.message, now)
            message = self._door(asked)
            return self._queue(session, ring, asked, heard.chat, message, now) or True

        self._send(await self._database.run(knock), heard)

    async def _answer_the_door(self, heard: Heard, *, yes: bool) -> None:
        now = self._clock()

        def answer(session: Session) -> tuple[Claimed | bool | None, doors.Opened | None]:
            ring = KeyRing(session, self._service_key)
            asked, opened = doors.answer(session, ring, heard.chat, yes, now)
            if asked is None:
                there = doors.talking_as(session, heard.chat)
                return (True if there else None), None
            if opened is not None and opened.participant_id is not None:
                return True, opened
            phrase = "chat_linked" if opened is not None else "confirm_not_me"
            message = self._aside.saying(phrase, asked.language)
            return self._queue(session, ring, asked, heard.chat, message, now) or True, opened

        claimed, opened = await self._database.run(answer)
        if opened is not None and opened.participant_id is not None:
            await self._turns.open(opened.participant_id, "telegram", self._key(heard))
            return
        if opened is not None:
            self._do_soon(self._aside.give_menu(heard.chat, opened.language))
        self._send(claimed, heard)

    def _door(self, asked: doors.Asked) -> Message:
        language = self._aside.spoken(asked.language)
        audience = Audience.ADULT

        def say(phrase: str, **more: str) -> str:
            return self._wording.say(phrase, audience, language, **more)

        question = say("confirm", relation=asked.who) if asked.who else say("confirm_link")
        return door(question, say("confirm_yes"), say("confirm_no"), language)

    def _queue(
        self,
        session: Session,
        ring: KeyRing,
        asked: doors.Asked,
        chat: int,
        message: Message,
        now: datetime,
    ) -> Claimed | None:
        return outbox.queue(
            session,
            ring.of(asked.owner_id),
            ChatLetter(message=message),
            kind="reply",
            channel="telegram",
            recipient=f"telegram:{chat}",
            now=now,
            held=True,
        )

    def _send(self, claimed: Claimed | bool | None, heard: Heard) -> None:
        if isinstance(claimed, Claimed):
            self._courier.send_soon((claimed,))
        elif claimed is None:
            self._do_soon(self._aside.say(heard.chat, "link_dead", heard.language))
        else:
            self._courier.wake()

    async def _acknowledge(self, heard: Heard, alert: UUID) -> None:
        """Only whoever is told of it may; to anybody else the button is an old one."""
        now, chat = self._clock(), heard.chat
        language = await self._database.run(
            lambda session: acknowledged(
                session, KeyRing(session, self._service_key), alert, chat, now
            )
        )
        phrase = "link_dead" if language is None else "chat_alert_seen"
        self._do_soon(self._aside.say(heard.chat, phrase, language or heard.language))

    async def _at_the_desk(self, heard: Heard, what: Printing | Listing) -> None:
        """Only in the coordinator's own chat; anywhere else the button is an old one, and the
        command is none."""
        now, chat = self._clock(), heard.chat

        def bring(session: Session) -> Claimed | bool:
            ring = KeyRing(session, self._service_key)
            if isinstance(what, Listing):
                return queue_today(session, ring, chat, now) or True
            queue = queue_paper if what.kind == "summary" else queue_roundup
            return queue(session, ring, what.of, chat, now) or True

        try:
            self._send(await self._database.run(bring), heard)
        except (NotYours, KeyGone):
            if isinstance(what, Printing):
                self._do_soon(self._aside.say(heard.chat, "link_dead", heard.language))
            else:
                unknown = Unusable(why=Refusal.UNKNOWN_COMMAND)
                await self._talk(replace(heard, what=unknown))

    # --- chats that are nobody's ---

    async def _nobody(self, heard: Heard) -> None:
        """No row can hold a reply to a stranger: nothing is kept about them."""
        chat, key = heard.chat, self._key(heard)
        if await self._database.run(lambda session: was_taken(session, key)):
            return  # the tap that wiped it all, come again
        language = await self._database.run(lambda session: doors.coordinates(session, chat))
        if self._aside.asks_for_help(heard.what, heard.language):
            self._do_soon(self._aside.help(heard.chat, language or heard.language))
            return
        phrase = "no_preparation" if language is None else "chat_linked"
        self._do_soon(self._aside.say(heard.chat, phrase, language or heard.language))

    # --- order, and what is done besides ---

    @asynccontextmanager
    async def _in_order(self, chat: int) -> AsyncIterator[None]:
        lock, waiting = self._locks.get(chat, (asyncio.Lock(), 0))
        self._locks[chat] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._locks[chat]
            if waiting == 1:
                del self._locks[chat]
            else:
                self._locks[chat] = (lock, waiting - 1)

    def _key(self, heard: Heard) -> str:
        return f"telegram:{self._bot.id}:{heard.update_id}"

    def _do_soon(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _stop_the_spinner(self, callback: str) -> None:
        """Telegram shows a spinner on the button until this; being too late for it is no matter."""
        try:
            await self._bot.answer_callback_query(callback)
        except TelegramError as error:
            _log.debug("callback_not_answered", error=type(error).__name__)


def _clears(what: object) -> bool:
    """Whether the chat is about to be cleared."""
    if isinstance(what, Tap):
        return what.choice == ASKED_TO_WIPE
    return isinstance(what, Command) and what.name is CommandName.HIDE
