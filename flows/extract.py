"""Words out of content files and page templates into catalogues for translators (Babel)."""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from flows.checks.places import Text, texts_in

Extracted = tuple[int, str, tuple[str, ...], list[str]]

_HINTS = {
    "date_pattern": "Day, date and time, in the letters of Unicode TR35: EEEE d MMMM y, HH:mm",
    "typed_": "What people may type for this command, separated by commas.",
    "kind_": "The name of a meeting, as it stands in the middle of a sentence.",
}
_HEADER = """\
# What Beforehand says. Its English: flows/content, and the page templates.
# msgctxt is who reads it: adult, young (11 to 17) or child (7 to 10).
#"""
IN_INVITATIONS = ("invite_", _HINTS["date_pattern"])
"""How the comment of a message begins that stands in invitations."""
_LEFT_OUT = re.compile(
    rb'^"(?:Project-Id-Version|POT-Creation-Date|PO-Revision-Date|Generated-By|Report-Msgid-Bugs-To'
    rb"|Last-Translator: FULL NAME|Language-Team: [a-z_]+ <LL@li).*\n",
    re.MULTILINE | re.IGNORECASE,
)
"""Header lines that differ from day to day or machine to machine, or say nothing."""


def extract_flow(
    fileobj: IO[bytes],
    keywords: Mapping[str, Any],
    comment_tags: Collection[str],
    options: Mapping[str, Any],
) -> Iterator[Extracted]:
    """Babel's extraction method for flow files and phrases.yaml.

    The context is the register that the words are written for, so that the same English may be
    said in two ways elsewhere.
    """
    for text in texts_in(fileobj):
        if not text.text.strip():
            continue
        if text.plural:
            words = (text.register, text.text, text.plural)
            yield text.line, "npgettext", words, [_about(text)]
        else:
            yield text.line, "pgettext", (text.register, text.text), [_about(text)]


def source_catalogue(root: Path) -> Catalog:
    """All that is to be translated, from a checkout at `root`, as its babel.toml says."""
    methods, options = _mappings(root / "babel.toml")
    catalogue = Catalog(header_comment=_HEADER, fuzzy=False)
    for file, line, words, comments, context in extract_from_dir(root, methods, options):
        catalogue.add(
            words, None, [(Path(file).as_posix(), line)], auto_comments=comments, context=context
        )
    return catalogue


def of_an_invitation(source: Catalog) -> Catalog:
    """What of it stands in an invitation: enough for a letter in a language of which there is
    nothing else yet."""
    catalogue = Catalog(header_comment=_HEADER, fuzzy=False)
    for message in source:
        if any(one.startswith(IN_INVITATIONS) for one in message.auto_comments):
            catalogue[message.id] = message
    return catalogue


def updated(source: Catalog, language: str, before: bytes | None) -> bytes:
    """A language's catalogue, brought up to date with the source.

    No translation is lost: one whose English changed is offered for the new words, marked fuzzy;
    one whose English is gone stays at the end, and comes back (fuzzy) when the English does.

    Args:
        source: from `source_catalogue`.
        language: such as `cy` or `fa_AF`.
        before: the .po file as it is; None begins one.
    """
    catalogue = _begun(source, language)
    if before is not None:
        had = read_po(BytesIO(before), locale=language, abort_invalid=True)
        for key, message in list(had.obsolete.items()):
            if source.get(message.id, message.context) is not None and message.string:
                message.flags.add("fuzzy")
                had[message.id] = message
                del had.obsolete[key]
        had.update(source)
        had.header_comment = _HEADER
        had.fuzzy = False
        catalogue = had
    return as_bytes(catalogue)


def as_bytes(catalogue: Catalog) -> bytes:
    """A catalogue as a file: the same words, the same bytes, on any day and machine."""
    file = BytesIO()
    write_po(file, catalogue, include_lineno=False)
    return _LEFT_OUT.sub(b"", file.getvalue())


def _begun(source: Catalog, language: str) -> Catalog:
    catalogue = Catalog(locale=language, header_comment=_HEADER, fuzzy=False)
    catalogue.update(source)
    return catalogue


def _mappings(path: Path) -> tuple[list[tuple[str, str]], dict[str, dict[str, Any]]]:
    settings = tomllib.loads(path.read_text(encoding="utf-8"))
    methods: list[tuple[str, str]] = []
    options: dict[str, dict[str, Any]] = {}
    for mapping in settings["mappings"]:
        pattern, method = mapping.pop("pattern"), mapping.pop("method")
        methods.append((pattern, settings["extractors"].get(method, method)))
        options[pattern] = mapping
    return methods, options


def _about(text: Text) -> str:
    for begins, hint in _HINTS.items():
        if text.of.startswith(begins):
            return hint
    return ": ".join(filter(None, (text.of, text.field.removeprefix("phrase"))))
