"""Looks for phrases in a message, and weighs what stands around them: a no, the past, a film."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flows.safeguarding.phrases import Element, Language, Phrase
from flows.safeguarding.reading import PAUSE

AROUND: Final = 20
"""How many words away something still belongs to what was said."""


@dataclass(frozen=True, slots=True)
class Match:
    """Where a phrase stands in a message."""

    phrase: Phrase
    at: tuple[int, ...]
    """Which words it consists of."""

    def near(self, other: "Match") -> bool:
        return self.at[0] - AROUND <= other.at[-1] and other.at[0] <= self.at[-1] + AROUND


class Heard:
    """One message, as one language hears it."""

    def __init__(self, language: Language, text: str) -> None:
        self._language = language
        self._tokens = language.tokens(text)
        self._meant = [
            language.meant(token) if token != PAUSE else frozenset[int]() for token in self._tokens
        ]
        self._by_kind: dict[str, list[Match]] = {}
        there = frozenset[int]().union(*self._meant)
        for phrase in language.possible(there):
            found = self._by_kind.setdefault(phrase.kind.partition(":")[0], [])
            found.extend(self._find(phrase))

    def alarms(self) -> Iterator[Match]:
        """Phrases of danger that nothing around them takes back."""
        harmless = {at for match in self._all("harmless") for at in match.at}
        spared = {at for match in self._all("not_negating") for at in match.at}
        for match in self._all("alarm"):
            if not (
                harmless.intersection(match.at)
                or self._negated(match, spared)
                or self._near(match, "denied")
                or self._over(match)
                or (self._near(match, "elsewhere") and not self._near(match, "here"))
            ):
                yield match

    def _all(self, kind: str) -> list[Match]:
        return self._by_kind.get(kind, [])

    def _near(self, match: Match, kind: str) -> bool:
        return any(
            match.near(other) and not set(other.at) <= set(match.at) for other in self._all(kind)
        )

    def _over(self, match: Match) -> bool:
        if self._near(match, "still"):
            return False
        if self._near(match, "long_past"):
            return True
        return self._near(match, "past") and self._near(match, "over")

    def _negated(self, match: Match, spared: set[int]) -> bool:
        negators = self._language.file.negators
        first, last = match.at[0], match.at[-1]
        inside = range(first, last + 1)
        before = self._reach(range(first - 1, -1, -1), negators.reach_before)
        after = self._reach(range(last + 1, len(self._tokens)), negators.reach_after)
        aside = spared.union(match.at)
        return any(
            self._tokens[at] in words and at not in aside
            for words, places in (
                (self._language.before, [*inside, *before]),
                (self._language.after, [*inside, *after]),
            )
            for at in places
        )

    def _reach(self, places: range, most: int) -> Iterator[int]:
        for at in places[:most]:
            if self._tokens[at] in self._language.breaks:
                return
            yield at

    # --- finding ---

    def _find(self, phrase: Phrase) -> Iterator[Match]:
        starts = range(len(self._tokens))
        found = [
            Match(phrase, at)
            for start in starts
            if (at := self._from(phrase.elements, 0, start, ()))
        ]
        fewest = self._language.file.any_order_from
        if not found and phrase.kind.startswith("alarm") and len(phrase.required) >= fewest:
            within = self._language.file.any_order_within
            close = (self._in_any_order(phrase, start, within) for start in starts)
            found = [Match(phrase, at) for at in close if at][:1]
        yield from found

    def _in_any_order(self, phrase: Phrase, start: int, within: int) -> tuple[int, ...] | None:
        """All words of a phrase close together from `start` on: people turn sentences around."""
        window = range(start, min(start + within, len(self._tokens)))
        at: list[int] = []
        for element in phrase.elements:
            if not element.optional:
                free = (place for place in window if place not in at)
                place = next((one for one in free if element.id in self._meant[one]), None)
                if place is None:
                    return None
                at.append(place)
        return tuple(sorted(at))

    def _from(
        self, elements: tuple[Element, ...], number: int, start: int, at: tuple[int, ...]
    ) -> tuple[int, ...] | None:
        """The words from `start` on that the rest of a phrase consists of."""
        if number == len(elements):
            return at
        element = elements[number]
        reach = abs(element.gap) if at else 0
        for place in range(start, len(self._tokens)):
            if element.id in self._meant[place]:
                rest = self._from(elements, number + 1, place + 1, (*at, place))
                if rest is not None:
                    return rest
            if self._tokens[place] == PAUSE and element.gap <= 0:
                break
            if not at or self._tokens[place] not in self._language.skipped:
                reach -= 1
            if reach < 0:
                break
        if element.optional:
            return self._from(elements, number + 1, start, at)
        return None
