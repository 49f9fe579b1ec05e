"""Who is told of an alert, and by which ways: at once, and then along the rota.

A letter holds a name and a link and no words. It is sealed with the meeting's key, so that a person
who wipes their preparation stops no alert. Nobody who prepares for the same meeting is ever told,
whatever else they are: the next on the rota is told instead (promise P12).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.delivery.helplines_due import remind_of_helplines
from bot.delivery.letters import ChatLetter, Letter, MailLetter
from bot.delivery.outbox import Claimed
from bot.delivery.sent_summary import coordinating
from bot.service import Contact, Service, read_service
from bot.store.models import (
    Alert,
    AuditEntry,
    Coordinator,
    Delivery,
    Meeting,
    Participant,
    TelegramChat,
)
from bot.store.sealing import KeyRing
from bot.summaries.chat import alert_in_chat
from bot.summaries.compile import who_is
from flows.schema import Audience
from flows.wording import Wording

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Reachable:
    """Somebody who acts on alerts, with every way that they have."""

    inbox: str
    """The recipient of their mails, as the queue names it."""
    email: str
    language: str
    telegram_chat: int | None


def letters_of(alert: UUID, step: int | None = None) -> str:
    """How the keys of an alert's letters begin; of one step, or of all."""
    return f"alert:{alert.hex}:" if step is None else f"alert:{alert.hex}:{step}:"


def rota_inboxes(ring: KeyRing, email: str) -> list[str]:
    """The recipients of mails to this address as one of the rota's: by the service's key of today,
    and by those before it."""
    return [f"rota:{mark.hex()[:32]}" for mark in ring.marks(email)]


class Calling:
    """Puts alert letters into the queue. Each step happens once, by its key."""

    def __init__(self, wording: Wording, public_url: str, duty_contact: str) -> None:
        self._wording = wording
        self._public_url = public_url.rstrip("/")
        self._duty_contact = duty_contact

    def at_once(
        self, session: Session, ring: KeyRing, alert: Alert, now: datetime, *, held: bool = False
    ) -> list[Claimed | None]:
        """The coordinator, the duty inbox, and whoever is there out of hours."""
        person, meeting = _about(session, alert)
        service = read_service(session, ring) or Service()
        chats = _chats_of_participants(session, meeting.id)
        meant = self._first(session, ring, meeting, service)
        told = [one for one in meant if one.telegram_chat not in chats]
        keys = letters_of(alert.id, 0)
        claimed = self._tell(
            session, ring, alert, person, meeting, told, keys, "mail_alert", now, held
        )
        _note(session, "alert_told", alert.id, now)
        if len(told) < len(meant):
            self.next(session, ring, alert, service, now)
        return claimed

    def next(
        self, session: Session, ring: KeyRing, alert: Alert, service: Service, now: datetime
    ) -> None:
        """The next on the rota, then the manager; after the last, the manager again, loudly."""
        person, meeting = _about(session, alert)
        in_turn = self.in_turn(session, ring, meeting, service)
        step = alert.escalated + 1
        alert.escalated, alert.escalated_at = step, now
        if step <= len(in_turn):
            told = [in_turn[step - 1]]
            _note(session, "alert_moved_on", alert.id, now)
        else:
            told = self._last(session, ring, meeting, service)
            _note(session, "alert_nobody_acknowledges", alert.id, now)
            _log.error(
                "alert_not_acknowledged", alert=str(alert.id), meeting=str(meeting.id), step=step
            )
        keys = letters_of(alert.id, step)
        self._tell(
            session, ring, alert, person, meeting, told, keys, "mail_alert_again", now, False
        )

    def hand_over(self, session: Session, ring: KeyRing, alert: Alert, now: datetime) -> None:
        """Whoever has just taken its meeting over; where they prepare for it themselves, the next
        on the rota. It moves on from there as before."""
        person, meeting = _about(session, alert)
        if ring.find(meeting.id) is None:
            return  # the meeting has been erased
        heir = _coordinator(session, ring, meeting)
        if heir.telegram_chat in _chats_of_participants(session, meeting.id):
            self.next(session, ring, alert, read_service(session, ring) or Service(), now)
            return
        keys = f"{letters_of(alert.id, alert.escalated)}{meeting.coordinator_id.hex}:"
        self._tell(
            session, ring, alert, person, meeting, [heir], keys, "mail_alert_again", now, False
        )
        _note(session, "alert_told", alert.id, now)

    def remind_of_helplines(
        self, session: Session, ring: KeyRing, service: Service, now: datetime
    ) -> None:
        remind_of_helplines(session, ring, service, self._wording, self._duty_contact, now)

    def in_turn(
        self, session: Session, ring: KeyRing, meeting: Meeting, service: Service
    ) -> list[Reachable]:
        """Who is told after the first, in order: no participant, and nobody twice."""
        chats = _chats_of_participants(session, meeting.id)
        first = {one.email.casefold() for one in self._first(session, ring, meeting, service)}
        found = (self._contact(session, ring, one) for one in service.in_turn)
        left = {
            one.email.casefold(): one
            for one in found
            if one.telegram_chat not in chats and one.email.casefold() not in first
        }
        return list(left.values())

    def _last(
        self, session: Session, ring: KeyRing, meeting: Meeting, service: Service
    ) -> list[Reachable]:
        """The manager; where there is none, all who were told first."""
        chats = _chats_of_participants(session, meeting.id)
        if service.manager is not None:
            meant = [self._contact(session, ring, service.manager)]
        else:
            meant = self._first(session, ring, meeting, service)
        return [one for one in meant if one.telegram_chat not in chats]

    def _first(
        self, session: Session, ring: KeyRing, meeting: Meeting, service: Service
    ) -> list[Reachable]:
        coordinator = _coordinator(session, ring, meeting)
        found = [coordinator]
        duty = self._duty_contact
        if meeting.sealed_duty_contact is not None:
            duty = ring.of(meeting.id).open_text(
                "meeting", meeting.id, "sealed_duty_contact", meeting.sealed_duty_contact
            )
        if duty:
            chat = _chat_behind(session, ring, duty)
            found.append(Reachable(f"duty:{meeting.id}", duty, coordinator.language, chat))
        found += [self._contact(session, ring, one) for one in service.told_at_once]
        return list({one.email.casefold(): one for one in reversed(found)}.values())[::-1]

    def _contact(self, session: Session, ring: KeyRing, contact: Contact) -> Reachable:
        chat = _chat_behind(session, ring, contact.email)
        inbox = rota_inboxes(ring, contact.email)[0]
        language = contact.language if self._wording.speaks(contact.language) else "en"
        return Reachable(inbox, contact.email, language, chat)

    def _tell(
        self,
        session: Session,
        ring: KeyRing,
        alert: Alert,
        person: Participant,
        meeting: Meeting,
        told: list[Reachable],
        keys: str,
        phrase: str,
        now: datetime,
        held: bool,
    ) -> list[Claimed | None]:
        name = who_is(ring, person).name
        link = f"{self._public_url}/coordinator/alert/{alert.id}"
        letters: list[tuple[Letter, str, str]] = []
        chats: set[int] = set()
        for one in told:

            def say(what: str, language: str = one.language) -> str:
                return self._wording.say(what, Audience.ADULT, language, name=name, link=link)

            mail = MailLetter(to=one.email, subject=say("mail_alert_subject"), text=say(phrase))
            letters.append((mail, "mail", one.inbox))
            if one.telegram_chat is not None and one.telegram_chat not in chats:
                chats.add(one.telegram_chat)
                message = alert_in_chat(alert.id, name, link, one.language, self._wording)
                chat = f"telegram:{one.telegram_chat}"
                letters.append((ChatLetter(message=message), "telegram", chat))
        return [
            outbox.queue(
                session,
                ring.of(meeting.id),
                letter,
                kind="alert",
                channel=channel,
                recipient=recipient,
                now=now,
                key=f"{keys}{number}",
                participant_id=person.id,
                meeting_id=meeting.id,
                held=held,
            )
            for number, (letter, channel, recipient) in enumerate(letters)
        ]


