"""A posted form as something said. Names of uploaded files are never looked at."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from starlette.datastructures import FormData, UploadFile

from bot.attachments import LARGEST_BYTES, accept
from flows.answering import LONGEST_WORDS
from flows.exchange import Command, CommandName, Refusal, Said, Sent, Tap, Unusable, Words

Keep = Callable[[str, bytes], Awaitable[UUID]]
Upload = Literal["voice", "picture", "file"]

_UPLOADS: tuple[Upload, ...] = ("voice", "picture", "file")
_EXITS = frozenset({"skip", "not_sure", "in_person", "back", "rehear", "keep"})
"""Buttons that lead away. Words that stand in the box when one is tapped are the answer."""


class FormTooLarge(Exception):
    """More than any photo or recording that we take."""


@dataclass(frozen=True)
class Heard:
    """In the order in which to take them."""

    said: tuple[Said, ...]
    draft: str = ""
    """Words that cannot be kept, to be put back into the box."""


async def said_in_form(form: FormData, keep: Keep) -> Heard:
    """What the form says.

    Args:
        form: fields choice, state, revision, step, text, voice, picture, file, command.
        keep: seals an attachment and gives its id.
    """
    command = str(form.get("command", ""))
    if command:
        known = command in set(CommandName)
        return Heard(
            (
                Command(name=CommandName(command))
                if known
                else Unusable(why=Refusal.UNKNOWN_COMMAND),
            )
        )
    text = _sound(str(form.get("text", "")).replace("\r\n", "\n"))
    if len(text) > LONGEST_WORDS:
        return Heard((Unusable(why=Refusal.TOO_LONG),), draft=text)
    about = str(form.get("step", ""))[:40]
    said: list[Said] = []
    for kind in _UPLOADS:
        upload = form.get(kind)
        if isinstance(upload, UploadFile) and (upload.size or upload.filename):
            said.append(await _sent(kind, upload, about, keep))
    if text.strip():
        said.append(Words(text=text, about=about))
    choice = str(form.get("choice", ""))[:40]
    if choice and not (said and choice in _EXITS):
        said.append(
            Tap(
                state=str(form.get("state", ""))[:60],
                choice=choice,
                revision=_number(str(form.get("revision", ""))),
            )
        )
    return Heard(tuple(said) or (Unusable(why=Refusal.EMPTY),))


async def _sent(kind: Upload, upload: UploadFile, about: str, keep: Keep) -> Said:
    if (upload.size or 0) > LARGEST_BYTES:
        return Unusable(why=Refusal.TOO_BIG)
    content = await upload.read()
    accepted = await asyncio.to_thread(accept, kind, content)
    if isinstance(accepted, Refusal):
        return Unusable(why=accepted)
    attachment = await keep(accepted.media_type, accepted.content)
    return Sent(kind=kind, attachment=str(attachment), about=about)


def _sound(text: str) -> str:
    """Lone halves of UTF-16 pairs and null bytes cannot be stored; the rest is left as it is."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", "")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else 0
