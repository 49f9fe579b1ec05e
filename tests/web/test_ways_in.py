"""Getting in and getting out: links, short codes, visits (promises P9 and P29)."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.channels.web.tries import PER_ADDRESS, WITHIN
from bot.store.models import Conversation, Invitation, Participant
from tests.service import Service
from tests.telegram.emulator import MovableClock
from tests.web.conftest import Ash
from tests.web.visitor import Visitor

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
NewVisitor = Callable[..., Visitor]


def traces(service: Service) -> tuple[int, int, int]:
    """How many links are used, people are known to have come, and conversations are begun."""

    def count(session: Session) -> tuple[int, int, int]:
        used = select(func.count()).where(Invitation.used_at.is_not(None))
        came = select(func.count()).where(Participant.opened_at.is_not(None))
        begun = select(func.count()).select_from(Conversation)
        return (session.scalar(used) or 0, session.scalar(came) or 0, session.scalar(begun) or 0)

    return service.database.run_now(count)


def plain(text: str) -> str:
    """A page without the token of its form."""
    return re.sub(r'value="[0-9a-f]{64}"', "", text)


async def test_previews_of_a_link_use_nothing_up(
    service: Service, ash: Ash, visitor: NewVisitor
) -> None:
    link, before = ash.link("kit"), traces(service)
    for sent_along in ({}, {"User-Agent": "WhatsApp/2"}, {"Sec-Purpose": "prefetch"}):
        somebody = visitor(**sent_along)
        assert (await somebody.opens(link)).status_code == 200
        assert (await somebody.client.head(link)).status_code == 200
    assert traces(service) == before
    kit = visitor()
    await kit.come_in(link)
    assert traces(service) == (1, 1, 1)


async def test_the_page_behind_a_link_names_the_relation_and_nobody(
    ash: Ash, visitor: NewVisitor
) -> None:
    somebody = visitor()
    page = (await somebody.opens(ash.link("dawn"))).text
    assert "Kit's mum" in page.replace("&#39;", "'")
    for told in ("Dawn", "O&#39;Shea", "Odette", "Marrow", "meeting", "conference", "safety"):
        assert told not in page


async def test_whatever_opens_nothing_is_answered_alike(
    service: Service, ash: Ash, visitor: NewVisitor, clock: MovableClock
) -> None:
    kit = visitor()
    await kit.come_in(ash.link("kit"))
    used, expired, guessed = ash.link("kit"), ash.link("marjorie"), f"{service.address}/i/"
    guesses = ["x", "A" * 32, "%00", "a%0d%0ab", "%F0%9F%A5%9E" * 40, "'%20or%201"]
    clock.move(timedelta(days=400))
    answers = {}
    for link in (used, expired, *(guessed + guess for guess in guesses)):
        stranger = visitor()
        seen = await stranger.opens(link)
        fields = stranger.paper.fields
        tried = await stranger.client.post(link, data=fields)
        headers = frozenset(name for name in seen.headers if name not in ("date", "content-length"))
        shown = (plain(seen.text), plain(tried.text))
        answers[link] = (seen.status_code, tried.status_code, shown, headers)
    assert len(set(answers.values())) == 1, {
        link: (one[:2], one[3]) for link, one in answers.items()
    }
    status, _, (page, _), _ = answers[used]
    assert status == 404
    for told in ("Kit", "Odette", "meeting", "expired"):
        assert told not in page


async def test_a_link_lets_one_device_in(ash: Ash, visitor: NewVisitor) -> None:
    first, second = visitor(), visitor()
    await first.opens(ash.link("kit"))
    await second.opens(ash.link("kit"))
    assert (await first.client.post(ash.link("kit"), data=first.paper.fields)).status_code == 303
    late = await second.client.post(ash.link("kit"), data=second.paper.fields)
    assert late.status_code == 404
    assert (await second.opens("/chat")).headers["location"] == "/back"


async def test_whoever_is_in_finds_their_used_link_leading_to_the_chat(
    ash: Ash, kit: Visitor
) -> None:
    assert (await kit.opens(ash.link("kit"))).headers["location"] == "/chat"
    assert (await kit.opens("/")).headers["location"] == "/chat"
    assert (await kit.opens(ash.link("dawn"))).status_code == 200  # the tap decides, not the link
    await kit.see_chat()


async def test_the_door_wants_a_form_of_its_own(ash: Ash, visitor: NewVisitor) -> None:
    link, somebody = ash.link("kit"), visitor()
    for data in ({}, {"csrf": "wrong"}, {"csrf": "é" * 64}):
        refused = await somebody.client.post(link, data=data)
        assert refused.status_code == 303
        assert link.endswith(refused.headers["location"])
    await somebody.opens(link)
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    refused = await somebody.client.post(link, data=somebody.paper.fields, headers=elsewhere)
    assert refused.status_code == 303
    assert "chat" not in somebody.client.cookies
    assert (await visitor().opens(link)).status_code == 200


# --- short codes ---


async def code_of(visitor: Visitor) -> str:
    """Asks for a short code."""
    answer = await visitor.client.post("/chat/code", data=visitor.paper.fields)
    assert answer.status_code == 200
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{3}-[0-9A-Z]{3}", answer.text)
    assert found
    return found[0]


async def tries(visitor: Visitor, code: str) -> str:
    """Where a code leads; empty when it does not work."""
    await visitor.opens("/back")
    answer = await visitor.client.post("/back", data={**visitor.paper.fields, "code": code})
    return str(answer.headers.get("location", ""))


def as_typed(code: str) -> list[str]:
    """How people write a code down and read it again."""
    bare = code.replace("-", "")
    return [
        code,
        code.lower(),
        bare,
        " ".join(bare),
        code.replace("-", " – "),
        bare.replace("0", "O"),
        bare.replace("0", "o").replace("1", "l"),
        bare.replace("1", "I"),
        bare.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
    ]


async def test_a_code_goes_on_where_they_were_however_it_is_typed(
    service: Service, at_a_question: Visitor, visitor: NewVisitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = iter("70O1K0XM1A".replace("O", "0"))
    monkeypatch.setattr("bot.invitations.secrets.choice", lambda _: next(letters))
    code = await code_of(at_a_question)
    assert code == "7001-K0X-M1A"
    for typed in as_typed(code):
        other = visitor()
        assert await tries(other, typed) == "/chat", typed
        assert (await other.see_chat()).state == "name"


async def test_a_new_code_kills_the_old_one(kit: Visitor, visitor: NewVisitor) -> None:
    old, new = await code_of(kit), await code_of(kit)
    assert await tries(visitor(), old) == ""
    assert await tries(visitor(), new) == "/chat"


async def test_a_code_comes_without_being_sent_twice_by_going_back(kit: Visitor) -> None:
    """Reloading the page that showed it shows the chat, and no code."""
    await code_of(kit)
    assert (await kit.opens("/chat/code")).status_code == 200
    assert not kit.paper.code


async def test_guessing_is_slowed_down_and_time_opens_the_door_again(
    kit: Visitor, visitor: NewVisitor, clock: MovableClock
) -> None:
    code, guesser = await code_of(kit), visitor()
    for number in range(PER_ADDRESS):
        assert await tries(guesser, f"{number:010}") == ""
    assert await tries(visitor(), code) == ""
    clock.move(WITHIN + timedelta(seconds=1))
    assert await tries(visitor(), code) == "/chat"


async def test_what_is_no_code_is_refused_kindly(visitor: NewVisitor) -> None:
    somebody = visitor()
    for typed in ("", "-", "x" * 4000, "\x00" * 10, "🥞" * 10, "'; drop table"):
        await somebody.opens("/back")
        data = {**somebody.paper.fields, "code": typed}
        answer = await somebody.client.post("/back", data=data)
        assert answer.status_code == 200
        assert "did not work" in answer.text


async def test_guesses_through_a_form_of_another_site_are_not_taken(
    kit: Visitor, visitor: NewVisitor
) -> None:
    code, somebody = await code_of(kit), visitor()
    await somebody.opens("/back")
    answer = await somebody.client.post(
        "/back",
        data={**somebody.paper.fields, "code": code},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 200
    assert "chat" not in somebody.client.cookies


# --- cookies, and leaving ---


async def test_cookies_are_for_the_server_alone(ash: Ash, visitor: NewVisitor) -> None:
    kit = visitor()
    door = await kit.opens(ash.link("kit"))
    let_in = await kit.client.post(ash.link("kit"), data=kit.paper.fields)
    set_there = door.headers.get_list("set-cookie") + let_in.headers.get_list("set-cookie")
    assert len(set_there) == 3  # the form's, the visit's, and the form's taken away
    for cookie in set_there[:2]:
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "max-age" not in cookie.lower()


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_leaving_ends_the_visit_and_takes_its_cookies(
    kit: Visitor, visitor: NewVisitor, method: str
) -> None:
    cookie = kit.client.cookies["chat"]
    left = await kit.client.request(method, "/exit")
    assert (left.status_code, left.headers["location"]) == (303, "/health")
    assert "chat" not in kit.client.cookies
    assert (await kit.opens("/chat")).headers["location"] == "/back"
    thief = visitor(Cookie=f"chat={cookie}")
    assert (await thief.opens("/chat")).headers["location"] == "/back"
    assert (await thief.opens("/chat/events")).status_code == 204
    assert (await thief.opens("/help")).status_code == 200


async def test_a_visit_ends_when_nobody_is_there_for_a_day(
    kit: Visitor, clock: MovableClock
) -> None:
    clock.move(timedelta(hours=23))
    await kit.see_chat()
    clock.move(timedelta(hours=25))
    assert (await kit.opens("/chat")).headers["location"] == "/back"
