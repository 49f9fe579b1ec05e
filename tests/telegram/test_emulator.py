"""The emulator is as strict as Telegram: python-telegram-bot meets it over real HTTP."""

import asyncio
import json
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    KeyboardButton,
    MenuButtonCommands,
    ReplyKeyboardMarkup,
    ReplyParameters,
    Update,
)
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)
from telegram.request import HTTPXRequest

from tests.telegram.emulator import (
    Cut,
    CutAfterAccepting,
    Emulator,
    Held,
    MovableClock,
    Person,
    Refusal,
    ServerError,
    SilentAfterAccepting,
    Slow,
    TooManyRequests,
)
from tests.telegram.emulator.formatted import Entity
from tests.telegram.emulator.html import parse_html
from tests.telegram.emulator.signals import Signal

ON_LOOPBACK = {"trust_env": False, "verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)}
"""Each client would read every authority that there is otherwise, for TLS that is not used."""
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(MORNING)


@pytest_asyncio.fixture
async def telegram(clock: MovableClock) -> AsyncIterator[Emulator]:
    async with Emulator.serving(now=clock, webhook_retry_s=0.01) as running:
        yield running


@asynccontextmanager
async def a_bot(telegram: Emulator, read_timeout_s: float = 5.0) -> AsyncIterator[Bot]:
    bot = Bot(
        telegram.token,
        base_url=telegram.base_url,
        base_file_url=telegram.base_file_url,
        request=HTTPXRequest(read_timeout=read_timeout_s, httpx_kwargs=ON_LOOPBACK),
        get_updates_request=HTTPXRequest(httpx_kwargs=ON_LOOPBACK),
    )
    async with bot:
        yield bot


@pytest_asyncio.fixture
async def bot(telegram: Emulator) -> AsyncIterator[Bot]:
    async with a_bot(telegram) as made:
        yield made


@pytest.fixture
def dawn(telegram: Emulator) -> Person:
    """Someone who has opened the chat."""
    person = telegram.person("Dawn")
    person.start()
    return person


@contextmanager
def refused(description: str, kind: type[Exception] = BadRequest) -> Iterator[None]:
    """python-telegram-bot shows a refusal without "Bad Request: " and with a capital."""
    with pytest.raises(kind) as caught:
        yield
    assert str(caught.value).lower() == description.lower()


def buttons(*labels_and_data: tuple[str, str]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=data)] for label, data in labels_and_data]
    )


# What is said


@pytest.mark.asyncio
async def test_a_message_is_on_the_screen_as_it_was_sent(bot: Bot, dawn: Person) -> None:
    sent = await bot.send_message(
        dawn.id,
        "Hello <b>Dawn</b> &amp; all",
        parse_mode="HTML",
        reply_markup=buttons(("Go on", "go")),
        protect_content=True,
        disable_notification=True,
    )

    shown = dawn.last
    assert (shown.id, shown.text, shown.labels) == (sent.message_id, "Hello Dawn & all", ["Go on"])
    assert shown.entities == (Entity("bold", 6, 4),)
    assert shown.protect_content
    assert shown.silent
    assert sent.has_protected_content


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "message text is empty"),
        (" \n\u200b ", "text must be non-empty"),
        ("<b></b>", "text must be non-empty"),
        ("x" * 4097, "message is too long"),
        ("😀" * 2049, "message is too long"),
    ],
)
async def test_a_text_has_1_to_4096_utf16_units(
    bot: Bot, dawn: Person, text: str, complaint: str
) -> None:
    with refused(complaint):
        await bot.send_message(dawn.id, text, parse_mode="HTML")
    assert len(dawn.screen) == 1


