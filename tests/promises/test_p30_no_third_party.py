"""P30: no third party. Every page is ours alone, and says so to the browser."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page

from tests.journeys.script import PEOPLE
from tests.service import Service
from tests.web.visitor import Visitor

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
PAGES = ("/", "/help", "/privacy", "/back", "/coordinator/sign-in", "/nowhere")


async def test_each_page_is_strict(service: Service) -> None:
    stranger = Visitor.of(service.address, {})
    for path in PAGES:
        answer = await stranger.opens(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert "http" not in policy.replace("https://www.bbc.co.uk", ""), path
        assert answer.headers["referrer-policy"] == "no-referrer", path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert "frame-ancestors 'none'" in policy, path
    await stranger.client.aclose()


@pytest.mark.browser
async def test_a_browser_asks_nobody_else(service: Service, page: Page) -> None:
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
    made = service.meeting(PEOPLE / "meeting-ash.yaml")
    for path in (*PAGES[:-1], made["people"][0]["web"].removeprefix(service.address)):
        await page.goto(service.address + path)
    assert asked == {urlsplit(service.address).netloc}
