"""What a Telegram update says, in the conversation's own terms. Nothing is done about it here."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from telegram import Message, Update

from bot.delivery.letters import PaperKind
from bot.summaries.chat import ALERT, PAPER, ROUNDUP
from flows.exchange import (
    Command,
    CommandName,
    Edited,
    Refusal,
    Said,
    Tap,
    Unusable,
    Words,
)

DOOR = "~door"
"""The state of the buttons that open a preparation; no flow can have it."""

_HEX = 32

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]


@dataclass(frozen=True)
class Opening:
    """`/start` with an invitation's token."""

    token: str


@dataclass(frozen=True)
class Answering:
    """ "Are you Kit's mum?", tapped."""

    yes: bool


@dataclass(frozen=True)
class Acknowledging:
    """ "I have seen this", tapped below an alert."""

    alert: UUID


@dataclass(frozen=True)
class Printing:
    """ "As a file", tapped below a summary or a roundup."""

    kind: PaperKind
    of: UUID
    """The participant, or the meeting."""


@dataclass(frozen=True)
class Listing:
    """`/today`: what there is to do, for a coordinator."""


TODAY = "today"

Kind = Literal["voice", "picture", "file"]


@dataclass(frozen=True)
class Fetching:
    """A file that Telegram keeps and we have yet to fetch."""

    kind: Kind
    file_id: str
    size: int
    caption: str
    seconds: int = 0


@dataclass(frozen=True)
class Unblocked:
    """The person let the bot in again."""


@dataclass(frozen=True)
class Heard:
    """One update from a private chat."""

    update_id: int
    chat: int
    what: Said | Opening | Answering | Acknowledging | Printing | Listing | Fetching | Unblocked
    message: int | None = None
    """The message that was sent, or whose button was tapped."""
    replies_to: int | None = None
    callback: str = ""
    language: str = ""
    """The app's interface language: a first guess, no more."""


def hear(update: Update) -> Heard | None:
    """What came; None for what does not concern us, such as groups."""
    chat, user = update.effective_chat, update.effective_user
    if chat is None or chat.type != "private":
        return None
    language = (user.language_code or "") if user else ""
    if update.callback_query is not None:
        query = update.callback_query
        return Heard(
            update.update_id,
            chat.id,
            _tap(query.data or ""),
            message=query.message.message_id if query.message else None,
            callback=query.id,
            language=language,
        )
    if update.edited_message is not None:
        edited = update.edited_message
        text = edited.text if edited.text is not None else edited.caption
        ref = str(edited.message_id)
        what: Said = Edited(ref=ref, text=_sound(text)) if text else Unusable(why=Refusal.UNKNOWN)
        return Heard(update.update_id, chat.id, what, message=edited.message_id, language=language)
    if update.my_chat_member is not None:
        if update.my_chat_member.new_chat_member.status != "member":
            return None
        return Heard(update.update_id, chat.id, Unblocked(), language=language)
    if update.message is None:
        return None
    message = update.message
    reply = message.reply_to_message
    return Heard(
        update.update_id,
        chat.id,
        _message(message),
        message=message.message_id,
        replies_to=reply.message_id if reply is not None else None,
        language=language,
    )


def _tap(payload: str) -> Said | Answering | Acknowledging | Printing:
    """`state:choice:revision`. Anything else was not made by us."""
    state, _, rest = payload.partition(":")
    choice, _, revision = rest.rpartition(":")
    if state == DOOR:
        return Answering(yes=choice == "yes")
    known = state in (ALERT, PAPER, ROUNDUP)
    if known and len(choice) == _HEX and set(choice) <= set("0123456789abcdef"):
        row = UUID(hex=choice)
        if state == ALERT:
            return Acknowledging(row)
        return Printing("summary" if state == PAPER else "roundup", row)
    if not choice or not revision.isdecimal() or not revision.isascii():
        return Tap(state="", choice="", revision=0)
    return Tap(state=state, choice=choice, revision=int(revision))


def _message(message: Message) -> Said | Opening | Listing | Fetching:
    caption = _sound(message.caption or "")
    if message.text is not None:
        return _text(message)
    if message.voice is not None:
        voice = message.voice
        seconds = _seconds(voice.duration)
        return Fetching("voice", voice.file_id, voice.file_size or 0, caption, seconds)
    if message.audio is not None:
        audio = message.audio
        seconds = _seconds(audio.duration)
        return Fetching("voice", audio.file_id, audio.file_size or 0, caption, seconds)
    if message.photo:
        largest = message.photo[-1]
        return Fetching("picture", largest.file_id, largest.file_size or 0, caption)
    if message.document is not None:
        document = message.document
        kinds: dict[str, Kind] = {"image": "picture", "audio": "voice"}
        kind: Kind = kinds.get((document.mime_type or "").partition("/")[0], "file")
        return Fetching(kind, document.file_id, document.file_size or 0, caption)
    for refusal, found in (
        (Refusal.STICKER, message.sticker or message.animation or message.dice),
        (Refusal.CONTACT, message.contact),
        (Refusal.LOCATION, message.location or message.venue),
        (Refusal.POLL, message.poll),
        (Refusal.NOT_A_FILE, message.video or message.video_note),
    ):
        if found:
            return Unusable(why=refusal)
    return Unusable(why=Refusal.UNKNOWN)


def _text(message: Message) -> Said | Opening | Listing:
    text = message.text or ""
    if text.startswith("/"):
        word, _, argument = text[1:].partition(" ")
        name = word.partition("@")[0].lower()
        if name == "start" and argument.strip():
            return Opening(token=argument.strip())
        if name == TODAY:
            return Listing()
        if name in set(CommandName):
            return Command(name=CommandName(name))
        if name.isalpha():
            return Unusable(why=Refusal.UNKNOWN_COMMAND)
    return Words(
        text=_sound(text), ref=str(message.message_id), forwarded=message.forward_origin is not None
    )


def _sound(text: str) -> str:
    """Lone halves of UTF-16 pairs cannot be stored or sent anywhere; the rest is left as it is."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _seconds(duration: object) -> int:
    """python-telegram-bot 22 is moving durations from seconds to timedelta."""
    total = getattr(duration, "total_seconds", None)
    return int(total()) if callable(total) else int(duration) if isinstance(duration, int) else 0
