"""The coordinators' pages in a real browser: a phone, a desk, by day and by night, with a keyboard
alone, without JavaScript, and while the page stands open."""

from datetime import timedelta

import pytest
from playwright.sync_api import (
    Locator,
    Page,
    expect,
)

from bot import invitations
from tests.coordinator.looked_at import Opener, Site, another_link, check, chromium, opened, site

__all__ = ["chromium", "opened", "site"]

pytestmark = pytest.mark.browser

LISTEN_AGAIN = """new Promise(heard => {
    const stream = new EventSource("/coordinator/events?seen=");
    stream.addEventListener("changed", () => { stream.close(); heard(true); });
})"""
BOXES = """items => items.map(item => {
    const label = item.querySelector("label"), input = item.querySelector("input");
    const box = getComputedStyle(label, "::before"), around = item.getBoundingClientRect();
    return [around.left + parseFloat(box.left), input.getBoundingClientRect().left + 2];
})"""
"""Where each box to tick is drawn, and where a tap ticks it: pixels from the left."""
# --- everybody can use it -----------------------------------------------------------------


@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_fits_and_can_be_used_by_everybody(
    opened: Opener, site: Site, width: int
) -> None:
    context = opened(width, site.signed_in)
    page = context.new_page()
    broken: list[str] = []
    page.on("console", lambda said: broken.append(said.text) if said.type == "error" else None)
    desk = f"{site.address}/coordinator"
    for path in (
        desk,
        f"{desk}/meetings",
        site.meeting,
        f"{site.meeting}/copy",
        f"{site.meeting}/about",
        f"{site.meeting}/people",
        f"{site.meeting}/move",
        f"{site.meeting}/call-off",
        f"{site.meeting}/again",
        f"{desk}/person/{site.household.id_of('yusuf')}",
        f"{desk}/person/{site.household.id_of('agnieszka')}",
        f"{desk}/meeting/new",
        site.summary("yusuf"),
        site.summary("agnieszka"),
        f"{desk}/account",
        f"{desk}/account/telegram",
        f"{desk}/password",
        f"{desk}/phone",
    ):
        page.goto(path)
        check(page, width)
    assert broken == []
    page.goto(f"{desk}/nowhere")
    check(page, width)
    page.goto(f"{desk}/account/telegram")
    page.get_by_role("button", name="Make a code").click()
    expect(page.get_by_role("link", name="https://t.me/")).to_be_visible()
    check(page, width)
    page.goto(site.summary("yusuf"))
    page.get_by_label("Your answer").fill("There will be sandwiches.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("They see it when they are next").first).to_be_visible()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Write what you want to answer")
    check(page, width)


@pytest.mark.parametrize("width", [360, 1280])
def test_without_its_script_today_and_the_forms_are_all_there(
    opened: Opener, site: Site, width: int
) -> None:
    """And what is wrong with a form is said above it, with a link to the field."""
    context = opened(width, site.signed_in)
    context.route("**/*.js*", lambda route: route.abort())
    page = context.new_page()
    page.goto(f"{site.address}/coordinator")
    check(page, width)
    page.goto(f"{site.address}/coordinator/password")
    page.get_by_label("New password").fill("aaaaaaaaaaaaaaaa")
    page.get_by_label("The same again").fill("aaaaaaaaaaaaaaaa")
    page.get_by_role("button", name="Keep this password").click()
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label("New password")).to_be_focused()
    check(page, width)
    context = opened(width, site.administrators)
    page = context.new_page()
    for path in (
        "/administration",
        "/administration/start",
        "/administration/service",
        "/administration/numbers",
        "/administration/figures",
        "/administration/log",
    ):
        page.goto(f"{site.address}/coordinator{path}")
        check(page, width)


def test_the_desk_is_walked_through_with_a_keyboard_alone(opened: Opener, site: Site) -> None:
    """Without JavaScript: from sign-in to what is read out in the meeting, and the next one set up
    and its first person invited."""
    site.household.alerts("zosia", "not_safe_at_home")
    context = opened(1280, scripts=False)
    page = context.new_page()
    page.goto(f"{site.address}/coordinator/in/{another_link(site)}")
    press(page, "button", "Sign in", within="main")
    press(page, "link", "Skip to the page")
    press(page, "button", "Zosia")  # I have seen this and am acting on it
    expect(page.get_by_role("heading", level=1)).to_have_text("Cynhadledd / Conference")
    expect(page.get_by_text("Acknowledged Tuesday")).to_be_visible()
    press(page, "link", "Mair Ellis")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mair Ellis")
    press(page, "link", "Cynhadledd / Conference")
    press(page, "link", "The meeting copy")
    expect(page.get_by_text("songs in the bath")).to_be_visible()
    press(page, "link", "Back to the meeting")
    press(page, "link", "Today", within="navigation")
    press(page, "button", "New meeting", within="main")
    for label, typed in (
        ("What you know it by", "Meeting for Wren"),
        ("Day", "03292027"),
        ("Time", "0430PM"),
    ):
        types(page, label, typed)
    press(page, "button", "Go on to the people")
    types(page, "Name", "Sam Hale")
    types(page, "Who they are to the child", "Wren's mum")
    types(page, "Role and age", "P")  # the first that begins so: a parent or carer, adult
    press(page, "button", "Add this person")
    expect(page.get_by_role("heading", level=2)).to_have_text("Sam Hale")
    press(page, "link", "Print a letter, or send it")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sam Hale")
    press(page, "button", "Show the link and a square to scan")
    expect(page.get_by_role("img", name="A square to scan")).to_be_visible()
    press(page, "button", "Sign out")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_desk_in_arabic_stands_the_other_way_round(
    opened: Opener, site: Site, width: int
) -> None:
    """Chosen at the foot of a page, and English again. What is tapped is where its box is drawn."""
    context = opened(width, site.administrators)
    page = context.new_page()
    service = f"{site.address}/coordinator/administration/service"
    page.goto(service)
    for language, direction in (("العربية", "rtl"), ("English", "ltr")):
        page.get_by_role("button", name=language).click()
        expect(page).to_have_url(service)
        expect(page.locator("html")).to_have_attribute("dir", direction)
        drawn = page.locator(".govuk-checkboxes__item").evaluate_all(BOXES)
        assert drawn
        assert all(abs(box - tapped) <= 2 for box, tapped in drawn), drawn
        check(page, width)


