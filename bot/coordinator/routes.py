"""The coordinators' site: every address, who may open it, and the one guard that all go through.

What is not in the table is not there. A page that names no role cannot be written down.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from argon2 import PasswordHasher
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot import invitations
from bot.clock import Clock
from bot.coordinator import getting_in, pages
from bot.coordinator.answering import not_found, page
from bot.coordinator.desk import (
    COOKIE,
    FORM_COOKIE,
    PATH,
    Desk,
    FormRefused,
    NotFound,
    Page,
    SignedIn,
    Visit,
    check_form,
    new_form_secret,
)
from bot.coordinator.sign_in import SignIn
from bot.coordinator.views import STYLE, Views
from bot.store.database import Database
from bot.store.models import Coordinator
from bot.store.sealing import KeyGone, KeyRing, ServiceKey
from bot.summaries.compile import NotYours
from flows.library import Library

LONGEST_FORM: Final = 16_384
"""Bytes. Our longest form holds an address and a password."""


class Role(StrEnum):
    """Who may open a page."""

    ANYONE = "anyone"
    COORDINATOR = "coordinator"


@dataclass(frozen=True)
class Address:
    """One address, who may open it, and what answers."""

    path: str
    role: Role
    get: Page | None = None
    post: Page | None = None

    @property
    def methods(self) -> list[str]:
        return [name for name, page in (("GET", self.get), ("POST", self.post)) if page]


ADDRESSES: Final = (
    Address("/in/{token}", Role.ANYONE, getting_in.show_link, getting_in.use_link),
    Address("/sign-in", Role.ANYONE, getting_in.show_sign_in, getting_in.sign_in),
    Address("/sign-out", Role.COORDINATOR, post=getting_in.sign_out),
    Address("/password", Role.COORDINATOR, getting_in.show_password, getting_in.choose_password),
    Address("", Role.COORDINATOR, pages.meetings),
    Address("/meeting/{meeting_id}", Role.COORDINATOR, pages.meeting),
    Address("/meeting/{meeting_id}/copy", Role.COORDINATOR, pages.meeting_copy),
    Address("/summary/{participant_id}", Role.COORDINATOR, pages.summary),
    Address("/attachment/{attachment_id}", Role.COORDINATOR, pages.attachment),
    Address("/alert/{alert_id}/acknowledge", Role.COORDINATOR, post=pages.acknowledge),
    Address("/task/{participant_id}/{step}/done", Role.COORDINATOR, post=pages.task_done),
)


class Guarded:
    """Answers one address: who is it, may they, and did the form come from our page?"""

    def __init__(self, desk: Desk, address: Address) -> None:
        self.address = address
        self._desk = desk

    async def __call__(self, request: Request) -> Response:
        desk = self._desk
        answer = {"GET": self.address.get, "POST": self.address.post}.get(request.method)
        if answer is None:
            return Response(status_code=405, headers={"Allow": ", ".join(self.address.methods)})
        if "prefetch" in request.headers.get("sec-purpose", ""):
            return Response(status_code=503)  # looking ahead must not count as having read
        visit = await _visit(desk, request)
        try:
            if self.address.role is not Role.ANYONE and visit.who is None:
                return _to_sign_in(request)
            if request.method == "POST":
                visit = await _with_form(desk, visit)
            return await answer(desk, visit)
        except (NotFound, NotYours):
            return not_found(desk, visit)
        except FormRefused:
            return page(desk, visit, "form_refused.html", 403)


def coordinators_site(
    database: Database,
    service_key: ServiceKey,
    library: Library,
    clock: Clock,
    public_url: str,
    *,
    demo: bool = False,
    hasher: PasswordHasher | None = None,
) -> list[BaseRoute]:
    """The site's routes, all below /coordinator.

    Args:
        public_url: where people reach us; https makes the cookies secure.
        demo: say on every page that the people are made up.
        hasher: for passwords; argon2id as argon2-cffi sets it when None.
    """
    desk = Desk(
        database=database,
        service_key=service_key,
        library=library,
        clock=clock,
        public_url=public_url,
        views=Views(library.wording, demo=demo),
        sign_in=SignIn(database, service_key, hasher),
    )
    routes = [
        Route(PATH + one.path, _endpoint(Guarded(desk, one)), methods=one.methods)
        for one in ADDRESSES
    ]
    nothing = Guarded(desk, Address("/{rest:path}", Role.COORDINATOR, _nothing, _nothing))
    return [
        Route(f"{PATH}/static/coordinator.css", _style, methods=["GET"]),
        *routes,
        Route(f"{PATH}/{{rest:path}}", nothing, methods=["GET", "POST"]),
    ]
