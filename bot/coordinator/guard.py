"""The one guard that every page of the coordinators' site goes through: who is it, may they, and
did the form come from our own page?"""

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl, quote

from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from bot.coordinator import entering
from bot.coordinator.answering import not_found, page
from bot.coordinator.desk import (
    COOKIE,
    FORM_COOKIE,
    PATH,
    Desk,
    FormRefused,
    FormTooLong,
    NotFound,
    Page,
    SignedIn,
    Visit,
    check_form,
    new_form_secret,
)
from bot.coordinator.speaking import strangers_language
from bot.summaries.compile import NotYours

LONGEST_FORM: Final = 16_384
"""Bytes, where an address says nothing else."""
MOST_READ: Final = 4_000_000
"""Bytes of a form that is too long, read and thrown away: a browser shows no answer that comes
while it is still sending."""

STANDS_OPEN: Final = "x-stands-open"
"""The header with which today's page asks for itself again, so that the session grows idle."""

_NOT_TYPED: Final = ("token", "key", "seen", "back")
_LONGEST_COOKIE: Final = 200
_FIELDS: Final = "application/x-www-form-urlencoded"
_WITH_FILE: Final = "multipart/form-data"


class Role(StrEnum):
    """Who may open a page."""

    ANYONE = "anyone"
    ENTERING = "entering"
    """Whose password or link was right, and whose code may still be due."""
    SIGNED_IN = "signed_in"
    """Coordinators and administrators."""
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"
    """Sets the service up. Opens no page with words on it (promise P23)."""


@dataclass(frozen=True)
class Address:
    """One address, who may open it, and what answers. There is no default role."""

    path: str
    role: Role
    get: Page | None = None
    post: Page | None = None
    longest_form: int = LONGEST_FORM
    """Bytes."""
    takes_file: bool = False
    """Its form may bring a file, which the visit has beside the fields."""
    stands_open: bool = False
    """Asked by a page that only stands open, and not by anybody's hand."""

    @property
    def methods(self) -> list[str]:
        return [name for name, page in (("GET", self.get), ("POST", self.post)) if page]


class Guarded:
    """Answers one address."""

    def __init__(self, desk: Desk, address: Address) -> None:
        self.address = address
        self._desk = desk

    async def answer(self, request: Request) -> Response:
        desk = self._desk
        handler = {"GET": self.address.get, "POST": self.address.post}.get(request.method)
        if handler is None:  # HEAD too: to look is to have read
            return Response(status_code=405, headers={"Allow": ", ".join(self.address.methods)})
        if "prefetch" in request.headers.get("sec-purpose", ""):
            return Response(status_code=503)  # a browser that looks ahead has not read
        by_hand = not self.address.stands_open and STANDS_OPEN not in request.headers
        visit = await _visit(desk, request, by_hand)
        try:
            elsewhere = _elsewhere(self.address.role, visit)
            if elsewhere is not None and not self._was_in(request):
                return elsewhere
            if request.method == "POST":
                form, file = await _read_form(request, self.address)
                visit = replace(visit, form=form, file=file)
                check_form(request, form, visit.form_secret, desk.public_url)
            return elsewhere or await handler(desk, visit)
        except (NotFound, NotYours):
            return not_found(desk, visit)
        except FormRefused:
            typed = _typed(visit) if self._writes else []
            return page(desk, visit, "form_refused.html", 403, typed=typed)
        except FormTooLong:
            return page(desk, visit, "form_too_long.html", 413)

    @property
    def _writes(self) -> bool:
        """Whether people write here, and no passwords."""
        return self.address.role in (Role.COORDINATOR, Role.ADMINISTRATOR)

    def _was_in(self, request: Request) -> bool:
        """A form by somebody who was signed in once: what they wrote is not to be lost."""
        return self._writes and request.method == "POST" and COOKIE in request.cookies


def _elsewhere(role: Role, visit: Visit) -> Response | None:
    """Where someone must go first; None where they may come in. Raises NotFound."""
    who = visit.who
    if role is Role.ANYONE:
        return None
    if who is None:
        return _to_sign_in(visit.request)
    if role is Role.ENTERING:
        return None
    if who.code_due:
        return _on_to(visit.request, next_step(who))
    if role is Role.COORDINATOR and who.administers and visit.request.url.path.rstrip("/") == PATH:
        return _on_to(visit.request, "administration/start")
    if role is not Role.SIGNED_IN and who.administers is not (role is Role.ADMINISTRATOR):
        raise NotFound
    return None


def _typed(visit: Visit) -> list[str]:
    """What somebody wrote into a form that cannot be taken any more, such as after an hour away:
    it is theirs to copy. Nothing where the form came from another site."""
    if visit.request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return []
    written = (text.strip() for name, text in visit.form.items() if name not in _NOT_TYPED)
    return [text for text in written if " " in text or "\n" in text]


def next_step(who: SignedIn) -> str:
    """The page that someone entering is to go to: the code, a first password, or the phone."""
    if who.has_code:
        return "code"
    return "phone" if who.has_password else "password"


async def _visit(desk: Desk, request: Request, by_hand: bool) -> Visit:
    token = request.cookies.get(COOKIE, "")[:_LONGEST_COOKIE]
    now = desk.clock()
    who = None
    if token:
        who = await desk.database.run(
            lambda session: entering.signed_in(session, desk.service_key, token, now, touch=by_hand)
        )
    speaks = strangers_language(desk.library.wording, request)
    if who is not None:
        return Visit(request, token, token, who, speaks)
    secret = request.cookies.get(FORM_COOKIE, "")
    if not 32 <= len(secret) <= _LONGEST_COOKIE:
        secret = new_form_secret()  # a form that was posted without one is refused by this too
    return Visit(request, "", secret, None, speaks)


def _to_sign_in(request: Request) -> Response:
    """The same for what is there and what is not."""
    return _on_to(request, "sign-in")


def _on_to(request: Request, page: str) -> Response:
    where = f"?next={quote(request.url.path)}" if request.method == "GET" else ""
    return RedirectResponse(
        f"{PATH}/{page}{where}", status_code=303, headers={"Cache-Control": "no-store"}
    )


async def _read_form(request: Request, address: Address) -> tuple[dict[str, str], bytes]:
    """The fields, and the file where one came. Raises FormTooLong, and FormRefused for what none of
    our forms sends."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    known = (_FIELDS, _WITH_FILE) if address.takes_file else (_FIELDS,)
    if kind not in known:
        raise FormRefused
    try:
        body = await _at_most(request, address.longest_form)
        if kind == _FIELDS:
            return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=40)), b""
        return await _parts(request, body)
    except (ClientDisconnect, ValueError, MultiPartException):
        raise FormRefused from None


async def _at_most(request: Request, longest: int) -> bytes:
    body, read = bytearray(), 0
    async for chunk in request.stream():
        read += len(chunk)
        if read <= longest:
            body += chunk
        elif read > MOST_READ:
            break
    if read > longest:
        raise FormTooLong
    return bytes(body)


async def _parts(request: Request, body: bytes) -> tuple[dict[str, str], bytes]:
    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(
        request.headers, whole(), max_files=1, max_fields=40, max_part_size=len(body)
    )
    fields: dict[str, str] = {}
    file = b""
    async with contextlib.AsyncExitStack() as held:
        form = await parser.parse()
        held.push_async_callback(form.close)
        for name, value in form.multi_items():
            if isinstance(value, str):
                fields[name] = value
            else:
                file = await value.read()
    return fields, file
