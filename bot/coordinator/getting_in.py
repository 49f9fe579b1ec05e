"""The pages before the desk: the link that works once, sign-in and -out, a first password."""

import re

from starlette.responses import RedirectResponse, Response

from bot.coordinator import entering
from bot.coordinator.answering import page
from bot.coordinator.desk import COOKIE, FORM_COOKIE, PATH, Desk, Visit
from bot.coordinator.sign_in import SHORTEST_PASSWORD, PasswordUnfit, TooOften

_WHERE_TO = re.compile(rf"{PATH}(/(summary|meeting)/[0-9a-f-]{{36}}(/copy)?)?")
"""Pages that letters lead to: the only ones that sign-in goes on to."""


async def show_link(desk: Desk, visit: Visit) -> Response:
    """The same for every link, good or bad: opening it has no effect (promise P29)."""
    return page(desk, visit, "way_in.html", too_often=False)


async def use_link(desk: Desk, visit: Visit) -> Response:
    """Signs in, once."""
    now = desk.clock()
    try:
        desk.sign_in.refuse_if_too_often(visit.address, now)
    except TooOften:
        return page(desk, visit, "way_in.html", 429, too_often=True)
    token = visit.request.path_params["token"]
    session_token = await desk.database.run(
        lambda session: entering.enter_by_link(session, token, now)
    )
    if session_token is None:
        desk.sign_in.link_failed(visit.address, now)
        return page(desk, visit, "dead_link.html", 400)
    return _entered(desk, session_token, PATH)


async def show_sign_in(desk: Desk, visit: Visit) -> Response:
    where_to = where_to_go(visit.request.query_params.get("next", ""))
    if visit.who is not None:
        return RedirectResponse(where_to, status_code=303)
    return page(desk, visit, "sign_in.html", where_to=where_to, problem="")


async def sign_in(desk: Desk, visit: Visit) -> Response:
    now = desk.clock()
    where_to = where_to_go(visit.form.get("next", ""))
    email, password = visit.form.get("email", ""), visit.form.get("password", "")
    try:
        found = await desk.sign_in.check(email, password, visit.address, now)
    except TooOften:
        return page(desk, visit, "sign_in.html", 429, where_to=where_to, problem="often")
    if found is None:
        return page(desk, visit, "sign_in.html", 400, where_to=where_to, problem="wrong")
    session_token = await desk.database.run(lambda session: entering.enter(session, found, now))
    return _entered(desk, session_token, where_to)


async def sign_out(desk: Desk, visit: Visit) -> Response:
    token, now = visit.session_token, desk.clock()
    await desk.database.run(lambda session: entering.leave(session, token, now))
    response = RedirectResponse(f"{PATH}/sign-in", status_code=303)
    desk.take_cookie(response, COOKIE)
    return response


async def show_password(desk: Desk, visit: Visit) -> Response:
    if visit.coordinator.has_password:
        return RedirectResponse(PATH, status_code=303)
    return page(desk, visit, "password.html", shortest=SHORTEST_PASSWORD, problem="")


async def choose_password(desk: Desk, visit: Visit) -> Response:
    password, again = visit.form.get("password", ""), visit.form.get("again", "")
    try:
        await desk.sign_in.choose_password(visit.coordinator.id, password, again, desk.clock())
    except (PasswordUnfit, TooOften) as error:
        return page(
            desk, visit, "password.html", 400, shortest=SHORTEST_PASSWORD, problem=error.code
        )
    return RedirectResponse(PATH, status_code=303)


def where_to_go(asked: str) -> str:
    """A page of ours, or the list: sign-in leads nowhere else."""
    return asked if _WHERE_TO.fullmatch(asked) else PATH


def _entered(desk: Desk, session_token: str, where_to: str) -> Response:
    response = RedirectResponse(where_to, status_code=303)
    desk.give_cookie(response, COOKIE, session_token)
    desk.take_cookie(response, FORM_COOKIE)
    return response
