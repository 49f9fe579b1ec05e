"""Keyboards: what a reply markup may hold, and what is refused.

Source: Bot API, "InlineKeyboardMarkup", "InlineKeyboardButton", "ReplyKeyboardMarkup"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.telegram.emulator.wire import JsonObject, bad

CALLBACK_DATA_LIMIT_BYTES = 64
BUTTONS_LIMIT = 100
_ACTIONS = (
    "callback_data",
    "url",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*):")


@dataclass(frozen=True)
class Button:
    """One button: what it says, and what it does. A reply keyboard's button only says."""

    text: str
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Markup:
    """What stands under a message. `kind`: inline_keyboard, keyboard, remove_keyboard or
    force_reply. `raw` is what the bot passed, which is what comes back in an update."""

    kind: str
    rows: tuple[tuple[Button, ...], ...]
    raw: JsonObject


def read_markup(raw: JsonObject | None) -> Markup | None:
    """The markup, checked as Telegram checks it; None if there is none. Raises Refused."""
    if not raw:
        return None
    for kind, read_button in (("inline_keyboard", _inline), ("keyboard", _reply)):
        if kind in raw:
            rows = tuple(
                tuple(read_button(one) for one in row) for row in _rows(raw[kind], kind) if row
            )
            if sum(map(len, rows)) > BUTTONS_LIMIT:
                raise bad("reply markup is too long")
            if not rows:
                return None
            return Markup(kind, rows, raw)
    for kind in ("remove_keyboard", "force_reply"):
        if raw.get(kind) is True:
            return Markup(kind, (), raw)
    raise bad("object expected as reply markup")


def wrong_url(url: str) -> str:
    """What Telegram finds wrong with a link on a button or in a text; nothing if it is fine."""
    scheme = _SCHEME.match(url)
    if scheme and scheme[1].lower() in {"tg", "ton"}:
        return ""
    if scheme and "://" in url and scheme[1].lower() not in {"http", "https"}:
        return "Unsupported URL protocol"
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return "Wrong HTTP URL"
    # A name without a dot is nobody's on the internet: localhost is refused too.
    if "." not in host.strip(".") or any(c.isspace() for c in url):
        return "Wrong HTTP URL"
    return ""


def _rows(value: object, kind: str) -> Iterator[list[JsonObject]]:
    if not isinstance(value, list):
        raise bad(f'field "{kind}" must be of type Array')
    for row in value:
        if not isinstance(row, list) or not all(isinstance(one, dict | str) for one in row):
            raise bad(f'field "{kind}" must be an Array of Arrays')
        yield [{"text": one} if isinstance(one, str) else one for one in row]


def _inline(raw: JsonObject) -> Button:
    text = _label(raw, "inline keyboard button")
    actions = [name for name in _ACTIONS if raw.get(name) not in (None, "", False)]
    if not actions:
        raise bad(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if len(actions) > 1:
        # Telegram takes one and ignores the rest; "exactly one" is what its documentation says.
        raise bad("can't parse inline keyboard button: exactly one optional field must be used")
    data, url = raw.get("callback_data"), raw.get("url")
    if data is not None and (
        not isinstance(data, str) or len(data.encode()) > CALLBACK_DATA_LIMIT_BYTES
    ):
        raise bad("BUTTON_DATA_INVALID")
    if url is not None:
        if problem := wrong_url(str(url)):
            raise bad(f"inline keyboard button URL '{url}' is invalid: {problem}")
        return Button(text, url=str(url))
    return Button(text, data=data)


def _reply(raw: JsonObject) -> Button:
    return Button(_label(raw, "keyboard button"))


def _label(raw: JsonObject, what: str) -> str:
    text = raw.get("text")
    if not isinstance(text, str):
        raise bad(f'can\'t parse {what}: field "text" must be of type String')
    if not text.strip():
        raise bad(f"{what} text must be non-empty")
    return text
