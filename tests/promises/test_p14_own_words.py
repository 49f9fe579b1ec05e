"""P14: no language model reads, ranks or rewrites your words. The coordinator gets them letter for
letter, in the language and the script that you wrote them in."""

import ast
import contextlib
import re
import socket
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from bot.store.database import Database
from bot.store.sealing import ServiceKey
from bot.summaries.chat import summary_in_chat
from bot.summaries.entries import Reader, entry
from bot.summaries.meeting_copy import Shared, copy_for_the_meeting
from flows.answering import LONGEST_WORDS
from flows.answers import Answer, Conversation, Part, Sharing, Speaker
from flows.conversation import take_turn
from flows.exchange import Style, Words
from flows.review import CoordinatorCopy, coordinators_copy, meeting_copy
from tests.promises.coordinators_side import (
    CoordinatorsSide,
    coordinators_side,
    quotes_in_chat,
    quotes_on_page,
)
from tests.promises.test_p05_always_a_way import AROUND
from tests.service import library
from tests.telegram import player
from tests.telegram.emulator import Emulator, MovableClock
from tests.web.visitor import Visitor

ROOT = Path(__file__).parent.parent.parent

NASTY = (
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
    "e\u0301 is not \u00e9, and \u1e9b\u0323 stays",
    "👨‍👩‍👧‍👦 🏳️‍🌈 👍🏿 🇼🇾 1️⃣ and one alone 🥞",
    "لا أستطيع يوم الجمعة، رقمي 07700 900142",
    "שלום \u200fand\u200e back",
    "\u2066isolated\u2069 می‌خواهم \u200dx\u200c",
    "{coordinator} {0} %(name)s %s {{ 7*7 }} {% raw %} $x",
    "<b>bold</b> <script>alert(1)</script> &amp; &lt; Marks & Spencer",
    "'; drop table answer; -- \" ` \\ \\n \\u0041",
    "*bold* _it_ `code` [a](http://example.org) ~~no~~ ||spoiler||",
    "first line\n\n\nfourth line",
    "tab\there,  two  spaces",
    "İIıi ß ẞ ﬁ Ⅳ ½ ａ",
    "i dont no how to spel it but i ment evry word",
    "in the middle /review /send",
    "http://example.org/?q=1#a @somebody #tag",
    "가각 กำ नमस्ते ไทย ᚠᛇᚻ 𝔘𝔫𝔦 𒀀",
    "0 7 07700 900142 1.000,50 ١٢٣",
)
"""Composed and not, joined and not, either way round, and all that means something somewhere."""

LETTERS = some.characters(exclude_categories=["Cs"], exclude_characters="\r\x00")
TEXT = (
    some.text(LETTERS, min_size=1, max_size=60)
    | some.lists(some.sampled_from(NASTY), min_size=1, max_size=3).map("".join)
    | some.text(some.sampled_from(" \n\t\u00a0\u200b\u200d\u0301\u202eא1a"), min_size=1)
).filter(lambda text: bool(text.strip()) and len(text) <= LONGEST_WORDS)

SHARED = Sharing(hears="meeting", says=Speaker.ME, chosen=True)
MACHINE = library().newest("parent")
AT_WORRIES = Conversation(
    flow="parent",
    version=MACHINE.flow.version,
    channel="web",
    language="en",
    state="worries",
    seen=tuple(MACHINE.explained_first),
)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(text=TEXT, channel=some.sampled_from(["telegram", "web"]))
@example(text="  trailing \n", channel="web")
def test_whatever_letters_they_are_they_come_through(text: str, channel: str) -> None:
    around = AROUND.model_copy(update={"channel": channel})
    said = Words(text=text, ref="1", about="worries")
    reply = take_turn(MACHINE, AT_WORRIES, said, around, library().wording)
    kept = Conversation.model_validate_json(reply.conversation.model_dump_json())
    if "worries" not in kept.answers:
        # "help", "stop", "are you real?", or a button's own words, typed alone.
        assert len(text.strip()) < 100
        return
    answer = kept.answers["worries"].model_copy(update={"sharing": SHARED})
    kept = kept.model_copy(update={"answers": {"worries": answer}})
    stored = coordinators_copy(MACHINE, kept).model_dump_json()
    copy = CoordinatorCopy.model_validate_json(stored)
    on_the_page = entry(MACHINE, copy.items[0], Reader(library().wording, "en"), "en")
    assert [piece.text for piece in on_the_page.pieces] == [text]
    chat = summary_in_chat(UUID(int=1), MACHINE, copy, "Dawn", "Kit's mum", "en", library().wording)
    assert [p.text for p in chat.paragraphs if p.style is Style.QUOTE] == [text]
    handed = copy_for_the_meeting([Shared("Dawn", meeting_copy(copy))], library(), "en")
    assert [piece.text for piece in handed.voices[0].lines[0].pieces] == [text]


def test_most_of_these_texts_are_answers() -> None:
    """Or the test above could not fail."""
    assert all(Answer(step="worries", parts=(Part(text=text),)).said_something for text in NASTY)
    for text in NASTY:
        reply = take_turn(MACHINE, AT_WORRIES, Words(text=text), AROUND, library().wording)
        assert reply.conversation.answers["worries"].parts[0].text == text


def random_texts(seed: int, count: int) -> list[str]:
    """Pieces of the nasty ones put together anew."""
    random = Random(seed)  # noqa: S311 - the same each time
    letters = sorted({letter for text in NASTY for letter in text})
    return [f"{n} {''.join(random.choices(letters, k=25))} {n}" for n in range(count)]