@pytest.mark.asyncio
async def test_the_limit_counts_what_is_left_after_the_entities_are_read(
    bot: Bot, dawn: Person
) -> None:
    await bot.send_message(dawn.id, "<b>" + "&amp;" * 4096 + "</b>", parse_mode="HTML")
    assert dawn.last.text == "&" * 4096
    await bot.send_message(dawn.id, "😀" * 2048)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("<p>a</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("é<br>", 'Unsupported start tag "br" at byte offset 2'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("1 <2", "Unclosed start tag at byte offset 2"),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        (
            "<b><i>a</b></i>",
            'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
        ),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<i>a</i   ", "Unclosed end tag at byte offset 4"),
        ("<i   =aba>", 'Empty attribute name in the tag "i" at byte offset 0'),
        ("<i    aba>", 'Can\'t find end tag corresponding to start tag "i"'),
        ("<i    aba  =  ", 'Unclosed start tag "i" at byte offset 0'),
        ("<i    aba  =  190azAz-.,", "Unexpected end of name token at byte offset 14"),
        ('<i    aba  =  "&lt;&gt;&quot;>', "Unclosed start tag at byte offset 0"),
        ('<span class="big">a</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        (
            "&#xDFDF;",
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units",
        ),
    ],
)
def test_html_is_refused_in_telegrams_words(source: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse_html(source)
    assert str(caught.value) == complaint


@pytest.mark.asyncio
async def test_bad_html_is_a_bad_request(bot: Bot, dawn: Person) -> None:
    with refused('can\'t parse entities: Unsupported start tag "h1" at byte offset 0'):
        await bot.send_message(dawn.id, "<h1>Hello</h1>", parse_mode="HTML")


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("&ge;&lt;&gt;&amp;&quot;&#39;&#x1F600;", "&ge;<>&\"'😀", ()),
        ("😀<b>a</b>", "😀a", (Entity("bold", 2, 1),)),
        (
            '<blockquote expandable>a</blockquote><span class="tg-spoiler">b</span>',
            "ab",
            (Entity("expandable_blockquote", 0, 1), Entity("spoiler", 1, 1)),
        ),
        (
            '<a href="https://example.org/?a&amp;b">x</a><a href="nowhere">y</a>',
            "xy",
            (Entity("text_link", 0, 1, url="https://example.org/?a&b"),),
        ),
        (
            '<pre><code class="language-py">a</code></pre>',
            "a",
            (Entity("pre", 0, 1, language="py"),),
        ),
        ("<STRONG>a</sTrong><u></u>", "a", (Entity("bold", 0, 1),)),
        ("<b>a<b>b</b></b>", "ab", (Entity("bold", 0, 2),)),
        ('<tg-emoji emoji-id="12">🙂</tg-emoji>', "🙂", None),
    ],
)
def test_good_html_becomes_entities(
    source: str, text: str, entities: tuple[Entity, ...] | None
) -> None:
    read = parse_html(source)
    assert read.text == text
    assert entities is None or read.entities == entities


@pytest.mark.asyncio
async def test_telegram_trims_and_cleans_and_keeps_isolates(bot: Bot, dawn: Person) -> None:
    await bot.send_message(dawn.id, "  \n\u202ea\u2068b\u2069 <b>c </b>\r\n ", parse_mode="HTML")
    assert dawn.last.text == "a\u2068b\u2069 c"
    assert dawn.last.entities == (Entity("bold", 5, 1),)


@pytest.mark.asyncio
async def test_a_surrogate_alone_is_refused(telegram: Emulator, dawn: Person) -> None:
    body = f'{{"chat_id": {dawn.id}, "text": "a\\ud800"}}'
    async with httpx.AsyncClient(trust_env=False) as client:
        for content, kind in (
            (body, "application/json"),
            (f"chat_id={dawn.id}&text=%ED%A0%80", "application/x-www-form-urlencoded"),
        ):
            reply = await client.post(
                f"{telegram.base_url}{telegram.token}/sendMessage",
                content=content,
                headers={"Content-Type": kind},
            )
            assert reply.status_code == 400
            assert reply.json() == {
                "ok": False,
                "error_code": 400,
                "description": "Bad Request: strings must be encoded in UTF-8",
            }


@pytest.mark.asyncio
async def test_every_way_to_pass_parameters_works(telegram: Emulator, dawn: Person) -> None:
    where = f"{telegram.base_url}{telegram.token}/sendMessage"
    asked = {"chat_id": str(dawn.id), "text": "Good day"}
    async with httpx.AsyncClient(trust_env=False) as client:
        replies = [
            await client.get(where, params=asked),
            await client.post(where.replace("sendMessage", "SENDMESSAGE"), data=asked),
            await client.post(where, json={**asked, "chat_id": dawn.id}),
            await client.post(where, data=asked, files={"unused": b"x"}),
        ]
        missing = await client.get(where.replace("sendMessage", "sendSmoke"))
        nowhere = await client.get(f"{telegram.base_url}not-a-token/getMe")
    assert [reply.json()["ok"] for reply in replies] == [True] * 4
    assert missing.json()["description"] == "Not Found: method not found"
    assert (missing.status_code, nowhere.status_code) == (404, 404)
    assert [call.params["chat_id"] for call in telegram.calls("sendMessage")] == [dawn.id] * 4


