"""A password alone opens nothing: the code from the phone, and what is left when it is lost."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from bot.coordinator.routes import coordinators_site
from bot.store.database import Database
from bot.store.models import AuditEntry, Coordinator, RecoveryCode
from bot.store.sealing import ServiceKey
from tests.coordinator.browser import Browser
from tests.coordinator.conftest import QUICK, Hands, signed_in
from tests.coordinator.household import LIBRARY, Household

GOOD = "three brown otters dancing"
OTHER = "two grey herons by the weir"
EMAIL = "odette.farrow@example.org"
DESK = "/coordinator"
Browsers = Callable[[], Browser]


@dataclass
class Phone:
    """Makes the codes, by the clock that tests move."""

    secret: str
    hands: Hands

    def code(self) -> str:
        """Never the same twice: time goes on between two."""
        self.hands.now += timedelta(seconds=30)
        return pyotp.TOTP(self.secret).at(int(self.hands.now.timestamp()))


@pytest.fixture
def phone(odette: Browser, hands: Hands) -> Phone:
    """Odette has chosen a password and set her phone up."""
    odette.post(f"{DESK}/password", password=GOOD, again=GOOD)
    phone = Phone(secret_on(odette.see(f"{DESK}/phone")), hands)
    status, page = odette.post(f"{DESK}/phone", code=phone.code())
    assert status == 200
    assert len(codes_on(page)) == 10
    return phone


def test_after_the_password_nothing_is_open_until_the_code_comes(
    browser: Browsers, phone: Phone, ash: Household
) -> None:
    visitor = browser()
    visitor.post(f"{DESK}/sign-in", email=EMAIL, password=GOOD)
    for path in (DESK, f"{DESK}/summary/{ash.id_of('dawn')}", f"{DESK}/account"):
        answer = visitor.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(f"{DESK}/code")
    assert visitor.post(f"{DESK}/code", code="000000")[0] == 400
    assert visitor.status(DESK) == 303
    assert visitor.post(f"{DESK}/code", code=phone.code()) == (303, DESK)
    assert visitor.status(DESK) == 200


@pytest.mark.both_databases
def test_a_code_works_once(browser: Browsers, phone: Phone) -> None:
    code = phone.code()
    tries = []
    for _ in range(2):
        visitor = browser()
        visitor.post(f"{DESK}/sign-in", email=EMAIL, password=GOOD)
        tries.append(visitor.post(f"{DESK}/code", code=code)[0])
    assert tries == [303, 400]


def test_a_phone_whose_clock_is_a_little_wrong_still_works(
    browser: Browsers, phone: Phone, hands: Hands
) -> None:
    tries = {}
    for seconds in (-90, -30, 30, 90):
        hands.now += timedelta(minutes=10)
        code = pyotp.TOTP(phone.secret).at(int(hands.now.timestamp()) + seconds)
        visitor = browser()
        visitor.post(f"{DESK}/sign-in", email=EMAIL, password=GOOD)
        tries[seconds] = visitor.post(f"{DESK}/code", code=code)[0]
    assert tries == {-90: 400, -30: 303, 30: 303, 90: 400}


def test_codes_cannot_be_guessed_for_long(browser: Browsers, phone: Phone) -> None:
    visitor = browser()
    visitor.post(f"{DESK}/sign-in", email=EMAIL, password=GOOD)
    tries = [visitor.post(f"{DESK}/code", code=f"{n:06}")[0] for n in range(7)]
    assert tries == [400] * 5 + [429] * 2
    another = browser()
    another.post(f"{DESK}/sign-in", email=EMAIL, password=GOOD)
    assert another.post(f"{DESK}/code", code="123456")[0] == 429


def test_a_right_password_does_not_wait_for_its_code_for_long(
    browser: Browsers, phone: Phone, hands: Hands
) -> None:
    visitor = browser()
    visitor.post(f"{DESK}/sign-in", email=EMAIL, password=GOOD)
    hands.now += timedelta(minutes=11)
    answer = visitor.get(f"{DESK}/code")
    assert answer.headers["location"].startswith(f"{DESK}/sign-in")


def test_the_token_changes_when_the_code_was_right(browser: Browsers, phone: Phone) -> None:
    visitor = browser()
    visitor.post(f"{DESK}/sign-in", email=EMAIL, password=GOOD)
    before = visitor.cookies["beforehand_desk"]
    visitor.post(f"{DESK}/code", code=phone.code())
    thief = browser()
    thief.cookies.set("beforehand_desk", before)
    assert visitor.cookies["beforehand_desk"] != before
    assert thief.get(DESK).headers["location"].startswith(f"{DESK}/sign-in")


def test_without_a_phone_set_up_a_password_leads_to_setting_it_up_and_nowhere_else(
    browser: Browsers, odette: Browser, hands: Hands
) -> None:
    odette.post(f"{DESK}/password", password=GOOD, again=GOOD)
    visitor = browser()
    visitor.post(f"{DESK}/sign-in", email=EMAIL, password=GOOD)
    assert visitor.get(DESK).headers["location"].startswith(f"{DESK}/phone")
    picture = visitor.get(f"{DESK}/phone/picture")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/svg+xml")
    phone = Phone(secret_on(visitor.see(f"{DESK}/phone")), hands)
    assert visitor.post(f"{DESK}/phone", code="000000")[0] == 400
    assert visitor.status(DESK) == 303
    assert visitor.post(f"{DESK}/phone", code=phone.code())[0] == 200
    assert visitor.status(DESK) == 200


def test_the_key_is_never_shown_again(odette: Browser, phone: Phone) -> None:
    assert odette.get(f"{DESK}/phone").status_code == 303
    assert odette.status(f"{DESK}/phone/picture") == 404
    assert phone.secret not in odette.see(f"{DESK}/account")


@pytest.mark.both_databases
def test_a_recovery_code_lets_in_once(browser: Browsers, odette: Browser, hands: Hands) -> None:
    odette.post(f"{DESK}/password", password=GOOD, again=GOOD)
    phone = Phone(secret_on(odette.see(f"{DESK}/phone")), hands)
    codes = codes_on(odette.post(f"{DESK}/phone", code=phone.code())[1])
    typed = codes[3].lower().replace("-", " ")
    tries = []
    for _ in range(2):
        visitor = browser()
        visitor.post(f"{DESK}/sign-in", email=EMAIL, password=GOOD)
        tries.append(visitor.post(f"{DESK}/code", code=typed)[0])
    assert tries == [303, 400]
    assert "You have 9 recovery codes left." in odette.see(f"{DESK}/account")


def test_new_recovery_codes_take_the_place_of_the_old(odette: Browser, phone: Phone) -> None:
    assert odette.post(f"{DESK}/account/recovery-codes", page=f"{DESK}/account", code="1")[0] == 400
    status, page = odette.post(
        f"{DESK}/account/recovery-codes", page=f"{DESK}/account", code=phone.code()
    )
    assert (status, len(codes_on(page))) == (200, 10)
    assert "You have 10 recovery codes left." in odette.see(f"{DESK}/account")


def test_another_phone_puts_the_old_one_out_of_use(
    browser: Browsers, odette: Browser, phone: Phone
) -> None:
    answer = odette.post(f"{DESK}/account/new-phone", page=f"{DESK}/account", code=phone.code())
    assert answer == (303, f"{DESK}/phone")
    new = Phone(secret_on(odette.see(f"{DESK}/phone")), phone.hands)
    assert new.secret != phone.secret
    assert odette.post(f"{DESK}/phone", code=phone.code())[0] == 400
    assert odette.post(f"{DESK}/phone", code=new.code())[0] == 200


@pytest.mark.both_databases
def test_another_password_signs_every_other_browser_out(
    browser: Browsers, odette: Browser, phone: Phone
) -> None:
    elsewhere = browser()
    elsewhere.post(f"{DESK}/sign-in", email=EMAIL, password=GOOD)
    elsewhere.post(f"{DESK}/code", code=phone.code())
    path = f"{DESK}/account/password"
    wrong = {"current": OTHER, "password": OTHER, "again": OTHER}
    assert odette.post(path, **wrong)[0] == 400
    assert elsewhere.status(DESK) == 200
    assert odette.post(path, current=GOOD, password=OTHER, again=OTHER) == (303, f"{DESK}/account")
    assert odette.status(DESK) == 200
    assert elsewhere.status(DESK) == 303
    assert browser().post(f"{DESK}/sign-in", email=EMAIL, password=GOOD)[0] == 400
    assert browser().post(f"{DESK}/sign-in", email=EMAIL, password=OTHER)[0] == 303


def test_a_present_password_cannot_be_guessed_for_long(odette: Browser, phone: Phone) -> None:
    form = {"password": OTHER, "again": OTHER}
    tries = [
        odette.post(f"{DESK}/account/password", current=f"wrong {n}", **form)[0] for n in range(6)
    ]
    assert tries == [400] * 5 + [429]


def test_signing_out_everywhere_is_everywhere(
    browser: Browsers, odette: Browser, phone: Phone
) -> None:
    elsewhere = browser()
    elsewhere.post(f"{DESK}/sign-in", email=EMAIL, password=GOOD)
    elsewhere.post(f"{DESK}/code", code=phone.code())
    odette.post(f"{DESK}/account/sign-out-everywhere", page=f"{DESK}/account")
    assert (odette.status(DESK), elsewhere.status(DESK)) == (303, 303)


def test_a_desk_left_alone_for_an_hour_is_closed_and_any_desk_after_twelve(
    odette: Browser, hands: Hands
) -> None:
    for _ in range(13):
        hands.now += timedelta(minutes=55)
        assert odette.status(DESK) == 200
    hands.now += timedelta(minutes=55)
    assert odette.status(DESK) == 303


@pytest.mark.both_databases
def test_a_desk_is_closed_when_nobody_comes_back_to_it(odette: Browser, hands: Hands) -> None:
    hands.now += timedelta(minutes=61)
    assert odette.status(DESK) == 303


def test_a_second_link_stands_for_the_password_and_not_for_the_phone(
    browser: Browsers, phone: Phone, ash: Household, database: Database, service_key: ServiceKey
) -> None:
    """A link that someone else opens, from a letter of the operator's, shows them nothing."""
    again = Household.of(database, service_key, "meeting-ash.yaml")
    visitor = signed_in(browser(), again)
    assert visitor.get(DESK).headers["location"].startswith(f"{DESK}/code")
    chosen = visitor.post(f"{DESK}/password", page=f"{DESK}/code", password=OTHER, again=OTHER)
    assert chosen == (303, f"{DESK}/code")
    assert visitor.post(f"{DESK}/code", code=phone.code()) == (303, DESK)


