"""Plays a made-up person's part in the web chat, on a phone of 360 pixels."""

from playwright.async_api import Browser, Page

from tests.journeys.script import Script, Tapped
from tests.web.phone import ANOTHER_QUESTION

PHONE = {"width": 360, "height": 740}
LONGEST = 300


async def come_in(chromium: Browser, link: str) -> Page:
    """Opens the invitation on a phone and says yes, that is me."""
    context = await chromium.new_context(viewport=PHONE, reduced_motion="reduce")  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(link)
    await page.get_by_role("button", name="Yes").or_(page.locator("form button")).first.click()
    await page.wait_for_url("**/chat*")
    return page


async def play(page: Page, script: Script, *, until: str = "sent") -> None:
    """Does what the script says until the conversation is in the state `until`."""
    for _ in range(LONGEST):
        form = page.locator("#answer")
        state = await form.locator("input[name=state]").input_value()
        if state == until:
            return
        buttons = form.locator("button[name=choice]")
        choices = await buttons.evaluate_all("all => all.map(one => one.value)")
        deed = script.next(state, choices)
        assert deed is not None, f"the script ends at {state}"
        key = await form.locator("input[name=key]").input_value()
        if isinstance(deed, Tapped):
            await form.locator(f'button[name=choice][value="{deed.choice}"]').click()
        else:
            await form.locator("textarea").fill(deed.text)
            await form.locator("button[name=send][value=words]").click()
        await page.wait_for_function(ANOTHER_QUESTION, arg=key)
    raise AssertionError(f"{until} was not reached")
