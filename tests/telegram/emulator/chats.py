"""What a chat holds: messages as they are shown, files, and their JSON.

Source: Bot API, "Message", "Chat", "User", "PhotoSize", "Document", "Voice"."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from tests.telegram.emulator.formatted import Entity
from tests.telegram.emulator.markup import Button, Markup
from tests.telegram.emulator.signals import Signal
from tests.telegram.emulator.wire import JsonObject

BOT: JsonObject = {
    "id": 123456789,
    "is_bot": True,
    "first_name": "Before the meeting",
    "username": "before_the_meeting_bot",
}


@dataclass(frozen=True)
class Message:
    """One message as it is shown now. An edit makes a new one with the same id."""

    id: int
    chat_id: int
    from_bot: bool
    date: datetime
    kind: str = "text"
    text: str = ""
    """The text, or the caption where `kind` is not "text"."""
    entities: tuple[Entity, ...] = ()
    markup: Markup | None = None
    protect_content: bool = False
    silent: bool = False
    link_preview: JsonObject | None = None
    reply_to: int | None = None
    edited: datetime | None = None
    media: object = None
    """What stands under the message's kind: a photo's sizes, a document, a place."""
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def rows(self) -> tuple[tuple[Button, ...], ...]:
        """The inline keyboard's rows."""
        inline = self.markup is not None and self.markup.kind == "inline_keyboard"
        return self.markup.rows if self.markup is not None and inline else ()

    @property
    def buttons(self) -> tuple[Button, ...]:
        """The inline keyboard's buttons, in reading order."""
        return tuple(button for row in self.rows for button in row)

    @property
    def labels(self) -> list[str]:
        """What the inline buttons say."""
        return [button.text for button in self.buttons]

    def same_content(self, other: "Message") -> bool:
        """Whether an edit from one to the other changes nothing."""
        return (self.text, self.entities, self.rows) == (other.text, other.entities, other.rows)

    def __str__(self) -> str:
        who = "bot" if self.from_bot else "person"
        buttons = " ".join(f"[{label}]" for label in self.labels)
        return f"{who}: {self.text or self.kind} {buttons}".rstrip()


@dataclass(frozen=True)
class Popup:
    """What answerCallbackQuery showed over the chat."""

    text: str
    is_alert: bool


class Chat:
    """One private chat between the bot and a person."""

    def __init__(
        self, chat_id: int, name: str, language_code: str | None, *, known_to_bot: bool
    ) -> None:
        self.id = chat_id
        self.name = name
        self.language_code = language_code
        self.known_to_bot = known_to_bot
        self.started = False
        self.blocked = False
        self.messages: dict[int, Message] = {}
        """Those visible now, in order."""
        self.last_id = 0
        self.popups: list[Popup] = []
        self.changed = Signal()

    def user(self) -> JsonObject:
        said: JsonObject = {"id": self.id, "is_bot": False, "first_name": self.name}
        if self.language_code is not None:
            said["language_code"] = self.language_code
        return said

    def json(self) -> JsonObject:
        return {"id": self.id, "type": "private", "first_name": self.name}

    def add(self, message: Message) -> Message:
        """Puts the message at the end, under the chat's next id."""
        self.last_id += 1
        added = replace(message, id=self.last_id)
        self.messages[added.id] = added
        self.changed.notify()
        return added

    def put(self, message: Message) -> Message:
        """Shows the edited message in the old one's place."""
        self.messages[message.id] = message
        self.changed.notify()
        return message

    def remove(self, message_id: int) -> None:
        del self.messages[message_id]
        self.changed.notify()

    def show(self, popup: Popup) -> None:
        self.popups.append(popup)
        self.changed.notify()

    def message_json(self, message: Message, *, as_reply: bool = False) -> JsonObject:
        """The message as an update or a method's result has it."""
        said: JsonObject = {
            "message_id": message.id,
            "from": BOT if message.from_bot else self.user(),
            "chat": self.json(),
            "date": seconds(message.date),
            **message.extra,
        }
        if message.kind == "text":
            said["text"] = message.text
        else:
            said[message.kind] = message.media
            if message.text:
                said["caption"] = message.text
        if message.entities:
            name = "entities" if message.kind == "text" else "caption_entities"
            said[name] = [entity.json() for entity in message.entities]
        if message.edited is not None:
            said["edit_date"] = seconds(message.edited)
        if message.protect_content:
            said["has_protected_content"] = True
        if message.link_preview is not None:
            said["link_preview_options"] = message.link_preview
        if message.rows and message.markup is not None:
            said["reply_markup"] = message.markup.raw
        replied = self.messages.get(message.reply_to or 0)
        if replied is not None and not as_reply:
            said["reply_to_message"] = self.message_json(replied, as_reply=True)
        return said


@dataclass(frozen=True)
class StoredFile:
    """A file that Telegram keeps. `size` is what it says, which a test may make larger."""

    id: str
    unique_id: str
    path: str
    data: bytes
    size: int
    kind: str

    def json(self) -> JsonObject:
        return {"file_id": self.id, "file_unique_id": self.unique_id, "file_size": self.size}


class Files:
    """Every file sent or received, by its id and by its path."""

    def __init__(self) -> None:
        self.by_id: dict[str, StoredFile] = {}
        self.by_path: dict[str, StoredFile] = {}

    def keep(self, kind: str, name: str, data: bytes, size_bytes: int | None = None) -> StoredFile:
        number = len(self.by_id) + 1
        ending = name.rpartition(".")[2] if "." in name else "bin"
        kept = StoredFile(
            id=f"{kind}-file-{number:08d}",
            unique_id=f"unique-{number:08d}",
            path=f"{kind}s/file_{number}.{ending}",
            data=data,
            size=len(data) if size_bytes is None else size_bytes,
            kind=kind,
        )
        self.by_id[kept.id] = kept
        self.by_path[kept.path] = kept
        return kept

    def media(self, kept: StoredFile, name: str = "", mime: str = "") -> object:
        """What stands in a message for this file."""
        if kept.kind == "photo":
            return [
                {**kept.json(), "file_id": f"{kept.id}-small", "width": 90, "height": 90},
                {**kept.json(), "width": 800, "height": 800},
            ]
        if kept.kind == "voice":
            return {**kept.json(), "duration": 3, "mime_type": mime or "audio/ogg"}
        return {**kept.json(), "file_name": name, "mime_type": mime}


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())
