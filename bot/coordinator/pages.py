"""The desk itself: meetings, one meeting, one person's summary, the meeting copy, attachments.

Every function reads with the coordinator's id in hand, so that nothing of another's is found.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from bot import alerts, human_answers
from bot.coordinator import doing
from bot.coordinator.answering import page
from bot.coordinator.arranging import form_key
from bot.coordinator.desk import PATH, Desk, NotFound, Visit, new_form_key
from bot.human_answers import Answered
from bot.meetings.correcting import about_of
from bot.meetings.writing import is_blank, is_no_name, is_unusable, one_line, several_lines
from bot.service import Service, read_service
from bot.store.conversations import claim_turn
from bot.store.sealing import KeyRing
from bot.summaries.attachments import sent_attachment
from bot.summaries.compile import Page, compile_page, mark_read
from bot.summaries.handing_round import gather
from bot.summaries.roundup import Roundup, own_meetings, roundup
from bot.summaries.today import Today, dates_of, is_ahead, mark_of, read_today

T = TypeVar("T")


@dataclass(frozen=True)
class Owner:
    """What was typed as the name of who sees to a task."""

    participant_id: UUID
    step: str
    typed: str


FEW = 8
"""Rows of a list on today's page that show without unfolding it."""
PAGE = 40
"""Meetings on one page of all of them."""

SHOWN_IN_THE_BROWSER = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "audio/ogg": "ogg",
    "audio/webm": "webm",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/aac": "aac",
    "audio/wav": "wav",
}
"""Kinds that cannot carry a script. Everything else is only ever downloaded, as bytes."""
DOWNLOADED_AS = {
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "text/plain": "txt",
}


async def today(desk: Desk, visit: Visit) -> Response:
    """What is to be done now, over all meetings that are still ahead."""
    who, now = visit.signed_in, desk.clock()

    def read(session: Session, ring: KeyRing) -> tuple[str, Today]:
        mark = mark_of(session, who.id)  # first: what comes meanwhile is then not missed
        return mark, read_today(
            session, ring, desk.library, coordinator_id=who.id, language=who.language, now=now
        )

    mark, found = await _read(desk, read)
    return page(desk, visit, "today.html", today=found, mark=mark, few=FEW)


