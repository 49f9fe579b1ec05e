"""Raising an alert, in the transaction of the turn that gave cause for it."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.alerts.telling import Teller
from bot.delivery.outbox import Claimed
from bot.service import read_service
from bot.store.models import Alert, AuditEntry, Meeting, Participant
from bot.store.sealing import KeyRing
from flows.exchange import RaiseAlert


def raise_alert(
    session: Session,
    ring: KeyRing,
    teller: Teller,
    person: Participant,
    cause: RaiseAlert,
    now: datetime,
) -> list[Claimed | None]:
    """Writes it down and tells people at once.

    Words that speak of the same danger again, while nobody has acted yet, tell nobody anew: they
    would only bury the first alert.
    """
    if cause.source == "words" and session.scalar(
        select(
            exists().where(
                Alert.participant_id == person.id,
                Alert.category == cause.category,
                Alert.source == "words",
                Alert.acknowledged_at.is_(None),
            )
        )
    ):
        return []
    service = read_service(session, ring)
    alert = Alert(
        id=uuid4(),
        participant_id=person.id,
        step=cause.step[:24],
        category=cause.category,
        source=cause.source,
        raised_at=now,
        pass_on_at=service.after_working_minutes(now, service.acknowledge_within_minutes),
    )
    session.add(alert)
    session.add(AuditEntry(at=now, actor="service", action="alert_raised", subject_id=alert.id))
    session.flush()
    meeting = session.get_one(Meeting, person.meeting_id)
    told = teller.first(session, ring, meeting, service)
    return teller.write(session, ring, alert.id, person, told, 0, now)
