"""What a coordinator writes of a meeting: typed into the form, or in a meeting file."""

from collections.abc import Mapping
from typing import Final

from bot.meetings.writing import is_unusable, one_line, several_lines
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


def read_about(typed: Mapping[str, str]) -> tuple[AboutMeeting, frozenset[str]]:
    """What was written, and the fields that cannot be used."""
    written = {
        name: (one_line if name in ONE_LINE else several_lines)(typed.get(name, ""))
        for name in LONGEST
    }
    wrong = frozenset(name for name, text in written.items() if is_unusable(text, LONGEST[name]))
    return AboutMeeting(**written), wrong
