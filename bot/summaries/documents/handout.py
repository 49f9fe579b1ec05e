"""What may be handed round in the meeting, on paper: a sheet, and cards to be cut out. Both are
made from the meeting copy alone; nothing of the coordinator's comes in here (promise P24)."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.summaries.documents.pictures import Pictures, enclosed_in
from bot.summaries.documents.structure import Card, Document, Item, Section, words_of
from bot.summaries.meeting_copy import CopyForTheMeeting, Line
from bot.summaries.sentences import Sentences


@dataclass(frozen=True)
class Occasion:
    """The meeting, as everybody in it knows it."""

    title: str
    when: str
    place: str
    made: str
    """How old the paper is."""


def copy_sheet(
    copy: CopyForTheMeeting,
    occasion: Occasion,
    sentences: Sentences,
    pictures: Pictures | None = None,
) -> Document:
    """Each shared answer under the name of who sent it, with who says it."""
    gettext = sentences.gettext
    voices = [
        Section(voice.name, tuple(_item(line, sentences, pictures or {}) for line in voice.lines))
        for voice in copy.voices
    ]
    if copy.wall:
        wall = tuple(_item(line, sentences, pictures or {}) for line in copy.wall)
        voices.append(Section(gettext("On the wall"), wall))
    return Document(
        title=gettext("Meeting copy"),
        heading=occasion.title,
        language=sentences.language,
        shape="sheet",
        about_boxes=sentences.about_boxes(),
        lead=tuple(filter(None, (occasion.when, occasion.place))),
        notice=() if voices else (_nothing(sentences),),
        sections=tuple(voices),
        closing=(_chosen(sentences), occasion.made) if voices else (occasion.made,),
    )


def copy_cards(
    copy: CopyForTheMeeting,
    occasion: Occasion,
    sentences: Sentences,
    pictures: Pictures | None = None,
) -> Document:
    """Each shared answer on a card of its own."""
    gettext = sentences.gettext
    cards = tuple(_cards(copy, sentences, pictures or {}))
    return Document(
        title=gettext("Cards for the meeting"),
        heading=gettext("Cards for the meeting"),
        language=sentences.language,
        shape="cards",
        about_boxes=sentences.about_boxes(),
        lead=(occasion.title, occasion.when, occasion.made),
        notice=() if cards else (_nothing(sentences),),
        cards=cards,
    )


def _cards(copy: CopyForTheMeeting, sentences: Sentences, pictures: Pictures) -> Iterator[Card]:
    for voice in copy.voices:
        for line in voice.lines:
            yield Card(voice.name, _item(line, sentences, pictures))
    for line in copy.wall:
        yield Card("", _item(line, sentences, pictures))


def _item(line: Line, sentences: Sentences, pictures: Pictures) -> Item:
    enclosed = enclosed_in(line.pieces, pictures, sentences)
    return Item(
        heading=line.heading,
        lines=(*line.labels, *enclosed.lines),
        words=tuple(words_of(piece) for piece in line.pieces if piece.text),
        pictures=enclosed.pictures,
        notes=tuple(filter(None, (sentences.who_says(line.says),))),
    )


def _nothing(sentences: Sentences) -> str:
    return sentences.gettext("Nobody has shared anything with the meeting yet.")


def _chosen(sentences: Sentences) -> str:
    return sentences.gettext(
        "Only what people chose to share with the meeting, in their own words."
    )
