"""Documents as PDF, by Typst: tagged for screen readers (PDF/UA-1), with fonts of our own.

Words go in as data, never as source: nothing that somebody writes is ever read as markup.
"""

import json
import re
import threading
from collections.abc import Sequence
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

    def pdf(self, document: Document, *, accessible: bool = True) -> bytes:
        """Raises typst.TypstError where a letter stands in no font."""
        with self._one_at_a_time:
            pages = self._compiler.compile(
                format="pdf",
                sys_inputs=_data(document),
                pdf_standards=["ua-1"] if accessible else [],
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
    either the paper is made without the accessible standard, which refuses such letters: it then
    shows a box, and the letter itself can still be copied out of it.
    """
    try:
        return _press().pdf(document)
    except typst.TypstError:
        pass
    try:
        return _press(system_fonts=True).pdf(document)
    except typst.TypstError:
        return _press(system_fonts=True).pdf(document, accessible=False)


def writable(text: str) -> str:
    """Without what no document can hold."""
    return _UNWRITABLE.sub("", text)


def _in_one(compiled: bytes | Sequence[bytes | None] | None) -> bytes:
    if not isinstance(compiled, bytes):
        raise TypeError(type(compiled))
    return compiled


@cache
def _press(*, system_fonts: bool = False) -> Press:
    return Press(system_fonts=system_fonts)


def _data(document: Document) -> dict[str, str]:
    return {"document": json.dumps(_written(asdict(document)), ensure_ascii=False)}


def _written(value: object) -> object:
    if isinstance(value, str):
        return writable(value)
    if isinstance(value, dict):
        return {key: _written(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_written(one) for one in value]
    return value
