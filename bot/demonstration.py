"""The demo: made-up families, on this machine only, gone when it stops."""

from pathlib import Path

from pydantic import SecretStr
from rich.console import Console

from bot.meetings import MadeMeeting, MeetingFile, as_json, read_meeting_file
from bot.settings import Settings

_FAMILIES = Path(__file__).parent / "demo_families"


def settings(bind: str, database_url: str) -> Settings:
    """Nothing from the environment: a demo must not reach a real bot or a real mail server."""
    return Settings.model_construct(
        bind=bind,
        database_url=SecretStr(database_url),
        telegram_token=None,
        telegram_token_file=None,
        smtp_url=None,
        public_url="",
        duty_contact="duty@example.org",
    )


def families() -> list[MeetingFile]:
    return [
        read_meeting_file(path.read_text(encoding="utf-8"), path.name)
        for path in sorted(_FAMILIES.glob("*.yaml"))
    ]


def show(console: Console, files: list[MeetingFile], made: list[MadeMeeting], address: str) -> None:
    """One link for each person. Each works once, and in this demo only."""
    console.print(
        "\n[bold]Beforehand, with made-up families.[/bold] Open a link on this machine.\n"
    )
    for file, meeting in zip(files, made, strict=True):
        links = as_json(meeting, address, None)
        console.print(f"[bold]{file.meeting.title}[/bold]")
        _line(console, f"Coordinator: {file.coordinator.name}", links["coordinator"]["web"])
        for person, link in zip(file.people, links["people"], strict=True):
            _line(console, f"{person.name} ({person.relation})", link["web"])
        console.print()
    console.print("Each link works once. Stop with Ctrl-C: everything is forgotten then.\n")


def _line(console: Console, who: str, link: str) -> None:
    console.print(f"  {who}", highlight=False, markup=False)
    console.print(f"    {link}", highlight=False, markup=False, soft_wrap=True)
