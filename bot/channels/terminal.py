"""The conversation in a terminal, for those who write flows. Nothing is stored."""

from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from flows.exchange import Choice, Message, Said, Style, Tap
from flows.hearing import NotThere, Talk, choices, effect_in_words
from flows.library import Library
from flows.replay import circumstances, written_header, written_message

_LOOKS = {Style.PLAIN: "", Style.STRONG: "bold", Style.SMALL: "dim", Style.QUOTE: "italic"}


def talk(
    library: Library,
    flow: str,
    language: str = "en",
    transcript: Path | None = None,
    console: Console | None = None,
) -> None:
    """Holds a flow's newest version about a made-up meeting, until the input ends.

    Args:
        library: flows and words.
        flow: its id.
        language: to begin in.
        transcript: a file to write the conversation into, as `beforehand flows replay` reads it.
        console: where to talk.

    Raises:
        flows.library.FlowUnknown: there is no such flow.
    """
    console = console or Console()
    machine, wording = library.newest(flow), library.wording
    around = circumstances({}, wording.languages)
    held = Talk(machine, wording, around, language)
    record = written_header({"flow": flow, "language": language, "channel": "terminal"})
    console.print("Write, or give a button's number. /help and other commands work.", style="dim")
    console.print("Ctrl-D ends this. Nothing is stored.\n", style="dim")
    while True:
        for message in held.new:
            _show(console, message)
            record += written_message(message) + "\n"
        for effect in map(effect_in_words, held.effects):
            console.print(f"→ the service: {effect}", style="yellow", markup=False)
            record += f"! {effect}\n"
        heard = _next(console, held)
        if heard is None:
            break
        said, written = heard
        record += f"{written}\n\n"
        held.take(said)
    console.print("\nThank you for talking. Nothing was stored.", style="dim")
    if transcript is not None:
        transcript.write_text(record, encoding="utf-8")
        console.print(f"The transcript is in {transcript}.", style="dim", markup=False)


def numbered(message: Message) -> dict[str, Choice]:
    """What to type for each button. One whose label is a number keeps it, as on a scale."""
    found: dict[str, Choice] = {}
    waiting: list[Choice] = []
    for choice in choices(message):
        own = choice.label.split(" · ")[0]
        if own.isascii() and own.isdigit():
            found[own] = choice
        else:
            waiting.append(choice)
    first = max(map(int, found), default=0) + 1
    found.update((str(number), choice) for number, choice in enumerate(waiting, start=first))
    return found


def _show(console: Console, message: Message) -> None:
    if message.progress:
        console.print(message.progress, style="dim", markup=False, highlight=False)
    for paragraph in message.paragraphs:
        text = Text(paragraph.text, style=_LOOKS[paragraph.style])
        console.print(
            Padding(text, (0, 0, 0, 4), expand=False) if paragraph.style is Style.QUOTE else text
        )
    buttons = [
        f"{number}) {'✓ ' if choice.chosen else ''}{choice.label}"
        for number, choice in numbered(message).items()
    ]
    if buttons:
        console.print("   ".join(buttons), style="cyan", markup=False, highlight=False)
    console.print()


def _next(console: Console, held: Talk) -> tuple[Said, str] | None:
    """The next thing said, and how a transcript has it; None at the end of the input."""
    while True:
        try:
            line = console.input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            return None
        if not console.is_terminal:
            console.print(line, markup=False, highlight=False)
        try:
            return _meant(held, line)
        except NotThere as error:
            console.print(f"There is no {error.wanted} here.", style="red", markup=False)


def _meant(held: Talk, line: str) -> tuple[Said, str]:
    """A number or a label taps; what looks like a transcript's line is one; the rest is words."""
    asking = next((message for message in reversed(held.new) if message.rows), None)
    if asking is not None:
        same = (c for c in choices(asking) if c.label.casefold() == line.casefold())
        choice = numbered(asking).get(line) or next(same, None)
        if choice is not None:
            tap = Tap(state=asking.state, choice=choice.id, revision=asking.revision)
            return tap, f"[{choice.label}]"
    said = held.hear(line)
    if said is not None:
        return said, line
    words = held.hear(f"> {line}")
    assert words is not None  # noqa: S101 - a line that begins with > is always words
    return words, f"> {line}"
