"""What is due by the calendar: the roundup, gentle reminders, and each morning's list.

Nothing is planned ahead. Each round asks which meetings and people something is due for now, so
that a meeting that moves or is called off takes all of it along. A key for each letter makes it
happen once.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.delivery import outbox
from bot.delivery.letters import ChatLetter, MailLetter, TodayLetter
from bot.service import Service, at_work_since, read_service
from bot.settings import Settings
from bot.staff import COORDINATOR
from bot.store.database import Database
from bot.store.models import Conversation, Coordinator, Delivery, Meeting, Participant
from bot.store.sealing import KeyRing, ServiceKey
from bot.summaries.chat import roundup_in_chat
from bot.summaries.roundup import roundup
from flows.exchange import Choice, Message, Paragraph
from flows.library import Library, audience_for
from flows.schema import Audience
from flows.speech import ANYWHERE

AT_MOST = 2
"""Reminders for one person, ever."""

REST = timedelta(days=3)
"""Between someone's last word and a reminder, and between two of them."""

EARLIEST, LATEST = time(9, 0), time(20, 0)
"""Never at night: only between these hours, in the meeting's own zone."""

NOT_WITHIN = timedelta(hours=12)
"""No reminder so shortly before the meeting: it would only frighten."""

MORNING = timedelta(hours=2)
"""From when the service begins to work: a list that comes later is none of the morning's."""

_EVERY_S = 30

_log = structlog.get_logger(__name__)


class Scheduler:
    """One for each process; two at once do no harm."""

    def __init__(
        self,
        database: Database,
        service_key: ServiceKey,
        library: Library,
        clock: Clock,
        settings: Settings,
        wake: Callable[[], None],
    ) -> None:
        self._database = database
        self._service_key = service_key
        self._library, self._wording = library, library.wording
        self._clock = clock
        self._roundup_before = timedelta(hours=settings.roundup_hours_before)
        self._address = settings.address
        self._wake = wake

    async def run(self) -> None:
        while True:
            try:
                await self.round()
            except Exception as error:
                _log.error("schedule_failed", error=type(error).__name__)
            await asyncio.sleep(_EVERY_S)

    async def round(self) -> None:
        """Queues all that is due now and was not queued before."""
        now = self._clock()
        await self._database.run(lambda session: self._queue_due(session, now))
        self._wake()

    def _queue_due(self, session: Session, now: datetime) -> None:
        ring = KeyRing(session, self._service_key)
        service = read_service(session, ring) or Service()
        before = self._roundup_before
        if service.roundup_hours_before is not None:
            before = timedelta(hours=service.roundup_hours_before)
        for meeting, key in _roundups_due(session, now, before):
            self._roundup(session, ring, meeting, key, now)
        if service.reminders:
            for participant, meeting, chosen in _unfinished(session, now):
                if _awake(meeting, now):
                    self._remind(session, ring, meeting, participant, chosen, now)
        _mornings(session, ring, service, now)

    # --- the roundup ---

    def _roundup(
        self, session: Session, ring: KeyRing, meeting: Meeting, key: str, now: datetime
    ) -> None:
        """Who has prepared, started, or never been reached. No words of anybody's."""
        coordinator = session.get_one(Coordinator, meeting.coordinator_id)
        language = coordinator.language
        link = f"{self._address}/coordinator/meeting/{meeting.id}"
        seal = ring.of(coordinator.id)
        email = seal.open_text(
            "coordinator", coordinator.id, "sealed_email", coordinator.sealed_email
        )
        mail = MailLetter(
            to=email,
            subject=self._wording.say("mail_roundup_subject", Audience.ADULT, language),
            text=self._wording.say("mail_roundup", Audience.ADULT, language, link=link),
        )
        outbox.queue(
            session,
            seal,
            mail,
            kind="roundup",
            channel="mail",
            recipient=f"mail:{coordinator.id}",
            now=now,
            key=key,
            meeting_id=meeting.id,
        )
        if coordinator.telegram_chat is not None:
            found = roundup(
                session,
                ring,
                self._library,
                meeting.id,
                coordinator_id=coordinator.id,
                language=language,
            )
            outbox.queue(
                session,
                seal,
                ChatLetter(message=roundup_in_chat(found, language, self._wording)),
                kind="roundup",
                channel="telegram",
                recipient=f"telegram:{coordinator.telegram_chat}",
                now=now,
                key=f"{key}:t",
                meeting_id=meeting.id,
            )

    # --- reminders ---

    def _remind(
        self,
        session: Session,
        ring: KeyRing,
        meeting: Meeting,
        participant: Participant,
        chosen: str | None,
        now: datetime,
    ) -> None:
        """In the language of their chat, where it is known."""
        key = f"reminder:{participant.id.hex}:{participant.reminders + 1}"
        if _queued(session, key):
            return
        audience = audience_for(participant.role, participant.age_band)
        language = self._wording.spoken(chosen, participant.language)
        text = self._wording.say("reminder", audience, language)
        resume = self._wording.say("resume", audience, language)
        message = Message(
            paragraphs=(Paragraph(text=text),),
            rows=((Choice(id="resume", label=resume),),),
            state=ANYWHERE,
            language=language,
        )
        participant.reminders += 1
        outbox.queue(
            session,
            ring.of(participant.id),
            ChatLetter(message=message),
            kind="reminder",
            channel="telegram",
            recipient=f"telegram:{participant.telegram_chat}",
            now=now,
            key=key,
            participant_id=participant.id,
            meeting_id=meeting.id,
        )


