"""The house: which room may look into which. Read from the imports themselves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

IMPURE = {
    "asyncio", "bot", "httpx", "os", "random", "secrets", "socket", "sqlalchemy", "starlette",
    "subprocess", "telegram", "threading", "time", "aiohttp", "uvicorn",
}  # fmt: skip

MAY_NOT_IMPORT = {
    "bot/store": ("bot.channels", "bot.coordinator", "bot.delivery", "bot.turn", "bot.app"),
    "bot/delivery": ("bot.channels", "bot.coordinator", "bot.turn", "bot.app"),
    "bot/summaries": ("bot.channels", "bot.coordinator", "bot.turn", "bot.app", "bot.delivery"),
    "bot/privacy": ("bot.channels", "bot.coordinator", "bot.turn", "bot.app"),
    "bot/meetings": ("bot.channels", "bot.coordinator", "bot.turn", "bot.app"),
    "bot/turn.py": ("bot.channels", "bot.coordinator", "bot.app"),
    "bot/effects.py": ("bot.channels", "bot.coordinator", "bot.app", "bot.turn"),
    "bot/channels/telegram": ("bot.channels.web", "bot.channels.terminal", "bot.coordinator"),
    "bot/channels/web": ("bot.channels.telegram", "bot.channels.terminal", "bot.coordinator"),
    "bot/channels/terminal.py": ("bot.channels.telegram", "bot.channels.web", "bot.store"),
    "bot/coordinator": ("bot.channels", "bot.app", "bot.turn"),
}


def modules(under: str) -> list[Path]:
    place = ROOT / under
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


def imports(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("module", modules("flows"), ids=lambda path: path.stem)
def test_the_conversation_is_pure(module: Path) -> None:
    assert not {name.partition(".")[0] for name in imports(module)} & IMPURE


@pytest.mark.parametrize("room", MAY_NOT_IMPORT)
def test_arrows_run_one_way(room: str) -> None:
    seen = [
        f"{module.relative_to(ROOT)} imports {name}"
        for module in modules(room)
        for name in imports(module)
        if any(name == other or name.startswith(f"{other}.") for other in MAY_NOT_IMPORT[room])
    ]
    assert not seen


def test_only_sealing_touches_cryptography() -> None:
    users = [
        module.relative_to(ROOT).as_posix()
        for module in modules("bot")
        if any(name.startswith("cryptography") for name in imports(module))
    ]
    assert users == ["bot/store/sealing.py"]


def test_only_the_telegram_channel_talks_telegram() -> None:
    """app and cli make the bot; the splitting of long messages knows Telegram's limits by name."""
    users = {
        module.relative_to(ROOT).as_posix()
        for module in modules("bot")
        if any(name.partition(".")[0] == "telegram" for name in imports(module))
    }
    elsewhere = {user for user in users if not user.startswith("bot/channels/telegram/")}
    assert elsewhere <= {"bot/app.py", "bot/cli.py", "bot/delivery/splitting.py"}


def test_no_module_asks_the_machine_for_the_time_but_clock() -> None:
    asking = [
        module.relative_to(ROOT).as_posix()
        for module in modules("bot")
        if "datetime.now(" in module.read_text(encoding="utf-8")
    ]
    assert asking == ["bot/clock.py", "bot/cli.py"] or asking == ["bot/cli.py", "bot/clock.py"]


@pytest.mark.parametrize("module", modules("bot") + modules("flows"), ids=lambda path: path.stem)
def test_a_file_is_one_idea(module: Path) -> None:
    """STYLE: under 300 lines is normal; past 400 it is two ideas."""
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 400


def test_nothing_names_a_registry_or_a_machine() -> None:
    words = ("/simple/", "index-url", "/root/", "/home/")
    for file in ("pyproject.toml", "docker-compose.yml", ".ci/run", "README.md"):
        text = (ROOT / file).read_text(encoding="utf-8")
        assert not [word for word in words if word in text], file
