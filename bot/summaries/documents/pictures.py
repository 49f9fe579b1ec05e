"""Pictures as paper can show them, and what else came with an answer, which paper cannot hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image

from bot.summaries.entries import Piece
from bot.summaries.sentences import Sentences

Pictures = Mapping[str, bytes]
"""As they were sent, by the name that a piece has for them."""

_LONGEST_SIDE: Final = 1000
"""Pixels: more than a third of a page can show."""


@dataclass(frozen=True)
class Picture:
    jpeg: bytes
    about: str
    """For who cannot see it."""


@dataclass(frozen=True)
class Enclosed:
    """What came with an answer beside words."""

    pictures: tuple[Picture, ...]
    lines: tuple[str, ...]
    """That there is more, which paper cannot hold."""


def enclosed_in(pieces: tuple[Piece, ...], pictures: Pictures, sentences: Sentences) -> Enclosed:
    drawn, lines = [], []
    for piece in pieces:
        about = sentences.sent_with(piece)
        content = pictures.get(piece.attachment) if piece.kind == "picture" else None
        jpeg = on_paper(content) if content is not None else None
        if jpeg is not None:
            drawn.append(Picture(jpeg, about))
        elif about:
            lines.append(about)
    return Enclosed(tuple(drawn), tuple(lines))


def on_paper(content: bytes) -> bytes | None:
    """Small enough; None where it is no picture as `bot.attachments` keeps them."""
    try:
        with Image.open(BytesIO(content), formats=("JPEG",)) as kept:
            kept.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
            small = BytesIO()
            kept.save(small, "JPEG", quality=80)
    except (OSError, ValueError):
        return None
    return small.getvalue()
