"""Somebody's meetings are another coordinator's now: who takes them over is told so, gets what had
not reached the one before, and is called for help that nobody has acknowledged."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.delivery.calling import Calling
from bot.delivery.letters import MailLetter
from bot.delivery.sent_summary import Coordinating, coordinating, tell_of_summary
from bot.store.models import Alert, Participant
from bot.store.sealing import KeyRing
from bot.summaries.compile import newest_copy
from flows.library import Library
from flows.schema import Audience


class HandingOver:
    """Tells whoever takes over."""

    def __init__(self, library: Library, public_url: str, duty_contact: str) -> None:
        """
        Args:
            duty_contact: whom alerts reach beside the coordinator; empty where nobody is set.
        """
        self._library = library
        self._public_url = public_url.rstrip("/")
        self._calling = Calling(library.wording, public_url, duty_contact)

    def tell(
        self,
        session: Session,
        ring: KeyRing,
        heir: UUID,
        meetings: Collection[UUID],
        not_arrived: Collection[UUID],
        now: datetime,
    ) -> None:
        """Queues all of it. The meetings must be the heir's by now.

        Args:
            not_arrived: whose summaries had not reached the one before.
        """
        to = coordinating(session, ring, heir)
        self._tell_of_meetings(session, ring, to, now)
        for participant in sorted(not_arrived):
            self._tell_of_summary(session, ring, to, participant, now)
        open_alerts = (
            select(Alert)
            .join(Participant, Participant.id == Alert.participant_id)
            .where(Participant.meeting_id.in_(meetings), Alert.acknowledged_at.is_(None))
            .order_by(Alert.raised_at)
            .with_for_update(of=Alert)
        )
        for alert in session.scalars(open_alerts).all():
            self._calling.hand_over(session, ring, alert, now)

    def _tell_of_meetings(
        self, session: Session, ring: KeyRing, to: Coordinating, now: datetime
    ) -> None:
        """It names nobody, and no meeting: mails never do."""
        link = f"{self._public_url}/coordinator"

        def say(phrase: str) -> str:
            return self._library.wording.say(phrase, Audience.ADULT, to.language, link=link)

        outbox.queue(
            session,
            ring.of(to.coordinator_id),
            MailLetter(
                to=to.email, subject=say("mail_handed_over_subject"), text=say("mail_handed_over")
            ),
            kind="handed_over",
            channel="mail",
            recipient=f"mail:{to.coordinator_id}",
            now=now,
        )

    def _tell_of_summary(
        self, session: Session, ring: KeyRing, to: Coordinating, participant: UUID, now: datetime
    ) -> None:
        seal = ring.find(participant)
        newest = newest_copy(session, seal, participant) if seal is not None else None
        if newest is None:
            return  # wiped, or over, since
        machine = self._library.version(newest.copy.flow, newest.copy.version)
        tell_of_summary(
            session,
            ring,
            self._library.wording,
            self._public_url,
            to,
            participant,
            machine,
            newest.copy,
            newest.row.id,
            now,
        )
