"""All that is held about a visitor, as a file to take away (promise P8)."""

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.channels.web.posting import SMALL_BYTES, posted
from bot.channels.web.shared import Shared, language_of
from bot.channels.web.visit import Visit, from_our_page
from bot.privacy.bundle import FILE_NAME, take_away
from bot.store.sealing import KeyRing


class MyData:
    """For those who are in."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    async def show(self, request: Request, visit: Visit) -> Response:
        """What the file holds, and who could open it. Looking at this page does nothing."""
        language = await language_of(self._shared, visit)
        return self._shared.pages.page("mydata.html", language, {"csrf": visit.csrf})

    async def give(self, request: Request, visit: Visit) -> Response:
        """The file. It is made now and kept nowhere."""
        read = await posted(request, SMALL_BYTES)
        await read.form.close()
        if not from_our_page(request, read.form, visit.token):
            return RedirectResponse("/chat/mydata", 303)
        shared, now = self._shared, self._shared.clock()

        def make(session: Session) -> bytes:
            ring = KeyRing(session, shared.service_key)
            return take_away(session, ring, shared.library, visit.participant, now)

        content = await shared.database.run(make)
        return Response(
            content,
            media_type="application/zip",
            headers={
                "Content-Disposition": f'attachment; filename="{FILE_NAME}"',
                "Cache-Control": "no-store",
            },
        )
