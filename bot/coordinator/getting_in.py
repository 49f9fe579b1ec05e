"""The pages before the desk: the link that works once, sign-in and -out, the code from the phone,
and what is set up first: a password and that phone."""

import io
import re
from urllib.parse import quote

import segno
from starlette.responses import RedirectResponse, Response

from bot import second_factor
from bot.coordinator import entering
from bot.coordinator.answering import page
from bot.coordinator.desk import COOKIE, FORM_COOKIE, PATH, Desk, NotFound, Visit
from bot.coordinator.guard import next_step
from bot.coordinator.sign_in import SHORTEST_PASSWORD, PasswordUnfit, TooOften
from bot.coordinator.speaking import chosen_language
from bot.store.sealing import KeyRing

_WHERE_TO = re.compile(rf"{PATH}(/(summary|meeting|alert)/[0-9a-f-]{{36}}(/copy)?)?")
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
    language = chosen_language(desk.library.wording, visit.request)
    session_token = await desk.database.run(
        lambda session: entering.enter_by_link(
            session, token, now, strictly=desk.strict, language=language
        )
    )
    if session_token is None:
        desk.sign_in.link_failed(visit.address, now)
        return page(desk, visit, "dead_link.html", 400)
    return entered(desk, session_token, PATH)


async def show_sign_in(desk: Desk, visit: Visit) -> Response:
    where_to = where_to_go(visit.request.query_params.get("next", ""))
    if visit.who is not None:
        return RedirectResponse(where_to, status_code=303)
    return page(desk, visit, "sign_in.html", where_to=where_to, email="", problem="")


async def sign_in(desk: Desk, visit: Visit) -> Response:
    """The password. If it is right, the code from the phone comes next."""
    now = desk.clock()
    where_to = where_to_go(visit.form.get("next", ""))
    email, password = visit.form.get("email", ""), visit.form.get("password", "")
    try:
        found = await desk.sign_in.check(email, password, visit.address, now)
    except TooOften:
        return page(
            desk, visit, "sign_in.html", 429, where_to=where_to, email=email[:254], problem="often"
        )
    if found is None:
        return page(
            desk, visit, "sign_in.html", 400, where_to=where_to, email=email[:254], problem="wrong"
        )
    token = await desk.database.run(lambda session: entering.enter_by_password(session, found, now))
    return entered(desk, token, f"{PATH}/code?next={quote(where_to)}")


async def show_code(desk: Desk, visit: Visit) -> Response:
    where_to = where_to_go(visit.request.query_params.get("next", ""))
    who = visit.signed_in
    if not who.code_due:
        return RedirectResponse(where_to, status_code=303)
    if not who.has_code:
        return RedirectResponse(f"{PATH}/{next_step(who)}?next={quote(where_to)}", status_code=303)
    return page(desk, visit, "code.html", where_to=where_to, problem="")


async def check_code(desk: Desk, visit: Visit) -> Response:
    who, now = visit.signed_in, desk.clock()
    where_to = where_to_go(visit.form.get("next", ""))
    try:
        right = await desk.sign_in.code_is_right(who.id, visit.form.get("code", "")[:64], now)
    except TooOften:
        return page(desk, visit, "code.html", 429, where_to=where_to, problem="often")
    if not right:
        return page(desk, visit, "code.html", 400, where_to=where_to, problem="wrong")
    token = await desk.database.run(
        lambda session: entering.enter(session, who.id, visit.session_token, now)
    )
    return entered(desk, token, where_to)


async def sign_out(desk: Desk, visit: Visit) -> Response:
    token, now = visit.session_token, desk.clock()
    await desk.database.run(lambda session: entering.leave(session, token, now))
    response = RedirectResponse(f"{PATH}/sign-in", status_code=303)
    desk.take_cookie(response, COOKIE)
    return response


async def show_password(desk: Desk, visit: Visit) -> Response:
    """A first password, for someone who came by a link."""
    if visit.signed_in.has_password:
        return RedirectResponse(f"{PATH}/account/password", status_code=303)
    return page(desk, visit, "password.html", shortest=SHORTEST_PASSWORD, problem="")


async def choose_password(desk: Desk, visit: Visit) -> Response:
    who = visit.signed_in
    if who.code_due and who.has_code:
        return RedirectResponse(f"{PATH}/code", status_code=303)
    password, again = visit.form.get("password", ""), visit.form.get("again", "")
    try:
        await desk.sign_in.choose_password(who.id, password, again, desk.clock())
    except (PasswordUnfit, TooOften) as error:
        return page(
            desk, visit, "password.html", 400, shortest=SHORTEST_PASSWORD, problem=error.code
        )
    return RedirectResponse(PATH if who.has_code else f"{PATH}/phone", status_code=303)


async def show_phone(desk: Desk, visit: Visit) -> Response:
    """How the phone is set up to make codes."""
    where_to = where_to_go(visit.request.query_params.get("next", ""))
    return await _phone(desk, visit, where_to, "")


async def phone_picture(desk: Desk, visit: Visit) -> Response:
    """The QR code to scan. A picture of its own, so that no page holds markup made elsewhere."""
    who = visit.signed_in
    if who.has_code:
        raise NotFound
    address, _ = await _address(desk, visit)
    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        picture, kind="svg", scale=6, border=4, dark="#000", light="#fff"
    )
    return Response(
        picture.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "no-store"}
    )


async def confirm_phone(desk: Desk, visit: Visit) -> Response:
    """The first right code turns the second factor on; the recovery codes are shown this once."""
    who, now = visit.signed_in, desk.clock()
    where_to = where_to_go(visit.form.get("next", ""))
    if who.has_code:
        return RedirectResponse(PATH, status_code=303)
    try:
        codes = await desk.sign_in.confirm_phone(who.id, visit.form.get("code", "")[:64], now)
    except TooOften:
        return await _phone(desk, visit, where_to, "often", 429)
    if not codes:
        return await _phone(desk, visit, where_to, "wrong", 400)
    token = await desk.database.run(
        lambda session: entering.enter_alone(session, who.id, "phone_set_up", now)
    )
    return shown_once(desk, visit, token, codes, where_to)


def shown_once(
    desk: Desk, visit: Visit, session_token: str, codes: tuple[str, ...], where_to: str
) -> Response:
    """The page with the recovery codes, in a session of its own."""
    response = page(desk, visit, "recovery_codes.html", codes=codes, where_to=where_to)
    desk.give_cookie(response, COOKIE, session_token)
    return response


def where_to_go(asked: str) -> str:
    """A page of ours, or the list: sign-in leads nowhere else."""
    return asked if _WHERE_TO.fullmatch(asked) else PATH


def entered(desk: Desk, session_token: str, where_to: str) -> Response:
    """On to a page, with a new session."""
    response = RedirectResponse(where_to, status_code=303)
    desk.give_cookie(response, COOKIE, session_token)
    desk.take_cookie(response, FORM_COOKIE)
    return response


async def _phone(
    desk: Desk, visit: Visit, where_to: str, problem: str, status: int = 200
) -> Response:
    if visit.signed_in.has_code:
        return RedirectResponse(f"{PATH}/account", status_code=303)
    _, secret = await _address(desk, visit)
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return page(
        desk, visit, "phone.html", status, secret=groups, where_to=where_to, problem=problem
    )


async def _address(desk: Desk, visit: Visit) -> tuple[str, str]:
    who = visit.signed_in
    return await desk.database.run(
        lambda session: second_factor.address_for_phone(
            session, KeyRing(session, desk.service_key), who.id
        )
    )
