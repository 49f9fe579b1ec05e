"""P23: a coordinator sees their own meetings only, and every reading is written down."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError
from starlette.applications import Starlette
from starlette.routing import Route

from bot.coordinator.guard import Address, Role
from bot.coordinator.routes import ADDRESSES
from bot.store.database import Database
from bot.store.models import Alert, AuditEntry
from tests.coordinator.browser import Browser
from tests.coordinator.conftest import (  # noqa: F401 - fixtures
    Hands,
    administrator,
    ash,
    browser,
    cedar,
    hands,
    odette,
    priya,
    site,
)
from tests.coordinator.household import Household, words

Browsers = Callable[[], Browser]

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is asked of every address is the guard's, not the store's."""


def test_every_address_says_who_may_open_it() -> None:
    assert {address.role for address in ADDRESSES} <= set(Role)
    open_to_all = {address.path for address in ADDRESSES if address.role is Role.ANYONE}
    assert open_to_all == {"/in/{token}", "/sign-in", "/language"}


def test_an_address_without_a_role_cannot_be_written_down() -> None:
    with pytest.raises(TypeError):
        Address("/somewhere")  # type: ignore[call-arg]


def test_what_is_not_in_the_table_is_not_there(site: Starlette) -> None:  # noqa: F811
    paths = {route.path for route in site.routes if isinstance(route, Route)}
    known = {f"/coordinator{address.path}" for address in ADDRESSES}
    assert paths - known == {"/coordinator/static/{name}", "/coordinator/{rest:path}"}


@on_sqlite
@pytest.mark.parametrize(
    "address", [one for one in ADDRESSES if one.role is not Role.ANYONE], ids=lambda one: one.path
)
def test_nobody_gets_in_without_having_signed_in(
    address: Address,
    browser: Browsers,  # noqa: F811
    ash: Household,  # noqa: F811
) -> None:
    path = f"/coordinator{_with_ids(address.path, ash)}"
    method = "GET" if address.get else "POST"
    answer = browser().ask(method, path, form={} if method == "POST" else None)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/coordinator/sign-in")


@on_sqlite
@pytest.mark.parametrize(
    "address",
    [one for one in ADDRESSES if one.role is Role.COORDINATOR and one.path.strip("/")],
    ids=lambda one: one.path,
)
def test_an_administrator_opens_no_page_with_words_on_it(
    address: Address,
    administrator: Browser,  # noqa: F811
    ash: Household,  # noqa: F811
) -> None:
    ash.sends("dawn", [words("worries", "heron-by-the-weir")])
    path = f"/coordinator{_with_ids(address.path, ash)}"
    for method in address.methods:
        if method == "GET":
            answer = administrator.ask("GET", path)
            assert (answer.status_code, "heron" in answer.text) == (404, False)
        else:
            assert administrator.post(path, page="/coordinator/account")[0] == 404


@on_sqlite
@pytest.mark.parametrize(
    "address",
    [one for one in ADDRESSES if one.role is Role.ADMINISTRATOR],
    ids=lambda one: one.path,
)
def test_a_coordinator_opens_no_page_of_an_administrators(
    address: Address,
    odette: Browser,  # noqa: F811
    ash: Household,  # noqa: F811
) -> None:
    path = f"/coordinator{_with_ids(address.path, ash)}"
    for method in address.methods:
        if method == "GET":
            assert odette.ask("GET", path).status_code == 404
        else:
            assert odette.post(path, page="/coordinator/account")[0] == 404


@on_sqlite
@pytest.mark.parametrize(
    "address",
    [one for one in ADDRESSES if "{" in one.path and one.role is Role.COORDINATOR],
    ids=lambda one: one.path,
)
def test_anothers_meeting_is_answered_like_one_that_does_not_exist(
    address: Address,
    priya: Browser,  # noqa: F811
    ash: Household,  # noqa: F811
) -> None:
    def asked(path: str) -> tuple[int, str]:
        if address.get:
            answer = priya.ask("GET", path)
            return answer.status_code, answer.text
        return priya.post(path, page="/coordinator", outcome="acted")

    theirs = asked(f"/coordinator{_with_ids(address.path, ash)}")
    nowhere = asked(f"/coordinator{_with_ids(address.path, None)}")
    assert theirs[0] == nowhere[0] == 404
    assert _plain(theirs[1]) == _plain(nowhere[1])


@on_sqlite
@pytest.mark.parametrize(
    "address", [one for one in ADDRESSES if "{alert_id}" in one.path], ids=lambda one: one.path
)
def test_an_alert_is_there_for_whoever_is_told_of_it_and_for_nobody_else(
    address: Address,
    administrator: Browser,  # noqa: F811
    priya: Browser,  # noqa: F811
    ash: Household,  # noqa: F811
    database: Database,
) -> None:
    """Those on the rota are, whatever else they do here; these two are not on it."""
    alert = ash.alerts("dawn")
    path = f"/coordinator{address.path.replace('{alert_id}', str(alert))}"
    for one in (administrator, priya):
        if address.get:
            assert one.ask("GET", path).status_code == 404
        else:
            assert one.post(path, page="/coordinator/account")[0] == 404
    kept = database.run_now(lambda session: session.get_one(Alert, alert))
    assert (kept.acknowledged_at, kept.outcome) == (None, None)


def test_reading_a_summary_is_written_down_without_its_words(
    odette: Browser,  # noqa: F811
    ash: Household,  # noqa: F811
    database: Database,
) -> None:
    ash.sends("kit", [words("worries", "heron-by-the-weir")])
    odette.see(f"/coordinator/summary/{ash.id_of('kit')}")
    entries = database.run_now(lambda session: session.scalars(select(AuditEntry)).all())
    read = [entry for entry in entries if entry.action == "summary_read"]
    assert [entry.subject_id for entry in read] == [ash.id_of("kit")]
    assert all("heron" not in f"{entry.actor}{entry.action}" for entry in entries)
    assert all(len(f"{entry.actor}{entry.action}") < 80 for entry in entries)


def test_what_is_written_down_cannot_be_changed(
    odette: Browser,  # noqa: F811
    ash: Household,  # noqa: F811
    database: Database,
) -> None:
    with pytest.raises(DatabaseError, match="append"):
        database.run_now(lambda session: session.execute(update(AuditEntry).values(action="x")))
    actions = database.run_now(lambda session: session.scalars(select(AuditEntry.action)).all())
    assert actions
    assert "x" not in actions


def _with_ids(path: str, household: Household | None) -> str:
    person = household.made.people[0].participant_id if household else uuid4()
    meeting = household.made.meeting_id if household else uuid4()
    ids: dict[str, object] = {
        "meeting_id": meeting,
        "participant_id": person,
        "attachment_id": uuid4(),
    }
    ids |= {"alert_id": uuid4(), "step": "seen_worries", "token": "x", "outcome": "acted"}
    ids["coordinator_id"] = household.made.coordinator_id if household else uuid4()
    for name, value in ids.items():
        path = path.replace("{" + name + "}", str(value))
    return path


def _plain(page: str) -> str:
    return re.sub(r'value="[^"]*"', "", page)
