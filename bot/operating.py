"""What every command of an operator begins with: settings, key and database, or else a sentence
that says what is missing and what to do.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from sqlalchemy.exc import OperationalError

from bot.delivery.mail import SmtpUrlUnusable
from bot.settings import SettingMissing, Settings
from bot.store.database import Database, DatabaseUnusable
from bot.store.sealing import KeyUnusable, ServiceKey
from bot.store.upgrade import state

errors = Console(stderr=True, soft_wrap=True)


@contextmanager
def operator_errors() -> Iterator[None]:
    """An operator's mistake is a sentence, not a traceback."""
    try:
        yield
    except (SettingMissing, KeyUnusable, DatabaseUnusable, SmtpUrlUnusable) as error:
        stop(str(error))
    except ValidationError as error:
        names = ", ".join(
            f"BEFOREHAND_{'_'.join(map(str, problem['loc'])).upper()}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        stop(f"A setting cannot be used. {names}")
    except OperationalError:
        stop("The database cannot be reached. Check that it runs, and BEFOREHAND_DATABASE_URL.")


@contextmanager
def operators_database() -> Iterator[tuple[Database, ServiceKey]]:
    """The database that the settings name, and the key that opens it."""
    with operator_errors():
        settings = Settings()
        refuse_unless_current(settings)
        service_key = settings.service_key()
        database = Database.open(settings.database_url.get_secret_value())
        try:
            yield database, service_key
        finally:
            database.close_now()


def refuse_unless_current(settings: Settings) -> None:
    """Stops where the database is not this version's (promise P26)."""
    match state(settings.database_url.get_secret_value()):
        case "empty":
            stop("The database is empty. Run `beforehand upgrade` first (BEFOREHAND_DATABASE_URL).")
        case "behind":
            stop("The database is from an older version. Run `beforehand upgrade` first.")
        case "ahead":
            stop("The database is from a newer version. Start that version of Beforehand.")


def stop(message: str) -> NoReturn:
    errors.print(message, style="bold", markup=False, highlight=False)
    raise typer.Exit(1)
