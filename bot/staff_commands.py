"""Commands for whoever runs the service: who works at the desk."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.orm import Session

from bot import staff
from bot.clock import system_clock
from bot.delivery.handing_over import HandingOver
from bot.delivery.new_link import tell_of_new_link
from bot.operating import errors, in_database, stop, typed_email, typed_name
from bot.removing import NobodyToTakeOver, remove_from_desk
from bot.settings import Settings
from bot.store.sealing import KeyRing
from flows.library import read_library

coordinator = typer.Typer(
    help="Who works at the desk: coordinators and administrators.", no_args_is_help=True
)

Email = Annotated[str, typer.Argument(help="Their e-mail address.", parser=typed_email)]


@coordinator.command("list")
def list_all() -> None:
    """Lists all who work at the desk."""
    now = system_clock()
    found = in_database(lambda session, ring: staff.at_desk(session, ring, now))
    table = Table("Name", "E-mail", "Role", "Password", "Phone", "Meetings ahead")
    for one in found:
        table.add_row(
            one.name,
            one.email,
            staff.ADMINISTRATOR if one.administers else staff.COORDINATOR,
            "yes" if one.has_password else "no",
            "yes" if one.has_code else "no",
            str(one.meetings),
        )
    Console().print(table)


@coordinator.command("invite")
def invite(
    email: Email,
    name: Annotated[str, typer.Option(prompt=True, parser=typed_name)],
    administrator: Annotated[
        bool, typer.Option("--administrator", help="Sets the service up; never sees words.")
    ] = False,
    language: Annotated[str, typer.Option(help="Of the desk's pages.")] = "en",
) -> None:
    """Makes someone new, and prints the link that lets them in once."""
    now = system_clock()

    def make(session: Session, ring: KeyRing) -> str:
        made = staff.make(
            session,
            ring,
            name=name,
            email=email,
            language=language,
            now=now,
            actor="operator",
            administers=administrator,
        )
        return staff.link(session, made, now, "operator")

    try:
        _print_link(in_database(make))
    except staff.Known:
        stop("Someone has this address already. `beforehand coordinator link` gives a new link.")


@coordinator.command("link")
def link(
    email: Email,
    lost_phone: Annotated[
        bool, typer.Option("--lost-phone", help="Their phone's codes are no use any more.")
    ] = False,
) -> None:
    """Forgets their password, signs them out everywhere, and prints a link that works once."""
    now = system_clock()

    def renew(session: Session, ring: KeyRing) -> str:
        found = staff.find(session, ring, email)
        token = staff.let_in_anew(session, found, now, "operator", lost_phone=lost_phone)
        tell_of_new_link(session, ring, read_library().wording, found, now)
        return token

    try:
        _print_link(in_database(renew))
    except staff.Unknown:
        stop("Nobody at the desk has this address. `beforehand coordinator list` shows all.")


@coordinator.command("remove")
def remove(
    email: Email,
    to: Annotated[str, typer.Option(help="Address of who takes their meetings over.")] = "",
) -> None:
    """Ends their access at once, and hands their meetings over."""
    now = system_clock()

    def end(session: Session, ring: KeyRing) -> int:
        heir = staff.find(session, ring, to) if to else None
        gone = staff.find(session, ring, email)
        settings = Settings()
        telling = HandingOver(read_library(), settings.address, settings.duty_contact)
        return remove_from_desk(session, ring, gone, heir, now, "operator", telling)

    try:
        count = in_database(end)
    except staff.Unknown:
        stop("Nobody at the desk has this address. `beforehand coordinator list` shows all.")
    except NobodyToTakeOver:
        stop("They have meetings. Say with --to which coordinator takes them over.")
    errors.print(f"Removed. {count} meetings were handed over.")


def _print_link(token: str) -> None:
    print(f"{Settings().address}/coordinator/in/{token}")
    errors.print("It works once. Give it to them by a safe way.")
