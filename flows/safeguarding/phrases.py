"""What a phrase file may say, and what it becomes: the form in which matching looks for it.

A phrase is words in their order, as a safeguarding lead would write them down:

    he|she hits me         one of several words
    hit* me                any word that begins so
    {family} {hits} me     any word of a list that the file names
    hits? me               a word that may be missing
    he .. me   he ... me   up to three, or up to six other words between

Fillers between words ("really", "just") never matter, nor does how a word is spelt: `same` names
other spellings, `forms` other forms of a verb or a noun, and a slip of one letter in a longer word
is forgiven. Words that are `skipped` ("my", "the") may stand between any two.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from pydantic import BaseModel, ConfigDict
from rapidfuzz.distance import OSA

from flows.safeguarding.reading import PAUSE, fold, tokens

SHORT_GAP: Final = 3
LONG_GAP: Final = 6
SHORTEST_BARE: Final = 3
"""Letters that are left of a word without what clings to it."""
SHORTEST_FORGIVEN: Final = 5
"""Letters. In shorter words one other letter is another word."""

_DOUBLED = re.compile(r"(.)\1")


class Negators(BaseModel):
    """Words that say no, and how many words away they still say it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    reach_before: int = 4
    reach_after: int = 2


class PhraseFile(BaseModel):
    """One language. Everything that can be changed without a programmer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str
    common: tuple[str, ...]
    """Small words by which the language is known."""
    any_order_within: int = 0
    """The words of an alarm may also stand in any order, so close together."""
    any_order_from: int = 2
    """How many words an alarm must have for that."""
    fillers: tuple[str, ...] = ()
    same: dict[str, tuple[str, ...]] = {}
    """A spelling, and the others that mean it."""
    words: dict[str, tuple[str, ...]] = {}
    """Lists that phrases name in braces."""
    forms: tuple[tuple[str, ...], ...] = ()
    """Forms of one word, also the wrong ones of children and learners: in an alarm each stands
    for all."""
    skipped: tuple[str, ...] = ()
    """Small words that may stand between any two words of a phrase, such as "my"."""
    beginnings: tuple[str, ...] = ()
    """What clings to the front of a word, such as the Arabic "and", "with the"."""
    endings: tuple[str, ...] = ()
    """What clings to its end, such as the Bengali "to" and "of"."""
    not_misspelt: tuple[str, ...] = ()
    """Words one letter away from a word of danger that are themselves right."""
    negators: Negators = Negators()
    breaks: tuple[str, ...] = ()
    """Words such as "but", across which no negator reaches."""
    not_negating: tuple[str, ...] = ()
    """ "Nobody knows", "never stops": a no that takes nothing back."""
    harmless: tuple[str, ...] = ()
    """Figures of speech. Their words alarm nobody."""
    denied: tuple[str, ...] = ()
    long_past: tuple[str, ...] = ()
    """Enough to say that it is over."""
    past: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    """With one of `past`, enough to say that it is over."""
    still: tuple[str, ...] = ()
    """Says that it is not over, whatever else is said."""
    elsewhere: tuple[str, ...] = ()
    """Films, lessons, news: not about them."""
    here: tuple[str, ...] = ()
    """ "Like at home": about them after all."""
    alarm: dict[str, tuple[str, ...]]
    """By category."""


class PhraseUnusable(ValueError):
    """A phrase that cannot be read; names the phrase and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Element:
    """One place in a phrase."""

    id: int
    optional: bool
    gap: int
    """How many other words may stand before it; negative: only within the same part."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase, ready to be looked for."""

    kind: str
    text: str
    elements: tuple[Element, ...]
    required: frozenset[int]


