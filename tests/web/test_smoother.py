"""What the script makes smoother without taking anything away: places, focus, words in the box."""

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.web import phone
from tests.web.conftest import Ash
from tests.web.visitor import Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
TICKED = "#answer button[name=choice].chosen"


def chat_of(visitor: Visitor) -> str:
    return f"{visitor.client.base_url.copy_with(raw_path=b'/chat')}"


async def test_ticking_leaves_the_question_the_page_and_the_finger_where_they_are(
    page: Page, ash: Ash
) -> None:
    await phone.come_in(page, ash.link("dawn"))
    await phone.go_to(page, "needs_from_services")
    # go_to's last reply may still be scrolling.
    await page.emulate_media(reduced_motion="reduce")
    await page.locator("#newest").scroll_into_view_if_needed()
    bubbles = await page.locator(".line").count()
    for choice in ("money", "health", "home", "health"):
        await phone.taps(page, choice)
        button = page.locator(f'#answer button[value="{choice}"]')
        await expect(button).to_be_focused()
    await expect(page.locator(TICKED)).to_have_count(2)
    assert await page.locator(".line").count() == bubbles
    await expect(page.locator("#newest .ticked li")).to_have_text(
        ["Money", "Somewhere good to live"]
    )
    await phone.taps(page, "done")
    await page.reload()
    await expect(page.locator(".ticked li")).to_have_text(["Money", "Somewhere good to live"])


async def test_words_stay_with_the_question_that_they_were_typed_under(
    page: Page, phone_in: BrowserContext, at_a_question: Visitor
) -> None:
    """Another device moves on while somebody is typing."""
    await at_a_question.go_to("going_well")
    await page.goto(chat_of(at_a_question))
    await page.locator("#text").fill("ollie next door")
    await at_a_question.taps("skip")
    await expect(page.locator("#newest")).to_contain_text(at_a_question.paper.told[-1])
    await expect(page.locator("#text")).to_have_value("ollie next door")
    await expect(phone.state(page)).to_have_value("going_well")
    await phone.says(page, "ollie next door")
    review = await at_a_question.does(command="review")
    answer = review.told.index("ollie next door")
    assert "What is good" in review.told[answer - 1]


async def test_reading_something_in_the_menu_keeps_the_words_in_the_box(
    page: Page, phone_in: BrowserContext, at_a_question: Visitor
) -> None:
    await page.goto(chat_of(at_a_question))
    await page.locator("#text").fill("Kit, but not")
    await page.locator("[data-menu] summary").click()
    await page.locator("[data-menu] button[value=privacy]").click()
    await expect(page.locator(".line:nth-last-child(2)")).to_contain_text("may have to be told")
    await expect(page.locator("#text")).to_have_value("Kit, but not")


async def test_a_short_code_comes_without_leaving_the_page(
    page: Page, phone_in: BrowserContext, at_a_question: Visitor
) -> None:
    await page.goto(chat_of(at_a_question))
    entries = await page.evaluate("history.length")
    await page.locator("#text").fill("half a name")
    await page.locator("[data-menu] summary").click()
    await page.locator("[data-menu] [formaction]").click()
    await expect(page.locator("[data-code]")).to_contain_text("-")
    await expect(page.locator("#text")).to_have_value("half a name")
    assert page.url == chat_of(at_a_question)
    assert await page.evaluate("history.length") == entries


@pytest.mark.parametrize(("local", "offered"), [(True, True), (False, False)])
async def test_only_a_voice_of_the_phones_own_reads_aloud(
    page: Page, phone_in: BrowserContext, at_a_question: Visitor, local: bool, offered: bool
) -> None:
    """Others send the words to a company (promise P30)."""
    voices = f"[{{lang: 'en-GB', localService: {str(local).lower()}, name: 'x'}}]"
    await page.add_init_script(f"speechSynthesis.getVoices = () => {voices}")
    await page.goto(chat_of(at_a_question))
    button = page.get_by_role("button", name="Read it to me")
    if offered:
        await expect(button).to_be_visible()
    else:
        await expect(button).to_be_hidden()


async def test_coming_in_leaves_no_link_behind_back(page: Page, ash: Ash) -> None:
    await page.goto("about:blank")
    await phone.come_in(page, ash.link("kit"))
    await page.go_back()
    assert page.url == "about:blank"
