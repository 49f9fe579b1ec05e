"""A meeting file becomes rows: coordinator, meeting, people, their keys and their ways in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from bot import invitations, staff
from bot.meetings.files import CoordinatorGiven, MeetingFile, MeetingGiven, PersonGiven
from bot.meetings.inviting import WayIn, way_in
from bot.store.models import AuditEntry, Coordinator, Meeting, Participant
from bot.store.sealing import KeyRing, Seal, ServiceKey
from flows.answers import NOTHING_WRITTEN, AboutMeeting


class CoordinatorAdministers(ValueError):
    """Whoever has this address administers the service, and sees no meeting."""

    code: ClassVar[str] = "coordinator_administers"

    def __init__(self) -> None:
        super().__init__(
            "The coordinator's e-mail address is an administrator's, who sees no meeting. "
            "Write a coordinator's."
        )


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
    coordinator = _coordinator(session, ring, file.coordinator, now)
    meeting = make_for(session, ring, file.meeting, coordinator, now, "operator")
    people = tuple(
        _person(session, ring, person, meeting, now, "operator") for person in file.people
    )
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
        found = staff.find(session, ring, given.email)
        if session.get_one(Coordinator, found).role == staff.ADMINISTRATOR:
            raise CoordinatorAdministers
        return found
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


def make_for(
    session: Session,
    ring: KeyRing,
    given: MeetingGiven,
    coordinator: UUID,
    now: datetime,
    actor: str,
) -> UUID:
    """A meeting of a coordinator who is there, and its key. It has nobody in it yet."""
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
            sealed_about=close_about(seal, row, given.about),
            starts_at=given.starts_at,
            timezone=given.timezone,
            nation=given.nation,
            created_at=now,
        )
    )
    session.flush()
    note(session, actor, "meeting_made", row, now)
    return row


def close_about(seal: Seal, meeting: UUID, about: AboutMeeting) -> bytes | None:
    """None where nothing was written."""
    if about == NOTHING_WRITTEN:
        return None
    return seal.close("meeting", meeting, "sealed_about", about.model_dump_json())


def add_people(
    session: Session,
    ring: KeyRing,
    given: Sequence[PersonGiven],
    meeting_id: UUID,
    now: datetime,
    actor: str,
) -> tuple[WayIn, ...]:
    """People for a meeting that is there, each with their key and their ways in."""
    return tuple(_person(session, ring, person, meeting_id, now, actor) for person in given)


def _person(
    session: Session,
    ring: KeyRing,
    given: PersonGiven,
    meeting: UUID,
    now: datetime,
    actor: str,
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
    return way_in(session, row, now, actor)


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
