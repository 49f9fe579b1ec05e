"""The desk itself: meetings, one meeting, one person's summary, the meeting copy, attachments.

Every function reads with the coordinator's id in hand, so that nothing of another's is found.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from bot import alerts
from bot.coordinator import doing
from bot.coordinator.answering import page
from bot.coordinator.desk import PATH, Desk, Visit
from bot.store.sealing import KeyRing
from bot.summaries.attachments import sent_attachment
from bot.summaries.compile import Page, compile_page, mark_read
from bot.summaries.handing_round import gather
from bot.summaries.roundup import Roundup, own_meetings, roundup

T = TypeVar("T")

_OVER_AFTER = timedelta(hours=12)

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
}


async def today(desk: Desk, visit: Visit) -> Response:
    """What is to be done now, over all meetings that are still ahead."""
    now = desk.clock()
    mine = await _own_meetings(desk, visit)
    ahead = [one for one in mine if one.starts_at + _OVER_AFTER >= now]
    return page(desk, visit, "today.html", ahead=ahead)


async def meetings(desk: Desk, visit: Visit) -> Response:
    """Every meeting that is still kept here, those that have been last."""
    now = desk.clock()
    mine = await _own_meetings(desk, visit)
    ahead = [one for one in mine if one.starts_at + _OVER_AFTER >= now]
    been = [one for one in reversed(mine) if one.starts_at + _OVER_AFTER < now]
    return page(desk, visit, "meetings.html", ahead=ahead, been=been)


async def _own_meetings(desk: Desk, visit: Visit) -> tuple[Roundup, ...]:
    who = visit.coordinator
    return await _read(
        desk,
        lambda session, ring: own_meetings(
            session, ring, desk.library, coordinator_id=who.id, language=who.language
        ),
    )


async def meeting(desk: Desk, visit: Visit) -> Response:
    who, asked = visit.coordinator, visit.id_in_path("meeting_id")
    found = await _read(
        desk,
        lambda session, ring: roundup(
            session, ring, desk.library, asked, coordinator_id=who.id, language=who.language
        ),
    )
    goes_at = desk.retention.attachments_until(found.starts_at, found.cancelled_at)
    return page(desk, visit, "meeting.html", meeting=found, goes_at=goes_at)


async def summary(desk: Desk, visit: Visit) -> Response:
    """One person's page. Having read it is written down, and they may be told."""
    who, asked, now = visit.coordinator, visit.id_in_path("participant_id"), desk.clock()

    def read(session: Session, ring: KeyRing) -> Page:
        found = compile_page(
            session, ring, desk.library, asked, coordinator_id=who.id, language=who.language
        )
        mark_read(session, found, who.id, now)
        return found

    return page(desk, visit, "summary.html", person=await _read(desk, read), now=now)


async def meeting_copy(desk: Desk, visit: Visit) -> Response:
    """What may be handed round, from shared answers alone."""
    who, asked = visit.coordinator, visit.id_in_path("meeting_id")
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
    who, asked, now = visit.coordinator, visit.id_in_path("attachment_id"), desk.clock()
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
    """One alert, for its coordinator and for those on the rota: who, and the one button."""
    who, asked = visit.coordinator, visit.id_in_path("alert_id")
    found = await _read(desk, lambda session, ring: alerts.called(session, ring, asked, who.id))
    if found.own:
        return RedirectResponse(f"{PATH}/meeting/{found.meeting_id}", status_code=303)
    return page(desk, visit, "alert.html", called=found)


async def alert_place(desk: Desk, visit: Visit) -> Response:
    """Back to where the alert stands: the meeting's page, for whose meeting it is."""
    who, asked = visit.coordinator, visit.id_in_path("alert_id")
    found = await _read(desk, lambda session, ring: alerts.called(session, ring, asked, who.id))
    where = f"meeting/{found.meeting_id}" if found.own else f"alert/{asked}"
    return RedirectResponse(f"{PATH}/{where}", status_code=303)


async def acknowledge(desk: Desk, visit: Visit) -> Response:
    """Someone has seen an alert and is acting on it."""
    who, asked, now = visit.coordinator, visit.id_in_path("alert_id"), desk.clock()
    await _read(desk, lambda session, ring: alerts.acknowledge(session, ring, asked, who.id, now))
    return await alert_place(desk, visit)


async def needed_action(desk: Desk, visit: Visit) -> Response:
    return await _became(desk, visit, "needed_action")


async def false_alarm(desk: Desk, visit: Visit) -> Response:
    return await _became(desk, visit, "false_alarm")


async def _became(desk: Desk, visit: Visit, outcome: alerts.Became) -> Response:
    """What an alert was in the end, for the figures."""
    who, asked, now = visit.coordinator, visit.id_in_path("alert_id"), desk.clock()
    await _read(
        desk, lambda session, ring: alerts.became(session, ring, asked, outcome, who.id, now)
    )
    return await alert_place(desk, visit)


async def task_done(desk: Desk, visit: Visit) -> Response:
    who, asked, now = visit.coordinator, visit.id_in_path("participant_id"), desk.clock()
    step = visit.request.path_params["step"]
    where = await desk.database.run(
        lambda session: doing.finish_task(session, asked, step, who.id, now)
    )
    return RedirectResponse(f"{PATH}/meeting/{where}", status_code=303)


async def _read(desk: Desk, work: Callable[[Session, KeyRing], T]) -> T:
    """Runs `work` in one transaction, with keys at hand."""
    return await desk.database.run(
        lambda session: work(session, KeyRing(session, desk.service_key))
    )
