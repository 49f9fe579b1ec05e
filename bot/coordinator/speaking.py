"""Which language the desk speaks: what its coordinator chose, before sign-in too."""

import re
from typing import Final

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.coordinator.desk import LANGUAGE_COOKIE, PATH, Desk, FormRefused, Visit
from bot.languages import browsers_language
from bot.store.models import Coordinator
from flows.wording import Wording

_OURS: Final = re.compile(rf"{PATH}([/?]\S*)?")
_A_YEAR_S: Final = 365 * 24 * 3600


def chosen_language(wording: Wording, request: Request) -> str:
    """What was chosen in this browser; empty where nothing was."""
    code = request.cookies.get(LANGUAGE_COOKIE, "")
    return code if wording.speaks(code) else ""


def strangers_language(wording: Wording, request: Request) -> str:
    """While nobody is signed in."""
    return chosen_language(wording, request) or browsers_language(wording, request)


async def choose(desk: Desk, visit: Visit) -> Response:
    """From now on the desk speaks it, and so do its letters to whoever is signed in."""
    language, back = visit.form.get("language", ""), visit.form.get("back", "")
    if not desk.library.wording.speaks(language) or not _OURS.fullmatch(back):
        raise FormRefused
    who = visit.who

    def keep(session: Session) -> None:
        if who is not None:
            session.get_one(Coordinator, who.id).language = language

    await desk.database.run(keep)
    response = RedirectResponse(back, status_code=303)
    desk.give_cookie(response, LANGUAGE_COOKIE, language, lasts_s=_A_YEAR_S)
    return response
