"""What a meeting says of itself: corrected at the desk, and read by everybody in the family."""

from collections.abc import Mapping

from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from bot.coordinator.answering import page
from bot.coordinator.arranging import lock_own, own_meeting, wrong_names
from bot.coordinator.desk import PATH, Desk, Visit
from bot.meetings.about import LONGEST, read_about
from bot.meetings.correcting import about_of, correct_meeting
from bot.meetings.files import KINDS
from bot.meetings.writing import one_line
from bot.store.sealing import KeyRing
from bot.summaries.roundup import Roundup


async def show(desk: Desk, visit: Visit) -> Response:
    found = await own_meeting(desk, visit)
    about = await desk.database.run(
        lambda session: about_of(session, KeyRing(session, desk.service_key), found.meeting_id)
    )
    typed = {"title": found.title, "kind": found.kind, "place": found.place, **about.model_dump()}
    return _page(desk, visit, found, typed)


async def correct(desk: Desk, visit: Visit) -> Response:
    found, now, who = await own_meeting(desk, visit), desk.clock(), visit.signed_in
    form = visit.form
    title, place = one_line(form.get("title", "")), one_line(form.get("place", ""))
    kind = form.get("kind", "")
    about, unusable = read_about(form)
    wrong = {**wrong_names(title, place, kind), **dict.fromkeys(unusable, "long")}
    if wrong:
        return _page(desk, visit, found, form, wrong, 400)

    def change(session: Session) -> None:
        lock_own(session, found.meeting_id, who.id)
        correct_meeting(
            session,
            KeyRing(session, desk.service_key),
            desk.library.wording,
            found.meeting_id,
            title=title,
            kind=kind,
            place=place,
            about=about,
            now=now,
            actor=f"coordinator:{who.id}",
        )

    await desk.database.run(change)
    return RedirectResponse(f"{PATH}/meeting/{found.meeting_id}", status_code=303)


def _page(
    desk: Desk,
    visit: Visit,
    found: Roundup,
    typed: Mapping[str, str],
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    return page(
        desk,
        visit,
        "meeting_about.html",
        status,
        meeting=found,
        typed=typed,
        wrong=wrong or {},
        kinds=KINDS,
        longest=LONGEST,
    )
