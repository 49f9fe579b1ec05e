"""Working minutes: week-ends, closed days, and the nights on which the clocks change."""

from datetime import UTC, date, datetime, time

import pytest

from bot.service import (
    Hours,
    Service,
    ServiceFileRefused,
    at_work_until,
    next_at_work,
    read_service_file,
    working_minutes,
)

WEEK = Service()
"""Monday to Friday, nine to five, in London."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-11-27T16:50", "2026-11-30T09:20", 30),
        ("2026-11-28T10:00", "2026-11-29T22:00", 0),
        ("2026-11-23T08:00", "2026-11-23T18:00", 480),
        ("2026-11-23T12:00", "2026-11-23T11:00", 0),
        # Clocks go forward on 28 March 2027: nine in London is 9:00 UTC before and 8:00 after.
        ("2027-03-26T16:30", "2027-03-29T08:30", 60),
        # Clocks go back on 25 October 2026: four in the afternoon UTC is five in London before.
        ("2026-10-23T15:30", "2026-10-26T09:30", 60),
    ],
)
def test_only_what_is_worked_counts(start: str, end: str, minutes: int) -> None:
    assert working_minutes(WEEK, at(start), at(end)) == minutes


def test_a_night_shift_of_changing_clocks_has_the_hour_that_there_was() -> None:
    nights = Service(working_hours={"sunday": Hours(opens=time(0), closes=time(6))})
    assert working_minutes(nights, at("2027-03-27T00:00"), at("2027-03-29T00:00")) == 5 * 60
    assert working_minutes(nights, at("2026-10-24T00:00"), at("2026-10-26T12:00")) == 7 * 60


def test_a_closed_day_is_not_worked() -> None:
    closed = WEEK.model_copy(update={"days_closed": (date(2026, 12, 25), date(2026, 12, 28))})
    assert working_minutes(closed, at("2026-12-24T16:00"), at("2026-12-29T10:00")) == 120
    assert next_at_work(closed, at("2026-12-24T17:00")) == at("2026-12-29T09:00")
    assert at_work_until(closed, at("2026-12-25T10:00")) is None


def test_until_when_and_from_when() -> None:
    assert at_work_until(WEEK, at("2026-11-27T16:59")) == at("2026-11-27T17:00")
    assert at_work_until(WEEK, at("2026-11-27T17:00")) is None
    assert next_at_work(WEEK, at("2026-11-27T17:00")) == at("2026-11-30T09:00")
    assert next_at_work(WEEK, at("2027-03-27T12:00")) == at("2027-03-29T08:00"), "summer time"


def test_a_file_says_what_a_service_says_of_itself() -> None:
    read = read_service_file(
        "timezone: Europe/London\nworking_hours:\n  monday: {opens: 9:00, closes: 18:00}\n"
        "rota:\n  - {name: Rae, email: rae@example.org, always: true}\n",
        "service.yaml",
    )
    assert read.working_hours["monday"].closes == time(18)
    assert read.told_at_once == read.rota


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rota:\n  - {name: Rae, email: nope}\n", "line 2: rota.0.email"),
        ("name: X\ntimezone: Mars\n", "line 2: timezone"),
        ("working_hours:\n  monday: {opens: 9:00, closes: 8:00}\n", "line 2: working_hours"),
        ("colour: red\n", "line 1: colour"),
        ("name: [\n", "line 2"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(ServiceFileRefused, match=told):
        read_service_file(text, "service.yaml")
