"""Transcripts: conversations as plain text that anyone can read and correct, played against a flow.

    flow: parent
    channel: web

    # What we say stands as it is. Its beginning is enough, and ... passes over the rest.
    Which language would you like?
    [English]
    Is now a safe and private time
    ...
    > My own words
    ! alert not_safe_with

The first lines say which flow, and may give language, channel, coordinator, child, meeting (its
kind) and place. What the person does is written as in `hearing`. A line with `!` says what the
service does then; `! nothing` that it does nothing. Where nothing of ours is written between two
things said, nothing is compared. Before a line of ours that begins with > [ ( / ! or # stands a \\.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from flows.answers import Circumstances, Conversation
from flows.exchange import Effect, Message
from flows.hearing import NotThere, Talk, choices, effect_in_words, paragraphs, plain
from flows.machine import FlowMachine
from flows.wording import Wording

ANYTHING = "..."
_HEADER = re.compile(r"(flow|language|channel|coordinator|child|meeting|place): *(.*)")
_OURS_BEGINS = ("\\", ">", "[", "(", "/", "!", "#", ANYTHING)


@dataclass(frozen=True)
class Difference:
    """Where the conversation went another way than the transcript."""

    line: int
    written: str
    said: str

    def __str__(self) -> str:
        return f"line {self.line}: written: {self.written!r}; said: {self.said!r}"


class TranscriptDiffers(AssertionError):
    """A transcript does not hold any more."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(str(difference))
        self.difference = difference


@dataclass(frozen=True)
class Played:
    conversation: Conversation
    report: tuple[Difference, ...]
    effects: tuple[Effect, ...]


@dataclass
class _Written:
    """What is written between two things said."""

    line: int
    ours: list[tuple[int, str]] = field(default_factory=list)
    effects: list[tuple[int, str]] = field(default_factory=list)


def replay(
    machine: FlowMachine,
    wording: Wording,
    around: Circumstances,
    text: str,
    *,
    language: str = "en",
    strict: bool = True,
) -> Played:
    """Holds the conversation that a transcript has, and compares.

    Args:
        machine: the flow.
        wording: the words.
        around: the meeting; `circumstances` makes one up from the transcript.
        text: the transcript.
        language: that the conversation begins in.
        strict: stop at the first difference.

    Raises:
        TranscriptDiffers: the first difference, when strict.
    """
    talk = Talk(machine, wording, around, language)
    report: list[Difference] = []
    effects: list[Effect] = []
    written = _Written(1)

    def note(difference: Difference) -> None:
        if strict:
            raise TranscriptDiffers(difference)
        report.append(difference)

    for number, line in _body(text):
        if line.startswith("!"):
            written.effects.append((number, line[1:].strip()))
            continue
        try:
            said = talk.hear(line)
        except NotThere as error:
            note(Difference(number, error.wanted, error.there))
            continue
        if said is None:
            written.ours.append((number, line.removeprefix("\\")))
            continue
        for difference in _differences(talk, written):
            note(difference)
        talk.take(said)
        effects += talk.effects
        written = _Written(number)
    for difference in _differences(talk, written):
        note(difference)
    return Played(talk.conversation, tuple(report), tuple(effects))


def header(text: str) -> dict[str, str]:
    """What the first lines of a transcript say of it."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if match := _HEADER.fullmatch(line.strip()):
            found[match[1]] = match[2].strip()
        elif line.strip() and not line.startswith("#"):
            break
    return found


def circumstances(told: dict[str, str], languages: tuple[str, ...] = ("en",)) -> Circumstances:
    """A made-up meeting, with what a transcript's first lines say of it.

    Args:
        told: from `header`.
        languages: that the service offers.
    """
    channel = told.get("channel", "terminal")
    return Circumstances(
        channel="telegram" if channel == "telegram" else "web" if channel == "web" else "terminal",
        coordinator=told.get("coordinator", "Sam Reed"),
        meeting_kind=told.get("meeting", "family_group_conference"),
        starts_at=datetime(2027, 3, 16, 14, 0, tzinfo=UTC),
        timezone="Europe/London",
        place=told.get("place", "the Elm Street centre"),
        child=told.get("child", "Robin"),
        languages=languages,
        help_lines=("Someone to call: 0000 000 000 (a made-up number)",),
    )


def written_header(told: dict[str, str]) -> str:
    return "".join(f"{key}: {value}\n" for key, value in told.items()) + "\n"


def written_message(message: Message) -> str:
    """One message of ours as a transcript has it, with its buttons as a comment."""
    lines = [f"# {message.progress}"] if message.progress else []
    for text in paragraphs((message,)):
        lines.append(f"\\{text}" if text.startswith(_OURS_BEGINS) else text)
    if message.rows:
        lines.append("# " + " ".join(f"[{plain(choice.label)}]" for choice in choices(message)))
    return "\n".join(lines) + "\n"


def _body(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers; without comments, empty lines and the header."""
    in_header = True
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if in_header and _HEADER.fullmatch(line):
            continue
        in_header = False
        yield number, line


def _differences(talk: Talk, written: _Written) -> Iterator[Difference]:
    if written.ours:
        yield from _compare(paragraphs(talk.new), written.ours)
    done = [effect_in_words(effect) for effect in talk.effects]
    for number, effect in written.effects:
        if effect not in done and not (effect == "nothing" and not done):
            yield Difference(number, f"! {effect}", ", ".join(done) or "nothing")


def _compare(said: list[str], ours: list[tuple[int, str]]) -> Iterator[Difference]:
    """The first place where what we said is not what is written."""
    at, anywhere = 0, False
    for number, line in ours:
        if line == ANYTHING:
            anywhere = True
            continue
        wanted = plain(line).removesuffix(ANYTHING).rstrip()
        rest = said[at:] if anywhere else said[at : at + 1]
        found = next((n for n, text in enumerate(rest) if text.startswith(wanted)), None)
        if found is None:
            yield Difference(number, line, " / ".join(said[at:]) or "(nothing more)")
            return
        at, anywhere = at + found + 1, False
    if not anywhere and at < len(said):
        yield Difference(ours[-1][0], "(nothing more)", said[at])
