"""Reading one field after another from a YAML or JSON file, so that whatever cannot be used is told
with its line, a reason and what to do. Which fields there are is files'."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import ClassVar, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from babel import Locale, UnknownLocaleError

from bot.meetings.writing import is_blank, is_hidden

T = TypeVar("T")
Problems = list[tuple[int, str]]
"""Line number and what is wrong there."""

LONGEST_FILE = 1_000_000
"""Characters. A meeting of a hundred people, with rehearsals, takes a tenth of that."""

_EMAIL = re.compile(
    r"[^@\s<>,;:\"'()\[\]\\]+@(?:[^@\s<>,;:\"'()\[\]\\.]+\.)+[^@\s<>,;:\"'()\[\]\\.]{2,}"
)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d)?) ?([Zz]|[+-]\d\d:?\d\d)?", re.ASCII
)
_NULL = "tag:yaml.org,2002:null"


class FileUnreadable(Exception):
    """Not YAML or JSON at all. The message says what to look for."""

    code: ClassVar[str] = "file_unreadable"

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


class BadField(Exception):
    """A value that cannot be used. The message is a sentence for whoever wrote the file."""

    code: ClassVar[str] = "bad_field"


def read_nodes(text: str, name: str) -> yaml.Node:
    """The file as nodes that know their lines. Raises FileUnreadable."""
    if len(text) > LONGEST_FILE:
        raise FileUnreadable(1, "The file is too long. One file holds one meeting.")
    text = text.removeprefix("\ufeff")
    if name.lower().endswith(".json"):
        text = _json_as_yaml(text)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise FileUnreadable(
            mark.line + 1 if mark else 1,
            f"This cannot be read as YAML: {error.problem or error.context}. "
            "Look at the spaces at the line's start, at colons and at quotation marks.",
        ) from None
    except yaml.reader.ReaderError as error:
        raise FileUnreadable(
            text.count("\n", 0, error.position) + 1,
            "There is a character here that no text holds. Type this line again.",
        ) from None
    except RecursionError:
        raise FileUnreadable(
            1, "The file is nested too deeply. Take out what was pasted."
        ) from None
    if node is None:
        raise FileUnreadable(1, "The file is empty. It needs `meeting` and `people`.")
    return node


def _json_as_yaml(text: str) -> str:
    """JSON is YAML but for tabs, which JSON has between values only."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise FileUnreadable(
            error.lineno,
            f"This cannot be read as JSON: {error.msg}. Look at commas and quotation marks.",
        ) from None
    except RecursionError:
        raise FileUnreadable(
            1, "The file is nested too deeply. Take out what was pasted."
        ) from None
    return text.replace("\t", " ")


class Fields:
    """One mapping of the file. What is asked of it and cannot be used becomes a problem."""

    def __init__(self, node: yaml.Node, what: str, problems: Problems) -> None:
        self.line = node.start_mark.line + 1
        self._what, self._problems = what, problems
        self._values: dict[str, yaml.Node] = {}
        self._lines: dict[str, int] = {}
        self._read: set[str] = set()
        if not isinstance(node, yaml.MappingNode):
            self.problem(self.line, f"{what} must be lines of the form `name: value`.")
            return
        for key_node, value in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in self._values:
                self.problem(line, f"“{key}” is given twice here. Keep one of them.")
            self._lines[key] = line
            if value.tag != _NULL:
                self._values[key] = value

    def problem(self, line: int, what: str) -> None:
        self._problems.append((line, what))

    def line_of(self, key: str) -> int:
        value = self._values.get(key)
        return value.start_mark.line + 1 if value else self._lines.get(key, self.line)

    def read(
        self, key: str, as_value: Callable[[str], T], *, longest: int, required: bool = True
    ) -> T | None:
        """A value read by a function that may raise BadField; None where there is a problem."""
        value = self._value(key, required)
        if value is None:
            return None
        line = value.start_mark.line + 1
        if not isinstance(value, yaml.ScalarNode):
            self.problem(line, f"“{key}” must be one value, not a list or a block.")
            return None
        try:
            return as_value(_clean(value.value, longest))
        except BadField as error:
            self.problem(line, f"{key}: {error}")
            return None

    def text(self, key: str, *, longest: int, required: bool = True) -> str:
        return self.read(key, str, longest=longest, required=required) or ""

    def lines(self, key: str, *, longest: int) -> str:
        """A text that may have several lines; empty where there is none."""
        value = self._value(key, required=False)
        if not isinstance(value, yaml.ScalarNode):
            if value is not None:
                self.problem(value.start_mark.line + 1, f"“{key}” must be one text, not a list.")
            return ""
        try:
            lines = [_clean(line, longest) for line in value.value.splitlines() if line.strip()]
            if sum(map(len, lines)) > longest:
                raise BadField(f"it is too long. {longest} characters are the most.")
        except BadField as error:
            self.problem(value.start_mark.line + 1, f"{key}: {error}")
            return ""
        return "\n".join(lines)

    def one_of(self, key: str, allowed: tuple[str, ...]) -> str:
        def check(value: str) -> str:
            if value not in allowed:
                raise BadField(f"“{value}” is not known. Write one of: {', '.join(allowed)}.")
            return value

        return self.read(key, check, longest=60) or ""

    def mapping(self, key: str, *, required: bool = True) -> "Fields | None":
        value = self._value(key, required)
        return None if value is None else Fields(value, f"“{key}”", self._problems)

    def mappings(self, key: str, what: str, *, at_most: int) -> "Iterator[Fields]":
        value = self._value(key, required=True)
        if value is None:
            return
        line = value.start_mark.line + 1
        if not isinstance(value, yaml.SequenceNode) or not value.value:
            self.problem(line, f"“{key}” must be a list with at least one entry.")
        elif len(value.value) > at_most:
            self.problem(line, f"“{key}” may hold {at_most} entries at most.")
        else:
            for row in value.value:
                yield Fields(row, what, self._problems)

    def unread(self) -> tuple[str, ...]:
        """Keys that nobody asked for."""
        return tuple(key for key in self._lines if key not in self._read)

    def refuse_unknown(self) -> None:
        for key in self.unread():
            known = ", ".join(sorted(self._read))
            self.problem(self._lines[key], f"“{key}” is not known here. Known are: {known}.")

    def _value(self, key: str, required: bool) -> yaml.Node | None:
        self._read.add(key)
        value = self._values.get(key)
        if value is None and required:
            self.problem(self.line_of(key), f"{self._what} needs “{key}”.")
        return value


