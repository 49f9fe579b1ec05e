"""An alert that nobody has acknowledged moves on: along the rota, to the manager, and again.

Nothing is planned ahead. Each round asks which alerts are due, so that acknowledging one is all
that it takes to stop it; a key for each step makes it happen once, whoever runs the round.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.alerts.telling import Teller
from bot.clock import Clock
from bot.service import read_service
from bot.store.database import Database
from bot.store.models import Alert, AuditEntry, Delivery, Meeting, Participant
from bot.store.sealing import KeyRing, ServiceKey

_EVERY_S = 15

_log = structlog.get_logger(__name__)


class PassingOn:
    """One for each process; two at once do no harm."""

    def __init__(
        self,
        database: Database,
        service_key: ServiceKey,
        clock: Clock,
        teller: Teller,
        wake: Callable[[], None],
    ) -> None:
        self._database = database
        self._service_key = service_key
        self._clock = clock
        self._teller = teller
        self._wake = wake

    async def run(self) -> None:
        while True:
            try:
                await self.round()
            except Exception as error:
                _log.error("alerts_not_passed_on", error=type(error).__name__)
            await asyncio.sleep(_EVERY_S)

    async def round(self) -> None:
        """Passes on what is due now."""
        now = self._clock()
        await self._database.run(lambda session: self._pass_on(session, now))
        self._wake()

    def _pass_on(self, session: Session, now: datetime) -> None:
        ring = KeyRing(session, self._service_key)
        service = read_service(session, ring)
        waiting = session.scalars(
            select(Alert)
            .where(Alert.acknowledged_at.is_(None))
            .order_by(Alert.raised_at)
            .with_for_update(skip_locked=True)
        ).all()
        for alert in waiting:
            due = alert.pass_on_at is not None and alert.pass_on_at <= now
            if not due and not _reached_nobody(session, alert):
                continue
            person = session.get_one(Participant, alert.participant_id)
            meeting = session.get_one(Meeting, person.meeting_id)
            alert.rung += 1
            alert.pass_on_at = service.after_working_minutes(
                now, service.acknowledge_within_minutes
            )
            first = self._teller.first(session, ring, meeting, service)
            told, last = self._teller.next(first, service, alert.rung)
            self._teller.write(session, ring, alert.id, person, told, alert.rung, now)
            session.add(
                AuditEntry(at=now, actor="service", action="alert_passed_on", subject_id=alert.id)
            )
            if last:
                _log.error("alert_acknowledged_by_nobody", alert=str(alert.id), rung=alert.rung)


def _reached_nobody(session: Session, alert: Alert) -> bool:
    """Whether every letter of the newest step has come back: then nobody need be waited for."""
    newest = Delivery.key.like(f"alert:{alert.id.hex}:{alert.rung}:%")
    came_back = Delivery.status.in_(("failed", "blocked"))
    return bool(
        session.scalar(select(exists().where(newest, came_back)))
        and not session.scalar(select(exists().where(newest, ~came_back)))
    )
