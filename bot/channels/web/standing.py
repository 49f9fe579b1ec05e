"""Pages that need no visit: help, and who reads what."""

from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from bot.channels.web.forms import key_of, new_key
from bot.channels.web.pages import anchor
from bot.channels.web.posting import SMALL_BYTES, posted
from bot.channels.web.shared import (
    About,
    RunBy,
    Shared,
    about,
    coordinator_of,
    language_of,
    run_by,
)
from bot.channels.web.visit import Visit, from_our_page
from bot.helplines import helplines
from bot.languages import browsers_language
from bot.store.conversations import NobodyThere
from bot.store.sealing import KeyGone
from flows.exchange import Paragraph, Tap
from flows.listening import TELL
from flows.schema import Audience
from flows.speech import ANYWHERE
from flows.telling import TOPICS, told

_NOTHING = About()


@dataclass(frozen=True)
class _Reader:
    """Who reads a page, as far as that is known."""

    language: str
    visit: Visit | None = None
    where: About = _NOTHING
    coordinator: str = ""
    broken: bool = False
    """Nobody could be looked up just now."""


@dataclass(frozen=True)
class _Tell:
    """The question whether somebody is to be told, as a form of its own."""

    question: str
    yes: str
    csrf: str
    key: str


class Standing:
    """Shows its pages in the visitor's language, where it is known who visits."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    async def help(self, request: Request) -> Response:
        """Promise P10: comes whatever else does not. Without a known nation, all nations' lines:
        never one that was guessed."""
        return self._help(await self._reader(request))

    async def tell(self, request: Request) -> Response:
        """They want somebody told that they need help: as in the chat, and noted there. The same
        form twice is one alert, and is answered alike."""
        reader = await self._reader(request)
        try:
            read = await posted(request, SMALL_BYTES)
            await read.form.close()
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        if reader.broken:
            return self._help(reader, failed=True)
        if reader.visit is None or not from_our_page(request, read.form, reader.visit.token):
            return RedirectResponse("/help", 303)  # the numbers are there for everybody
        try:
            return self._help(reader, told=await self._told(reader.visit, read.form))
        except (SQLAlchemyError, NobodyThere, KeyGone):
            return self._help(reader, failed=True)

    async def _told(self, visit: Visit, form: FormData) -> tuple[Paragraph, ...]:
        """What they are told of it: who reads it, and when."""
        turns = self._shared.turns
        await turns.open(visit.participant, "web")  # a conversation that has not begun takes no tap
        tap = Tap(state=ANYWHERE, choice=TELL, revision=0)
        lines = await turns.take(visit.participant, tap, f"web:{key_of(form)}:help")
        notices = (
            one.message for one in lines if one.message is not None and not one.message.state
        )
        return tuple(part for notice in notices for part in notice.paragraphs)

    def _help(
        self, reader: _Reader, *, told: tuple[Paragraph, ...] = (), failed: bool = False
    ) -> Response:
        where = reader.where
        values = {
            "helplines": helplines(where.nation, where.audience) if where.nation else (),
            "inside": reader.visit is not None,
            "tell": self._question(reader),
            "told": told,
            "failed": failed,
        }
        return self._shared.pages.page("help.html", reader.language, values)

    def _question(self, reader: _Reader) -> _Tell | None:
        """Only for whom somebody can be told of."""
        if reader.visit is None or not reader.coordinator:
            return None
        audience = reader.where.audience or Audience.ADULT
        question, yes = (
            self._shared.wording.say(
                phrase, audience, reader.language, coordinator=reader.coordinator
            )
            for phrase in ("tell_question", "tell_yes")
        )
        return _Tell(question, yes, reader.visit.csrf, new_key())

    async def privacy(self, request: Request) -> Response:
        """For anyone, signed in or not. Adults, young people and children have their own copies;
        whoever is not known chooses one."""
        reader = await self._reader(request)
        chosen = request.query_params.get("for", "")
        audience = Audience(chosen) if chosen in set(Audience) else reader.where.audience
        values = {
            "inside": reader.visit is not None,
            "reader": audience or Audience.ADULT,
            "topics": self._topics(
                audience or Audience.ADULT, reader.language, await run_by(self._shared)
            ),
        }
        return self._shared.pages.page("privacy.html", reader.language, values)

    def _topics(
        self, audience: Audience, language: str, by: RunBy
    ) -> list[tuple[str, str, list[str]]]:
        """Each topic's name, its heading, and what it says."""
        say = self._shared.wording.say
        topics = []
        for topic in TOPICS:
            said = list(told(topic, "page", self._shared.wording, audience, language, by.days))
            if topic == "privacy_who" and by.name:
                said.insert(0, say("privacy_run_by", audience, language, service=by.name))
            if topic == "privacy_can" and by.contact:
                said.append(say("privacy_contact", audience, language, contact=by.contact))
            topics.append((anchor(topic), say(topic, audience, language), said))
        return topics

    async def _reader(self, request: Request) -> _Reader:
        guess = browsers_language(self._shared.wording, request)
        visit, where = None, _NOTHING
        try:
            visit = await self._shared.visits.of(request)
            if visit is None:
                return _Reader(guess)
            where = await about(self._shared, visit)
            language = await language_of(self._shared, visit) or guess
            return _Reader(language, visit, where, await coordinator_of(self._shared, visit))
        except (SQLAlchemyError, NobodyThere, KeyGone) as error:
            return _Reader(guess, where=where, broken=isinstance(error, SQLAlchemyError))