# Keyboards


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("button", "complaint"),
    [
        ({"text": "a", "callback_data": "é" * 33}, "button_data_invalid"),
        (
            {"text": "a", "callback_data": ""},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"text": " ", "callback_data": "a"}, "inline keyboard button text must be non-empty"),
        (
            {"text": "a", "url": "http://localhost:8080/x"},
            "inline keyboard button URL 'http://localhost:8080/x' is invalid: Wrong HTTP URL",
        ),
        (
            {"text": "a", "url": "ftp://example.org"},
            "inline keyboard button URL 'ftp://example.org' is invalid: Unsupported URL protocol",
        ),
    ],
)
async def test_a_button_that_telegram_would_refuse(
    bot: Bot, dawn: Person, button: dict[str, str], complaint: str
) -> None:
    with refused(complaint):
        await bot.send_message(
            dawn.id,
            "Choose",
            api_kwargs={"reply_markup": json.dumps({"inline_keyboard": [[button]]})},
        )


@pytest.mark.asyncio
async def test_64_bytes_and_100_buttons_are_the_most(bot: Bot, dawn: Person) -> None:
    await bot.send_message(dawn.id, "Choose", reply_markup=buttons(*[("a", "é" * 32)] * 100))
    with refused("reply markup is too long"):
        await bot.send_message(dawn.id, "Choose", reply_markup=buttons(*[("a", "b")] * 101))


@pytest.mark.asyncio
async def test_a_reply_keyboards_button_is_sent_as_words(bot: Bot, dawn: Person) -> None:
    await bot.send_message(
        dawn.id, "Ready?", reply_markup=ReplyKeyboardMarkup([[KeyboardButton("Yes")]])
    )
    dawn.taps("Yes")
    assert dawn.screen[-1].text == "Yes"
    assert not dawn.screen[-1].from_bot


# Who may be written to


@pytest.mark.asyncio
async def test_nobody_is_written_to_before_they_open_the_chat(telegram: Emulator, bot: Bot) -> None:
    stranger, acquaintance = telegram.person("Ash"), telegram.person("Lee", known_to_bot=True)
    with refused("chat not found"):
        await bot.send_message(stranger.id, "Hello")
    with refused("Forbidden: bot can't initiate conversation with a user", Forbidden):
        await bot.send_message(acquaintance.id, "Hello")
    with refused("chat not found"):
        await bot.send_message(4, "Hello")


@pytest.mark.asyncio
async def test_who_blocks_the_bot_is_heard_of_and_not_written_to(bot: Bot, dawn: Person) -> None:
    dawn.blocks_bot()
    with refused("Forbidden: bot was blocked by the user", Forbidden):
        await bot.send_message(dawn.id, "Hello")
    dawn.unblocks_bot()
    await bot.send_message(dawn.id, "Hello")

    changes = [u.my_chat_member for u in await bot.get_updates() if u.my_chat_member]
    assert [change.new_chat_member.status for change in changes] == ["kicked", "member"]


# Editing and deleting


@pytest.mark.asyncio
async def test_an_edit_must_change_something_that_is_there(bot: Bot, dawn: Person) -> None:
    unchanged = (
        "message is not modified: specified new message content and reply markup are "
        "exactly the same as a current content and reply markup of the message"
    )
    sent = await bot.send_message(dawn.id, "One", reply_markup=buttons(("a", "b")))
    with refused(unchanged):
        await bot.edit_message_text("One", dawn.id, sent.id, reply_markup=buttons(("a", "b")))
    await bot.edit_message_text("One", dawn.id, sent.id)
    assert dawn.last.buttons == ()
    with refused(unchanged):
        await bot.edit_message_reply_markup(dawn.id, sent.id)
    with refused("message to edit not found"):
        await bot.edit_message_text("Two", dawn.id, 999)
    with refused("message can't be edited"):
        await bot.edit_message_text("Two", dawn.id, dawn.says("Mine").id)


