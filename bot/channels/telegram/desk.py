"""A coordinator's own chat: what there is to do, and a summary as a file. Both are put together as
they leave, for whoever the chat belongs to at that moment, and kept nowhere."""

import asyncio
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from telegram import BotCommand

from bot.alerts import acknowledge
from bot.channels.telegram.hearing import TODAY
from bot.clock import Clock
from bot.delivery import outbox
from bot.delivery.letters import PaperLetter, TodayLetter
from bot.delivery.outbox import Claimed
from bot.meetings.files import UNDER_16
from bot.store.database import Database
from bot.store.models import Coordinator, Meeting, Participant
from bot.store.sealing import KeyRing, ServiceKey
from bot.summaries.attachments import pictures_in
from bot.summaries.chat import today_in_chat
from bot.summaries.compile import NotYours, compile_page, mark_read
from bot.summaries.documents.pdf import pdf
from bot.summaries.documents.pictures import Pictures
from bot.summaries.documents.structure import Document
from bot.summaries.documents.summary import summary_paper
from bot.summaries.documents.whole_family import roundup_paper
from bot.summaries.roundup import roundup
from bot.summaries.sentences import Sentences
from bot.summaries.today import read_today
from flows.exchange import CommandName, Message
from flows.library import Library
from flows.schema import Audience
from flows.wording import Wording


class DeskInChat:
    """Answers for the desk in Telegram."""

    def __init__(
        self,
        database: Database,
        service_key: ServiceKey,
        library: Library,
        clock: Clock,
        public_url: str,
    ) -> None:
        self._database = database
        self._service_key = service_key
        self._library = library
        self._clock = clock
        self._link = f"{public_url}/coordinator"

    async def today(self, chat: int, *, asked: bool) -> Message | None:
        """None where the chat is nobody's, or there is nothing and nobody asked."""
        now = self._clock()

        def make(session: Session) -> Message | None:
            who = _whose(session, chat)
            if who is None:
                return None
            ring = KeyRing(session, self._service_key)
            language, wording = who.language, self._library.wording
            found = read_today(
                session,
                ring,
                self._library,
                coordinator_id=who.id,
                language=language,
                now=now,
            )
            return today_in_chat(found, self._link, language, wording, now, asked=asked)

        return await self._database.run(make)

    async def paper(self, letter: PaperLetter, chat: int) -> bytes | None:
        """A summary, which counts as read, or the roundup, as a PDF. None where the chat is not
        that of the meeting's coordinator, or nothing is there any more."""
        now = self._clock()

        def read(session: Session) -> Document | None:
            who = _whose(session, chat)
            if who is None:
                return None
            ring = KeyRing(session, self._service_key)
            make = self._summary if letter.kind == "summary" else self._roundup
            try:
                return make(session, ring, letter.of, who, now)
            except NotYours:
                return None

        document = await self._database.run(read)
        return None if document is None else await asyncio.to_thread(pdf, document)

    def _summary(
        self, session: Session, ring: KeyRing, participant: UUID, who: Coordinator, now: datetime
    ) -> Document | None:
        page = compile_page(
            session,
            ring,
            self._library,
            participant,
            coordinator_id=who.id,
            language=who.language,
        )
        if page.sent is None:
            return None
        mark_read(session, page, who.id, now)
        pieces = [piece for entry in page.sent.entries for piece in entry.pieces]
        pictures: Pictures = pictures_in(session, ring, pieces, coordinator_id=who.id, now=now)
        return summary_paper(page, Sentences(self._library.wording, who.language), now, pictures)

    def _roundup(
        self, session: Session, ring: KeyRing, meeting: UUID, who: Coordinator, now: datetime
    ) -> Document:
        found = roundup(
            session, ring, self._library, meeting, coordinator_id=who.id, language=who.language
        )
        return roundup_paper(found, Sentences(self._library.wording, who.language), now)


def menu_of_the_desk(wording: Wording, language: str) -> list[BotCommand]:
    """A coordinator's own commands."""
    return [
        BotCommand(name, wording.say(f"menu_{name}", Audience.ADULT, language))
        for name in (TODAY, CommandName.HELP)
    ]


def acknowledged(
    session: Session, ring: KeyRing, alert: UUID, chat: int, now: datetime
) -> str | None:
    """Only whoever is told of it may acknowledge it: their language. None for anybody else."""
    who = _whose(session, chat)
    if who is None:
        return None
    try:
        acknowledge(session, ring, alert, who.id, now)
    except NotYours:
        return None
    return who.language


def queue_today(session: Session, ring: KeyRing, chat: int, now: datetime) -> Claimed | None:
    """For a coordinator who asks. Raises NotYours where the chat is nobody's at the desk."""
    who = _whose(session, chat)
    if who is None:
        raise NotYours
    return outbox.queue(
        session,
        ring.of(who.id),
        TodayLetter(today_of=who.id, asked=True),
        kind="reply",
        channel="telegram",
        recipient=f"telegram:{chat}",
        now=now,
        held=True,
    )


def queue_paper(
    session: Session, ring: KeyRing, participant: UUID, chat: int, now: datetime
) -> Claimed | None:
    """A summary as a file. Raises NotYours where it is not for whoever this chat belongs to, or is
    that of someone under 16, none of whose words go by Telegram."""
    meeting = session.scalar(
        select(Meeting.id)
        .join(Participant, Participant.meeting_id == Meeting.id)
        .join(Coordinator, Coordinator.id == Meeting.coordinator_id)
        .where(
            Participant.id == participant,
            Participant.wiped_at.is_(None),
            Participant.age_band.not_in(UNDER_16),
            Coordinator.telegram_chat == chat,
        )
    )
    if meeting is None:
        raise NotYours
    return outbox.queue(
        session,
        ring.of(participant),
        PaperLetter(of=participant),
        kind="summary",
        channel="telegram",
        recipient=f"telegram:{chat}",
        now=now,
        participant_id=participant,
        meeting_id=meeting,
        held=True,
    )


def queue_roundup(
    session: Session, ring: KeyRing, meeting: UUID, chat: int, now: datetime
) -> Claimed | None:
    """Who in a meeting has prepared, as a file. It holds no words of anybody's. Raises NotYours
    where it is not for whoever this chat belongs to."""
    who = _whose(session, chat)
    row = session.get(Meeting, meeting)
    if who is None or row is None or row.coordinator_id != who.id:
        raise NotYours
    return outbox.queue(
        session,
        ring.of(who.id),
        PaperLetter(kind="roundup", of=meeting),
        kind="roundup",
        channel="telegram",
        recipient=f"telegram:{chat}",
        now=now,
        meeting_id=meeting,
        held=True,
    )


def _whose(session: Session, chat: int) -> Coordinator | None:
    return session.scalar(select(Coordinator).where(Coordinator.telegram_chat == chat))
