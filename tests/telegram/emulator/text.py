"""Words as Telegram keeps them: UTF-16 lengths, entities, cleaning, and what it finds by itself.

Sources: Bot API, "MessageEntity" and "Formatting options"; TDLib's `fix_formatted_text` for what
is cleaned away. HTML is in `html.py`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tests.telegram.emulator.formatted import Entity, Formatted, units
from tests.telegram.emulator.html import parse_html
from tests.telegram.emulator.markup import wrong_url
from tests.telegram.emulator.wire import Params, Refused, bad

TEXT_LIMIT = 4096  # sendMessage, UTF-16 code units after entities parsing
CAPTION_LIMIT = 1024  # sendPhoto and the rest, likewise

# Control characters become spaces; carriage returns and U+2028-U+202E (line and paragraph
# separators, bidirectional embeddings and overrides) are dropped. Isolates (U+2066-U+2069) stay.
_TO_SPACE = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")
_DROPPED = re.compile(r"[\r\u2028-\u202e]")
# A text of nothing but these is empty.
_UNSEEN = re.compile(r"[\s\u200b-\u200f\u2060-\u2064\u2066-\u2069\ufeff]*")


@dataclass(frozen=True)
class _Finder:
    """Something that Telegram marks by itself in every text."""

    type: str
    pattern: re.Pattern[str]


# Each pattern's first group is the entity. Order is precedence.
_FINDERS = (
    _Finder("email", re.compile(r"(?<![\w.+-])([\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,})\b", re.I)),
    _Finder("url", re.compile(r"(?<![\w@./-])(https?://[^\s<>\"]*[^\s<>\".,;:!?)])", re.I)),
    _Finder("mention", re.compile(r"(?<![\w/@.])(@[A-Za-z][A-Za-z0-9_]{3,31})(?!\w)")),
    _Finder("hashtag", re.compile(r"(?<![\w/#])(#(?=\w*[^\W\d])\w+)")),
    _Finder(
        "bot_command",
        re.compile(r"(?<![\w/<>])(/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)(?![\w/<>])"),
    ),
)
_GIVEN_TYPES = {
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
    "code",
    "pre",
    "text_link",
    "text_mention",
    "custom_emoji",
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
}


def message_text(params: Params) -> Formatted:
    """What `sendMessage` and `editMessageText` would show. Raises Refused."""
    if not params.words("text"):
        raise bad("message text is empty")
    shown = _formatted(params, "text", "entities")
    if not shown.text:
        raise bad("text must be non-empty")
    if units(shown.text) > TEXT_LIMIT:
        raise bad("message is too long")
    return shown


def caption(params: Params) -> Formatted:
    """What stands under a picture or a file; may be empty. Raises Refused."""
    shown = _formatted(params, "caption", "caption_entities")
    if units(shown.text) > CAPTION_LIMIT:
        raise bad("message caption is too long")
    return shown


def typed_by_a_person(text: str) -> Formatted:
    """What arrives when a person sends this text: cleaned, trimmed, with commands marked."""
    return _finished(Formatted(text))


def _formatted(params: Params, name: str, entities_name: str) -> Formatted:
    text = params.words(name)
    mode = params.words("parse_mode").lower()
    if mode == "html":
        try:
            return _finished(parse_html(text))
        except ValueError as problem:
            raise bad(f"can't parse entities: {problem}") from None
    if mode:
        # Markdown exists in the Bot API; our app never uses it, so nothing here reads it.
        raise bad("unsupported parse_mode")
    return _finished(Formatted(text, _given(params.items(entities_name) or (), units(text))))


def _given(raw: Iterable[object], length: int) -> tuple[Entity, ...]:
    """Entities passed instead of a parse mode (Bot API, "MessageEntity")."""
    given = []
    for one in raw:
        if not isinstance(one, dict):
            raise bad("can't parse MessageEntity: expected an Object")
        offset, span, kind = one.get("offset"), one.get("length"), one.get("type")
        if not isinstance(offset, int) or not isinstance(span, int) or not isinstance(kind, str):
            raise bad("can't parse MessageEntity: wrong offset, length or type")
        if kind not in _GIVEN_TYPES:
            raise bad("can't parse MessageEntity: unsupported type specified")
        if offset < 0 or span < 0 or offset + span > length:
            raise bad("entity begins or ends outside of the text")
        url = str(one.get("url", ""))
        if kind == "text_link" and (problem := wrong_url(url)):
            raise Refused(400, f"Bad Request: entity URL '{url}' is invalid: {problem}")
        given.append(Entity(kind, offset, span, url=url, language=str(one.get("language", ""))))
    return tuple(given)


def _finished(shown: Formatted) -> Formatted:
    cleaned = _trimmed(_without_unshowable(shown))
    if _UNSEEN.fullmatch(cleaned.text):
        return Formatted("")
    return Formatted(cleaned.text, _in_order(_found(cleaned.text, cleaned.entities)))


def _without_unshowable(shown: Formatted) -> Formatted:
    text = _TO_SPACE.sub(" ", shown.text)
    if not _DROPPED.search(text):
        return replace(shown, text=text)
    dropped = [units(text[: match.start()]) for match in _DROPPED.finditer(text)]

    def moved(place: int) -> int:
        return place - sum(1 for at in dropped if at < place)

    entities = (
        replace(e, offset=moved(e.offset), length=moved(e.offset + e.length) - moved(e.offset))
        for e in shown.entities
    )
    return Formatted(_DROPPED.sub("", text), tuple(e for e in entities if e.length))


def _trimmed(shown: Formatted) -> Formatted:
    """Blank ends go; an entity at the beginning keeps the blanks inside it."""
    text = shown.text.rstrip(" \n")
    leading = len(text) - len(text.lstrip(" \n"))
    cut = min([leading, *(e.offset for e in shown.entities)])
    text = text[cut:]
    length = units(text)
    entities = []
    for entity in shown.entities:
        offset = entity.offset - cut
        kept = min(entity.length, length - offset)
        if kept > 0:
            entities.append(replace(entity, offset=offset, length=kept))
    return Formatted(text, tuple(entities))


def _found(text: str, given: Sequence[Entity]) -> tuple[Entity, ...]:
    """The given entities, and those that Telegram finds where nothing hides them."""
    taken = [e for e in given if e.type in {"code", "pre", "text_link", "text_mention"}]
    found = list(given)
    for finder in _FINDERS:
        for match in finder.pattern.finditer(text):
            offset = units(text[: match.start(1)])
            entity = Entity(finder.type, offset, units(match[1]))
            if not any(entity.overlaps(other) for other in taken):
                taken.append(entity)
                found.append(entity)
    return tuple(found)


def _in_order(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    return tuple(sorted(entities, key=lambda e: (e.offset, -e.length)))
