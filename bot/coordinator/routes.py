"""The coordinators' site: every address, and who may open it. What is not in the table is not
there; an address that names no role cannot be written down."""

from typing import Final

from argon2 import PasswordHasher
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.clock import Clock
from bot.coordinator import getting_in, pages, papers
from bot.coordinator.desk import PATH, Desk, NotFound, Visit
from bot.coordinator.guard import Address, Guarded, Role
from bot.coordinator.sign_in import SignIn
from bot.coordinator.views import STYLE, Views
from bot.privacy.days import Retention
from bot.store.database import Database
from bot.store.sealing import ServiceKey
from flows.library import Library

ADDRESSES: Final = (
    Address("/in/{token}", Role.ANYONE, getting_in.show_link, getting_in.use_link),
    Address("/sign-in", Role.ANYONE, getting_in.show_sign_in, getting_in.sign_in),
    Address("/sign-out", Role.COORDINATOR, post=getting_in.sign_out),
    Address("/password", Role.COORDINATOR, getting_in.show_password, getting_in.choose_password),
    Address("", Role.COORDINATOR, pages.meetings),
    Address("/", Role.COORDINATOR, pages.meetings),
    Address("/meeting/{meeting_id}", Role.COORDINATOR, pages.meeting),
    Address("/meeting/{meeting_id}/copy", Role.COORDINATOR, pages.meeting_copy),
    Address("/meeting/{meeting_id}/copy.pdf", Role.COORDINATOR, papers.copy_pdf),
    Address("/meeting/{meeting_id}/copy.docx", Role.COORDINATOR, papers.copy_docx),
    Address("/meeting/{meeting_id}/cards.pdf", Role.COORDINATOR, papers.cards_pdf),
    Address("/meeting/{meeting_id}/roundup.pdf", Role.COORDINATOR, papers.roundup_pdf),
    Address("/meeting/{meeting_id}/roundup.docx", Role.COORDINATOR, papers.roundup_docx),
    Address("/summary/{participant_id}", Role.COORDINATOR, pages.summary),
    Address("/summary/{participant_id}/pdf", Role.COORDINATOR, papers.summary_pdf),
    Address("/summary/{participant_id}/docx", Role.COORDINATOR, papers.summary_docx),
    Address("/attachment/{attachment_id}", Role.COORDINATOR, pages.attachment),
    Address("/alert/{alert_id}", Role.COORDINATOR, pages.alert),
    Address("/alert/{alert_id}/needed-action", Role.COORDINATOR, post=pages.needed_action),
    Address("/alert/{alert_id}/false-alarm", Role.COORDINATOR, post=pages.false_alarm),
    Address("/alert/{alert_id}/acknowledge", Role.COORDINATOR, post=pages.acknowledge),
    Address("/task/{participant_id}/{step}/done", Role.COORDINATOR, post=pages.task_done),
)


def coordinators_site(
    database: Database,
    service_key: ServiceKey,
    library: Library,
    clock: Clock,
    public_url: str,
    retention: Retention | None = None,
    *,
    demo: bool = False,
    hasher: PasswordHasher | None = None,
) -> list[BaseRoute]:
    """The site's routes, all below /coordinator.

    Args:
        public_url: where people reach us; https makes the cookies secure.
        retention: how long things are kept; as it comes when None.
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
        retention=retention or Retention(),
    )
    guarded = [Guarded(desk, one) for one in (*ADDRESSES, _ANYTHING_ELSE)]
    style = Route(f"{PATH}/static/coordinator.css", _style, methods=["GET"])
    return [
        style,
        *(
            Route(PATH + one.address.path, one.answer, methods=one.address.methods)
            for one in guarded
        ),
    ]


async def _nothing(desk: Desk, visit: Visit) -> Response:
    raise NotFound


_ANYTHING_ELSE: Final = Address("/{rest:path}", Role.COORDINATOR, _nothing, _nothing)
"""Nobody learns what is there and what is not without having signed in."""


async def _style(_: Request) -> Response:
    headers = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return Response(STYLE, media_type="text/css; charset=utf-8", headers=headers)
