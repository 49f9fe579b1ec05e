"""A list that comes twice, a list that comes after it, and a list for a meeting that is off."""

import re

import pytest
from sqlalchemy import select

from bot.coordinator.adding import text_mark
from bot.meetings.files import MOST_PEOPLE
from bot.store.database import Database
from bot.store.models import Participant
from tests.coordinator.browser import Browser
from tests.coordinator.household import Household
from tests.coordinator.test_adding_one import LEENA, add, page_of
from tests.coordinator.test_arranging import key_on, seen_on

ANN, BOB = "Ann Hale, Kit's aunt, family", "Bob Hale, Kit's uncle, family"
CALLED_OFF = "The meeting was called off. Nobody is invited to it any more."


def looked_at(browser: Browser, ash: Household, people: str, **other: str) -> dict[str, str]:
    """The form as it stands after the look at a list."""
    status, look = browser.post(page_of(ash), people=people, **other)
    assert (status, "Add this person" in look) == (200, True)
    return {"people": people, "seen": seen_on(look), "key": key_on(look)}


def there(database: Database) -> set[str]:
    return set(database.run_now(lambda session: session.scalars(select(Participant.reference))))


@pytest.mark.both_databases
def test_another_list_from_the_same_page_is_added_too(
    odette: Browser, ash: Household, database: Database
) -> None:
    ann = looked_at(odette, ash, ANN)
    assert odette.post(page_of(ash), **ann)[0] == 200
    bob = looked_at(odette, ash, BOB, key=ann["key"])
    status, links = odette.post(page_of(ash), **bob)
    assert (status, links.count("/i/")) == (200, 1)
    assert {"ann", "bob"} <= there(database)


def test_the_very_same_list_says_that_they_were_added_and_where_a_new_link_is_made(
    odette: Browser, ash: Household, database: Database
) -> None:
    ann = looked_at(odette, ash, ANN)
    assert "/i/" in odette.post(page_of(ash), **ann)[1]
    status, again = odette.post(page_of(ash), **ann)
    assert status == 200
    assert "added already" in again
    assert f'href="/coordinator/meeting/{ash.made.meeting_id}"' in again
    assert "/i/" not in again
    assert not {"ann-2"} & there(database)


def test_somebody_else_from_the_same_page_is_added_too(
    odette: Browser, ash: Household, database: Database
) -> None:
    assert "/i/" in add(odette, ash)[1]
    assert "added already" in add(odette, ash)[1]
    assert "/i/" in add(odette, ash, name="Noor Hale")[1]
    assert {"leena", "noor"} <= there(database)
    assert "leena-2" not in there(database)


@pytest.mark.both_databases
def test_nobody_is_added_to_what_was_called_off(
    odette: Browser, ash: Household, database: Database
) -> None:
    before, form = there(database), looked_at(odette, ash, ANN)
    meeting = f"/coordinator/meeting/{ash.made.meeting_id}"
    assert odette.post(f"{meeting}/call-off")[0] == 303
    shown = odette.see(page_of(ash))
    assert CALLED_OFF in shown
    assert not re.search(r"<textarea|name=\"relation\"", shown)
    for path, given in ((page_of(ash), form), (f"{meeting}/person", LEENA)):
        status, said = odette.post(path, page="/coordinator/account", **given)
        assert (status, CALLED_OFF in said, "/i/" in said) == (409, True, False)
    assert there(database) == before


def test_an_empty_list_is_never_said_to_have_been_added(odette: Browser, ash: Household) -> None:
    status, said = odette.post(page_of(ash), people=" ", seen=text_mark(" "), key="once")
    assert (status, "Enter at least one person" in said) == (400, True)


def test_a_list_that_does_not_fit_any_more_adds_nobody(
    odette: Browser, ash: Household, database: Database
) -> None:
    ann = looked_at(odette, ash, ANN)
    many = "\n".join(f"P{number}, a friend, friend" for number in range(MOST_PEOPLE - 4))
    full = {"people": many, "seen": text_mark(many), "key": "many"}
    assert odette.post(page_of(ash), **full)[0] == 200
    before = there(database)
    status, said = odette.post(page_of(ash), **ann)
    assert (status, "a meeting has room for 100 people" in said) == (400, True)
    assert there(database) == before
    assert "added already" in odette.post(page_of(ash), **full)[1], "and not: too many"
