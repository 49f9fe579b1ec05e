"""A document before it has a shape: what stands in it, in what order, and which words are whose.
PDF and DOCX are both made from this, and from nothing else."""

from dataclasses import dataclass
from typing import Literal

from bot.summaries.documents.pictures import Picture
from bot.summaries.entries import Direction, Piece


@dataclass(frozen=True)
class Words:
    """Someone's own, letter for letter, or what they tapped, in the reader's language."""

    text: str
    language: str
    """Empty where it is not known."""
    direction: Direction


@dataclass(frozen=True)
class Tick:
    """Something to do, with a box before it."""

    sentence: str
    is_done: bool


@dataclass(frozen=True)
class Item:
    """One answer, or one thing to know, under its heading."""

    heading: str = ""
    marks: tuple[str, ...] = ()
    """A word or two beside the heading, such as "New"."""
    lines: tuple[str, ...] = ()
    """Ours: what was tapped, how it was left, what a scale's ends mean."""
    ticks: tuple[Tick, ...] = ()
    words: tuple[Words, ...] = ()
    pictures: tuple[Picture, ...] = ()
    notes: tuple[str, ...] = ()
    """Small, after the words: who may hear it, who says it."""
    warning: str = ""
    """What must not reach whom."""


@dataclass(frozen=True)
class Section:
    title: str
    items: tuple[Item, ...]
    columns: int = 1
    """How many answers may stand side by side."""


@dataclass(frozen=True)
class Table:
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], ...], ...]
    """Each cell is its lines. The first cell of a row names whom it is about."""


@dataclass(frozen=True)
class Card:
    """One shared answer, to be cut out."""

    name: str
    """Empty on the wall."""
    item: Item


@dataclass(frozen=True)
class Letter:
    """One person's page, in their own language."""

    language: str
    greeting: str
    before: tuple[str, ...]
    square: bytes
    """SVG."""
    about_square: str
    address: str
    after: tuple[str, ...]
    signed: str


@dataclass(frozen=True)
class Document:
    """One paper.

    Args:
        title: what it is called where files are listed: it names nobody.
        heading: the first line on it, which may be somebody's name.
        only_for: who alone may have it, in one sentence; empty where it may be handed round.
        lead: under the heading, one line each.
        notice: something that must be seen before all the rest, and is no danger.
        safety: what the safety box holds.
        closing: small print.
        about_boxes: what a box in place of a letter means, where there has to be one.
    """

    title: str
    heading: str
    language: str
    shape: Literal["summary", "roundup", "sheet", "cards", "letters"]
    about_boxes: str
    only_for: str = ""
    lead: tuple[str, ...] = ()
    notice: tuple[str, ...] = ()
    safety: Section | None = None
    safety_note: str = ""
    sections: tuple[Section, ...] = ()
    table: Table | None = None
    cards: tuple[Card, ...] = ()
    letters: tuple[Letter, ...] = ()
    closing: tuple[str, ...] = ()


def words_of(piece: Piece) -> Words:
    return Words(piece.text, piece.language, piece.direction)
