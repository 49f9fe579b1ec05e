"""A connection that goes and comes: everything arrives, and everything once (promise P20)."""

import asyncio

import pytest
from playwright.async_api import APIResponse, BrowserContext, Page, Route, expect
from sqlalchemy import func, select

from bot.store.models import Summary
from tests.journeys.script import PEOPLE, Script, people_of
from tests.service import Service
from tests.web import phone
from tests.web.visitor import Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


async def test_what_is_sent_offline_arrives_once(
    page: Page, at_a_question: Visitor, phone_in: BrowserContext
) -> None:
    await page.goto(at_a_question.chat)
    await phone_in.set_offline(True)
    await page.locator("#text").fill("Kit, in a tunnel")
    await page.locator("button[value=words]").click()
    await expect(page.locator("[data-status]")).to_contain_text("No connection")
    await expect(page.locator("#text")).to_have_value("Kit, in a tunnel")
    await phone_in.set_offline(False)
    await expect(phone.state(page)).to_have_value("who_can_see")
    await expect(page.locator(".words", has_text="tunnel")).to_have_count(1)
    await expect(page.locator("[data-status]")).to_be_hidden()
    await page.reload()
    await expect(page.locator(".words", has_text="tunnel")).to_have_count(1)


async def test_a_reply_that_is_lost_on_the_way_makes_no_second_answer(
    page: Page, at_a_question: Visitor, phone_in: BrowserContext
) -> None:
    """The server had taken it; the phone could not know."""
    await page.goto(at_a_question.chat)
    lost: list[APIResponse] = []

    async def lose_the_first_reply(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(await route.fetch())
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/chat", lose_the_first_reply)
    await page.locator("#text").fill("Kit, once")
    await page.locator("button[value=words]").click()
    await expect(phone.state(page)).to_have_value("who_can_see")
    assert lost[0].status == 200
    await expect(page.locator(".words", has_text="Kit, once")).to_have_count(1)
    assert (await at_a_question.see_chat()).said.count("Kit, once") == 1


async def test_a_server_that_is_down_for_a_moment_loses_nothing(
    page: Page, at_a_question: Visitor, phone_in: BrowserContext
) -> None:
    await page.goto(at_a_question.chat)
    failures: list[str] = []

    async def fail_once(route: Route) -> None:
        if route.request.method == "POST" and not failures:
            failures.append(route.request.url)
            await route.fulfill(status=502, body="x")
        else:
            await route.continue_()

    await page.route("**/chat", fail_once)
    await phone.says(page, "Kit, after all")
    await expect(page.locator(".words", has_text="Kit, after all")).to_have_count(1)


async def test_words_outlive_a_visit_that_has_ended(
    page: Page, at_a_question: Visitor, phone_in: BrowserContext
) -> None:
    await page.goto(at_a_question.chat)
    await page.locator("#text").fill("three paragraphs")
    await at_a_question.client.post("/exit")
    await page.locator("button[value=words]").click()
    await expect(page.locator("[data-status]")).to_contain_text("Your visit has ended")
    await expect(page.locator("#text")).to_have_value("three paragraphs")


async def test_two_quick_taps_on_send_make_one_summary(
    page: Page, service: Service, kit: Visitor, phone_in: BrowserContext
) -> None:
    people = people_of(PEOPLE / "meeting-ash.yaml")
    await kit.plays(Script(next(one for one in people if one["id"] == "kit")), until="preview")
    await page.goto(kit.chat)
    await page.locator("button[value=send]").dblclick(no_wait_after=True)
    await expect(phone.state(page)).to_have_value("sent")
    await asyncio.gather(*(kit.sends(choice="send") for _ in range(3)))
    assert (await kit.see_chat()).state == "sent"
    query = select(func.count()).select_from(Summary)
    assert service.database.run_now(lambda session: session.scalar(query)) == 1
