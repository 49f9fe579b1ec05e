"""The copy that can be handed round in the meeting. It is made from `MeetingCopy` alone, whose
types cannot hold what was not shared; nothing of the coordinator's copy comes in here (P24)."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.summaries.entries import Piece, Reader, heading_of, labels_of, pieces_of
from flows.answers import Speaker
from flows.library import Library
from flows.review import MeetingCopy, SharedItem
from flows.wording import SOURCE_LANGUAGE


@dataclass(frozen=True)
class Shared:
    """What one person shared with the meeting."""

    name: str
    copy: MeetingCopy
    language: str = SOURCE_LANGUAGE
    """Theirs, whether we speak it or not."""


@dataclass(frozen=True)
class Line:
    heading: str
    """Empty on the wall: a question may give away who was asked it."""
    labels: tuple[str, ...]
    pieces: tuple[Piece, ...]
    says: Speaker


@dataclass(frozen=True)
class Voice:
    """One person's lines, under their name."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class LeftOut:
    """Shared, but not with everybody who may get this copy. For the coordinator's screen only."""

    name: str
    count: int


@dataclass(frozen=True)
class CopyForTheMeeting:
    voices: tuple[Voice, ...]
    wall: tuple[Line, ...]
    """Without names, in an order that says nothing."""
    left_out: tuple[LeftOut, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        return (*(line for voice in self.voices for line in voice.lines), *self.wall)


def copy_for_the_meeting(
    everybody: Sequence[Shared], library: Library, language: str
) -> CopyForTheMeeting:
    """What may be handed to everyone in the room, with headings in `language`.

    An answer that must not reach somebody is left out, as that somebody may be in the room: it is
    said by word of mouth, from the summary.
    """
    reader = Reader(library.wording, language)
    voices, wall, left_out = [], [], []
    for person in everybody:
        lines = []
        held_back = 0
        for item in person.copy.items:
            if item.not_to:
                held_back += 1
            elif item.says is Speaker.ON_THE_WALL:
                wall.append(_line(person, item, library, reader))
            else:
                lines.append(_line(person, item, library, reader))
        if lines:
            voices.append(Voice(person.name, tuple(lines)))
        if held_back:
            left_out.append(LeftOut(person.name, held_back))
    return CopyForTheMeeting(tuple(voices), tuple(sorted(wall, key=_by_words)), tuple(left_out))


def _line(person: Shared, item: SharedItem, library: Library, reader: Reader) -> Line:
    machine = library.version(person.copy.flow, person.copy.version)
    on_the_wall = item.says is Speaker.ON_THE_WALL
    return Line(
        heading="" if on_the_wall else heading_of(machine, item.step, reader),
        labels=labels_of(machine, item.step, item.chosen, reader),
        pieces=pieces_of(item.parts, item.language, person.language, reader),
        says=item.says,
    )


def _by_words(line: Line) -> tuple[str, ...]:
    return (*line.labels, *(piece.text for piece in line.pieces))
