"""Recordings, pictures and files that people send: told by their content, never by their name.

Pictures are made anew, so that nothing but the picture is kept: no place, no time, no camera.
"""

import codecs
import unicodedata
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

from PIL import Image, ImageOps, UnidentifiedImageError

from flows.exchange import Refusal

LARGEST_BYTES = 10 * 1024 * 1024
LONGEST_SIDE = 2000
"""Pixels. A page of a letter can be read at that size."""
MOST_PIXELS = 50_000_000
"""More than any phone's camera makes; a small file that unpacks to more is refused."""

_NOT_READABLE = (
    UnidentifiedImageError,
    OSError,
    ValueError,
    SyntaxError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,  # raised where warnings are errors
)
_PICTURES = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_SOUNDS: tuple[tuple[bytes, int, str], ...] = (
    (b"OggS", 0, "audio/ogg"),
    (b"\x1a\x45\xdf\xa3", 0, "audio/webm"),
    (b"ftyp", 4, "audio/mp4"),
    (b"ID3", 0, "audio/mpeg"),
    (b"\xff\xfb", 0, "audio/mpeg"),
    (b"\xff\xf3", 0, "audio/mpeg"),
    (b"\xff\xf1", 0, "audio/aac"),
    (b"\xff\xf9", 0, "audio/aac"),
    (b"WAVE", 8, "audio/wav"),
)
_NOT_SOUND_BRANDS = (b"heic", b"heix", b"mif1", b"avif", b"heif")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BREAKS = frozenset("\n\r\t")
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class Accepted:
    """What is kept."""

    media_type: str
    content: bytes


def accept(kind: Literal["voice", "picture", "file"], content: bytes) -> Accepted | Refusal:
    """What of an upload may be kept, or why nothing of it can. Slow for pictures: use a thread."""
    if not content:
        return Refusal.EMPTY
    if len(content) > LARGEST_BYTES:
        return Refusal.TOO_BIG
    if kind == "picture":
        return _picture(content) or Refusal.NOT_A_PICTURE
    if kind == "voice":
        return _sound(content) or Refusal.NOT_A_SOUND
    return _file(content) or _picture(content) or _text(content) or Refusal.NOT_A_FILE


def _picture(content: bytes) -> Accepted | None:
    try:
        with Image.open(BytesIO(content), formats=_PICTURES) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return None
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            anew = Image.new("RGB", upright.size, "white")
            if upright.mode in ("RGBA", "LA", "P"):
                clear = upright.convert("RGBA")
                anew.paste(clear, mask=clear.getchannel("A"))
            else:
                anew.paste(upright.convert("RGB"))
    except _NOT_READABLE:
        return None
    made = BytesIO()
    anew.save(made, "JPEG", quality=85, optimize=True)
    return Accepted("image/jpeg", made.getvalue())


def _sound(content: bytes) -> Accepted | None:
    for mark, offset, media_type in _SOUNDS:
        if content[offset : offset + len(mark)] == mark:
            if mark == b"ftyp" and content[8:12] in _NOT_SOUND_BRANDS:
                return None
            if mark == b"WAVE" and content[:4] != b"RIFF":
                return None
            return Accepted(media_type, content)
    return None


def _file(content: bytes) -> Accepted | None:
    if content.startswith(b"%PDF-"):
        return Accepted("application/pdf", content)
    if content.startswith(b"PK\x03\x04") and b"word/document.xml" in content:
        return Accepted(_WORD, content)
    return None


def _text(content: bytes) -> Accepted | Refusal | None:
    """Plain text, letter for letter, kept as UTF-8. A page or a script is no more than its letters:
    it is only ever handed over as a text file."""
    try:
        text = content.decode("utf-16" if content.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError:
        return None
    if any(unicodedata.category(one) == "Cc" and one not in _BREAKS for one in set(text)):
        return None
    if not text.strip():
        return Refusal.EMPTY
    kept = text.encode()
    # In UTF-8 some scripts take half as much again as in UTF-16.
    return Accepted("text/plain", kept) if len(kept) <= LARGEST_BYTES else Refusal.TOO_BIG
