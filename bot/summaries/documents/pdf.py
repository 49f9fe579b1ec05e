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
from typing import ClassVar, Final

import typst

from bot.summaries.documents.structure import Document

_HERE = Path(__file__).parent
_PAPER = _HERE / "typst" / "paper.typ"
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
_SIZES: Final = {"summary": 9.5, "roundup": 9.5, "sheet": 12.0, "cards": 9.0, "letters": 13.0}
"""Of letters, in points, by shape."""
_ONE_PAGE: Final = {
    "summary": (11.0, 10.5, 10.0, 9.5, 9.0, 8.5),
    "roundup": (9.5, 9.0, 8.5),
    "sheet": (12.0, 11.5, 11.0),
}
"""What is tried, the largest first, so that a paper stays one page while it can still be read."""


class Refused(Exception):
    """A paper that could not be made. Says nothing of what stands on it: Typst's own message quotes
    (promise P27)."""

    code: ClassVar[str] = "paper_refused"

    def __init__(self, missing: frozenset[str]) -> None:
        super().__init__()
        self.missing = missing
        """Letters that stand in no font; empty where it is something else."""


class _TooLong(Exception):
    """More pages than asked for."""


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
            Refused: another letter stands in no font.
        """
        data = _data(document, missing)
        best, sizes = None, _ONE_PAGE.get(document.shape, ())
        while sizes:
            middle = len(sizes) // 2
            try:
                best = self._printed(data, sizes[middle], pages=1)
                sizes = sizes[:middle]
            except _TooLong:
                sizes = sizes[middle + 1 :]
        return best or self._printed(data, _SIZES[document.shape])

    def _printed(self, data: str, size: float, *, pages: int | None = None) -> bytes:
        refused: Refused | _TooLong | None = None
        with self._one_at_a_time:
            try:
                printed = self._compiler.compile(
                    format="pdf", sys_inputs=_inputs(data, size, pages), pdf_standards=["ua-1"]
                )
            except typst.TypstError as error:
                refused = _TooLong() if "more pages" in str(error) else Refused(_missing(error))
        if refused is not None:  # raised out here, so that it does not carry the other along
            raise refused
        return _in_one(printed)


def pdf(document: Document) -> bytes:
    """The document, whatever letters stand in it.

    A letter that none of our fonts has is looked for among the machine's. Where it is not there
    either it becomes a box, and the paper says so: never a letter that is silently gone.

    Raises:
        Refused: more letters of that kind than can be looked for.
    """
    try:
        return _press().pdf(document)
    except Refused as refused:
        if not refused.missing:
            raise
    missing: set[str] = set()
    while True:
        try:
            return _press(system_fonts=True).pdf(document, missing)
        except Refused as refused:
            if refused.missing <= missing or len(missing) > _MOST:
                raise
            missing |= refused.missing


def writable(text: str) -> str:
    """Without what no document can hold."""
    return _UNWRITABLE.sub("", text)


def _missing(error: typst.TypstError) -> frozenset[str]:
    found = _REFUSED.search(str(error))
    if found is None:
        return frozenset()
    return frozenset({chr(int(found[1], 16)) if found[1] else found[2]})


def _in_one(compiled: bytes | Sequence[bytes | None] | None) -> bytes:
    if not isinstance(compiled, bytes):
        raise TypeError(type(compiled))
    return compiled


@cache
def _press(*, system_fonts: bool = False) -> Press:
    return Press(system_fonts=system_fonts)


def _inputs(data: str, size: float, pages: int | None) -> dict[str, str]:
    allowed = {} if pages is None else {"pages": str(pages)}
    return {"document": data, "size": str(size), **allowed}


def _data(document: Document, missing: Collection[str] = ()) -> str:
    written = asdict(document)
    if missing:
        written["notice"] = (*document.notice, document.about_boxes)
    boxes = dict.fromkeys(map(ord, missing), BOX)
    if any(ord(one) in part for one in missing for part in _EAST_ASIA):
        boxes |= dict.fromkeys((code for part in _EAST_ASIA for code in part), BOX)
    return json.dumps(_shown(written, boxes), ensure_ascii=False)


def _shown(value: object, boxes: dict[int, str]) -> object:
    if isinstance(value, str):
        return writable(value).translate(boxes)
    if isinstance(value, dict):
        return {key: _shown(one, boxes) for key, one in value.items()}
    if isinstance(value, bytes):
        return list(value)  # the one way into Typst for bytes that are no file
    if isinstance(value, list | tuple):
        return [_shown(one, boxes) for one in value]
    return value
