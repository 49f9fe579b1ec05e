"""One answer as a page shows it: the person's words letter for letter, with their language and
direction; headings and option labels in the reader's language. No rows, no markup."""

import unicodedata
from dataclasses import dataclass
from typing import Literal

from flows.answers import How, Part, Speaker
from flows.machine import FlowMachine
from flows.review import Item, option_label
from flows.schema import Ask, Audience, Faces, Scale, Section
from flows.wording import SOURCE_LANGUAGE, Wording, right_to_left

Direction = Literal["ltr", "rtl"]


@dataclass(frozen=True)
class Reader:
    """Whom a page is for: the language of its headings."""

    wording: Wording
    language: str

    def say(self, text: str, machine: FlowMachine) -> str:
        """A text of a flow file."""
        return self.wording.text(text, machine.flow.audience, self.language)

    def tongue(self, text: str, said: str, own: str) -> str:
        """What language somebody's words are in; empty where nobody knows. Whoever's own we do not
        speak has the chat in English, and writes in whichever of the two comes to them: letters
        that run from right to left are their own, such as Urdu, which wants letters of its own.

        Args:
            said: the chat's language as they said it.
            own: theirs, as the coordinator noted it.
        """
        if said != SOURCE_LANGUAGE or self.wording.speaks(own):
            return said
        return own if right_to_left(own) and direction_of(text, "") == "rtl" else ""


@dataclass(frozen=True)
class Piece:
    """One piece of an answer, letter for letter."""

    kind: Literal["words", "person", "voice", "picture", "file"]
    text: str
    language: str
    """Empty where it is not known."""
    direction: Direction
    attachment: str = ""
    seconds: int = 0
    """Length of a voice message, in seconds."""


@dataclass(frozen=True)
class Anchors:
    """What the two ends of a scale mean."""

    low: str
    high: str


@dataclass(frozen=True)
class Entry:
    """One answer in the coordinator's copy."""

    step: str
    heading: str
    section: Section | None
    how: How
    labels: tuple[str, ...]
    pieces: tuple[Piece, ...]
    says: Speaker | None
    """None: only the coordinator hears it."""
    not_to: tuple[str, ...]
    locked: bool
    anchors: Anchors | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.labels or self.pieces)


def entry(machine: FlowMachine, item: Item, reader: Reader, own: str) -> Entry:
    """An answer under its heading. `own`: the language of whoever gave it."""
    step = machine.steps.get(item.step)
    answer = item.answer
    shared = not item.locked and answer.sharing.hears == "meeting"
    return Entry(
        step=item.step,
        heading=heading_of(machine, item.step, reader),
        section=step.section if isinstance(step, Ask) else None,
        how=answer.how,
        labels=labels_of(machine, item.step, answer.chosen, reader),
        pieces=pieces_of(answer.parts, answer.language, own, reader),
        says=answer.sharing.says if shared else None,
        not_to=answer.sharing.not_to,
        locked=item.locked,
        anchors=_anchors(machine, step, reader) if isinstance(step, Ask) else None,
    )


def heading_of(machine: FlowMachine, step_id: str, reader: Reader) -> str:
    """What an answer is called; the step's id where a flow no longer says."""
    step = machine.steps.get(step_id)
    heading = step.heading if isinstance(step, Ask) else ""
    return reader.say(heading, machine) if heading else step_id


def labels_of(
    machine: FlowMachine, step_id: str, chosen: tuple[str, ...], reader: Reader
) -> tuple[str, ...]:
    """What was tapped, in the reader's words."""
    step = machine.steps.get(step_id)
    if not isinstance(step, Ask):
        return chosen
    audience: Audience = machine.flow.audience
    return tuple(
        option_label(step, option, audience, reader.language, reader.wording) for option in chosen
    )


def pieces_of(parts: tuple[Part, ...], said: str, own: str, reader: Reader) -> tuple[Piece, ...]:
    """An answer's parts, unchanged. `said` and `own`: as of `Reader.tongue`."""
    return tuple(
        Piece(
            kind=part.kind,
            text=part.text,
            language=(language := reader.tongue(part.text, said, own)),
            direction=direction_of(part.text, language),
            attachment=part.attachment,
            seconds=part.seconds,
        )
        for part in parts
    )


def direction_of(text: str, language: str) -> Direction:
    """Which way a text runs: as most of its letters do, for people answer in whatever language
    comes to them; as its language does where no letter says (a number, an emoji)."""
    balance = 0
    for letter in text:
        way = unicodedata.bidirectional(letter)
        if way in ("R", "AL"):
            balance -= 1
        elif way == "L":
            balance += 1
    if balance:
        return "ltr" if balance > 0 else "rtl"
    return "rtl" if language and right_to_left(language) else "ltr"


def _anchors(machine: FlowMachine, step: Ask, reader: Reader) -> Anchors | None:
    kind = step.answer
    if isinstance(kind, Scale):
        return Anchors(reader.say(kind.low, machine), reader.say(kind.high, machine))
    if isinstance(kind, Faces):
        return Anchors(reader.say(kind.words[0], machine), reader.say(kind.words[4], machine))
    return None
