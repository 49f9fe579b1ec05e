"""What someone who signs in can do about it: another password, another phone, out everywhere."""

from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from bot import second_factor
from bot.coordinator import entering
from bot.coordinator.answering import page
from bot.coordinator.desk import COOKIE, PATH, Desk, Visit
from bot.coordinator.getting_in import entered, shown_once
from bot.coordinator.linking import is_linked
from bot.coordinator.sign_in import SHORTEST_PASSWORD, PasswordUnfit, PasswordWrong, TooOften


async def show(desk: Desk, visit: Visit) -> Response:
    return await _account(desk, visit, "")


async def show_password(desk: Desk, visit: Visit) -> Response:
    if not visit.signed_in.has_password:
        return RedirectResponse(f"{PATH}/password", status_code=303)
    return page(desk, visit, "change_password.html", shortest=SHORTEST_PASSWORD, problem="")


async def change_password(desk: Desk, visit: Visit) -> Response:
    """Another password. Every other browser that was in is out."""
    who, now, form = visit.signed_in, desk.clock(), visit.form
    current, password, again = (form.get(name, "") for name in ("current", "password", "again"))
    try:
        await desk.sign_in.change_password(who.id, current, password, again, now)
    except (PasswordWrong, PasswordUnfit, TooOften) as error:
        status = 429 if isinstance(error, TooOften) else 400
        return page(
            desk,
            visit,
            "change_password.html",
            status,
            shortest=SHORTEST_PASSWORD,
            problem=error.code,
        )
    token = await desk.database.run(
        lambda session: entering.enter_alone(session, who.id, "password_changed", now)
    )
    return entered(desk, token, f"{PATH}/account")


async def new_recovery_codes(desk: Desk, visit: Visit) -> Response:
    """Ten new ones, shown once, to someone who has just given a code."""
    who, now = visit.signed_in, desk.clock()
    refusal = await _refusal(desk, visit)
    if refusal is not None:
        return refusal

    def renew(session: Session) -> tuple[tuple[str, ...], str]:
        codes = second_factor.new_recovery_codes(session, who.id)
        entering.note(session, who.id, "recovery_codes_made", now)
        return codes, entering.enter(session, who.id, visit.session_token, now)

    codes, token = await desk.database.run(renew)
    return shown_once(desk, visit, token, codes, f"{PATH}/account")


async def new_phone(desk: Desk, visit: Visit) -> Response:
    """The old phone's codes are no use any more; the new one is set up at once."""
    who, now = visit.signed_in, desk.clock()
    refusal = await _refusal(desk, visit)
    if refusal is not None:
        return refusal

    def forget(session: Session) -> str:
        second_factor.forget(session, who.id)
        return entering.enter_alone(session, who.id, "phone_forgotten", now)

    return entered(desk, await desk.database.run(forget), f"{PATH}/phone")


async def sign_out_everywhere(desk: Desk, visit: Visit) -> Response:
    who, now = visit.signed_in, desk.clock()
    await desk.database.run(lambda session: entering.leave_everywhere(session, who.id, now))
    response = RedirectResponse(f"{PATH}/sign-in", status_code=303)
    desk.take_cookie(response, COOKIE)
    return response


async def _refusal(desk: Desk, visit: Visit) -> Response | None:
    """The account page again, unless the form holds a right code."""
    typed = visit.form.get("code", "")[:64]
    try:
        right = await desk.sign_in.code_is_right(visit.signed_in.id, typed, desk.clock())
    except TooOften:
        return await _account(desk, visit, "often", 429)
    return None if right else await _account(desk, visit, "wrong", 400)


async def _account(desk: Desk, visit: Visit, problem: str, status: int = 200) -> Response:
    who = visit.signed_in
    left, linked = await desk.database.run(
        lambda session: (
            second_factor.recovery_codes_left(session, who.id),
            is_linked(session, who.id),
        )
    )
    telegram = None if who.administers or desk.bot_name is None else linked
    return page(
        desk, visit, "account.html", status, codes_left=left, telegram=telegram, problem=problem
    )
