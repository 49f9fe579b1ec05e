"""The chat itself: shows what was said, takes what is said, and keeps the page up to date."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from bot import invitations
from bot.attachments import LARGEST_BYTES
from bot.channels.web.events import Events
from bot.channels.web.forms import Heard, key_of, new_key, said_in_form, whole_number, words_in
from bot.channels.web.pages import asking, shown
from bot.channels.web.pieces import piece_of
from bot.channels.web.posting import posted
from bot.channels.web.shared import Shared, about
from bot.channels.web.visit import Visit, from_our_page
from bot.helplines import helplines
from bot.lines import Line
from bot.store.conversations import NobodyThere
from bot.store.sealing import KeyGone
from flows.exchange import CommandName, Unusable
from flows.schema import Audience

_LARGEST_FORM_BYTES = LARGEST_BYTES + 2 * 1024 * 1024
_CODE_LASTS = timedelta(days=60)
_MENU = (
    CommandName.REVIEW,
    CommandName.LATER,
    CommandName.LANGUAGE,
    CommandName.MEETING,
    CommandName.PRIVACY,
    CommandName.MYDATA,
    CommandName.HIDE,
    CommandName.WIPE,
    CommandName.STOP,
)
"""Help stands at the top of every page, `change` does what `review` does, and the page always shows
what `start` would. All of them can be typed."""

Inside = Callable[[Request, Visit], Awaitable[Response]]


class Chat:
    """For those who are in. Whoever is not is led to the short code."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._turns = shared.turns
        self._visits = shared.visits
        self._events = Events(shared.turns, shared.visits)

    def inside(self, show: Inside) -> Callable[[Request], Awaitable[Response]]:
        """An address that only a visitor who is in may use."""

        async def answer(request: Request) -> Response:
            visit = await self._visits.of(request)
            if visit is None:
                return RedirectResponse("/back", 303)
            try:
                return await show(request, visit)
            except (NobodyThere, KeyGone):
                await self._visits.end(request)
                return RedirectResponse("/back", 303)
            except ClientDisconnect:
                return Response(status_code=400)  # nobody is there to read it

        return answer

    async def show(self, request: Request, visit: Visit) -> Response:
        await self._turns.open(visit.participant, "web")
        if request.headers.get("x-enhance"):
            after = whole_number(request.query_params.get("after"))
            return await self._fragment(visit, after)
        return await self._page(visit)

    async def say(self, request: Request, visit: Visit) -> Response:
        """Takes what a form says. The same form twice, even at once, is taken once."""
        read = await posted(request, _LARGEST_FORM_BYTES)
        try:
            if not from_our_page(request, read.form, visit.token):
                return RedirectResponse("/chat", 303)
            after = whole_number(str(read.form.get("after", "")))
            if read.refused is not None:
                heard = Heard((Unusable(why=read.refused),), draft=words_in(read.form))
                key = new_key()  # the form's own is still good for what it was meant to send
            else:
                key = key_of(read.form)
                heard = await said_in_form(read.form, self._keep(visit, key))
        finally:
            await read.form.close()
        for position, said in enumerate(heard.said):
            lines = await self._turns.take(visit.participant, said, f"web:{key}:{position}")
            if any(line.last for line in lines):
                return self._wiped(lines)
        return await self._after(request, visit, after, heard)

    async def code(self, request: Request, visit: Visit) -> Response:
        """A short code to go on with, elsewhere or another day."""
        read = await posted(request, _LARGEST_FORM_BYTES)
        await read.form.close()
        if not from_our_page(request, read.form, visit.token):
            return RedirectResponse("/chat", 303)
        now = self._shared.clock()
        key = self._shared.service_key
        code = await self._shared.database.run(
            lambda session: invitations.new_code(session, key, visit.participant, now, _CODE_LASTS)
        )
        return await self._page(visit, Heard((), draft=words_in(read.form)), code)

    async def attachment(self, request: Request, visit: Visit) -> Response:
        attachment: UUID = request.path_params["attachment"]
        kept = await self._turns.attachment(visit.participant, attachment)
        return PlainTextResponse("", status_code=404) if kept is None else piece_of(request, kept)

    async def events(self, request: Request) -> Response:
        """Asked by a page that stands open, not by a person: it must not keep the visit alive."""
        visit = await self._visits.of(request, touch=False)
        if visit is None:
            return PlainTextResponse("", status_code=204)  # tells the browser not to ask again
        return self._events.of(request, visit)

    # --- what is shown ---

    async def _after(self, request: Request, visit: Visit, after: int, heard: Heard) -> Response:
        if request.headers.get("x-enhance"):
            return await self._fragment(visit, after, heard)
        if heard.draft:
            return await self._page(visit, heard)
        return RedirectResponse("/chat#newest", 303)

    def _wiped(self, lines: tuple[Line, ...]) -> Response:
        """Shown once. There is nobody any more whose page it could be."""
        tongue = next(line.message.language for line in lines if line.message is not None)
        page = self._shared.pages.page("wiped.html", tongue, {"lines": lines})
        self._visits.clear_cookies(page)
        return page

    async def _page(self, visit: Visit, heard: Heard | None = None, code: str = "") -> HTMLResponse:
        values = await self._values(visit, 0, heard)
        where = await about(self._shared, visit)
        more = {"helplines": helplines(where.nation, where.audience), "code": code}
        return self._shared.pages.page("chat.html", values["tongue"], {**values, **more})

    async def _fragment(self, visit: Visit, after: int, heard: Heard | None = None) -> HTMLResponse:
        values = await self._values(visit, after, heard)
        return self._shared.pages.page("fragment.html", values["tongue"], values)

    async def _values(self, visit: Visit, after: int, heard: Heard | None) -> dict[str, Any]:
        lines = await self._turns.lines(visit.participant)
        message = asking(lines)
        tongue = message.language if message is not None else "en"
        to_show = shown(lines)
        say = self._shared.wording.say
        asked: Literal["", "unsure"] = "unsure" if heard is not None and heard.unsure else ""
        return {
            "tongue": tongue,
            "lines": [line for line in to_show.lines if line.number > after],
            "gone": to_show.gone[-20:],
            "newest": lines[-1].number if lines else 0,
            "message": message,
            "csrf": visit.csrf,
            "key": new_key(),
            "draft": heard.draft if heard is not None else "",
            "asked": asked,
            "menu": [(name, say(f"menu_{name}", Audience.ADULT, tongue)) for name in _MENU],
        }

    def _keep(self, visit: Visit, key: str) -> Callable[[str, str, bytes], Awaitable[UUID]]:
        """Of a form that comes twice, what it holds is kept once."""

        async def keep(kind: str, media_type: str, content: bytes) -> UUID:
            return await self._turns.keep(
                visit.participant, media_type, content, f"web:{key}:{kind}"
            )

        return keep
