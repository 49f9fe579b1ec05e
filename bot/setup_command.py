"""The command for a first run: it asks for what is missing, and shows what is left."""

from functools import partial
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.orm import Session

from bot import staff
from bot.clock import system_clock
from bot.operating import errors, in_database, operator_errors, stop, typed_email, typed_name
from bot.service import Contact, Service, read_service, write_service
from bot.setting_up import what_is_left
from bot.settings import Settings
from bot.starting import unsafe_settings
from bot.store.sealing import KeyRing
from bot.store.upgrade import state, upgrade


def setup(
    check: Annotated[
        bool, typer.Option("--check", help="Ask nothing; fail where something is left.")
    ] = False,
) -> None:
    """Asks for what is missing, in order, and shows what is left before families can use it."""
    with operator_errors():
        settings = Settings()
        settings.service_key()
        address = settings.database_url.get_secret_value()
        if state(address) == "empty" and not check:
            upgrade(address)
            errors.print("The database is ready.")
        if not check:
            _ask(settings)
        now, unset = system_clock(), unsafe_settings(settings)
        found = in_database(lambda session, ring: what_is_left(session, ring, unset, now))
    for one in found:
        Console().print(f"{'done' if one.is_done else 'left':4}  {one.step}", highlight=False)
        for what in one.to_do:
            Console(soft_wrap=True).print(f"      {what}", markup=False, highlight=False)
    if not all(one.is_done for one in found):
        if check:
            stop("Something is left before families can use it.")
        return
    errors.print("Families can use it.")


def _ask(settings: Settings) -> None:
    """Each is kept as soon as it is answered: whoever stops goes on next time."""
    now = system_clock()
    people = in_database(lambda session, ring: staff.at_desk(session, ring, now))
    if not any(one.administers for one in people):
        errors.print("Somebody sets the service up and sees none of the words: an administrator.")
        name: str = typer.prompt("Their name", value_proc=typed_name)
        token = _invite_administrator(name)
        print(f"{settings.address}/coordinator/in/{token}")
        errors.print("This link lets them in once. Give it to nobody else.")
    service = in_database(lambda session, ring: read_service(session, ring)) or Service()
    if not service.name:
        _keep({"name": typer.prompt("What the service is called, as families know it").strip()})
    if not service.in_turn:
        errors.print("An alert that the coordinator does not acknowledge goes to somebody else.")
        name = typer.prompt("The name of whoever is told next (empty: later)", default="")
        if name.strip():
            _keep({"rota": (Contact(name=name.strip(), email=_ask_for_email()),)})


def _ask_for_email() -> str:
    found: str = typer.prompt("Their e-mail address", value_proc=typed_email)
    return found


def _invite_administrator(name: str) -> str:
    """A link for them. Whose address is known is asked for another: who sees words cannot
    administer."""
    while True:
        email = _ask_for_email()
        try:
            return in_database(partial(_new_administrator, name=name, email=email))
        except staff.Known:
            errors.print("Somebody at the desk has this address already. Write another.")


def _new_administrator(session: Session, ring: KeyRing, name: str, email: str) -> str:
    now = system_clock()
    made = staff.make(
        session,
        ring,
        name=name,
        email=email,
        language="en",
        now=now,
        actor="operator",
        administers=True,
    )
    return staff.link(session, made, now, "operator")


def _keep(changes: dict[str, object]) -> None:
    def write(session: Session, ring: KeyRing) -> None:
        before = read_service(session, ring) or Service()
        after = Service.model_validate({**before.model_dump(), **changes})
        write_service(session, ring, after, "operator", system_clock())

    in_database(write)
