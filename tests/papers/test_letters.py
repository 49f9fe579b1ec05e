"""Letters: whatever somebody writes, in whatever script, comes out as it was written."""

import traceback
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
import typst

from bot.summaries.documents.docx import docx as as_docx
from bot.summaries.documents.pdf import BOX, Press, Refused
from bot.summaries.documents.pdf import pdf as as_pdf
from bot.summaries.documents.structure import Card, Document, Item, Section, Words
from bot.summaries.sentences import Sentences
from tests.coordinator.household import LIBRARY
from tests.papers.reading import read_pdf, runs_in, text_in_docx

OURS = Press()
"""Without the machine's fonts."""


def a_paper(*said: Words) -> Document:
    items = tuple(Item(heading=f"Answer {at}", words=(one,)) for at, one in enumerate(said))
    return Document(
        title="Paper",
        heading="Somebody",
        language="en",
        shape="sheet",
        about_boxes=Sentences(LIBRARY.wording, "en").about_boxes(),
        sections=(Section("Said", items),),
    )


MARKUP = (
    '#read("/etc/passwd") #panic() #sys.inputs',
    "*bold* _slanted_ $x^2$ `raw` <b>b</b> &amp; @ref \\ \\u{41} // not a comment /* nor this */",
    "= not a heading\n- not a list\n[no link](http://x)",
    "</w:t><w:p/>{{ 7*7 }}{% x %} %s %(name)s",
)


@pytest.mark.parametrize("said", MARKUP)
def test_what_looks_like_markup_comes_out_letter_for_letter(said: str) -> None:
    paper = a_paper(Words(said, "en", "ltr"))
    assert said in text_in_docx(as_docx(paper))
    assert " ".join(said.split()) in read_pdf(as_pdf(paper)).text


LANGUAGES = {
    "cy": "Dw i'n clywed nhw trwy'r wal ac yn ymuno, ŵyr â thŷ bach.",
    "pl": "Żeby dzieci zostały w domu i żeby ktoś pomógł z grzybem na ścianie.",
    "ro": "Nu sunt mama lui, dar eu îl aștept cu lumina aprinsă, și țin minte.",
    "pt": "Não sei o que é melhor para a criança, só quero ajudar a família.",
    "so": "Waxaan rabaa in carruurtu guriga joogaan.",
    "uk": "Я хочу, щоб діти жили вдома, їм тут добре, і ґанок наш.",
    "bn": "আমি চাই বাচ্চারা বাড়িতে থাকুক।",
    "en": "ok 🥞 then 👍",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_can_be_read_and_copied(language: str) -> None:
    said = LANGUAGES[language]
    read = read_pdf(OURS.pdf(a_paper(Words(said, language, "ltr"))))
    assert read.says_accessible
    assert language in read.languages
    assert said in read.text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ar", "تومك يعرف أسماء كل النجوم، ويسمي القمر فانوس الجدة."),
        ("ur", "کوئی اسے ڈراتا ہے۔ وہ دروازے کی طرف پیٹھ نہیں کرتا۔"),
    ],
)
def test_right_to_left_words_are_drawn_by_our_own_fonts_and_marked(
    language: str, said: str
) -> None:
    """Readers of PDF put these letters into an order of their own; that each is there, with a
    shape, is what a strict compiler without the machine's fonts vouches for."""
    paper = a_paper(Words(said, language, "rtl"))
    read = read_pdf(OURS.pdf(paper))
    assert set(said) - {" "} <= read.letters
    assert language in read.languages
    assert runs_in(as_docx(paper))[said[:12]] == (language, True)


def test_a_letter_that_no_font_has_becomes_a_box_and_the_paper_says_so() -> None:
    with pytest.raises(Refused) as refused:
        OURS.pdf(a_paper(Words("\U0010fffd", "en", "ltr")))
    assert "\U0010fffd" not in "".join(traceback.format_exception(refused.value))  # promise P27
    read = read_pdf(as_pdf(a_paper(Words("before \U0010fffd after \U0010fffc", "en", "ltr"))))
    assert f"before {BOX} after {BOX}" in read.text
    assert "A box (□) is a letter that this paper cannot show." in read.text
    assert read.says_accessible


@pytest.mark.parametrize("shape", ["sheet", "cards"])
def test_a_word_without_an_end_does_not_run_off_the_paper(shape: Literal["sheet", "cards"]) -> None:
    said = Words("noooo" + "o" * 600 + " https://example.org/" + "a/" * 60, "en", "ltr")
    paper = replace(a_paper(said), shape=shape, cards=(Card("Kit", Item(words=(said,))),))
    inside = read_pdf(OURS.pdf(paper)).text  # what lies within the edges of the page
    assert (inside.count("o") >= 2 * 604, inside.count("a/")) == (True, 120)


def test_control_codes_stop_no_paper() -> None:
    said = "before\x00\x07\x1b\ufffe\ud800after"
    paper = a_paper(Words(said, "en", "ltr"))
    assert "beforeafter" in read_pdf(as_pdf(paper)).text
    assert "beforeafter" in text_in_docx(as_docx(paper))


def test_the_compiler_finds_templates_and_fonts_inside_the_package() -> None:
    here = Path(as_pdf.__code__.co_filename).parent
    assert (here / "typst" / "paper.typ").is_file()
    assert (here / "fonts" / "OFL.txt").is_file()
    families = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(here / "fonts")]
    ).families()
    assert {"Noto Sans", "Noto Sans Arabic", "Noto Nastaliq Urdu", "Noto Sans Bengali"} <= set(
        families
    )