def _clean(value: str, longest: int) -> str:
    try:  # JSON may write an emoji as two halves
        text = value.encode("utf-16", "surrogatepass").decode("utf-16").strip()
    except UnicodeDecodeError:
        raise BadField("there is half a character in it. Type it again.") from None
    if is_blank(text):
        raise BadField("it is empty. Write something, or take the line out.")
    if len(text) > longest:
        raise BadField(f"it is too long. {longest} characters are the most.")
    if is_hidden(text):
        raise BadField("there is a hidden control character or line break in it. Type it again.")
    return text


# --- kinds of values ----------------------------------------------------------------------


def email(value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise BadField(f"“{value}” is not an e-mail address. Write one such as name@example.org.")
    return value


def language(value: str) -> str:
    """A language's code, such as `en`, `cy` or `zh-Hans`."""
    sentence = f"“{value}” is not a language code that we know. Write one such as en, cy, pl or ur."
    if not _LANGUAGE.fullmatch(value) or len(value) > 8:
        raise BadField(sentence)
    try:
        Locale.parse(value.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        raise BadField(sentence) from None
    return value


def yes_or_no(value: str) -> bool:
    known = {"true": True, "yes": True, "false": False, "no": False}
    if value.lower() not in known:
        raise BadField("write yes or no.")
    return known[value.lower()]


def reference(value: str) -> str:
    if not all(letter.isalnum() or letter in "-_." for letter in value):
        raise BadField("an id holds letters, digits, - and _ only. Write one such as dawn.")
    return value


def timezone(value: str) -> str:
    """The name of a time zone (IANA), such as Europe/London."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadField(
            f"“{value}” is not a time zone that we know. Write one such as Europe/London."
        ) from None
    return value


def moment(value: str, zone: str) -> datetime:
    """A date and time of day in `zone`, with an offset where the clocks leave it open.

    Raises:
        BadField: no such time, or one that came or comes twice that night.
    """
    found = _MOMENT.fullmatch(value)
    try:
        if found is None:
            raise ValueError
        plain = datetime.fromisoformat(f"{found[1]}T{found[2]}")
    except ValueError:
        raise BadField(f"“{value}” is not a date and time. Write it as 2027-03-29T16:30.") from None
    if not 2000 <= plain.year <= 2100:
        raise BadField(f"the year {plain.year} cannot be meant. Write it as 2027-03-29T16:30.")
    if found[3]:
        return _with_offset(f"{found[1]}T{found[2]}", found[3].upper(), zone)
    early, late = (plain.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    if early.utcoffset() == late.utcoffset():
        return early
    first, second = (f"{found[1]}T{found[2]}{_offset(one)}" for one in (early, late))
    if early.utcoffset() > late.utcoffset():  # type: ignore[operator]
        raise BadField(
            f"the clocks go back that night, and {found[2]} comes twice in {zone}. "
            f"Write which: {first} for the first, {second} for the second."
        )
    after = early.astimezone(ZoneInfo("UTC")).astimezone(ZoneInfo(zone))
    raise BadField(
        f"the clocks go forward that night, and there is no {found[2]} in {zone}. "
        f"Write the time with its offset, such as {after:%Y-%m-%dT%H:%M}{_offset(after)}."
    )


def _with_offset(local: str, offset: str, zone: str) -> datetime:
    given = datetime.fromisoformat(f"{local}{'+00:00' if offset == 'Z' else offset}")
    there = given.astimezone(ZoneInfo(zone))
    if offset != "Z" and there.utcoffset() != given.utcoffset():
        raise BadField(
            f"{offset} is not the time in {zone} then. That moment is "
            f"{there:%Y-%m-%dT%H:%M}{_offset(there)} there. Write that, or leave the offset out."
        )
    return there


def _offset(moment: datetime) -> str:
    shown = f"{moment:%z}"
    return f"{shown[:3]}:{shown[3:5]}"
