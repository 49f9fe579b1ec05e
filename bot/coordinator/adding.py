"""People are added to a meeting, one by one or as a list that is looked at line by line, and are
given their links."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.coordinator.answering import page
from bot.coordinator.arranging import form_key, lock_own, own_meeting
from bot.coordinator.desk import Desk, NotFound, Visit, new_form_key
from bot.coordinator.inviting import Shown, languages, shown
from bot.meetings import MeetingCancelled, MeetingUnknown, people_again
from bot.meetings.files import AGES_OF_ROLES
from bot.meetings.making import add_people
from bot.meetings.pasted import (
    COLUMNS,
    LONGEST,
    NotAList,
    Problem,
    Row,
    list_in,
    read_people,
    read_person,
    write_people,
)
from bot.store.conversations import claim_turn, was_taken
from bot.store.models import Participant
from bot.store.sealing import KeyRing
from bot.summaries.compile import NotYours
from bot.summaries.roundup import Roundup

ROLES_AND_AGES: Final = tuple(
    (f"{role} {age}", role, age) for role, ages in AGES_OF_ROLES.items() for age in ages
)
"""One choice, so that no age can be chosen that a role does not have."""
NOTHING_TYPED: Final[Mapping[str, str]] = {"language": "en", "channel": "web"}


async def show(desk: Desk, visit: Visit) -> Response:
    """An empty list, or that of an earlier meeting, to be looked at and changed."""
    found = await own_meeting(desk, visit)
    if found.cancelled_at is not None:
        return _page(desk, visit, found, "", ())
    text = await _earlier_list(desk, visit)
    rows = await desk.database.run(lambda session: _read(session, found, text))
    return _page(desk, visit, found, text, rows, earlier=bool(text))


async def add(desk: Desk, visit: Visit) -> Response:
    """Looks at the list first; adds all of it once nothing in it is wrong and the look was seen."""
    found = await own_meeting(desk, visit)
    try:
        text = list_in(visit.file) if visit.file else visit.form.get("people", "")
    except NotAList:
        typed = visit.form.get("people", "")
        return _page(desk, visit, found, typed, (), 400, not_a_list=True)

    def read(session: Session) -> tuple[Row, ...]:
        return _read(session, found, text)

    def refused(rows: tuple[Row, ...]) -> Response:
        return _page(desk, visit, found, text, rows, 400)

    mark = text_mark(text)
    if not visit.file and visit.form.get("seen") == mark and len(text) <= LONGEST:
        return await _added(desk, visit, found, mark, read, refused)
    rows = await desk.database.run(read)
    if not rows or len(text) > LONGEST or any(row.person is None for row in rows):
        return refused(rows)
    return _page(desk, visit, found, text, rows)


async def add_one(desk: Desk, visit: Visit) -> Response:
    """One person, from a field for each thing that is asked of them."""
    found, form = await own_meeting(desk, visit), visit.form
    _, role, age = next((one for one in ROLES_AND_AGES if one[0] == form.get("who")), ("", "", ""))
    given = {**form, "role": role, "age": age}

    def read(session: Session) -> tuple[Row, ...]:
        return (read_person(given, _taken(session, found)),)

    def refused(rows: tuple[Row, ...]) -> Response:
        return _page(desk, visit, found, "", (), 400, typed=form, wrong=rows[0].problems)

    mark = text_mark("\n".join(given.get(name, "") for name in COLUMNS))
    return await _added(desk, visit, found, mark, read, refused)


async def _added(
    desk: Desk,
    visit: Visit,
    found: Roundup,
    mark: str,
    read: Callable[[Session], tuple[Row, ...]],
    refused: Callable[[tuple[Row, ...]], Response],
) -> Response:
    """Everybody's links; where they were added already, where a new one is made.

    Args:
        mark: of who is to be added.
        read: with the meeting locked, as others may have come into it meanwhile.
        refused: the page for rows of which one cannot be used; then nobody is added.
    """
    now, who, key = desk.clock(), visit.signed_in, form_key(visit, mark)

    def once(session: Session) -> tuple[list[Shown], tuple[Row, ...] | None]:
        if lock_own(session, found.meeting_id, who.id).cancelled_at is not None:
            raise MeetingCancelled
        if was_taken(session, key):
            return [], None
        rows = read(session)
        people = [row.person for row in rows if row.person is not None]
        if not people or len(people) < len(rows):
            return [], rows
        claim_turn(session, key, None, now)
        ring, actor = KeyRing(session, desk.service_key), f"coordinator:{who.id}"
        ways = add_people(session, ring, people, found.meeting_id, now, actor)
        return [shown(desk, one.name, way) for one, way in zip(people, ways, strict=True)], None

    try:
        links, unusable = await desk.database.run(once)
    except MeetingCancelled:
        return _page(desk, visit, found, "", (), 409, called_off=True)
    if unusable is not None:
        return refused(unusable)
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
    called_off: bool = False,
    typed: Mapping[str, str] = NOTHING_TYPED,
    wrong: Sequence[Problem] = (),
) -> Response:
    right = len(rows) > 0 and len(text) <= LONGEST and all(row.person is not None for row in rows)
    return page(
        desk,
        visit,
        "people_add.html",
        status,
        meeting=found,
        called_off=called_off or found.cancelled_at is not None,
        text=text,
        rows=rows,
        seen=text_mark(text) if right else "",
        nothing=status == 400 and not rows and not not_a_list and not wrong,
        not_a_list=not_a_list,
        too_long=len(text) > LONGEST,
        key=visit.form.get("key") or new_form_key(),
        earlier=earlier,
        typed=typed,
        wrong=wrong,
        roles_and_ages=ROLES_AND_AGES,
        languages=languages(desk, visit),
        has_telegram=desk.bot_name is not None,
    )


async def _earlier_list(desk: Desk, visit: Visit) -> str:
    """The people of the meeting that the address asks to copy; empty where it asks for none.

    Raises NotFound, NotYours.
    """
    asked, who = visit.request.query_params.get("from", ""), visit.signed_in
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
    return read_people(text, _taken(session, found))


def _taken(session: Session, found: Roundup) -> frozenset[str]:
    there = select(Participant.reference).where(Participant.meeting_id == found.meeting_id)
    return frozenset(session.scalars(there))
