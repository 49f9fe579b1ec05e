"""What an earlier meeting was and who came, to set another up from it. Never what was said."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.meetings.files import MeetingGiven, PersonGiven
from bot.meetings.progress import MeetingUnknown
from bot.store.conversations import about_in
from bot.store.models import DataKey, Meeting, Participant
from bot.store.sealing import KeyRing


def meeting_again(
    session: Session, ring: KeyRing, meeting_id: UUID, coordinator_id: UUID
) -> MeetingGiven:
    """An own meeting as it was given, with the start that it had.

    Raises:
        MeetingUnknown: no such meeting, another coordinator's, or erased.
    """
    found = session.execute(
        select(Meeting, DataKey.kid, DataKey.wrapped)
        .join(DataKey, DataKey.owner_id == Meeting.id)
        .where(Meeting.id == meeting_id, Meeting.coordinator_id == coordinator_id)
    ).one_or_none()
    if found is None:
        raise MeetingUnknown(str(meeting_id))
    row, kid, wrapped = found
    seal = ring.take(row.id, kid, wrapped)

    def opened(column: str, sealed: bytes | None) -> str:
        return seal.open_text("meeting", row.id, column, sealed) if sealed else ""

    return MeetingGiven(
        kind=row.kind,
        title=opened("sealed_title", row.sealed_title),
        starts_at=row.starts_at,
        timezone=row.timezone,
        place=opened("sealed_place", row.sealed_place),
        nation=row.nation,
        duty_contact=opened("sealed_duty_contact", row.sealed_duty_contact),
        about=about_in(seal, row.id, row.sealed_about),
    )


def people_again(
    session: Session, ring: KeyRing, meeting_id: UUID, coordinator_id: UUID
) -> tuple[PersonGiven, ...]:
    """The people of an own meeting, without those who wiped everything. Whether we may message
    them is theirs to say anew.

    Raises:
        MeetingUnknown: no such meeting, or another coordinator's.
    """
    meeting_again(session, ring, meeting_id, coordinator_id)
    rows = session.execute(
        select(Participant, DataKey.kid, DataKey.wrapped)
        .join(DataKey, DataKey.owner_id == Participant.id)
        .where(Participant.meeting_id == meeting_id, Participant.wiped_at.is_(None))
        .order_by(Participant.reference)
    ).all()
    people = []
    for row, kid, wrapped in rows:
        seal = ring.take(row.id, kid, wrapped)
        name, relation, child = (
            seal.open_text("participant", row.id, column, sealed) if sealed else ""
            for column, sealed in (
                ("sealed_name", row.sealed_name),
                ("sealed_relation", row.sealed_relation),
                ("sealed_child", row.sealed_child),
            )
        )
        people.append(
            PersonGiven(
                id=row.reference,
                name=name,
                role=row.role,
                age_band=row.age_band,
                language=row.language,
                channel=row.channel,
                relation=relation,
                child=child,
                may_message=None,
            )
        )
    return tuple(people)
