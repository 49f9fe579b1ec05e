"""Reads what people type as plain tokens: without capitals, accents, stretched letters or digits
that stand for letters. What the tokens mean is phrases' and matching's.
"""

import re
import unicodedata
from typing import Final

PAUSE: Final = "."
"""The token that stands for any mark between two parts of a message."""

_TOKEN = re.compile(r"[\w'\u0980-\u09ff]+|[.!?;:,\n…،؛؟।۔]+|[^\w\s]")
_PAUSES = frozenset(".!?;:,\n…،؛؟।۔")
_STRETCHED = re.compile(r"(.)\1{2,}")
_INSIDE = re.compile(r"(?<=[a-z])[@$!*10345](?=[a-z])")
_AS_LETTER = {"@": "a", "$": "s", "!": "i", "*": "", "1": "i", "0": "o", "3": "e", "4": "a"} | {
    "5": "s"
}
_UNSEEN = re.compile("[\u00ad\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\ufeff]")
_DASH = re.compile(r"\s[-–—]+\s|—")
_HYPHEN = re.compile(r"[-–/_]")
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´ʹ＇", "'"))

_ALIKE = str.maketrans(
    {
        # Arabic and Urdu: one letter where keyboards and habits write several.
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ی", "ئ": "ی", "ي": "ی", "ې": "ی", "ے": "ی",
        "ؤ": "و", "ة": "ه", "ہ": "ه", "ۂ": "ه", "ۃ": "ه", "ۀ": "ه", "ھ": "ه", "ك": "ک", "ء": "",
        # Bengali: long and short vowels, and the letters that sound alike.
        "ী": "ি", "ূ": "ু", "ঈ": "ই", "ঊ": "উ", "ণ": "ন", "শ": "স", "ষ": "স", "য": "জ",
        "ঁ": "", "়": "", "ৎ": "ত",
        # Ukrainian, also as people type it on a Russian keyboard.
        "ї": "і", "ы": "и", "э": "е", "ё": "е", "ґ": "г", "ъ": "", "ь": "",
        # Latin letters that do not come apart into letter and accent.
        "ł": "l", "ø": "o", "đ": "d", "ß": "ss", "ı": "i", "æ": "ae",
    }
)  # fmt: skip
_KEPT_MARKS = re.compile(r"[\u0980-\u09ff]")
"""In Bengali the vowels themselves are marks."""


def fold(text: str) -> str:
    """The same words however they were typed: small letters, no accents, no stretched letters."""
    plain = unicodedata.normalize("NFKD", _UNSEEN.sub("", text).translate(_APOSTROPHES).casefold())
    if not plain.isascii():
        plain = plain.translate(_ALIKE)
        plain = "".join(
            letter
            for letter in plain
            if not unicodedata.combining(letter) or _KEPT_MARKS.match(letter)
        ).translate(_ALIKE)
    plain = _INSIDE.sub(lambda found: _AS_LETTER[found[0]], plain)
    return _STRETCHED.sub(r"\1\1", plain)


def tokens(text: str) -> list[str]:
    """Words, signs such as emoji, and PAUSE for whatever stands between two parts."""
    read: list[str] = []
    joined = _HYPHEN.sub(" ", _DASH.sub(PAUSE, fold(text)))
    for token in _TOKEN.findall(joined):
        if token[0] in _PAUSES:
            if not read or read[-1] != PAUSE:
                read.append(PAUSE)
        elif word := token.replace("'", ""):
            read.append(word)
    return read
