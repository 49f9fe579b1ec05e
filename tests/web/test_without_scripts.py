"""The whole chat without scripts: one made-up person's preparation, and forms that lie."""

import asyncio
import html
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from bot.store.models import Answer, ChatLine, Participant
from flows.answering import LONGEST_WORDS
from tests.journeys.script import PEOPLE, Script, people_of
from tests.service import Service
from tests.web.conftest import Ash
from tests.web.visitor import Paper, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")
NewVisitor = Callable[..., Visitor]
sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def kits_part() -> Script:
    people = people_of(PEOPLE / "meeting-ash.yaml")
    return Script(next(one for one in people if one["id"] == "kit"))


def answers(service: Service) -> int:
    return service.database.run_now(
        lambda session: session.scalar(select(func.count()).select_from(Answer)) or 0
    )


def lines(service: Service) -> int:
    return service.database.run_now(
        lambda session: session.scalar(select(func.count()).select_from(ChatLine)) or 0
    )


@sqlite
async def test_kit_prepares_and_the_coordinator_reads_it_letter_for_letter(
    service: Service, ash: Ash, kit: Visitor, visitor: NewVisitor
) -> None:
    script = kits_part()
    await kit.plays(script, until="preview")
    desk = visitor()
    await desk.opens(ash.made["coordinator"]["web"])
    signed_in = await desk.client.post(ash.made["coordinator"]["web"], data=desk.paper.fields)
    assert signed_in.status_code == 303
    who = service.database.run_now(
        lambda session: session.scalar(select(Participant.id).where(Participant.reference == "kit"))
    )
    told = [words for step in script.done if step != "name" for words in script.words(step)]
    assert len(told) >= 8
    preview = html.unescape(kit.paper.text)
    before = html.unescape((await desk.client.get(f"/coordinator/summary/{who}")).text)
    for words in told:
        assert words in preview, words
        assert words not in before
    await kit.plays(script)
    page = html.unescape((await desk.client.get(f"/coordinator/summary/{who}")).text)
    for words in told:
        assert words in page, words


@sqlite
async def test_a_post_leads_to_a_page_that_may_be_loaded_again(at_a_question: Visitor) -> None:
    answer = await at_a_question.sends(text="Kit", send="words")
    assert (answer.status_code, answer.headers["location"]) == (303, "/chat#newest")


@pytest.mark.parametrize("together", [False, True], ids=["one after the other", "at once"])
async def test_the_same_form_is_taken_once(
    service: Service, at_a_question: Visitor, together: bool
) -> None:
    before = lines(service)
    form = {"text": "Kit, or Kitty", "send": "words"}
    posts = (at_a_question.sends(**form) for _ in range(6))
    replies = await asyncio.gather(*posts) if together else [await post for post in posts]
    assert {reply.status_code for reply in replies} == {303}
    seen = await at_a_question.see_chat()
    assert seen.said.count("Kit, or Kitty") == 1
    assert answers(service) == 2  # the language of the opening, and the name
    assert lines(service) == before + 2


async def test_the_same_form_gets_the_same_reply(service: Service, at_a_question: Visitor) -> None:
    """What a browser shows when the first reply was lost on the way."""
    enhanced = {"X-Enhance": "1"}
    data = {**at_a_question.paper.fields, "text": "Kit", "send": "words"}
    replies = await asyncio.gather(
        *(at_a_question.client.post("/chat", data=data, headers=enhanced) for _ in range(4))
    )
    papers = [Paper(reply.text) for reply in replies]
    assert len({(one.state, tuple(one.told), tuple(one.said)) for one in papers}) == 1
    assert papers[0].said == ["Kit"]


@sqlite
async def test_several_things_in_one_form_sent_twice_are_each_taken_once(
    at_a_question: Visitor,
) -> None:
    await at_a_question.go_to("trusted")
    form = {"text": "Ollie's mum", "choice": "done"}
    await asyncio.gather(*(at_a_question.sends(**form) for _ in range(4)))
    assert (await at_a_question.see_chat()).said.count("Ollie's mum") == 1
    assert at_a_question.paper.state == "who_should_come"


# --- words of every kind ---

WORDS = [
    "<b>bold</b> <script>alert(1)</script> & Marks & Spencer &amp; </textarea>",
    "{name} {{ 7 * 7 }} {% raw %} %(name)s %s $name ${name}",
    "'; drop table answer; --",
    "\u202etxet\u202c and لا أحد \u200f \u2067x\u2069",
    "👩🏽‍🚒" * 2_000,
    "Zoe\u0308 vs Zoë, क्षि, ﷺ, \u200d",
    "\n\n  first\n\n\tlast  \n",
    "a\x01b\x0bc\x1fd\x7f",
    "/nonsense and /help me",
    "٧",
    "\"'`´’“”«»",
]


@sqlite
async def test_words_are_kept_letter_for_letter(at_a_question: Visitor) -> None:
    await at_a_question.go_to("going_well")
    for text in WORDS:
        paper = await at_a_question.says(text)
        assert paper.said[-1] == text
        assert "b" not in paper.tags
        assert paper.text.count("<script") == 1
    paper = await at_a_question.does(command="review")
    for text in WORDS:
        assert [one for one in paper.told if text.strip() in one], text
    assert "b" not in paper.tags


