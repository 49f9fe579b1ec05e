"""Our messages as Telegram has them: HTML, inline buttons, and the courier's way out."""

import json
from collections.abc import Awaitable, Callable
from html import escape
from uuid import UUID

from telegram import Bot
from telegram.constants import BulkRequestLimit, InlineKeyboardButtonLimit, ParseMode
from telegram.error import (
    BadRequest,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.channels.telegram.desk import DeskInChat
from bot.channels.telegram.hearing import DOOR
from bot.delivery.courier import Delivered, NotWanted, TryAgain, Undeliverable
from bot.delivery.letters import ChatLetter, DataLetter, PaperLetter, SweepLetter, TodayLetter
from bot.delivery.outbox import Claimed
from bot.privacy.bundle import FILE_NAME
from bot.summaries.chat import ALERT, PAPER, ROUNDUP
from flows.exchange import Choice, Message, Paragraph, Style
from flows.schema import Audience
from flows.speech import ANYWHERE
from flows.wording import Wording


class PayloadTooLong(ValueError):
    """A button's payload passes 64 bytes: a flow's ids are too long. A bug of ours."""


def html(message: Message) -> str:
    """The message's words. Whatever people typed is escaped, so the HTML is always valid."""
    blocks = [f"<i>{escape(message.progress, quote=False)}</i>"] if message.progress else []
    blocks += [_block(paragraph) for paragraph in message.paragraphs if paragraph.text.strip()]
    return "\n\n".join(blocks)


def _block(paragraph: Paragraph) -> str:
    words = escape(paragraph.text, quote=False)
    match paragraph.style:
        case Style.STRONG:
            return f"<b>{words}</b>"
        case Style.SMALL:
            return f"<i>{words}</i>"
        case Style.QUOTE:
            return f"<blockquote>{words}</blockquote>"
    return words


def keyboard(message: Message, wording: Wording) -> str | None:
    """Its buttons as the Bot API's JSON, and help below them: one tap away from everywhere (P10).

    Written out here: python-telegram-bot's own objects cost a tenth of a whole update.
    """
    if not message.rows:
        return None
    rows = [
        [
            {
                "text": f"✓ {choice.label}" if choice.chosen else choice.label,
                "callback_data": payload(message.state, choice.id, message.revision),
            }
            for choice in row
        ]
        for row in message.rows
    ]
    if message.state not in (ALERT, PAPER, ROUNDUP):
        label = wording.say("help_button", Audience.ADULT, message.language)
        rows.append([{"text": label, "callback_data": payload(ANYWHERE, "help", 0)}])
    return json.dumps({"inline_keyboard": rows})


def extras(buttons: str | None) -> dict[str, str]:
    """What goes along with each message of ours."""
    shown = {"link_preview_options": '{"is_disabled": true}'}
    return shown if buttons is None else {**shown, "reply_markup": buttons}


def payload(state: str, choice: str, revision: int) -> str:
    """A button's payload: short ids and a revision, never words."""
    packed = f"{state}:{choice}:{revision}"
    if len(packed.encode()) > InlineKeyboardButtonLimit.MAX_CALLBACK_DATA:
        raise PayloadTooLong(packed)
    return packed


def door(question: str, yes: str, no: str, language: str) -> Message:
    """ "Are you Kit's mum?", with the two taps that answer it."""
    return Message(
        paragraphs=(Paragraph(text=question),),
        rows=((Choice(id="yes", label=yes), Choice(id="no", label=no)),),
        state=DOOR,
        language=language,
    )


DataOf = Callable[[UUID, int], Awaitable[bytes | None]]
"""For a participant, in so many bytes at most."""

_LARGEST_UPLOAD_BYTES = 45 * 1024 * 1024
"""A bot may send 50 MB (Bot API, sendDocument); the pages beside the files need some of it."""


class TelegramSender:
    """Sends what the courier brings."""

    def __init__(
        self,
        bot: Bot,
        wording: Wording,
        data_of: DataOf | None = None,
        desk: DeskInChat | None = None,
    ) -> None:
        """
        Args:
            data_of: puts together all that is held about someone; None where they are gone.
            desk: puts together what coordinators are sent.
        """
        self._bot = bot
        self._wording = wording
        self._data_of = data_of
        self._desk = desk

    async def send(self, claimed: Claimed) -> Delivered | NotWanted | TryAgain | Undeliverable:
        chat = int(claimed.recipient.removeprefix("telegram:"))
        letter = claimed.letter
        try:
            if isinstance(letter, SweepLetter):
                return await self._sweep(chat, letter)
            if isinstance(letter, ChatLetter):
                return await self._say(chat, letter)
            if isinstance(letter, DataLetter):
                return await self._give(chat, letter)
            if isinstance(letter, PaperLetter) and self._desk is not None:
                return await self._hand(chat, letter, self._desk)
            if isinstance(letter, TodayLetter) and self._desk is not None:
                list_ = await self._desk.today(chat, asked=letter.asked)
                return await self._say(chat, ChatLetter(message=list_)) if list_ else NotWanted()
        except RetryAfter as error:
            wait = error.retry_after
            seconds = wait.total_seconds() if not isinstance(wait, int) else float(wait)
            return TryAgain("telegram_429", after_s=seconds)
        except Forbidden:
            return Undeliverable("telegram_blocked", blocked=True)
        except InvalidToken:
            return TryAgain("telegram_token", after_s=60)
        except BadRequest as error:
            return Undeliverable(f"telegram_400 {_known(error.message)}")
        except TimedOut:
            return TryAgain("telegram_timeout")
        except NetworkError:
            return TryAgain("telegram_network")
        except TelegramError:
            return TryAgain("telegram_error")
        return Undeliverable("not_for_telegram")

    async def _say(self, chat: int, letter: ChatLetter) -> Delivered:
        message = letter.message
        text, buttons = html(message), keyboard(message, self._wording)
        if letter.edit is not None and await self._edited(chat, letter.edit, text, buttons):
            return Delivered(letter.edit)
        sent = await self._bot.send_message(
            chat,
            text,
            parse_mode=ParseMode.HTML,
            protect_content=message.quotes,
            api_kwargs=extras(buttons),
        )
        return Delivered(sent.message_id)

    async def _give(self, chat: int, letter: DataLetter) -> Delivered | Undeliverable:
        """Not protected as other messages are: what cannot be saved cannot be taken away (P8)."""
        if self._data_of is None:
            return Undeliverable("no_data")
        content = await self._data_of(letter.data_of, _LARGEST_UPLOAD_BYTES)
        if content is None:
            return Undeliverable("wiped")
        sent = await self._bot.send_document(chat, content, filename=FILE_NAME)
        return Delivered(sent.message_id)

    async def _hand(
        self, chat: int, letter: PaperLetter, desk: DeskInChat
    ) -> Delivered | NotWanted:
        """Protected: it is to be read here, and taken away from the desk."""
        content = await desk.paper(letter, chat)
        if content is None:
            return NotWanted()
        name = f"{letter.kind}-{letter.of.hex[:8]}.pdf"
        sent = await self._bot.send_document(chat, content, filename=name, protect_content=True)
        return Delivered(sent.message_id)

    async def _edited(self, chat: int, message: int, text: str, buttons: str | None) -> bool:
        try:
            await self._bot.edit_message_text(
                text,
                chat,
                message,
                parse_mode=ParseMode.HTML,
                api_kwargs=extras(buttons),
            )
        except BadRequest as error:
            return "not modified" in error.message.lower()
        return True

    async def _sweep(self, chat: int, letter: SweepLetter) -> Delivered:
        """Deletes what Telegram lets a bot delete: 48 hours back (Bot API, deleteMessage)."""
        at_once = BulkRequestLimit.MAX_LIMIT
        for start in range(0, len(letter.messages), at_once):
            batch = letter.messages[start : start + at_once]
            try:
                await self._bot.delete_messages(chat, batch)
            except BadRequest:
                await self._delete_each(chat, batch)
        return Delivered()

    async def _delete_each(self, chat: int, messages: tuple[int, ...]) -> None:
        for message in messages:
            try:
                await self._bot.delete_message(chat, message)
            except BadRequest:
                continue  # gone already, or older than 48 hours


def _known(description: str) -> str:
    """Telegram's own description, if it is one that cannot hold anybody's words."""
    for known in ("chat not found", "message is too long", "can't parse entities"):
        if known in description.lower():
            return known.replace(" ", "_").replace("'", "")[:24]
    return "other"
