"""The command `beforehand`. Each command is a few lines; what it does lives elsewhere."""

import asyncio
import gc
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
import uvicorn
from rich.console import Console
from sqlalchemy.orm import Session
from telegram import Bot
from telegram.error import TelegramError

from bot import authors, demonstration, logs, meetings
from bot.app import Beforehand
from bot.clock import system_clock
from bot.operating import errors, in_database, operator_errors, refuse_unless_current, stop
from bot.privacy.anew import Named, NotWiped, invite_anew
from bot.privacy.erase import wipe
from bot.safeguarding import safeguarding
from bot.service import Service, read_service
from bot.service_commands import lines
from bot.service_commands import service as service_commands
from bot.settings import Settings
from bot.setup_command import setup
from bot.staff_commands import coordinator
from bot.starting import refuse_unfinished_languages, refuse_unsafe
from bot.store.conversations import NobodyThere
from bot.store.database import Database
from bot.store.rotation import rotate
from bot.store.sealing import KeyRing, ServiceKey
from bot.store.upgrade import upgrade
from flows.library import read_library
from flows.safeguarding import languages as safeguarding_languages
from flows.wording import Wording

app = typer.Typer(
    help="Helps families get ready for the meeting about their child.",
    no_args_is_help=False,
    pretty_exceptions_show_locals=False,
    pretty_exceptions_enable=False,
)
meeting = typer.Typer(help="Meetings and the people who prepare for them.", no_args_is_help=True)
key = typer.Typer(help="The key that seals everything.", no_args_is_help=True)
person = typer.Typer(help="One person's preparation.", no_args_is_help=True)
app.add_typer(service_commands, name="service")
app.add_typer(lines, name="helplines")
app.add_typer(coordinator, name="coordinator")
app.add_typer(meeting, name="meeting")
app.add_typer(person, name="person")
app.add_typer(key, name="key")
app.add_typer(authors.flows, name="flows")
app.add_typer(authors.words, name="words")
app.add_typer(safeguarding, name="safeguarding")
app.command("talk")(authors.talk)
app.command("setup")(setup)


@app.callback(invoke_without_command=True)
def serve(context: typer.Context) -> None:
    """Serves the web chat, Telegram and the coordinators' site."""
    if context.invoked_subcommand is None:
        with operator_errors():
            settings = Settings()
            settings.check()
            refuse_unless_current(settings)
            service_key = settings.service_key()
            refuse_unfinished_languages(settings)
            database = Database.open(settings.database_url.get_secret_value())
            now = system_clock()
            service = database.run_now(
                lambda session: read_service(session, KeyRing(session, service_key))
            )
            for warning in refuse_unsafe(settings, service or Service(), now.date()):
                errors.print(f"Not for families yet: {warning}", markup=False, highlight=False)
            logs.set_up()
            library = read_library(languages=settings.offered)
            _serve(Beforehand(settings, database, service_key, library))


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="On this machine only.")] = 8080,
) -> None:
    """Serves made-up families on an embedded database, with no setting at all."""
    with operator_errors(), tempfile.TemporaryDirectory(prefix="beforehand-") as folder:
        bind = f"127.0.0.1:{port}"
        url = f"sqlite:///{Path(folder) / 'demo.db'}"
        settings = demonstration.settings(bind, url)
        service_key = ServiceKey.parse(ServiceKey.new_line("demo"))
        upgrade(url)
        database = Database.open(url)
        logs.set_up()
        families = demonstration.families()
        made = [
            database.run_now(
                partial(
                    meetings.make_meeting, service_key=service_key, file=file, now=system_clock()
                )
            )
            for file in families
        ]
        demonstration.show(Console(), families, made, settings.address)
        _serve(Beforehand(settings, database, service_key, read_library(), demo=True))


@app.command("upgrade")
def upgrade_database() -> None:
    """Brings the database up to date. Loses nothing; run it before a new version starts."""
    with operator_errors():
        upgrade(Settings().database_url.get_secret_value())
        errors.print("The database is up to date.")


