"""The pages that are seldom seen, in a real browser: on the way in, when something is wrong, and
those of whoever is on the rota. Each fits a phone and a desk, and axe objects to nothing."""

import re

import pyotp
import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from bot import staff
from bot.service import Contact, Service, write_service
from bot.store.sealing import KeyRing
from tests.coordinator.looked_at import Opener, Site, check, chromium, opened, site

__all__ = ["chromium", "opened", "site"]

pytestmark = pytest.mark.browser

PASSWORD = "three brown otters dancing"  # noqa: S105 - made up


def is_on_the_rota(site: Site, email: str) -> str:
    """Somebody new at the desk, who acts on alerts; the link that lets them in."""
    household, now = site.household, site.hands.now

    def invite(session: Session) -> str:
        ring = KeyRing(session, household.service_key)
        rota = (Contact(name="Idris Vaughan", email=email),)
        write_service(session, ring, Service(rota=rota), "operator", now)
        made = staff.make(
            session,
            ring,
            name="Idris Vaughan",
            email=email,
            language="en",
            now=now,
            actor="operator",
        )
        return staff.link(session, made, now, "operator")

    return f"{site.address}/coordinator/in/{household.database.run_now(invite)}"


@pytest.mark.parametrize("width", [360, 1280])
def test_from_the_first_link_to_a_sign_in_with_a_code(
    opened: Opener,
    site: Site,
    width: int,
) -> None:
    email = f"idris.{width}@example.org"
    page = opened(width).new_page()
    desk = f"{site.address}/coordinator"
    page.goto(f"{desk}/in/nothing-like-it")
    check(page, width)
    page.goto(is_on_the_rota(site, email))
    page.get_by_role("main").get_by_role("button").click()

    alert = site.household.alerts("mair")
    page.goto(f"{desk}/alert/{alert}")
    expect(page.get_by_text("Nobody has acknowledged it yet")).to_be_visible()
    check(page, width)

    page.goto(f"{desk}/password")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Keep this password").click()
    secret = re.sub(r"\s", "", page.locator(".key").inner_text())
    codes = pyotp.TOTP(secret)
    page.get_by_label("Code").fill(codes.at(int(site.hands.now.timestamp())))
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    check(page, width)
    page.get_by_role("button", name="I have kept them").click()
    page.get_by_role("button", name="Sign out").click()

    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill("two grey herons by the weir")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not go together")
    check(page, width)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The code from your phone")
    check(page, width)
    page.get_by_label("Code").fill(codes.at(int(site.hands.now.timestamp()) + 30))
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")


@pytest.mark.parametrize("width", [360, 1280])
def test_what_was_typed_too_long_ago_and_a_removal(
    opened: Opener,
    site: Site,
    width: int,
) -> None:
    page = opened(width, site.signed_in).new_page()
    page.goto(site.summary("yusuf"))
    page.get_by_label("Your answer").fill("There will be sandwiches.")
    page.locator("input[name=token]").evaluate_all("all => all.forEach(one => one.value = 'old')")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_label("What you had typed")).to_have_value("There will be sandwiches.")
    check(page, width)
    page = opened(width, site.administrators).new_page()
    page.goto(f"{site.address}/coordinator/administration")
    page.get_by_role("link", name="Remove").first.click()
    check(page, width)
