"""A typed answer to a question that offers buttons: is it one of them?"""

import re
from dataclasses import dataclass

from flows.schema import Ask, Scale

_NUMBER_FIRST = re.compile(
    r"[\s\u061c\u200e\u200f\u2066-\u2069]*(\d{1,2})(?:\s*/\s*10)?\b(.*)", re.DOTALL
)
MARKS = " \n.,!?·…؟،؛。！？\u061c\u200e\u200f\u2068\u2069\u20e3\ufe0f"
"""What may stand around a word without being part of it, in any of our scripts."""


@dataclass(frozen=True)
class Recognised:
    id: str
    whole: bool
    """Nothing but the option was written: there are no words to keep beside it."""


def option_in_words(
    step: Ask, text: str, options: dict[str, str], language: str
) -> Recognised | None:
    """The option that someone typed instead of tapping; None when it is not plainly one.

    Args:
        step: the question.
        text: what was typed.
        options: ids and the labels on the buttons.
        language: of the conversation.
    """
    if isinstance(step.answer, Scale):
        number = _NUMBER_FIRST.fullmatch(text)
        if number and int(number[1]) <= 10:
            return Recognised(str(int(number[1])), whole=not number[2].strip(MARKS))
        return None
    option = label_in_words(text, options)
    return Recognised(option, whole=True) if option else None


def label_in_words(text: str, labels: dict[str, str]) -> str:
    """The id of the button whose label, or whose picture, is all that was typed; else ""."""
    said = text.casefold().strip(MARKS)
    if not said:
        return ""
    for button, label in labels.items():
        bare = label.casefold().strip(MARKS)
        face_or_word = bare.split(" ", 1) if bare[:1] and not bare[:1].isalnum() else [bare]
        if said == bare or said in (part.strip(MARKS) for part in face_or_word):
            return button
    return ""
