"""What an administrator sets without a file: hours, rota, numbers; and what came of alerts."""

import re
from datetime import date, time

import pytest
from sqlalchemy.orm import Session

from bot.alerts import acknowledge, became
from bot.coordinator.service_form import read, typed
from bot.privacy.days import Retention
from bot.service import Service, read_service, write_service
from bot.service.settings import Contact
from bot.store.database import Database
from bot.store.sealing import KeyRing, ServiceKey
from tests.coordinator.browser import Browser
from tests.coordinator.conftest import Hands
from tests.coordinator.household import Household

SERVICE = "/coordinator/administration/service"
NUMBERS = "/coordinator/administration/numbers"
SPOKEN = ("en", "ar", "cy")
GOOD = {
    **typed(Service()),
    "name": "Marrow Lane family meetings",
    "friday-closes": "16:30",
    "saturday-opens": "10:00",
    "saturday-closes": "12:00",
    "closed": "2026-12-25\n\n2026-12-28",
    "rota": "Sunita Rao, sunita@example.org\nNight team, night@example.org, always",
    "manager": "Ben Okoro, ben@example.org",
    "minutes": "45",
    "nation-england": "",
    "nation-scotland": "",
    "nation-northern_ireland": "",
    "language-cy": "yes",
    "keep_sent_days": "30",
    "reminders": "",
    "roundup_hours_before": "48",
}


@pytest.mark.both_databases
def test_what_is_typed_is_in_force(
    administrator: Browser, database: Database, service_key: ServiceKey
) -> None:
    assert administrator.post(SERVICE, **GOOD) == (303, f"{SERVICE}?kept=1")
    kept = database.run_now(lambda session: read_service(session, KeyRing(session, service_key)))
    assert kept is not None
    assert kept.name == "Marrow Lane family meetings"
    assert kept.working_hours["friday"].closes == time(16, 30)
    assert kept.working_hours["saturday"].opens == time(10)
    assert "sunday" not in kept.working_hours
    assert kept.days_closed == (date(2026, 12, 25), date(2026, 12, 28))
    assert [one.name for one in kept.in_turn] == ["Sunita Rao", "Ben Okoro"]
    assert [one.name for one in kept.told_at_once] == ["Night team"]
    assert kept.acknowledge_within_minutes == 45
    assert kept.nations == ("wales",)
    assert kept.offers(SPOKEN) == ("en", "cy")
    assert (kept.reminders, kept.roundup_hours_before) == (False, 48)
    days = kept.days(Retention(keep_sent_days=100, keep_drafts_days=20))
    assert (days.keep_sent_days, days.keep_drafts_days) == (30, 20), "the operator's, or its own"
    page = administrator.see(f"{SERVICE}?kept=1")
    assert "Night team, night@example.org, always" in page
    assert "What you typed is in force" in page