@pytest.mark.asyncio
async def test_messages_of_both_sides_can_be_deleted_for_48_hours(
    bot: Bot, dawn: Person, clock: MovableClock
) -> None:
    mine, yours = dawn.says("Mine"), await bot.send_message(dawn.id, "Yours")
    clock.move(timedelta(hours=47, minutes=59))
    later = await bot.send_message(dawn.id, "Later")
    assert await bot.delete_message(dawn.id, mine.id)
    clock.move(timedelta(minutes=1))

    with refused("message can't be deleted for everyone"):
        await bot.delete_message(dawn.id, yours.id)
    with refused("message can't be deleted for everyone"):
        await bot.delete_messages(dawn.id, [yours.id, later.id])
    with refused("message to delete not found"):
        await bot.delete_message(dawn.id, mine.id)
    assert await bot.delete_messages(dawn.id, [later.id, 999])
    assert [message.text for message in dawn.screen] == ["/start", "Yours"]


# Taps


@pytest.mark.asyncio
async def test_a_tap_is_answered_once_and_in_time(
    bot: Bot, dawn: Person, clock: MovableClock
) -> None:
    await bot.send_message(dawn.id, "Choose", reply_markup=buttons(("Yes", "y1")))
    dawn.taps("Yes")
    query = await _newest_tap(bot)
    assert (query.data, query.from_user.language_code) == ("y1", "en")
    assert query.message is not None
    assert query.message.message_id == dawn.last.id

    with refused("message_too_long"):
        await query.answer("x" * 201)
    await query.answer("Noted", show_alert=True)
    assert [(popup.text, popup.is_alert) for popup in dawn.popups] == [("Noted", True)]
    too_late = "query is too old and response timeout expired or query ID is invalid"
    with refused(too_late):
        await query.answer()
    second = dawn.taps("y1")
    clock.move(timedelta(minutes=16))
    with refused(too_late):
        await bot.answer_callback_query(second)
    with refused(too_late):
        await bot.answer_callback_query("made-up")


@pytest.mark.asyncio
async def test_a_stale_button_still_reaches_the_bot(bot: Bot, dawn: Person) -> None:
    sent = await bot.send_message(dawn.id, "Choose", reply_markup=buttons(("Yes", "y1")))
    before = dawn.last
    await bot.edit_message_text("Chosen", dawn.id, sent.id)
    with pytest.raises(AssertionError, match="nothing to tap"):
        dawn.taps("Yes")
    dawn.taps_old(before, "Yes")
    assert (await _newest_tap(bot)).data == "y1"
    await bot.delete_message(dawn.id, sent.id)
    dawn.taps_old(before, "Yes")
    gone = (await _newest_tap(bot)).message
    assert gone is not None
    assert not gone.is_accessible


# What people send


@pytest.mark.asyncio
async def test_whatever_a_person_sends_is_a_real_update(telegram: Emulator, bot: Bot) -> None:
    ravi = telegram.person("Ravi", language_code="pa")
    ravi.start("abc_123")
    first = ravi.says("see https://example.org/x or me@example.org, /help")
    ravi.edits(first, "never mind")
    ravi.replies(first, "this one")
    ravi.forwards("not mine")
    ravi.sends_voice(b"voice")
    ravi.sends_photo(b"photo", caption="look")
    ravi.sends_document("a.pdf", b"%PDF", "application/pdf")
    ravi.sends_album([b"1", b"2"])
    ravi.sends_sticker()
    ravi.sends_contact()
    ravi.sends_location()
    ravi.sends_poll()

    updates = await bot.get_updates()
    assert [u.update_id for u in updates] == list(range(1000, 1014))
    start, said, edited, reply, forward, voice, photo, paper, one, two, *rest = updates
    assert start.message is not None
    assert start.message.text == "/start abc_123"
    assert [(e.type, e.offset, e.length) for e in start.message.entities] == [("bot_command", 0, 6)]
    assert start.effective_user is not None
    assert start.effective_user.language_code == "pa"
    assert said.message is not None
    assert [e.type for e in said.message.entities] == ["url", "email", "bot_command"]
    assert edited.edited_message is not None
    assert edited.edited_message.text == "never mind"
    assert reply.message is not None
    assert reply.message.reply_to_message is not None
    assert forward.message is not None
    assert forward.message.forward_origin is not None
    assert voice.message is not None
    assert voice.message.voice is not None
    assert photo.message is not None
    assert (photo.message.caption, len(photo.message.photo)) == ("look", 2)
    assert paper.message is not None
    assert paper.message.document is not None
    assert one.message is not None
    assert two.message is not None
    assert one.message.media_group_id == two.message.media_group_id is not None
    kinds = [u.message.effective_attachment.__class__.__name__ for u in rest if u.message]
    assert kinds == ["Sticker", "Contact", "Location", "Poll"]


