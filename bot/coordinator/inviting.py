"""One person's invitation: by which ways they may be written to, what was given to them and whether
it was opened; the link shown, printed, sent, opened on the device at hand, or taken back."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote
from uuid import UUID

from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from bot import invitations
from bot.coordinator.answering import page
from bot.coordinator.arranging import form_key, own_meeting
from bot.coordinator.desk import COOKIE, PATH, Desk, Visit, new_form_key
from bot.coordinator.papers import given_file
from bot.delivery.inviting import Sent, queue_invitation, sent_to
from bot.meetings.contact import Contact, Sending, keep_contact, read_contact
from bot.meetings.correcting import correct_person, has_begun, take_out
from bot.meetings.invited import Invited, all_invited, invited, words_for
from bot.meetings.inviting import (
    By,
    Given,
    WayIn,
    given_to,
    letters_in,
    reissue,
    take_back,
    way_in,
)
from bot.meetings.making import note, way_in_as_json
from bot.meetings.pasted import LANGUAGES
from bot.meetings.square import Square, square_of
from bot.store.conversations import NobodyThere, claim_turn
from bot.store.models import Participant
from bot.store.sealing import KeyGone, KeyRing
from bot.summaries.compile import NotYours
from bot.summaries.documents.invitation import Invitation, letters
from bot.summaries.documents.pdf import pdf
from bot.summaries.sentences import Sentences
from flows.schema import Audience

T = TypeVar("T")


@dataclass(frozen=True)
class Shown:
    """One person's links, shown once."""

    participant_id: UUID
    name: str
    web: str
    square: Square
    telegram: str
    """The words that open Telegram's chat; empty for those who may use the web only."""
    telegram_link: str
    """The same as a link; empty where the bot's name is not known."""


@dataclass(frozen=True)
class Standing:
    """What the page shows of one person."""

    who: Invited
    given: tuple[Given, ...]
    sent: tuple[Sent, ...]
    begun: bool
    """What they prepared is theirs: they are not taken out any more."""


async def show(desk: Desk, visit: Visit) -> Response:
    return _page(desk, visit, await _standing(desk, visit))


async def keep(desk: Desk, visit: Visit) -> Response:
    """By which ways they may be written to."""
    contact, wrong = read_contact(visit.form)
    if wrong:
        return _page(desk, visit, await _standing(desk, visit), contact, wrong, 400)

    def change(session: Session, who: Invited) -> None:
        row = session.get_one(Participant, who.participant_id)
        keep_contact(session, KeyRing(session, desk.service_key).of(row.id), row, contact)

    await _with(desk, visit, change, "contact_kept")
    return _back(visit)


async def link(desk: Desk, visit: Visit) -> Response:
    """One more link, to be given at once. Whoever is in stays in."""
    return await _shown(desk, visit, _new_way(desk, visit, "link"))


async def new_link(desk: Desk, visit: Visit) -> Response:
    """A new link in the place of all others; whoever was in as them is out."""
    return await _shown(desk, visit, _new_way(desk, visit, "link", put_out=True))


async def letter(desk: Desk, visit: Visit) -> Response:
    """To print: their link as a square and as an address, in their own language."""

    def make(session: Session, who: Invited) -> tuple[Invitation, ...]:
        return (_letter(desk, who, _new_way(desk, visit, "letter")(session, who)),)

    made = await _with(desk, visit, make)
    return await _printed(desk, visit, made, visit.id_in_path("participant_id"))


