"""What may be written in a form, a list or a file, in any script. Joiners stay: Persian, Sinhala
and the emoji of a family are spelt with them. What cannot be seen and turns or breaks text does
not."""

import re
import unicodedata
from typing import Final

_TURNS_TEXT: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BREAKS_TEXT: Final = ("Cc", "Cs", "Zl", "Zp")
_UNSEEN: Final = (*_BREAKS_TEXT, "Cf", "Zs")


def one_line(text: str) -> str:
    """Without the line breaks and tabs that come along when something is pasted."""
    return " ".join(part for line in text.splitlines() if (part := _spaced(line)))


def several_lines(text: str) -> str:
    """Line by line, without what stands at either end of any."""
    return "\n".join(_spaced(line) for line in text.splitlines()).strip()


def is_unusable(text: str, longest: int) -> bool:
    """Whether it is too long, or something in it cannot be seen and does something.

    Args:
        longest: characters.
    """
    return len(text) > longest or is_hidden(text.replace("\n", " "))


def is_hidden(text: str) -> bool:
    """Whether something in it cannot be seen and does something; a line break too."""
    return bool(_TURNS_TEXT.search(text)) or any(
        unicodedata.category(one) in _BREAKS_TEXT for one in text
    )


def is_blank(text: str) -> bool:
    """Whether nothing in it can be seen."""
    return all(unicodedata.category(one) in _UNSEEN for one in text)


def is_no_name(text: str, longest: int) -> bool:
    """Whether nobody and nothing can be called so.

    Args:
        longest: characters.
    """
    return is_blank(text) or is_unusable(text, longest)


def _spaced(line: str) -> str:
    return line.replace("\t", " ").strip()
