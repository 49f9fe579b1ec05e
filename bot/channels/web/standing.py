"""Pages that ask nothing and need no visit: help, and who reads what."""

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.web.pages import anchor
from bot.channels.web.shared import About, Shared, about, browsers_language, language_of
from bot.helplines import helplines
from bot.store.conversations import NobodyThere
from bot.store.sealing import KeyGone
from flows.schema import Audience
from flows.telling import TOPICS, told


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
        """For anyone, signed in or not. Adults, young people and children have their own copies;
        whoever is not known chooses one."""
        inside, where, language = await self._reader(request)
        chosen = request.query_params.get("for", "")
        audience = Audience(chosen) if chosen in set(Audience) else where.audience
        values = {
            "inside": inside,
            "reader": audience or Audience.ADULT,
            "topics": self._topics(audience or Audience.ADULT, language),
        }
        return self._shared.pages.page("privacy.html", language, values)

    def _topics(self, audience: Audience, language: str) -> list[tuple[str, str, list[str]]]:
        """Each topic's name, its heading, and what it says."""
        say, by = self._shared.wording.say, self._shared.runs_it
        topics = []
        for topic in TOPICS:
            said = list(told(topic, "page", self._shared.wording, audience, language, by.days))
            if topic == "privacy_who" and by.name:
                said.insert(0, say("privacy_run_by", audience, language, service=by.name))
            if topic == "privacy_can" and by.contact:
                said.append(say("privacy_contact", audience, language, contact=by.contact))
            topics.append((anchor(topic), say(topic, audience, language), said))
        return topics

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