async def letters_for_all(desk: Desk, visit: Visit) -> Response:
    """A letter for everybody in the meeting who has not opened their link."""
    found, now, who = await own_meeting(desk, visit), desk.clock(), visit.signed_in
    is_on = found.cancelled_at is None
    not_opened = [one.participant_id for one in found.people if is_on and one.status == "invited"]

    def make(session: Session) -> tuple[Invitation, ...]:
        ring = KeyRing(session, desk.service_key)
        people = all_invited(session, ring, not_opened, now, who.id)
        ways = letters_in(session, [one.participant_id for one in people], now, _actor(visit))
        return tuple(_letter(desk, one, ways[one.participant_id]) for one in people)

    made = await desk.database.run(make)
    if not made:
        return RedirectResponse(f"{PATH}/meeting/{found.meeting_id}", status_code=303)
    return await _printed(desk, visit, made, found.meeting_id)


async def send_text(desk: Desk, visit: Visit) -> Response:
    return await _send(desk, visit, "text")


async def send_mail(desk: Desk, visit: Visit) -> Response:
    return await _send(desk, visit, "mail")


async def here(desk: Desk, visit: Visit) -> Response:
    """The device is handed over: their page opens on it, and the desk is closed behind it."""
    now = desk.clock()

    def change(session: Session, who: Invited) -> WayIn:
        made = _new_way(desk, visit, "here")(session, who)
        invitations.sign_out(session, visit.session_token, now)
        return made

    made = await _with(desk, visit, change)
    response = RedirectResponse(f"/i/{quote(made.web, safe='')}", status_code=303)
    desk.take_cookie(response, COOKIE)
    return response


async def take(desk: Desk, visit: Visit) -> Response:
    """No link opens anything any more."""
    now, actor = desk.clock(), _actor(visit)
    await _with(
        desk, visit, lambda session, who: take_back(session, who.participant_id, now, actor)
    )
    return _back(visit)


async def correct(desk: Desk, visit: Visit) -> Response:
    """How somebody is called, what they are to the child, and their language."""
    now, actor = desk.clock(), _actor(visit)
    read = await _with(
        desk,
        visit,
        lambda session, who: correct_person(
            session,
            KeyRing(session, desk.service_key),
            who.participant_id,
            visit.form,
            now,
            actor,
        ),
    )
    if read.person is not None:
        return _back(visit)
    wrong = {one.what: one.what for one in read.problems}
    return _page(desk, visit, await _standing(desk, visit), None, wrong, 400, visit.form)


async def take_out_of_it(desk: Desk, visit: Visit) -> Response:
    """Somebody who was added by mistake; whoever has begun stays."""
    now, actor = desk.clock(), _actor(visit)
    went, where = await _with(
        desk,
        visit,
        lambda session, who: (
            take_out(session, KeyRing(session, desk.service_key), who.participant_id, now, actor),
            who.meeting_id,
        ),
    )
    return RedirectResponse(f"{PATH}/meeting/{where}", 303) if went else _back(visit)


def languages(desk: Desk, visit: Visit, spoken: str = "en") -> list[tuple[str, str]]:
    """Those that can be chosen, by their names, English first. `spoken`: one that must be there."""
    name = Sentences(desk.library.wording, visit.language).language_name
    others = sorted({*LANGUAGES, spoken} - {"en"}, key=lambda code: name(code).casefold())
    return [(code, name(code)) for code in ("en", *others)]


def shown(desk: Desk, name: str, way: WayIn) -> Shown:
    ways = way_in_as_json(way, desk.public_url, desk.bot)
    telegram = ways["telegram"] or {}
    start = f"/start {telegram['start']}" if telegram and desk.bot_name is not None else ""
    square, link = square_of(ways["web"]), telegram.get("link") or ""
    return Shown(way.participant_id, name, ways["web"], square, start, link)


async def _send(desk: Desk, visit: Visit, way: Sending) -> Response:
    """By text or mail, where they said that it is safe and the service has it set up."""
    now, key = desk.clock(), form_key(visit)

    def change(session: Session, who: Invited) -> None:
        if not _may_send(desk, who, way) or not claim_turn(session, key, None, now):
            return
        queue_invitation(session, KeyRing(session, desk.service_key), who, way, now)

    await _with(desk, visit, change, f"invitation_by_{way}")
    return _back(visit)


