"""Commands for a safeguarding lead: what the detector hears and misses, what came of alerts."""

import csv
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.alerts.acting import figures
from bot.operating import operators_database
from flows.safeguarding.measure import (
    ASKED,
    Labelled,
    LabelledUnusable,
    by,
    good_enough,
    measure,
)

safeguarding = typer.Typer(help="For the safeguarding lead.", no_args_is_help=True)

_out = Console(soft_wrap=True, highlight=False)


@safeguarding.command()
def check(
    file: Annotated[
        Path, typer.Argument(help="CSV with the columns id, lang, category, label, text.")
    ],
) -> None:
    """Measures the detector on labelled, made-up messages, and names what it missed.

    Fails when it hears less, or cries wolf more often, than is asked of it.
    """
    messages = _read(file)
    for title, key in (("Language", _language), ("Category", _category)):
        table = Table(title, "To be heard", "Recall", "Others", "False alarms")
        for name, group in (*by(messages, key).items(), ("all", messages)):
            found = measure(group)
            table.add_row(
                name,
                str(found.alerts),
                f"{found.recall:.2f}" if found.alerts else "",
                str(found.others),
                f"{found.false_alarm_rate:.2f}" if found.others else "",
            )
        _out.print(table)
    found = measure(messages)
    for title, those in (("Missed", found.missed), ("False alarms", found.false_alarms)):
        for message in those:
            where = f"{title}: {message.language}, {message.category}, {message.id}:"
            _out.print(where, message.text, markup=False)
    if not good_enough(messages):
        asked = ", ".join(f"{name} {recall}/{rate}" for name, (recall, rate) in ASKED.items())
        _out.print(f"Less than is asked (recall/false alarms: {asked}).", style="red")
        raise typer.Exit(1)


def _language(message: Labelled) -> str:
    return message.language


def _category(message: Labelled) -> str:
    return message.category


def _read(file: Path) -> tuple[Labelled, ...]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as rows:
            return tuple(Labelled.read(row, at) for at, row in enumerate(csv.DictReader(rows), 2))
    except (OSError, UnicodeDecodeError, csv.Error):
        _out.print(f"{file.name}: cannot be read as CSV in UTF-8. Check the path and the file.")
    except LabelledUnusable as unusable:
        _out.print(f"{file.name}: {unusable}", markup=False)
    raise typer.Exit(1)


@safeguarding.command("figures")
def show_figures() -> None:
    """How many alerts there were, a month and a kind at a time, and how many were false alarms.

    Counts only: no names and no words.
    """
    with operators_database() as (database, _):
        rows = database.run_now(figures)
    table = Table("Month", "Kind", "Outcome", "Alerts")
    for month, category, outcome, count in rows:
        table.add_row(month, category, outcome, str(count))
    _out.print(table if rows else "There has been no alert yet.")
