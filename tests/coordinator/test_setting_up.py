"""The first run: what is missing is asked for in order, and what is left is shown."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session
from typer.testing import CliRunner, Result

from bot import staff
from bot.cli import app
from bot.helplines import all_helplines
from bot.service import Service, read_service, write_service
from bot.service.settings import Contact
from bot.setting_up import Step, what_is_left
from bot.store.database import Database
from bot.store.models import Coordinator
from bot.store.sealing import KeyRing, ServiceKey
from tests.coordinator.browser import Browser
from tests.coordinator.conftest import Hands

START = "/coordinator/administration/start"


@pytest.fixture
def operator(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Who has set the database and the key, and nothing else."""
    for name in ("BEFOREHAND_PUBLIC_URL", "BEFOREHAND_SMTP_URL", "BEFOREHAND_DUTY_CONTACT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BEFOREHAND_DATABASE_URL", empty_database_url)
    monkeypatch.setenv("BEFOREHAND_KEY", ServiceKey.new_line("k1"))
    return Database.open(empty_database_url)


def setup(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["setup", *words], input=typed)


@pytest.mark.parametrize("empty_database_url", ["sqlite"], indirect=True)
def test_a_first_run_asks_in_order_and_goes_on_where_it_stopped(operator: Database) -> None:
    stopped = setup(typed="Nadia Okonjo\nnadia@example.org\n")  # and Ctrl-D
    assert stopped.exit_code == 1
    assert "/coordinator/in/" in stopped.output
    again = setup(typed="Marrow Lane\nSunita Rao\nsunita\nsunita@example.org\n")
    assert again.exit_code == 0
    assert "Their e-mail address: nadia" not in again.output, "nothing is asked twice"
    assert "/coordinator/in/" not in again.output
    assert "Write one such as name@example.org." in again.output, "and it is asked again"
    assert "done  service" in again.output
    assert "done  rota" in again.output
    for left in ("left  machine", "left  administrator", "left  numbers", "left  coordinators"):
        assert left in again.output
    assert "BEFOREHAND_SMTP_URL is not set" in again.output
    checked = setup("--check")
    assert checked.exit_code == 1
    assert "Something is left" in checked.output
    operator.close_now()


@pytest.mark.parametrize("empty_database_url", ["sqlite"], indirect=True)
def test_an_address_that_somebody_has_and_a_name_that_is_none_are_asked_for_again(
    operator: Database,
) -> None:
    setup(typed="Nadia Okonjo\nnadia@example.org\n")
    made = operator.run_now(lambda session: session.query(Coordinator).one())
    operator.run_now(
        lambda session: session.execute(update(Coordinator).values(role="coordinator"))
    )
    typed = "\u200b\nNadia \u202eoj\nNadia Okonjo\nnadia@example.org\nno@example.org\n"
    again = setup(typed=typed)
    assert again.output.count("Somebody at the desk has this address already.") == 1
    assert again.output.count("Write a name of at most 80 letters.") == 2
    assert "/coordinator/in/" in again.output
    both = operator.run_now(lambda session: session.query(Coordinator).all())
    assert {one.role for one in both} == {"coordinator", "administrator"}
    assert made.id in {one.id for one in both}
    operator.close_now()


@pytest.mark.parametrize("empty_database_url", ["sqlite"], indirect=True)
def test_to_check_asks_nothing_and_changes_nothing(operator: Database) -> None:
    checked = setup("--check", typed="Nadia\n")
    assert checked.exit_code == 1
    assert "beforehand upgrade" in checked.output, "the database is still empty"
    operator.close_now()


def test_an_administrator_sees_what_is_left_and_then_that_families_can_use_it(
    administrator: Browser, database: Database, service_key: ServiceKey, hands: Hands
) -> None:
    assert administrator.get("/coordinator").headers["location"].startswith(START)
    page = administrator.see(START)
    assert page.count("tag-care") == 5, "all but the machine, which nobody asks here"
    assert "5 things are left" in page

    def do_all(session: Session) -> tuple[Step, ...]:
        ring, now = KeyRing(session, service_key), hands.now
        rung = {line.name: now.date() for line in all_helplines()}
        for row in session.query(Coordinator):
            row.password_hash, row.codes_since = "set", hands.now
        contact = Contact(name="Sunita", email="sunita@example.org")
        service = Service(name="Marrow Lane", rota=(contact,), helplines_confirmed=rung)
        write_service(session, ring, service, "operator", now)
        staff.make(
            session,
            ring,
            name="Odette",
            email="odette@example.org",
            language="en",
            now=now,
            actor="operator",
        )
        return tuple(one.step for one in what_is_left(session, ring, (), now) if not one.is_done)

    assert database.run_now(do_all) == ()
    kept = database.run_now(lambda session: read_service(session, KeyRing(session, service_key)))
    assert kept is not None
    page = administrator.see(START)
    assert "Families can use it." in page
    assert "tag-care" not in page


def test_a_coordinator_has_no_such_page(odette: Browser) -> None:
    assert odette.get(START).status_code == 404
