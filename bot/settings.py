"""Every setting, typed, and the refusals to start with settings that would be unsafe."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.delivery.texting import Notify
from bot.privacy.days import Retention
from bot.store.sealing import KeyUnusable, ServiceKey
from flows.wording import SOURCE_LANGUAGE, locales_folder


class SettingMissing(Exception):
    """An operator's error: names the setting, and what to do."""

    code = "setting_missing"


class Settings(BaseSettings, Retention):
    """Read from the environment; each name begins with BEFOREHAND_."""

    model_config = SettingsConfigDict(
        env_prefix="BEFOREHAND_", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    database_url: SecretStr = SecretStr("sqlite:///beforehand.db")
    key: SecretStr | None = None
    key_file: Path | None = None
    telegram_token: SecretStr | None = None
    telegram_token_file: Path | None = None
    telegram_api_url: str = "https://api.telegram.org"
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_secret: SecretStr | None = None
    public_url: str = ""
    bind: str = "127.0.0.1:8080"
    trusted_proxies: str = "127.0.0.1"
    """Addresses whose X-Forwarded-For and -Proto are believed, separated by commas."""
    smtp_url: SecretStr | None = None
    """`smtp://user:password@host:587?from=hello@example.org`; `smtps` for TLS from the start."""
    notify_api_key: SecretStr | None = None
    """GOV.UK Notify's, for invitations by text message."""
    notify_text_template: str = ""
    """Id of a text message template there whose whole content is ((message))."""
    notify_url: str = "https://api.notifications.service.gov.uk"
    duty_contact: str = ""
    """E-mail address of the team that acts on alerts."""
    service_name: str = ""
    """Who runs this, as it stands on the privacy page: "Children's services, Exampleshire"."""
    privacy_contact: str = ""
    """Where people ask what is held about them, and complain: an address that they can write to."""
    roundup_hours_before: int = Field(default=24, ge=1, le=336)
    """When the roundup is due, in hours before the meeting."""
    quick_exit_url: str = "https://www.bbc.co.uk/weather"
    languages: str = ""
    """Which languages are offered, separated by commas; all that are there when empty."""

    @property
    def host(self) -> str:
        return self.bind.rpartition(":")[0].strip("[]") or "127.0.0.1"

    @property
    def port(self) -> int:
        """Raises SettingMissing when BEFOREHAND_BIND has no port."""
        port = self.bind.rpartition(":")[2]
        if not port.isdecimal():
            raise SettingMissing("BEFOREHAND_BIND must be host:port, such as 127.0.0.1:8080.")
        return int(port)

    @property
    def address(self) -> str:
        """Where people reach us, without a slash at the end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def offered(self) -> tuple[str, ...]:
        """Codes of the languages offered. Raises SettingMissing where one has no catalogue."""
        codes = tuple(code.strip() for code in self.languages.split(",") if code.strip())
        for code in codes:
            if code != SOURCE_LANGUAGE and not (locales_folder() / code).is_dir():
                raise SettingMissing(
                    f"BEFOREHAND_LANGUAGES offers {code}, but there is no locales/{code}. "
                    "Take it out, or add the translation."
                )
        return codes

    def service_key(self) -> ServiceKey:
        """The key that seals everything.

        Raises:
            SettingMissing: neither BEFOREHAND_KEY nor BEFOREHAND_KEY_FILE is set.
            KeyUnusable: it is set and cannot be used.
        """
        if self.key is not None:
            return ServiceKey.parse(self.key.get_secret_value())
        if self.key_file is not None:
            try:
                return ServiceKey.parse(self.key_file.read_text(encoding="utf-8"))
            except OSError:
                raise KeyUnusable(
                    "BEFOREHAND_KEY_FILE names a file that cannot be read. Check its path and "
                    "that this user may read it."
                ) from None
        raise SettingMissing(
            "No key: everything that people write is sealed, so there must be one. "
            "Make one with `beforehand key new > key.txt`, keep it apart from the database, and "
            "set BEFOREHAND_KEY_FILE to its path (or BEFOREHAND_KEY to its content)."
        )

    def token(self) -> str | None:
        """The bot's token, or None where Telegram is not used."""
        if self.telegram_token is not None:
            return self.telegram_token.get_secret_value().strip() or None
        if self.telegram_token_file is not None:
            return self.telegram_token_file.read_text(encoding="utf-8").strip() or None
        return None

    def notify(self) -> Notify | None:
        """GOV.UK Notify, or None where the service does not use it."""
        if self.notify_api_key is None:
            return None
        key = self.notify_api_key.get_secret_value()
        return Notify(key, self.notify_text_template, self.notify_url)

    def check(self) -> None:
        """Refuses what cannot work or is unsafe (promise P26).

        Raises:
            SettingMissing: says which setting, and what to do.
        """
        if self.token() and self.telegram_mode == "webhook":
            if self.telegram_secret is None:
                raise SettingMissing(
                    "BEFOREHAND_TELEGRAM_MODE is webhook, so BEFOREHAND_TELEGRAM_SECRET must be "
                    "set: without it anyone could pretend to be Telegram. Make one with "
                    "`openssl rand -hex 32`."
                )
            if not self.public_url:
                raise SettingMissing(
                    "BEFOREHAND_TELEGRAM_MODE is webhook, so BEFOREHAND_PUBLIC_URL must be set: "
                    "it is where Telegram sends its updates."
                )
        if self.notify_api_key is not None and not self.notify_text_template:
            raise SettingMissing(
                "BEFOREHAND_NOTIFY_API_KEY is set, so BEFOREHAND_NOTIFY_TEXT_TEMPLATE must be set: "
                "make a text message template in GOV.UK Notify whose content is ((message)), and "
                "set this to its id."
            )
        _ = self.port
