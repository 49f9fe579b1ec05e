"""What every command of the operator's needs: the database, and mistakes told as sentences."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.delivery.mail import SmtpUrlUnusable
from bot.meetings.fields import BadField, email
from bot.meetings.writing import is_no_name, one_line
from bot.settings import SettingMissing, Settings
from bot.staff import LONGEST_NAME
from bot.store.database import Database, DatabaseUnusable
from bot.store.sealing import KeyRing, KeyUnusable
from bot.store.upgrade import state

T = TypeVar("T")

errors = Console(stderr=True, soft_wrap=True)


def in_database(work: Callable[[Session, KeyRing], T]) -> T:
    """Runs `work` in one transaction of the service's database."""
    with operator_errors():
        settings = Settings()
        refuse_unless_current(settings)
        service_key = settings.service_key()
        database = Database.open(settings.database_url.get_secret_value())
        try:
            return database.run_now(lambda session: work(session, KeyRing(session, service_key)))
        finally:
            database.close_now()


def typed_email(given: str) -> str:
    """Raises typer.BadParameter: it is none, which a prompt then says before it asks again."""
    try:
        return email(given.strip())
    except BadField as error:
        raise typer.BadParameter(str(error)) from None


def typed_name(given: str) -> str:
    """Raises typer.BadParameter: nobody at the desk can be called so."""
    name = one_line(given)
    if is_no_name(name, LONGEST_NAME):
        raise typer.BadParameter(f"Write a name of at most {LONGEST_NAME} letters.")
    return name


def refuse_unless_current(settings: Settings) -> None:
    match state(settings.database_url.get_secret_value()):
        case "empty":
            stop("The database is empty. Run `beforehand upgrade` first (BEFOREHAND_DATABASE_URL).")
        case "behind":
            stop("The database is from an older version. Run `beforehand upgrade` first.")
        case "ahead":
            stop("The database is from a newer version. Start that version of Beforehand.")


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


def stop(message: str) -> NoReturn:
    errors.print(message, style="bold", markup=False, highlight=False)
    raise typer.Exit(1)
