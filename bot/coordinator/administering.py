"""For administrators: who works at the desk, and the audit log. No page here holds a family's word
or name (promise P23)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from bot import auditing, staff
from bot.auditing import Asked
from bot.coordinator.answering import page
from bot.coordinator.desk import PATH, Desk, NotFound, Visit
from bot.coordinator.service_form import EMAIL
from bot.delivery.new_link import tell_of_new_link
from bot.meetings.writing import is_no_name, one_line
from bot.removing import NobodyToTakeOver, remove_from_desk
from bot.staff import LONGEST_NAME
from bot.store.sealing import KeyRing

_LONGEST_EMAIL = 254


@dataclass(frozen=True)
class NewLink:
    """A link to give to someone by hand. It is shown once and kept nowhere."""

    name: str
    address: str


async def coordinators(desk: Desk, visit: Visit) -> Response:
    return await _coordinators(desk, visit)


async def invite(desk: Desk, visit: Visit) -> Response:
    """Someone new, and the link that lets them in once."""
    form, now, actor = visit.form, desk.clock(), _actor(visit)
    name, email = one_line(form.get("name", "")), form.get("email", "").strip()
    problems = {}
    if is_no_name(name, LONGEST_NAME):
        problems["name"] = "name"
    if len(email) > _LONGEST_EMAIL or not EMAIL.fullmatch(email):
        problems["email"] = "email"
    if problems:
        return await _coordinators(desk, visit, typed=form, problems=problems, status=400)

    def make(session: Session) -> str:
        made = staff.make(
            session,
            KeyRing(session, desk.service_key),
            name=name,
            email=email,
            language=visit.language,
            now=now,
            actor=actor,
            administers=form.get("role") == staff.ADMINISTRATOR,
        )
        return staff.link(session, made, now, actor)

    try:
        token = await desk.database.run(make)
    except staff.Known:
        problems = {"email": "known"}
        return await _coordinators(desk, visit, typed=form, problems=problems, status=400)
    return await _coordinators(desk, visit, new_link=NewLink(name, _address(desk, token)))


async def link(desk: Desk, visit: Visit) -> Response:
    """A new link for someone who has forgotten their password or lost their phone."""
    asked, now, actor = visit.id_in_path("coordinator_id"), desk.clock(), _actor(visit)
    lost_phone = visit.form.get("lost") == "phone"
    one = await _one(desk, asked)

    def renew(session: Session) -> str:
        token = staff.let_in_anew(session, asked, now, actor, lost_phone=lost_phone)
        ring = KeyRing(session, desk.service_key)
        tell_of_new_link(session, ring, desk.library.wording, asked, now)
        return token

    token = await desk.database.run(renew)
    return await _coordinators(desk, visit, new_link=NewLink(one.name, _address(desk, token)))


async def show_remove(desk: Desk, visit: Visit) -> Response:
    return await _remove(desk, visit, "")


async def remove(desk: Desk, visit: Visit) -> Response:
    """Their access is gone at once; their meetings are another's."""
    asked, now, actor = visit.id_in_path("coordinator_id"), desk.clock(), _actor(visit)
    if asked == visit.signed_in.id:
        return await _remove(desk, visit, "yourself", 400)
    try:
        to = UUID(visit.form.get("to", ""))
    except ValueError:
        to = None
    try:
        await desk.database.run(
            lambda session: remove_from_desk(
                session,
                KeyRing(session, desk.service_key),
                asked,
                to,
                now,
                actor,
                desk.handing_over,
            )
        )
    except staff.Unknown:
        raise NotFound from None
    except NobodyToTakeOver:
        return await _remove(desk, visit, "nobody", 400)
    return RedirectResponse(f"{PATH}/administration", status_code=303)


async def log(desk: Desk, visit: Visit) -> Response:
    """The audit log, a page at a time."""
    asked, number = _asked(visit.request.query_params)

    def read(
        session: Session,
    ) -> tuple[tuple[auditing.Entry, ...], bool, tuple[str, ...], tuple[tuple[str, str], ...]]:
        ring = KeyRing(session, desk.service_key)
        entries, more = auditing.read(session, ring, asked, page=number)
        known = auditing.actions(session)
        return entries, more, known, auditing.who_ever_did(session, ring)

    entries, more, known, people = await desk.database.run(read)
    query = {
        name: value
        for name, value in visit.request.query_params.items()
        if name in ("since", "until", "action", "who") and value
    }
    return page(
        desk,
        visit,
        "log.html",
        entries=entries,
        more=more,
        number=number,
        actions=known,
        people=people,
        typed=query,
        query=urlencode(query),
    )


async def log_as_file(desk: Desk, visit: Visit) -> Response:
    asked, _ = _asked(visit.request.query_params)
    text = await desk.database.run(
        lambda session: auditing.as_csv(session, KeyRing(session, desk.service_key), asked)
    )
    return Response(
        text,
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="audit-log.csv"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


async def _coordinators(
    desk: Desk,
    visit: Visit,
    *,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    new_link: NewLink | None = None,
    status: int = 200,
) -> Response:
    return page(
        desk,
        visit,
        "administration.html",
        status,
        people=await _people(desk),
        typed=typed or {},
        problems=problems or {},
        new_link=new_link,
        lasts_days=staff.LINK_LASTS.days,
    )


async def _remove(desk: Desk, visit: Visit, problem: str, status: int = 200) -> Response:
    asked = visit.id_in_path("coordinator_id")
    one = await _one(desk, asked)
    heirs = [other for other in await _people(desk) if other.id != asked and not other.administers]
    return page(desk, visit, "remove.html", status, person=one, heirs=heirs, problem=problem)


async def _people(desk: Desk) -> tuple[staff.AtDesk, ...]:
    now = desk.clock()
    return await desk.database.run(
        lambda session: staff.at_desk(session, KeyRing(session, desk.service_key), now)
    )


async def _one(desk: Desk, asked: UUID) -> staff.AtDesk:
    """Raises NotFound."""
    found = next((one for one in await _people(desk) if one.id == asked), None)
    if found is None:
        raise NotFound
    return found


def _asked(query: Mapping[str, str]) -> tuple[Asked, int]:
    """What of the log a page's address asks for; what cannot be read there is not asked."""
    since, until = _day(query.get("since", "")), _day(query.get("until", ""))
    try:
        who = UUID(query.get("who", ""))
    except ValueError:
        who = None
    number = query.get("page", "1")
    return (
        Asked(
            since=since,
            until=until + timedelta(days=1) if until and until.date() < date.max else None,
            action=query.get("action", "")[:40],
            who=who,
        ),
        int(number) if number.isascii() and number.isdecimal() and 0 < int(number) < 10_000 else 1,
    )


def _day(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        return None


def _address(desk: Desk, token: str) -> str:
    return f"{desk.public_url.rstrip('/')}{PATH}/in/{token}"


def _actor(visit: Visit) -> str:
    return f"coordinator:{visit.signed_in.id}"
