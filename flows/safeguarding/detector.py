"""Hears danger in a person's own words, by phrases that a safeguarding lead can read and change.

Deterministic, without a model and without memory. It never blocks, diagnoses or scores a person:
it only says that somebody should look (promise P12, EVIDENCE 5.2).
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import yaml

from flows.safeguarding.matching import Heard
from flows.safeguarding.phrases import Language, PhraseFile
from flows.safeguarding.reading import tokens

_FOLDER: Final = Path(__file__).parent / "phrases"
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Text only. The one in C is ten times as fast, and not everywhere."""
_ENOUGH: Final = 2
"""Small words of a language in a message before it is taken for that language."""


@dataclass(frozen=True)
class Assessment:
    """What was heard in one message."""

    alert: bool
    categories: tuple[str, ...] = ()
    """Which kinds of danger, as the phrase files name them."""
    matched: tuple[str, ...] = ()
    """The phrases that matched, for a reviewer at the desk; never to be logged or stored."""


def assess(text: str, language: str) -> Assessment:
    """Whether somebody should look at what was written.

    Args:
        text: anything at all, as it was typed.
        language: the language of the chat, such as "cy". Words in another language are heard too.
    """
    categories: dict[str, None] = {}
    matched: dict[str, None] = {}
    for one in _languages_of(text, language):
        for match in Heard(one, text).alarms():
            categories[match.phrase.kind.partition(":")[2]] = None
            matched[match.phrase.text] = None
    return Assessment(bool(categories), tuple(categories), tuple(matched))


@lru_cache(maxsize=1)
def languages() -> dict[str, Language]:
    """Every phrase file that there is. Raises PhraseUnusable or a validation error."""
    read = (PhraseFile.model_validate(_plain(path)) for path in sorted(_FOLDER.glob("*.yaml")))
    return {file.language: Language.read(file) for file in read}


def _plain(path: Path) -> object:
    """All of it as text: to YAML itself, "no" and "on" are not words."""
    return yaml.load(path.read_text(encoding="utf-8"), _LOADER)  # noqa: S506 - safe too


def _languages_of(text: str, language: str) -> list[Language]:
    """The chat's language, and whichever the small words speak for; English where they speak for
    none, for its short words of danger are used everywhere."""
    words = set(tokens(text))
    small = {code: len(words & one.common) for code, one in languages().items()}
    most = max(small.values())
    unclear = most < _ENOUGH
    return [
        one
        for code, one in languages().items()
        if code == language
        or (code == "en" and unclear)
        or (small[code] >= _ENOUGH and small[code] >= most - 1)
    ]
