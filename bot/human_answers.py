"""What a coordinator, who is a person, answers somebody. It stands in that person's own chat, under
the coordinator's name; a phone that others may see is only told that something is there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.meetings.telling import tell_one
from bot.store.models import (
    AuditEntry,
    Conversation,
    Coordinator,
    HumanAnswer,
    Meeting,
    Participant,
)
from bot.store.sealing import KeyRing, Seal
from bot.summaries.compile import NotYours
from flows.exchange import Plain
from flows.wording import Wording

LONGEST: Final = 1000
"""Characters: what fits on a phone's screen without a thought."""


class Body(Plain):
    """What is sealed of an answer."""

    name: str
    """Of whoever wrote it, as they were called then."""
    text: str


@dataclass(frozen=True)
class Answered:
    """One answer, for the coordinator who looks back."""

    name: str
    text: str
    written_at: datetime
    shown_at: datetime | None


def answer(
    session: Session,
    ring: KeyRing,
    wording: Wording,
    participant: UUID,
    coordinator: UUID,
    text: str,
    now: datetime,
) -> None:
    """Keeps it until they are next in their chat. Where they said that we may write to them in
    Telegram, a message tells them that something is there, and not what.

    Raises:
        NotYours: nobody of this coordinator's meetings, or nobody who has begun.
    """
    person, meeting = _theirs(session, participant, coordinator)
    begun = session.execute(
        select(Conversation.language).where(Conversation.participant_id == person.id)
    ).one_or_none()
    if person.wiped_at is not None or begun is None:
        raise NotYours
    row, writer = uuid4(), session.get_one(Coordinator, coordinator)
    name = ring.of(writer.id).open_text("coordinator", writer.id, "sealed_name", writer.sealed_name)
    body = Body(name=name, text=text).model_dump_json()
    session.add(
        HumanAnswer(
            id=row,
            participant_id=person.id,
            sealed_body=ring.of(person.id).close("human_answer", row, "sealed_body", body),
            written_at=now,
        )
    )
    session.add(
        AuditEntry(
            at=now, actor=f"coordinator:{coordinator}", action="answered", subject_id=person.id
        )
    )
    session.flush()
    if person.telegram_chat is not None and person.may_message is True:
        chosen = begun.language
        tell_one(session, ring, wording, meeting, person, chosen, "news_answer", "notice", now)


def answered(
    session: Session, ring: KeyRing, participant: UUID, coordinator: UUID
) -> tuple[Answered, ...]:
    """What was answered to somebody, the newest first. Raises NotYours."""
    person, _ = _theirs(session, participant, coordinator)
    rows = session.scalars(
        select(HumanAnswer)
        .where(HumanAnswer.participant_id == person.id)
        .order_by(HumanAnswer.written_at.desc())
    ).all()
    if not rows:
        return ()
    seal = ring.of(person.id)
    return tuple(_opened(seal, row) for row in rows)


def all_of(session: Session, seal: Seal, participant: UUID) -> tuple[Answered, ...]:
    """Every answer to somebody, in order, for themselves."""
    rows = session.scalars(
        select(HumanAnswer)
        .where(HumanAnswer.participant_id == participant)
        .order_by(HumanAnswer.written_at)
    )
    return tuple(_opened(seal, row) for row in rows)


def take_unshown(
    session: Session, seal: Seal, participant: UUID, now: datetime
) -> tuple[Answered, ...]:
    """What they have not been shown yet, in order. It counts as shown from now on."""
    rows = session.scalars(
        select(HumanAnswer)
        .where(HumanAnswer.participant_id == participant, HumanAnswer.shown_at.is_(None))
        .order_by(HumanAnswer.written_at)
    ).all()
    for row in rows:
        row.shown_at = now
    return tuple(_opened(seal, row) for row in rows)


def _opened(seal: Seal, row: HumanAnswer) -> Answered:
    body = Body.model_validate_json(
        seal.open("human_answer", row.id, "sealed_body", row.sealed_body)
    )
    return Answered(body.name, body.text, row.written_at, row.shown_at)


def _theirs(session: Session, participant: UUID, coordinator: UUID) -> tuple[Participant, Meeting]:
    found = session.execute(
        select(Participant, Meeting)
        .join(Meeting, Meeting.id == Participant.meeting_id)
        .where(Participant.id == participant, Meeting.coordinator_id == coordinator)
    ).one_or_none()
    if found is None:
        raise NotYours
    return found[0], found[1]
