"""Alerts that nobody has acknowledged move on (promise P12): to the next on the rota, the next, the
manager, and then loudly.

Each has so many working minutes; a letter that cannot be delivered moves it on at once. Nothing is
planned ahead: each round asks what is due now, so that an acknowledgement stops all of it.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.delivery.calling import Calling, did_not_arrive
from bot.service import Service, read_service, working_minutes
from bot.store.database import Database
from bot.store.models import Alert, Meeting, Participant
from bot.store.sealing import KeyRing, ServiceKey

_EVERY_S = 20

_AT_THE_END = 4
"""Times as long between two calls to the manager as between two on the rota."""

_log = structlog.get_logger(__name__)


class Escalation:
    """One for each process; two at once do no harm: whoever has the alert's row moves it on."""

    def __init__(
        self,
        database: Database,
        service_key: ServiceKey,
        clock: Clock,
        calling: Calling,
        wake: Callable[[], None],
    ) -> None:
        self._database = database
        self._service_key = service_key
        self._clock = clock
        self._calling = calling
        self._wake = wake

    async def run(self) -> None:
        while True:
            try:
                await self.round()
            except Exception as error:
                _log.error("escalation_failed", error=type(error).__name__)
            await asyncio.sleep(_EVERY_S)

    async def round(self) -> None:
        """Moves on whatever is due now."""
        now = self._clock()
        await self._database.run(lambda session: self._move_on(session, now))
        self._wake()

    def _move_on(self, session: Session, now: datetime) -> None:
        open_alerts = session.scalars(
            select(Alert)
            .where(Alert.acknowledged_at.is_(None))
            .order_by(Alert.raised_at)
            .with_for_update(skip_locked=True)
        ).all()
        ring = KeyRing(session, self._service_key)
        found = read_service(session, ring)
        if found is not None:
            self._calling.remind_of_helplines(session, ring, found, now)
        service = found or Service()
        for alert in open_alerts:
            person = session.get_one(Participant, alert.participant_id)
            if ring.find(person.meeting_id) is None:
                continue  # the meeting has been erased
            meeting = session.get_one(Meeting, person.meeting_id)
            left = len(self._calling.in_turn(session, ring, meeting, service)) - alert.escalated
            if self._due(session, alert, service, left, now):
                self._calling.next(session, ring, alert, service, now)

    def _due(
        self, session: Session, alert: Alert, service: Service, left: int, now: datetime
    ) -> bool:
        """`left`: how many on the rota have not been told."""
        if left > 0 and did_not_arrive(session, alert):
            return True
        wait = service.acknowledge_within_minutes * (_AT_THE_END if left < 0 else 1)
        since = alert.escalated_at or alert.raised_at
        return working_minutes(service, since, now) >= wait
