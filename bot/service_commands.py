"""Commands for those who run a service: its hours and rota, and the numbers that it has rung."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
import yaml
from pydantic import ValidationError
from rich.console import Console

from bot.clock import system_clock
from bot.helplines import all_helplines, printing_hours_not_known, unconfirmed
from bot.operating import operators_database, stop
from bot.service import Service, read_service, write_service
from bot.store.sealing import KeyRing

service = typer.Typer(help="When you are at work, and who is told of danger.", no_args_is_help=True)
helplines = typer.Typer(help="The numbers that people are given.", no_args_is_help=True)

_out = Console(soft_wrap=True, highlight=False)


@service.command()
def show() -> None:
    """Prints the service's settings, as `set` takes them."""
    now = _read()
    shown = yaml.safe_dump(now.model_dump(mode="json"), allow_unicode=True, sort_keys=False)
    _out.print(shown, markup=False)


@service.command("set")
def set_service(file: Annotated[Path, typer.Argument(help="YAML, as `show` prints it.")]) -> None:
    """Takes the service's settings from a file. What the file leaves out goes back to default."""
    try:
        given = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        wanted = Service.model_validate(given)
    except (OSError, UnicodeDecodeError):
        stop(f"{file.name}: cannot be read as text in UTF-8. Check the path and the file.")
    except yaml.YAMLError:
        stop(f"{file.name}: is not YAML. Compare it with what `beforehand service show` prints.")
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'the file'}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        stop(f"{file.name}: {problems}")
    _write(wanted)
    _out.print("It is so from now on; a running service sees it within a minute.")


@helplines.command("check")
def check_helplines() -> None:
    """Names each number that nobody has rung for 120 days. Fails when there is one."""
    today = system_clock().date()
    old, hours = unconfirmed(_read().confirmed, today), printing_hours_not_known()
    for line in old:
        _out.print(f"{line.name} ({line.contact}): not confirmed. Ring it, then run", end=" ")
        _out.print(f'`beforehand helplines confirm "{line.name}"`.')
    for line in hours:
        _out.print(f"{line.name}: its hours are not known, and must not be printed.")
    if old or hours:
        raise typer.Exit(1)
    _out.print("Every number was rung within the last 120 days.")


@helplines.command()
def confirm(
    name: Annotated[str, typer.Argument(help="As `check` names it.")],
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Today when left out.")
    ] = None,
) -> None:
    """Notes that somebody of the service has rung a number and that it is right."""
    if name not in {line.name for line in all_helplines()}:
        stop(f"No number is called {name}. `beforehand helplines check` names them.")
    today = system_clock().date()
    day = on.date() if on is not None else today
    if day > today:
        stop("That day has not come yet.")
    now = _read()
    _write(now.model_copy(update={"confirmed": {**now.confirmed, name: day}}))


def _read() -> Service:
    with operators_database() as (database, key):
        return database.run_now(lambda session: read_service(session, KeyRing(session, key)))


def _write(wanted: Service) -> None:
    with operators_database() as (database, key):
        database.run_now(lambda session: write_service(session, KeyRing(session, key), wanted))
