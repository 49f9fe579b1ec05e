"""Live updates: a stream that says how far the chat has come. The page then asks for the rest."""

import asyncio
from collections.abc import AsyncGenerator
from uuid import UUID

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.channels.web.forms import whole_number
from bot.channels.web.visit import Visit, Visits
from bot.store.conversations import NobodyThere
from bot.store.sealing import KeyGone
from bot.stream import Stream
from bot.turn import Turns

_PING_S = 20
_LONGEST_PINGS = 45
"""After a quarter of an hour the browser connects again by itself: no stream lasts for ever."""
_MOST_STREAMS = 6
"""Of one person. As many as a browser opens to one server."""


class Events:
    """`GET /chat/events`. Each event's id is the number of the newest line."""

    def __init__(self, turns: Turns, visits: Visits) -> None:
        self._turns = turns
        self._visits = visits
        self._open: dict[UUID, int] = {}

    def of(self, request: Request, visit: Visit) -> Response:
        if self._open.get(visit.participant, 0) >= _MOST_STREAMS:
            return PlainTextResponse("", status_code=204)
        seen = request.headers.get("last-event-id") or request.query_params.get("after")
        return Stream(self._events(request, visit, whole_number(seen)))

    async def _events(
        self, request: Request, visit: Visit, newest: int
    ) -> AsyncGenerator[str, None]:
        self._count(visit.participant, 1)
        try:
            yield "retry: 3000\n\n"
            async with self._turns.listen(visit.participant) as changed:
                for _ in range(_LONGEST_PINGS):
                    changed.clear()
                    try:
                        lines = await self._turns.lines(visit.participant, newest)
                    except (NobodyThere, KeyGone):
                        # Wiped, perhaps on another device: what stands on this page goes too.
                        yield "event: gone\ndata: 0\n\n"
                        return
                    if lines:
                        newest = lines[-1].number
                        yield f"id: {newest}\nevent: lines\ndata: {newest}\n\n"
                    try:
                        async with asyncio.timeout(_PING_S):
                            await changed.wait()
                    except TimeoutError:
                        yield ": ping\n\n"
                        if await self._visits.of(request, touch=False) is None:
                            return
        finally:
            self._count(visit.participant, -1)

    def _count(self, participant: UUID, change: int) -> None:
        streams = self._open.pop(participant, 0) + change
        if streams:
            self._open[participant] = streams
