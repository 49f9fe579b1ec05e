"""The web chat's addresses. Each only translates: a form into something said, lines into a page."""

import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot import invitations
from bot.attachments import LARGEST_BYTES
from bot.channels.web.events import events
from bot.channels.web.forms import FormTooLarge, said_in_form
from bot.channels.web.pages import STATIC, Pages, asking
from bot.channels.web.tries import Tries
from bot.channels.web.visit import COOKIE, Visit, Visits, form_token, from_our_page
from bot.clock import Clock
from bot.helplines import helplines
from bot.meetings.relation import who_is_asked
from bot.settings import Settings
from bot.store.conversations import NobodyThere
from bot.store.database import Database
from bot.store.models import Meeting, Participant
from bot.store.sealing import KeyGone, KeyRing, ServiceKey
from bot.turn import Turns
from flows.exchange import CommandName, Refusal, Unusable
from flows.library import flow_for
from flows.schema import Audience
from flows.wording import Wording

_LARGEST_FORM = LARGEST_BYTES + 256 * 1024
_CODE_LASTS = timedelta(days=60)
_MENU = (
    CommandName.REVIEW,
    CommandName.LATER,
    CommandName.LANGUAGE,
    CommandName.PRIVACY,
    CommandName.MYDATA,
    CommandName.STOP,
)


