"""The translations: every message there, with the same placeholders and its language's plurals."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.core import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.plurals import get_plural
from babel.messages.pofile import PoFileError, read_po

from flows.checks.finding import Finding
from flows.checks.places import Text
from flows.checks.words import placeholders
from flows.wording import INVITATION

Key = tuple[str, str]
"""Context and English."""

_LISTED = 5
"""How many line numbers of unfinished messages a finding lists."""


def check_catalogues(locales: Path, texts: Iterable[Text]) -> Iterator[Finding]:
    """Every catalogue under `locales`, against the words of the content files."""
    every = tuple(texts)
    for path in sorted(locales.glob("*/LC_MESSAGES/*.po")):
        language = path.parent.parent.name
        source = {(text.register, text.text) for text in every if _stands_in(path, text)}
        try:
            locale = Locale.parse(language)
            with path.open("rb") as file:
                catalogue = read_po(file, locale=language, abort_invalid=True)
        except (ValueError, UnknownLocaleError):
            problem = f"`{language}` is no language that Babel knows."
            yield Finding(path, 1, "unknown_language", problem, "Rename the folder, like `cy`.")
        except PoFileError as error:
            code, problem = "broken_po", "This line cannot be read as a catalogue."
            mend = "Look for a missing quotation mark here or in the line above."
            if "num_plurals" in str(error):
                code, problem = "plural_forms", "This has more plural forms than the language."
                mend = "Keep msgstr[0] to the highest that the header allows."
            yield Finding(path, error.lineno + 1, code, problem, mend)
        else:
            yield from _catalogue(path, catalogue, locale, source)


def _stands_in(path: Path, text: Text) -> bool:
    """Whether a catalogue is to have it: that of an invitation has an invitation's words alone."""
    return path.stem != INVITATION or text.of.startswith("invite_") or text.of == "date_pattern"


def _catalogue(
    path: Path, catalogue: Catalog, locale: Locale, source: set[Key]
) -> Iterator[Finding]:
    plural = get_plural(str(locale))
    if (catalogue.num_plurals, catalogue.plural_expr) != (plural.num_plurals, plural.plural_expr):
        yield Finding(
            path,
            _line_with(path, "Plural-Forms"),
            "plural_header",
            f"{locale.english_name} has other plural forms than this header says.",
            f"Write: Plural-Forms: {plural.plural_forms};",
        )
    messages = [message for message in catalogue if message.id]
    yield from _unfinished(path, messages, source)
    for message in messages:
        if not message.fuzzy:
            yield from _message(path, message)


def _unfinished(path: Path, messages: list[Message], source: set[Key]) -> Iterator[Finding]:
    """One finding for all: a catalogue that is just begun is no list of five hundred."""
    absent = source - {(message.context or "", _forms(message.id)[0]) for message in messages}
    if absent:
        yield Finding(
            path,
            1,
            "out_of_date",
            f"{len(absent)} messages of the content files are not in here.",
            "Run `beforehand words update`.",
        )
    for code, marked, problem, mend in (
        (
            "untranslated",
            [m for m in messages if not m.fuzzy and not all(_forms(m.string))],
            "have no translation, so people see them in English",
            "Translate them",
        ),
        (
            "fuzzy",
            [m for m in messages if m.fuzzy],
            "are marked fuzzy, so they are not used",
            "Read them against the English, then take the mark away",
        ),
    ):
        if marked:
            lines = [str(message.lineno) for message in marked]
            listed = ", ".join(lines[:_LISTED]) + (" ..." if len(lines) > _LISTED else "")
            yield Finding(
                path,
                marked[0].lineno or 1,
                code,
                f"{len(marked)} of {len(messages)} messages {problem}.",
                f"{mend} (lines {listed}).",
            )


def _message(path: Path, message: Message) -> Iterator[Finding]:
    line = message.lineno or 1
    english, translated = _forms(message.id), _forms(message.string)
    if any("<" in form for form in translated):
        yield Finding(
            path,
            line,
            "angle_bracket",
            "There is a < in the translation, and pages would take it for markup.",
            "Translations are plain words: take it out.",
        )
    if not all(translated):
        return
    wanted = placeholders(" ".join(english))
    for form in translated:
        given = placeholders(form)
        # A single thing is often named without its number: "one person", in Arabic "two people".
        missing = wanted - given - ({"count"} if len(english) > 1 else frozenset())
        for name in sorted(missing):
            problem = f"{{{name}}} is missing from the translation."
            yield Finding(path, line, "placeholder_lost", problem, "Put it where it belongs.")
        for name in sorted(given - wanted):
            problem = f"{{{name}}} is not in the English."
            yield Finding(path, line, "placeholder_added", problem, "Take it out.")


def _forms(words: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (words or "",) if isinstance(words, str | None) else tuple(words)


def _line_with(path: Path, word: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if word in line), 1)
