"""People added one by one: a field for each thing that is asked of them."""

from html import unescape

import pytest
from sqlalchemy import select

from bot.meetings.files import MOST_PEOPLE
from bot.store.database import Database
from bot.store.models import Participant
from tests.coordinator.browser import Browser
from tests.coordinator.household import Household

LEENA = {
    "name": "Leena O'Shea",
    "relation": "Kit's gran",
    "who": "family adult",
    "language": "ur",
    "channel": "telegram",
    "child": "Kit",
}


def page_of(ash: Household) -> str:
    return f"/coordinator/meeting/{ash.made.meeting_id}/people"


def add(browser: Browser, ash: Household, **other: str) -> tuple[int, str]:
    where = f"/coordinator/meeting/{ash.made.meeting_id}/person"
    status, shown = browser.post(where, page_of(ash), **{"key": "once", **LEENA, **other})
    return status, unescape(shown)


def there(database: Database) -> list[Participant]:
    return database.run_now(
        lambda session: list(session.scalars(select(Participant).order_by(Participant.reference)))
    )


@pytest.mark.both_databases
def test_somebody_is_added_and_their_link_is_shown_once(
    odette: Browser, ash: Household, database: Database
) -> None:
    before = len(there(database))
    status, shown = add(odette, ash)
    assert status == 200
    assert "<bdi>Leena O'Shea</bdi>" in shown
    assert "/i/" in shown
    assert "/start " in shown or "t.me" in shown
    [leena] = [one for one in there(database) if one.reference == "leena"]
    assert (leena.role, leena.age_band, leena.language) == ("family", "adult", "ur")
    assert f"/coordinator/person/{leena.id}" in shown, "a letter is one tap away"
    assert "added already" in add(odette, ash)[1], "two quick taps add one person"
    assert len(there(database)) == before + 1


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", " ", "Enter a name"),
        ("name", "x" * 121, "Enter a name"),
        ("relation", "", "Enter who they are"),
        ("relation", "Kit\u202es gran", "Enter who they are"),
        ("who", "", "Choose their role and age"),
        ("who", "child adult", "Choose their role and age"),
        ("language", "xx", "Choose a language"),
        ("channel", "post", "Choose the web or Telegram"),
        ("child", "x" * 121, "How the child is named may be 120 letters long"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    odette: Browser, ash: Household, database: Database, field: str, typed: str, said: str
) -> None:
    before = len(there(database))
    status, shown = add(odette, ash, **{field: typed})
    assert status == 400
    assert f'href="#{field}">{said}' in shown
    kept = {**LEENA, field: typed}
    for name in ("name", "relation", "child"):
        assert f'value="{kept[name]}"' in shown
    assert len(there(database)) == before


@pytest.mark.parametrize("who", ["young_person 11_15", "child 7_10"])
def test_nobody_under_16_is_asked_into_telegram(
    odette: Browser, ash: Household, database: Database, who: str
) -> None:
    status, shown = add(odette, ash, who=who)
    assert status == 400
    assert "Telegram is for people of 16 and over. Choose the web" in shown
    status, shown = add(odette, ash, who=who, channel="web")
    assert status == 200
    assert "t.me" not in shown
    assert "/start " not in shown


def test_a_meeting_has_room_for_so_many(odette: Browser, ash: Household) -> None:
    many = "\n".join(f"P{number}, a friend, friend" for number in range(MOST_PEOPLE - 4))
    status, seen = odette.post(page_of(ash), page_of(ash), people=many, key="many")
    mark = seen.partition('name="seen" value="')[2].partition('"')[0]
    assert odette.post(page_of(ash), page_of(ash), people=many, seen=mark, key="many")[0] == 200
    status, shown = add(odette, ash)
    assert (status, "A meeting has room for 100 people" in shown) == (400, True)
