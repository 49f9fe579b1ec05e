"""Measures the detector on labelled messages: what it hears, and where it is wrong."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from flows.safeguarding.detector import Assessment, assess

ASKED: Final = {"en": (0.90, 0.08), "others": (0.80, 0.10)}
"""Least recall, and highest rate of false alarms: in English, and over all other languages."""


class LabelledUnusable(ValueError):
    """A row that cannot be used; names the row and the column."""


@dataclass(frozen=True)
class Labelled:
    """A made-up message, and what a safeguarding lead says of it."""

    id: str
    language: str
    category: str
    alert: bool
    text: str

    @classmethod
    def read(cls, row: Mapping[str, str | None], number: int) -> "Labelled":
        """Raises LabelledUnusable."""
        values = {}
        for column in ("id", "lang", "category", "label", "text"):
            values[column] = (row.get(column) or "").strip()
            if not values[column]:
                raise LabelledUnusable(f"Row {number} has nothing in the column “{column}”.")
        if values["label"] not in ("alert", "none"):
            raise LabelledUnusable(f"Row {number}: the label must be “alert” or “none”.")
        alert = values["label"] == "alert"
        return cls(values["id"], values["lang"], values["category"], alert, values["text"])


@dataclass(frozen=True)
class Measured:
    """How the detector did on some messages."""

    missed: tuple[Labelled, ...]
    false_alarms: tuple[Labelled, ...]
    alerts: int
    """How many should be heard."""
    others: int

    @property
    def recall(self) -> float:
        return 1 - len(self.missed) / self.alerts if self.alerts else 1.0

    @property
    def false_alarm_rate(self) -> float:
        return len(self.false_alarms) / self.others if self.others else 0.0


def measure(
    messages: Iterable[Labelled], listen: Callable[[str, str], Assessment] = assess
) -> Measured:
    """Assesses each message in its own language."""
    missed, false_alarms, alerts, others = [], [], 0, 0
    for message in messages:
        heard = listen(message.text, message.language).alert
        alerts, others = alerts + message.alert, others + (not message.alert)
        if message.alert and not heard:
            missed.append(message)
        if heard and not message.alert:
            false_alarms.append(message)
    return Measured(tuple(missed), tuple(false_alarms), alerts, others)


def by(
    messages: Iterable[Labelled], key: Callable[[Labelled], str]
) -> dict[str, tuple[Labelled, ...]]:
    """The same messages in groups, such as a language or a category at a time."""
    groups: dict[str, list[Labelled]] = {}
    for message in messages:
        groups.setdefault(key(message), []).append(message)
    return {name: tuple(groups[name]) for name in sorted(groups)}


def good_enough(messages: Iterable[Labelled]) -> bool:
    """Whether each group that a bar is set for reaches it."""
    groups = by(messages, lambda message: "en" if message.language == "en" else "others")
    return all(
        measured.recall >= recall and measured.false_alarm_rate <= rate
        for name, group in groups.items()
        for recall, rate in (ASKED[name],)
        for measured in (measure(group),)
    )
