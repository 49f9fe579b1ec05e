"""Somebody is removed while their form is on its way: nothing of it is done."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from bot.coordinator.routes import coordinators_site
from bot.delivery.handing_over import HandingOver
from bot.removing import remove_from_desk
from bot.store.database import Database
from bot.store.models import Meeting
from bot.store.sealing import KeyRing, ServiceKey
from tests.coordinator.browser import Browser
from tests.coordinator.conftest import Hands, signed_in
from tests.coordinator.household import LIBRARY, Household
from tests.coordinator.test_arranging import FORM, NEW, key_on


@dataclass
class Interrupted:
    """A clock at whose second look something happens: who it is was asked, what they want is not
    yet done."""

    hands: Hands
    then: Callable[[], None] = field(default=lambda: None)
    looks: int = 99

    def __call__(self) -> datetime:
        self.looks += 1
        if self.looks == 2:
            self.then()
        return self.hands()


@pytest.fixture
def clock(hands: Hands) -> Interrupted:
    return Interrupted(hands)


@pytest.fixture
def site(database: Database, service_key: ServiceKey, clock: Interrupted) -> Starlette:
    return Starlette(
        routes=coordinators_site(database, service_key, LIBRARY, clock, "http://testserver")
    )


@pytest.mark.both_databases
@pytest.mark.parametrize("what", ["move", "call-off", "new"])
def test_whoever_is_removed_meanwhile_does_nothing(
    browser: Callable[[], Browser],
    ash: Household,
    cedar: Household,
    database: Database,
    service_key: ServiceKey,
    clock: Interrupted,
    what: str,
) -> None:
    odette = signed_in(browser(), ash)
    path = NEW if what == "new" else f"/coordinator/meeting/{ash.made.meeting_id}/{what}"
    form = {"token": odette.token_on(path), "key": key_on(odette.see(NEW)), **FORM}
    before = meetings(database)

    def removed() -> None:
        gone, heir = ash.made.coordinator_id, cedar.made.coordinator_id
        database.run_now(
            lambda session: remove_from_desk(
                session,
                KeyRing(session, service_key),
                gone,
                heir,
                clock.hands.now,
                "operator",
                HandingOver(LIBRARY, "http://testserver", ""),
            )
        )

    clock.then, clock.looks = removed, 0
    assert odette.ask("POST", path, form=form).status_code == 404
    assert clock.looks >= 2
    assert meetings(database) == before


def meetings(database: Database) -> set[tuple[str, datetime, datetime | None]]:
    """Each of them, when it begins and when it was called off."""
    found = select(Meeting.id, Meeting.starts_at, Meeting.cancelled_at)
    return {
        (str(row[0]), row[1], row[2])
        for row in database.run_now(lambda session: session.execute(found).all())
    }
