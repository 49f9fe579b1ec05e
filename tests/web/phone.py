"""What a person does with the chat on a phone of 360 pixels, and what must hold at each screen."""

from typing import Any

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Locator, Page

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
WIDTH, NARROW = 360, 320
LONGEST = 60
ANOTHER_QUESTION = "key => document.querySelector('#answer input[name=key]')?.value !== key"
"""Looked for with each frame: an `expect` looks again after longer and longer waits."""
_WAYS = ("en", "yes", "go_on", "skip", "coordinator", "each", "no")
_SMALL = """() => [...document.querySelectorAll('a, button, summary, input, textarea, audio')]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.matches('.skip'))
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.height < 44 || box.width < 44))
  .map(([html, box]) => `${html} ${box.width} x ${box.height}`)"""
_NEWEST = """() => {
  const ours = [...document.querySelectorAll('.line:not(.person)')].pop();
  const header = document.querySelector('header').getBoundingClientRect();
  return [ours.getBoundingClientRect().top, header.bottom, innerHeight];
}"""


async def come_in(page: Page, link: str) -> None:
    await page.goto(link)
    await page.locator("main form button").click()
    await page.wait_for_url("**/chat")


def state(page: Page) -> Locator:
    return page.locator("#answer input[name=state]")


async def answered(page: Page, act: Any) -> None:
    """Does it, and waits for what comes of it."""
    key = await page.locator("#answer input[name=key]").input_value()
    await act
    await page.wait_for_function(ANOTHER_QUESTION, arg=key)


async def taps(page: Page, choice: str) -> None:
    await answered(page, page.locator(f'#answer button[name=choice][value="{choice}"]').click())


async def says(page: Page, text: str) -> None:
    await page.locator("#text").fill(text)
    await answered(page, page.locator("#answer button[value=words]").click())


async def go_to(page: Page, step: str) -> None:
    """Goes on, and skips, until a question is open."""
    for _ in range(LONGEST):
        if await state(page).input_value() == step:
            return
        there = await page.locator("#answer button[name=choice]").evaluate_all(
            "all => all.map(one => one.value)"
        )
        await taps(page, next(way for way in _WAYS if way in there))
    raise AssertionError(f"{step} was not reached")


async def fits(page: Page) -> None:
    """Nothing to scroll sideways for, on a narrow phone too (WCAG 2.2, 1.4.10); nothing too small
    to hit."""
    before = page.viewport_size
    assert before is not None
    for width in (NARROW, WIDTH):
        await page.set_viewport_size({"width": width, "height": before["height"]})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    assert await page.evaluate(_SMALL) == []


async def newest_is_seen(page: Page) -> None:
    """The newest thing that we said begins below the header and above the edge."""
    top, header, edge = await page.evaluate(_NEWEST)
    assert header >= 48  # it is there, at the top of the screen
    assert header - 1 <= top < edge, (top, header, edge)


async def is_usable(page: Page) -> None:
    """Nothing that axe objects to."""
    found = await Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