@pytest.mark.asyncio
async def test_a_very_long_text_arrives_in_pieces(bot: Bot, dawn: Person) -> None:
    dawn.says("word " * 2000)
    pieces = [u.message.text for u in await bot.get_updates(offset=1001) if u.message]
    assert [len(piece or "") <= 4096 for piece in pieces] == [True] * 3


@pytest.mark.asyncio
async def test_files_come_down_up_to_20_mb(bot: Bot, dawn: Person) -> None:
    dawn.sends_voice(b"a voice")
    dawn.sends_document("film.mp4", b"", "video/mp4", size_bytes=20 * 1024 * 1024 + 1)
    _, voice, film = await bot.get_updates()
    assert voice.message is not None
    assert voice.message.voice is not None
    file = await voice.message.voice.get_file()
    assert bytes(await file.download_as_bytearray()) == b"a voice"
    assert film.message is not None
    assert film.message.document is not None
    with refused("file is too big"):
        await film.message.document.get_file()


@pytest.mark.asyncio
async def test_files_go_up_with_a_caption_of_1024(bot: Bot, dawn: Person) -> None:
    sent = await bot.send_document(
        dawn.id, b"%PDF", filename="copy.pdf", caption="<i>Yours</i>", parse_mode="HTML"
    )
    assert sent.document is not None
    assert sent.document.file_name == "copy.pdf"
    again = await bot.send_document(dawn.id, sent.document.file_id)
    assert again.document is not None
    assert (await bot.get_file(again.document.file_id)).file_size == 4
    await bot.send_photo(dawn.id, InputFile(b"jpeg", attach=True, filename="p.jpg"))
    await bot.send_voice(dawn.id, b"ogg")
    assert [m.kind for m in dawn.screen[1:]] == ["document", "document", "photo", "voice"]
    with refused("message caption is too long"):
        await bot.send_photo(dawn.id, b"jpeg", caption="x" * 1025)
    with refused("file must be non-empty"):
        await bot.send_document(dawn.id, InputFile(b"", filename="empty.txt"))


@pytest.mark.asyncio
async def test_a_reply_needs_its_message(bot: Bot, dawn: Person) -> None:
    first = dawn.says("Mine")
    reply = await bot.send_message(
        dawn.id, "To that", reply_parameters=ReplyParameters(message_id=first.id)
    )
    assert reply.reply_to_message is not None
    with refused("message to be replied not found"):
        await bot.send_message(
            dawn.id, "To what?", reply_parameters=ReplyParameters(message_id=999)
        )


@pytest.mark.asyncio
async def test_the_profile_is_kept_by_language_and_scope(bot: Bot, dawn: Person) -> None:
    help_command = BotCommand("help", "Help now")
    everyone = BotCommandScopeAllPrivateChats()
    await bot.set_my_commands([help_command], scope=everyone, language_code="cy")
    assert await bot.get_my_commands(everyone, "cy") == (help_command,)
    assert await bot.get_my_commands(everyone) == ()
    await bot.delete_my_commands(everyone, "cy")
    assert await bot.get_my_commands(everyone, "cy") == ()
    with refused("bot_command_invalid"):
        await bot.set_my_commands([BotCommand("Help", "Help now")])
    with refused("bot_commands_too_much"):
        await bot.set_my_commands([help_command] * 101)
    with refused("chat not found"):
        await bot.set_my_commands([help_command], scope=BotCommandScopeChat(4))
    await bot.set_my_short_description("Before the meeting")
    await bot.set_my_short_description("Cyn y cyfarfod", language_code="cy")
    assert (await bot.get_my_short_description("cy")).short_description == "Cyn y cyfarfod"
    assert (await bot.get_my_short_description("pl")).short_description == "Before the meeting"
    await bot.set_my_description("What this is")
    await bot.set_my_name("Before the meeting")
    await bot.set_chat_menu_button(dawn.id, MenuButtonCommands())
    await bot.send_chat_action(dawn.id, "typing")
    assert (await bot.get_chat(dawn.id)).first_name == "Dawn"


