"""Documents as DOCX, for coordinators who keep them in records of their own: the same structure as
the PDF, with language and direction marked on every paragraph and run."""

from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

import docx as word
from docx.document import Document as File
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Emu, Mm, Pt, RGBColor
from docx.styles.style import BaseStyle
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from bot.summaries.documents.pdf import writable
from bot.summaries.documents.pictures import Picture
from bot.summaries.documents.structure import Card, Document, Item, Section, Table
from bot.summaries.entries import Direction, direction_of
from flows.wording import right_to_left

_ALARM: Final = RGBColor(0xB3, 0x00, 0x1E)
_CALM: Final = RGBColor(0x0B, 0x4F, 0x4A)
_QUIET: Final = RGBColor(0x48, 0x4F, 0x54)
_LINE: Final = RGBColor(0xB1, 0xB4, 0xB6)
_LATIN: Final = "Noto Sans"
_COMPLEX: Final = {"ur": "Noto Nastaliq Urdu", "bn": "Noto Sans Bengali"}
"""Fonts for letters that join; Arabic's own for all others. A machine that lacks them takes its
own."""
_NOT_KNOWN: Final = "x-none"
"""What Word writes of a run that is in no language: no speller marks it."""
_WIDEST: Final = Mm(150)
"""A picture."""
_SAME_EVERY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""When the file says that it was made: nothing about the person who took it away."""


def docx(document: Document) -> bytes:
    """The document as a word processor opens it."""
    return _Writer(document).written()


@dataclass(frozen=True)
class _Look:
    bold: bool = False
    small: bool = False
    colour: RGBColor | None = None
    framed: bool = False
    """Stands in the safety box."""
    quoted: bool = False


class _Writer:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._file: File = word.Document()
        self._way: Direction = "rtl" if right_to_left(document.language) else "ltr"

    def written(self) -> bytes:
        document = self._document
        self._prepare()
        if document.only_for:
            self._ours(document.only_for, _Look(bold=True, small=True, colour=_ALARM))
        self._heading(document.heading, 1)
        for line in document.lead:
            self._ours(line, _Look(small=True, colour=_QUIET))
        for line in document.notice:
            self._ours(line, _Look(bold=True))
        if document.safety:
            self._safety(document.safety)
        for section in document.sections:
            self._section(section)
        if document.table:
            self._table(document.table)
        for card in document.cards:
            self._card(card)
        for line in document.closing:
            self._ours(line, _Look(small=True, colour=_QUIET))
        out = BytesIO()
        self._file.save(out)
        return out.getvalue()

    def _prepare(self) -> None:
        about = self._file.core_properties
        about.title, about.author = writable(self._document.title), "Beforehand"
        about.language, about.comments = self._document.language, ""
        about.created = about.modified = _SAME_EVERY_TIME
        page = self._file.sections[0]
        page.page_width, page.page_height = Mm(210), Mm(297)
        if self._document.shape == "roundup":
            page.orientation = WD_ORIENT.LANDSCAPE
            page.page_width, page.page_height = Mm(297), Mm(210)
        page.left_margin = page.right_margin = Mm(18)
        page.top_margin = page.bottom_margin = Mm(16)
        style = self._file.styles["Normal"]
        style.paragraph_format.space_after = Pt(3)
        style.font.name = _LATIN
        _sized(style, 10)
        for level, size in ((1, 20), (2, 13), (3, 10)):
            heading = self._file.styles[f"Heading {level}"]
            heading.font.bold = True
            _sized(heading, size)
            heading.paragraph_format.space_before = Pt(8 if level < 3 else 4)
            heading.paragraph_format.space_after = Pt(2)

    def _safety(self, safety: Section) -> None:
        framed = _Look(framed=True)
        self._heading(safety.title, 2, _Look(framed=True, colour=_ALARM))
        self._ours(self._document.safety_note, _Look(framed=True, small=True, colour=_QUIET))
        for item in safety.items:
            self._item(item, framed)

    def _section(self, section: Section) -> None:
        self._heading(section.title, 2)
        for item in section.items:
            self._item(item, _Look())

    def _card(self, card: Card) -> None:
        if card.name:
            self._heading(card.name, 2)
        self._item(card.item, _Look())

    def _item(self, item: Item, look: _Look) -> None:
        framed = look.framed
        if item.heading:
            marked = " ".join((item.heading, *(f"[{mark}]" for mark in item.marks)))
            self._heading(marked, 3, look)
        for line in item.lines:
            self._ours(line, look)
        for tick in item.ticks:
            self._ours(f"{'☑' if tick.is_done else '☐'} {tick.sentence}", look)
        for words in item.words:
            shown = _Look(framed=framed, quoted=True)
            paragraph = self._new(words.direction)
            self._written(paragraph, words.text, words.language, words.direction, shown)
        for picture in item.pictures:
            self._picture(picture)
        for note in item.notes:
            self._ours(note, _Look(small=True, colour=_QUIET, framed=framed))
        if item.warning:
            self._ours(item.warning, _Look(bold=True, colour=_ALARM, framed=framed))

    def _picture(self, picture: Picture) -> None:
        drawn = self._new(self._way).add_run().add_picture(BytesIO(picture.jpeg), height=Mm(42))
        if drawn.width > _WIDEST:
            drawn.width, drawn.height = _WIDEST, Emu(drawn.height * _WIDEST // drawn.width)
        drawn._inline.docPr.set("descr", writable(picture.about))

    def _table(self, table: Table) -> None:
        self._heading(table.title, 2)
        drawn = self._file.add_table(rows=1, cols=len(table.head), style="Table Grid")
        if self._way == "rtl":
            drawn._tbl.tblPr.insert(1, OxmlElement("w:bidiVisual"))  # after its style
        _mark(drawn.rows[0]._tr.get_or_add_trPr(), "w:tblHeader")
        for cell, title in zip(drawn.rows[0].cells, table.head, strict=True):
            self._cell(cell, (title,), bold=True)
        for row in table.rows:
            cells = drawn.add_row().cells
            for at, (cell, lines) in enumerate(zip(cells, row, strict=True)):
                self._cell(cell, lines, bold=at == 0)

    def _cell(self, cell: _Cell, lines: tuple[str, ...], *, bold: bool) -> None:
        for at, line in enumerate(lines):
            paragraph = cell.paragraphs[0] if at == 0 else cell.add_paragraph()
            self._turn(paragraph, self._way)
            self._write_ours(paragraph, line, _Look(bold=bold and at == 0))

    def _heading(self, text: str, level: int, look: _Look | None = None) -> None:
        paragraph = self._new(self._way, f"Heading {level}")
        look = look or _Look(colour=_CALM if level == 2 else None)
        self._write_ours(paragraph, text, _Look(bold=True, colour=look.colour, framed=look.framed))

    def _ours(self, text: str, look: _Look) -> None:
        self._write_ours(self._new(self._way), text, look)

    def _new(self, direction: Direction, style: str | None = None) -> Paragraph:
        paragraph = self._file.add_paragraph(style=style)
        self._turn(paragraph, direction)
        return paragraph

    def _turn(self, paragraph: Paragraph, direction: Direction) -> None:
        if direction == "rtl":
            _mark(paragraph._p.get_or_add_pPr(), "w:bidi")

    def _write_ours(self, paragraph: Paragraph, text: str, look: _Look) -> None:
        language = self._document.language
        self._written(paragraph, text, language, direction_of(text, language), look)

    def _written(
        self, paragraph: Paragraph, text: str, language: str, direction: Direction, look: _Look
    ) -> None:
        run = paragraph.add_run(writable(text))
        run.bold = look.bold or None
        run.font.size = Pt(8.5) if look.small else None
        run.font.color.rgb = look.colour or RGBColor(0x0B, 0x0C, 0x0C)
        shape = run._r.get_or_add_rPr()
        fonts = shape.get_or_add_rFonts()
        complex_ = _COMPLEX.get(language.partition("_")[0].partition("-")[0], "Noto Sans Arabic")
        for letters, font in (("ascii", _LATIN), ("hAnsi", _LATIN), ("cs", complex_)):
            fonts.set(qn(f"w:{letters}"), font)
        if direction == "rtl":
            run.font.rtl, run.font.cs_bold = True, look.bold or None
        code = language.replace("_", "-") or _NOT_KNOWN
        from_right = bool(language) and right_to_left(language)
        _mark(shape, "w:lang", {"w:bidi" if from_right else "w:val": code})
        if look.framed:
            _frame(paragraph, _ALARM, ("top", "left", "bottom", "right"), 12)
        elif look.quoted:
            _frame(paragraph, _LINE, ("right" if direction == "rtl" else "left",), 8)


def _mark(under: BaseOxmlElement, name: str, values: dict[str, str] | None = None) -> None:
    element = OxmlElement(name)
    for key, value in (values or {}).items():
        element.set(qn(key), value)
    under.append(element)


def _frame(paragraph: Paragraph, colour: RGBColor, sides: tuple[str, ...], width: int) -> None:
    """Paragraphs that follow one another in the same frame are drawn as one box. `width`: in
    eighths of a point."""
    frame = OxmlElement("w:pBdr")
    for side in sides:
        values = {"w:val": "single", "w:sz": str(width), "w:space": "4", "w:color": str(colour)}
        _mark(frame, f"w:{side}", values)
    settings = paragraph._p.get_or_add_pPr()
    settings.insert_element_before(frame, "w:bidi")  # the order that the format asks for


def _sized(style: BaseStyle, points: int) -> None:
    """A style's size, for letters that join as well."""
    shape = style.element.get_or_add_rPr()
    for name in ("w:sz", "w:szCs"):
        for known in shape.findall(qn(name)):
            shape.remove(known)
        size = OxmlElement(name)
        size.set(qn("w:val"), str(2 * points))
        shape.insert_element_before(size, "w:highlight", "w:u", "w:rtl", "w:cs", "w:lang")
