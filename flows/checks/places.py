"""Content files with their line numbers: the schema stays free of them, and errors need them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

import yaml

from flows.schema import Audience

Loc = tuple[str | int, ...]
"""A way into a file, as pydantic gives it: keys, and numbers in lists."""

WORDS = frozenset({"say", "button", "ask", "more", "heading", "label", "low", "high", "nobody"})
"""The fields whose value is words that someone reads."""

FOR_COORDINATORS = ("chat_", "mail_", "confirm_link")
"""How phrases begin that only coordinators read."""

REGISTERS = tuple(str(audience) for audience in Audience)


@dataclass(frozen=True)
class Text:
    """Words in a content file."""

    text: str
    plural: str
    """Empty, but where English has two forms."""
    register: str
    """The audience, which is also the translation's context."""
    of: str
    """The step or phrase that they belong to."""
    field: str
    line: int
    last_line: int
    for_coordinator: bool = False
    """Read by staff: no reading age, and names are allowed."""


class Document:
    """One YAML file: its tree with marks."""

    def __init__(self, path: Path, source: str) -> None:
        """Raises yaml.YAMLError when it is not YAML."""
        self.path = path
        self.source = source
        self.root = yaml.compose(source, Loader=yaml.SafeLoader)
        self._lines = source.splitlines()

    def line(self, loc: Loc) -> int:
        """The line of a place, counted from 1; of what is around it when it is not there."""
        node, line = self.root, 1
        for part in loc:
            child = _child(node, part)
            if child is not None:
                key, node = child
                line = key.start_mark.line + 1
        return line

    def line_of(self, text: Text, word: str) -> int:
        """The line of a text in which a word stands."""
        for line in range(text.line, text.last_line + 1):
            if word.casefold() in self._lines[line - 1].casefold():
                return line
        return text.line

    @cached_property
    def doubled(self) -> tuple[tuple[str, int], ...]:
        """Keys that stand twice in one mapping: YAML keeps the last and says nothing."""
        found: list[tuple[str, int]] = []
        for node in _all(self.root):
            if isinstance(node, yaml.MappingNode):
                seen: set[str] = set()
                for key, _ in node.value:
                    if key.value in seen:
                        found.append((str(key.value), key.start_mark.line + 1))
                    seen.add(str(key.value))
        return tuple(found)

    @cached_property
    def texts(self) -> tuple[Text, ...]:
        """All its words, in order."""
        if not isinstance(self.root, yaml.MappingNode):
            return ()
        if _child(self.root, "audience") is None:
            return tuple(_phrases(self.root))
        return tuple(_flow(self.root))


def read_document(path: Path) -> Document:
    """Raises yaml.YAMLError, OSError, UnicodeDecodeError."""
    return Document(path, path.read_text(encoding="utf-8"))


def texts_in(file: IO[bytes]) -> tuple[Text, ...]:
    """The words of an open content file."""
    return Document(Path(), file.read().decode("utf-8")).texts


def _child(node: yaml.Node | None, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """What stands at a key or number, and the node whose line is its line."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None


def _all(node: yaml.Node | None) -> Iterator[yaml.Node]:
    if node is None:
        return
    yield node
    if isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from _all(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _all(value)


def _flow(root: yaml.MappingNode) -> Iterator[Text]:
    audience = _child(root, "audience")
    register = str(audience[1].value) if audience else REGISTERS[0]
    title = _child(root, "title")
    if title is not None:
        yield _text(title[1], register, "", "title")
    for part in ("opening", "questions"):
        steps = _child(root, part)
        if steps is not None and isinstance(steps[1], yaml.SequenceNode):
            for step in steps[1].value:
                named = _child(step, "id")
                yield from _step(step, register, str(named[1].value) if named else "")


def _step(node: yaml.Node, register: str, step: str) -> Iterator[Text]:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _step(item, register, step)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(value, yaml.ScalarNode):
                if key.value in WORDS and value.value:
                    yield _text(value, register, step, str(key.value))
            elif key.value == "task":
                said = _child(value, "say")
                if said is not None:
                    yield _text(said[1], Audience.ADULT, step, "task", for_coordinator=True)
            elif key.value == "words" and isinstance(value, yaml.SequenceNode):
                for word in value.value:
                    yield _text(word, register, step, "words")
            else:
                yield from _step(value, register, step)


def _phrases(root: yaml.MappingNode) -> Iterator[Text]:
    for key, value in root.value:
        phrase = str(key.value)
        for register in REGISTERS:
            found = _child(value, register)
            if found is None:
                continue
            mine = phrase.startswith(FOR_COORDINATORS)
            one, other = _child(found[1], "one"), _child(found[1], "other")
            if one is not None and other is not None:
                plural = str(other[1].value)
                yield _text(one[1], register, phrase, "phrase", plural, for_coordinator=mine)
            elif isinstance(found[1], yaml.ScalarNode):
                yield _text(found[1], register, phrase, "phrase", for_coordinator=mine)


def _text(
    node: yaml.Node,
    register: str,
    of: str,
    field: str,
    plural: str = "",
    *,
    for_coordinator: bool = False,
) -> Text:
    first, last = node.start_mark.line + 1, node.end_mark.line + 1
    return Text(
        text=str(node.value),
        plural=plural,
        register=str(register),
        of=of,
        field=field,
        line=first,
        last_line=last if getattr(node, "style", None) not in ("|", ">") else max(first, last - 1),
        for_coordinator=for_coordinator,
    )
