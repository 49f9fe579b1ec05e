"""Words: what to say, for whom, in which language. English stands in the content files; the other
languages in catalogues, whose context (msgctxt) is the audience."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property, lru_cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from flows.exchange import CommandName
from flows.schema import Audience, Phrase, Text

SOURCE_LANGUAGE = "en"
CATALOGUE, INVITATION = "beforehand", "invitation"
"""Files for translators: all the words, or those of an invitation alone."""
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
_BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_COMMAND = re.compile(rf"(?<![\w/])/(?:{'|'.join(CommandName)})\b")

Value = str | int | tuple[str, ...]
"""What fills a placeholder. Several names are kept apart each, and joined as the language does."""


def locales_folder() -> Path:
    """Inside the package when installed, beside it in a checkout."""
    inside = Path(__file__).parent / "locales"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "locales"


class UnknownPhrase(LookupError):
    """A phrase id that no content file holds: a bug of ours."""


class Wording:
    """All the words, read once. Safe to share: nothing in it changes after it is made."""

    def __init__(
        self,
        phrases: Mapping[str, Phrase],
        catalogues: Mapping[str, NullTranslations],
        invitations: Mapping[str, NullTranslations] | None = None,
    ) -> None:
        """`invitations`: of languages in which there is an invitation alone."""
        self._phrases = phrases
        self._catalogues = {SOURCE_LANGUAGE: NullTranslations(), **catalogues}
        self._invitations = invitations or {}

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Languages that can be spoken, English first."""
        rest = sorted(code for code in self._catalogues if code != SOURCE_LANGUAGE)
        return (SOURCE_LANGUAGE, *rest)

    @cached_property
    def of_invitations(self) -> "Wording":
        """For an invitation, which is there in more languages than the conversation."""
        return Wording(self._phrases, {**self._invitations, **self._catalogues})

    def speaks(self, language: str) -> bool:
        return language in self._catalogues

    def spoken(self, *wishes: str | None) -> str:
        """The first of these languages that we speak; English where we speak none."""
        return next((one for one in wishes if one and self.speaks(one)), SOURCE_LANGUAGE)

    def say(self, phrase: str, audience: Audience, language: str, **arguments: Value) -> str:
        """One of the conversation's own sentences.

        Raises:
            UnknownPhrase: the id stands in no content file.
        """
        found = self._phrases.get(phrase)
        if found is None:
            raise UnknownPhrase(phrase)
        for register, text in ((audience, getattr(found, audience)), ("adult", found.adult)):
            if text is not None:
                return self.text(text, Audience(register), language, **arguments)
        raise UnknownPhrase(phrase)

    def text(self, text: Text, audience: Audience, language: str, **arguments: Value) -> str:
        """A text of a flow file, with its placeholders filled."""
        catalogue = self._catalogues.get(language, self._catalogues[SOURCE_LANGUAGE])
        if isinstance(text, str):
            translated = str(catalogue.pgettext(audience, text))
        else:
            translated = str(
                catalogue.npgettext(audience, text["one"], text["other"], _count(arguments))
            )
        if "/" in translated and right_to_left(language):
            # "/stop" would read as "stop/" in a line that runs the other way.
            translated = _COMMAND.sub(lambda found: isolated(found[0], language), translated)
        if "{" not in translated:
            return translated
        return _PLACEHOLDER.sub(
            lambda found: _filled(arguments.get(found[1], ""), language), translated
        )

    def when(self, moment: datetime, zone: str, audience: Audience, language: str) -> str:
        """A moment as people say it: day and date both, in the meeting's own zone."""
        pattern = self.say("date_pattern", audience, language)
        spoken = language if self.speaks(language) else SOURCE_LANGUAGE
        return _moment_in_words(moment, pattern, zone, spoken)

    def at(self, moment: datetime, zone: str, language: str) -> str:
        """A time of day, in that zone."""
        spoken = language if self.speaks(language) else SOURCE_LANGUAGE
        return format_datetime(moment, "HH:mm", tzinfo=ZoneInfo(zone), locale=spoken)

    def page(self, language: str) -> NullTranslations:
        """The catalogue for page templates."""
        return self._catalogues.get(language, self._catalogues[SOURCE_LANGUAGE])


@lru_cache(maxsize=4096)
def _moment_in_words(moment: datetime, pattern: str, zone: str, language: str) -> str:
    return format_datetime(moment, pattern, tzinfo=ZoneInfo(zone), locale=language)


def _count(arguments: Mapping[str, Value]) -> int:
    count = arguments["count"]
    return count if isinstance(count, int) else 0


def _filled(value: Value, language: str) -> str:
    if not isinstance(value, tuple):
        return isolated(str(value), language)
    comma = "، " if right_to_left(language) else ", "
    return comma.join(isolated(one, language) for one in value)


def isolated(value: str, language: str) -> str:
    """A name or number, kept from turning the sentence around it (UAX 9, isolates)."""
    bare = _BIDI_CONTROLS.sub("", value)
    if right_to_left(language) or _RIGHT_TO_LEFT.search(bare):
        return f"{FIRST_STRONG_ISOLATE}{bare}{POP_ISOLATE}"
    return bare


@lru_cache(maxsize=64)
def right_to_left(language: str) -> bool:
    return str(Locale.parse(language.replace("-", "_")).text_direction) == "rtl"


@lru_cache(maxsize=64)
def own_name(language: str) -> str:
    """What a language calls itself."""
    name = Locale.parse(language.replace("-", "_")).get_display_name()
    return name[:1].upper() + name[1:] if name else language


def read_catalogues(
    folder: Path, languages: Iterable[str] = (), name: str = CATALOGUE
) -> dict[str, NullTranslations]:
    """The .po files under `folder`, compiled in memory; unfinished (fuzzy) entries are left out.

    Args:
        folder: holds `<language>/LC_MESSAGES/<name>.po`.
        languages: only these; all when empty.
        name: all that Beforehand says, or the words of an invitation alone.

    Raises:
        babel.messages.pofile.PoFileError: a file cannot be read.
    """
    catalogues: dict[str, NullTranslations] = {}
    for path in sorted(folder.glob(f"*/LC_MESSAGES/{name}.po")):
        language = path.parent.parent.name
        if languages and language not in languages:
            continue
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language, abort_invalid=True)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        catalogues[language] = Translations(compiled)
    return catalogues