async def meetings(desk: Desk, visit: Visit) -> Response:
    """Every meeting that is still kept here, those that have been last; a page at a time."""
    who, now = visit.signed_in, desk.clock()
    asked = visit.request.query_params.get("page", "")
    number = int(asked) if asked.isdecimal() and len(asked) < 5 else 1

    def read(session: Session, ring: KeyRing) -> tuple[tuple[Roundup, ...], int, int]:
        dates = dates_of(session, who.id, now)
        every = (*dates.ahead, *dates.been)
        last = max(1, -(-len(every) // PAGE))
        here = min(max(number, 1), last)
        only = every[(here - 1) * PAGE : here * PAGE]
        found = own_meetings(
            session, ring, desk.library, coordinator_id=who.id, language=who.language, only=only
        )
        return found, here, last

    mine, here, last = await _read(desk, read)
    ahead = [one for one in mine if is_ahead(one.starts_at, now)]
    been = [one for one in reversed(mine) if not is_ahead(one.starts_at, now)]
    return page(desk, visit, "meetings.html", ahead=ahead, been=been, number=here, last=last)


async def meeting(desk: Desk, visit: Visit) -> Response:
    return await _meeting(desk, visit, visit.id_in_path("meeting_id"))


async def _meeting(
    desk: Desk, visit: Visit, asked: UUID, mistyped: Owner | None = None, status: int = 200
) -> Response:
    who = visit.signed_in
    found, about, service = await _read(
        desk,
        lambda session, ring: (
            roundup(
                session, ring, desk.library, asked, coordinator_id=who.id, language=who.language
            ),
            about_of(session, ring, asked),
            read_service(session, ring) or Service(),
        ),
    )
    days = service.days(desk.retention)
    goes_at = days.attachments_until(found.starts_at, found.cancelled_at)
    return page(
        desk,
        visit,
        "meeting.html",
        status,
        meeting=found,
        about=about,
        goes_at=goes_at,
        mistyped=mistyped,
        longest_owner=doing.LONGEST_OWNER,
    )


async def summary(desk: Desk, visit: Visit) -> Response:
    """One person's page. Having read it is written down, and they may be told."""
    return await _summary(desk, visit)


async def answer(desk: Desk, visit: Visit) -> Response:
    """What the coordinator answers somebody, in their own words."""
    who, asked, now = visit.signed_in, visit.id_in_path("participant_id"), desk.clock()
    text = several_lines(visit.form.get("answer", ""))
    if is_blank(text) or is_unusable(text, human_answers.LONGEST):
        return await _summary(desk, visit, text, "empty" if is_blank(text) else "long", 400)

    def keep(session: Session, ring: KeyRing) -> None:
        if claim_turn(session, form_key(visit), None, now):
            wording = desk.library.wording
            human_answers.answer(session, ring, wording, asked, who.id, text, now)

    await _read(desk, keep)
    return RedirectResponse(f"{PATH}/summary/{asked}#answered", status_code=303)


async def _summary(
    desk: Desk, visit: Visit, typed: str = "", problem: str = "", status: int = 200
) -> Response:
    who, asked, now = visit.signed_in, visit.id_in_path("participant_id"), desk.clock()

    def read(session: Session, ring: KeyRing) -> tuple[Page, tuple[Answered, ...]]:
        found = compile_page(
            session, ring, desk.library, asked, coordinator_id=who.id, language=who.language
        )
        mark_read(session, found, who.id, now)
        return found, human_answers.answered(session, ring, asked, who.id)

    found, answered = await _read(desk, read)
    return page(
        desk,
        visit,
        "summary.html",
        status,
        person=found,
        answered=answered,
        typed=typed,
        problem=problem,
        longest=human_answers.LONGEST,
        key=new_form_key(),
        now=now,
    )


async def meeting_copy(desk: Desk, visit: Visit) -> Response:
    """What may be handed round, from shared answers alone."""
    who, asked = visit.signed_in, visit.id_in_path("meeting_id")
    found, copy = await _read(
        desk,
        lambda session, ring: (
            roundup(
                session, ring, desk.library, asked, coordinator_id=who.id, language=who.language
            ),
            gather(
                session, ring, desk.library, asked, coordinator_id=who.id, language=who.language
            ),
        ),
    )
    return page(desk, visit, "copy.html", meeting=found, copy=copy)


async def attachment(desk: Desk, visit: Visit) -> Response:
    """A picture or recording, if it is in what one of their people has sent."""
    who, asked, now = visit.signed_in, visit.id_in_path("attachment_id"), desk.clock()
    kept = await _read(
        desk,
        lambda session, ring: sent_attachment(session, ring, asked, coordinator_id=who.id, now=now),
    )
    media_type = kept.media_type.partition(";")[0].strip().lower()
    ending = SHOWN_IN_THE_BROWSER.get(media_type)
    how = "inline" if ending else "attachment"
    known = ending or DOWNLOADED_AS.get(media_type)
    return Response(
        kept.content,
        media_type=media_type if known else "application/octet-stream",
        headers={
            "Content-Disposition": f'{how}; filename="sent-{asked.hex[:8]}.{known or "bin"}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


async def alert(desk: Desk, visit: Visit) -> Response:
    """One alert, for its coordinator and for those on the rota: who, and the one button. None of
    anybody's words, so that an administrator on the rota may act on it."""
    who, asked = visit.signed_in, visit.id_in_path("alert_id")
    found = await _read(desk, lambda session, ring: alerts.called(session, ring, asked, who.id))
    if found.own:
        return RedirectResponse(f"{PATH}/meeting/{found.meeting_id}", status_code=303)
    return page(desk, visit, "alert.html", called=found)


async def alert_place(desk: Desk, visit: Visit) -> Response:
    """Back to where the alert stands: the meeting's page, for whose meeting it is."""
    who, asked = visit.signed_in, visit.id_in_path("alert_id")
    found = await _read(desk, lambda session, ring: alerts.called(session, ring, asked, who.id))
    where = f"meeting/{found.meeting_id}" if found.own else f"alert/{asked}"
    return RedirectResponse(f"{PATH}/{where}", status_code=303)


async def acknowledge(desk: Desk, visit: Visit) -> Response:
    """Someone has seen an alert, and those of the same person that stood beside it, and is acting
    on them."""
    who, asked, now = visit.signed_in, visit.id_in_path("alert_id"), desk.clock()
    try:
        also = [UUID(one) for one in visit.form.get("also", "").split(",") if one]
    except ValueError:
        raise NotFound from None

    def take(session: Session, ring: KeyRing) -> None:
        for one in sorted({asked, *also}):  # nobody waits for whoever waits for them
            alerts.acknowledge(session, ring, one, who.id, now)

    await _read(desk, take)
    return await alert_place(desk, visit)


async def needed_action(desk: Desk, visit: Visit) -> Response:
    return await _became(desk, visit, "needed_action")


async def false_alarm(desk: Desk, visit: Visit) -> Response:
    return await _became(desk, visit, "false_alarm")


async def _became(desk: Desk, visit: Visit, outcome: alerts.Became) -> Response:
    """What an alert was in the end, for the figures."""
    who, asked, now = visit.signed_in, visit.id_in_path("alert_id"), desk.clock()
    await _read(
        desk, lambda session, ring: alerts.became(session, ring, asked, outcome, who.id, now)
    )
    return await alert_place(desk, visit)


async def task_given(desk: Desk, visit: Visit) -> Response:
    """Who sees to a task. What is no name of anybody leaves it with whoever has it."""
    who, asked, now = visit.signed_in, visit.id_in_path("participant_id"), desk.clock()
    step, owner = visit.request.path_params["step"], one_line(visit.form.get("owner", ""))
    if owner and is_no_name(owner, doing.LONGEST_OWNER):
        where = await desk.database.run(
            lambda session: doing.meeting_of(session, asked, step, who.id)
        )
        return await _meeting(desk, visit, where, Owner(asked, step, owner), 400)
    where = await _read(
        desk,
        lambda session, ring: doing.give_task(session, ring, asked, step, who.id, owner, now),
    )
    return RedirectResponse(f"{PATH}/meeting/{where}#tasks", status_code=303)


async def task_done(desk: Desk, visit: Visit) -> Response:
    who, asked, now = visit.signed_in, visit.id_in_path("participant_id"), desk.clock()
    step = visit.request.path_params["step"]
    where = await desk.database.run(
        lambda session: doing.finish_task(session, asked, step, who.id, now)
    )
    known = {"today": PATH, "summary": f"{PATH}/summary/{asked}#before"}
    back = known.get(visit.form.get("back", ""), f"{PATH}/meeting/{where}")
    return RedirectResponse(back, status_code=303)


async def _read(desk: Desk, work: Callable[[Session, KeyRing], T]) -> T:
    """Runs `work` in one transaction, with keys at hand."""
    return await desk.database.run(
        lambda session: work(session, KeyRing(session, desk.service_key))
    )