class WebChat:
    """What the routes share."""

    def __init__(
        self,
        turns: Turns,
        database: Database,
        service_key: ServiceKey,
        wording: Wording,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._turns = turns
        self._database = database
        self._service_key = service_key
        self._wording = wording
        self._clock = clock
        self._neutral = settings.quick_exit_url
        self._pages = Pages(wording)
        self._visits = Visits(database, clock, https=settings.address.startswith("https:"))
        self._tries = Tries(clock)

    def routes(self) -> list[BaseRoute]:
        static = StaticFiles(directory=STATIC)
        return [
            Route("/", self.landing),
            Route("/i/{token}", self.door),
            Route("/i/{token}", self.enter, methods=["POST"]),
            Route("/back", self.back),
            Route("/back", self.redeem, methods=["POST"]),
            Route("/chat", self.chat),
            Route("/chat", self.say, methods=["POST"]),
            Route("/chat/code", self.code, methods=["POST"]),
            Route("/chat/events", self.events),
            Route("/chat/attachment/{attachment:uuid}", self.attachment),
            Route("/exit", self.leave, methods=["GET", "POST"]),
            Route("/help", self.help),
            Route("/privacy", self.privacy),
            Mount("/static", _Kept(static)),
        ]

    # --- the way in ---

    async def landing(self, request: Request) -> Response:
        visit = await self._visits.of(request)
        if visit is not None:
            return RedirectResponse("/chat", 303)
        return await self.back(request)

    async def door(self, request: Request) -> Response:
        """Opening a link has no effect: link previews and mail scanners open links too."""
        token = request.path_params["token"]
        visit = await self._visits.of(request)
        now = self._clock()

        def look(session: Session) -> tuple[str, str] | bool:
            if visit is not None and invitations.belongs_to(session, token, visit.participant):
                return True
            found = invitations.look_up(session, token, ("web",), now)
            if found is None or found.participant_id is None:
                return False
            return self._who(session, found.participant_id)

        asked = await self._database.run(look)
        if asked is True:
            return RedirectResponse("/chat", 303)
        if isinstance(asked, bool):
            return self._dead(request)
        who, language = asked
        language = language if self._wording.speaks(language) else "en"
        question = self._wording.say("confirm", Audience.ADULT, language, relation=who)
        secret = self._visits.form_secret(request)
        page = self._pages.page(
            "door.html",
            language,
            {"question": question, "csrf": form_token(secret), "who": who},
        )
        self._visits.set_form_cookie(page, secret)
        return page

    async def enter(self, request: Request) -> Response:
        """The confirm tap. Of two that race, one gets in."""
        token = request.path_params["token"]
        async with request.form() as form:
            if not from_our_page(request, form, self._visits.known_form_secret(request)):
                return RedirectResponse(f"/i/{quote(token)}", 303)
        now = self._clock()

        def use(session: Session) -> tuple[UUID, str] | None:
            invitation = invitations.accept(session, token, ("web",), now)
            if invitation is None or invitation.participant_id is None:
                return None
            participant = session.get_one(Participant, invitation.participant_id)
            participant.opened_at = participant.opened_at or now
            return participant.id, self._visits.begin(session, participant.id)

        return await self._let_in(request, await self._database.run(use))

    async def back(self, request: Request, *, wrong: bool = False) -> Response:
        """Coming back, on this device or another, with the short code."""
        secret = self._visits.form_secret(request)
        page = self._pages.page(
            "back.html",
            self._guess(request),
            {"csrf": form_token(secret), "wrong": wrong, "dead": False},
        )
        self._visits.set_form_cookie(page, secret)
        return page

    async def redeem(self, request: Request) -> Response:
        async with request.form() as form:
            typed = str(form.get("code", ""))[:40]
            ours = from_our_page(request, form, self._visits.known_form_secret(request))
        address = request.client.host if request.client else ""
        if not ours or not self._tries.may(address):
            return await self.back(request, wrong=True)
        now = self._clock()

        def use(session: Session) -> tuple[UUID, str] | None:
            participant = invitations.redeem_code(session, self._service_key, typed, now)
            if participant is None:
                return None
            return participant, self._visits.begin(session, participant)

        found = await self._database.run(use)
        if found is None:
            self._tries.failed(address)
            return await self.back(request, wrong=True)
        return await self._let_in(request, found)

    async def _let_in(self, request: Request, found: tuple[UUID, str] | None) -> Response:
        if found is None:
            return self._dead(request)
        participant, cookie = found
        await self._turns.open(participant, "web")
        response = RedirectResponse("/chat", 303)
        self._visits.set_cookie(response, cookie)
        return response

    def _dead(self, request: Request) -> Response:
        """One kind page for every link that opens nothing, whatever the reason."""
        secret = self._visits.form_secret(request)
        values = {"csrf": form_token(secret), "wrong": False, "dead": True}
        page = self._pages.page("back.html", self._guess(request), values, status=404)
        self._visits.set_form_cookie(page, secret)
        return page

    def _guess(self, request: Request) -> str:
        """The browser's language, where nobody is known yet."""
        for wish in request.headers.get("accept-language", "").split(","):
            code = wish.partition(";")[0].strip().partition("-")[0].lower()
            if code and self._wording.speaks(code):
                return code
        return "en"

    def _who(self, session: Session, participant: UUID) -> tuple[str, str]:
        row = session.get_one(Participant, participant)
        seal = KeyRing(session, self._service_key).of(row.id)
        name = seal.open_text("participant", row.id, "sealed_name", row.sealed_name)
        relation = seal.open_text("participant", row.id, "sealed_relation", row.sealed_relation)
        return who_is_asked(name, relation), row.language

    # --- the chat ---

    async def chat(self, request: Request) -> Response:
        visit = await self._visits.of(request)
        if visit is None:
            return RedirectResponse("/back", 303)
        try:
            await self._turns.open(visit.participant, "web")
            after = _number(request.query_params.get("after"))
            if request.headers.get("x-enhance"):
                return await self._fragment(visit, after)
            return await self._page(visit)
        except (NobodyThere, KeyGone):
            await self._visits.end(request)
            return RedirectResponse("/back", 303)

    async def say(self, request: Request) -> Response:
        visit = await self._visits.of(request)
        if visit is None:
            return RedirectResponse("/back", 303)
        try:
            _refuse_large(request)
            form = await request.form(max_part_size=LARGEST_BYTES + 1024)
        except (FormTooLarge, HTTPException):
            key = f"large:{secrets.token_hex(6)}"
            await self._turns.take(visit.participant, Unusable(why=Refusal.TOO_BIG), key)
            return await self._after(request, visit, 0)
        try:
            if not from_our_page(request, form, visit.token):
                return RedirectResponse("/chat", 303)
            draft = await self._take(visit, form)
            return await self._after(request, visit, _number(form.get("after")), draft)
        finally:
            await form.close()

    async def _take(self, visit: Visit, form: FormData) -> str:
        """Takes what the form says. Returns words that could not be kept, to be put back."""
        key = str(form.get("key", ""))[:24] or secrets.token_hex(8)
        heard = await said_in_form(form, self._keep(visit))
        for position, said in enumerate(heard.said):
            await self._turns.take(visit.participant, said, f"{key}{position}")
        return heard.draft

    def _keep(self, visit: Visit) -> Any:  # noqa: ANN401 - the protocol is forms'
        async def keep(media_type: str, content: bytes) -> UUID:
            return await self._turns.keep(visit.participant, media_type, content)

        return keep

    async def _after(self, request: Request, visit: Visit, after: int, draft: str = "") -> Response:
        if request.headers.get("x-enhance"):
            return await self._fragment(visit, after, draft)
        if draft:
            return await self._page(visit, draft)
        return RedirectResponse("/chat#newest", 303)

    async def _page(self, visit: Visit, draft: str = "", code: str = "") -> HTMLResponse:
        values = await self._values(visit, 0, draft)
        about = await self._about(visit)
        lines = helplines(about["nation"], about["audience"])
        return self._pages.page(
            "chat.html", values["tongue"], {**values, "helplines": lines, "code": code}
        )

    async def _fragment(self, visit: Visit, after: int, draft: str = "") -> HTMLResponse:
        values = await self._values(visit, after, draft)
        return self._pages.page("fragment.html", values["tongue"], values)

    async def _values(self, visit: Visit, after: int, draft: str) -> dict[str, Any]:
        lines = await self._turns.lines(visit.participant)
        message = asking(lines)
        tongue = message.language if message is not None else "en"
        return {
            "tongue": tongue,
            "lines": [line for line in lines if line.number > after],
            "newest": lines[-1].number if lines else 0,
            "message": message,
            "csrf": visit.csrf,
            "key": secrets.token_hex(8),
            "draft": draft,
            "menu": [
                (name, self._wording.say(f"menu_{name}", Audience.ADULT, tongue)) for name in _MENU
            ],
        }

    async def _about(self, visit: Visit) -> dict[str, Any]:
        def read(session: Session) -> dict[str, Any]:
            row = session.execute(
                select(Meeting.nation, Participant.role, Participant.age_band)
                .join(Participant, Participant.meeting_id == Meeting.id)
                .where(Participant.id == visit.participant)
            ).one()
            flow = flow_for(row.role, row.age_band)
            audiences = {"young_person": Audience.YOUNG, "child": Audience.CHILD}
            return {"nation": row.nation, "audience": audiences.get(flow, Audience.ADULT)}

        return await self._database.run(read)

    async def code(self, request: Request) -> Response:
        """A short code to go on with, elsewhere or another day."""
        visit = await self._visits.of(request)
        if visit is None:
            return RedirectResponse("/back", 303)
        async with request.form() as form:
            if not from_our_page(request, form, visit.token):
                return RedirectResponse("/chat", 303)
        now = self._clock()
        code = await self._database.run(
            lambda session: invitations.new_code(
                session, self._service_key, visit.participant, now, _CODE_LASTS
            )
        )
        return await self._page(visit, code=code)

    async def events(self, request: Request) -> Response:
        visit = await self._visits.of(request)
        if visit is None:
            return PlainTextResponse("", status_code=204)
        return events(request, self._turns, visit.participant, self._visits)

    async def attachment(self, request: Request) -> Response:
        visit = await self._visits.of(request)
        kept = (
            await self._turns.attachment(visit.participant, request.path_params["attachment"])
            if visit is not None
            else None
        )
        if kept is None:
            return PlainTextResponse("", status_code=404)
        return Response(
            kept.content,
            media_type=kept.media_type,
            headers={"Content-Disposition": "inline", "Content-Security-Policy": "sandbox"},
        )

    # --- from everywhere ---

    async def leave(self, request: Request) -> Response:
        """Quick exit (promise P9): the visit ends, and something neutral is on the screen."""
        await self._visits.end(request)
        response = RedirectResponse(self._neutral, 303)
        response.delete_cookie(COOKIE, path="/")
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    async def help(self, request: Request) -> Response:
        """Needs no visit, asks nothing."""
        visit = await self._visits.of(request)
        nation, audience, language = "", Audience.ADULT, self._guess(request)
        if visit is not None:
            about = await self._about(visit)
            nation, audience = about["nation"], about["audience"]
            language = await self._language(visit) or language
        values = {"helplines": helplines(nation, audience), "inside": visit is not None}
        return self._pages.page("help.html", language, values)

    async def _language(self, visit: Visit) -> str:
        lines = await self._turns.lines(visit.participant)
        message = asking(lines)
        return message.language if message is not None else ""

    async def privacy(self, request: Request) -> Response:
        return self._pages.page("privacy.html", self._guess(request), {})


class _Kept:
    """Static files have their content's hash in their address, so they may be kept for long."""

    def __init__(self, files: StaticFiles) -> None:
        self._files = files

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        async def kept(message: Any) -> None:  # noqa: ANN401 - ASGI
            if message["type"] == "http.response.start":
                message["headers"].append((b"cache-control", b"public, max-age=31536000"))
            await send(message)

        await self._files(scope, receive, kept)


def web_chat(
    turns: Turns,
    database: Database,
    service_key: ServiceKey,
    wording: Wording,
    clock: Clock,
    settings: Settings,
) -> list[BaseRoute]:
    """The routes of the web chat."""
    return WebChat(turns, database, service_key, wording, clock, settings).routes()


def _number(value: object) -> int:
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 10 else 0


def _refuse_large(request: Request) -> None:
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > _LARGEST_FORM:
        raise FormTooLarge
