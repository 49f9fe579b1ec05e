"""What the rooms of the web chat share: their tools, and what is known of a visitor."""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request

from bot.channels.web.pages import Pages, asking
from bot.channels.web.visit import Visit, Visits
from bot.clock import Clock
from bot.store import conversations
from bot.store.database import Database
from bot.store.models import Meeting, Participant
from bot.store.sealing import KeyRing, ServiceKey
from bot.turn import Turns
from flows.library import Library, audience_for
from flows.schema import Audience
from flows.telling import KeptDays
from flows.wording import Wording


@dataclass(frozen=True)
class RunBy:
    """Who runs this, for the privacy page: the service's settings."""

    name: str = ""
    contact: str = ""
    days: KeptDays = field(default_factory=KeptDays)


@dataclass(frozen=True)
class Shared:
    """Tools, made once."""

    turns: Turns
    database: Database
    service_key: ServiceKey
    wording: Wording
    library: Library
    clock: Clock
    pages: Pages
    visits: Visits
    neutral_url: str
    """Where a quick exit leads."""
    runs_it: RunBy


@dataclass(frozen=True)
class About:
    """What the help page must know: where the meeting is, and who reads."""

    nation: str = ""
    audience: Audience | None = None


async def about(shared: Shared, visit: Visit) -> About:
    """Nothing where the participant is gone."""

    def read(session: Session) -> About:
        row = session.execute(
            select(Meeting.nation, Participant.role, Participant.age_band)
            .join(Participant, Participant.meeting_id == Meeting.id)
            .where(Participant.id == visit.participant)
        ).one_or_none()
        if row is None:
            return About()
        return About(row.nation, audience_for(row.role, row.age_band))

    return await shared.database.run(read)


async def coordinator_of(shared: Shared, visit: Visit) -> str:
    """Whom a visitor can have told that they need help, by name.

    Raises:
        bot.store.conversations.NobodyThere, bot.store.sealing.KeyGone: the participant is gone.
    """

    def read(session: Session) -> str:
        ring = KeyRing(session, shared.service_key)
        return conversations.prepare(session, ring, visit.participant).coordinator

    return await shared.database.run(read)


async def language_of(shared: Shared, visit: Visit) -> str:
    """What the chat speaks now; empty before it has begun."""
    message = asking(await shared.turns.lines(visit.participant))
    return message.language if message is not None else ""


def browsers_language(wording: Wording, request: Request) -> str:
    """Where nobody is known yet: the first that the browser wishes for and that we speak."""
    for wish in request.headers.get("accept-language", "").split(","):
        code = wish.partition(";")[0].strip().partition("-")[0].lower()
        if code and wording.speaks(code):
            return code
    return "en"
