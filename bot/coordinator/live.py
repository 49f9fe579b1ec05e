"""Today's page while it stands open: a stream that says when it would show something else. The
page then asks for itself again. To stand open is not to be there: the session grows idle still."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final

from sqlalchemy.orm import Session
from starlette.responses import PlainTextResponse, Response

from bot.coordinator import entering
from bot.coordinator.desk import Desk, Visit
from bot.stream import Stream
from bot.summaries.today import mark_of

PING_S: Final = 20.0
LONGEST_S: Final = 900.0
"""Then the browser connects again by itself: no stream lasts for ever."""
MOST_STREAMS: Final = 6
"""Of one coordinator. As many as a browser opens to one server."""


async def events(desk: Desk, visit: Visit) -> Response:
    """Each event's data is the new mark (`bot.summaries.today.mark_of`), and no more."""
    if desk.streams[visit.signed_in.id] >= MOST_STREAMS:
        return PlainTextResponse("", status_code=204)
    asked = visit.request
    seen = asked.headers.get("last-event-id") or asked.query_params.get("seen", "")
    return Stream(_events(desk, visit, seen))


async def _events(desk: Desk, visit: Visit, seen: str) -> AsyncGenerator[str, None]:
    whose, quiet_s, open_s = visit.signed_in.id, 0.0, 0.0
    desk.streams[whose] += 1
    try:
        yield "retry: 3000\n\n"
        while open_s < LONGEST_S:
            mark = await desk.database.run(lambda session: _look(session, desk, visit))
            if mark is None:
                yield "event: gone\ndata: 0\n\n"
                return
            if mark != seen:
                seen, quiet_s = mark, 0.0
                yield f"id: {mark}\nevent: changed\ndata: {mark}\n\n"
            elif quiet_s >= PING_S:
                quiet_s = 0.0
                yield ": ping\n\n"
            await asyncio.sleep(desk.look_every_s)
            quiet_s, open_s = quiet_s + desk.look_every_s, open_s + desk.look_every_s
    finally:
        desk.streams[whose] -= 1


def _look(session: Session, desk: Desk, visit: Visit) -> str | None:
    """None once the session has ended."""
    who = entering.signed_in(
        session, desk.service_key, visit.session_token, desk.clock(), touch=False
    )
    return None if who is None or who.code_due else mark_of(session, who.id)
