"""People as a coordinator pastes them from an e-mail or a spreadsheet: one a line, and each line
with whatever is wrong with it. Nothing that was typed is ever lost."""

import codecs
import csv
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Final

from babel import Locale

from bot.meetings.fields import BadField, language
from bot.meetings.files import AGES_OF_ROLES, CHANNELS, MOST_PEOPLE, PersonGiven
from bot.meetings.writing import is_no_name

COLUMNS: Final = ("name", "relation", "role", "age", "language", "channel", "child")
LONGEST: Final = 100_000
"""Characters of a pasted list."""
_LONGEST_CELL: Final = {"name": 120, "relation": 200, "child": 120}
_MOST_LINES: Final = 20
"""Over which one person's cells may go on."""

_HEADINGS: Final = {
    "name": "name",
    "who": "name",
    "relation": "relation",
    "relationship": "relation",
    "role": "role",
    "age": "age",
    "age band": "age",
    "age_band": "age",
    "language": "language",
    "channel": "channel",
    "by": "channel",
    "child": "child",
    "enw": "name",
    "perthynas": "relation",
    "rôl": "role",
    "oed": "age",
    "iaith": "language",
    "sut": "channel",
    "plentyn": "child",
}
"""In English and in Welsh, as staff write them."""
_ROLES: Final = {
    "parent": "parent",
    "carer": "parent",
    "parent or carer": "parent",
    "mum": "parent",
    "mother": "parent",
    "dad": "parent",
    "father": "parent",
    "family": "family",
    "relative": "family",
    "friend": "family",
    "family or friend": "family",
    "young person": "young_person",
    "young_person": "young_person",
    "teenager": "young_person",
    "child": "child",
    "rhiant": "parent",
    "gofalwr": "parent",
    "mam": "parent",
    "tad": "parent",
    "teulu": "family",
    "ffrind": "family",
    "perthynas": "family",
    "person ifanc": "young_person",
    "plentyn": "child",
}
LANGUAGES: Final = (
    *("en", "cy", "pl", "ro", "ur", "ar", "pa", "bn", "pt", "so", "fa", "fa-AF", "uk", "ps"),
    *("ckb", "ku", "tr", "gu", "ta", "lt", "es", "fr", "ti", "am", "sq", "bg", "hu", "it", "el"),
    *("sk", "vi", "zh", "ga", "gd"),
)
"""Those that families of children's services speak most (EVIDENCE 6): they may be chosen, or
written by their names; any other by its code."""
_ALSO_CALLED: Final = {
    "bengali": "bn",
    "panjabi": "pa",
    "farsi": "fa",
    "dari": "fa-AF",
    "kurdish sorani": "ckb",
    "sorani": "ckb",
}
"""As staff write them, where our list of names says something else."""
_AGES: Final = {
    "adult": "adult",
    "oedolyn": "adult",
    "16_17": "16_17",
    "11_15": "11_15",
    "7_10": "7_10",
}
_BANDS: Final = {"adult": (18, 130), "16_17": (16, 17), "11_15": (11, 15), "7_10": (7, 10)}


class NotAList(ValueError):
    """A file that holds no text."""

    code: ClassVar[str] = "not_a_list"


@dataclass(frozen=True)
class Problem:
    """What is wrong with a line: a code for which the page has a sentence, and what it is about."""

    what: str
    about: str = ""


@dataclass(frozen=True)
class Row:
    """One line that holds something."""

    number: int
    """The line, from 1."""
    text: str
    person: PersonGiven | None
    """None where there is a problem."""
    problems: tuple[Problem, ...]


def read_people(text: str, taken: Collection[str] = ()) -> tuple[Row, ...]:
    """The lines of a pasted list, in its order.

    Args:
        text: columns parted by tabs, semicolons or commas, in the order of COLUMNS or as its first
            line says. What is left out is an adult, English, on the web.
        taken: ids that people of this meeting have already.
    """
    lines = text[:LONGEST].removeprefix("\ufeff").splitlines(keepends=True)
    first = next((line for line in lines if not _is_empty(line)), "")
    sign = _sign(first)
    records = list(_records(lines, sign))
    columns = _columns(records[0].cells) if records else None
    if columns is not None:
        records = records[1:]
    return tuple(_rows(records, columns or COLUMNS, set(taken)))


def read_person(given: Mapping[str, str], taken: Collection[str] = ()) -> Row:
    """One person, from a form with a field for each of COLUMNS.

    Args:
        taken: ids that people of this meeting have already.
    """
    problems: list[Problem] = []
    if len(taken) >= MOST_PEOPLE:
        problems.append(Problem("too_many_people", str(MOST_PEOPLE)))
    cells = {name: " ".join(text.split()) for name, text in given.items()}
    person = _person(cells, problems, set(taken))
    return Row(1, person.name, None if problems else person, tuple(problems))


def list_in(file: bytes) -> str:
    """The list that a file from a spreadsheet holds: CSV as programs on Windows, on a Mac and on
    the web write it.

    Raises:
        NotAList: a spreadsheet itself, a picture or anything else that is no text.
    """
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if file.startswith(mark):
            return _text_in(file, encoding)
    try:
        return _text_in(file, "utf-8-sig")
    except NotAList:
        return _text_in(file, "cp1252")


def _text_in(file: bytes, encoding: str) -> str:
    try:
        text = file.decode(encoding)
    except UnicodeDecodeError:
        raise NotAList from None
    if any(unicodedata.category(one) == "Cc" and one not in "\t\r\n" for one in text):
        raise NotAList
    return text


def write_people(people: Sequence[PersonGiven]) -> str:
    """A list that reads as these people again. Headings come first, so that a semicolon in a name
    is not taken for what parts the columns."""
    lines = [COLUMNS] + [
        (
            one.name,
            one.relation,
            one.role.replace("_", " "),
            one.age_band.replace("_", "-"),
            one.language,
            one.channel,
            one.child,
        )
        for one in people
    ]
    return "\n".join(", ".join(map(_cell, line)).rstrip(", ") for line in lines)


def _cell(text: str) -> str:
    if not any(sign in text for sign in ',"'):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


@dataclass(frozen=True)
class _Record:
    """What stands for one person. A cell in quotation marks may go on in the next line."""

    number: int
    text: str
    cells: list[str]


def _records(lines: Sequence[str], sign: str) -> Iterator[_Record]:
    here = 0
    while here < len(lines):
        if _is_empty(lines[here]):
            here += 1
            continue
        cells, count = _cells(lines[here : here + _MOST_LINES], sign)
        *before, last = lines[here : here + count]
        yield _Record(here + 1, "".join((*before, _without_end(last))), cells)
        here += count


def _rows(records: Sequence[_Record], columns: Sequence[str], used: set[str]) -> Iterator[Row]:
    for count, record in enumerate(records, len(used) + 1):
        cells = record.cells
        problems = [Problem("too_many_columns")] if len(cells) > len(columns) else []
        if count > MOST_PEOPLE:
            problems.append(Problem("too_many_people", str(MOST_PEOPLE)))
        person = _person(dict(zip(columns, cells, strict=False)), problems, used)
        if not problems:
            used.add(person.id)
        yield Row(record.number, record.text, None if problems else person, tuple(problems))


