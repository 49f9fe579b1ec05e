"""The doors of the web chat: an invitation, a short code, and the quick way out."""

from contextlib import suppress
from urllib.parse import quote
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot import invitations
from bot.channels.web.posting import SMALL_BYTES, posted
from bot.channels.web.shared import Shared
from bot.channels.web.tries import Tries
from bot.channels.web.visit import form_token, from_our_page
from bot.languages import browsers_language
from bot.meetings.relation import who_is_asked
from bot.store.conversations import NobodyThere
from bot.store.models import Participant
from bot.store.sealing import KeyGone, KeyRing
from flows.schema import Audience


class WaysIn:
    """Opening a link has no effect; the tap on its page has (promise P29)."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._visits = shared.visits
        self._tries = Tries(shared.clock)

    async def landing(self, request: Request) -> Response:
        if await self._visits.of(request) is not None:
            return RedirectResponse("/chat", 303)
        return await self.back(request)

    async def door(self, request: Request) -> Response:
        """Has no effect: link previews and mail scanners open links too."""
        token = request.path_params["token"]
        visit = await self._visits.of(request)
        now = self._shared.clock()

        def look(session: Session) -> tuple[str, str] | bool:
            if visit is not None and invitations.belongs_to(session, token, visit.participant):
                return True
            found = invitations.look_up(session, token, ("web",), now)
            if found is None or found.participant_id is None:
                return False
            return self._who(session, found.participant_id)

        try:
            asked = await self._shared.database.run(look)
        except KeyGone:  # erased: there is nobody whom this could be
            asked = False
        if asked is True:
            return RedirectResponse("/chat", 303)
        if isinstance(asked, bool):
            return self._entry(request, dead=True)
        who, language = asked
        language = language if self._shared.wording.speaks(language) else "en"
        question = self._shared.wording.say("confirm", Audience.ADULT, language, relation=who)
        secret = self._visits.form_secret(request)
        values = {"question": question, "csrf": form_token(secret)}
        page = self._shared.pages.page("door.html", language, values)
        self._visits.set_form_cookie(page, secret)
        return page

    async def enter(self, request: Request) -> Response:
        """The confirm tap. Of two that race, one gets in."""
        token = request.path_params["token"]
        form = (await posted(request, SMALL_BYTES)).form
        if not from_our_page(request, form, self._visits.known_form_secret(request)):
            return RedirectResponse(f"/i/{quote(token, safe='')}", 303)
        now = self._shared.clock()

        def use(session: Session) -> tuple[UUID, str] | None:
            invitation = invitations.accept(session, token, ("web",), now)
            if invitation is None or invitation.participant_id is None:
                return None
            invitations.revoke_others(session, invitation, now)
            participant = session.get_one(Participant, invitation.participant_id)
            participant.opened_at = participant.opened_at or now
            return participant.id, self._visits.begin(session, participant.id, request)

        return await self._let_in(request, await self._shared.database.run(use))

    async def back(self, request: Request) -> Response:
        """Coming back, on this device or another, with the short code."""
        return self._entry(request)

    async def redeem(self, request: Request) -> Response:
        form = (await posted(request, SMALL_BYTES)).form
        typed = form.get("code", "")
        address = request.client.host if request.client else ""
        ours = from_our_page(request, form, self._visits.known_form_secret(request))
        if not ours or not isinstance(typed, str) or not self._tries.may(address):
            return self._entry(request, wrong=True)
        now = self._shared.clock()

        def use(session: Session) -> tuple[UUID, str] | None:
            key = self._shared.service_key
            participant = invitations.redeem_code(session, key, typed[:40], now)
            if participant is None:
                return None
            return participant, self._visits.begin(session, participant, request)

        found = await self._shared.database.run(use)
        if found is None:
            return self._entry(request, wrong=True)
        self._tries.right(address)
        return await self._let_in(request, found)

    async def leave(self, request: Request) -> Response:
        """Quick exit (promise P9): the visit ends, and something neutral is on the screen."""
        with suppress(SQLAlchemyError):  # out of the room they get, whatever is broken
            await self._visits.end(request)
        response = RedirectResponse(self._shared.neutral_url, 303)
        self._visits.clear_cookies(response)
        # Not "cookies": that would also end visits to other sites of the same council.
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    async def _let_in(self, request: Request, found: tuple[UUID, str] | None) -> Response:
        if found is None:
            return self._entry(request, dead=True)
        participant, cookie = found
        try:
            await self._shared.turns.open(participant, "web")
        except (NobodyThere, KeyGone):
            return self._entry(request, dead=True)
        response = RedirectResponse("/chat", 303)
        self._visits.set_cookie(response, cookie)
        return response

    def _entry(self, request: Request, *, wrong: bool = False, dead: bool = False) -> Response:
        """The page that asks for a short code. The same, whatever the reason why a link opens
        nothing: used, too old, taken back or made up."""
        secret = self._visits.form_secret(request)
        page = self._shared.pages.page(
            "back.html",
            browsers_language(self._shared.wording, request),
            {"csrf": form_token(secret), "wrong": wrong, "dead": dead},
            status=404 if dead else 200,
        )
        self._visits.set_form_cookie(page, secret)
        return page

    def _who(self, session: Session, participant: UUID) -> tuple[str, str]:
        row = session.get_one(Participant, participant)
        seal = KeyRing(session, self._shared.service_key).of(row.id)
        name = seal.open_text("participant", row.id, "sealed_name", row.sealed_name)
        relation = seal.open_text("participant", row.id, "sealed_relation", row.sealed_relation)
        return who_is_asked(name, relation), row.language
