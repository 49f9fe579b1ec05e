"""Somebody who is to get a link, as the link's letter, mail or text message has to know them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot.meetings.contact import Contact, contact_of
from bot.meetings.inviting import SHORTEST_INVITATION
from bot.store.conversations import NobodyThere
from bot.store.models import Coordinator, Meeting, Participant
from bot.store.sealing import KeyRing
from flows.library import audience_for
from flows.schema import Audience
from flows.wording import SOURCE_LANGUAGE, Wording


@dataclass(frozen=True)
class Invited:
    participant_id: UUID
    meeting_id: UUID
    name: str
    relation: str
    child: str
    """How the child is named to them."""
    role: str
    age_band: str
    language: str
    """Theirs, whether we speak it or not."""
    coordinator: str
    contact: Contact
    timezone: str
    until: datetime
    """A link given now opens for so long."""
    is_on: bool
    """The meeting was not called off."""
    opened_at: datetime | None

    @property
    def audience(self) -> Audience:
        return audience_for(self.role, self.age_band)


def invited(
    session: Session, ring: KeyRing, participant: UUID, now: datetime, coordinator: UUID | None
) -> Invited:
    """Someone who can be given a link.

    Args:
        coordinator: whose meeting it must be; None where that is known already.

    Raises:
        bot.store.conversations.NobodyThere: nobody of that meeting, or they have wiped everything.
        bot.store.sealing.KeyGone: erased.
    """
    found = _read(session, ring, Participant.id == participant, now, coordinator)
    if not found:
        raise NobodyThere
    return found[0]


def all_invited(
    session: Session, ring: KeyRing, participants: Collection[UUID], now: datetime, whose: UUID
) -> tuple[Invited, ...]:
    """Those who can be given a link, by reference, with as many queries for a hundred as for one.

    Args:
        whose: their coordinator. Others are left out, and whoever was wiped or erased.
    """
    ring.read_along(participants)
    return _read(session, ring, Participant.id.in_(participants), now, whose, skips=True)


def _read(
    session: Session,
    ring: KeyRing,
    which: ColumnElement[bool],
    now: datetime,
    coordinator: UUID | None,
    *,
    skips: bool = False,
) -> tuple[Invited, ...]:
    """`skips`: leaves out whoever was erased, instead of raising KeyGone."""
    rows = session.execute(
        select(Participant, Meeting, Coordinator)
        .join(Meeting, Meeting.id == Participant.meeting_id)
        .join(Coordinator, Coordinator.id == Meeting.coordinator_id)
        .where(which, Participant.wiped_at.is_(None))
        .order_by(Participant.reference)
    ).all()
    return tuple(
        _opened(ring, person, meeting, theirs, now)
        for person, meeting, theirs in rows
        if coordinator in (None, theirs.id) and not (skips and ring.find(person.id) is None)
    )


def _opened(
    ring: KeyRing, person: Participant, meeting: Meeting, theirs: Coordinator, now: datetime
) -> Invited:
    seal = ring.of(person.id)
    return Invited(
        participant_id=person.id,
        meeting_id=meeting.id,
        name=seal.open_text("participant", person.id, "sealed_name", person.sealed_name),
        relation=seal.open_text(
            "participant", person.id, "sealed_relation", person.sealed_relation
        ),
        child=seal.open_text("participant", person.id, "sealed_child", person.sealed_child),
        role=person.role,
        age_band=person.age_band,
        language=person.language,
        coordinator=ring.of(theirs.id).open_text(
            "coordinator", theirs.id, "sealed_name", theirs.sealed_name
        ),
        contact=contact_of(seal, person),
        timezone=meeting.timezone,
        until=max(meeting.starts_at, now + SHORTEST_INVITATION),
        is_on=meeting.cancelled_at is None,
        opened_at=person.opened_at,
    )


@dataclass(frozen=True)
class InvitationWords:
    """What stands in an invitation, in words of the person's own register. It says nothing of what
    the meeting is about: others may see it first (promise P9)."""

    language: str
    """What it is written in: theirs, or English where we do not speak theirs."""
    subject: str
    greeting: str
    what: str
    scan: str
    open: str
    alone: str
    no_need: str
    in_english: str
    """Where the invitation is in their language, and what it opens is not. Else empty."""
    square: str
    """For who cannot see the square."""
    text_message: str


def words_for(wording: Wording, person: Invited) -> InvitationWords:
    words = wording.of_invitations
    language = person.language if words.speaks(person.language) else SOURCE_LANGUAGE
    audience = person.audience

    def say(phrase: str, **arguments: str) -> str:
        return words.say(phrase, audience, language, **arguments)

    who, until = person.coordinator, words.when(person.until, person.timezone, audience, language)
    return InvitationWords(
        language=language,
        subject=say("invite_subject"),
        greeting=say("invite_greeting", name=person.name),
        what=say("invite_what"),
        scan=say("invite_scan"),
        open=say("invite_open"),
        alone=say("invite_alone", when=until, coordinator=who),
        no_need=say("invite_no_need", coordinator=who),
        in_english="" if wording.speaks(language) else say("invite_in_english", coordinator=who),
        square=say("invite_square"),
        text_message=say("invite_text_message", coordinator=who),
    )
