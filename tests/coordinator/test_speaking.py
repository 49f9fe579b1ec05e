"""The desk in the language of whoever sits at it, which they choose themselves."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from bot.store.database import Database
from bot.store.models import Coordinator
from tests.coordinator.browser import Browser
from tests.coordinator.conftest import signed_in
from tests.coordinator.household import Household

Browsers = Callable[[], Browser]
SIGN_IN = "/coordinator/sign-in"
MEETINGS = "/coordinator/meetings?page=1"


def language_of(page: str) -> str:
    return page.partition('<html class="govuk-template" lang="')[2].partition('"')[0]


def kept(database: Database) -> str:
    return database.run_now(lambda session: session.scalars(select(Coordinator.language)).one())


def choose(browser: Browser, language: str, page: str) -> tuple[int, str]:
    return browser.post("/coordinator/language", page, language=language, back=page)


@pytest.mark.both_databases
def test_a_coordinator_chooses_welsh_and_english_again(odette: Browser, database: Database) -> None:
    assert language_of(odette.see(MEETINGS)) == "en"
    for language in ("cy", "en"):
        assert choose(odette, language, MEETINGS) == (303, MEETINGS)
        assert language_of(odette.see(MEETINGS)) == language
        assert kept(database) == language


def test_the_chosen_language_is_there_on_another_computer(
    odette: Browser, browser: Browsers
) -> None:
    choose(odette, "cy", MEETINGS)
    phone = browser()
    phone.cookies.set("beforehand_desk", odette.cookies["beforehand_desk"])
    assert language_of(phone.see("/coordinator")) == "cy"


def test_before_sign_in_the_browser_is_asked(browser: Browsers) -> None:
    for wish, language in (("cy-GB,cy;q=0.9,en;q=0.8", "cy"), ("xx, ar", "ar"), ("xx", "en")):
        page = browser().get(SIGN_IN, **{"accept-language": wish}).text
        assert language_of(page) == language


def test_what_was_chosen_before_sign_in_counts_more_than_the_browser(browser: Browsers) -> None:
    visitor = browser()
    assert choose(visitor, "cy", SIGN_IN) == (303, SIGN_IN)
    assert language_of(visitor.get(SIGN_IN, **{"accept-language": "ar"}).text) == "cy"


def test_it_is_still_there_after_sign_out(odette: Browser) -> None:
    choose(odette, "cy", MEETINGS)
    odette.post("/coordinator/sign-out", MEETINGS)
    assert language_of(odette.see(SIGN_IN)) == "cy"


def test_what_was_chosen_on_the_way_in_is_the_desks_language(
    browser: Browsers, ash: Household, database: Database
) -> None:
    visitor = browser()
    choose(visitor, "cy", f"/coordinator/in/{ash.made.coordinator_web}")
    assert kept(database) == "en", "whoever holds a link is nobody yet"
    assert language_of(signed_in(visitor, ash).see("/coordinator")) == "cy"
    assert kept(database) == "cy"


def test_a_browsers_wish_does_not_change_what_a_coordinator_chose(
    odette: Browser, database: Database
) -> None:
    page = odette.get("/coordinator", **{"accept-language": "cy"}).text
    assert (language_of(page), kept(database)) == ("en", "en")


@pytest.mark.parametrize(
    ("language", "back"),
    [
        ("xx", "/coordinator"),
        ("", "/coordinator"),
        ("cy", "https://example.org/coordinator"),
        ("cy", "//example.org/coordinator"),
        ("cy", "/coordinator.example.org"),
        ("cy", "/coordinator\r\nLocation: https://example.org"),
        ("cy", ""),
    ],
)
def test_nothing_but_a_language_of_ours_and_a_page_of_ours(
    odette: Browser, database: Database, language: str, back: str
) -> None:
    status, _ = odette.post("/coordinator/language", MEETINGS, language=language, back=back)
    assert (status, kept(database)) == (403, "en")


def test_a_form_from_elsewhere_chooses_nothing(odette: Browser, database: Database) -> None:
    form = {"language": "cy", "back": "/coordinator", "token": "made up"}
    assert odette.ask("POST", "/coordinator/language", form=form).status_code == 403
    assert kept(database) == "en"


def test_a_page_that_a_form_brought_has_no_way_to_lose_it(odette: Browser, ash: Household) -> None:
    """A new link stands on its page this once."""
    person = f"/coordinator/person/{ash.id_of('dawn')}"
    assert 'action="/coordinator/language"' in odette.see(person)
    status, page = odette.post(f"{person}/link", person, by="letter")
    assert (status, 'action="/coordinator/language"' in page) == (200, False)