@meeting.command("new")
def new_meeting(
    file: Annotated[Path, typer.Argument(help="YAML or JSON.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Makes coordinator, meeting and people from a file, and prints everybody's link."""
    with operator_errors():
        settings = Settings()
        refuse_unless_current(settings)
        service_key = settings.service_key()
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            stop(f"{file.name}: cannot be read as text in UTF-8. Check the path and the file.")
        try:
            read = meetings.read_meeting_file(text, file.name)
        except meetings.MeetingFileRefused as refused:
            stop(str(refused))
        database = Database.open(settings.database_url.get_secret_value())
        try:
            made = database.run_now(
                lambda session: meetings.make_meeting(session, service_key, read, system_clock())
            )
        except meetings.CoordinatorAdministers as refused:
            stop(str(refused))
        finally:
            database.close_now()
        shown = meetings.as_json(made, settings.address, asyncio.run(_bot_name(settings)))
        _print(shown, as_json=as_json)


@meeting.command("show")
def show_meeting(
    meeting_id: Annotated[UUID, typer.Argument()],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Shows who has prepared, started or never been reached. Never what anybody wrote."""
    with operator_errors():
        settings = Settings()
        refuse_unless_current(settings)
        service_key = settings.service_key()
        database = Database.open(settings.database_url.get_secret_value())
        try:
            shown = database.run_now(
                lambda session: meetings.show_meeting(session, service_key, meeting_id)
            )
        except LookupError:
            stop("There is no meeting with this id.")
        finally:
            database.close_now()
        _print(shown, as_json=as_json)


@meeting.command("move")
def move_meeting(
    meeting_id: Annotated[UUID, typer.Argument()],
    to: Annotated[str, typer.Option(help="In the meeting's own zone: 2026-12-01T10:00.")],
) -> None:
    """Gives a meeting another start, and tells those who prepare. Prints who hears it how."""
    now = system_clock()

    def move(session: Session, ring: KeyRing, wording: Wording) -> meetings.Told:
        starts_at = meetings.moment_of(session, meeting_id, to)
        return meetings.move_meeting(session, ring, wording, meeting_id, starts_at, now)

    _change(meeting_id, move)


@meeting.command("cancel")
def cancel_meeting(meeting_id: Annotated[UUID, typer.Argument()]) -> None:
    """Calls a meeting off, and tells those who prepare. Prints who hears it how."""
    now = system_clock()

    def cancel(session: Session, ring: KeyRing, wording: Wording) -> meetings.Told:
        return meetings.cancel_meeting(session, ring, wording, meeting_id, now)

    _change(meeting_id, cancel)


def _change(meeting_id: UUID, change: Callable[[Session, KeyRing, Wording], meetings.Told]) -> None:
    with operator_errors():
        settings = Settings()
        refuse_unless_current(settings)
        service_key = settings.service_key()
        wording = read_library(languages=settings.offered).wording
        database = Database.open(settings.database_url.get_secret_value())
        try:
            told = database.run_now(
                lambda session: change(session, KeyRing(session, service_key), wording)
            )
        except meetings.MeetingUnknown:
            stop("There is no meeting with this id.")
        except (meetings.MeetingCancelled, meetings.StartRefused) as refused:
            stop(str(refused))
        finally:
            database.close_now()
        _print({"meeting": str(meeting_id), "told": asdict(told)}, as_json=True)


@person.command("wipe")
def wipe_person(
    participant: Annotated[UUID, typer.Argument(help="The participant's id, as in page links.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask once more.")] = False,
) -> None:
    """Wipes all that is held of someone who asked for it by another way than the chat."""
    with operator_errors():
        settings = Settings()
        refuse_unless_current(settings)
        service_key = settings.service_key()
        if not yes:
            typer.confirm("Nobody can bring it back. Wipe it?", abort=True)
        database = Database.open(settings.database_url.get_secret_value())
        try:
            database.run_now(
                lambda session: wipe(
                    session, KeyRing(session, service_key), participant, system_clock(), "operator"
                )
            )
            scrubbed = asyncio.run(database.scrub())
        except NobodyThere:
            stop("There is nobody with this id.")
        finally:
            database.close_now()
        errors.print("Wiped. `beforehand person invite` lets them start again, empty.")
        if not scrubbed:
            errors.print("The service clears the database's own files within an hour.")


@person.command("invite")
def invite_person(
    participant: Annotated[UUID, typer.Argument(help="The participant's id, as in page links.")],
) -> None:
    """Gives new ways in to someone who has wiped all of theirs. Asks for their name again."""
    with operator_errors():
        settings = Settings()
        refuse_unless_current(settings)
        service_key = settings.service_key()
        named = Named(
            typer.prompt("Name"),
            typer.prompt("Relation, such as “Kit's mum”"),
            typer.prompt("How the child is named to them", default=""),
        )
        database = Database.open(settings.database_url.get_secret_value())
        try:
            way_in = database.run_now(
                lambda session: invite_anew(
                    session, KeyRing(session, service_key), participant, named, system_clock()
                )
            )
        except NobodyThere:
            stop("There is nobody with this id.")
        except NotWiped:
            stop("They have not wiped anything. `beforehand person link` gives new links.")
        finally:
            database.close_now()
        bot_name = asyncio.run(_bot_name(settings))
        _print(meetings.way_in_as_json(way_in, settings.address, bot_name), as_json=True)


@person.command("link")
def link_person(
    participant: Annotated[UUID, typer.Argument(help="The participant's id, as in page links.")],
) -> None:
    """Puts out whoever is in as this person, and prints new links. What was prepared stays."""
    settings = Settings()
    try:
        way_in = in_database(
            lambda session, _: meetings.reissue(session, participant, system_clock())
        )
    except NobodyThere:
        stop("There is nobody with this id, or they have wiped everything.")
    bot_name = asyncio.run(_bot_name(settings))
    _print(meetings.way_in_as_json(way_in, settings.address, bot_name), as_json=True)


@key.command("new")
def new_key() -> None:
    """Prints a new key. Keep it apart from the database: without it nothing can be opened."""
    print(ServiceKey.new_line(f"k{datetime.now(UTC):%Y%m%d%H%M%S}"))


@key.command("rotate")
def rotate_key() -> None:
    """Seals all data keys anew with the first line of the key; the service may go on meanwhile."""
    with operator_errors():
        settings = Settings()
        refuse_unless_current(settings)
        service_key = settings.service_key()
        database = Database.open(settings.database_url.get_secret_value())
        try:
            count = database.run_now(lambda session: rotate(session, service_key))
        finally:
            database.close_now()
        errors.print(f"{count} keys are sealed anew with {service_key.current_kid}.")


def _serve(service: Beforehand) -> None:
    """uvicorn owns the signals; open streams are given three seconds at the end."""
    host, port = service.settings.host, service.settings.port
    safeguarding_languages()  # a second's work that nobody's first message should wait for
    gc.collect()
    gc.freeze()  # flows, words and libraries stay: collecting need not look at them again
    gc.set_threshold(20_000, 20, 20)
    config = uvicorn.Config(
        service.asgi,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
        proxy_headers=True,
        forwarded_allow_ips=service.settings.trusted_proxies,
    )
    try:
        uvicorn.Server(config).run()
    finally:
        service.database.close_now()


async def _bot_name(settings: Settings) -> str | None:
    """The bot's user name, for links; None where Telegram is not used or not reached."""
    token = settings.token()
    if token is None:
        return None
    bot = Bot(token, base_url=f"{settings.telegram_api_url.rstrip('/')}/bot")
    try:
        async with bot:
            return bot.username
    except TelegramError:
        errors.print("Telegram was not reached: the links below lack the bot's name.")
        return None


def _print(shown: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(shown, ensure_ascii=False))
    else:
        Console().print_json(json.dumps(shown))
