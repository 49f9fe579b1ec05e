"""Pages that ask nothing and need no visit: help, and who reads what."""

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web.shared import About, Shared, about, browsers_language, language_of
from bot.helplines import helplines
from bot.store.conversations import NobodyThere
from bot.store.sealing import KeyGone


class Standing:
    """Shows its pages in the visitor's language, where it is known who visits."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    async def help(self, request: Request) -> Response:
        """Promise P10: comes whatever else does not. Without a known nation, all nations' lines:
        never one that was guessed."""
        inside, where, language = await self._reader(request)
        lines = helplines(where.nation, where.audience) if where.nation else ()
        values = {"helplines": lines, "inside": inside}
        return self._shared.pages.page("help.html", language, values)

    async def privacy(self, request: Request) -> Response:
        inside, _, language = await self._reader(request)
        return self._shared.pages.page("privacy.html", language, {"inside": inside})

    async def _reader(self, request: Request) -> tuple[bool, About, str]:
        guess = browsers_language(self._shared.wording, request)
        where = About()
        try:
            visit = await self._shared.visits.of(request)
            if visit is None:
                return False, where, guess
            where = await about(self._shared, visit)
            return True, where, await language_of(self._shared, visit) or guess
        except (SQLAlchemyError, NobodyThere, KeyGone):
            return False, where, guess
