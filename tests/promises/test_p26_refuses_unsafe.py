"""P26: it refuses to start unsafe, and says what to do."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.helplines import all_helplines
from bot.service import Service
from bot.settings import SettingMissing, Settings
from bot.starting import on_loopback, refuse_unfinished_languages, refuse_unsafe
from bot.store.sealing import ServiceKey
from bot.store.upgrade import upgrade

TODAY = date(2026, 11, 23)
RUNG = Service(helplines_confirmed={line.name: TODAY for line in all_helplines()})


def real(**changed: object) -> Settings:
    """As a service is set up that families reach."""
    settings: dict[str, object] = {
        "public_url": "https://meet.example.org",
        "duty_contact": "duty@example.org",
        "smtp_url": SecretStr("smtp://mail.example.org"),
    }
    return Settings(_env_file=None, **(settings | changed))  # type: ignore[arg-type]


def test_a_service_that_lacks_nothing_may_start() -> None:
    assert refuse_unsafe(real(), RUNG, TODAY) == ()


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"duty_contact": ""}, "BEFOREHAND_DUTY_CONTACT"),
        ({"smtp_url": None}, "BEFOREHAND_SMTP_URL"),
        ({"public_url": "http://meet.example.org"}, "BEFOREHAND_PUBLIC_URL"),
        (
            {
                "telegram_token": SecretStr("1:x"),
                "telegram_mode": "webhook",
                "telegram_secret": SecretStr("short"),
            },
            "BEFOREHAND_TELEGRAM_SECRET",
        ),
    ],
)
def test_what_is_unsafe_where_families_can_reach_it(changed: dict[str, object], named: str) -> None:
    with pytest.raises(SettingMissing, match=named):
        refuse_unsafe(real(**changed), RUNG, TODAY)


def test_numbers_that_nobody_has_rung() -> None:
    with pytest.raises(SettingMissing, match="Childline"):
        refuse_unsafe(real(), Service(), TODAY)
    old = Service(helplines_confirmed={line.name: date(2026, 1, 1) for line in all_helplines()})
    with pytest.raises(SettingMissing, match="helplines confirm"):
        refuse_unsafe(real(), old, TODAY)


def test_on_loopback_it_only_warns() -> None:
    found = refuse_unsafe(Settings(_env_file=None), Service(), TODAY)
    assert any("BEFOREHAND_DUTY_CONTACT" in one for one in found)
    assert on_loopback("http://[::1]:8080")
    assert not on_loopback("http://0.0.0.0:8080")


def test_a_language_that_is_not_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "cy" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "beforehand.po").write_text('msgid "Skip"\nmsgstr ""\n', encoding="utf-8")
    monkeypatch.setattr("bot.starting.locales_folder", lambda: tmp_path)
    with pytest.raises(SettingMissing, match="offers cy"):
        refuse_unfinished_languages(real(languages="en,cy"))


def started(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The real command, which is expected to refuse."""
    return subprocess.run(
        [sys.executable, "-m", "bot"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        | {f"BEFOREHAND_{name}": value for name, value in environment.items()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, "beforehand upgrade"),
        ({"KEY": "", "MADE": "yes"}, "beforehand key new"),
        ({"KEY": "k1:short", "MADE": "yes"}, "BEFOREHAND_KEY"),
        (
            {"KEY": "new", "MADE": "yes", "PUBLIC_URL": "https://meet.example.org"},
            "BEFOREHAND_DUTY_CONTACT",
        ),
        (
            {"KEY": "new", "MADE": "yes", "LANGUAGES": "en,xx"},
            "BEFOREHAND_LANGUAGES",
        ),
    ],
    ids=["no tables", "no key", "a broken key", "no duty contact", "no such language"],
)
def test_the_command_stops_and_names_what_is_missing(
    tmp_path: Path, environment: dict[str, str], named: str
) -> None:
    url = f"sqlite:///{tmp_path / 'beforehand.db'}"
    if environment.pop("MADE", ""):
        upgrade(url)
    if environment.get("KEY") == "new":
        environment["KEY"] = ServiceKey.new_line("k1")
    refused = started(tmp_path, DATABASE_URL=url, **environment)
    assert refused.returncode == 1
    assert named in refused.stderr
    assert "Traceback" not in refused.stderr
