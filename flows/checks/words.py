"""The words themselves: placeholders that are there, questions that are short, nothing too hard."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from flows.checks import reading
from flows.checks.finding import Finding
from flows.checks.places import Document, Text
from flows.checks.view import nearest
from flows.schema import Audience

PLACEHOLDERS = frozenset({"child", "coordinator", "meeting", "minutes", "place", "when"})
"""What showing fills in, everywhere."""

IN_PHRASES = frozenset(
    {
        "contact",
        "count",
        "headings",
        "link",
        "name",
        "names",
        "opens",
        "until",
        "number",
        "relation",
        "service",
        "total",
    }
)
"""What some of the conversation's own phrases are given beside these."""

_BARE = frozenset({"title", "heading", "label", "low", "high", "words", "nobody", "task"})
"""Fields that are also read without the conversation, so nothing fills a placeholder there."""

_NOT_SPOKEN = ("kind_", "typed_", "date_pattern")
_TOO_LONG = ("question_too_long", "sentence_too_long")
_FEWEST_STEPS = 10
"""In a flow that has a grade as a whole: a shorter one is its longest message."""
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def check_flow_words(document: Document) -> Iterator[Finding]:
    """The words of one flow."""
    known: frozenset[str] = frozenset()
    spoken: list[str] = []
    for texts in _by_step(document.texts):
        message = _message(texts)
        known |= reading.explained(message)
        spoken.append(message)
        found = [finding for text in texts for finding in _readable(document, text, known)]
        yield from found
        for text in texts:
            yield from _placeholders(document, text, PLACEHOLDERS)
        if message and not any(finding.code in _TOO_LONG for finding in found):
            first = next(text for text in texts if text.field in ("say", "ask"))
            yield from _grade(document, first, message)
    whole = reading.grade("\n\n".join(spoken))
    register = Audience(document.texts[0].register)
    limit = reading.LIMITS[register].grade_of_flow
    if whole is not None and whole > limit and len(spoken) > _FEWEST_STEPS:
        yield Finding(
            document.path,
            document.line(("title",)),
            "flow_too_hard",
            f"As a whole this reads at school grade {whole:.1f}; {limit:.0f} is the most.",
            "Use shorter sentences and shorter words, first in the longest messages.",
        )


def check_phrases(document: Document, explained: frozenset[str]) -> Iterator[Finding]:
    """The words of phrases.yaml.

    Args:
        document: the file.
        explained: hard words that the flows explain.
    """
    registers = defaultdict(set)
    for text in document.texts:
        registers[text.of].add(text.register)
    for text in document.texts:
        yield from _placeholders(document, text, PLACEHOLDERS | IN_PHRASES)
        if text.register == Audience.ADULT and len(registers[text.of]) < len(Audience):
            yield from _child_named(document, text, "is said to young people and children too")
        if not text.of.startswith(_NOT_SPOKEN):
            found = list(_readable(document, text, explained))
            yield from found
            if not any(finding.code in _TOO_LONG for finding in found):
                yield from _grade(document, text, text.text)


def explained_in(documents: Iterable[Document]) -> frozenset[str]:
    """Hard words that the flows say the meaning of."""
    return frozenset[str]().union(
        *(
            reading.explained(_message(texts))
            for document in documents
            for texts in _by_step(document.texts)
        )
    )


def placeholders(text: str) -> frozenset[str]:
    return frozenset(_PLACEHOLDER.findall(text))


def _by_step(texts: tuple[Text, ...]) -> list[list[Text]]:
    steps: dict[str, list[Text]] = defaultdict(list)
    for text in texts:
        steps[text.of].append(text)
    return list(steps.values())


def _message(texts: list[Text]) -> str:
    """What is read in one go."""
    return "\n\n".join(text.text for text in texts if text.field in ("say", "ask", "more"))


def _placeholders(document: Document, text: Text, known: frozenset[str]) -> Iterator[Finding]:
    for words in filter(None, (text.text, text.plural)):
        for name in sorted(placeholders(words)):
            line = document.line_of(text, f"{{{name}}}")
            if name not in known:
                yield Finding(
                    document.path,
                    line,
                    "unknown_placeholder",
                    f"Nothing is called {{{name}}} here.",
                    nearest(name, known),
                )
            elif text.field in _BARE:
                yield Finding(
                    document.path,
                    line,
                    "placeholder_here",
                    f"{{{name}}} stays empty here: this is also read without the conversation.",
                    "Say it without.",
                )
        if re.search("[{}]", _PLACEHOLDER.sub("", words)):
            yield Finding(
                document.path,
                document.line_of(text, "{"),
                "broken_placeholder",
                "A brace that belongs to no placeholder would be shown as it is.",
                "Write a placeholder in small letters, like {coordinator}.",
            )
    if text.register in (Audience.YOUNG, Audience.CHILD) and not text.for_coordinator:
        yield from _child_named(document, text, "is who reads this")


def _child_named(document: Document, text: Text, why: str) -> Iterator[Finding]:
    if "{child}" in text.text + text.plural:
        yield Finding(
            document.path,
            document.line_of(text, "{child}"),
            "child_named",
            f"{{child}} would be read by a child: it {why}.",
            "Say “you” instead.",
        )


def _readable(document: Document, text: Text, known: frozenset[str]) -> Iterator[Finding]:
    if text.for_coordinator or text.field == "title":
        return
    limits = reading.LIMITS[Audience(text.register)]
    count = len(reading.words(text.text))
    if text.field == "ask" and count > limits.words_in_question:
        yield Finding(
            document.path,
            text.line,
            "question_too_long",
            f"The question has {count} words; {limits.words_in_question} is the most.",
            "Shorten it, or put a part of it into `more`.",
        )
    longest = max(reading.sentences(text.text), key=len, default=[])
    if text.field != "ask" and len(longest) > limits.words_in_sentence:
        yield Finding(
            document.path,
            document.line_of(text, longest[0]),
            "sentence_too_long",
            f"A sentence has {len(longest)} words; {limits.words_in_sentence} is the most.",
            "Make two of it.",
        )
    for word, plain in reading.hard_words(text.text):
        if not reading.is_explained(word, known):
            yield Finding(
                document.path,
                document.line_of(text, word),
                "hard_word",
                f"Not every nine-year-old knows “{word}”.",
                f"Say “{plain}”." if plain else "Use another word, or say first what it means.",
            )


def _grade(document: Document, text: Text, message: str) -> Iterator[Finding]:
    grade = reading.grade(message)
    limit = reading.LIMITS[Audience(text.register)].grade_of_message
    if grade is not None and grade > limit and not text.for_coordinator:
        yield Finding(
            document.path,
            text.line,
            "too_hard",
            f"This message reads at school grade {grade:.1f}; {limit:.0f} is the most.",
            "Use shorter sentences and shorter words.",
        )
