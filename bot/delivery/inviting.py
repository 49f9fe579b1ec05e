"""Invitations that are sent: by mail, or as a text message. The link is made as it leaves, and the
queue never holds one (promise P29)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.delivery import outbox
from bot.delivery.letters import InvitationLetter
from bot.delivery.outbox import Claimed
from bot.meetings.contact import Sending
from bot.meetings.invited import Invited, invited, words_for
from bot.meetings.inviting import way_in_of
from bot.store.conversations import NobodyThere
from bot.store.database import Database
from bot.store.models import Delivery, Participant
from bot.store.sealing import KeyGone, KeyRing, ServiceKey
from flows.wording import Wording


@dataclass(frozen=True)
class Sent:
    """An invitation that was sent, or waits to be. `status`: as of a delivery."""

    way: str
    status: str
    at: datetime


@dataclass(frozen=True)
class Written:
    """What one invitation says. It holds its link, and goes to nobody but that person."""

    to: str
    """The number or address that is theirs now."""
    subject: str
    text: str


Write = Callable[[Claimed, InvitationLetter], Awaitable[Written | None]]
"""None where nobody is to be invited any more."""


def queue_invitation(
    session: Session, ring: KeyRing, who: Invited, way: Sending, now: datetime
) -> None:
    """Sends their link to the number or address that they said is safe."""
    outbox.queue(
        session,
        ring.of(who.participant_id),
        InvitationLetter(invites=who.participant_id, way=way),
        kind="invitation",
        channel=way,
        recipient=f"{way}:{who.participant_id}",
        now=now,
        participant_id=who.participant_id,
        meeting_id=who.meeting_id,
    )


def sent_to(session: Session, participant: UUID) -> tuple[Sent, ...]:
    """What was sent to someone, the newest first."""
    rows = session.execute(
        select(
            Delivery.channel,
            Delivery.status,
            func.coalesce(Delivery.finished_at, Delivery.due_at),
        )
        .where(Delivery.participant_id == participant, Delivery.kind == "invitation")
        .order_by(Delivery.number.desc())
    )
    return tuple(Sent(*row) for row in rows)


def writing(
    database: Database, service_key: ServiceKey, wording: Wording, clock: Clock, public_url: str
) -> Write:
    """Writes one as it leaves, each time with another link: that of an attempt that failed was seen
    by nobody, and opens nothing any more."""

    async def write(claimed: Claimed, letter: InvitationLetter) -> Written | None:
        now = clock()

        def make(session: Session) -> Written | None:
            ring = KeyRing(session, service_key)
            # Taking links back holds this row too: no link is made by a letter it called off.
            session.get(Participant, letter.invites, with_for_update=True)
            if not outbox.still_wanted(session, claimed):
                return None
            try:
                who = invited(session, ring, letter.invites, now, None)
            except (NobodyThere, KeyGone):
                return None
            if not who.is_on or not who.contact.may(letter.way):
                return None
            token = way_in_of(session, who.participant_id, claimed.id, now, letter.way)
            if token is None:
                return None
            return _written(wording, who, letter.way, f"{public_url}/i/{quote(token, safe='')}")

        return await database.run(make)

    return write


def _written(wording: Wording, who: Invited, way: Sending, link: str) -> Written:
    words = words_for(wording, who)
    if way == "text":  # alone on its line: phones take what follows a link for a part of it
        return Written(who.contact.mobile, "", f"{words.text_message}\n{link}")
    parts = (
        words.greeting,
        words.what,
        f"{words.open}\n{link}",
        words.in_english,
        words.alone,
        words.no_need,
        who.coordinator,
    )
    return Written(who.contact.email, words.subject, "\n\n".join(filter(None, parts)) + "\n")
