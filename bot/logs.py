"""Logs: one line of JSON an event, with ids and codes only. What people write never gets here.

Two lines of defence: only what is known to hold ids and codes is let through, and of that nothing
that is shaped like a token, an address or a sentence (promise P27).
"""

import asyncio
import json
import logging
import re
import sys
import threading
from types import TracebackType
from typing import Any, Final

import structlog
from structlog.typing import EventDict, WrappedLogger

from bot.failures import place_of

ALLOWED: Final = frozenset(
    {"event", "level", "timestamp", "error", "place", "number", "kind", "update", "alert"}
    | {"meeting", "step", "rung", "logger"}
)
"""The only things that an event of ours may say."""

HIDDEN: Final = "hidden"

_TELLING = re.compile(
    r"\d{6,}:[\w-]{20,}"  # a bot's token
    r"|(?<![\w-])(?![0-9a-f-]{36}(?![\w-]))[\w-]{28,}"  # any other token; ids are let through
    r"|[^\s@]+@[^\s@]+"  # an address
    r"|\+?\d[\d ()-]{8,}\d"  # a telephone number
    r"|\s\S+\s\S+\s"  # a sentence
)
_MOMENTS = frozenset({"timestamp"})


def set_up() -> None:
    """Everything to standard error; the libraries speak only when something is wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(WithoutWords())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for chatty in ("httpx", "httpcore", "telegram", "uvicorn", "multipart", "aiohttp", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            let_through,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    sys.excepthook = _crashed
    threading.excepthook = lambda crash: _crashed(crash.exc_type, crash.exc_value, None)


def let_through(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """What may be said, of an event of ours."""
    return {
        name: value if name in _MOMENTS else _plain(value)
        for name, value in event.items()
        if name in ALLOWED
    }


class WithoutWords(logging.Formatter):
    """What libraries log: who, how grave, and an error's class and place. Never a message: it may
    quote what somebody wrote."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {"logger": record.name, "level": record.levelname.lower()}
        if record.exc_info and record.exc_info[1] is not None:
            said |= place_of(record.exc_info[1])
        else:
            said["place"] = f"{record.filename}:{record.lineno}"
        return json.dumps({name: _plain(value) for name, value in said.items()})


def quiet_loop(loop: asyncio.AbstractEventLoop) -> None:
    """What goes wrong in a task that nobody waits for: its class and place, not its words."""
    loop.set_exception_handler(lambda _, context: _report(context.get("exception")))


def _crashed(_: type[BaseException], error: BaseException | None, __: TracebackType | None) -> None:
    _report(error)


def _report(error: BaseException | None) -> None:
    if isinstance(error, KeyboardInterrupt):
        return
    said = place_of(error) if error is not None else {}
    structlog.get_logger(__name__).error("crashed", **said)


def _plain(value: object) -> object:
    if isinstance(value, int | float | bool) or value is None:
        return value
    text = str(value)
    return HIDDEN if len(text) > 120 or _TELLING.search(text) else text
