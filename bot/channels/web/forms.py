"""A posted form as something said. Names of uploaded files are never looked at."""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from starlette.datastructures import FormData, UploadFile

from bot.attachments import LARGEST_BYTES, accept
from flows.answering import LONGEST_WORDS
from flows.exchange import Command, CommandName, Refusal, Said, Sent, Tap, Unusable, Words

Keep = Callable[[str, str, bytes], Awaitable[UUID]]
"""For a kind of upload, a media type and a content: seals it and gives its id."""
Upload = Literal["voice", "picture", "file"]

_UPLOADS: tuple[Upload, ...] = ("voice", "picture", "file")
_AWAY = frozenset({"skip", "not_sure", "in_person", "back", "rehear", "keep"})
"""Buttons that leave a question as it is."""
_KEY = re.compile(r"[A-Za-z0-9_-]{8,24}")


@dataclass(frozen=True)
class Heard:
    """What a form says, in the order in which to take it."""

    said: tuple[Said, ...]
    draft: str = ""
    """Words that were not taken, to be put back into the box."""
    unsure: bool = False
    """Words stood in the box when a button was tapped that leaves the question. Nobody can know
    which of the two was meant: nothing is taken, and the person is asked."""


def new_key() -> str:
    """What makes a form's second coming harmless: it gets the answer of the first."""
    return secrets.token_hex(8)


def key_of(form: FormData) -> str:
    """The key that we put into the form; a new one where somebody else wrote it."""
    key = _field(form, "key")
    return key if _KEY.fullmatch(key) else new_key()


async def said_in_form(form: FormData, keep: Keep) -> Heard:
    """What the form says.

    Args:
        form: fields choice, state, revision, step, text, voice, picture, file, command.
        keep: seals an attachment and gives its id.
    """
    text = words_in(form)
    command = _field(form, "command")
    if command:
        return Heard((_command(command),), draft=text)
    typed = text.strip().lower()
    if typed.startswith("/") and typed[1:] in set(CommandName):
        return Heard((_command(typed[1:]),))
    if len(text) > LONGEST_WORDS:
        return Heard((Unusable(why=Refusal.TOO_LONG),), draft=text)
    choice, about = _field(form, "choice"), _question(form)
    if text.strip() and choice in _AWAY:
        return Heard((), draft=text, unsure=True)
    said: list[Said] = []
    for kind in _UPLOADS:
        upload = form.get(kind)
        if isinstance(upload, UploadFile) and (upload.size or upload.filename):
            said.append(await _sent(kind, upload, about, keep))
    if text.strip():
        said.append(Words(text=text, about=about))
    if choice:
        revision = _field(form, "revision")
        said.append(
            Tap(state=_field(form, "state"), choice=choice, revision=whole_number(revision))
        )
    return Heard(tuple(said) or (Unusable(why=Refusal.EMPTY),))


def words_in(form: FormData) -> str:
    """What stands in the box, as it was typed."""
    text = form.get("text", "")
    return _sound(text.replace("\r\n", "\n")) if isinstance(text, str) else ""


def whole_number(text: str | None) -> int:
    """A number that a page gave us and that somebody may have changed; 0 where it is none."""
    if text is None or not (text.isascii() and text.isdecimal()) or len(text) > 9:
        return 0
    return int(text)


def _question(form: FormData) -> str:
    """The question that was on the page, should another tab have moved on since. Empty where the
    page asked something about an answer, such as whom it must not reach: those words are not part
    of the answer."""
    step = _field(form, "step")
    return step if step == _field(form, "state") else ""


def _command(name: str) -> Said:
    if name in set(CommandName):
        return Command(name=CommandName(name))
    return Unusable(why=Refusal.UNKNOWN_COMMAND)


async def _sent(kind: Upload, upload: UploadFile, about: str, keep: Keep) -> Said:
    if (upload.size or 0) > LARGEST_BYTES:
        return Unusable(why=Refusal.TOO_BIG)
    content = await upload.read()
    accepted = await asyncio.to_thread(accept, kind, content)
    if isinstance(accepted, Refusal):
        return Unusable(why=accepted)
    attachment = await keep(kind, accepted.media_type, accepted.content)
    return Sent(kind=kind, attachment=str(attachment), about=about)


def _field(form: FormData, name: str) -> str:
    """A short field that we wrote ourselves, whatever stands in it now."""
    value = form.get(name, "")
    return _sound(value)[:60] if isinstance(value, str) else ""


def _sound(text: str) -> str:
    """Lone halves of UTF-16 pairs and null bytes cannot be stored; the rest is left as it is."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", "")
