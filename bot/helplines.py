"""Whom to call: read from helplines.yaml, chosen by nation and audience, never by language."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from flows.schema import Audience
from flows.wording import isolated

_FILE = Path(__file__).parent / "helplines.yaml"

Nation = Literal["england", "wales", "scotland", "northern_ireland"]
NATIONS: tuple[Nation, ...] = ("england", "wales", "scotland", "northern_ireland")


class Helpline(BaseModel):
    """One service that answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    contact: str
    note: str = ""
    nations: tuple[Nation, ...]
    audience: tuple[Audience, ...] = tuple(Audience)
    hours: Literal["", "day and night"] = ""
    """Only where its source gives them and they may be printed."""
    source: str
    checked_on: date | None = None
    """The day on which somebody last rang it. Never invented."""

    @property
    def ways(self) -> tuple[tuple[str, str], ...]:
        """What to tap, and where it leads: `tel:` and `sms:` links."""
        call = re.match(r"\d[\d ]+\d", self.contact)
        write = re.search(r"\btext (\d[\d ]+\d)", self.contact)
        ways = []
        if call:
            ways.append((call[0], f"tel:{call[0].replace(' ', '')}"))
        if write:
            ways.append((write[0], f"sms:{write[1].replace(' ', '')}"))
        return tuple(ways)


RECHECKED_EVERY = timedelta(days=120)
"""Numbers change: an old one is worse than none (EVIDENCE 5.1)."""

HOURS_NOT_TO_PRINT = frozenset({"NSPCC", "NSPCC helpline"})
"""Whose hours we have not been able to find out (EVIDENCE 5.1)."""


def unconfirmed(confirmed: Mapping[str, date], today: date) -> tuple[Helpline, ...]:
    """Those that nobody has rung yet, or not for too long.

    Args:
        confirmed: what a service has checked itself, by name.
    """
    found = []
    for line in all_helplines():
        dates = [day for day in (line.checked_on, confirmed.get(line.name)) if day is not None]
        if not dates or not today - RECHECKED_EVERY <= max(dates) <= today:
            found.append(line)
    return tuple(found)


def printing_hours_not_known() -> tuple[Helpline, ...]:
    """Those whose hours stand in the file though they must not be printed."""
    return tuple(
        line
        for line in all_helplines()
        if line.hours and any(line.name.startswith(name) for name in HOURS_NOT_TO_PRINT)
    )


@lru_cache(maxsize=1)
def all_helplines() -> tuple[Helpline, ...]:
    read = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(TypeAdapter(list[Helpline]).validate_python(read))


def helplines(nation: str, audience: Audience | None) -> tuple[Helpline, ...]:
    """Those that serve this nation and these people.

    Args:
        nation: all nations' where it is empty.
        audience: everybody's where nobody is known.
    """
    return tuple(
        line
        for line in all_helplines()
        if (not nation or nation in line.nations)
        and (audience is None or audience in line.audience)
    )


def by_nation() -> tuple[tuple[Nation | None, tuple[Helpline, ...]], ...]:
    """Everybody's, for a page that knows neither nation nor reader: first those of all nations
    (None), then each nation's own."""
    everywhere = tuple(line for line in all_helplines() if line.nations == NATIONS)
    own = tuple(
        (nation, tuple(line for line in helplines(nation, None) if line.nations != NATIONS))
        for nation in NATIONS
    )
    return ((None, everywhere), *own)


@lru_cache(maxsize=128)
def help_lines(nation: str, audience: Audience, language: str) -> tuple[str, ...]:
    """The same as lines of text, for a chat."""
    return tuple(
        isolated(f"{line.name}: {line.contact}", language) for line in helplines(nation, audience)
    )