def test_the_meeting_copy_prints_without_what_is_for_the_screen(opened: Opener, site: Site) -> None:
    context = opened(1280, site.signed_in)
    page = context.new_page()
    page.goto(f"{site.meeting}/copy")
    page.emulate_media(media="print")
    printed = page.inner_text("body")
    assert "songs in the bath" in printed
    for screen_only in (
        "Sign out",
        "Choose a password",
        "Back to the meeting",
        "Print it",
        "Today",
    ):
        assert screen_only not in printed


# --- while it stands open -----------------------------------------------------------------


def test_an_alert_appears_while_the_page_stands_open(opened: Opener, site: Site) -> None:
    """It is said politely, and where the hand was it stays."""
    context = opened(1280, site.signed_in)
    page = context.new_page()
    page.goto(f"{site.address}/coordinator")
    page.evaluate("window.stood = true")
    page.get_by_role("link", name="Cynhadledd / Conference").last.focus()
    site.household.alerts("agnieszka", "suicide")
    expect(page.get_by_text("Words that may be about suicide").first).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("There is a new alert.")
    assert page.evaluate("window.stood"), "loaded again"
    assert page.evaluate("document.activeElement.textContent") == "Cynhadledd / Conference"
    check(page, 1280)


def test_a_page_that_only_stands_open_signs_itself_out(opened: Opener, site: Site) -> None:
    """To be kept up to date is not to be there."""
    before = site.hands.now
    context = opened(1280)
    page = context.new_page()
    page.goto(f"{site.address}/coordinator/in/{another_link(site)}")
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    site.hands.now = before + invitations.DESK_IDLE - timedelta(minutes=5)
    site.household.alerts("mair", "exploitation_missing")
    expect(page.get_by_text("being used by others").first).to_be_visible()
    page.evaluate(LISTEN_AGAIN)  # as a browser does every quarter of an hour
    site.hands.now = before + invitations.DESK_IDLE
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    site.hands.now = before


def press(page: Page, role: str, name: str, within: str = "") -> None:
    """Goes there with the Tab key, sees where it is, and presses Enter."""
    wanted = page.get_by_role(within) if within else page  # type: ignore[arg-type]
    target = wanted.get_by_role(role, name=name).first  # type: ignore[arg-type]
    tab_to(page, target, f"{role} {name}")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def types(page: Page, label: str, text: str) -> None:
    """Goes to a field with the Tab key, and types."""
    tab_to(page, page.get_by_label(label, exact=True).first, label)
    page.keyboard.type(text)


def tab_to(page: Page, target: Locator, called: str) -> None:
    """Until it has the focus, and one can see that it has."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("one => one === document.activeElement"):
            assert target.evaluate("one => getComputedStyle(one).outlineStyle") != "none", called
            assert target.is_visible(), called
            return
    raise AssertionError(f"no way with the keyboard to {called} on {page.url}")


def test_a_meeting_is_set_up_on_a_phone(opened: Opener, site: Site) -> None:
    """Six fields and a list: from Today to everybody's links."""
    page = opened(360, site.signed_in).new_page()
    page.goto(f"{site.address}/coordinator")
    page.get_by_role("button", name="New meeting").click()
    check(page, 360)
    page.get_by_label("What you know it by").fill("Meeting for Wren")
    page.get_by_label("Day").fill("2027-03-29")
    page.get_by_label("Time").fill("16:30")
    page.get_by_role("button", name="Go on to the people").click()
    people = page.get_by_label("One person on each line")
    people.fill("Sam Hale, Wren's mum, parent\nWren, herself, young person")
    page.get_by_role("button", name="Look at the list").click()
    check(page, 360)
    expect(page.get_by_role("link", name="Line 2: write the age")).to_be_visible()
    people.fill("Sam Hale, Wren's mum, parent\nWren, herself, young person, 13")
    page.get_by_role("button", name="Look at the list").click()
    page.get_by_role("button", name="Add these 2 people").click()
    check(page, 360)
    expect(page.get_by_role("heading", level=2)).to_have_text(["Sam Hale", "Wren"])
    page.get_by_role("link", name="To the meeting").click()
    page.get_by_role("link", name="Call the meeting off").click()
    check(page, 360)
    page.get_by_role("button", name="Call it off").click()
    check(page, 360)
