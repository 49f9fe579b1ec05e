"""Templates become pages. Every string of ours is a constant passed to gettext; a person's words
are never passed to it, and nothing is ever marked as safe."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flows.schema import Audience
from flows.wording import Wording, isolated, right_to_left

_HERE = Path(__file__).parent
STYLE = (_HERE / "static" / "coordinator.css").read_bytes()
STYLE_VERSION = hashlib.sha256(STYLE).hexdigest()[:12]


class Views:
    """One template environment for each language. Old-style gettext: the new style would mark what
    it returns, with names filled in, as safe (WEB.md, 3.1)."""

    def __init__(self, wording: Wording, *, demo: bool = False) -> None:
        self._wording = wording
        self._demo = demo
        self._environments = {language: self._made(language) for language in wording.languages}

    def render(self, template: str, language: str, **context: Any) -> str:  # noqa: ANN401 - Jinja's
        spoken = language if language in self._environments else "en"
        return self._environments[spoken].get_template(template).render(**context)

    def _made(self, language: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        environment.install_gettext_translations(  # type: ignore[attr-defined]
            self._wording.page(language), newstyle=False
        )

        def when(moment: datetime, zone: str) -> str:
            return self._wording.when(moment, zone, Audience.ADULT, language)

        def language_name(code: str) -> str:
            spoken = Locale.parse(language.replace("-", "_"))
            return Locale.parse(code.replace("-", "_")).get_display_name(spoken) or code

        def kind_of_meeting(kind: str) -> str:
            return self._wording.say(f"kind_{kind}", Audience.ADULT, language)

        environment.globals.update(
            when=when,
            language_name=language_name,
            kind_of_meeting=kind_of_meeting,
            named=lambda text: isolated(text, language),
            page_language=language,
            page_direction="rtl" if right_to_left(language) else "ltr",
            style_version=STYLE_VERSION,
            demo=self._demo,
        )
        return environment
