"""A coordinator, who is a person, answers somebody; and says who sees to what."""

import re
from datetime import timedelta
from html import unescape

import pytest

from bot.store.database import Database
from bot.store.sealing import ServiceKey
from tests.coordinator.browser import Browser
from tests.coordinator.conftest import Hands
from tests.coordinator.household import Household, picked, words
from tests.promises.ash import Ash, ash_family
from tests.promises.test_p06_take_back import moves
from tests.telegram.emulator import ServerError
from tests.telegram.player import question, where
from tests.web.visitor import Visitor

FOOD = "Yes, there will be sandwiches. <b>Bring</b> Kit's own cup & plate.\nSee you there."


async def answers(ash: Ash, desk: Visitor, person: str, text: str = FOOD, times: int = 1) -> None:
    page = f"/coordinator/summary/{ash.id_of(person)}"
    await desk.opens(page)
    form = dict(desk.paper.fields)
    for _ in range(times):
        done = await desk.client.post(f"{page}/answer", data={**form, "answer": text})
        assert (done.status_code, done.headers["location"]) == (303, f"{page}#answered")


def human_lines(visitor: Visitor) -> list[str]:
    return re.findall(r'<li class="line coordinator".*?</li>', visitor.paper.text, re.S)


@pytest.mark.asyncio
@pytest.mark.both_databases
async def test_it_stands_in_the_web_chat_as_from_a_human_and_once(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        kit = await ash.on_the_web("kit", until="name")
        desk = await ash.odette()
        await answers(ash, desk, "kit", times=2)
        page = await desk.opens(f"/coordinator/summary/{ash.id_of('kit')}")
        assert page.text.count("They see it when they are next in their chat.") == 1
        assert not human_lines(kit)
        await kit.see_chat()
        [line] = human_lines(kit)
        assert "From Odette Farrow, who is a person:" in line
        assert "sandwiches. &lt;b&gt;Bring" in line, "in their words, and none of it is markup"
        assert kit.paper.state == "name", "what was asked stays open"
        await kit.says("Kit")
        await kit.see_chat()
        assert len(human_lines(kit)) == 1
        shown = await desk.opens(f"/coordinator/summary/{ash.id_of('kit')}")
        assert "Shown to them" in shown.text
        assert not [row for row in ash.rows("human_answer") if b"sandwiches" in row["sealed_body"]]


@pytest.mark.asyncio
async def test_in_telegram_a_phone_that_others_see_says_only_that_something_is_there(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="worries")
        await answers(ash, await ash.odette(), "dawn")
        ash.service.app.courier.wake()
        news = await dawn.sees("A person has answered you")
        for word in ("sandwiches", "Odette", "Kit", "meeting"):
            assert word not in news.text
        dawn.taps("*:resume:0")
        told = await dawn.sees("From Odette Farrow, who is a person:")
        assert FOOD in told.text
        assert told.protect_content
        await ash.delivered()
        await dawn.quiet()
        assert where(question(dawn))[0] == "worries"
        dawn.says("Nobody believes me")
        await dawn.quiet()
        assert len([one for one in dawn.screen if "sandwiches" in one.text]) == 1


@pytest.mark.asyncio
async def test_whoever_wants_no_messages_finds_it_when_they_are_back_and_a_wipe_takes_it(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="worries")
        dawn.says("/stop")
        await dawn.quiet()
        before = len(dawn.screen)
        desk = await ash.odette()
        await answers(ash, desk, "dawn")
        await ash.delivered()
        await dawn.quiet()
        assert len(dawn.screen) == before
        dawn.says("/start")
        await dawn.sees("sandwiches")
        await answers(ash, desk, "dawn", "And a second one.")
        dawn.says("/wipe")
        await dawn.sees("Do you want to wipe everything?")
        dawn.taps("Yes, wipe everything")
        await dawn.sees("It is wiped")
        assert not ash.rows("human_answer")
        page = f"/coordinator/summary/{ash.id_of('dawn')}"
        shown = await desk.opens(page)
        assert "sandwiches" not in shown.text
        assert f"{page}/answer" not in shown.text
        refused = await desk.client.post(
            f"{page}/answer", data={**desk.paper.fields, "answer": "Hello?"}
        )
        assert refused.status_code == 404


@pytest.mark.asyncio
async def test_a_meeting_that_moves_meanwhile_takes_nobody_the_word_that_they_were_answered(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.in_telegram("dawn", until="worries")
        ash.telegram.fails("sendMessage", ServerError(502), chat=dawn.id, times=None)
        await answers(ash, await ash.odette(), "dawn")
        await moves(ash)
        ash.telegram.faults.clear()
        ash.clock.move(timedelta(hours=1))
        await ash.delivered()
        said = [one.text for one in dawn.screen if one.from_bot][-2:]
        assert ["A person has answered you" in said[0], "a new time" in said[1]] == [True, True]


def test_what_cannot_be_sent_is_said_and_stays_in_the_box(odette: Browser, ash: Household) -> None:
    ash.starts("kit", [words("going_well", "football")])
    page = f"/coordinator/summary/{ash.id_of('kit')}"
    for text, told in (
        ("  ", "Write what you want to answer"),
        ("\u200b\u200d", "Write what you want to answer"),
        ("x" * 1001, "at most 1000 letters"),
        ("turned \u202e round", "without hidden characters"),
    ):
        status, shown = odette.post(f"{page}/answer", page=page, answer=text)
        assert (status, told in unescape(shown)) == (400, True)
        assert text.strip() in unescape(shown)


def test_nobody_is_answered_who_has_not_begun_or_is_anothers(
    odette: Browser, priya: Browser, ash: Household
) -> None:
    page = f"/coordinator/summary/{ash.id_of('marjorie')}"
    assert "/answer" not in odette.see(page)
    assert odette.post(f"{page}/answer", page="/coordinator/account", answer="Hi")[0] == 404
    ash.starts("kit", [words("going_well", "football")])
    kits = f"/coordinator/summary/{ash.id_of('kit')}"
    assert priya.post(f"{kits}/answer", page="/coordinator/account", answer="Hi")[0] == 404


def test_a_task_has_somebody_who_sees_to_it(odette: Browser, ash: Household) -> None:
    ash.sends("dawn", [picked("seen_worries", "no")])
    meeting = f"/coordinator/meeting/{ash.made.meeting_id}"
    task = f"/coordinator/task/{ash.id_of('dawn')}/seen_worries"
    assert "Give it to somebody" in odette.see(meeting)
    assert odette.post(f"{task}/given", page=meeting, owner=" Sam Reed ")[0] == 303
    assert "Sam Reed" in re.sub("[\u2068\u2069]", "", odette.see(meeting))
    assert odette.post(f"{task}/done", page=meeting)[0] == 303
    assert "<bdi>Sam Reed</bdi>" in odette.see(meeting)
    assert odette.post(f"{task}/given", page="/coordinator/account", owner="")[0] == 303
    assert "Sam Reed" not in odette.see(meeting)


@pytest.mark.asyncio
async def test_whoever_sent_something_hears_that_it_was_read_by_whom_and_when_and_once(
    database: Database, service_key: ServiceKey
) -> None:
    async with ash_family(database, service_key) as ash:
        dawn = await ash.on_the_web("dawn")
        await dawn.see_chat()
        assert "has read what was sent" not in dawn.paper.text
        desk = await ash.odette()
        ash.clock.move(timedelta(minutes=30))
        await desk.opens(f"/coordinator/summary/{ash.id_of('dawn')}")
        await desk.opens(f"/coordinator/summary/{ash.id_of('dawn')}")
        await dawn.see_chat()
        told = [line for line in dawn.paper.told if "has read what was sent" in line]
        assert len(told) == 1
        assert "Odette Farrow" in told[0]
        assert "Monday 23 November 2026, 10:30" in told[0]
        assert dawn.paper.state == "sent"
        await dawn.see_chat()
        assert len([line for line in dawn.paper.told if "has read what was sent" in line]) == 1


@pytest.mark.parametrize("minutes", [61, 0])
def test_what_was_typed_for_too_long_is_given_back_to_be_copied(
    odette: Browser, ash: Household, hands: Hands, minutes: int
) -> None:
    """After an hour away, and where somebody signed in anew in another tab."""
    ash.sends("dawn", [words("worries", "money")])
    page = f"/coordinator/summary/{ash.id_of('dawn')}"
    token = odette.token_on(page) if minutes else "of another session"
    form = {"token": token, "key": "once", "answer": FOOD}
    hands.now += timedelta(minutes=minutes)
    answer = odette.ask("POST", f"{page}/answer", form=form)
    assert answer.status_code == 403
    assert FOOD in unescape(answer.text)
    assert "<b>Bring" not in answer.text
    elsewhere = odette.ask(
        "POST", f"{page}/answer", form=form, headers={"sec-fetch-site": "cross-site"}
    )
    assert "sandwiches" not in elsewhere.text
