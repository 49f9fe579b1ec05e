"""A reminder, each 120 days, that somebody has to ring the help lines (EVIDENCE 5.1)."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.delivery.letters import MailLetter
from bot.helplines import CONFIRM_EVERY, unconfirmed
from bot.service import SERVICE_ID, Service
from bot.store.models import Delivery
from bot.store.sealing import KeyRing
from flows.schema import Audience
from flows.wording import Wording


def remind_of_helplines(
    session: Session, ring: KeyRing, service: Service, wording: Wording, duty: str, now: datetime
) -> None:
    """Queues one mail for the manager, or else the duty inbox, in each such span of days."""
    if not unconfirmed(now.date(), service.helplines_confirmed):
        return
    to, language = (
        (service.manager.email, service.manager.language) if service.manager else (duty, "en")
    )
    key = f"helplines:{now.date().toordinal() // CONFIRM_EVERY.days}"
    if not to or session.scalar(select(exists().where(Delivery.key == key))):
        return
    mail = MailLetter(
        to=to,
        subject=wording.say("mail_helplines_subject", Audience.ADULT, language),
        text=wording.say("mail_helplines", Audience.ADULT, language),
    )
    outbox.queue(
        session,
        ring.of(SERVICE_ID),
        mail,
        kind="notice",
        channel="mail",
        recipient="service",
        now=now,
        key=key,
    )
