"""What is new to a coordinator who has read an earlier version."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from bot.store.database import Database
from bot.store.sealing import KeyRing, ServiceKey
from bot.summaries.changes import Changes, Mark
from bot.summaries.compile import Page, compile_page, mark_read
from flows.answers import Answer, How, Part
from tests.coordinator.household import (
    LIBRARY,
    NOW,
    Household,
    only_coordinator,
    picked,
    to_the_meeting,
    words,
)

DAY = timedelta(days=1)


@pytest.fixture
def ash(database: Database, service_key: ServiceKey) -> Household:
    return Household.of(database, service_key, "meeting-ash.yaml")


def looked_at(household: Household, *, days: int) -> Page:
    """Dawn's page, as the coordinator opens it some days later."""

    def look(session: Session) -> Page:
        coordinator = household.made.coordinator_id
        page = compile_page(
            session,
            KeyRing(session, household.service_key),
            LIBRARY,
            household.id_of("dawn"),
            coordinator_id=coordinator,
            language="en",
        )
        mark_read(session, page, coordinator, NOW + days * DAY)
        return page

    return household.database.run_now(look)


def changes_in(page: Page) -> Changes | None:
    assert page.sent is not None
    return page.sent.changes


def test_the_first_time_nothing_is_marked(ash: Household) -> None:
    ash.sends("dawn", [words("worries", "the money")])
    assert changes_in(looked_at(ash, days=1)) is None


def test_what_came_what_changed_and_what_went_since_it_was_read(ash: Household) -> None:
    ash.sends(
        "dawn",
        [
            words("going_well", "pancakes"),
            words("worries", "the money"),
            words("wants", "home at weekends", to_the_meeting()),
            words("child_needs", "bedtime"),
            picked("scale", "4"),
        ],
    )
    looked_at(ash, days=1)
    ash.sends(
        "dawn",
        [
            words("going_well", "pancakes"),
            words("worries", "the money, and the door"),
            words("wants", "home at weekends", only_coordinator("Craig")),
            Answer(step="child_needs", how=How.SKIPPED),
            picked("scale", "6"),
            words("questions", "is it decided"),
        ],
        NOW + 2 * DAY,
    )
    page = looked_at(ash, days=3)
    found = changes_in(page)
    assert found is not None
    assert found.read_at == NOW + DAY
    assert found.marks == {
        "worries": Mark.CHANGED,
        "wants": Mark.SHARING,
        "scale": Mark.CHANGED,
        "questions": Mark.NEW,
    }
    assert page.sent is not None
    assert page.sent.no_longer == ("What is needed to be safe and happy",)


def test_opened_again_the_same_is_marked(ash: Household) -> None:
    """As when it is read on the screen and then printed."""
    ash.sends("dawn", [words("worries", "the money")])
    looked_at(ash, days=1)
    ash.sends("dawn", [words("worries", "the door")], NOW + 2 * DAY)
    assert changes_in(looked_at(ash, days=3)) == changes_in(looked_at(ash, days=4))


def test_a_version_that_nobody_read_is_not_counted_from(ash: Household) -> None:
    ash.sends("dawn", [words("worries", "one")])
    looked_at(ash, days=1)
    ash.sends("dawn", [words("worries", "two"), words("wants", "two")], NOW + 2 * DAY)
    ash.sends("dawn", [words("worries", "one"), words("wants", "two")], NOW + 3 * DAY)
    found = changes_in(looked_at(ash, days=4))
    assert found is not None
    assert found.marks == {"wants": Mark.NEW}


def test_what_was_taken_back_leaves_no_mark(ash: Household) -> None:
    """It is gone from what was read, too; the page says so elsewhere."""
    ash.sends("dawn", [words("worries", "CANARY"), words("wants", "home")])
    looked_at(ash, days=1)
    ash.sends("dawn", [words("worries", "CANARY"), words("wants", "home")], NOW + 2 * DAY)
    ash.takes_back("dawn", "worries", NOW + 3 * DAY)
    page = looked_at(ash, days=4)
    found = changes_in(page)
    assert found is not None
    assert (found.marks, found.gone) == ({}, ())
    assert "CANARY" not in repr(page)


def test_another_picture_is_a_change(ash: Household) -> None:
    def drawn(attachment: str) -> Answer:
        return Answer(step="going_well", parts=(Part(kind="picture", attachment=attachment),))

    ash.sends("dawn", [drawn("a")])
    looked_at(ash, days=1)
    ash.sends("dawn", [drawn("b")], NOW + 2 * DAY)
    found = changes_in(looked_at(ash, days=3))
    assert found is not None
    assert found.marks == {"going_well": Mark.CHANGED}
