"""A clock that a test moves on: standing still at a given moment, or real time with a shift."""

from datetime import UTC, datetime, timedelta


class MovableClock:
    """Gives the time when called. With `start` it stands still until it is moved."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start
        self._shift = timedelta()

    def __call__(self) -> datetime:
        return (self._start or datetime.now(UTC)) + self._shift

    def move(self, by: timedelta) -> None:
        self._shift += by