def test_where_others_can_reach_the_desk_a_link_opens_it_only_with_a_phone(
    database: Database, service_key: ServiceKey, hands: Hands, ash: Household
) -> None:
    routes = coordinators_site(
        database,
        service_key,
        LIBRARY,
        hands,
        "http://testserver",
        strict=True,
        hasher=QUICK,
    )
    visitor = signed_in(Browser(Starlette(routes=routes)), ash)
    assert visitor.get(DESK).headers["location"].startswith(f"{DESK}/password")
    assert visitor.post(f"{DESK}/password", password=GOOD, again=GOOD) == (303, f"{DESK}/phone")
    assert visitor.status(DESK) == 303
    phone = Phone(secret_on(visitor.see(f"{DESK}/phone")), hands)
    assert visitor.post(f"{DESK}/phone", code=phone.code())[0] == 200
    assert "Meeting for Kit" in visitor.see(DESK)


def test_neither_key_nor_codes_stand_in_the_store(phone: Phone, database: Database) -> None:
    sealed, hashes = database.run_now(
        lambda session: (
            session.scalars(select(Coordinator.sealed_code_secret)).first(),
            session.scalars(select(RecoveryCode.code_hash)).all(),
        )
    )
    assert sealed is not None
    assert phone.secret.encode() not in sealed
    assert {len(one) for one in hashes} == {32}


def test_what_was_done_to_a_sign_in_is_written_down(
    browser: Browsers, phone: Phone, database: Database
) -> None:
    visitor = browser()
    visitor.post(f"{DESK}/sign-in", email=EMAIL, password=GOOD)
    visitor.post(f"{DESK}/code", code="000000")
    actions = database.run_now(lambda session: set(session.scalars(select(AuditEntry.action))))
    assert {"password_right", "code_refused", "phone_set_up"} <= actions


def secret_on(page: str) -> str:
    found = re.search(r'class="key"><bdi dir="ltr">([A-Z2-7 ]+)<', page)
    assert found, page
    return found[1].replace(" ", "")


def codes_on(page: str) -> list[str]:
    return re.findall(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", page)
