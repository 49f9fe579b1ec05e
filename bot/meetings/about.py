"""What a coordinator writes of a meeting: typed into the form, or in a meeting file."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from flows.answers import AboutMeeting

LONGEST: Final = {
    "called": 80,
    "joining": 300,
    "professionals": 600,
    "may_be_told": 1000,
    "fixed": 600,
    "open": 600,
}
"""Characters, by field. All of them together are one message in Telegram (4,096)."""
ONE_LINE: Final = ("called",)

_TURNS_TEXT: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")


def read_about(typed: Mapping[str, str]) -> tuple[AboutMeeting, frozenset[str]]:
    """What was written, and the fields that cannot be used."""
    written = {name: _tidy(typed.get(name, ""), one_line=name in ONE_LINE) for name in LONGEST}
    wrong = frozenset(name for name, text in written.items() if is_unusable(text, LONGEST[name]))
    return AboutMeeting(**written), wrong


def _tidy(text: str, *, one_line: bool) -> str:
    lines = [" ".join(line.split(" ")).strip() for line in text.splitlines()]
    return " ".join(filter(None, lines)) if one_line else "\n".join(lines).strip()


def is_unusable(text: str, longest: int) -> bool:
    """Whether it is too long, or something in it cannot be seen."""
    return len(text) > longest or _is_hidden(text)


def _is_hidden(text: str) -> bool:
    """Whether something in it cannot be seen and does something."""
    return bool(_TURNS_TEXT.search(text)) or any(
        unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") for one in text if one != "\n"
    )
