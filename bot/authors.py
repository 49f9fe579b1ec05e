"""Commands for those who write flows and words: check, draw, replay, talk, translate."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer
from babel.core import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from rich.console import Console

from bot.channels import terminal
from flows.check import check as findings
from flows.diagram import diagram, page
from flows.extract import as_bytes, of_an_invitation, source_catalogue, updated
from flows.library import CONTENT, FlowUnknown, Library, read_library
from flows.machine import FlowMachine
from flows.replay import circumstances, header, replay
from flows.wording import CATALOGUE, INVITATION, locales_folder

flows = typer.Typer(help="For those who write flows.", no_args_is_help=True)
words = typer.Typer(help="For those who translate.", no_args_is_help=True)

_out = Console(soft_wrap=True, highlight=False)
_errors = Console(stderr=True, soft_wrap=True, highlight=False)


@flows.command()
def check(
    content: Annotated[Path, typer.Option(help="The flow files.")] = CONTENT,
    locales: Annotated[Path | None, typer.Option(help="The translations.")] = None,
) -> None:
    """Finds what would go wrong: dead ends, missing words, hard words, lost translations."""
    found = findings(content, locales or locales_folder())
    for finding in found:
        _out.print(f"{_near(finding.file)}:{finding.line}:", style="bold", markup=False, end=" ")
        _out.print(finding.problem, "—", finding.mend, markup=False)
    if found:
        _out.print(f"{len(found)} to mend.", style="red")
        raise typer.Exit(1)
    _out.print("Nothing to mend.", style="green")


@flows.command("diagram")
def draw(
    flow: Annotated[str, typer.Argument(help="All when left out.")] = "",
    write: Annotated[
        Path | None, typer.Option(help="Write flows/<flow>.md into this folder.")
    ] = None,
) -> None:
    """Draws a flow as a Mermaid diagram."""
    library = read_library()
    for machine in [_newest(library, flow)] if flow else map(library.newest, library.names):
        if write is None:
            _out.print(diagram(machine), markup=False)
        else:
            file = write / "flows" / f"{machine.flow.id}.md"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(page(machine), encoding="utf-8")
            _out.print(str(_near(file)), markup=False)


@flows.command("replay")
def play(files: Annotated[list[Path], typer.Argument(help="Transcripts.")]) -> None:
    """Plays transcripts, and shows where a conversation goes another way now."""
    library = read_library()
    differ = False
    for file in files:
        text = file.read_text(encoding="utf-8")
        told = header(text)
        machine = _newest(library, told.get("flow", ""))
        around = circumstances(told, library.wording.languages)
        language = told.get("language", "en")
        played = replay(machine, library.wording, around, text, language=language, strict=False)
        for difference in played.report:
            differ = True
            _out.print(f"{_near(file)}:{difference.line}:", style="bold", markup=False)
            _out.print(f"  written: {difference.written}", markup=False)
            _out.print(f"  said:    {difference.said}", markup=False)
        if not played.report:
            _out.print(f"{_near(file)}: as written.", style="green", markup=False)
    if differ:
        raise typer.Exit(1)


def talk(
    flow: Annotated[str, typer.Argument()],
    language: Annotated[str, typer.Option(help="To begin in.")] = "en",
    transcript: Annotated[
        Path | None, typer.Option(help="Write the conversation into this file.")
    ] = None,
) -> None:
    """Holds a conversation here in the terminal, about a made-up meeting. Stores nothing."""
    library = read_library()
    _newest(library, flow)
    if not library.wording.speaks(language):
        _stop(f"`{language}` is not spoken yet. There is: {', '.join(library.wording.languages)}.")
    terminal.talk(library, flow, language, transcript, _out)


@words.command()
def extract() -> None:
    """Writes locales/beforehand.pot: all that is to be translated."""
    root = _checkout()
    file = root / "locales" / "beforehand.pot"
    file.parent.mkdir(exist_ok=True)
    catalogue = source_catalogue(root)
    file.write_bytes(as_bytes(catalogue))
    _out.print(f"{_near(file)}: {len(catalogue)} messages.", markup=False)


@words.command()
def update(
    languages: Annotated[
        list[str] | None, typer.Argument(help="New or old; all that there are when left out.")
    ] = None,
    invitation: Annotated[
        bool, typer.Option(help="The words of an invitation alone: for a language with no more.")
    ] = False,
) -> None:
    """Brings catalogues up to date with the English. No translation is lost by it."""
    root = _checkout()
    every = source_catalogue(root)
    chosen = INVITATION if invitation else CATALOGUE
    for name, source in ((CATALOGUE, every), (INVITATION, of_an_invitation(every))):
        files = root.glob(f"locales/*/LC_MESSAGES/{name}.po")
        there = sorted(file.parent.parent.name for file in files)
        for language in there if not languages else languages if name == chosen else ():
            _update(root, language, name, source)


def _update(root: Path, language: str, name: str, source: Catalog) -> None:
    try:
        Locale.parse(language)
    except (ValueError, UnknownLocaleError):
        _stop(f"`{language}` is no language that Babel knows. Write it like cy, ar or fa_AF.")
    file = root / "locales" / language / "LC_MESSAGES" / f"{name}.po"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(updated(source, language, file.read_bytes() if file.exists() else None))
    _out.print(str(_near(file)), markup=False)


def _newest(library: Library, flow: str) -> FlowMachine:
    try:
        return library.newest(flow)
    except FlowUnknown:
        _stop(f"There is no flow `{flow}`. There is: {', '.join(library.names)}.")


def _checkout() -> Path:
    root = CONTENT.parent.parent
    if not (root / "babel.toml").exists():
        _stop("Translating needs a checkout of the source: there is no babel.toml here.")
    return root


def _near(path: Path) -> Path:
    """A path as short as it can be said from here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _stop(message: str) -> NoReturn:
    _errors.print(message, style="bold", markup=False)
    raise typer.Exit(1)
