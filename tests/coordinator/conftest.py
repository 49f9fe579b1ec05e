"""The site, with two coordinators' meetings in it, and browsers for either."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette

from bot import staff
from bot.coordinator.routes import coordinators_site
from bot.store.database import Database
from bot.store.sealing import KeyRing, ServiceKey
from tests.coordinator.browser import Browser
from tests.coordinator.household import LIBRARY, NOW, Household

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""argon2id still, with nothing to wait for."""


@dataclass
class Hands:
    """A clock that tests move."""

    now: datetime = field(default=NOW + timedelta(days=1))

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def ash(database: Database, service_key: ServiceKey) -> Household:
    """Odette's meeting: Dawn, Craig, Kit and Marjorie."""
    return Household.of(database, service_key, "meeting-ash.yaml")


@pytest.fixture
def cedar(database: Database, service_key: ServiceKey) -> Household:
    """Priya's meeting: Tariq, Samira, Elena and Nadeem."""
    return Household.of(database, service_key, "meeting-cedar.yaml")


@pytest.fixture
def site(database: Database, service_key: ServiceKey, hands: Hands) -> Starlette:
    routes = coordinators_site(
        database,
        service_key,
        LIBRARY,
        hands,
        "http://testserver",
        hasher=QUICK,
        bot_name=lambda: "beforehand_bot",
    )
    return Starlette(routes=routes)


@pytest.fixture
def browser(site: Starlette) -> Callable[[], Browser]:
    """A new one each time, as on another computer."""
    return lambda: Browser(site)


@pytest.fixture
def odette(browser: Callable[[], Browser], ash: Household) -> Browser:
    """Signed in by her link."""
    return signed_in(browser(), ash)


@pytest.fixture
def priya(browser: Callable[[], Browser], cedar: Household) -> Browser:
    return signed_in(browser(), cedar)


@pytest.fixture
def administrator(
    browser: Callable[[], Browser], database: Database, service_key: ServiceKey, hands: Hands
) -> Browser:
    """Nadia, who sets the service up, signed in by her link."""
    token = database.run_now(
        lambda session: staff.link(
            session,
            staff.make(
                session,
                KeyRing(session, service_key),
                name="Nadia Okonjo",
                email="nadia.okonjo@example.org",
                language="en",
                now=hands.now,
                actor="operator",
                administers=True,
            ),
            hands.now,
            "operator",
        )
    )
    one = browser()
    assert one.post(f"/coordinator/in/{token}")[0] == 303
    return one


def signed_in(browser: Browser, household: Household) -> Browser:
    assert browser.post(f"/coordinator/in/{household.made.coordinator_web}")[0] == 303
    return browser
