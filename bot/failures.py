"""Our own mistakes, met by somebody: a kind page for them, and for us the error's class and place.

Never its words: an exception may quote what a person wrote (promise P27).
"""

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PAGE = (
    b'<!doctype html><html lang="en"><meta charset="utf-8">'
    b'<meta name="viewport" content="width=device-width"><title>Chat</title>'
    b"<p>Something went wrong on our side. What you said before is kept. "
    b'<a href="/chat">Go back and try again.</a></p><p>In danger? Call 999.</p></html>'
)

_log = structlog.get_logger(__name__)


async def kind_page(_: Request, __: Exception) -> Response:
    """What Starlette answers with; it then raises the error again, for the layer below."""
    return HTMLResponse(_PAGE, status_code=500)


class FailuresWithoutWords:
    """The outermost layer: nothing that goes wrong inside gets any further."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            _log.error("request_failed", **place_of(error))
            if scope["type"] == "http" and not started:
                await send(
                    {
                        "type": "http.response.start",
                        "status": 500,
                        "headers": [(b"content-type", b"text/html; charset=utf-8")],
                    }
                )
                await send({"type": "http.response.body", "body": _PAGE})
            elif scope["type"] != "http":
                raise


def place_of(error: BaseException) -> dict[str, str]:
    """The class of an error, and where it was raised: a file and a line of code."""
    trace = error.__traceback__
    place = ""
    while trace is not None:
        place = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return {"error": type(error).__name__, "place": place}
