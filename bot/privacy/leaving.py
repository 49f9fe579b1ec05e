"""The warning that what was sent for a meeting is about to go, so that the service keeps in its own
records what the law asks of it (promise P28)."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.delivery.letters import ChatLetter, Letter, MailLetter
from bot.privacy.days import Retention
from bot.store.models import Coordinator, Delivery, Meeting, Participant, Summary
from bot.store.sealing import KeyRing
from flows.exchange import Message, Paragraph
from flows.schema import Audience
from flows.wording import Wording


class Leaving:
    """Warns the coordinator, once for each day on which something goes."""

    def __init__(self, wording: Wording, public_url: str) -> None:
        self._wording = wording
        self._public_url = public_url

    def queue_due(self, session: Session, ring: KeyRing, days: Retention, now: datetime) -> None:
        """A meeting that moves takes its warning along."""
        for meeting in _with_something_sent(session):
            goes_at = days.attachments_until(meeting.starts_at, meeting.cancelled_at)
            if goes_at - timedelta(days=days.keep_warning_days) <= now < goes_at:
                self._warn(session, ring, meeting, goes_at, now)

    def _warn(
        self, session: Session, ring: KeyRing, meeting: Meeting, goes_at: datetime, now: datetime
    ) -> None:
        key = f"leaving:{meeting.id.hex}:{int(goes_at.timestamp())}"
        if session.scalar(select(exists().where(Delivery.key == key))):
            return
        to = session.get_one(Coordinator, meeting.coordinator_id)
        seal, language = ring.of(to.id), to.language
        link = f"{self._public_url}/coordinator/meeting/{meeting.id}"
        when = self._wording.when(goes_at, meeting.timezone, Audience.ADULT, language)

        def say(phrase: str) -> str:
            return self._wording.say(phrase, Audience.ADULT, language, when=when, link=link)

        email = seal.open_text("coordinator", to.id, "sealed_email", to.sealed_email)
        mail = MailLetter(to=email, subject=say("mail_leaving_subject"), text=say("mail_leaving"))
        letters: list[tuple[Letter, str, str, str]] = [(mail, "mail", f"mail:{to.id}", key)]
        if to.telegram_chat is not None:
            message = Message(paragraphs=(Paragraph(text=say("mail_leaving")),), language=language)
            chat = f"telegram:{to.telegram_chat}"
            letters.append((ChatLetter(message=message), "telegram", chat, f"{key}:t"))
        for letter, channel, recipient, own_key in letters:
            outbox.queue(
                session,
                seal,
                letter,
                kind="leaving",
                channel=channel,
                recipient=recipient,
                now=now,
                key=own_key,
                meeting_id=meeting.id,
            )


def _with_something_sent(session: Session) -> list[Meeting]:
    sent: list[UUID] = list(
        session.scalars(
            select(Participant.meeting_id)
            .join(Summary, Summary.participant_id == Participant.id)
            .distinct()
        )
    )
    return list(session.scalars(select(Meeting).where(Meeting.id.in_(sent))))