def _may_send(desk: Desk, who: Invited, way: Sending) -> bool:
    """A child of 7 to 10 is never written to: a grown-up opens the page with them."""
    return (
        who.is_on
        and who.audience is not Audience.CHILD
        and way in desk.sends
        and who.contact.may(way)
    )


def _new_way(
    desk: Desk, visit: Visit, by: By, *, put_out: bool = False
) -> Callable[[Session, Invited], WayIn]:
    now, actor = desk.clock(), _actor(visit)

    def make(session: Session, who: Invited) -> WayIn:
        if not who.is_on:
            raise NobodyThere
        if put_out:
            return reissue(session, who.participant_id, now, actor)
        return way_in(session, who.participant_id, now, actor, by)

    return make


def _letter(desk: Desk, who: Invited, way: WayIn) -> Invitation:
    address = way_in_as_json(way, desk.public_url, None)["web"]
    return Invitation(words_for(desk.library.wording, who), address, who.coordinator)


async def _printed(desk: Desk, visit: Visit, made: tuple[Invitation, ...], about: UUID) -> Response:
    sentences = Sentences(desk.library.wording, visit.language)
    printed = await asyncio.to_thread(lambda: pdf(letters(made, sentences)))
    return given_file(printed, "letter", about, "pdf")


async def _shown(desk: Desk, visit: Visit, make: Callable[[Session, Invited], WayIn]) -> Response:
    name, way, meeting = await _with(
        desk, visit, lambda session, who: (who.name, make(session, who), who.meeting_id)
    )
    links = [shown(desk, name, way)]
    return page(desk, visit, "people_ways_in.html", meeting_id=meeting, links=links)


async def _standing(desk: Desk, visit: Visit) -> Standing:
    now = desk.clock()
    return await _with(
        desk,
        visit,
        lambda session, who: Standing(
            who,
            given_to(session, who.participant_id, now),
            sent_to(session, who.participant_id),
            has_begun(session, who.participant_id),
        ),
    )


async def _with(
    desk: Desk, visit: Visit, act: Callable[[Session, Invited], T], action: str = ""
) -> T:
    """Something for the person whom the address names, in one transaction.

    Args:
        action: for the audit log; empty where `act` notes its own.

    Raises:
        NotFound, NotYours: nobody of one's own meetings, or erased.
    """
    asked, now, who = visit.id_in_path("participant_id"), desk.clock(), visit.signed_in

    def run(session: Session) -> T:
        found = invited(session, KeyRing(session, desk.service_key), asked, now, who.id)
        done = act(session, found)
        if action:
            note(session, _actor(visit), action, asked, now)
        return done

    try:
        return await desk.database.run(run)
    except (NobodyThere, KeyGone):
        raise NotYours from None


def _page(
    desk: Desk,
    visit: Visit,
    standing: Standing,
    typed: Contact | None = None,
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
    called: Mapping[str, str] | None = None,
) -> Response:
    who = standing.who
    known = {one: getattr(who, one) for one in ("name", "relation", "child", "language")}
    ways: tuple[Sending, ...] = ("text", "mail")
    ready = [way for way in ways if _may_send(desk, who, way)]
    return page(
        desk,
        visit,
        "person.html",
        status,
        standing=standing,
        person=who,
        contact=typed or who.contact,
        called=called or known,
        wrong=wrong or {},
        ready=ready,
        sends=desk.sends,
        speaks=desk.library.wording.of_invitations.speaks(who.language),
        languages=languages(desk, visit, who.language),
        text_message=words_for(desk.library.wording, who).text_message,
        key=new_form_key(),
    )


def _back(visit: Visit) -> Response:
    where = f"{PATH}/person/{visit.id_in_path('participant_id')}"
    return RedirectResponse(where, status_code=303)


def _actor(visit: Visit) -> str:
    return f"coordinator:{visit.signed_in.id}"
