"""How a Bot API request is read and refused: parameters in their three encodings, and the errors.

Source: Bot API, "Making requests" and "Making requests when getting updates"."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request

JsonObject = dict[str, object]

# What our own tests and app pass as JSON, and what Telegram calls it when it cannot be read.
JSON_FIELDS = {
    "reply_markup": "reply keyboard markup",
    "entities": "message entities",
    "caption_entities": "message entities",
    "reply_parameters": "reply parameters",
    "link_preview_options": "link preview options",
    "allowed_updates": "allowed updates",
    "commands": "bot commands",
    "scope": "BotCommandScope",
    "message_ids": "message identifiers",
    "menu_button": "menu button",
}
NUMBER_FIELDS = {
    "offset",
    "limit",
    "timeout",
    "message_id",
    "max_connections",
    "cache_time",
    "duration",
    "width",
    "height",
    "message_thread_id",
}
FLAG_FIELDS = {
    "disable_notification",
    "protect_content",
    "drop_pending_updates",
    "show_alert",
    "has_spoiler",
    "show_caption_above_media",
    "disable_content_type_detection",
    "allow_paid_broadcast",
}
UPLOAD_LIMIT_BYTES = 50 * 1024 * 1024  # Bot API, "Sending files"


class Refused(Exception):
    """The Bot API says no. `description` is worded as Telegram words it."""

    def __init__(
        self, code: int, description: str, parameters: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = dict(parameters or {})

    def body(self) -> JsonObject:
        """The reply's JSON (Bot API, "Making requests")."""
        said: JsonObject = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.parameters:
            said["parameters"] = self.parameters
        return said


def bad(description: str) -> Refused:
    return Refused(400, f"Bad Request: {description}")


def forbidden(description: str) -> Refused:
    return Refused(403, f"Forbidden: {description}")


@dataclass(frozen=True)
class Upload:
    """A file that came with a multipart request."""

    name: str
    mime: str
    data: bytes


@dataclass(frozen=True)
class Params:
    """A request's parameters: JSON decoded, numbers and flags typed, everything else words."""

    values: JsonObject
    uploads: dict[str, Upload] = field(default_factory=dict)

    def words(self, name: str) -> str:
        value = self.values.get(name, "")
        return value if isinstance(value, str) else json.dumps(value)

    def number(self, name: str, default: int = 0) -> int:
        value = self.values.get(name, default)
        return value if isinstance(value, int) else default

    def flag(self, name: str) -> bool:
        return self.values.get(name) is True

    def mapping(self, name: str) -> JsonObject | None:
        value = self.values.get(name)
        return value if isinstance(value, dict) else None

    def items(self, name: str) -> list[object] | None:
        value = self.values.get(name)
        return value if isinstance(value, list) else None


async def read(request: Request) -> Params:
    """The parameters of one request, wherever Telegram lets them be.

    Raises Refused when they are not what they should be."""
    raw: dict[str, object] = dict(_urlencoded(request.url.query.encode()))
    uploads: dict[str, Upload] = {}
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if request.method == "POST" and kind == "application/json":
        raw.update(_json_body(await request.body()))
    elif request.method == "POST" and kind == "multipart/form-data":
        async with request.form(max_part_size=UPLOAD_LIMIT_BYTES) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    mime = value.content_type or "application/octet-stream"
                    uploads[name] = Upload(value.filename or "file", mime, await value.read())
                else:
                    raw[name] = value
    elif request.method == "POST":
        raw.update(_urlencoded(await request.body()))
    if any(len(upload.data) > UPLOAD_LIMIT_BYTES for upload in uploads.values()):
        raise Refused(413, "Request Entity Too Large")
    return typed(raw, uploads)


def typed(raw: Mapping[str, object], uploads: dict[str, Upload] | None = None) -> Params:
    """The same parameters with their documented types."""
    values = {name: _typed(name, value) for name, value in raw.items() if value is not None}
    _only_real_characters(values)
    return Params(values, uploads or {})


def _typed(name: str, value: object) -> object:
    if name in JSON_FIELDS:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise bad(f"can't parse {JSON_FIELDS[name]} JSON object") from None
    if name in NUMBER_FIELDS or name in {"chat_id", "user_id"}:
        return _number(value)
    if name in FLAG_FIELDS:
        return str(value).strip().lower() in {"true", "yes", "1"}
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


def _number(value: object) -> object:
    """A whole number where it is one; else what was sent (an @name is no number)."""
    try:
        return int(str(value))
    except ValueError:
        return value


def _urlencoded(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise bad("strings must be encoded in UTF-8") from None


def _json_body(body: bytes) -> JsonObject:
    try:
        said = json.loads(body.decode()) if body else {}
    except UnicodeDecodeError:
        raise bad("strings must be encoded in UTF-8") from None
    except ValueError:
        raise bad("can't parse JSON request") from None
    if not isinstance(said, dict):
        raise bad("can't parse JSON request")
    return said


def _only_real_characters(value: object) -> None:
    """A surrogate alone is no character, and has no UTF-8."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise bad("strings must be encoded in UTF-8") from None
    elif isinstance(value, dict):
        for name, inner in value.items():
            _only_real_characters(name)
            _only_real_characters(inner)
    elif isinstance(value, list):
        for inner in value:
            _only_real_characters(inner)
