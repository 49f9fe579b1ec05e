"""Documents as PDF, by Typst: tagged for screen readers (PDF/UA-1), with fonts of our own.

Words go in as data, never as source: nothing that somebody writes is ever read as markup.
"""

import json
import re
import threading
from collections.abc import Collection, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path

import typst

from bot.summaries.documents.structure import Document

_HERE = Path(__file__).parent
_PAPER = _HERE / "templates" / "paper.typ"
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Control codes and what is no character: no letter of anybody's, and no PDF or DOCX may hold
them."""
_REFUSED = re.compile(r'the text `"(?:\\u\{([0-9a-f]+)\}|\\?(.))')
"""What Typst says of a letter that stands in no font."""
_EAST_ASIA = (range(0x2E80, 0xA000), range(0xAC00, 0xD800), range(0x20000, 0x40000))
"""Too many letters to be found missing one by one."""
_MOST = 300
"""Letters that are looked for one by one, at about ten milliseconds each."""
BOX = "□"


class Press:
    """A compiler that stays warm. One document at a time: the compiler is not to be shared."""

    def __init__(self, *, system_fonts: bool = False) -> None:
        self._one_at_a_time = threading.Lock()
        self._compiler = typst.Compiler(
            str(_PAPER),
            root=str(_PAPER.parent),
            font_paths=[str(_HERE / "fonts")],
            ignore_system_fonts=not system_fonts,
        )

    def pdf(self, document: Document, missing: Collection[str] = ()) -> bytes:
        """The document, with a box for every letter in `missing`.

        Raises:
            typst.TypstError: another letter stands in no font.
        """
        with self._one_at_a_time:
            pages = self._compiler.compile(
                format="pdf", sys_inputs=_data(document, missing), pdf_standards=["ua-1"]
            )
        return _in_one(pages)

    def pictures(self, document: Document, *, ppi: float = 100) -> list[bytes]:
        """The pages as PNG, to be looked at."""
        with self._one_at_a_time:
            drawn = self._compiler.compile(format="png", ppi=ppi, sys_inputs=_data(document))
        return [page for page in drawn if page] if isinstance(drawn, list) else [_in_one(drawn)]


def pdf(document: Document) -> bytes:
    """The document, whatever letters stand in it.

    A letter that none of our fonts has is looked for among the machine's. Where it is not there
    either it becomes a box, and the paper says so: never a letter that is silently gone.
    """
    try:
        return _press().pdf(document)
    except typst.TypstError as refused:
        if not _missing(refused):
            raise
    missing: set[str] = set()
    while True:
        try:
            return _press(system_fonts=True).pdf(document, missing)
        except typst.TypstError as refused:
            more = _missing(refused)
            if more <= missing or len(missing) > _MOST:
                raise
            missing |= more


def writable(text: str) -> str:
    """Without what no document can hold."""
    return _UNWRITABLE.sub("", text)


def _missing(refused: typst.TypstError) -> set[str]:
    found = _REFUSED.search(str(refused))
    if found is None:
        return set()
    return {chr(int(found[1], 16)) if found[1] else found[2]}


def _in_one(compiled: bytes | Sequence[bytes | None] | None) -> bytes:
    if not isinstance(compiled, bytes):
        raise TypeError(type(compiled))
    return compiled


@cache
def _press(*, system_fonts: bool = False) -> Press:
    return Press(system_fonts=system_fonts)


def _data(document: Document, missing: Collection[str] = ()) -> dict[str, str]:
    written = asdict(document)
    if missing:
        written["notice"] = (*document.notice, document.about_boxes)
    boxes = dict.fromkeys(map(ord, missing), BOX)
    if any(ord(one) in part for one in missing for part in _EAST_ASIA):
        boxes |= dict.fromkeys((code for part in _EAST_ASIA for code in part), BOX)
    return {"document": json.dumps(_shown(written, boxes), ensure_ascii=False)}


def _shown(value: object, boxes: dict[int, str]) -> object:
    if isinstance(value, str):
        return writable(value).translate(boxes)
    if isinstance(value, dict):
        return {key: _shown(one, boxes) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(one, boxes) for one in value]
    return value
