"""A coordinator's browser: every page that it comes to is looked at, on a phone and at a desk,
whether scripts run or not."""

import re
from dataclasses import dataclass

from playwright.async_api import Browser, BrowserContext, Download, Locator, Page, expect

PHONE, DESK = 360, 1280
"""Pixels."""


@dataclass
class Walker:
    """One browser at the desk."""

    page: Page
    width: int

    @classmethod
    async def of(cls, chromium: Browser, *, scripts: bool) -> "Walker":
        context = await chromium.new_context(
            viewport={"width": PHONE, "height": 740},
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        return cls(await context.new_page(), PHONE)

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    async def comes_in(self, link: str) -> None:
        await self.page.goto(link)
        await self.page.get_by_role("main").get_by_role("button").click()

    async def at(self, heading: str) -> None:
        """It is this page, and at neither width has anything of it to be scrolled to sideways.
        The page after it is met at the other width."""
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        other = PHONE if self.width == DESK else DESK
        for width in (self.width, other):
            await self.page.set_viewport_size({"width": width, "height": 740})
            wide = await self.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (self.page.url, wide)
        self.width = other

    async def sees(self, *texts: str) -> None:
        for text in texts:
            await expect(self.page.get_by_text(text).first).to_be_visible()

    async def is_told(self, problem: str) -> None:
        """What is wrong, above the form, with a link to where it is mended."""
        told = self.page.get_by_role("alert")
        await expect(told).to_contain_text(problem)
        await told.get_by_role("link").first.click()

    async def opens(self, link: str, *, within: str = "main") -> None:
        await self.page.locator(within).get_by_role("link", name=_whole(link)).first.click()

    async def unfolds(self, what: str) -> None:
        await self.page.locator("summary", has_text=what).first.click()

    async def types(self, **fields: str) -> None:
        """By the fields' names."""
        for name, text in fields.items():
            await self._field(name).fill(text)

    async def chooses(self, **fields: str) -> None:
        for name, value in fields.items():
            await self._field(name).select_option(value)

    async def presses(self, button: str) -> None:
        await self._button(button).click()

    async def takes(self, link: str) -> bytes:
        """A file behind a link."""
        main = self.page.get_by_role("main")
        return await self._file(main.get_by_role("link", name=_whole(link)).first)

    async def prints(self, button: str) -> bytes:
        """A file behind a button."""
        return await self._file(self._button(button))

    def _button(self, name: str) -> Locator:
        """`name`: how it begins."""
        main = self.page.get_by_role("main")
        return main.get_by_role("button", name=re.compile(f"^{_spoken(name)}")).first

    def _field(self, name: str) -> Locator:
        return self.page.locator(f'[name="{name}"]:visible').first

    async def _file(self, what: Locator) -> bytes:
        async with self.page.expect_download() as coming:
            await what.click()
        download: Download = await coming.value
        return (await download.path()).read_bytes()


def _whole(name: str) -> re.Pattern[str]:
    return re.compile(f"^{_spoken(name)}$")


def _spoken(name: str) -> str:
    """As browsers put a name together: what only screen readers hear may have a space before."""
    return re.escape(name).replace(r":\ ", r"\s*:\s*")
