"""The chat with scripts, on a phone of 360 pixels (promises P9, P10, P13, P30)."""

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.journeys.script import PEOPLE, Script, Tapped, people_of
from tests.web import files, phone
from tests.web.conftest import PHONE, Ash
from tests.web.visitor import Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.mark.parametrize(("person", "scheme"), [("kit", "light"), ("yusuf", "dark")])
async def test_a_whole_preparation_fits_and_the_newest_is_always_seen(
    page: Page, ash: Ash, birch: Ash, person: str, scheme: str
) -> None:
    """From the door to Send; at some of the screens, axe looks too."""
    file, family = ("meeting-ash", ash) if person == "kit" else ("meeting-birch", birch)
    script = Script(next(one for one in people_of(PEOPLE / f"{file}.yaml") if one["id"] == person))
    await page.emulate_media(
        color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce"
    )
    await page.goto(family.link(person))
    await phone.fits(page)
    await phone.is_usable(page)
    await phone.come_in(page, family.link(person))
    looked_at = {"language", "going_well", "going_well.hears", "scale", "review", "preview"}
    direction = "rtl" if person == "yusuf" else "ltr"
    for _ in range(phone.LONGEST):
        now = await phone.state(page).input_value()
        await phone.fits(page)
        await phone.newest_is_seen(page)
        assert await page.evaluate("document.dir") == direction
        if now in looked_at:
            looked_at.discard(now)
            await phone.is_usable(page)
        if now == "sent":
            break
        choices = await page.locator("#answer button[name=choice]").evaluate_all(
            "all => all.map(one => one.value)"
        )
        deed = script.next(now, choices)
        assert deed is not None
        if isinstance(deed, Tapped):
            await phone.taps(page, deed.choice)
        else:
            await phone.says(page, deed.text)
    assert await phone.state(page).input_value() == "sent"
    assert not looked_at - {"scale"}


async def test_a_childs_faces_fit(page: Page, birch: Ash) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await phone.come_in(page, birch.link("zosia"))
    await phone.go_to(page, "helper")
    await phone.taps(page, "school")
    await phone.go_to(page, "feelings")
    await phone.fits(page)
    await phone.newest_is_seen(page)
    await phone.is_usable(page)