@pytest.mark.asyncio
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_from_either_channel_to_the_page_the_chat_and_the_copy_and_nowhere_else(
    database: Database,
    service_key: ServiceKey,
    clock: MovableClock,
    telegram: Emulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called = outgoing(monkeypatch)
    async with coordinators_side(database, service_key, clock, telegram) as side:
        dawns = await dawn_writes(side, telegram, [*NASTY, *random_texts(14, 8)])
        kits = await kit_writes(side, [*NASTY, *random_texts(15, 8)])
        await side.post.has(2)
        for person, texts in (("dawn", dawns), ("kit", kits)):
            page = await side.desk.get(f"/coordinator/summary/{await side.id_of(person)}")
            assert typed(quotes_on_page(page.text)) == texts, person
        chats = typed(quotes_in_chat(side.chat.screen))
        # Kit is 13: none of his words go by Telegram.
        assert [as_telegram_has_it(one) for one in chats] == [
            as_telegram_has_it(one) for one in dawns
        ]
        copy = await side.desk.get(f"/coordinator/meeting/{side.made['meeting']}/copy")
        assert quotes_on_page(copy.text) == [*dawns, *kits]
        own = {int(side.service.address.rpartition(":")[2])}
        allowed = own | {side.post.port, int(telegram.url.rpartition(":")[2])}
        assert {host for host, _ in called} == {"127.0.0.1"}
        assert {port for _, port in called} == allowed, "Telegram, the mail server, and ourselves"


def typed(quotes: list[str]) -> list[str]:
    """Without what was tapped on the way there."""
    return [one for one in quotes if one != "Yes"]


def as_telegram_has_it(text: str) -> str:
    """Telegram takes what cannot be shown out of any message, and space off its ends."""
    return re.sub(r"\s+", " ", text).strip()


async def dawn_writes(side: CoordinatorsSide, telegram: Emulator, texts: list[str]) -> list[str]:
    """In Telegram, one message after the other; and lets the meeting hear them."""
    dawn = telegram.person("Dawn")
    await player.come_in(dawn, side.link("dawn")["telegram"]["start"])
    await skip_to(dawn, "worries")
    kept = []
    for text in texts:
        kept.append(dawn.says(text).text)
        await dawn.quiet()
    for choice in ("meeting", "me"):
        dawn.taps(player.payload(player.question(dawn), choice))
        await dawn.quiet()
    dawn.says("/review")
    await dawn.quiet()
    for choice in ("look", "send"):
        dawn.taps(player.payload(player.question(dawn), choice))
        await dawn.quiet()
    await side.chat.sees("Dawn O'Shea")
    return kept


async def skip_to(person: Any, state: str) -> None:
    for _ in range(60):
        now, choices = player.where(player.question(person))
        if now == state:
            return
        ways = ("en", "yes", "go_on", "skip")
        way = next(way for way in ways if way in choices)
        person.taps(player.payload(player.question(person), way))
        await person.quiet(settled_s=0.01)
    raise AssertionError(state)


async def kit_writes(side: CoordinatorsSide, texts: list[str]) -> list[str]:
    """In the web chat."""
    kit = Visitor.of(side.service.address, {})
    async with kit.client:
        await kit.come_in(side.link("kit")["web"])
        await kit.go_to("worries")
        for text in texts:
            await kit.says(text.replace("\n", "\r\n"))  # as browsers send it
        await kit.taps("meeting")
        await kit.taps("me")
        await kit.does(command="review")
        await kit.taps("look")
        await kit.taps("send")
    await side.chat.sees("Kit (")
    return texts


def outgoing(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every connection that this process makes from now on, and every name that it looks up."""
    called: list[tuple[str, int]] = []
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def noted(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            called.append((str(address[0]), int(address[1])))
        connect(self, address)

    def looked_up(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        called.append((str(host), int(port or 0)))
        return look_up(host, port, *more, **named)

    monkeypatch.setattr(socket.socket, "connect", noted)
    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    return called


MODELS = {
    "ai21", "aisuite", "anthropic", "autogen", "azure-ai", "bitsandbytes", "boto3", "bedrock",
    "claude", "cohere", "ctransformers", "dashscope", "deepseek", "dspy", "fireworks", "gemini",
    "genai", "google-generativeai", "gpt4all", "groq", "guidance", "haystack", "huggingface",
    "instructor", "langchain", "langgraph", "litellm", "llama", "llamaindex", "llm", "mistral",
    "mlx", "nltk", "ollama", "onnxruntime", "openai", "openrouter", "outlines", "perplexity",
    "pydantic-ai", "replicate", "semantic-kernel", "sentence-transformers", "spacy", "tensorflow",
    "tiktoken", "tokenizers", "together", "torch", "transformers", "vertexai", "vllm", "whisper",
}  # fmt: skip


def names_a_model(name: str) -> bool:
    parts = re.split(r"[-_.]", name.lower())
    whole = name.lower().replace("_", "-")
    return any(model in parts or whole.startswith(model) for model in MODELS)


def test_no_language_model_can_be_reached_from_here() -> None:
    """Not among what we depend on, at any remove, and not imported."""
    assert names_a_model("langchain-core")
    assert names_a_model("google_generativeai")
    seen, waiting = set[str](), ["beforehand"]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        with contextlib.suppress(PackageNotFoundError):  # for other systems and older Pythons
            needs = [one for one in requires(name) or () if "extra ==" not in one]
            waiting += [re.split(r"[^A-Za-z0-9._-]", one)[0] for one in needs]
    assert len(seen) > 20
    assert not [name for name in seen if names_a_model(name)]
    pins = re.findall(
        r'^\s*"([A-Za-z0-9._-]+)', (ROOT / "pyproject.toml").read_text(), re.MULTILINE
    )
    assert "sqlalchemy" in pins
    assert not [name for name in pins if names_a_model(name)]
    for module in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "flows").rglob("*.py")]:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            assert not [name for name in names if names_a_model(name)], module
