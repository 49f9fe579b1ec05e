"""For administrators: the service's hours and rota, the numbers that people are given, what came of
alerts, and what is left to do before families can use it."""

from datetime import date

from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from bot import alerts
from bot.coordinator import service_form
from bot.coordinator.answering import page
from bot.coordinator.desk import PATH, Desk, NotFound, Visit
from bot.helplines import NATIONS, all_helplines, unconfirmed
from bot.service import Service, read_service, write_service
from bot.service.settings import WEEKDAYS
from bot.setting_up import what_is_left
from bot.store.sealing import KeyRing
from flows.wording import SOURCE_LANGUAGE


async def start(desk: Desk, visit: Visit) -> Response:
    """What is left before families can use it, in order."""
    now = desk.clock()
    left = await desk.database.run(
        lambda session: what_is_left(session, KeyRing(session, desk.service_key), desk.unset(), now)
    )
    return page(desk, visit, "start.html", left=left)


async def show(desk: Desk, visit: Visit) -> Response:
    service = await _service(desk)
    return _page(desk, visit, service, service_form.typed(service))


async def change(desk: Desk, visit: Visit) -> Response:
    """Keeps all that was typed, or nothing and says what is wrong. What others have changed since
    the form was made is shown beside what was typed, and the next look counts."""
    now, actor = desk.clock(), f"coordinator:{visit.signed_in.id}"

    def write(session: Session) -> tuple[Service, tuple[service_form.Wrong, ...]]:
        ring = KeyRing(session, desk.service_key)
        before = read_service(session, ring, to_change=True) or Service()
        read = service_form.read(visit.form, before, desk.library.wording.languages)
        if not read.wrong:
            write_service(session, ring, read.service, actor, now)
        return before, read.wrong

    before, wrong = await desk.database.run(write)
    if wrong:
        fields = {**visit.form, "made_from": service_form.typed(before)["made_from"]}
        return _page(desk, visit, before, fields, wrong, 400)
    return RedirectResponse(f"{PATH}/administration/service?kept=1", status_code=303)


async def numbers(desk: Desk, visit: Visit) -> Response:
    """The numbers that people are given, and when this service last rang each."""
    service, today = await _service(desk), desk.clock().date()
    due = {line.name for line in unconfirmed(today, service.helplines_confirmed)}
    rung = {line.name: _last_rung(line.checked_on, service, line.name) for line in all_helplines()}
    return page(desk, visit, "numbers.html", lines=all_helplines(), due=due, rung=rung)


async def rang(desk: Desk, visit: Visit) -> Response:
    """Notes that somebody has rung a number today."""
    name, now, actor = visit.form.get("name", ""), desk.clock(), f"coordinator:{visit.signed_in.id}"
    if name not in {line.name for line in all_helplines()}:
        raise NotFound

    def write(session: Session) -> None:
        ring = KeyRing(session, desk.service_key)
        before = read_service(session, ring, to_change=True) or Service()
        confirmed = {**before.helplines_confirmed, name: now.date()}
        after = before.model_copy(update={"helplines_confirmed": confirmed})
        write_service(session, ring, after, actor, now)

    await desk.database.run(write)
    return RedirectResponse(f"{PATH}/administration/numbers", status_code=303)


async def figures(desk: Desk, visit: Visit) -> Response:
    """Alerts by month and kind, and what came of them. No words, no names."""
    counted = await desk.database.run(alerts.figures)
    return page(desk, visit, "figures.html", counted=counted)


def _page(
    desk: Desk,
    visit: Visit,
    service: Service,
    fields: object,
    wrong: tuple[service_form.Wrong, ...] = (),
    status: int = 200,
) -> Response:
    return page(
        desk,
        visit,
        "service.html",
        status,
        typed=fields,
        wrong=wrong,
        weekdays=WEEKDAYS,
        timezone=service.timezone,
        kept=visit.request.query_params.get("kept") == "1" and not wrong,
        nations=NATIONS,
        languages=[one for one in desk.library.wording.languages if one != SOURCE_LANGUAGE],
        usual=Service().days(desk.retention),
        minutes=(service_form.SHORTEST_MINUTES, service_form.LONGEST_MINUTES),
    )


async def _service(desk: Desk) -> Service:
    return await desk.database.run(
        lambda session: read_service(session, KeyRing(session, desk.service_key)) or Service()
    )


def _last_rung(checked_on: date | None, service: Service, name: str) -> date | None:
    days = [day for day in (checked_on, service.helplines_confirmed.get(name)) if day]
    return max(days, default=None)
