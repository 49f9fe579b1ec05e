"""What a service says of itself: hours, closed days, who is told of an alert in which order, where
it works, in which languages, how long it keeps things, and what it reminds of."""

from datetime import date, time
from typing import ClassVar, Literal, Self, get_args
from zoneinfo import available_timezones

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bot.helplines import NATIONS, Nation
from bot.privacy.days import Retention
from flows.wording import SOURCE_LANGUAGE

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


class _Given(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Hours(_Given):
    """Of one day, on the clocks of the service's own zone."""

    opens: time
    closes: time

    @field_validator("opens", "closes", mode="before")
    @classmethod
    def _as_written(cls, given: object) -> object:
        """ "9:00" is how people write it."""
        return f"0{given}" if isinstance(given, str) and given[1:2] == ":" else given

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("opens must come before closes, on the same day")
        return self


class Contact(_Given):
    """Somebody who acts on alerts."""

    name: str = Field(min_length=1)
    email: str = Field(pattern=r"^[^@\s<>,;:]+@[^@\s<>,;:]+\.[^@\s<>,;:]+$")
    language: str = "en"
    always: bool = False
    """A team that is there out of hours too: told at once, whenever it is."""


class Service(_Given):
    """All of it. Kept sealed in the one row of the table `service`."""

    name: str = ""
    timezone: str = "Europe/London"
    working_hours: dict[Weekday, Hours] = Field(
        default_factory=lambda: {
            day: Hours(opens=time(9), closes=time(17)) for day in WEEKDAYS[:5]
        },
        min_length=1,
    )
    days_closed: tuple[date, ...] = ()
    rota: tuple[Contact, ...] = ()
    """Who is told next, in this order, when nobody acknowledges an alert."""
    manager: Contact | None = None
    """Told last, and again and again."""
    acknowledge_within_minutes: int = Field(default=30, ge=5, le=480)
    """Working minutes that each has before the next is told."""
    nations: tuple[Nation, ...] = Field(default=NATIONS, min_length=1)
    """Where its meetings are."""
    languages: tuple[str, ...] = ()
    """What people may choose to chat in, beside English; all that there are when empty."""
    keep_drafts_days: int | None = Field(default=None, ge=1, le=90)
    keep_drafts_after_meeting_days: int | None = Field(default=None, ge=1, le=90)
    keep_sent_days: int | None = Field(default=None, ge=1, le=365)
    """As `bot.privacy.days` explains each; what the operator has set where it is None."""
    reminders: bool = True
    """Two gentle ones at most, to those who said yes to messages."""
    roundup_hours_before: int | None = Field(default=None, ge=1, le=336)
    """When the roundup is due, in hours before the meeting; as the operator has set when None."""
    helplines_confirmed: dict[str, date] = Field(default_factory=dict)
    """By a line's name: the day on which this service rang it."""

    @field_validator("timezone")
    @classmethod
    def _known(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError("not a time zone; such as Europe/London")
        return zone

    def days(self, operators: Retention) -> Retention:
        """For how long things are kept here."""
        own = {
            name: days
            for name in ("keep_drafts_days", "keep_drafts_after_meeting_days", "keep_sent_days")
            if (days := getattr(self, name)) is not None
        }
        return Retention(**{**operators.model_dump(include=set(Retention.model_fields)), **own})

    def offers(self, spoken: tuple[str, ...]) -> tuple[str, ...]:
        """Of the languages that are spoken, those that people may choose."""
        chosen = {SOURCE_LANGUAGE, *self.languages}
        return tuple(one for one in spoken if one in chosen) if self.languages else spoken

    @property
    def told_at_once(self) -> tuple[Contact, ...]:
        return tuple(one for one in self.rota if one.always)

    @property
    def in_turn(self) -> tuple[Contact, ...]:
        """The rota, without those who were told at once, and the manager at its end."""
        rota = tuple(one for one in self.rota if not one.always)
        return (*rota, self.manager) if self.manager is not None else rota


class ServiceFileRefused(ValueError):
    """A service file that cannot be used: each field, its line, and what to do."""

    code: ClassVar[str] = "service_file_refused"


def read_service_file(text: str, name: str) -> Service:
    """Reads a service from YAML. Raises ServiceFileRefused."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        given = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - text only: "on" and 9:00 stay so
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        raise ServiceFileRefused(
            f"{name}, line {line}: this is not YAML. Check the indentation and the quotes."
        ) from None
    if not isinstance(given, dict):
        raise ServiceFileRefused(f"{name}, line 1: begin with a field, such as “name: …”.")
    try:
        return Service.model_validate(given)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        raise ServiceFileRefused(
            "\n".join(
                f"{name}, line {_line(node, one['loc'])}: "
                f"{'.'.join(map(str, one['loc']))}: {one['msg']}. Change it and set the file again."
                for one in problems
            )
        ) from None


def _line(node: yaml.Node | None, place: tuple[int | str, ...]) -> int:
    """The line of a field, or of what should hold it."""
    line = node.start_mark.line + 1 if node is not None else 1
    for step in place:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(step)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line
