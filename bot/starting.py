"""What a service must have before it may start (promise P26): each refusal says what to do.

On loopback, where nobody but its owner can reach it, the same is said as a warning.
"""

from collections.abc import Iterator
from datetime import date
from ipaddress import ip_address
from urllib.parse import urlsplit

from babel.messages.pofile import read_po

from bot.helplines import unconfirmed
from bot.service import Service
from bot.settings import SettingMissing, Settings
from flows.wording import CATALOGUE, SOURCE_LANGUAGE, locales_folder

SHORTEST_SECRET = 24
"""Characters. `openssl rand -hex 32` gives 64."""


def refuse_unsafe(settings: Settings, service: Service, today: date) -> tuple[str, ...]:
    """Looks for all that would be unsafe.

    Returns:
        What was found on a machine that only its owner can reach.

    Raises:
        SettingMissing: it was found where families can reach it.
    """
    unsafe = unsafe_now(settings, service, today)
    if unsafe and not on_loopback(settings.address):
        raise SettingMissing("Not safe to start:\n" + "\n".join(f"- {one}" for one in unsafe))
    return unsafe


def unsafe_now(settings: Settings, service: Service, today: date) -> tuple[str, ...]:
    """All that would be unsafe where families can reach it, each with what to do."""
    return (*unsafe_settings(settings), *_numbers(service, today))


def unsafe_settings(settings: Settings) -> tuple[str, ...]:
    """Of that, what whoever runs the machine has to set."""
    return tuple(_settings(settings))


def on_loopback(address: str) -> bool:
    """Whether an address leads to nobody but this machine."""
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def refuse_unfinished_languages(settings: Settings) -> None:
    """Raises SettingMissing where an offered language would be spoken in part only."""
    for code in settings.offered:
        if code != SOURCE_LANGUAGE and (missing := _untranslated(code)):
            raise SettingMissing(
                f"BEFOREHAND_LANGUAGES offers {code}, but {missing} of its messages have no "
                f"translation. Translate them (`beforehand flows check` lists them), or take "
                f"{code} out."
            )


def _settings(settings: Settings) -> Iterator[str]:
    if not settings.duty_contact:
        yield (
            "BEFOREHAND_DUTY_CONTACT is not set: nobody but the coordinator would hear of danger. "
            "Set it to the e-mail address of the team that acts on alerts."
        )
    if settings.smtp_url is None:
        yield (
            "BEFOREHAND_SMTP_URL is not set: alerts and summaries could not be mailed. "
            "Set it, such as smtp://user:password@host:587?from=hello@example.org."
        )
    if not settings.address.startswith("https://"):
        yield (
            "BEFOREHAND_PUBLIC_URL does not begin with https://: words could be read on their "
            "way. Put a TLS proxy in front, and set the address that people use."
        )
    if (
        settings.token()
        and settings.telegram_mode == "webhook"
        and settings.telegram_secret is not None
        and len(settings.telegram_secret.get_secret_value()) < SHORTEST_SECRET
    ):
        yield (
            f"BEFOREHAND_TELEGRAM_SECRET has fewer than {SHORTEST_SECRET} characters, and could "
            "be guessed. Make one with `openssl rand -hex 32`."
        )


def _numbers(service: Service, today: date) -> Iterator[str]:
    names = [line.name for line in unconfirmed(today, service.helplines_confirmed)]
    if names:
        yield (
            f"{len(names)} numbers that people are given have not been rung for 120 days: "
            f"{', '.join(names)}. Ring each, and note it with `beforehand helplines confirm`."
        )


def _untranslated(code: str) -> int:
    path = locales_folder() / code / "LC_MESSAGES" / f"{CATALOGUE}.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=code)
    messages = [message for message in catalogue if message.id]
    return sum(message.fuzzy or not all(_forms(message.string)) for message in messages)


def _forms(words: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (words or "",) if isinstance(words, str | None) else tuple(words)