def _person(given: Mapping[str, str], problems: list[Problem], used: set[str]) -> PersonGiven:
    name, relation = (_text(given, key, problems) for key in ("name", "relation"))
    child = _text(given, "child", problems) if given.get("child") else ""
    role = _ROLES.get(_plain(given.get("role", "")), "")
    if not role:
        problems.append(Problem("role", given.get("role", "")))
    age = _age(given.get("age", ""), role)
    if role and age not in AGES_OF_ROLES[role]:
        problems.append(Problem(f"age_of_{role}", given.get("age", "")))
    channel = _plain(given.get("channel", "")) or "web"
    if channel not in CHANNELS:
        problems.append(Problem("channel", channel))
    try:
        spoken = _language(given.get("language", ""))
    except BadField:
        spoken = ""
        problems.append(Problem("language", given.get("language", "")))
    person = PersonGiven(
        id=_id(name, used),
        name=name,
        role=role,
        age_band=age,
        language=spoken,
        channel=channel,
        relation=relation,
        child=child,
        may_message=None,
    )
    if channel == "telegram" and not person.may_use_telegram:
        problems.append(Problem("telegram_under_16"))
    return person


def _text(given: Mapping[str, str], key: str, problems: list[Problem]) -> str:
    text = given.get(key, "")
    if is_no_name(text, _LONGEST_CELL[key]):
        problems.append(Problem(key))
    return text


def _age(text: str, role: str) -> str:
    """A band, or a number of years; where nothing is said, what the role leaves no choice of."""
    plain = _plain(text).replace(" to ", "_").replace("-", "_").replace("–", "_").replace(" ", "")
    if not plain:
        ages = AGES_OF_ROLES.get(role, ())
        return ages[0] if "adult" in ages or len(ages) == 1 else ""
    if plain.isascii() and plain.isdecimal() and len(plain) < 4:
        years = int(plain)
        return next((band for band, (a, b) in _BANDS.items() if a <= years <= b), "")
    return _AGES.get(plain, "")


def _language(text: str) -> str:
    """Raises BadField."""
    plain = _plain(text)
    if not plain:
        return "en"
    return _languages_by_name().get(plain) or language(text.strip())


@lru_cache(maxsize=1)
def _languages_by_name() -> dict[str, str]:
    """In English, in Welsh, and as it calls itself."""
    found = dict(_ALSO_CALLED)
    for code in LANGUAGES:
        locale = Locale.parse(code.replace("-", "_"))
        in_welsh, its_own = locale.get_display_name("cy"), locale.get_display_name()
        for name in (locale.english_name, in_welsh, its_own):
            if name:
                found[_plain(name)] = code
    return found


def _id(name: str, used: Collection[str]) -> str:
    """From the first name, and a number where that is taken."""
    letters = unicodedata.normalize("NFKC", name.split()[0] if name.split() else "").casefold()
    base = "".join(one for one in letters if one.isalnum())[:40] or "person"
    if base not in used:
        return base
    return next(
        one for number in range(2, len(used) + 3) if (one := f"{base}-{number}") not in used
    )


def _sign(line: str) -> str:
    return "\t" if "\t" in line else ";" if ";" in line else ","


def _cells(lines: Sequence[str], sign: str) -> tuple[list[str], int]:
    """The cells that begin with the first of these lines, and how many lines they take. A quotation
    mark that is never closed takes no other line along."""
    reader = csv.reader(lines, delimiter=sign, skipinitialspace=True)
    try:
        cells, count = next(reader), reader.line_num
        if count > 1:
            next(csv.reader(lines[:count], delimiter=sign, skipinitialspace=True, strict=True))
    except csv.Error:
        cells, count = _cells_of_line(lines[0], sign), 1
    stripped = [" ".join(map(str.strip, cell.splitlines())).strip() for cell in cells]
    while stripped and not stripped[-1]:
        stripped.pop()
    return stripped, count


def _cells_of_line(line: str, sign: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=sign, skipinitialspace=True), [])
    except csv.Error:
        return line.split(sign)


def _is_empty(line: str) -> bool:
    return not _without_end(line).strip(" \t,;")


def _without_end(line: str) -> str:
    return "".join(line.splitlines())


def _columns(cells: Sequence[str]) -> tuple[str, ...] | None:
    """What a first line of headings says; None where it is somebody already."""
    named = tuple(_HEADINGS.get(_plain(cell), "") for cell in cells)
    return named if "name" in named and "role" in named else None


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
