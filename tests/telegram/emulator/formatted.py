"""Formatted text as plain data: an entity, a text with its entities, and how Telegram counts.

Source: Bot API, "MessageEntity": offsets and lengths are in UTF-16 code units."""

from dataclasses import dataclass

from tests.telegram.emulator.wire import JsonObject


def units(text: str) -> int:
    """The length in UTF-16 code units: an emoji outside the first plane is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True)
class Entity:
    """A stretch of a text that is shown in its own way."""

    type: str
    offset: int
    length: int
    url: str = ""
    language: str = ""
    custom_emoji_id: str = ""

    def overlaps(self, other: "Entity") -> bool:
        return (
            self.offset < other.offset + other.length and other.offset < self.offset + self.length
        )

    def inside(self, other: "Entity") -> bool:
        ends = self.offset + self.length <= other.offset + other.length
        return ends and self.offset >= other.offset

    def json(self) -> JsonObject:
        said: JsonObject = {"type": self.type, "offset": self.offset, "length": self.length}
        for name in ("url", "language", "custom_emoji_id"):
            if value := getattr(self, name):
                said[name] = value
        return said


@dataclass(frozen=True)
class Formatted:
    """A text and what is marked in it."""

    text: str
    entities: tuple[Entity, ...] = ()
