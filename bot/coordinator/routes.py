"""The coordinators' site: every address, and who may open it. What is not in the table is not
there; an address that names no role cannot be written down."""

from typing import Final

from argon2 import PasswordHasher
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.clock import Clock
from bot.coordinator import (
    account,
    adding,
    administering,
    arranging,
    assets,
    correcting,
    getting_in,
    inviting,
    linking,
    live,
    pages,
    papers,
    service_pages,
    speaking,
)
from bot.coordinator.desk import PATH, BotName, Desk, NotFound, Unset, Visit, nothing_unset
from bot.coordinator.guard import Address, Guarded, Role
from bot.coordinator.sign_in import SignIn
from bot.coordinator.views import views_of
from bot.delivery.handing_over import HandingOver
from bot.privacy.days import Retention
from bot.store.database import Database
from bot.store.sealing import ServiceKey
from flows.library import Library

LONGEST_LIST: Final = 400_000
"""Bytes, percent-encoded: a hundred people in letters that take nine bytes each."""
LONGEST_TEXT: Final = 200_000
"""The same for what is written at length: 4,000 letters of twelve bytes each, and room for as much
again and more, so that a text that is too long is shown again and not lost."""

ADDRESSES: Final = (
    Address("/in/{token}", Role.ANYONE, getting_in.show_link, getting_in.use_link),
    Address("/sign-in", Role.ANYONE, getting_in.show_sign_in, getting_in.sign_in),
    Address("/language", Role.ANYONE, post=speaking.choose),
    Address("/sign-out", Role.ENTERING, post=getting_in.sign_out),
    Address("/code", Role.ENTERING, getting_in.show_code, getting_in.check_code),
    Address("/password", Role.ENTERING, getting_in.show_password, getting_in.choose_password),
    Address("/phone", Role.ENTERING, getting_in.show_phone, getting_in.confirm_phone),
    Address("/phone/picture", Role.ENTERING, getting_in.phone_picture),
    Address("/account", Role.SIGNED_IN, account.show),
    Address("/account/password", Role.SIGNED_IN, account.show_password, account.change_password),
    Address("/account/recovery-codes", Role.SIGNED_IN, post=account.new_recovery_codes),
    Address("/account/new-phone", Role.SIGNED_IN, post=account.new_phone),
    Address("/account/sign-out-everywhere", Role.SIGNED_IN, post=account.sign_out_everywhere),
    Address("/account/telegram", Role.COORDINATOR, linking.show, linking.link),
    Address("/account/telegram/unlink", Role.COORDINATOR, post=linking.unlink),
    Address("/administration", Role.ADMINISTRATOR, administering.coordinators),
    Address("/administration/start", Role.ADMINISTRATOR, service_pages.start),
    Address("/administration/invite", Role.ADMINISTRATOR, post=administering.invite),
    Address("/administration/{coordinator_id}/link", Role.ADMINISTRATOR, post=administering.link),
    Address(
        "/administration/{coordinator_id}/remove",
        Role.ADMINISTRATOR,
        administering.show_remove,
        administering.remove,
    ),
    Address(
        "/administration/service",
        Role.ADMINISTRATOR,
        service_pages.show,
        service_pages.change,
        longest_form=LONGEST_TEXT,
    ),
    Address(
        "/administration/numbers", Role.ADMINISTRATOR, service_pages.numbers, service_pages.rang
    ),
    Address("/administration/figures", Role.ADMINISTRATOR, service_pages.figures),
    Address("/administration/log", Role.ADMINISTRATOR, administering.log),
    Address("/administration/log.csv", Role.ADMINISTRATOR, administering.log_as_file),
    Address("", Role.COORDINATOR, pages.today),
    Address("/", Role.COORDINATOR, pages.today),
    Address("/events", Role.COORDINATOR, live.events, stands_open=True),
    Address("/meetings", Role.COORDINATOR, pages.meetings),
    Address("/meeting/new", Role.COORDINATOR, arranging.show_new, arranging.make),
    Address("/meeting/{meeting_id}", Role.COORDINATOR, pages.meeting),
    Address(
        "/meeting/{meeting_id}/again", Role.COORDINATOR, arranging.show_again, arranging.make_again
    ),
    Address(
        "/meeting/{meeting_id}/about",
        Role.COORDINATOR,
        correcting.show,
        correcting.correct,
        longest_form=LONGEST_TEXT,
    ),
    Address("/meeting/{meeting_id}/move", Role.COORDINATOR, arranging.show_move, arranging.move),
    Address(
        "/meeting/{meeting_id}/call-off",
        Role.COORDINATOR,
        arranging.show_call_off,
        arranging.call_off,
    ),
    Address(
        "/meeting/{meeting_id}/people",
        Role.COORDINATOR,
        adding.show,
        adding.add,
        longest_form=LONGEST_LIST,
        takes_file=True,
    ),
    Address("/meeting/{meeting_id}/person", Role.COORDINATOR, post=adding.add_one),
    Address("/meeting/{meeting_id}/letters.pdf", Role.COORDINATOR, post=inviting.letters_for_all),
    Address("/person/{participant_id}", Role.COORDINATOR, inviting.show, inviting.keep),
    Address("/person/{participant_id}/link", Role.COORDINATOR, post=inviting.link),
    Address("/person/{participant_id}/new-link", Role.COORDINATOR, post=inviting.new_link),
    Address("/person/{participant_id}/letter.pdf", Role.COORDINATOR, post=inviting.letter),
    Address("/person/{participant_id}/text", Role.COORDINATOR, post=inviting.send_text),
    Address("/person/{participant_id}/mail", Role.COORDINATOR, post=inviting.send_mail),
    Address("/person/{participant_id}/here", Role.COORDINATOR, post=inviting.here),
    Address("/person/{participant_id}/correct", Role.COORDINATOR, post=inviting.correct),
    Address("/person/{participant_id}/take-out", Role.COORDINATOR, post=inviting.take_out_of_it),
    Address("/person/{participant_id}/take-back", Role.COORDINATOR, post=inviting.take),
    Address("/meeting/{meeting_id}/copy", Role.COORDINATOR, pages.meeting_copy),
    Address("/meeting/{meeting_id}/copy.pdf", Role.COORDINATOR, papers.copy_pdf),
    Address("/meeting/{meeting_id}/copy.docx", Role.COORDINATOR, papers.copy_docx),
    Address("/meeting/{meeting_id}/cards.pdf", Role.COORDINATOR, papers.cards_pdf),
    Address("/meeting/{meeting_id}/roundup.pdf", Role.COORDINATOR, papers.roundup_pdf),
    Address("/meeting/{meeting_id}/roundup.docx", Role.COORDINATOR, papers.roundup_docx),
    Address("/summary/{participant_id}", Role.COORDINATOR, pages.summary),
    Address(
        "/summary/{participant_id}/answer",
        Role.COORDINATOR,
        post=pages.answer,
        longest_form=LONGEST_TEXT,
    ),
    Address("/summary/{participant_id}/pdf", Role.COORDINATOR, papers.summary_pdf),
    Address("/summary/{participant_id}/docx", Role.COORDINATOR, papers.summary_docx),
    Address("/attachment/{attachment_id}", Role.COORDINATOR, pages.attachment),
    # Whoever is told of an alert may act on it, an administrator too: bot.alerts says who that is.
    Address("/alert/{alert_id}", Role.SIGNED_IN, pages.alert),
    Address("/alert/{alert_id}/needed-action", Role.SIGNED_IN, post=pages.needed_action),
    Address("/alert/{alert_id}/false-alarm", Role.SIGNED_IN, post=pages.false_alarm),
    Address("/alert/{alert_id}/acknowledge", Role.SIGNED_IN, post=pages.acknowledge),
    Address("/task/{participant_id}/{step}/given", Role.COORDINATOR, post=pages.task_given),
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
    strict: bool = False,
    unset: Unset = nothing_unset,
    hasher: PasswordHasher | None = None,
    sends: frozenset[str] = frozenset(),
    bot_name: BotName | None = None,
    look_every_s: float = 4,
    duty_contact: str = "",
) -> list[BaseRoute]:
    """The site's routes, all below /coordinator.

    Args:
        public_url: where people reach us; https makes the cookies secure.
        retention: how long things are kept; as it comes when None.
        demo: say on every page that the people are made up.
        strict: nothing is open before a second factor is set up, not even to a link.
        unset: what whoever runs the machine has still to set.
        hasher: for passwords; argon2id as argon2-cffi sets it when None.
        sends: ways in which invitations can be sent.
        bot_name: of the service's bot in Telegram; None where it has none.
        duty_contact: whom alerts reach beside the coordinator; empty where nobody is set.
        look_every_s: how soon, in seconds, a page that stands open shows what has happened.
    """
    desk = Desk(
        database=database,
        service_key=service_key,
        library=library,
        clock=clock,
        public_url=public_url,
        views=views_of(library.wording, demo=demo),
        sign_in=SignIn(database, service_key, hasher),
        handing_over=HandingOver(library, public_url, duty_contact),
        retention=retention or Retention(),
        strict=strict,
        sends=sends,
        bot_name=bot_name,
        look_every_s=look_every_s,
    )
    guarded = [Guarded(desk, one) for one in (*ADDRESSES, _ANYTHING_ELSE)]
    return [
        Route(f"{PATH}/static/{{name}}", assets.serve, methods=["GET"]),
        *(
            Route(PATH + one.address.path, one.answer, methods=one.address.methods)
            for one in guarded
        ),
    ]


async def _nothing(desk: Desk, visit: Visit) -> Response:
    raise NotFound


_ANYTHING_ELSE: Final = Address("/{rest:path}", Role.COORDINATOR, _nothing, _nothing)
"""Nobody learns what is there and what is not without having signed in."""
