"""All that a test's logs, output and mails say: none of it may be anybody's words or a token (P27).

Used by the promise's own test, and around every journey: `nothing_is_overheard` is automatic where
a conftest imports it.
"""

import io
import json
import logging
import secrets
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TextIO

import pytest
import structlog

from bot import invitations, logs
from bot.delivery import outbox
from bot.delivery.letters import MailLetter
from bot.turn import Turns
from flows.exchange import Edited, Sent, Words
from tests.journeys.script import meeting_files, people_of
from tests.telegram.emulator.server import TOKEN

_SHORTEST = 8
"""Characters: "yes", or a name, may stand in a log for another reason."""
_BEGINNING = 40
"""Characters: a log that cuts off what it quotes still quotes it."""


@dataclass
class Overheard:
    """What was said, and what was written down meanwhile."""

    words: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    written: dict[str, io.StringIO] = field(default_factory=dict)
    """By where it was written: output, a log, our own events before they are filtered, mails."""

    def into(self, where: str) -> io.StringIO:
        return self.written.setdefault(where, io.StringIO())

    def says(self, said: object) -> None:
        match said:
            case Words(text=text) | Edited(text=text) | Sent(caption=text):
                if len(text.strip()) >= _SHORTEST:
                    self.words.add(text.strip())

    def check(self) -> None:
        """Raises AssertionError, naming where, and what of it: everything here is made up."""
        for where in self.written:
            # A mail may say who it is that may need help; it quotes nothing else of theirs.
            words = self.words - _names() if where == "mail" else self.words
            secret = {*self.tokens, *(form for one in words for form in _as_logged(one))}
            text = self.all_of(where)
            assert not (told := [one for one in secret if one in text]), (where, told)

    def all_of(self, where: str) -> str:
        return self.into(where).getvalue()


@cache
def _names() -> frozenset[str]:
    return frozenset(one["name"] for path in meeting_files() for one in people_of(path))


def _as_logged(words: str) -> Iterator[str]:
    """As they are, as JSON escapes them, and as Python quotes them."""
    beginning = words[:_BEGINNING]
    yield beginning
    yield json.dumps(beginning)[1:-1]
    yield repr(beginning)[1:-1]


class _Both(io.TextIOBase):
    """What is written here can be seen by whoever runs the tests as well."""

    def __init__(self, shown: TextIO, kept: io.StringIO) -> None:
        self._shown, self._kept = shown, kept

    def write(self, text: str) -> int:
        self._kept.write(text)
        return self._shown.write(text)

    def flush(self) -> None:
        self._shown.flush()


@contextmanager
def logging_as_the_command_does(
    monkeypatch: pytest.MonkeyPatch, stream: Any, level: int = logging.WARNING
) -> Iterator[None]:
    """Into `stream`."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook
    monkeypatch.setattr(sys, "stderr", stream)
    logs.set_up()
    root.setLevel(level)
    yield
    root.handlers = before[0]
    root.setLevel(before[1])
    sys.excepthook, threading.excepthook = hooks
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def nothing_is_overheard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Overheard]:
    """Fails a test in which words or tokens reached a log, the output or a mail."""
    heard = Overheard()
    monkeypatch.setattr(sys, "stdout", _Both(sys.stdout, heard.into("output")))
    with logging_as_the_command_does(monkeypatch, _Both(sys.stderr, heard.into("log"))):
        _note_events(heard)
        _note_mails(heard, monkeypatch)
        _note_what_is_secret(heard, monkeypatch)
        yield heard
    heard.check()


def _note_events(heard: Overheard) -> None:
    """Before they are filtered: no code of ours may so much as try to log a word."""
    raw = heard.into("event")

    def note(_: Any, __: str, event: Any) -> Any:
        raw.write(f"{event}\n")
        return event

    structlog.configure(processors=[note, *structlog.get_config()["processors"]])


def _note_mails(heard: Overheard, monkeypatch: pytest.MonkeyPatch) -> None:
    queue, mails = outbox.queue, heard.into("mail")

    def noted(session: Any, seal: Any, letter: Any, **more: Any) -> Any:
        if isinstance(letter, MailLetter):
            mails.write(f"{letter.subject}\n{letter.text}\n")
        return queue(session, seal, letter, **more)

    monkeypatch.setattr(outbox, "queue", noted)


def _note_what_is_secret(heard: Overheard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Invitations, sessions and codes as they are made, and words as they are taken."""
    make, take, code = secrets.token_urlsafe, Turns.take, invitations.new_code

    def noted_token(nbytes: int | None = None) -> str:
        token = make(nbytes)
        heard.tokens.add(token)
        return token

    def noted_code(*given: Any, **more: Any) -> str:
        made = code(*given, **more)
        heard.tokens |= {made, made.replace("-", "")}
        return made

    async def noted_turn(turns: Turns, who: Any, said: Any, *given: Any, **more: Any) -> Any:
        heard.says(said)
        return await take(turns, who, said, *given, **more)

    monkeypatch.setattr(secrets, "token_urlsafe", noted_token)
    monkeypatch.setattr(invitations, "new_code", noted_code)
    monkeypatch.setattr(Turns, "take", noted_turn)
