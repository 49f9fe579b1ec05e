"""One browser's visit: its cookie, and the proof that a form came from our own page."""

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from bot import invitations
from bot.clock import Clock
from bot.store.database import Database

COOKIE = "chat"
_FORM_COOKIE = "form"


@dataclass(frozen=True)
class Visit:
    """A participant's browser that is in."""

    participant: UUID
    token: str

    @property
    def csrf(self) -> str:
        return form_token(self.token)


def form_token(secret: str) -> str:
    """What a form of the holder of this cookie carries; other sites cannot know it."""
    return sha256(b"form " + secret.encode()).hexdigest()


def from_our_page(request: Request, form: FormData, secret: str) -> bool:
    """Whether a form was sent from our own page, by the browser that we showed it to.

    Args:
        secret: of the cookie; a browser without one was shown no form.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    given = form.get("csrf", "")
    if site not in ("same-origin", "none") or not secret or not isinstance(given, str):
        return False
    # As bytes: compare_digest raises on letters that are not ASCII.
    return hmac.compare_digest(given.encode(errors="replace"), form_token(secret).encode())


class Visits:
    """Finds, begins and ends visits."""

    def __init__(self, database: Database, clock: Clock, *, https: bool) -> None:
        self._database = database
        self._clock = clock
        self._https = https

    async def of(self, request: Request, *, touch: bool = True) -> Visit | None:
        """Whose browser this is; None where nobody is in.

        Args:
            touch: False where it is not a person who asks but a page that stands open.
        """
        token = request.cookies.get(COOKIE, "")
        if not token:
            return None
        now = self._clock()
        found = await self._database.run(
            lambda session: invitations.who(session, token, now, touch=touch)
        )
        if found is None or found.participant_id is None:
            return None
        return Visit(found.participant_id, token)

    def begin(self, session: Session, participant: UUID, request: Request) -> str:
        """In the transaction of what let them in. The cookie to set is returned; the visit that
        this browser had before is over."""
        now = self._clock()
        invitations.sign_out(session, request.cookies.get(COOKIE, ""), now)
        return invitations.sign_in(session, participant_id=participant, now=now)

    async def end(self, request: Request) -> None:
        token = request.cookies.get(COOKIE, "")
        if token:
            now = self._clock()
            await self._database.run(lambda session: invitations.sign_out(session, token, now))

    def set_cookie(self, response: Response, token: str) -> None:
        """Gone when the browser is closed; the visit itself ends sooner when it is idle."""
        response.set_cookie(
            COOKIE, token, httponly=True, samesite="lax", secure=self._https, path="/"
        )
        response.delete_cookie(_FORM_COOKIE, path="/")

    def clear_cookies(self, response: Response) -> None:
        for name in (COOKIE, _FORM_COOKIE):
            response.delete_cookie(name, path="/")

    def form_secret(self, request: Request) -> str:
        """For forms of those who are not in yet."""
        return request.cookies.get(_FORM_COOKIE) or secrets.token_urlsafe(16)

    def set_form_cookie(self, response: Response, secret: str) -> None:
        response.set_cookie(
            _FORM_COOKIE, secret, httponly=True, samesite="lax", secure=self._https, path="/"
        )

    def known_form_secret(self, request: Request) -> str:
        return request.cookies.get(_FORM_COOKIE, "")
