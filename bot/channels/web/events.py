"""Live updates: a stream that says how far the chat has come. The page then asks for the rest."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot.channels.web.visit import Visits
from bot.turn import Turns

_PING_S = 20
_LONGEST_PINGS = 45
"""After a quarter of an hour the browser connects again by itself: no stream lasts for ever."""


def events(request: Request, turns: Turns, participant: UUID, visits: Visits) -> Response:
    """`GET /chat/events`. Each event's id is the number of the newest line."""
    seen = request.headers.get("last-event-id") or request.query_params.get("after") or "0"
    after = int(seen) if seen.isdecimal() and len(seen) < 10 else 0

    async def stream() -> AsyncIterator[str]:
        yield "retry: 3000\n\n"
        newest = after
        async with turns.listen(participant) as changed:
            for _ in range(_LONGEST_PINGS):
                changed.clear()
                lines = await turns.lines(participant, newest)
                if lines:
                    newest = lines[-1].number
                    yield f"id: {newest}\nevent: lines\ndata: {newest}\n\n"
                try:
                    async with asyncio.timeout(_PING_S):
                        await changed.wait()
                except TimeoutError:
                    yield ": ping\n\n"
                    if await visits.of(request) is None:
                        return

    return StreamingResponse(
        stream(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )
