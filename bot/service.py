"""The service as it is set up by the people who run it: when they are at work, and who is told of
danger after whom. Read from one sealed row; written with `beforehand service set`.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from sqlalchemy.orm import Session

from bot.store.models import ServiceRow
from bot.store.sealing import KeyRing

OWNER = UUID(int=0x5EC)
"""Whose data key seals the row: nobody's but the service's."""

_LOOK_AHEAD = timedelta(days=60)
"""No office is closed for longer."""

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_WEEKDAYS: tuple[Weekday, ...] = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("must be a time zone such as Europe/London")
    return name


class _Given(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Contact(_Given):
    """Someone who acts on alerts."""

    name: str = Field(min_length=1, max_length=200)
    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)
    language: str = "en"


class Hours(_Given):
    """When people are at work on one day. Times of the service's own zone."""

    opens: time
    closes: time

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("opens must come before closes")
        return self


_OFFICE = Hours(opens=time(9), closes=time(17))


class Service(_Given):
    """Everything that one service decides for itself about alerts."""

    name: str = ""
    timezone: Annotated[str, AfterValidator(_zone)] = "Europe/London"
    hours: dict[Weekday, Hours] = dict.fromkeys(_WEEKDAYS[:5], _OFFICE)
    closed: frozenset[date] = frozenset()
    """Bank holidays, and other days on which nobody is at work."""
    rota: tuple[Contact, ...] = ()
    """Who is told next, when nobody has acknowledged an alert."""
    manager: Contact | None = None
    """Told after the rota, and again until somebody acts."""
    out_of_hours: Contact | None = None
    """A team that is always there: told at once, by day and by night."""
    confirmed: dict[str, date] = {}
    """Helplines by name, and the day on which somebody of the service last rang them."""
    acknowledge_within_minutes: int = Field(default=30, ge=5, le=480)
    """Working minutes."""

    def at_work_until(self, now: datetime) -> datetime | None:
        """When the working hours that run now end; None outside of them."""
        return next((end for start, end in self._spans(now) if start <= now < end), None)

    def at_work_from(self, now: datetime) -> datetime | None:
        """When people are next at work; None where they are now, or never."""
        if self.at_work_until(now) is not None:
            return None
        return next((start for start, _ in self._spans(now) if start > now), None)

    def after_working_minutes(self, start: datetime, minutes: int) -> datetime:
        """The moment when so many working minutes have gone by. Where nobody is ever at work,
        every minute counts."""
        left = timedelta(minutes=minutes)
        for opens, closes in self._spans(start):
            begin = max(opens, start)
            if closes - begin >= left:
                return begin + left
            left -= max(closes - begin, timedelta())
        return start + left

    def _spans(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working hours from today on, in UTC: whole again on the days when clocks change."""
        zone = ZoneInfo(self.timezone)
        day = now.astimezone(zone).date()
        last = day + _LOOK_AHEAD
        while day < last:
            hours = self.hours.get(_WEEKDAYS[day.weekday()])
            if hours is not None and day not in self.closed:
                opens = datetime.combine(day, hours.opens, zone).astimezone(UTC)
                closes = datetime.combine(day, hours.closes, zone).astimezone(UTC)
                if closes > now:
                    yield opens, closes
            day += timedelta(days=1)


class Remembered:
    """The service, looked up again after a minute: it hardly ever changes."""

    def __init__(self) -> None:
        self._read: tuple[datetime, Service] | None = None

    def now(self, session: Session, ring: KeyRing, now: datetime) -> Service:
        if self._read is None or not timedelta() <= now - self._read[0] < timedelta(minutes=1):
            self._read = (now, read_service(session, ring))
        return self._read[1]


def read_service(session: Session, ring: KeyRing) -> Service:
    """The service as it stands; the defaults before anything was set."""
    row, seal = session.get(ServiceRow, OWNER), ring.find(OWNER)
    if row is None or seal is None:
        return Service()
    return Service.model_validate_json(seal.open("service", row.id, "sealed_body", row.sealed_body))


def write_service(session: Session, ring: KeyRing, service: Service) -> None:
    """From now on it is so."""
    seal = ring.find(OWNER) or ring.create(OWNER)
    body = seal.close("service", OWNER, "sealed_body", service.model_dump_json())
    session.merge(ServiceRow(id=OWNER, sealed_body=body))
