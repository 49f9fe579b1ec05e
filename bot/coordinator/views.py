"""Templates become pages. Every string of ours is a constant passed to gettext; a person's words
are never passed to it, and nothing is ever marked as safe."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from jinja2 import (
    ChainableUndefined,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
)

from bot.coordinator.assets import GOVUK, address_of
from bot.summaries.sentences import Sentences
from flows.wording import Wording, own_name, right_to_left

_TEMPLATES = Path(__file__).parent / "templates"

_COMPONENTS = {
    "back-link": "govukBackLink",
    "button": "govukButton",
    "checkboxes": "govukCheckboxes",
    "date-input": "govukDateInput",
    "details": "govukDetails",
    "error-message": "govukErrorMessage",
    "error-summary": "govukErrorSummary",
    "fieldset": "govukFieldset",
    "file-upload": "govukFileUpload",
    "hint": "govukHint",
    "input": "govukInput",
    "inset-text": "govukInsetText",
    "label": "govukLabel",
    "notification-banner": "govukNotificationBanner",
    "pagination": "govukPagination",
    "panel": "govukPanel",
    "radios": "govukRadios",
    "select": "govukSelect",
    "service-navigation": "govukServiceNavigation",
    "skip-link": "govukSkipLink",
    "summary-list": "govukSummaryList",
    "table": "govukTable",
    "tag": "govukTag",
    "task-list": "govukTaskList",
    "textarea": "govukTextarea",
    "warning-text": "govukWarningText",
}
"""GOV.UK's own header, footer and page are left out: a council's service is not gov.uk."""


@lru_cache(maxsize=1)
def _components() -> dict[str, Any]:
    """The macros, from an environment of their own: they ask for what may not be given, and ours
    is strict. They escape what they are handed, as ours does."""
    environment = Environment(
        loader=PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        autoescape=True,
        undefined=ChainableUndefined,
    )
    return {
        macro: getattr(
            environment.get_template(f"govuk_frontend_jinja/components/{folder}/macro.html").module,
            macro,
        )
        for folder, macro in _COMPONENTS.items()
    }


@lru_cache(maxsize=8)
def views_of(wording: Wording, *, demo: bool = False) -> "Views":
    """The same ones for the same words: templates compile once in a process."""
    return Views(wording, demo=demo)


class Views:
    """One template environment for each language. Old-style gettext: the new style would mark what
    it returns, with names filled in, as safe (WEB.md, 3.1)."""

    def __init__(self, wording: Wording, *, demo: bool = False) -> None:
        self._wording = wording
        self._demo = demo
        self._components = _components()
        self._environments = {language: self._made(language) for language in wording.languages}

    def render(self, template: str, language: str, **context: Any) -> str:  # noqa: ANN401 - Jinja's
        spoken = language if language in self._environments else "en"
        return self._environments[spoken].get_template(template).render(**context)

    def component(self, macro: str) -> Callable[[dict[str, Any]], Any]:
        """One of GOV.UK's, as templates have them. Raises KeyError: one that we leave out."""
        found: Callable[[dict[str, Any]], Any] = self._components[macro]
        return found

    def _made(self, language: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        environment.install_gettext_translations(  # type: ignore[attr-defined]
            self._wording.page(language), newstyle=False
        )

        def short_when(moment: datetime, zone: str, year: bool = False) -> str:
            pattern = "EEE d MMM y, HH:mm" if year else "EEE d MMM, HH:mm"
            return format_datetime(
                moment, pattern, tzinfo=ZoneInfo(zone), locale=language.replace("-", "_")
            )

        sentences = Sentences(self._wording, language)
        environment.globals.update(
            sentences=sentences,
            when=sentences.when,
            short_when=short_when,
            script=address_of("today.js"),
            language_name=sentences.language_name,
            kind_of_meeting=sentences.kind_of_meeting,
            named=sentences.named,
            page_language=language,
            desk_speaks={code: own_name(code) for code in self._wording.languages},
            page_direction="rtl" if right_to_left(language) else "ltr",
            styles=[address_of(name) for name in (GOVUK, "coordinator.css")],
            demo=self._demo,
            **self._components,
        )
        return environment
