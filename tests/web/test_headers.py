"""What every answer carries, whatever it is (promise P30), and what no page gives away (P9)."""

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from bot.channels.web import pages
from tests.web import files
from tests.web.conftest import Ash
from tests.web.visitor import Paper, Visitor

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
NewVisitor = Callable[..., Visitor]
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


async def test_every_answer_is_strict(
    ash: Ash, at_a_question: Visitor, visitor: NewVisitor
) -> None:
    kit, stranger = at_a_question, visitor()
    await kit.go_to("going_well")
    sent = await kit.does({"picture": ("x", files.photo(), "image/jpeg")})
    static = re.findall(r'(?:href|src)="(/static/[^"]+)"', sent.text)
    assert len(static) == 3
    addresses = ["/chat", "/help", "/privacy", "/back", "/", *static, *sent.pictures]
    addresses += ["/nowhere", "/static/nowhere.css", "/static/../routes.py", "/i/x", "/chat/code"]
    addresses += [f"/chat/attachment/{'0' * 8}-0000-0000-0000-{'0' * 12}", "/exit"]
    for who in (kit, stranger):
        for address in addresses:
            answer = await who.client.get(address)
            check(answer.headers, address)
            lasting = address in static
            cached = answer.headers["cache-control"]
            assert cached == ("public, max-age=31536000, immutable" if lasting else "no-store")
    for method, address in (("DELETE", "/chat"), ("POST", "/help"), ("OPTIONS", "/chat")):
        check((await kit.client.request(method, address)).headers, address)


async def test_a_stream_is_strict(kit: Visitor) -> None:
    async with kit.client.stream("GET", "/chat/events") as stream:
        check(stream.headers, "/chat/events")
        assert stream.headers["cache-control"] == "no-store"


def check(headers: httpx.Headers, address: str) -> None:
    parts = (part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    policy = {part[0]: part[1] for part in parts if len(part) == 2}
    assert policy["default-src"] == "'none'", address
    assert policy["frame-ancestors"] == "'none'", address
    if "attachment" not in address:
        assert policy == POLICY, address
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff", address
    assert headers["referrer-policy"] == "no-referrer", address
    assert headers["x-frame-options"] == "DENY", address
    assert headers["cross-origin-opener-policy"] == "same-origin", address
    assert "microphone=(self)" in headers["permissions-policy"]


async def test_no_page_names_a_third_party_or_says_what_it_is_in_its_title(
    ash: Ash, kit: Visitor, visitor: NewVisitor
) -> None:
    stranger = visitor()
    seen = [(await stranger.client.get(path)).text for path in ("/", "/help", "/privacy", "/i/x")]
    seen.append((await stranger.client.get(ash.link("dawn"))).text)
    for state in ("language", "private_time", "what_this_is", "name", "going_well", "scale"):
        await kit.go_to(state)
        seen.append(kit.paper.text)
    for page in seen:
        assert Paper(page).title == "Chat"
        assert not re.search(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="(?:https?:)?//', page)
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)
        assert page.count("<script") == 1
        for address in re.findall(r'(?:src|action)="([^"]*)"', page):
            assert address.startswith("/"), address


@pytest.mark.parametrize("name", ["chat.css", "chat.js", "icon.svg"])
async def test_no_style_or_script_names_a_third_party(database_url: str, name: str) -> None:
    text = Path(pages.STATIC, name).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:https?:)?//[a-z0-9][\w.-]+\.\w+", text))
    assert named <= {"http://www.w3.org"}
    assert not re.search(r"@import|\beval\(|localStorage|sessionStorage|innerHTML|indexedDB", text)
