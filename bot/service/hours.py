"""Working minutes: counted on the service's own clocks, closed days and changing clocks included.

Each day's hours are turned into two instants first, so that a night on which the clocks change
makes no minute more or less than were worked.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.service.settings import WEEKDAYS, Service

_LOOK_AHEAD_DAYS = 366


def at_work_until(service: Service, now: datetime) -> datetime | None:
    """Until when somebody is at work today; None where nobody is at work now."""
    day = now.astimezone(ZoneInfo(service.timezone)).date()
    hours = _hours(service, day)
    return hours[1] if hours is not None and hours[0] <= now < hours[1] else None


def at_work_since(service: Service, now: datetime) -> datetime | None:
    """Since when somebody is at work today; None where nobody is at work now."""
    day = now.astimezone(ZoneInfo(service.timezone)).date()
    hours = _hours(service, day)
    return hours[0] if hours is not None and hours[0] <= now < hours[1] else None


def next_at_work(service: Service, now: datetime) -> datetime | None:
    """When somebody comes to work next; None where nobody does within a year."""
    first = now.astimezone(ZoneInfo(service.timezone)).date()
    for ahead in range(_LOOK_AHEAD_DAYS):
        hours = _hours(service, first + timedelta(days=ahead))
        if hours is not None and hours[0] > now:
            return hours[0]
    return None


def working_minutes(service: Service, start: datetime, end: datetime) -> int:
    """Whole working minutes between two instants; 0 where the end is not after the start."""
    worked = timedelta()
    for opens, closes in _spans(service, start, end):
        worked += max(min(closes, end) - max(opens, start), timedelta())
    return int(worked / timedelta(minutes=1))


def _spans(service: Service, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    zone = ZoneInfo(service.timezone)
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        if (hours := _hours(service, day)) is not None:
            yield hours
        day += timedelta(days=1)


def _hours(service: Service, day: date) -> tuple[datetime, datetime] | None:
    hours = service.working_hours.get(WEEKDAYS[day.weekday()])
    if hours is None or day in service.days_closed:
        return None
    zone = ZoneInfo(service.timezone)
    return (
        datetime.combine(day, hours.opens, zone).astimezone(UTC),
        datetime.combine(day, hours.closes, zone).astimezone(UTC),
    )