def _mornings(session: Session, ring: KeyRing, service: Service, now: datetime) -> None:
    """For each coordinator who has linked their Telegram, once on each working day."""
    since = at_work_since(service, now)
    if since is None or now >= since + MORNING:
        return
    day = since.astimezone(ZoneInfo(service.timezone)).date()
    linked = select(Coordinator.id, Coordinator.telegram_chat).where(
        Coordinator.telegram_chat.is_not(None), Coordinator.role == COORDINATOR
    )
    for coordinator, chat in session.execute(linked).all():
        key = f"morning:{coordinator.hex}:{day}"
        if not _queued(session, key):
            outbox.queue(
                session,
                ring.of(coordinator),
                TodayLetter(today_of=coordinator, asked=False),
                kind="morning",
                channel="telegram",
                recipient=f"telegram:{chat}",
                now=now,
                key=key,
            )


def _roundups_due(session: Session, now: datetime, before: timedelta) -> list[tuple[Meeting, str]]:
    """The meetings so near whose roundup was not queued yet, and the key that it is to have."""
    near = session.scalars(
        select(Meeting)
        .where(
            Meeting.starts_at > now,
            Meeting.starts_at <= now + before,
            Meeting.cancelled_at.is_(None),
        )
        .order_by(Meeting.starts_at)
    )
    keys = {f"roundup:{one.id.hex}:{int(one.starts_at.timestamp())}": one for one in near}
    queued = set(session.scalars(select(Delivery.key).where(Delivery.key.in_(keys))))
    return [(meeting, key) for key, meeting in keys.items() if key not in queued]


def _unfinished(session: Session, now: datetime) -> list[tuple[Participant, Meeting, str | None]]:
    """Those who may be reminded, and the language of their chat: they said yes, have not sent, and
    have been quiet for a while. One query, which finds nobody else, however many meetings there
    are."""
    reminded = exists().where(
        Delivery.participant_id == Participant.id,
        Delivery.kind == "reminder",
        Delivery.due_at > now - REST,
    )
    rows = session.execute(
        select(Participant, Meeting, Conversation.language)
        .join(Meeting, Meeting.id == Participant.meeting_id)
        .join(Conversation, Conversation.participant_id == Participant.id)
        .where(
            Meeting.starts_at > now + NOT_WITHIN,
            Meeting.cancelled_at.is_(None),
            Participant.may_message.is_(True),
            Participant.telegram_chat.is_not(None),
            Participant.reminders < AT_MOST,
            Conversation.sent_at.is_(None),
            Conversation.touched_at <= now - REST,
            ~reminded,
        )
        .order_by(Meeting.starts_at, Participant.reference)
    )
    return [(participant, meeting, chosen) for participant, meeting, chosen in rows]


def _awake(meeting: Meeting, now: datetime) -> bool:
    here = now.astimezone(ZoneInfo(meeting.timezone)).time()
    return EARLIEST <= here < LATEST


def _queued(session: Session, key: str) -> bool:
    return bool(session.scalar(select(exists().where(Delivery.key == key))))
