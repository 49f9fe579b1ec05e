"""A meeting file becomes rows: coordinator, meeting, people, their keys and their ways in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from bot import invitations, staff
from bot.meetings.files import CoordinatorGiven, MeetingFile, MeetingGiven, PersonGiven
from bot.store.models import AuditEntry, Meeting, Participant
from bot.store.sealing import KeyRing, ServiceKey

SHORTEST_INVITATION = timedelta(days=2)
"""Invitations last until the meeting begins, and at least for so long."""


@dataclass(frozen=True)
class WayIn:
    """One person's tokens. They exist here only: the store has their hashes."""

    id: str
    participant_id: UUID
    web: str
    telegram: str | None
    """None for those who may use the web only."""


@dataclass(frozen=True)
class MadeMeeting:
    meeting_id: UUID
    coordinator_id: UUID
    coordinator_web: str
    coordinator_telegram: str
    people: tuple[WayIn, ...]
    """In the file's order."""


def make_meeting(
    session: Session, service_key: ServiceKey, file: MeetingFile, now: datetime
) -> MadeMeeting:
    """Coordinator, meeting, people, their keys and invitations, in the caller's transaction.

    A coordinator who is known by this e-mail address stays as they are.
    """
    ring = KeyRing(session, service_key)
    given = file.meeting
    coordinator = _coordinator(session, ring, given.coordinator, now)
    meeting = _meeting(session, ring, given, coordinator, now)
    lasts = max(given.starts_at - now, SHORTEST_INVITATION)
    people = tuple(_person(session, ring, person, meeting, now, lasts) for person in file.people)
    web, telegram = (
        invitations.invite(
            session,
            purpose=purpose,
            coordinator_id=coordinator,
            now=now,
            lasts=staff.LINK_LASTS,
        )
        for purpose in ("coordinator_web", "coordinator_telegram")
    )
    note(session, "operator", "invited", coordinator, now)
    return MadeMeeting(meeting, coordinator, web, telegram, people)


def _coordinator(session: Session, ring: KeyRing, given: CoordinatorGiven, now: datetime) -> UUID:
    try:
        return staff.find(session, ring, given.email)
    except staff.Unknown:
        return staff.make(
            session,
            ring,
            name=given.name,
            email=given.email,
            language=given.language,
            now=now,
            actor="operator",
        )


def _meeting(
    session: Session, ring: KeyRing, given: MeetingGiven, coordinator: UUID, now: datetime
) -> UUID:
    row = uuid4()
    seal = ring.create(row)
    duty = given.duty_contact
    session.add(
        Meeting(
            id=row,
            coordinator_id=coordinator,
            kind=given.kind,
            sealed_title=seal.close("meeting", row, "sealed_title", given.title),
            sealed_place=seal.close("meeting", row, "sealed_place", given.place),
            sealed_duty_contact=(
                seal.close("meeting", row, "sealed_duty_contact", duty) if duty else None
            ),
            starts_at=given.starts_at,
            timezone=given.timezone,
            nation=given.nation,
            created_at=now,
        )
    )
    session.flush()
    note(session, "operator", "meeting_made", row, now)
    return row


def _person(
    session: Session,
    ring: KeyRing,
    given: PersonGiven,
    meeting: UUID,
    now: datetime,
    lasts: timedelta,
) -> WayIn:
    row = uuid4()
    seal = ring.create(row)
    session.add(
        Participant(
            id=row,
            meeting_id=meeting,
            reference=given.id,
            sealed_name=seal.close("participant", row, "sealed_name", given.name),
            sealed_relation=seal.close("participant", row, "sealed_relation", given.relation),
            sealed_child=seal.close("participant", row, "sealed_child", given.child),
            role=given.role,
            age_band=given.age_band,
            language=given.language,
            channel=given.channel,
            may_message=given.may_message,
            reminders=0,
        )
    )
    session.flush()

    def invite(purpose: str) -> str:
        return invitations.invite(
            session, purpose=purpose, participant_id=row, now=now, lasts=lasts
        )

    web = invite("web")
    telegram = invite("telegram") if given.may_use_telegram else None
    note(session, "operator", "invited", row, now)
    return WayIn(given.id, row, web, telegram)


def as_json(made: MadeMeeting, public_url: str, bot_name: str | None) -> dict[str, Any]:
    """Everybody's way in, for `beforehand meeting new --json` (DESIGN, Names that scripts rely on).

    Args:
        public_url: where people reach us.
        bot_name: the Telegram bot's user name; None where it is not known.
    """
    public = public_url.rstrip("/")
    return {
        "meeting": str(made.meeting_id),
        "coordinator": {
            "web": f"{public}/coordinator/in/{quote(made.coordinator_web, safe='')}",
            "telegram": made.coordinator_telegram,
        },
        "people": [way_in_as_json(person, public, bot_name) for person in made.people],
    }


def way_in_as_json(person: WayIn, public_url: str, bot_name: str | None) -> dict[str, Any]:
    """One person's links."""
    return {
        "id": person.id,
        "web": f"{public_url.rstrip('/')}/i/{quote(person.web, safe='')}",
        "telegram": _telegram(person.telegram, bot_name),
    }


def _telegram(token: str | None, bot_name: str | None) -> dict[str, str | None] | None:
    if token is None:
        return None
    link = f"https://t.me/{bot_name.lstrip('@')}?start={token}" if bot_name else None
    return {"link": link, "start": token}


def note(session: Session, actor: str, action: str, subject: UUID, now: datetime) -> None:
    """Who did what to which row. Never any content."""
    session.add(AuditEntry(at=now, actor=actor, action=action, subject_id=subject))
