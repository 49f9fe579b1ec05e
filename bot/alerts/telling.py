"""Who is told of an alert, and the letters that tell them: a name and a link, never a word that
was written, and never to anybody whom it is about.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.delivery.letters import ChatLetter, Letter, MailLetter
from bot.delivery.outbox import Claimed
from bot.service import Contact, Service
from bot.store.models import Coordinator, Meeting, Participant
from bot.store.sealing import KeyRing
from bot.summaries.chat import alert_in_chat
from bot.summaries.compile import who_is
from flows.schema import Audience
from flows.wording import Wording


@dataclass(frozen=True)
class Told:
    """Someone who acts on alerts, and the ways that reach them."""

    email: str
    inbox: str
    """Within which order is kept."""
    language: str
    telegram_chat: int | None = None


@dataclass(frozen=True)
class Teller:
    """Writes the letters. One for the service."""

    wording: Wording
    address: str
    duty_contact: str

    def first(
        self, session: Session, ring: KeyRing, meeting: Meeting, service: Service
    ) -> tuple[Told, ...]:
        """Who is told at once, at any hour: coordinator, duty inbox, the team out of hours."""
        row = session.get_one(Coordinator, meeting.coordinator_id)
        email = ring.of(row.id).open_text("coordinator", row.id, "sealed_email", row.sealed_email)
        told = [Told(email, f"mail:{row.id}", row.language, row.telegram_chat)]
        duty = self.duty_contact
        if meeting.sealed_duty_contact is not None:
            duty = ring.of(meeting.id).open_text(
                "meeting", meeting.id, "sealed_duty_contact", meeting.sealed_duty_contact
            )
        if duty:
            told.append(Told(duty, f"duty:{meeting.id}", row.language))
        if service.out_of_hours is not None:
            told.append(_at(service.out_of_hours))
        return tuple(told)

    def next(
        self, first: tuple[Told, ...], service: Service, rung: int
    ) -> tuple[tuple[Told, ...], bool]:
        """Who is told when nobody has acknowledged an alert for the `rung`-th time, and whether
        nobody is left to be told but those who were told before."""
        known = {told.email.casefold() for told in first}
        rota = [_at(one) for one in service.rota if one.email.casefold() not in known]
        if rung <= len(rota):
            return (rota[rung - 1],), False
        if service.manager is not None:
            return (_at(service.manager),), True
        return first, True

    def write(
        self,
        session: Session,
        ring: KeyRing,
        alert: UUID,
        person: Participant,
        told: tuple[Told, ...],
        rung: int,
        now: datetime,
    ) -> list[Claimed | None]:
        """Queues a letter for each way that reaches each of them.

        They are sealed with the meeting's key: wiping a preparation never stops an alert.
        """
        name = who_is(ring, person).name
        link = f"{self.address}/coordinator/meeting/{person.meeting_id}"
        theirs = _chats_of_the_family(session, person.meeting_id)
        queued = []
        for number, one in enumerate(told):
            letters: list[tuple[Letter, str, str]] = [
                (self._mail(one, name, link), "mail", one.inbox)
            ]
            if one.telegram_chat is not None and one.telegram_chat not in theirs:
                message = alert_in_chat(name, link, one.language, self.wording, alert)
                chat = f"telegram:{one.telegram_chat}"
                letters.append((ChatLetter(message=message), "telegram", chat))
            queued += [
                outbox.queue(
                    session,
                    ring.of(person.meeting_id),
                    letter,
                    kind="alert",
                    channel=channel,
                    recipient=recipient,
                    now=now,
                    key=f"alert:{alert.hex}:{rung}:{number}:{channel}",
                    participant_id=person.id,
                    meeting_id=person.meeting_id,
                    held=True,
                )
                for letter, channel, recipient in letters
            ]
        return queued

    def _mail(self, to: Told, name: str, link: str) -> MailLetter:
        return MailLetter(
            to=to.email,
            subject=self.wording.say("mail_alert_subject", Audience.ADULT, to.language),
            text=self.wording.say("mail_alert", Audience.ADULT, to.language, name=name, link=link),
        )


def _at(contact: Contact) -> Told:
    return Told(contact.email, f"mail:{contact.email.casefold()[:42]}", contact.language)


def _chats_of_the_family(session: Session, meeting: UUID) -> set[int]:
    """An alert never appears in a chat in which someone prepares for the same meeting."""
    chats = select(Participant.telegram_chat).where(
        Participant.meeting_id == meeting, Participant.telegram_chat.is_not(None)
    )
    return {chat for chat in session.scalars(chats) if chat is not None}
