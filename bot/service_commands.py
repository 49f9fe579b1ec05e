"""Commands for whoever runs the service: its hours and rota, its help lines, and its figures."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.orm import Session

from bot.alerts import figures
from bot.clock import system_clock
from bot.helplines import all_helplines, hours_unchecked, unconfirmed
from bot.operating import errors, in_database, stop
from bot.safeguarding import safeguarding
from bot.service import (
    Service,
    ServiceFileRefused,
    read_service,
    read_service_file,
    write_service,
)
from bot.store.sealing import KeyRing

service = typer.Typer(help="Hours, closed days, and who reads alerts.", no_args_is_help=True)
lines = typer.Typer(help="The numbers that people are given.", no_args_is_help=True)


@service.command("show")
def show_service() -> None:
    """Shows hours, closed days and the rota. It names staff, and nobody who prepares."""
    found = in_database(lambda session, ring: read_service(session, ring))
    print((found or Service()).model_dump_json(indent=2))


@service.command("set")
def set_service(file: Annotated[Path, typer.Argument(help="YAML.")]) -> None:
    """Sets hours, closed days and the rota from a file. What was confirmed stays."""
    try:
        given = read_service_file(file.read_text(encoding="utf-8"), file.name)
    except (OSError, UnicodeDecodeError):
        stop(f"{file.name}: cannot be read as text in UTF-8. Check the path and the file.")
    except ServiceFileRefused as refused:
        stop(str(refused))

    def write(session: Session, ring: KeyRing) -> None:
        before = read_service(session, ring) or Service()
        rung = {**before.helplines_confirmed, **given.helplines_confirmed}
        now = given.model_copy(update={"helplines_confirmed": rung})
        write_service(session, ring, now, "operator", system_clock())

    in_database(write)
    errors.print("Set.")


@lines.command("check")
def check_helplines() -> None:
    """Fails when a number is not confirmed, or not for 120 days, or prints hours it may not."""
    found = in_database(lambda session, ring: read_service(session, ring)) or Service()
    wrong = [
        f"{line.name}: ring {line.contact}, then `beforehand helplines confirm`."
        for line in unconfirmed(system_clock().date(), found.helplines_confirmed)
    ]
    wrong += [f"{line.name}: its hours may not be printed." for line in hours_unchecked()]
    if wrong:
        stop("\n".join(wrong))
    errors.print("Every number was confirmed within 120 days.")


@lines.command("confirm")
def confirm_helpline(
    name: Annotated[str, typer.Argument(help="As `beforehand helplines check` names it.")],
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day you rang it.")],
) -> None:
    """Notes that somebody has rung a number."""
    if name not in {line.name for line in all_helplines()}:
        stop(f"No helpline is called “{name}”. `beforehand helplines check` names them.")
    if on.date() > system_clock().date():
        stop("That day is still to come. Give the day on which somebody rang it.")

    def write(session: Session, ring: KeyRing) -> None:
        before = read_service(session, ring) or Service()
        rung = {**before.helplines_confirmed, name: on.date()}
        after = before.model_copy(update={"helplines_confirmed": rung})
        write_service(session, ring, after, "operator", system_clock())

    in_database(write)
    errors.print("Noted.")


@safeguarding.command("figures")
def show_figures() -> None:
    """Alerts by month and kind: needed action, false alarms, not decided. No words, no names."""
    table = Table("Month", "Kind", "Needed action", "False alarms", "Not decided")
    for one in in_database(lambda session, _: figures(session)):
        counts = (one.needed_action, one.false_alarms, one.undecided)
        table.add_row(one.month, one.category, *map(str, counts))
    Console().print(table)
