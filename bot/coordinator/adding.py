"""People are added to a meeting: pasted as a list, looked at line by line, given their links."""

from hashlib import sha256
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from bot.coordinator.answering import page
from bot.coordinator.arranging import form_key, lock_own, own_meeting
from bot.coordinator.desk import PATH, Desk, NotFound, Visit, new_form_key
from bot.coordinator.inviting import Shown, shown
from bot.meetings import MeetingUnknown, people_again
from bot.meetings.making import add_people
from bot.meetings.pasted import LONGEST, NotAList, Row, list_in, read_people, write_people
from bot.store.conversations import claim_turn
from bot.store.models import Participant
from bot.store.sealing import KeyRing
from bot.summaries.compile import NotYours
from bot.summaries.roundup import Roundup


async def show(desk: Desk, visit: Visit) -> Response:
    """An empty list, or that of an earlier meeting, to be looked at and changed."""
    found = await own_meeting(desk, visit)
    text = await _earlier_list(desk, visit)
    rows = await desk.database.run(lambda session: _read(session, found, text))
    return _page(desk, visit, found, text, rows, earlier=bool(text))


async def add(desk: Desk, visit: Visit) -> Response:
    """Looks at the list first; adds all of it once nothing in it is wrong and the look was seen."""
    found, now, who = await own_meeting(desk, visit), desk.clock(), visit.coordinator
    try:
        text = list_in(visit.file) if visit.file else visit.form.get("people", "")
    except NotAList:
        typed = visit.form.get("people", "")
        return _page(desk, visit, found, typed, (), 400, not_a_list=True)
    actor = f"coordinator:{who.id}"
    rows = await desk.database.run(lambda session: _read(session, found, text))
    if not rows or len(text) > LONGEST or any(row.person is None for row in rows):
        return _page(desk, visit, found, text, rows, 400)
    if visit.file or visit.form.get("seen") != text_mark(text):
        return _page(desk, visit, found, text, rows)
    key = form_key(visit)

    def once(session: Session) -> list[Shown]:
        lock_own(session, found.meeting_id, who.id)
        if not claim_turn(session, key, None, now):
            return []
        ring = KeyRing(session, desk.service_key)
        again = _read(session, found, text)  # somebody of that name may have come meanwhile
        people = [row.person for row in again if row.person is not None]
        ways = add_people(session, ring, people, found.meeting_id, now, actor)
        return [shown(desk, one.name, way) for one, way in zip(people, ways, strict=True)]

    links = await desk.database.run(once)
    if not links:
        return RedirectResponse(f"{PATH}/meeting/{found.meeting_id}", status_code=303)
    return page(desk, visit, "people_ways_in.html", meeting_id=found.meeting_id, links=links)


def text_mark(text: str) -> str:
    """Says which list a look was at, so that no other is added in its place."""
    lines = "\n".join(text.splitlines())  # a browser sends other line ends than it was given
    return sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _page(
    desk: Desk,
    visit: Visit,
    found: Roundup,
    text: str,
    rows: tuple[Row, ...],
    status: int = 200,
    *,
    earlier: bool = False,
    not_a_list: bool = False,
) -> Response:
    right = len(rows) > 0 and len(text) <= LONGEST and all(row.person is not None for row in rows)
    return page(
        desk,
        visit,
        "people_add.html",
        status,
        meeting=found,
        text=text,
        rows=rows,
        seen=text_mark(text) if right else "",
        nothing=status == 400 and not rows and not not_a_list,
        not_a_list=not_a_list,
        too_long=len(text) > LONGEST,
        key=visit.form.get("key") or new_form_key(),
        earlier=earlier,
    )


async def _earlier_list(desk: Desk, visit: Visit) -> str:
    """The people of the meeting that the address asks to copy; empty where it asks for none.

    Raises NotFound, NotYours.
    """
    asked, who = visit.request.query_params.get("from", ""), visit.coordinator
    if not asked:
        return ""
    try:
        earlier = UUID(asked)
    except ValueError:
        raise NotFound from None
    try:
        people = await desk.database.run(
            lambda session: people_again(
                session, KeyRing(session, desk.service_key), earlier, who.id
            )
        )
    except MeetingUnknown:
        raise NotYours from None
    return write_people(people) if people else ""


def _read(session: Session, found: Roundup, text: str) -> tuple[Row, ...]:
    there = select(Participant.reference).where(Participant.meeting_id == found.meeting_id)
    return read_people(text, frozenset(session.scalars(there)))
