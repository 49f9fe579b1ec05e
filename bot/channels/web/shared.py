"""What the rooms of the web chat share: their tools, and what is known of a visitor."""

from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.channels.web.pages import Pages, asking
from bot.channels.web.visit import Visit, Visits
from bot.clock import Clock
from bot.privacy.days import Retention
from bot.service import Service, read_service
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

    def as_said_by(self, service: Service, operators: Retention) -> "RunBy":
        """With what the service's own administrators have set."""
        days = service.days(operators)
        return replace(self, name=self.name or service.name, days=kept_days(days))


def kept_days(days: Retention) -> KeptDays:
    """The numbers that people are told."""
    return KeptDays(
        drafts=days.keep_drafts_days,
        after_meeting=days.keep_drafts_after_meeting_days,
        sent=days.keep_sent_days,
        backups=days.keep_backups_days,
    )


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
    operators: Retention


@dataclass(frozen=True)
class About:
    """What the help page must know: where the meeting is, and who reads."""

    nation: str = ""
    audience: Audience | None = None


async def run_by(shared: Shared) -> RunBy:
    """Who runs this, as it is now; as the operator has set where the database cannot be read."""
    try:
        service = await shared.database.run(
            lambda session: read_service(session, KeyRing(session, shared.service_key))
        )
    except SQLAlchemyError:
        return shared.runs_it
    return shared.runs_it.as_said_by(service, shared.operators) if service else shared.runs_it


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
