"""A meeting is made, moved and called off at the desk."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from bot import meetings, staff
from bot.coordinator.answering import page
from bot.coordinator.desk import PATH, Desk, Visit, new_form_key
from bot.helplines import NATIONS
from bot.meetings.fields import BadField, moment
from bot.meetings.files import KINDS, MeetingGiven
from bot.meetings.making import make_for
from bot.meetings.writing import is_no_name, is_unusable, one_line
from bot.service import Service, read_service
from bot.store.conversations import claim_turn
from bot.store.models import Meeting
from bot.store.sealing import KeyRing
from bot.summaries.compile import NotYours
from bot.summaries.roundup import Roundup, roundup
from flows.answers import NOTHING_WRITTEN

LONGEST_TITLE, LONGEST_PLACE = 200, 300
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d(?:\.\d+)?)?", re.ASCII)
"""As a browser sends it, with seconds or without, and as people write it."""


@dataclass(frozen=True)
class Read:
    """A form, read. Where `wrong` holds anything, by field, nothing is made of it."""

    starts_at: datetime | None
    wrong: Mapping[str, str]


async def show_new(desk: Desk, visit: Visit) -> Response:
    """The few things that a meeting needs; its people come on the next page."""
    typed = {"kind": KINDS[0], "nation": await _usual_nation(desk, visit), "key": new_form_key()}
    return await _new(desk, visit, typed)


async def make(desk: Desk, visit: Visit) -> Response:
    return await _make(desk, visit)


async def show_again(desk: Desk, visit: Visit) -> Response:
    """Another meeting like an earlier one: all but the day is filled in."""
    earlier = await _earlier(desk, visit)
    typed = {
        "title": earlier.title,
        "kind": earlier.kind,
        "place": earlier.place,
        "nation": earlier.nation,
        "key": new_form_key(),
    }
    return await _new(desk, visit, typed)


async def make_again(desk: Desk, visit: Visit) -> Response:
    earlier = await _earlier(desk, visit)
    people = f"?from={visit.id_in_path('meeting_id')}"
    return await _make(desk, visit, earlier, people)


async def _make(
    desk: Desk, visit: Visit, earlier: MeetingGiven | None = None, people: str = ""
) -> Response:
    """Makes a meeting of the form.

    Args:
        earlier: what else it is to be like; the service's own where there is none.
        people: added to the address of the next page, where the people come.
    """
    zone = earlier.timezone if earlier else (await _service(desk)).timezone
    duty_contact, about = (
        (earlier.duty_contact, earlier.about) if earlier else ("", NOTHING_WRITTEN)
    )
    form, now, who = visit.form, desk.clock(), visit.signed_in
    title, place = one_line(form.get("title", "")), one_line(form.get("place", ""))
    kind, nation = form.get("kind", ""), form.get("nation", "")
    when = _read_start(form, zone, now)
    wrong = dict(when.wrong)
    wrong |= wrong_names(title, place, kind)
    if nation not in NATIONS:
        wrong["nation"] = "choose"
    if wrong or when.starts_at is None:
        return await _new(desk, visit, form, wrong, 400)
    given = MeetingGiven(kind, title, when.starts_at, zone, place, nation, duty_contact, about)

    def once(session: Session) -> UUID | None:
        if not staff.still_here(session, who.id):
            raise NotYours
        if not claim_turn(session, form_key(visit), None, now):
            return None
        ring = KeyRing(session, desk.service_key)
        return make_for(session, ring, given, who.id, now, f"coordinator:{who.id}")

    made = await desk.database.run(once)
    where = f"{PATH}/meeting/{made}/people{people}" if made else f"{PATH}/meetings"
    return RedirectResponse(where, status_code=303)


async def show_move(desk: Desk, visit: Visit) -> Response:
    """Its day and time stand there, to be changed."""
    found = await own_meeting(desk, visit)
    begins = found.starts_at.astimezone(ZoneInfo(found.timezone))
    typed = {"date": f"{begins:%Y-%m-%d}", "time": f"{begins:%H:%M}"}
    return _change(desk, visit, "meeting_move.html", found, typed=typed)


async def move(desk: Desk, visit: Visit) -> Response:
    found, now, who = await own_meeting(desk, visit), desk.clock(), visit.signed_in
    when = _read_start(visit.form, found.timezone, now)
    if when.starts_at is None:
        return _change(desk, visit, "meeting_move.html", found, when.wrong, 400)
    starts_at = when.starts_at

    def change(session: Session) -> None:
        lock_own(session, found.meeting_id, who.id)
        ring = KeyRing(session, desk.service_key)
        meetings.move_meeting(
            session,
            ring,
            desk.library.wording,
            found.meeting_id,
            starts_at,
            now,
            f"coordinator:{who.id}",
        )

    try:
        await desk.database.run(change)
    except meetings.MeetingCancelled:
        return _change(desk, visit, "meeting_move.html", found, {"date": "called_off"}, 400)
    return RedirectResponse(f"{PATH}/meeting/{found.meeting_id}", status_code=303)


async def show_call_off(desk: Desk, visit: Visit) -> Response:
    return _change(desk, visit, "meeting_call_off.html", await own_meeting(desk, visit))


async def call_off(desk: Desk, visit: Visit) -> Response:
    found, now, who = await own_meeting(desk, visit), desk.clock(), visit.signed_in

    def change(session: Session) -> None:
        lock_own(session, found.meeting_id, who.id)
        ring = KeyRing(session, desk.service_key)
        wording, actor = desk.library.wording, f"coordinator:{who.id}"
        meetings.cancel_meeting(session, ring, wording, found.meeting_id, now, actor)

    await desk.database.run(change)
    return RedirectResponse(f"{PATH}/meeting/{found.meeting_id}", status_code=303)


async def own_meeting(desk: Desk, visit: Visit) -> Roundup:
    """The meeting that the address names. Raises NotFound, NotYours."""
    who, asked = visit.signed_in, visit.id_in_path("meeting_id")
    return await desk.database.run(
        lambda session: roundup(
            session,
            KeyRing(session, desk.service_key),
            desk.library,
            asked,
            coordinator_id=who.id,
            language=who.language,
        )
    )


def lock_own(session: Session, meeting_id: UUID, coordinator_id: UUID) -> Meeting:
    """The row of one's own meeting, until the transaction ends. Raises NotYours."""
    row = session.get(Meeting, meeting_id, with_for_update=True)
    if row is None or row.coordinator_id != coordinator_id:
        raise NotYours
    return row