@dataclass
class Language:
    """One language's phrases, ready to be looked for."""

    file: PhraseFile
    phrases: tuple[Phrase, ...] = ()
    common: frozenset[str] = frozenset()
    breaks: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    _fillers: frozenset[str] = frozenset()
    _same: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = field(default_factory=dict)
    _forms: dict[str, frozenset[str]] = field(default_factory=dict)
    _lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By name, the file's own lists of words, each read once for all phrases that name it."""
    _elements: dict[frozenset[str], int] = field(default_factory=dict)
    _with: dict[int, list[int]] = field(default_factory=dict)
    """By an element that must be there: the phrases to look at, each under one of its own."""
    _exact: dict[str, set[int]] = field(default_factory=dict)
    _stems: dict[str, set[int]] = field(default_factory=dict)
    _stem_lengths: tuple[int, ...] = ()
    _nearly: dict[str, set[str]] = field(default_factory=dict)
    _known: frozenset[str] = frozenset()
    _beginnings: tuple[str, ...] = ()
    _endings: tuple[str, ...] = ()

    @classmethod
    def read(cls, file: PhraseFile) -> "Language":
        """Raises PhraseUnusable."""
        language = cls(file)
        language._prepare()
        return language

    def tokens(self, text: str) -> list[str]:
        """A message's words as the phrases know them."""
        read, kept, at = tokens(text), [], 0
        while at < len(read):
            for variant, meant in self._same.get(read[at], ()):
                if tuple(read[at : at + len(variant)]) == variant:
                    kept += [word for word in meant if word not in self._fillers]
                    at += len(variant)
                    break
            else:
                if read[at] not in self._fillers:
                    kept.append(read[at])
                at += 1
        return kept

    def meant(self, token: str) -> frozenset[int]:
        """The places in phrases where this word may stand."""
        found = self._places(token)
        if token not in self._exact and token not in self._known:
            found |= self._places(_DOUBLED.sub(r"\1", token))
        if not found and token not in self._known:
            for word in self._bare(token):
                found |= self._places(word)
        if not found and _may_slip(token) and token not in self._known:
            for word in self._nearest(token):
                found |= self._places(word)
        return frozenset(found)

    def possible(self, there: frozenset[int]) -> list[Phrase]:
        """The phrases of which all that must be there is there, in the file's order."""
        numbers = chain.from_iterable(self._with.get(id_, ()) for id_ in there)
        phrases = (self.phrases[number] for number in sorted(numbers))
        return [phrase for phrase in phrases if phrase.required <= there]

    def _bare(self, token: str) -> Iterator[str]:
        """The same word without what clings to it."""
        for beginning in ("", *self._beginnings):
            for ending in ("", *self._endings):
                if token.startswith(beginning) and token.endswith(ending):
                    bare = token[len(beginning) : len(token) - len(ending)]
                    if SHORTEST_BARE <= len(bare) < len(token):
                        yield bare

    def _places(self, token: str) -> set[int]:
        found = set(self._exact.get(token, ()))
        for length in self._stem_lengths:
            if length > len(token):
                break
            found |= self._stems.get(token[:length], set())
        return found

    def _nearest(self, token: str) -> Iterator[str]:
        """Words of the file that this may have been meant to be: one slip away, first letters
        alike; or a longer word whose beginning is."""
        heads = {token, *(token[:length] for length in range(6, len(token)))}
        for head in heads:
            whole = head == token
            for cut in chain((head,), _one_less(head)):
                for word in self._nearly.get(cut, ()):
                    if whole != word.endswith("*") and word[0] == token[0]:
                        stem = word.rstrip("*")
                        if OSA.distance(stem, head, score_cutoff=1) <= 1:
                            yield stem

    # --- making it ready ---

    def _prepare(self) -> None:
        file = self.file
        fillers = [tuple(tokens(filler)) for filler in file.fillers]
        self._fillers = frozenset(filler[0] for filler in fillers if len(filler) == 1)
        same = [(filler, ()) for filler in fillers if len(filler) > 1] + [
            (tuple(tokens(variant)), tuple(tokens(meant)))
            for meant, variants in file.same.items()
            for variant in variants
        ]
        for read, meaning in same:
            self._same.setdefault(read[0], []).append((read, meaning))
        for several in self._same.values():
            several.sort(key=lambda one: -len(one[0]))
        self.common = frozenset(fold(word) for word in file.common)
        self._beginnings = tuple(fold(one) for one in file.beginnings)
        self._endings = tuple(fold(one) for one in file.endings)
        self.breaks = frozenset((PAUSE, *(fold(word) for word in file.breaks)))
        self.skipped = frozenset(fold(word) for word in file.skipped)
        self._forms = {
            fold(form): frozenset(map(fold, forms)) for forms in file.forms for form in forms
        }
        self.before = frozenset(chain.from_iterable(tokens(one) for one in file.negators.before))
        self.after = frozenset(chain.from_iterable(tokens(one) for one in file.negators.after))
        lists = {
            "not_negating": file.not_negating,
            "harmless": file.harmless,
            "denied": file.denied,
            "long_past": file.long_past,
            "past": file.past,
            "over": file.over,
            "still": file.still,
            "elsewhere": file.elsewhere,
            "here": file.here,
        } | {f"alarm:{category}": phrases for category, phrases in file.alarm.items()}
        self.phrases = tuple(
            self._phrase(kind, text) for kind, texts in lists.items() for text in texts
        )
        self._index()

    def _phrase(self, kind: str, text: str) -> Phrase:
        elements: list[Element] = []
        gap = 0
        for piece in text.split():
            if piece in ("..", "..."):
                gap = -SHORT_GAP if piece == ".." else LONG_GAP
                continue
            optional = piece.endswith("?")
            terms = frozenset(self._terms(piece.removesuffix("?"), text)) - self._fillers
            if kind.startswith("alarm"):
                terms = terms.union(*(self._forms.get(term, ()) for term in terms))
            if not terms and not kind.startswith("alarm"):
                raise PhraseUnusable(
                    f"{self.file.language}: “{text}”: “{piece}” is a filler, so it is never there."
                )
            if not terms:
                continue
            id_ = self._elements.setdefault(terms, len(self._elements))
            elements.append(Element(id_, optional, gap))
            gap = 0
        if not elements or all(element.optional for element in elements):
            raise PhraseUnusable(
                f"{self.file.language}: “{text}” holds no word that must be there."
            )
        required = frozenset(element.id for element in elements if not element.optional)
        return Phrase(kind, text, tuple(elements), required)

    def _terms(self, piece: str, text: str, seen: tuple[str, ...] = ()) -> Iterator[str]:
        for term in piece.split("|"):
            if term.startswith("{"):
                name = term.strip("{}")
                if name not in self.file.words or name in seen:
                    raise PhraseUnusable(
                        f"{self.file.language}: “{text}” names the list {{{name}}}, which the "
                        "file does not have, or which names itself."
                    )
                if name not in self._lists:
                    self._lists[name] = tuple(
                        found
                        for word in self.file.words[name]
                        for found in self._terms(word, text, (*seen, name))
                    )
                yield from self._lists[name]
            else:
                folded = fold(term.removesuffix("*")).replace("'", "")
                if not folded or any(sign in folded for sign in " {}?-"):
                    raise PhraseUnusable(f"{self.file.language}: “{text}”: “{term}” is no word.")
                if not term.endswith("*"):
                    for variant, meant in self._same.get(folded, ()):
                        if variant == (folded,):
                            if len(meant) > 1:
                                raise PhraseUnusable(
                                    f"{self.file.language}: “{text}”: write “{' '.join(meant)}” "
                                    f"for “{term}”."
                                )
                            folded = meant[0]
                            break
                yield folded + ("*" if term.endswith("*") else "")

    def _index(self) -> None:
        for number, phrase in enumerate(self.phrases):
            self._with.setdefault(max(phrase.required), []).append(number)
        for terms, id_ in self._elements.items():
            for term in terms:
                where = self._stems if term.endswith("*") else self._exact
                where.setdefault(term.rstrip("*"), set()).add(id_)
        self._stem_lengths = tuple(sorted({len(stem) for stem in self._stems}))
        rest = chain(self.file.not_misspelt, self.file.common, *self.file.same.values())
        self._known = frozenset(chain.from_iterable(tokens(word) for word in rest))
        for word in self._exact:
            if len(word) >= SHORTEST_FORGIVEN:
                self._forgive(word, word)
        for stem in self._stems:
            if len(stem) > SHORTEST_FORGIVEN:
                self._forgive(stem, stem + "*")

    def _forgive(self, spelling: str, word: str) -> None:
        for cut in chain((spelling,), _one_less(spelling)):
            self._nearly.setdefault(cut, set()).add(word)


def _may_slip(word: str) -> bool:
    """In Arabic and Bengali script one letter more or less is most often another word."""
    return len(word) >= SHORTEST_FORGIVEN and word < "\u0530"


def _one_less(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))