# How updates come


@pytest.mark.asyncio
async def test_an_update_comes_until_the_offset_passes_it(bot: Bot, dawn: Person) -> None:
    dawn.says("one")
    dawn.says("two")
    assert _ids(await bot.get_updates(limit=2)) == [1000, 1001]
    assert _ids(await bot.get_updates()) == [1000, 1001, 1002]
    assert _ids(await bot.get_updates(offset=1002)) == [1002]
    assert _ids(await bot.get_updates(offset=1003)) == []
    await dawn.quiet()


@pytest.mark.asyncio
async def test_a_long_poll_ends_when_something_comes(bot: Bot, dawn: Person) -> None:
    await bot.get_updates(offset=1001)
    polling = asyncio.create_task(bot.get_updates(offset=1001, timeout=20))
    dawn.says("hello")
    assert _ids(await polling) == [1001]


@pytest.mark.asyncio
async def test_only_one_may_poll_and_none_beside_a_webhook(telegram: Emulator, bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=20))
    await telegram.until(lambda: telegram.world.on_their_way[None])
    second = asyncio.create_task(bot.get_updates(timeout=20))
    with refused(
        "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running",
        Conflict,
    ):
        await first
    await telegram.until(lambda: telegram.calls("getUpdates"))
    await bot.set_webhook("https://example.org/hook")
    with refused("Conflict: terminated by setWebhook request", Conflict):
        await second
    with refused(
        "Conflict: can't use getUpdates method while webhook is active; "
        "use deleteWebhook to delete the webhook first",
        Conflict,
    ):
        await bot.get_updates()
    await bot.delete_webhook()
    assert await bot.get_updates() == ()


@pytest.mark.asyncio
async def test_an_update_can_come_again_and_out_of_order(
    telegram: Emulator, bot: Bot, dawn: Person
) -> None:
    await bot.get_updates(offset=1001)
    telegram.redeliver(1000)
    assert _ids(await bot.get_updates(offset=1001)) == [1000]
    assert _ids(await bot.get_updates(offset=1001)) == []
    with telegram.reordered():
        dawn.says("one")
        dawn.says("two")
        assert _ids(await bot.get_updates(offset=1001)) == []
    assert _ids(await bot.get_updates(offset=1001)) == [1002, 1001]


@pytest.mark.asyncio
async def test_an_update_is_kept_for_a_day_and_only_if_wanted(
    bot: Bot, dawn: Person, clock: MovableClock
) -> None:
    await bot.get_updates(offset=1001, allowed_updates=["callback_query"])
    dawn.says("not wanted")
    assert _ids(await bot.get_updates(offset=1001, allowed_updates=[])) == []
    dawn.says("too late")
    clock.move(timedelta(hours=24))
    assert _ids(await bot.get_updates(offset=1001)) == []


# The webhook


