"""A person is called by the right name, or taken out again."""

from html import unescape

import pytest

from bot.store.database import Database
from bot.store.models import AuditEntry, DataKey, Participant
from tests.coordinator.browser import Browser
from tests.coordinator.household import Household, words

CALLED = {"name": "Dawn O’Shea-Reed", "relation": "Kit's stepmum", "child": "Kit", "language": "pl"}


def page_of(ash: Household, person: str) -> str:
    return f"/coordinator/person/{ash.id_of(person)}"


@pytest.mark.both_databases
def test_a_name_is_corrected_and_what_they_said_stays(odette: Browser, ash: Household) -> None:
    ash.sends("dawn", [words("worries", "Nobody believes me.")])
    page = page_of(ash, "dawn")
    assert odette.post(f"{page}/correct", page=page, **CALLED) == (303, page)
    shown = unescape(odette.see(page))
    for value in CALLED.values():
        assert f'value="{value}"' in shown
    summary = unescape(odette.see(f"/coordinator/summary/{ash.id_of('dawn')}"))
    assert "Dawn O’Shea-Reed" in summary
    assert "Kit's stepmum" in summary
    assert "Nobody believes me." in summary
    assert "Added by mistake?" not in shown, "what they prepared is theirs"
    assert odette.post(f"{page}/take-out", page=page) == (303, page)
    assert "Nobody believes me." in odette.see(f"/coordinator/summary/{ash.id_of('dawn')}")


@pytest.mark.parametrize(
    ("field", "given", "told"),
    [
        ("name", " ", "Enter a name, of at most 120 letters"),
        ("name", "x" * 121, "Enter a name, of at most 120 letters"),
        ("relation", "", "Enter who they are"),
        ("language", "Elvish", "Write a language that we know"),
    ],
)
def test_what_cannot_be_used_is_said_and_the_rest_stays_in_the_form(
    odette: Browser, ash: Household, field: str, given: str, told: str
) -> None:
    page = page_of(ash, "dawn")
    status, shown = odette.post(f"{page}/correct", page=page, **{**CALLED, field: given})
    assert (status, told in unescape(shown)) == (400, True)
    assert f'<a href="#{field}"' in shown
    kept = [value for name, value in CALLED.items() if name != field]
    assert all(f'value="{value}"' in unescape(shown) for value in kept)
    assert "O’Shea-Reed" not in odette.see(f"/coordinator/meeting/{ash.made.meeting_id}")


@pytest.mark.both_databases
def test_whoever_was_added_by_mistake_is_gone_and_may_be_added_again(
    odette: Browser, ash: Household, database: Database
) -> None:
    page, meeting = page_of(ash, "marjorie"), f"/coordinator/meeting/{ash.made.meeting_id}"
    gone = ash.id_of("marjorie")
    assert odette.post(f"{page}/take-out", page=page) == (303, meeting)
    assert "Marjorie" not in odette.see(meeting)
    assert odette.get(page).status_code == 404

    def left(session: object) -> tuple[object, ...]:
        return (session.get(Participant, gone), session.get(DataKey, gone))  # type: ignore[attr-defined]

    assert database.run_now(left) == (None, None)
    done = database.run_now(
        lambda session: session.query(AuditEntry).filter_by(action="person_taken_out").count()
    )
    assert done == 1
    people = f"{meeting}/people"
    listed = odette.post(people, people="Marjorie Lee, Kit's gran, family")
    assert listed[0] == 200
