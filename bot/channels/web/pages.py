"""The web chat's pages. What people wrote is only ever a value in a template, never a template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from bot.helplines import by_nation
from bot.lines import Line
from flows.answers import Part
from flows.exchange import Choice, Edited, Look, Message, Sent, Style, Tap, Words
from flows.schema import Audience
from flows.telling import TOPICS
from flows.wording import Wording, right_to_left

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
_CLOSING = frozenset({"done", "nobody", "keep", "clear"})


def _version(name: str) -> str:
    """A name that changes with the file, so that browsers may keep it for long."""
    content = (STATIC / name).read_bytes()
    return f"/static/{name}?{sha256(content).hexdigest()[:10]}"


class Pages:
    """Renders, in any language that there is."""

    def __init__(self, wording: Wording, neutral_url: str) -> None:
        self._wording = wording
        self._neutral_url = neutral_url
        self._files = {name: _version(name) for name in ("chat.css", "chat.js", "icon.svg")}

    def page(
        self, template: str, language: str, values: Mapping[str, Any], status: int = 200
    ) -> HTMLResponse:
        return HTMLResponse(self.text(template, language, values), status_code=status)

    def text(self, template: str, language: str, values: Mapping[str, Any]) -> str:
        spoken = language if self._wording.speaks(language) else "en"
        return (
            _environment(self._wording, spoken)
            .get_template(template)
            .render(
                language=spoken,
                direction="rtl" if right_to_left(spoken) else "ltr",
                files=self._files,
                neutral=self._neutral_url,
                **{"helplines": (), **values},
            )
        )


@lru_cache(maxsize=64)
def _environment(wording: Wording, language: str) -> Environment:
    """One for each language: gettext is fixed when a template is compiled, once in a process."""
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = wording.page(language)
    # newstyle would mark whatever passes through gettext as safe HTML.
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        page.gettext, page.ngettext, newstyle=False
    )
    environment.globals.update(
        said=said_in,
        ticked=ticked,
        topics=topics,
        direction_of=lambda code: "rtl" if right_to_left(code) else "ltr",
        nations=by_nation(),
        EXIT=Look.EXIT,
        help_label=wording.say("help_button", Audience.ADULT, language),
    )
    environment.tests["options"] = are_options
    return environment


# --- what of a conversation a page shows ---


@dataclass(frozen=True)
class Shown:
    """Lines to show, and the numbers of those that later ones stand in the place of."""

    lines: tuple[Line, ...]
    gone: tuple[int, ...]


def shown(lines: Sequence[Line]) -> Shown:
    """Leaves out what shows nothing, such as a command, and what a newer line replaces: while
    somebody ticks several choices, the question stays in its place."""
    kept: list[Line] = []
    gone: list[int] = []
    for line in lines:
        if line.message is None and not said_in(line):
            continue
        if line.message is not None and line.message.replaces:
            gone += [old.number for old in _take_off(kept, line, line.message)]
        kept.append(line)
    return Shown(tuple(kept), tuple(gone))


def _take_off(kept: list[Line], line: Line, message: Message) -> list[Line]:
    taken = []
    if kept and kept[-1].turn_key == line.turn_key and isinstance(kept[-1].said, Tap):
        taken.append(kept.pop())
    if kept and kept[-1].message is not None and kept[-1].message.state == message.state:
        taken.append(kept.pop())
    return taken


def said_in(line: Line) -> list[Part]:
    """What a person's own line shows: words, what their button said, a recording, a picture."""
    match line.said:
        case Words(text=text) | Edited(text=text):
            return [Part(text=text)]
        case Tap():
            return [Part(text=line.label)] if line.label else []
        case Sent(kind=kind, attachment=attachment, caption=caption, seconds=seconds):
            sent = Part(kind=kind, attachment=attachment, seconds=seconds)
            return [sent, *([Part(text=caption)] if caption else [])]
    return []


def ticked(message: Message) -> list[Choice]:
    """The choices that were made: they stay to be seen when the buttons are gone. Empty where the
    message quotes them already."""
    if any(paragraph.style is Style.QUOTE for paragraph in message.paragraphs):
        return []
    return [choice for row in message.rows for choice in row if choice.chosen]


def topics(message: Message) -> list[tuple[str, str]]:
    """The topics of privacy that this message offers, by their names on the privacy page: what
    reads as links leaves the question's form, and the words in it, alone."""
    choices = (choice for row in message.rows for choice in row)
    return [(anchor(one.id), one.label) for one in choices if one.id in TOPICS]


def anchor(topic: str) -> str:
    """Where the privacy page says it."""
    return topic.removeprefix("privacy_").replace("_", "-")


def are_options(row: Sequence[Choice]) -> bool:
    """Whether these buttons are answers, rather than what closes or leaves a question."""
    return any(choice.look is Look.ANSWER and choice.id not in _CLOSING for choice in row)


def asking(lines: Sequence[Line]) -> Message | None:
    """The newest message that something can be answered to."""
    messages = (line.message for line in reversed(lines) if line.message is not None)
    return next((message for message in messages if message.rows or message.accepts), None)