def wrong_names(title: str, place: str, kind: str) -> dict[str, str]:
    """What cannot be used of these, by field."""
    wrong = {}
    if is_no_name(title, LONGEST_TITLE):
        wrong["title"] = "title"
    if is_unusable(place, LONGEST_PLACE):
        wrong["place"] = "place"
    if kind not in KINDS:
        wrong["kind"] = "choose"
    return wrong


def form_key(visit: Visit, content: str = "") -> str:
    """What makes a form count once, however often it is sent.

    Args:
        content: a mark of what it holds, of 16 letters at most, where the same page may bring
            something else too.
    """
    key = visit.form.get("key", "")
    return f"desk:{visit.signed_in.id.hex}:{key[:16] + content if content else key[:32]}"


def _read_start(form: Mapping[str, str], zone: str, now: datetime) -> Read:
    day, clock = form.get("date", "").strip(), form.get("time", "").strip()
    wrong = {name: name for name, text in (("date", day), ("time", clock)) if not text}
    if wrong:
        return Read(None, wrong)
    hours_and_minutes = _CLOCK.fullmatch(clock)
    if not _DAY.fullmatch(day):
        wrong["date"] = "date"
    if hours_and_minutes is None:
        wrong["time"] = "no_time"
    if wrong or hours_and_minutes is None:
        return Read(None, wrong)
    try:
        starts_at = moment(f"{day}T{hours_and_minutes[1]:0>2}:{hours_and_minutes[2]}", zone)
    except BadField:
        return Read(None, {"date": "no_such_time"})
    if starts_at <= now:
        return Read(None, {"date": "past"})
    return Read(starts_at, {})


async def _new(
    desk: Desk,
    visit: Visit,
    typed: Mapping[str, str],
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    here, usual = (await _service(desk)).nations, typed.get("nation", "")
    return page(
        desk,
        visit,
        "meeting_new.html",
        status,
        typed=typed,
        wrong=wrong or {},
        kinds=KINDS,
        nations=[one for one in NATIONS if one in here or one == usual],
    )


def _change(
    desk: Desk,
    visit: Visit,
    template: str,
    found: Roundup,
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
) -> Response:
    return page(
        desk, visit, template, status, meeting=found, typed=typed or visit.form, wrong=wrong or {}
    )


async def _earlier(desk: Desk, visit: Visit) -> MeetingGiven:
    """The meeting that the address names. Raises NotFound, NotYours."""
    who, asked = visit.signed_in, visit.id_in_path("meeting_id")
    try:
        return await desk.database.run(
            lambda session: meetings.meeting_again(
                session, KeyRing(session, desk.service_key), asked, who.id
            )
        )
    except meetings.MeetingUnknown:
        raise NotYours from None


async def _service(desk: Desk) -> Service:
    return await desk.database.run(
        lambda session: read_service(session, KeyRing(session, desk.service_key)) or Service()
    )


async def _usual_nation(desk: Desk, visit: Visit) -> str:
    """Where this coordinator's newest meeting is."""
    who = visit.signed_in
    newest = (
        select(Meeting.nation)
        .where(Meeting.coordinator_id == who.id)
        .order_by(Meeting.created_at.desc())
        .limit(1)
    )
    found = await desk.database.run(lambda session: session.scalar(newest))
    return found or (await _service(desk)).nations[0]
