"""A meeting file, YAML or JSON, as a service writes it: what it may say, and every reason why one
cannot be used, line by line. What is made of it is making's."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from bot.helplines import NATIONS
from bot.meetings.about import LONGEST, read_about
from bot.meetings.fields import (
    Fields,
    FileUnreadable,
    Problems,
    email,
    language,
    moment,
    read_nodes,
    reference,
    timezone,
    yes_or_no,
)
from flows.answers import NOTHING_WRITTEN, AboutMeeting

KINDS = (
    "family_group_conference",
    "family_group_decision_making",
    "child_protection_conference",
    "family_unity_meeting",
    "review",
    "meeting",
)
CHANNELS = ("telegram", "web")
AGE_BANDS = ("adult", "16_17", "11_15", "7_10")
UNDER_16 = ("11_15", "7_10")
AGES_OF_ROLES = {
    "parent": ("adult", "16_17"),
    "family": ("adult", "16_17"),
    "young_person": ("16_17", "11_15"),
    "child": ("7_10",),
}
MOST_PEOPLE = 100

_REHEARSED = ("says", "sharing", "who_says_it", "not_to", "behaviour", "after_meeting")
"""What made-up people carry for rehearsals. Nothing here reads it."""


@dataclass(frozen=True)
class CoordinatorGiven:
    name: str
    email: str
    language: str


@dataclass(frozen=True)
class MeetingGiven:
    kind: str
    title: str
    starts_at: datetime
    """Aware, in the meeting's own zone."""
    timezone: str
    place: str
    nation: str
    duty_contact: str = ""
    """An e-mail address; empty where the service's own is meant."""
    about: AboutMeeting = NOTHING_WRITTEN


@dataclass(frozen=True)
class PersonGiven:
    id: str
    name: str
    role: str
    age_band: str
    language: str
    channel: str
    relation: str
    child: str
    """How the child is named to this person; empty where the file does not say. Never guessed from
    a title or a relation: they may name somebody else."""
    may_message: bool | None

    @property
    def may_use_telegram(self) -> bool:
        """Telegram's own terms ask for 16."""
        return self.age_band not in UNDER_16


@dataclass(frozen=True)
class MeetingFile:
    meeting: MeetingGiven
    coordinator: CoordinatorGiven
    people: tuple[PersonGiven, ...]
    warnings: tuple[str, ...] = ()
    """What may be meant so, and may be a slip."""


class MeetingFileRefused(Exception):
    """The operator's: the file cannot be used. Each problem has its line and what to do."""

    code: ClassVar[str] = "meeting_file_refused"

    def __init__(self, name: str, problems: Problems) -> None:
        self.problems = tuple(sorted(problems))
        lines = (f"  line {line}: {what}" for line, what in self.problems)
        super().__init__("\n".join((f"{name} was not used, and nothing was made.", *lines)))


def read_meeting_file(text: str, name: str, now: datetime | None = None) -> MeetingFile:
    """A meeting and its people.

    Args:
        text: the file's content.
        name: the file's name, for messages; one that ends in `.json` is read as JSON.
        now: to warn of a start in the past.

    Raises:
        MeetingFileRefused: with every problem that was found, by line.
    """
    problems: Problems = []
    warnings: list[str] = []
    try:
        top = Fields(read_nodes(text, name), "The file", problems)
    except FileUnreadable as error:
        raise MeetingFileRefused(name, [(error.line, str(error))]) from None
    read = _meeting(top)
    people = tuple(_people(top, problems, warnings))
    top.refuse_unknown()
    if problems or read is None:
        raise MeetingFileRefused(name, problems)
    meeting, coordinator = read
    if now is not None and meeting.starts_at <= now:
        warnings.insert(0, "The meeting's start is in the past.")
    return MeetingFile(meeting, coordinator, people, tuple(warnings))


def _meeting(top: Fields) -> tuple[MeetingGiven, CoordinatorGiven] | None:
    fields = top.mapping("meeting")
    if fields is None:
        return None
    kind = fields.one_of("kind", KINDS)
    title = fields.text("title", longest=200)
    zone = fields.read("timezone", timezone, longest=64)
    starts_at = fields.read("starts_at", lambda value: moment(value, zone or "UTC"), longest=40)
    place = fields.text("place", longest=300, required=False)
    nation = fields.one_of("nation", NATIONS)
    coordinator = _coordinator(fields)
    duty_contact = _duty_contact(fields)
    about = _about(fields)
    fields.refuse_unknown()
    if coordinator is None or starts_at is None or zone is None:
        return None
    given = MeetingGiven(kind, title, starts_at, zone, place, nation, duty_contact, about)
    return given, coordinator


def _coordinator(meeting: Fields) -> CoordinatorGiven | None:
    fields = meeting.mapping("coordinator")
    if fields is None:
        return None
    given = CoordinatorGiven(
        name=fields.text("name", longest=120),
        email=fields.read("email", email, longest=254) or "",
        language=fields.read("language", language, longest=20) or "",
    )
    fields.refuse_unknown()
    return given


def _duty_contact(meeting: Fields) -> str:
    fields = meeting.mapping("duty_contact", required=False)
    if fields is None:
        return ""
    address = fields.read("email", email, longest=254)
    fields.refuse_unknown()
    return address or ""


def _about(meeting: Fields) -> AboutMeeting:
    fields = meeting.mapping("about", required=False)
    if fields is None:
        return NOTHING_WRITTEN
    typed = {name: fields.lines(name, longest=longest) for name, longest in LONGEST.items()}
    fields.refuse_unknown()
    about, _ = read_about(typed)
    return about


def _people(top: Fields, problems: Problems, warnings: list[str]) -> Iterator[PersonGiven]:
    lines: dict[str, int] = {}
    for fields in top.mappings("people", "A person", at_most=MOST_PEOPLE):
        person = _person(fields)
        line = fields.line_of("id")
        if person.id and lines.setdefault(person.id, line) != line:
            problems.append(
                (
                    line,
                    f"id: “{person.id}” is on line {lines[person.id]} already. "
                    "Each person needs an id of their own.",
                )
            )
        _check_age(person, fields, problems)
        odd = (key for key in fields.unread() if key not in _REHEARSED)
        warnings += [f"line {fields.line_of(key)}: “{key}” is not used." for key in odd]
        yield person


def _person(fields: Fields) -> PersonGiven:
    return PersonGiven(
        id=fields.read("id", reference, longest=64) or "",
        name=fields.text("name", longest=120),
        role=fields.one_of("role", tuple(AGES_OF_ROLES)),
        age_band=fields.one_of("age_band", AGE_BANDS),
        language=fields.read("language", language, longest=20) or "",
        channel=fields.one_of("channel", CHANNELS),
        relation=fields.text("relation", longest=200),
        child=fields.text("child", longest=120, required=False),
        may_message=fields.read("may_message", yes_or_no, longest=60, required=False),
    )


def _check_age(person: PersonGiven, fields: Fields, problems: Problems) -> None:
    ages = AGES_OF_ROLES.get(person.role, ())
    if ages and person.age_band and person.age_band not in ages:
        problems.append(
            (
                fields.line_of("age_band"),
                f"age_band: {person.age_band} does not fit the role {person.role}. "
                f"Write {' or '.join(ages)}, or choose another role.",
            )
        )
    if person.channel == "telegram" and not person.may_use_telegram:
        problems.append(
            (
                fields.line_of("channel"),
                "channel: Telegram is for people of 16 and over, by its own terms. "
                "Write web for this person.",
            )
        )
