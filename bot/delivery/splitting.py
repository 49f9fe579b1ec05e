"""A message too long for one Telegram message becomes several, cut between sentences."""

import re
from collections.abc import Iterator

from telegram.constants import MessageLimit

from flows.exchange import Message, Paragraph

LIMIT = MessageLimit.MAX_TEXT_LENGTH - 96
"""UTF-16 code units, as Telegram counts (Bot API, sendMessage); the rest is for what joins them."""

_SENTENCE_END = re.compile(r"(?<=[.!?…؟۔。])\s+|\n+")


def split(message: Message) -> tuple[Message, ...]:
    """The same message in parts that fit. Its buttons, and what it asks, stay with the last."""
    pages: list[list[Paragraph]] = [[]]
    room = LIMIT
    for paragraph in _short_enough(message.paragraphs):
        needs = units(paragraph.text) + 2
        if needs > room and pages[-1]:
            pages.append([])
            room = LIMIT
        pages[-1].append(paragraph)
        room -= needs
    if len(pages) == 1:
        return (message,)
    early = {"rows": (), "accepts": (), "progress": "", "replaces": False}
    return (
        *(message.model_copy(update={"paragraphs": tuple(page), **early}) for page in pages[:-1]),
        message.model_copy(update={"paragraphs": tuple(pages[-1]), "replaces": False}),
    )


def units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def _short_enough(paragraphs: tuple[Paragraph, ...]) -> Iterator[Paragraph]:
    for paragraph in paragraphs:
        if units(paragraph.text) + 2 <= LIMIT:
            yield paragraph
        else:
            for piece in _pieces(paragraph.text):
                yield paragraph.model_copy(update={"text": piece})


def _pieces(text: str) -> Iterator[str]:
    """Sentences put together as far as they fit; what has no end of sentence is cut anywhere."""
    rest = text
    while units(rest) + 2 > LIMIT:
        window = _longest_start(rest, LIMIT - 2)
        ends = [found.end() for found in _SENTENCE_END.finditer(window)]
        cut = ends[-1] if ends else window.rfind(" ") + 1 or len(window)
        yield rest[:cut]
        rest = rest[cut:]
    if rest:
        yield rest


def _longest_start(text: str, limit: int) -> str:
    """The longest start within the limit that does not halve a character."""
    return text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", errors="ignore")
