"""The web chat's pages. What people wrote is only ever a value in a template, never a template."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from bot.helplines import Helpline
from bot.lines import Line
from flows.answers import Part
from flows.exchange import Accepts, Edited, Look, Message, Sent, Tap, Words
from flows.schema import Audience
from flows.showing import ANYWHERE
from flows.wording import Wording, right_to_left

_HERE = Path(__file__).parent
STATIC = _HERE / "static"


def _version(name: str) -> str:
    """A name that changes with the file, so that browsers may keep it for long."""
    content = (STATIC / name).read_bytes()
    return f"/static/{name}?{sha256(content).hexdigest()[:10]}"


class Pages:
    """Renders, in any language that there is."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._environments: dict[str, Environment] = {}
        self._files = {name: _version(name) for name in ("chat.css", "chat.js", "icon.svg")}

    def page(
        self, template: str, language: str, values: Mapping[str, Any], status: int = 200
    ) -> HTMLResponse:
        return HTMLResponse(self.text(template, language, values), status_code=status)

    def text(self, template: str, language: str, values: Mapping[str, Any]) -> str:
        spoken = language if self._wording.speaks(language) else "en"
        return (
            self._environment(spoken)
            .get_template(template)
            .render(
                language=spoken,
                direction="rtl" if right_to_left(spoken) else "ltr",
                files=self._files,
                **values,
            )
        )

    def _environment(self, language: str) -> Environment:
        """One for each language: gettext is fixed when a template is compiled."""
        if language not in self._environments:
            environment = Environment(
                loader=FileSystemLoader(_HERE / "templates"),
                autoescape=True,
                undefined=StrictUndefined,
                extensions=["jinja2.ext.i18n"],
                trim_blocks=True,
                lstrip_blocks=True,
            )
            page = self._wording.page(language)
            environment.install_gettext_callables(  # type: ignore[attr-defined]
                page.gettext, page.ngettext, newstyle=False
            )
            environment.globals.update(
                said=said_in,
                direction_of=lambda code: "rtl" if right_to_left(code) else "ltr",
                EXIT=Look.EXIT,
                ANYWHERE=ANYWHERE,
                Accepts=Accepts,
                help_label=self._wording.say("help_button", Audience.ADULT, language),
            )
            self._environments[language] = environment
        return self._environments[language]


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


def asking(lines: tuple[Line, ...]) -> Message | None:
    """The newest message that something can be answered to."""
    messages = (line.message for line in reversed(lines) if line.message is not None)
    return next((message for message in messages if message.rows or message.accepts), None)


def help_values(lines: tuple[Helpline, ...]) -> dict[str, Any]:
    return {"helplines": lines}
