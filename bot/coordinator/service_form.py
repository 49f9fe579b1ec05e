"""What an administrator types about the service, read into a Service, and shown again."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from hashlib import sha256
from typing import Final

from bot.helplines import NATIONS
from bot.meetings.writing import is_no_name, is_unusable, one_line
from bot.service import Service
from bot.service.settings import WEEKDAYS, Contact, Hours, Weekday
from flows.wording import SOURCE_LANGUAGE

EMAIL: Final = re.compile(r"[^@\s<>,;:]+@[^@\s<>,;:]+\.[^@\s<>,;:]+")
_CONTACT: Final = re.compile(
    r"(\S.*?)\s*[,،]\s*([^@\s<>,،;:]+@[^@\s<>,،;:]+\.[^@\s<>,،;:]+)\s*([,،].*)?"
)
"""Name, address, and what comes behind. A name may hold commas itself: Rao, Sunita."""
_LONGEST_CONTACT: Final = 500
"""Characters: a long line of spaces would be looked at as often as it has letters."""
ALWAYS: Final = "always"
"""Written behind a contact who is there out of hours too."""
SHORTEST_MINUTES, LONGEST_MINUTES = 5, 480
MOST_LINES: Final = 200
LONGEST_NAME: Final = 120
"""Characters."""
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
    """The weekday or the line that it is about, the most that there may be, or what is in force."""


@dataclass(frozen=True)
class Read:
    service: Service
    wrong: tuple[Wrong, ...]
    """Where there is any, `service` is not to be kept."""


def typed(service: Service) -> dict[str, str]:
    """A service as the form's fields hold it, and in `made_from` a mark of all of them."""
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
    told = "\n".join(f"{name}={value}" for name, value in fields.items())
    return {**fields, "made_from": sha256(told.encode()).hexdigest()[:16]}


def read(form: Mapping[str, str], before: Service, spoken: tuple[str, ...]) -> Read:
    """What was typed; what it does not speak of stays as it was, and so do contacts' languages.

    Args:
        before: what is in force. It must be what the form was made from: whoever was taken off the
            rota meanwhile would be on it again.
        spoken: codes of the languages that there are to choose from.
    """
    wrong = list(_changed_meanwhile(form, before))
    hours = dict(_hours(form, wrong))
    if not hours and not wrong:
        wrong.append(Wrong("monday-opens", "never_open"))
    name = one_line(form.get("name", ""))
    if is_unusable(name, LONGEST_NAME):
        wrong.append(Wrong("name", "long", str(LONGEST_NAME)))
    closed = tuple(_closed(form.get("closed", ""), wrong))
    known = (*before.rota, *((before.manager,) if before.manager else ()))
    spoken_by = {one.email.casefold(): one.language for one in known}
    rota = tuple(_contacts("rota", form.get("rota", ""), spoken_by, wrong))
    managers = tuple(_contacts("manager", form.get("manager", ""), spoken_by, wrong))
    if len(managers) > 1:
        wrong.append(Wrong("manager", "one_manager"))
    minutes = _minutes(form.get("minutes", ""), wrong)
    nations = tuple(one for one in NATIONS if form.get(f"nation-{one}"))
    if not nations:
        wrong.append(Wrong("nation", "nation"))
    return Read(
        before.model_copy(
            update={
                "name": name,
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


def _changed_meanwhile(form: Mapping[str, str], before: Service) -> Iterator[Wrong]:
    """That it was, and what is in force in each place where something else was typed."""
    now = typed(before)
    if form.get("made_from") == now["made_from"]:
        return
    yield Wrong("name", "changed")
    for field, value in now.items():
        written = "\n".join(_lines(form.get(field, "")))
        if field != "made_from" and "yes" not in (written, value) and written != value:
            yield Wrong(field, "in_force", ", ".join(value.splitlines()))


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
    for line in _few_lines("closed", text, wrong):
        try:
            yield date.fromisoformat(line)
        except ValueError:
            wrong.append(Wrong("closed", "day", line))


def _contacts(
    field: str, text: str, spoken_by: Mapping[str, str], wrong: list[Wrong]
) -> Iterator[Contact]:
    for line in _few_lines(field, text, wrong):
        found = _CONTACT.fullmatch(line) if len(line) <= _LONGEST_CONTACT else None
        name, email, more = found.groups() if found else ("", "", None)
        always = (more or "").strip(" ,،").casefold()
        if not found or is_no_name(name, LONGEST_NAME) or always not in ("", ALWAYS):
            wrong.append(Wrong(field, "contact", line))
        else:
            language = spoken_by.get(email.casefold(), SOURCE_LANGUAGE)
            yield Contact(name=name, email=email, language=language, always=bool(always))


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


def _few_lines(field: str, text: str, wrong: list[Wrong]) -> list[str]:
    lines = _lines(text)
    if len(lines) > MOST_LINES:
        wrong.append(Wrong(field, "lines", str(MOST_LINES)))
        return []
    return lines


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _line(contact: Contact) -> str:
    return f"{contact.name}, {contact.email}" + (f", {ALWAYS}" if contact.always else "")
