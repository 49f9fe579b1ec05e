"""Today's page: what is to be done now, over all meetings, in the order in which it matters."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.coordinator.doing import give_task
from bot.meetings import make_meeting
from bot.meetings.correcting import correct_meeting, correct_person
from bot.store.database import Database
from bot.store.models import Meeting, Participant
from bot.store.sealing import KeyRing, ServiceKey
from bot.summaries.today import mark_of
from flows.answers import NOTHING_WRITTEN
from tests.coordinator.browser import Browser
from tests.coordinator.conftest import Hands, signed_in
from tests.coordinator.household import LIBRARY, NOW, PEOPLE, Household, picked, words
from tests.journeys.script import meeting_in
from tests.statements import statements


def test_the_most_pressing_comes_first(odette: Browser, ash: Household) -> None:
    ash.sends("dawn", [picked("told_purpose", "no")])
    ash.starts("craig", [words("worries", "CANARY")])
    ash.alerts("kit", "suicide")
    ash.fails_to_deliver("craig", "reminder", "blocked")
    _moved(ash, to=NOW + timedelta(days=3))

    page = unescape(odette.see("/coordinator"))
    told = (
        "1 alert to acknowledge",
        "Words that may be about suicide",
        "I have seen this and am acting on it",
        "To do",
        "Please explain it before the day.",
        "Dawn O'Shea",
        "Not reached",
        "A reminder did not arrive. The chat is blocked or gone.",
        "Have not opened the invitation:",
        "Kit",
        "Meetings ahead",
        "Thu 26 Nov, 09:00",
        "1 of 4",
    )
    rest = page[page.index("<main") :]
    for one in told:
        _, found, rest = rest.partition(one)
        assert found, one
    assert "CANARY" not in page


@pytest.mark.both_databases
def test_one_tap_acknowledges_all_of_one_person_that_was_seen_and_no_more(
    odette: Browser, ash: Household, cedar: Household
) -> None:
    first, second = ash.alerts("kit", "suicide"), ash.alerts("kit", "not_safe_at_home")
    ash.alerts("dawn", "domestic_abuse")
    page = odette.see("/coordinator")
    assert "3 alerts to acknowledge" in page
    assert page.count("I have seen this and am acting on it") == 2
    assert f'action="/coordinator/alert/{first}/acknowledge"' in page
    assert f'name="also" value="{second}"' in page
    ash.alerts("kit", "exploitation_missing")  # while Odette reads
    acknowledge = f"/coordinator/alert/{first}/acknowledge"
    anothers = cedar.alerts("tariq")
    for also in (f"{second},{anothers}", "nothing"):
        assert odette.post(acknowledge, page="/coordinator", also=also)[0] == 404
        assert "4 alerts to acknowledge" in odette.see("/coordinator")
    assert odette.post(acknowledge, page="/coordinator", also=str(second))[0] == 303
    page = odette.see("/coordinator")
    assert "2 alerts to acknowledge" in page
    assert "Words that may be about suicide" not in page
    assert "being used by others" in page


@pytest.mark.both_databases
def test_each_meeting_says_how_far_its_people_are(odette: Browser, ash: Household) -> None:
    ash.sends("dawn", [words("worries", "money")])
    ash.starts("craig", [words("worries", "x")])
    ash.fails_to_deliver("craig", "reminder", "blocked")
    ash.fails_to_deliver("dawn", "summary")  # that one was for Odette
    ash.fails_to_deliver("dawn", "reminder")  # and has prepared nevertheless
    for page in ("/coordinator", "/coordinator/meetings"):
        row = odette.see(page).partition("<tbody")[2].partition("</tr>")[0]
        said = " ".join(re.sub(r"<[^>]+>", " ", row).split())
        assert "1 of 4 prepared 1 started 0 opened only 2 not opened 1 cannot be reached" in said


def test_who_was_never_reached_is_named_only_when_the_meeting_is_near(
    odette: Browser, ash: Household, hands: Hands
) -> None:
    assert "Have not opened the invitation" not in odette.see("/coordinator")
    _moved(ash, to=hands.now + timedelta(days=7))
    assert "Have not opened the invitation" in odette.see("/coordinator")


def test_what_has_been_leaves_the_page_and_an_open_alert_stays(
    odette: Browser, ash: Household, hands: Hands
) -> None:
    ash.sends("dawn", [picked("told_purpose", "no")])
    alert = ash.alerts("kit", "suicide")
    _moved(ash, to=hands.now - timedelta(days=2))
    today = odette.see("/coordinator")
    assert "Words that may be about suicide" in today
    assert "explain it before the day" not in today
    assert "You have no meeting ahead." in today
    assert "Meeting for Kit" in odette.see("/coordinator/meetings")
    odette.post(f"/coordinator/alert/{alert}/acknowledge", page="/coordinator")
    assert "suicide" not in odette.see("/coordinator")


def test_a_task_ticked_off_here_leads_back_here(odette: Browser, ash: Household) -> None:
    ash.sends("dawn", [picked("told_purpose", "no")])
    assert 'name="back" value="today"' in odette.see("/coordinator")
    done = f"/coordinator/task/{ash.id_of('dawn')}/told_purpose/done"
    assert odette.post(done, page="/coordinator", back="today") == (303, "/coordinator")
    assert "explain it before the day" not in odette.see("/coordinator")


def test_a_long_list_unfolds(odette: Browser, ash: Household, service_key: ServiceKey) -> None:
    """Thirty families: what is first shows, the rest is one tap away, without a script."""
    every = [ash, *(_another(ash.database, service_key, number) for number in range(10))]
    for household in every:
        household.sends("dawn", [picked("told_purpose", "no")])
    page = odette.see("/coordinator")
    before, _, folded = page.partition('<details class="govuk-details" id="more-task"')
    tasks = [part.count("told_purpose/done") for part in (before, folded)]
    assert (sum(tasks), tasks[0]) == (11, 8)
    assert "3 more" in folded


@pytest.mark.both_databases
def test_thirty_meetings_are_read_with_as_many_queries_as_three(
    browser: Callable[[], Browser], database: Database, service_key: ServiceKey
) -> None:
    first = _another(database, service_key, 0)
    desk = signed_in(browser(), first)
    asked = []
    for count in (3, 30):
        known = database.run_now(lambda session: session.query(Meeting).count())
        for number in range(known, count):
            household = _another(database, service_key, number)
            household.sends("dawn", [picked("told_purpose", "no")])
            household.alerts("dawn")
            household.fails_to_deliver("craig")
        _erased(database, service_key, household)
        with statements() as heard:
            page = desk.see("/coordinator")
        assert len(set(re.findall(r"Meeting number \d+", page))) == count
        asked.append(len(heard))
        with statements() as heard:
            desk.see("/coordinator/meetings")
        asked.append(len(heard))
    assert asked[:2] == asked[2:]


def test_whoever_has_many_meetings_sees_those_that_come_next_and_every_open_alert(
    browser: Callable[[], Browser], database: Database, service_key: ServiceKey
) -> None:
    all_of_them = [_another(database, service_key, number) for number in range(45)]
    all_of_them[43].alerts("dawn")
    for number in (3, 44):
        all_of_them[number].sends("dawn", [picked("told_purpose", "no")])
    desk = signed_in(browser(), all_of_them[0])
    page = desk.see("/coordinator")
    assert _numbers(page) == {*range(40), 43}
    assert "4 later meetings are not on this page." in page
    assert 'To do <span class="count">1</span>' in page, "a far meeting's tasks can wait"

    for number in range(3):
        _moved(all_of_them[number], to=NOW - timedelta(days=1 + number))
    first, second = desk.see("/coordinator/meetings"), desk.see("/coordinator/meetings?page=2")
    assert _numbers(first) == {*range(3, 43)}
    assert 'href="?page=2"' in first
    assert "that have been" not in first
    assert _numbers(second) == {43, 44, 0, 1, 2}
    assert 'href="?page=1"' in second
    for asked in ("0", "-1", "two", "99999", "%00", ""):
        assert _numbers(desk.see(f"/coordinator/meetings?page={asked}")) == _numbers(first)
    assert _numbers(desk.see("/coordinator/meetings?page=99")) == _numbers(second)


@pytest.mark.both_databases
def test_the_mark_changes_with_whatever_the_page_shows(
    ash: Household, cedar: Household, database: Database
) -> None:
    whose = ash.made.coordinator_id

    def mark() -> str:
        return database.run_now(lambda session: mark_of(session, whose))

    seen = [mark()]
    alert = None
    for happens in (
        lambda: ash.starts("dawn", [picked("told_purpose", "no")]),
        lambda: ash.sends("dawn", [picked("told_purpose", "no")]),
        lambda: ash.alerts("dawn"),
        lambda: ash.fails_to_deliver("craig", "reminder"),
        lambda: _moved(ash, to=NOW + timedelta(days=9)),
        lambda: _moved(ash, to=NOW + timedelta(days=8)),
        lambda: _corrected(ash, title="Kit's family meets"),
        lambda: _corrected(ash, title="Kit's family meets", kind="review"),
        lambda: _renamed(ash, "marjorie", "Marge"),
        lambda: _given(ash, "dawn", "told_purpose", "Sam Reed"),
        lambda: _given(ash, "dawn", "told_purpose", "Lee Fox"),
        lambda: _given(ash, "dawn", "told_purpose", ""),
    ):
        alert = happens() or alert
        assert mark() != seen[-1], happens
        seen.append(mark())
    cedar.alerts("elena")
    cedar.sends("elena", [words("worries", "x")])
    _corrected(cedar, title="Another")
    assert mark() == seen[-1], "another's meetings"


# --- setting the scene --------------------------------------------------------------------


def _another(database: Database, service_key: ServiceKey, number: int) -> Household:
    """One more of Odette's meetings, each a day after the other."""
    ash = meeting_in(PEOPLE / "meeting-ash.yaml")
    day = (NOW + timedelta(days=3 + number)).replace(tzinfo=ZoneInfo(ash.meeting.timezone))
    meeting = replace(ash.meeting, title=f"Meeting number {number}", starts_at=day)
    read = replace(ash, meeting=meeting)
    made = database.run_now(lambda session: make_meeting(session, service_key, read, NOW))
    return Household(database, service_key, made)


