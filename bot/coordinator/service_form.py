"""What an administrator types about the service, read into a Service, and shown again."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Final

from bot.helplines import NATIONS
from bot.service import Service
from bot.service.settings import WEEKDAYS, Contact, Hours, Weekday

EMAIL: Final = re.compile(r"[^@\s<>,;:]+@[^@\s<>,;:]+\.[^@\s<>,;:]+")
ALWAYS: Final = "always"
"""Written behind a contact who is there out of hours too."""
SHORTEST_MINUTES, LONGEST_MINUTES = 5, 480
MOST_LINES: Final = 200
NUMBERS: Final = {
    "keep_drafts_days": 90,
    "keep_drafts_after_meeting_days": 90,
    "keep_sent_days": 365,
    "roundup_hours_before": 336,
}
"""Fields that hold a number from 1 to this, or nothing: then the operator's setting holds."""


@dataclass(frozen=True)
class Wrong:
    """Something that cannot be used: where it stands, and which sentence to say of it."""

    field: str
    what: str
    about: str = ""
    """The weekday or the line that it is about."""


@dataclass(frozen=True)
class Read:
    service: Service
    wrong: tuple[Wrong, ...]
    """Where there is any, `service` is not to be kept."""


def typed(service: Service) -> dict[str, str]:
    """A service as the form's fields hold it."""
    fields = {
        "name": service.name,
        "minutes": str(service.acknowledge_within_minutes),
        "closed": "\n".join(day.isoformat() for day in service.days_closed),
        "rota": "\n".join(_line(one) for one in service.rota),
        "manager": _line(service.manager) if service.manager else "",
    }
    fields |= {f"nation-{one}": "yes" for one in service.nations}
    fields |= {f"language-{one}": "yes" for one in service.languages}
    fields |= {one: str(getattr(service, one) or "") for one in NUMBERS}
    fields["reminders"] = "yes" if service.reminders else ""
    for day in WEEKDAYS:
        hours = service.working_hours.get(day)
        fields[f"{day}-opens"] = f"{hours.opens:%H:%M}" if hours else ""
        fields[f"{day}-closes"] = f"{hours.closes:%H:%M}" if hours else ""
    return fields


def read(form: Mapping[str, str], before: Service, spoken: tuple[str, ...]) -> Read:
    """What was typed; what it does not speak of stays as it was.

    Args:
        spoken: codes of the languages that there are to choose from.
    """
    wrong: list[Wrong] = []
    hours = dict(_hours(form, wrong))
    if not hours and not wrong:
        wrong.append(Wrong("monday-opens", "never_open"))
    closed = tuple(_closed(form.get("closed", ""), wrong))
    rota = tuple(_contacts("rota", form.get("rota", ""), wrong))
    managers = tuple(_contacts("manager", form.get("manager", ""), wrong))
    if len(managers) > 1:
        wrong.append(Wrong("manager", "one_manager"))
    minutes = _minutes(form.get("minutes", ""), wrong)
    nations = tuple(one for one in NATIONS if form.get(f"nation-{one}"))
    if not nations:
        wrong.append(Wrong("nation", "nation"))
    return Read(
        before.model_copy(
            update={
                "name": form.get("name", "").strip()[:120],
                "working_hours": hours,
                "days_closed": tuple(sorted(set(closed))),
                "rota": rota,
                "manager": managers[0] if managers else None,
                "acknowledge_within_minutes": minutes,
                "nations": nations,
                "languages": tuple(one for one in spoken if form.get(f"language-{one}")),
                "reminders": bool(form.get("reminders")),
                **{one: _number(form, one, wrong) for one in NUMBERS},
            }
        ),
        tuple(wrong),
    )


def _hours(form: Mapping[str, str], wrong: list[Wrong]) -> Iterator[tuple[Weekday, Hours]]:
    for day in WEEKDAYS:
        opens, closes = (form.get(f"{day}-{end}", "").strip() for end in ("opens", "closes"))
        if not opens and not closes:
            continue
        first, last = _time(opens), _time(closes)
        if first is None or last is None or first >= last:
            wrong.append(Wrong(f"{day}-opens", "hours", day))
        else:
            yield day, Hours(opens=first, closes=last)


def _closed(text: str, wrong: list[Wrong]) -> Iterator[date]:
    for line in _lines(text):
        try:
            yield date.fromisoformat(line)
        except ValueError:
            wrong.append(Wrong("closed", "day", line))


def _contacts(field: str, text: str, wrong: list[Wrong]) -> Iterator[Contact]:
    for line in _lines(text):
        parts = (part.strip() for part in line.replace("،", ",").split(","))
        name, email, *rest = (*parts, "", "")
        always = rest[0].casefold() == ALWAYS
        if not name or not EMAIL.fullmatch(email) or (rest[0] and not always):
            wrong.append(Wrong(field, "contact", line))
        else:
            yield Contact(name=name, email=email, always=always)


def _minutes(text: str, wrong: list[Wrong]) -> int:
    minutes = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        wrong.append(Wrong("minutes", "minutes"))
    return minutes


def _number(form: Mapping[str, str], field: str, wrong: list[Wrong]) -> int | None:
    text, most = form.get(field, "").strip(), NUMBERS[field]
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
    if not 1 <= number <= most:
        wrong.append(Wrong(field, "number", str(most)))
    return number


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(f"0{text}" if text[1:2] == ":" else text)
    except ValueError:
        return None


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()[:MOST_LINES] if line.strip()]


def _line(contact: Contact) -> str:
    return f"{contact.name}, {contact.email}" + (f", {ALWAYS}" if contact.always else "")
