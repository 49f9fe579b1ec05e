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


CONFIRM_EVERY = timedelta(days=120)
"""How long it holds that somebody rang a number (EVIDENCE 5.1)."""

NO_HOURS = ("0808 800 5000",)
"""Contacts whose hours are not to be printed: those that were found are believed cut (NSPCC)."""


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


def unconfirmed(today: date, confirmed: Mapping[str, date] | None = None) -> tuple[Helpline, ...]:
    """Lines that nobody has rung, or not for 120 days.

    Args:
        confirmed: by name, the day on which this service rang it, beside what the file says.
    """
    own = confirmed or {}
    return tuple(line for line in all_helplines() if not _holds(line, own.get(line.name), today))


def _holds(line: Helpline, confirmed: date | None, today: date) -> bool:
    days = [day for day in (line.checked_on, confirmed) if day is not None and day <= today]
    return bool(days) and today - max(days) <= CONFIRM_EVERY


def hours_unchecked() -> tuple[Helpline, ...]:
    """Lines whose hours are printed although they must not be."""
    return tuple(line for line in all_helplines() if line.hours and line.contact in NO_HOURS)


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
