"""Somebody at the desk hears by mail of every link that is made in the place of their password: it
opens what they could open, so one that they did not ask for is to be noticed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.delivery.letters import MailLetter
from bot.delivery.sent_summary import coordinating
from bot.store.sealing import KeyRing
from flows.schema import Audience
from flows.wording import Wording


def tell_of_new_link(
    session: Session, ring: KeyRing, wording: Wording, coordinator: UUID, now: datetime
) -> None:
    """Queues the mail. The link itself is not in it."""
    to = coordinating(session, ring, coordinator)
    subject, text = (
        wording.say(phrase, Audience.ADULT, to.language)
        for phrase in ("mail_new_link_subject", "mail_new_link")
    )
    outbox.queue(
        session,
        ring.of(coordinator),
        MailLetter(to=to.email, subject=subject, text=text),
        kind="new_link",
        channel="mail",
        recipient=f"mail:{coordinator}",
        now=now,
    )