@pytest.mark.parametrize(
    ("field", "given", "told"),
    [
        ("friday-closes", "08:00", "Friday: enter two times"),
        ("monday-opens", "soon", "Monday: enter two times"),
        ("closed", "25 December", "“25 December” is not a day"),
        ("rota", "Sunita", "“Sunita” cannot be used"),
        ("rota", "Sunita, s@example.org, sometimes", "cannot be used"),
        ("manager", "A, a@example.org\nB, b@example.org", "one manager only"),
        ("keep_sent_days", "0", "a number from 1 to 365, or nothing"),
        ("keep_drafts_days", "91", "a number from 1 to 90, or nothing"),
        ("roundup_hours_before", "soon", "a number from 1 to 336, or nothing"),
        ("minutes", "2", "minutes from 5 to 480"),
        ("minutes", "٤٥", "minutes from 5 to 480"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_kept_or_lost(
    administrator: Browser,
    database: Database,
    service_key: ServiceKey,
    field: str,
    given: str,
    told: str,
) -> None:
    status, page = administrator.post(SERVICE, **{**GOOD, field: given})
    assert (status, told in page) == (400, True)
    assert f'href="#{field.replace("closes", "opens")}"' in page
    assert "Marrow Lane family meetings" in page
    assert given.splitlines()[0] in page
    kept = database.run_now(lambda session: read_service(session, KeyRing(session, service_key)))
    assert kept is None


def test_a_service_that_is_never_open_is_refused() -> None:
    never = {name: "" if name.endswith(("-opens", "-closes")) else v for name, v in GOOD.items()}
    assert [one.what for one in read(never, Service(), SPOKEN).wrong] == ["never_open"]


def test_a_service_that_works_nowhere_is_refused(administrator: Browser) -> None:
    status, page = administrator.post(SERVICE, **{**GOOD, "nation-wales": ""})
    assert (status, "Tick at least one nation" in page) == (400, True)


def test_a_new_meeting_is_in_a_nation_where_the_service_works(
    administrator: Browser, odette: Browser
) -> None:
    assert 'value="scotland"' in odette.see("/coordinator/meeting/new")
    administrator.post(SERVICE, **GOOD)
    page = odette.see("/coordinator/meeting/new")
    assert 'value="wales"' in page
    assert 'value="england" selected' in page, "where this coordinator's newest meeting is"
    assert 'value="scotland"' not in page


def test_what_stands_in_the_form_reads_back_as_it_was() -> None:
    service = read(GOOD, Service(), SPOKEN).service
    again = read({**typed(service), "made_from": GOOD["made_from"]}, Service(), SPOKEN)
    assert (again.service, again.wrong) == (service, ())


def test_a_number_is_due_until_somebody_has_rung_it_and_again_after_120_days(
    administrator: Browser, hands: Hands
) -> None:
    due = administrator.see(NUMBERS).count("Not rung yet")
    assert due > 10
    assert administrator.post(NUMBERS, name="Childline") == (303, NUMBERS)
    page = administrator.see(NUMBERS)
    assert page.count("Not rung yet") == due - 1
    assert f"Last rung on {hands.now:%Y-%m-%d}" in page
    assert administrator.post(NUMBERS, name="Nobody's line")[0] == 404


def test_what_came_of_alerts_is_counted_without_names(
    administrator: Browser, ash: Household, hands: Hands
) -> None:
    assert "There has been no alert yet." in administrator.see(f"{SERVICE[:-7]}figures")
    alert = ash.alerts("dawn")
    coordinator, now = ash.made.coordinator_id, hands.now

    def decide(session: Session) -> None:
        ring = KeyRing(session, ash.service_key)
        acknowledge(session, ring, alert, coordinator, now)
        became(session, ring, alert, "false_alarm", coordinator, now)

    ash.database.run_now(decide)
    page = administrator.see(f"{SERVICE[:-7]}figures")
    assert page.count('numeric">1<') == 1
    assert "Dawn" not in page


def in_force(database: Database, service_key: ServiceKey) -> Service:
    kept = database.run_now(lambda session: read_service(session, KeyRing(session, service_key)))
    assert kept is not None
    return kept


def made_from(page: str) -> str:
    [found] = re.findall(r'name="made_from" value="(\w+)"', page)
    return str(found)


@pytest.mark.both_databases
def test_a_form_from_before_a_removal_puts_nobody_back_on_the_rota(
    administrator: Browser,
    ash: Household,
    cedar: Household,
    database: Database,
    service_key: ServiceKey,
) -> None:
    with_odette = {**GOOD, "rota": "Odette Farrow, odette.farrow@example.org\nSunita Rao, s@e.org"}
    administrator.post(SERVICE, **with_odette)
    open_since = made_from(administrator.see(SERVICE))
    remove = f"/coordinator/administration/{ash.made.coordinator_id}/remove"
    assert administrator.post(remove, to=str(cedar.made.coordinator_id))[0] == 303
    stale = {**with_odette, "minutes": "60", "made_from": open_since}
    status, page = administrator.post(SERVICE, **stale)
    assert (status, "were changed meanwhile" in page) == (400, True)
    assert "Odette Farrow, odette.farrow@example.org" in page, "what was typed stays"
    assert "In force now: Sunita Rao, s@e.org" in page
    assert "In force now: 45" in page
    assert [one.name for one in in_force(database, service_key).rota] == ["Sunita Rao"]
    looked = {**stale, "rota": "Sunita Rao, s@e.org", "made_from": made_from(page)}
    assert administrator.post(SERVICE, **looked)[0] == 303
    assert in_force(database, service_key).acknowledge_within_minutes == 60


def test_a_form_that_says_nothing_of_what_it_was_made_from_is_shown_again(
    administrator: Browser,
) -> None:
    assert administrator.post(SERVICE, **{**GOOD, "made_from": ""})[0] == 400


def test_what_is_kept_untouched_stays_as_it_was(
    administrator: Browser, database: Database, service_key: ServiceKey, hands: Hands
) -> None:
    rota = (
        Contact(name="Rao, Sunita", email="sunita@example.org", language="cy"),
        Contact(name="علی‌پور، مینا", email="mina@example.org", language="ar", always=True),
    )
    manager = Contact(name="Ben Okoro", email="Ben@example.org", language="cy")
    before = Service(name="Marrow Lane", rota=rota, manager=manager)
    database.run_now(
        lambda session: write_service(
            session, KeyRing(session, service_key), before, "operator", hands.now
        )
    )
    form = {name: value for name, value in typed(before).items() if value}
    assert administrator.post(SERVICE, **form)[0] == 303
    assert in_force(database, service_key) == before


@pytest.mark.parametrize(
    ("field", "given", "told"),
    [
        ("name", "x" * 121, "at most 120 letters"),
        ("name", "Marrow \u202eenaL", "without hidden characters"),
        ("closed", "2026-12-25\n" * 201, "Write at most 200 lines"),
        ("rota", "Night team, night@example.org\n" * 201, "Write at most 200 lines"),
        ("rota", "\u200b, night@example.org", "cannot be used"),
    ],
)
def test_what_is_too_long_is_said_to_be_and_not_cut(
    administrator: Browser, field: str, given: str, told: str
) -> None:
    status, page = administrator.post(SERVICE, **{**GOOD, field: given})
    assert (status, told in page) == (400, True)
    assert f'href="#{field}"' in page
    assert given.strip() in page