@sqlite
async def test_what_no_database_can_hold_is_left_out_and_nothing_else(
    at_a_question: Visitor,
) -> None:
    data = {**at_a_question.paper.fields, "send": "words"}
    body = "&".join(f"{name}={value}" for name, value in data.items())
    answer = await at_a_question.client.post(
        "/chat",
        content=f"{body}&text=a%00b%ED%A0%80c".encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 303
    said = (await at_a_question.see_chat()).said[-1]
    assert (said[:2], said[-1]) == ("ab", "c")
    await at_a_question.go_to("going_well")
    raw = at_a_question.client.build_request(
        "POST",
        "/chat",
        files={
            **{name: (None, value) for name, value in at_a_question.paper.fields.items()},
            "text": (None, b"a\x00b\xed\xa0\x80c"),
        },
    )
    assert (await at_a_question.client.send(raw)).status_code == 303
    assert (await at_a_question.see_chat()).said[-1].startswith("ab")


@sqlite
async def test_a_letter_is_taken_whole(at_a_question: Visitor) -> None:
    await at_a_question.go_to("going_well")
    letter = ("Dear Odette,\n" + "we do pancakes. " * 400)[:5_000]
    assert (await at_a_question.says(letter)).said[-1] == letter


@sqlite
@pytest.mark.parametrize("characters", [LONGEST_WORDS + 1, 5_000_000])
async def test_what_is_too_long_is_put_back_into_the_box(
    at_a_question: Visitor, characters: int
) -> None:
    text = "\n" + "x" * (characters - 1)
    paper = await at_a_question.says(text)
    assert paper.state == "name"
    assert paper.box == text
    assert any("too long" in one for one in paper.told)
    assert text not in paper.said


@sqlite
async def test_words_in_the_box_are_not_lost_by_a_tap_that_leaves_the_question(
    at_a_question: Visitor,
) -> None:
    paper = await at_a_question.does(text="half of it", choice="skip")
    assert (paper.state, paper.box) == ("name", "half of it")
    paper = await at_a_question.does(text="half of it", command="help")
    assert (paper.state, paper.box) == ("name", "half of it")


# --- forms that lie ---


@sqlite
async def test_a_form_that_is_not_ours_says_nothing(
    service: Service, at_a_question: Visitor
) -> None:
    before = lines(service)
    for sent in ({"csrf": "wrong"}, {"csrf": ""}, {"csrf": "é\x00"}):
        assert (await at_a_question.sends(text="x", **sent)).headers["location"] == "/chat"
    for site in ("cross-site", "same-site"):
        at_a_question.client.headers["Sec-Fetch-Site"] = site
        assert (await at_a_question.sends(text="x")).headers["location"] == "/chat"
        code = await at_a_question.client.post("/chat/code", data=at_a_question.paper.fields)
        assert code.headers["location"] == "/chat"
    assert lines(service) == before


FORGED = [
    {"choice": "send"},
    {"choice": "send", "state": "preview"},
    {"choice": "yes_not_ok", "state": "who_can_see"},
    {"choice": "nowhere", "state": "nowhere"},
    {"choice": "\x00", "state": "é" * 500},
    {"choice": "meeting", "state": "name.hears"},
    {"choice": "skip", "state": ""},
    {"command": "drop"},
    {"command": "é\x00" * 50},
    {"key": "", "text": ""},
    {"key": "../../x", "text": ""},
    {"after": "x" * 100, "text": ""},
]


@sqlite
async def test_forged_fields_move_nothing(service: Service, at_a_question: Visitor) -> None:
    before = answers(service)
    for forged in FORGED:
        assert (await at_a_question.does(**forged)).state == "name", forged
    assert answers(service) == before


@sqlite
async def test_words_for_a_question_that_was_not_asked_go_to_the_one_that_was(
    at_a_question: Visitor,
) -> None:
    forged = {"step": "must_be_said", "state": "must_be_said"}
    assert (await at_a_question.does(text="Kit", **forged)).state == "who_can_see"


@sqlite
async def test_nothing_is_sent_by_a_form_from_before_the_preview(kit: Visitor) -> None:
    """Promise P3: what is sent is what they saw."""
    await kit.plays(kits_part(), until="preview")
    for revision in ("-1", "9" * 40, "٣", "0", "1", "x"):
        assert (await kit.does(choice="send", revision=revision)).state == "preview", revision
    assert (await kit.taps("send")).state == "sent"


BODIES = [
    (b"", "multipart/form-data; boundary=x"),
    (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
    (b"--x\r\n", "multipart/form-data"),
    (b"\xff\xfe" * 50, "application/x-www-form-urlencoded"),
    (b'{"text": "x"}', "application/json"),
    (b"text=x", ""),
    (b"&" * 5000, "application/x-www-form-urlencoded"),
    (b"%" * 5000, "application/x-www-form-urlencoded"),
    (b"a=b&" * 5000, "application/x-www-form-urlencoded; charset=nonsense"),
]


@sqlite
async def test_a_body_that_is_no_form_is_no_error_of_ours(at_a_question: Visitor) -> None:
    for path in ("/chat", "/chat/code", "/back"):
        for content, kind in BODIES:
            headers = {"Content-Type": kind}
            answer = await at_a_question.client.post(path, content=content, headers=headers)
            assert answer.status_code in (200, 303), (path, content, kind)
    assert (await at_a_question.see_chat()).state == "name"