class Inbox:
    """A webhook's other end. `replies` are its next answers; after those it says yes."""

    def __init__(self) -> None:
        self.updates: list[dict[str, object]] = []
        self.secrets: list[str | None] = []
        self.replies: list[tuple[int, str]] = []
        self.took_one = Signal()
        self.at_once = 0
        self.most_at_once = 0
        self.open = asyncio.Event()
        self.open.set()
        self.url = ""

    @property
    def ids(self) -> list[object]:
        return [update["update_id"] for update in self.updates]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._answer(head.decode(), reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(
        self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        headers = dict(
            line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line
        )
        self.updates.append(json.loads(await reader.readexactly(int(headers["content-length"]))))
        self.secrets.append(headers.get("x-telegram-bot-api-secret-token"))
        status, body = self.replies.pop(0) if self.replies else (200, "")
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.took_one.notify()
        await self.open.wait()
        self.at_once -= 1
        writer.write(f"HTTP/1.1 {status} -\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        await writer.drain()


@pytest_asyncio.fixture
async def inbox() -> AsyncIterator[Inbox]:
    made = Inbox()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    async with server:
        made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/telegram"
        yield made


@pytest.mark.asyncio
async def test_a_webhook_gets_its_updates_with_its_secret(
    bot: Bot, dawn: Person, inbox: Inbox
) -> None:
    await bot.set_webhook(inbox.url, secret_token="s3cret-word")  # noqa: S106 - made up
    dawn.says("hello")
    await dawn.quiet()
    assert inbox.ids == [1000, 1001]
    assert inbox.secrets == ["s3cret-word"] * 2
    assert Update.de_json(inbox.updates[1], bot).effective_user is not None
    assert (await bot.get_webhook_info()).pending_update_count == 0
    await bot.delete_webhook()


@pytest.mark.asyncio
async def test_a_refused_update_comes_again_before_the_next_of_its_chat(
    telegram: Emulator, bot: Bot, dawn: Person, inbox: Inbox
) -> None:
    other = telegram.person("Ash")
    inbox.replies = [(500, ""), (503, "")]
    await bot.set_webhook(inbox.url)
    dawn.says("second")
    await dawn.quiet()
    assert inbox.ids == [1000, 1000, 1000, 1001]
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 503 -"

    inbox.open.clear()
    dawn.says("third")
    dawn.says("fourth")
    other.start()
    await inbox.took_one.until(lambda: inbox.at_once == 2, 5.0, lambda: "one of each chat")
    inbox.open.set()
    await dawn.quiet()
    await other.quiet()
    assert [one for one in inbox.ids if one != 1004] == [1000, 1000, 1000, 1001, 1002, 1003]


@pytest.mark.asyncio
async def test_max_connections_is_kept(telegram: Emulator, bot: Bot, inbox: Inbox) -> None:
    await bot.set_webhook(inbox.url, max_connections=2)
    inbox.open.clear()
    people = [telegram.person(name) for name in ("Ash", "Lee", "Sam", "Kit")]
    for person in people:
        person.start()
    await inbox.took_one.until(lambda: inbox.at_once == 2, 5.0, lambda: "two at once")
    inbox.open.set()
    for person in people:
        await person.quiet()
    assert inbox.most_at_once == 2


@pytest.mark.asyncio
async def test_a_webhooks_reply_may_be_a_method(bot: Bot, dawn: Person, inbox: Inbox) -> None:
    inbox.replies = [
        (200, json.dumps({"method": "sendMessage", "chat_id": dawn.id, "text": "Welcome"}))
    ]
    await bot.set_webhook(inbox.url)
    assert [message.text for message in await dawn.hears()] == ["Welcome"]


@pytest.mark.asyncio
async def test_a_webhook_that_telegram_would_not_take(bot: Bot) -> None:
    with refused("bad webhook: An HTTPS URL must be provided for webhook"):
        await bot.set_webhook("http://example.org/hook")
    with refused("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"):
        await bot.set_webhook("https://example.org:9000/hook")
    with refused("secret token contains unallowed characters"):
        await bot.set_webhook("https://example.org/hook", secret_token="no spaces")  # noqa: S106


# What goes wrong


@pytest.mark.asyncio
async def test_planned_refusals_happen_so_often_and_do_nothing(
    telegram: Emulator, bot: Bot, dawn: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without it, python-telegram-bot's RetryAfter warns of a change to come as it is raised.
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    other = telegram.person("Ash")
    other.start()
    flood = telegram.fails("sendMessage", TooManyRequests(7), chat=dawn.id, times=2)
    await bot.send_message(other.id, "Hello")
    for _ in range(2):
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(dawn.id, "Hello")
        assert caught.value.retry_after == timedelta(seconds=7)
    await bot.send_message(dawn.id, "Hello")
    assert flood.hits == 2
    assert [call.refused is None for call in telegram.calls("sendMessage", dawn.id)] == [
        False,
        False,
        True,
    ]

    telegram.fails(None, ServerError(502))
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(dawn.id, "Hello")
    telegram.fails(None, Refusal(403, "Forbidden: user is deactivated"))
    with refused("Forbidden: user is deactivated", Forbidden):
        await bot.send_message(dawn.id, "Hello")
    assert len(dawn.screen) == 2


@pytest.mark.asyncio
async def test_a_time_out_after_acceptance_leaves_the_message_there(
    telegram: Emulator, dawn: Person
) -> None:
    async with a_bot(telegram, read_timeout_s=0.2) as bot:
        telegram.fails("sendMessage", SilentAfterAccepting())
        with pytest.raises(TimedOut):
            await bot.send_message(dawn.id, "Once")
        telegram.fails("sendMessage", CutAfterAccepting())
        with pytest.raises(NetworkError):
            await bot.send_message(dawn.id, "Twice")
        telegram.fails("sendMessage", Cut())
        with pytest.raises(NetworkError):
            await bot.send_message(dawn.id, "Never")
    assert [message.text for message in await dawn.hears(2)] == ["Once", "Twice"]


@pytest.mark.asyncio
async def test_a_slow_call_is_done_when_it_is_let_go(
    telegram: Emulator, bot: Bot, dawn: Person
) -> None:
    held = Held()
    slow = telegram.fails("sendMessage", held)
    sending = asyncio.create_task(bot.send_message(dawn.id, "Slowly"))
    await dawn.chat.changed.until(lambda: slow.hits, 5.0, lambda: "the call")
    assert len(dawn.screen) == 1
    held.let_go.set()
    await sending
    telegram.fails("sendMessage", Slow(0.01))
    await bot.send_message(dawn.id, "Slowly again")
    assert len(dawn.screen) == 3


@pytest.mark.asyncio
async def test_an_outage_refuses_connections_and_ends(
    telegram: Emulator, bot: Bot, dawn: Person
) -> None:
    polling = asyncio.create_task(bot.get_updates(offset=1001, timeout=20))
    await telegram.until(lambda: telegram.world.on_their_way[None])
    async with telegram.outage():
        with pytest.raises(NetworkError):
            await polling
        with pytest.raises(NetworkError, match="ConnectError"):
            await bot.send_message(dawn.id, "Hello")
        dawn.says("anyone there?")
    assert _ids(await bot.get_updates(offset=1001)) == [1001]
    await bot.send_message(dawn.id, "Hello")
    assert dawn.last.text == "Hello"


@pytest.mark.asyncio
async def test_a_token_can_be_revoked(telegram: Emulator, bot: Bot, dawn: Person) -> None:
    telegram.revoke_token()
    with pytest.raises(InvalidToken):
        await bot.send_message(dawn.id, "Hello")


# Waiting


@pytest.mark.asyncio
async def test_waiting_in_vain_tells_what_is_on_the_screen(bot: Bot, dawn: Person) -> None:
    await bot.send_message(dawn.id, "One", reply_markup=buttons(("Go on", "g")))
    assert (await dawn.sees("On")).labels == ["Go on"]
    await dawn.hears()
    with pytest.raises(AssertionError, match=r"bot: One \[Go on\]"):
        await dawn.hears(within_s=0)


@pytest.mark.asyncio
async def test_it_runs_in_a_process_of_its_own() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.telegram.emulator", "--port", "0"),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    try:
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            person = (await client.post("/control/people", json={"name": "Dawn"})).json()["id"]
            await client.post(f"/control/people/{person}/start", json={"payload": "abc"})
            token = "123456789:AAE-made-up-token-for-tests-0123456789"  # noqa: S105
            updates = (await client.get(f"/bot{token}/getUpdates")).json()["result"]
            assert updates[0]["message"]["text"] == "/start abc"
            asked = {"chat_id": person, "text": "Hello"}
            await client.post("/control/faults", json={"fault": "server_error", "times": 1})
            assert (await client.post(f"/bot{token}/sendMessage", json=asked)).status_code == 500
            await client.post(f"/bot{token}/sendMessage", json=asked)
            heard = (await client.get(f"/control/people/{person}/hears")).json()
            assert [message["text"] for message in heard] == ["Hello"]
            calls = (await client.get("/control/calls?method=sendMessage&after=1")).json()
            assert [call["params"] for call in calls] == [asked]
            assert (await client.post("/control/clock", json={"seconds": 60})).is_success
    finally:
        process.kill()
        await process.wait()
        # The pipe's transport closes only once its end has been read.
        await process.stdout.read()


async def _newest_tap(bot: Bot) -> CallbackQuery:
    update = (await bot.get_updates(offset=-1))[-1]
    assert update.callback_query is not None
    return update.callback_query


def _ids(updates: tuple[Update, ...]) -> list[int]:
    return [update.update_id for update in updates]