def _numbers(page: str) -> set[int]:
    """Of the meetings that a page shows."""
    return {int(one) for one in re.findall(r"Meeting number (\d+)", page)}


def _moved(household: Household, to: datetime) -> None:
    def move(session: Any) -> None:
        session.get_one(Meeting, household.made.meeting_id).starts_at = to

    household.database.run_now(move)


def _corrected(household: Household, title: str, kind: str = "family_group_conference") -> None:
    def correct(session: Any) -> None:
        correct_meeting(
            session,
            KeyRing(session, household.service_key),
            LIBRARY.wording,
            household.made.meeting_id,
            title=title,
            kind=kind,
            place="The hall",
            about=NOTHING_WRITTEN,
            now=NOW,
            actor="operator",
        )

    household.database.run_now(correct)


def _renamed(household: Household, person: str, name: str) -> None:
    typed = {"name": name, "relation": "Kit's gran", "child": "Kit", "language": "en"}
    ring, who = household.service_key, household.id_of(person)
    read = household.database.run_now(
        lambda session: correct_person(session, KeyRing(session, ring), who, typed, NOW, "operator")
    )
    assert read.person is not None, read.problems


def _given(household: Household, person: str, task: str, owner: str) -> None:
    key, who, whose = (
        household.service_key,
        household.id_of(person),
        household.made.coordinator_id,
    )
    household.database.run_now(
        lambda session: give_task(session, KeyRing(session, key), who, task, whose, owner, NOW)
    )


def _erased(database: Database, service_key: ServiceKey, household: Household) -> None:
    """Marjorie's key is gone: that there is nothing to open must cost nothing either."""

    def erase(session: Any) -> None:
        person = session.get_one(Participant, household.id_of("marjorie"))
        KeyRing(session, service_key).drop(person.id)

    database.run_now(erase)