@pytest.mark.parametrize(
    ("language", "scheme"), [("en", "light"), ("en", "dark"), ("ar", "dark"), ("cy", "light")]
)
async def test_the_pages_before_the_chat_can_be_used_by_everybody(
    chromium: Browser, ash: Ash, language: str, scheme: str, service: object
) -> None:
    context = await chromium.new_context(
        viewport=PHONE,  # type: ignore[arg-type]
        locale=language,
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = await context.new_page()
    address = ash.link("kit").partition("/i/")[0]
    for path in ("/", "/back", "/help", "/privacy", "/i/used"):
        await page.goto(f"{address}{path}")
        assert await page.evaluate("document.dir") == ("rtl" if language == "ar" else "ltr")
        await phone.fits(page)
        await phone.is_usable(page)
        assert await page.title() != ""
    await context.close()


async def test_privacy_in_the_chat_can_be_used_by_everybody(
    page: Page, at_a_question: Visitor, phone_in: BrowserContext
) -> None:
    await page.goto(at_a_question.chat)
    await page.locator("[data-menu] summary").click()
    await phone.answered(page, page.locator("[data-menu] button[value=privacy]").click())
    await phone.fits(page)
    await phone.is_usable(page)
    await page.get_by_role("link", name="What we cannot stop").click()
    await expect(page.locator("#not-safe")).to_be_in_viewport()
    await page.get_by_role("link", name="Back to the chat").click()
    await page.wait_for_url("**/chat")


async def test_another_language_turns_the_page_round(page: Page, ash: Ash) -> None:
    await phone.come_in(page, ash.link("kit"))
    await expect(page.locator("html")).to_have_attribute("dir", "ltr")
    await page.locator('#answer button[value="ar"]').click()
    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    await expect(page.locator("html")).to_have_attribute("lang", "ar")
    assert await page.evaluate("document.dir") == "rtl"
    button = await page.locator(".leave").bounding_box()
    assert button
    assert button["x"] < 100  # the way out is at the other side now


# --- leaving ---


@pytest.mark.parametrize("way", ["click", "shift"])
async def test_leaving_is_quick_and_back_does_not_return(
    page: Page, at_a_question: Visitor, phone_in: BrowserContext, way: str
) -> None:
    await page.goto(at_a_question.chat)
    await page.locator("#text").fill("half a sen")
    if way == "click":
        await page.locator(".leave").click()
    else:
        for _ in range(3):
            await page.keyboard.press("Shift")
    await page.wait_for_url("**/health")
    assert "half a sen" not in await page.content()
    await no_longer_in(phone_in)  # a beacon: it may still be on its way when the next page is there
    await page.go_back()
    assert "/chat" not in page.url
    assert "What would you like to be called" not in await page.content()
    stolen = await at_a_question.client.get("/chat")
    assert stolen.headers["location"] == "/back"


async def no_longer_in(phone: BrowserContext) -> None:
    for _ in range(250):
        if not [one for one in await phone.cookies() if one["name"] == "chat"]:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the browser is still in")


async def test_typing_capitals_is_not_leaving(
    page: Page, at_a_question: Visitor, phone_in: BrowserContext
) -> None:
    await page.goto(at_a_question.chat)
    await page.locator("#text").press_sequentially("THEY ONLY")
    for letter in "ABC":
        await page.keyboard.press(f"Shift+{letter}")
    await expect(page.locator("#text")).to_have_value("THEY ONLYABC")


# --- what comes by itself, and what needs no connection ---


async def test_another_tab_keeps_up_without_being_loaded_again(
    page: Page, at_a_question: Visitor, phone_in: BrowserContext
) -> None:
    await page.goto(at_a_question.chat)
    await page.evaluate("document.body.dataset.same = 'yes'")
    await at_a_question.says("Kit, from the other tab")
    await expect(page.locator(".words").last).to_have_text("Kit, from the other tab")
    await expect(phone.state(page)).to_have_value("who_can_see")
    assert await page.evaluate("document.body.dataset.same") == "yes"


async def test_help_opens_without_a_connection(
    page: Page, at_a_question: Visitor, phone_in: BrowserContext
) -> None:
    await page.goto(at_a_question.chat)
    await phone_in.set_offline(True)
    await page.locator(".help summary").click()
    await expect(page.locator(".help a[href='tel:999']")).to_be_visible()
    await expect(page.locator(".help a[href='tel:08001111']")).to_be_visible()
    await phone.is_usable(page)
    await phone.fits(page)
    await phone_in.set_offline(False)


async def test_the_menu_fits(page: Page, at_a_question: Visitor, phone_in: BrowserContext) -> None:
    await page.goto(at_a_question.chat)
    await page.locator(".menu summary").click()
    await phone.fits(page)
    await phone.is_usable(page)
    await page.locator(".menu button").last.click()
    await expect(page.locator(".code .strong")).to_have_text(re.compile(r"\w{4}-\w{3}-\w{3}"))


async def test_what_is_read_out_is_a_list_inside_a_log(
    page: Page, at_a_question: Visitor, phone_in: BrowserContext
) -> None:
    await page.goto(at_a_question.chat)
    assert await page.locator("ol[role]").count() == 0
    await expect(page.get_by_role("log").get_by_role("list").first).to_be_visible()


async def test_three_questions_by_keyboard_alone(
    page: Page, at_a_question: Visitor, phone_in: BrowserContext
) -> None:
    await page.goto(at_a_question.chat)
    await reach(page, "textarea")
    await page.keyboard.type("Kit")
    await reach(page, "[value=words]")
    await page.keyboard.press("Enter")
    await expect(phone.state(page)).to_have_value("who_can_see")
    await reach(page, "[value=no]")
    await page.keyboard.press("Space")
    await expect(phone.state(page)).to_have_value("told_purpose")
    await reach(page, "[value=yes]")
    await page.keyboard.press("Enter")
    await expect(phone.state(page)).to_have_value("going_well")


async def reach(page: Page, wanted: str) -> None:
    """Tab by Tab; what has the focus can be seen."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if await focused.count() and await focused.evaluate(f"one => one.matches('{wanted}')"):
            await expect(focused).to_be_in_viewport()
            assert await focused.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
            return
    raise AssertionError(f"{wanted} cannot be reached by keyboard")


# --- other ways to answer ---


async def test_a_voice_answer(page: Page, at_a_question: Visitor, phone_in: BrowserContext) -> None:
    await at_a_question.go_to("going_well")
    await page.goto(at_a_question.chat)
    await page.locator("[data-start]").click()
    await expect(page.locator("[data-told]")).to_contain_text("0:01")
    await page.locator("[data-stop]").click()
    await expect(phone.state(page)).to_have_value("going_well.hears")
    await expect(page.locator(".line audio")).to_have_count(1)
    paper = await at_a_question.see_chat()
    kept = await at_a_question.client.get(paper.sounds[0])
    assert kept.headers["content-type"] == "audio/webm"
    assert len(kept.content) > 500


async def test_a_recording_that_is_thrown_away_goes_nowhere(
    page: Page, at_a_question: Visitor, phone_in: BrowserContext
) -> None:
    await at_a_question.go_to("going_well")
    await page.goto(at_a_question.chat)
    await page.locator("[data-start]").click()
    await page.locator("[data-drop]").click()
    await expect(page.locator("[data-start]")).to_be_visible()
    assert not (await at_a_question.see_chat()).sounds


async def test_a_drawing(page: Page, at_a_question: Visitor, phone_in: BrowserContext) -> None:
    await at_a_question.go_to("going_well")
    await page.goto(at_a_question.chat)
    await page.locator("summary", has_text="drawing").click()
    canvas = page.locator("canvas")
    blank = await canvas.evaluate("one => one.toDataURL()")
    while await canvas.evaluate("one => one.toDataURL()") == blank:  # a busy page misses a stroke
        await canvas.hover(position={"x": 30, "y": 30})  # waits until the page stands still
        await page.mouse.down()
        await canvas.hover(position={"x": 120, "y": 80})
        await page.mouse.up()
    await page.locator("[data-send-drawing]").click()
    # The browser makes the picture when it has nothing else to do.
    await expect(phone.state(page)).to_have_value("going_well.hears", timeout=20_000)
    picture = page.locator(".line img")
    await expect(picture).to_have_js_property("complete", True)
    await phone.fits(page)


async def test_a_photo_from_the_phone(
    page: Page, at_a_question: Visitor, phone_in: BrowserContext, tmp_path: Path
) -> None:
    (tmp_path / "IMG_1.jpg").write_bytes(files.photo())
    await at_a_question.go_to("going_well")
    await page.goto(at_a_question.chat)
    await page.locator("summary", has_text="drawing").click()
    await page.locator("input[name=picture]").set_input_files(tmp_path / "IMG_1.jpg")
    await page.locator("button[value=picture]").click()
    await expect(phone.state(page)).to_have_value("going_well.hears")
    await expect(page.locator(".line img")).to_have_count(1)