def did_not_arrive(session: Session, alert: Alert) -> bool:
    """Whether a letter of the newest step was refused, blocked, or given up."""
    begins = letters_of(alert.id, alert.escalated)
    failed = select(Delivery.number).where(
        Delivery.key.startswith(begins), Delivery.status.in_(("failed", "blocked"))
    )
    return session.scalar(failed.limit(1)) is not None


def _about(session: Session, alert: Alert) -> tuple[Participant, Meeting]:
    person = session.get_one(Participant, alert.participant_id)
    return person, session.get_one(Meeting, person.meeting_id)


def _coordinator(session: Session, ring: KeyRing, meeting: Meeting) -> Reachable:
    to = coordinating(session, ring, meeting.coordinator_id)
    return Reachable(f"mail:{to.coordinator_id}", to.email, to.language, to.telegram_chat)


def _chats_of_participants(session: Session, meeting: UUID) -> set[int]:
    """Every Telegram chat in which somebody prepares for this meeting."""
    rows = session.execute(
        select(Participant.telegram_chat, TelegramChat.chat)
        .outerjoin(TelegramChat, TelegramChat.participant_id == Participant.id)
        .where(
            Participant.meeting_id == meeting,
            or_(Participant.telegram_chat.is_not(None), TelegramChat.chat.is_not(None)),
        )
    )
    return {chat for row in rows for chat in row if chat is not None}


def _chat_behind(session: Session, ring: KeyRing, email: str) -> int | None:
    """The Telegram chat of a coordinator with this address, if they have linked one."""
    return session.scalar(
        select(Coordinator.telegram_chat).where(Coordinator.email_mark.in_(ring.marks(email)))
    )


def _note(session: Session, action: str, alert: UUID, now: datetime) -> None:
    session.add(AuditEntry(at=now, actor="service", action=action, subject_id=alert))
