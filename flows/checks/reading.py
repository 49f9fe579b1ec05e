"""How hard words are to read (promise P13: a nine-year-old can read them).

Three measures, because none is sound alone on messages of a few lines:

1. **Grade** (Flesch-Kincaid) of a message of 20 words or more, and of a whole flow. Reading age
   nine is about school grade 4. One message scatters by about a grade, so a message may reach 5
   (a child's: 4) and a flow as a whole 4 (3). Below 20 words the formula says nothing: one long
   word moves it by several grades. Tried on our own words and on council letters, plain messages
   came out at 0 to 4 and letters at 8 to 15: the limits cut nothing that a good writer would
   defend. Sentences are counted here: textstat drops those of one or two words ("Sent. Thank
   you.").
2. **The longest sentence**, in words: 25 for adults (GOV.UK's ceiling), 20 for young people, 18 for
   children.
3. **Hard words**: three syllables or more and not among the 2,900 that nine- and ten-year-olds know
   (Dale and Chall, as textstat carries them). The flow may use one once it has said what it means
   ("An advocate is a person who ..."). Some short words of offices are hard too: `PLAIN_WORDS` has
   what to say instead.

Syllables come from textstat (the Carnegie Mellon dictionary, and hyphenation for the rest). English
only: for translations there is no measure as well tried, and a translator's eye is better.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files

from flows.schema import Audience

FEWEST_WORDS_FOR_A_GRADE = 20


@dataclass(frozen=True)
class Limits:
    grade_of_message: float
    grade_of_flow: float
    words_in_sentence: int
    words_in_question: int


LIMITS = {
    Audience.ADULT: Limits(5.0, 4.0, 25, 18),
    Audience.YOUNG: Limits(5.0, 4.0, 20, 18),
    Audience.CHILD: Limits(4.0, 3.0, 18, 12),
}

KNOWN_TODAY = frozenset(
    {
        "anybody", "anywhere", "babysitter", "camera", "computer", "emoji", "everybody",
        "everywhere", "grandparent", "internet", "nursery", "photograph", "supporter", "telegram",
        "telephone", "television", "video", "whatever", "whenever",
    }
)  # fmt: skip
"""Words that nine-year-olds know and that a list of 1995 does not have."""

PLAIN_WORDS = {
    "additional": "more",
    "adequate": "good enough",
    "allegation": "what someone said happened",
    "allocated": "given",
    "ascertain": "find out",
    "assess": "look at",
    "assist": "help",
    "attend": "come",
    "attendee": "someone who comes",
    "attendees": "people who come",
    "caregiver": "person who looks after the child",
    "commence": "start",
    "conduct": "do",
    "consent": "say yes",
    "disclose": "tell",
    "disclosure": "what someone told us",
    "ensure": "make sure",
    "facilitate": "help",
    "in relation to": "about",
    "intervention": "help",
    "liaise": "talk",
    "multi-agency": "from different services",
    "outcome": "what comes of it",
    "outcomes": "what comes of it",
    "perpetrator": "the person who hurts someone",
    "prior to": "before",
    "procedure": "steps",
    "proceed": "go on",
    "provision": "help",
    "pursuant": "under",
    "referral": "asking another service to help",
    "regarding": "about",
    "require": "need",
    "respondent": "person who answers",
    "safeguarding": "keeping people safe",
    "signpost": "tell where to find help",
    "stakeholder": "person who is part of this",
    "statutory": "set by law",
    "subsequent": "later",
    "threshold": "the point where something must be done",
    "utilise": "use",
    "via": "by",
    "with regard to": "about",
}

_STAND_INS = {"meeting": "meeting", "when": "Monday", "minutes": "ten", "place": "school"}
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_COMMAND = re.compile(r"/[a-z]+")
_WORD = re.compile(r"[^\W_]+(?:[’'-][^\W_]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’)]*\s+|\n\s*\n|\n\s*[-•*]")
_EXPLAINS = (
    re.compile(r"([\w-]+)[”’\"]? (?:is|are) (?:an?|the|someone|people|what|when|where|on)\b"),
    re.compile(r"([\w-]+)[”’\"]? (?:means?|helps?|says?)\b"),
    re.compile(r"([\w-]+)[”’\"]?\. (?:That|This|It|They|These) (?:is|are|means?)\b"),
    re.compile(r"([\w-]+) (?:is|are) \{\w+\}\. (?:That|This|They|These) (?:is|are)\b"),
    re.compile(r"\bcalled (?:an? |the |your )?[“‘\"]?([\w-]+)"),
    re.compile(r"([\w-]+)[”’\"]? \([^)]+\)"),
)
_ENDINGS = (
    ("’s", ""), ("'s", ""), ("s", ""), ("es", ""), ("ies", "y"), ("ed", ""), ("ed", "e"), ("d", ""),
    ("ing", ""), ("ing", "e"), ("ly", ""), ("er", ""), ("er", "e"), ("est", ""), ("ier", "y"),
)  # fmt: skip


def words(text: str) -> list[str]:
    """The words of a text, a placeholder counting as one."""
    return _WORD.findall(_spoken(text))


def sentences(text: str) -> list[list[str]]:
    """Words, sentence by sentence."""
    found = (_WORD.findall(sentence) for sentence in _SENTENCE_END.split(_spoken(text)))
    return [sentence for sentence in found if sentence]


def grade(text: str) -> float | None:
    """The Flesch-Kincaid grade; None where the text is too short to have one."""
    each = sentences(text)
    count = sum(map(len, each))
    if count < FEWEST_WORDS_FOR_A_GRADE:
        return None
    sounds = sum(syllables(word) for sentence in each for word in sentence)
    return 0.39 * count / len(each) + 11.8 * sounds / count - 15.59


def hard_words(text: str) -> Iterator[tuple[str, str]]:
    """Words that a nine-year-old may not know, and what to say instead where we know it."""
    seen = set()
    folded = " ".join(words(text)).casefold()
    for phrase, plain in PLAIN_WORDS.items():
        if re.search(rf"\b{re.escape(phrase)}\b", folded):
            seen.add(phrase)
            yield phrase, plain
    for word in words(text):
        said = word.casefold().replace("’", "'")
        if said not in seen and not word.isupper() and _is_hard(said):
            seen.add(said)
            yield word, ""


def explained(text: str) -> frozenset[str]:
    """The words whose meaning a text gives: "an advocate is a ...", "called the advocate"."""
    found = [word for pattern in _EXPLAINS for word in pattern.findall(text)]
    return frozenset(form for word in found for form in _forms(word.casefold()))


def is_explained(word: str, known: frozenset[str]) -> bool:
    return bool(_forms(word.casefold().replace("’", "'")) & known)


@cache
def syllables(word: str) -> int:
    # Here and by name: it takes half a second that only authors need, and has no types.
    return int(import_module("textstat").syllable_count(word.replace("’", "'")))


@cache
def _known_words() -> frozenset[str]:
    listed = (files("textstat") / "resources/en/easy_words.txt").read_text(encoding="utf-8")
    return frozenset(listed.split()) | KNOWN_TODAY


def _is_hard(word: str) -> bool:
    parts = word.split("-")
    if len(parts) > 1:
        return any(_is_hard(part) for part in parts)
    if any(sign.isdigit() for sign in word) or syllables(word) < 3:
        return False
    return not _forms(word) & _known_words()


@cache
def _forms(word: str) -> frozenset[str]:
    """A word without its endings, in every way that they might come off."""
    bare = {word.removesuffix("'s")}
    bare |= {word[: -len(end)] + put for end, put in _ENDINGS if word.endswith(end)}
    bare |= {form[:-1] for form in bare if len(form) > 3 and form[-1] == form[-2]}
    return frozenset(bare)


def _spoken(text: str) -> str:
    return _PLACEHOLDER.sub(lambda found: _STAND_INS.get(found[1], "Sam"), _COMMAND.sub("", text))
