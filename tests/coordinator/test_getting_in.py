"""How a coordinator gets in, and how nobody else does (promises P23, P29)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.coordinator.sign_in import Slowing
from bot.store.database import Database
from bot.store.models import AuditEntry, Coordinator
from tests.coordinator.browser import Browser
from tests.coordinator.conftest import Hands, signed_in
from tests.coordinator.household import NOW, Household

GOOD = "three brown otters dancing"
WRONG = "three brown otters dozing"
Browsers = Callable[[], Browser]


def test_opening_a_link_has_no_effect(browser: Browsers, ash: Household) -> None:
    path = f"/coordinator/in/{ash.made.coordinator_web}"
    for _ in range(3):
        assert "Sign in" in browser().see(path)
    assert signed_in(browser(), ash).see("/coordinator").count("Meeting for Kit") == 1


@pytest.mark.both_databases
def test_a_link_works_once(browser: Browsers, ash: Household) -> None:
    signed_in(browser(), ash)
    status, page = browser().post(f"/coordinator/in/{ash.made.coordinator_web}")
    assert status == 400
    assert "This link does not work" in page


def test_a_wrong_a_used_and_an_old_link_look_the_same(
    browser: Browsers, ash: Household, cedar: Household, hands: Hands
) -> None:
    signed_in(browser(), ash)
    used = browser().post(f"/coordinator/in/{ash.made.coordinator_web}")
    wrong = browser().post("/coordinator/in/nobody-made-this-one")
    family = browser().post(f"/coordinator/in/{ash.made.people[0].web}")
    hands.now += timedelta(days=400)
    old = browser().post(f"/coordinator/in/{cedar.made.coordinator_web}")
    assert len({_without_token(page) for _, page in (used, wrong, family, old)}) == 1


def test_a_participants_link_opens_no_desk(browser: Browsers, ash: Household) -> None:
    visitor = browser()
    assert visitor.post(f"/coordinator/in/{ash.made.people[0].web}")[0] == 400
    assert visitor.status("/coordinator") == 303


def test_the_cookie_is_kept_from_scripts_and_other_sites(browser: Browsers, ash: Household) -> None:
    visitor = browser()
    path = f"/coordinator/in/{ash.made.coordinator_web}"
    answer = visitor.ask("POST", path, form={"token": visitor.token_on(path)})
    cookie = next(
        one for one in answer.headers.get_list("set-cookie") if one.startswith("beforehand_desk=")
    )
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/coordinator" in cookie


def test_someone_with_a_link_is_asked_for_a_password_until_there_is_one(
    odette: Browser, browser: Browsers
) -> None:
    assert "Choose a password" in odette.see("/coordinator")
    assert odette.post("/coordinator/password", password=GOOD, again=GOOD) == (
        303,
        "/coordinator/phone",
    )
    assert "Choose a password" not in odette.see("/coordinator")

    status, to = browser().post(
        "/coordinator/sign-in", email=" Odette.Farrow@example.org ", password=GOOD
    )
    assert (status, to) == (303, "/coordinator/code?next=/coordinator")


@pytest.mark.parametrize(
    ("password", "again"),
    [("short", "short"), (GOOD, GOOD + "!"), ("a" * 30, "a" * 30), ("x9" * 200, "x9" * 200)],
)
def test_a_password_that_is_none_is_refused(odette: Browser, password: str, again: str) -> None:
    assert odette.post("/coordinator/password", password=password, again=again)[0] == 400
    assert "Choose a password" in odette.see("/coordinator")


def test_whether_an_address_is_known_never_shows(browser: Browsers, odette: Browser) -> None:
    odette.post("/coordinator/password", password=GOOD, again=GOOD)
    known = browser().post(
        "/coordinator/sign-in", email="odette.farrow@example.org", password=WRONG
    )
    unknown = browser().post("/coordinator/sign-in", email="no.one@example.org", password=WRONG)
    assert known[0] == unknown[0] == 400
    as_typed = known[1].replace("odette.farrow@example.org", "no.one@example.org")
    assert _without_token(as_typed) == _without_token(unknown[1])
    assert 'value="no.one@example.org"' in unknown[1]


def test_wrong_passwords_slow_down_the_known_and_the_unknown_alike(
    browser: Browsers, odette: Browser, hands: Hands
) -> None:
    odette.post("/coordinator/password", password=GOOD, again=GOOD)
    for email in ("odette.farrow@example.org", "no.one@example.org"):
        tries = [
            browser().post("/coordinator/sign-in", email=email, password=f"wrong {number}")[0]
            for number in range(7)
        ]
        assert tries == [400] * 5 + [429] * 2
    right = {"email": "odette.farrow@example.org", "password": GOOD}
    assert browser().post("/coordinator/sign-in", **right)[0] == 429
    hands.now += timedelta(seconds=31)
    assert browser().post("/coordinator/sign-in", **right)[0] == 303


def test_links_cannot_be_guessed_for_long(browser: Browsers) -> None:
    tries = [browser().post(f"/coordinator/in/guess-{number}")[0] for number in range(32)]
    assert tries == [400] * 30 + [429] * 2


def test_after_sign_in_the_page_of_the_letter_opens_and_no_other_site(
    browser: Browsers, odette: Browser, ash: Household
) -> None:
    odette.post("/coordinator/password", password=GOOD, again=GOOD)
    visitor = browser()
    wanted = f"/coordinator/summary/{ash.id_of('dawn')}"
    answer = visitor.get(wanted)
    assert answer.headers["location"] == f"/coordinator/sign-in?next={wanted}"
    for where, leads_to in (
        (wanted, wanted),
        ("https://example.org/", "/coordinator"),
        ("//example.org/coordinator", "/coordinator"),
        ("/coordinator/../i/x", "/coordinator"),
    ):
        status, to = browser().post(
            "/coordinator/sign-in", email="odette.farrow@example.org", password=GOOD, next=where
        )
        assert (status, to) == (303, f"/coordinator/code?next={leads_to}")


@pytest.mark.both_databases
def test_signing_out_ends_the_session_for_good(odette: Browser) -> None:
    cookie = odette.cookies["beforehand_desk"]
    assert odette.post("/coordinator/sign-out", page="/coordinator")[0] == 303
    odette.cookies.set("beforehand_desk", cookie)
    assert odette.status("/coordinator") == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://example.org"},
    ],
)
def test_a_form_from_another_site_is_refused(odette: Browser, headers: dict[str, str]) -> None:
    form = {"token": odette.token_on("/coordinator")}
    answer = odette.ask("POST", "/coordinator/sign-out", form=form, headers=headers)
    assert answer.status_code == 403
    assert odette.status("/coordinator") == 200


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_a_form_without_its_token_is_refused(odette: Browser, token: str) -> None:
    answer = odette.ask("POST", "/coordinator/sign-out", form={"token": token})
    assert answer.status_code == 403
    assert odette.status("/coordinator") == 200


def test_a_form_too_long_is_refused(odette: Browser) -> None:
    answer = odette.ask("POST", "/coordinator/password", form={"password": "x" * 20_000})
    assert answer.status_code == 413


def test_the_audit_log_knows_who_came_in(odette: Browser, database: Database) -> None:
    odette.post("/coordinator/password", password=GOOD, again=GOOD)
    actions = database.run_now(lambda session: set(session.scalars(select(AuditEntry.action))))
    assert {"signed_in_by_link", "password_set"} <= actions


def test_a_password_is_stored_as_argon2id(odette: Browser, database: Database) -> None:
    odette.post("/coordinator/password", password=GOOD, again=GOOD)
    stored = database.run_now(
        lambda session: session.scalars(select(Coordinator.password_hash)).all()
    )
    assert [one for one in stored if one and one.startswith("$argon2id$")]


def test_waiting_grows_and_is_forgotten() -> None:
    slowing = Slowing(free=2)
    now = NOW
    for _ in range(2):
        assert not slowing.must_wait(b"key", now)
        slowing.failed(b"key", now)
    assert slowing.must_wait(b"key", now + timedelta(seconds=29))
    assert not slowing.must_wait(b"key", now + timedelta(seconds=30))
    for _ in range(20):
        slowing.failed(b"key", now)
    assert slowing.must_wait(b"key", now + timedelta(minutes=14))
    assert not slowing.must_wait(b"key", now + timedelta(minutes=15))


def test_slowing_remembers_only_so_many() -> None:
    slowing = Slowing(free=1, most_keys=3)
    for number in range(10):
        slowing.failed(str(number).encode(), NOW)
    assert not slowing.must_wait(b"0", NOW)
    assert slowing.must_wait(b"9", NOW)


def _without_token(page: str) -> str:
    """A page but for the one value that differs each time."""
    before, mark, after = page.partition('name="token" value="')
    return before + mark + after[64:]
