"""Made-up meetings for the tests of the coordinators' site, and people who have got so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from bot.meetings import MadeMeeting, make_meeting
from bot.store import models
from bot.store.database import Database
from bot.store.sealing import KeyRing, Seal, ServiceKey
from flows.answers import Answer, Conversation, How, Part, Sharing, Speaker
from flows.library import Library, flow_for
from flows.review import CoordinatorCopy, coordinators_copy, tasks_in
from tests.journeys.script import meeting_in
from tests.service import library

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PEOPLE = Path(__file__).parent.parent / "people"
LIBRARY: Library = library()


def words(step: str, text: str, sharing: Sharing | None = None, language: str = "en") -> Answer:
    return Answer(
        step=step, parts=(Part(text=text),), sharing=sharing or Sharing(), language=language
    )


def people(step: str, *names: str) -> Answer:
    return Answer(step=step, parts=tuple(Part(kind="person", text=name) for name in names))


def picked(step: str, *options: str) -> Answer:
    return Answer(step=step, chosen=options)


def in_person(step: str) -> Answer:
    return Answer(step=step, how=How.IN_PERSON)


def to_the_meeting(says: Speaker = Speaker.ME, *not_to: str) -> Sharing:
    return Sharing(hears="meeting", says=says, not_to=not_to, chosen=True)


def only_coordinator(*not_to: str) -> Sharing:
    return Sharing(not_to=not_to, chosen=True)


@dataclass
class Household:
    """One meeting with its people, in a database."""

    database: Database
    service_key: ServiceKey
    made: MadeMeeting

    @classmethod
    def of(cls, database: Database, service_key: ServiceKey, file: str) -> "Household":
        read = meeting_in(PEOPLE / file)
        made = database.run_now(lambda session: make_meeting(session, service_key, read, NOW))
        return cls(database, service_key, made)

    def id_of(self, person: str) -> UUID:
        return next(one.participant_id for one in self.made.people if one.id == person)

    def starts(self, person: str, answers: Sequence[Answer], at: datetime = NOW) -> None:
        """Answers, as drafts: sealed, and nobody else's business."""
        self.database.run_now(lambda session: self._start(session, person, answers, at))

    def sends(self, person: str, answers: Sequence[Answer], at: datetime | None = None) -> None:
        """The first or another version of what they want to say."""
        when = at or NOW + timedelta(hours=1)

        def send(session: Session) -> None:
            conversation = self._start(session, person, answers, NOW)
            machine = LIBRARY.version(conversation.flow, conversation.version)
            self._keep(session, person, coordinators_copy(machine, conversation), when)

        self.database.run_now(send)

    def takes_back(self, person: str, step: str, at: datetime) -> None:
        """As `bot.effects` does: the answer leaves every version, and the audit log says when."""
        owner = self.id_of(person)

        def take(session: Session) -> None:
            seal = self._seal(session, owner)
            for row in session.query(models.Summary).where(models.Summary.participant_id == owner):
                body = seal.open_text("summary", row.id, "sealed_body", row.sealed_body)
                copy = CoordinatorCopy.model_validate_json(body)
                kept = tuple(item for item in copy.items if item.step != step)
                changed = copy.model_copy(update={"items": kept}).model_dump_json()
                row.sealed_body = seal.close("summary", row.id, "sealed_body", changed)
            session.add(
                models.AuditEntry(
                    at=at, actor=f"participant:{owner}", action="taken_back", subject_id=owner
                )
            )

        self.database.run_now(take)

    def attaches(self, person: str, media_type: str, content: bytes) -> UUID:
        owner, row = self.id_of(person), uuid4()

        def attach(session: Session) -> None:
            sealed = self._seal(session, owner).close("attachment", row, "sealed_content", content)
            session.add(
                models.Attachment(
                    id=row,
                    participant_id=owner,
                    media_type=media_type,
                    sealed_content=sealed,
                    created_at=NOW,
                )
            )

        self.database.run_now(attach)
        return row

    def alerts(self, person: str, category: str = "not_safe_at_home") -> UUID:
        row, owner = uuid4(), self.id_of(person)
        alert = models.Alert(
            id=row, participant_id=owner, step="scale", category=category, raised_at=NOW
        )
        self.database.run_now(lambda session: session.add(alert))
        return row

    def fails_to_deliver(self, person: str, kind: str = "summary", status: str = "failed") -> None:
        owner = self.id_of(person)
        delivery = models.Delivery(
            kind=kind,
            channel="mail",
            recipient=f"mail:{owner}",
            owner_id=owner,
            participant_id=owner,
            meeting_id=self.made.meeting_id,
            sealed_body=b"",
            due_at=NOW,
            status=status,
            finished_at=NOW,
        )
        self.database.run_now(lambda session: session.add(delivery))

    def _start(
        self, session: Session, person: str, answers: Sequence[Answer], at: datetime
    ) -> Conversation:
        owner = self.id_of(person)
        seal = self._seal(session, owner)
        row = session.get_one(models.Participant, owner)
        row.opened_at = row.opened_at or at
        machine = LIBRARY.newest(flow_for(row.role, row.age_band))
        conversation = Conversation(
            flow=machine.flow.id,
            version=machine.flow.version,
            channel="web",
            language=row.language,
            state="review",
            answers={answer.step: answer for answer in answers},
        )
        known = session.query(models.Conversation).filter_by(participant_id=owner).one_or_none()
        if known is None:
            known = self._begin(session, seal, conversation, owner, at)
        for answer in answers:
            _draft(session, seal, known.id, answer, at)
        for task in tasks_in(machine, coordinators_copy(machine, conversation)):
            there = session.query(models.Task).filter_by(participant_id=owner, step=task)
            if there.one_or_none() is None:
                session.add(models.Task(participant_id=owner, step=task, raised_at=at))
        session.flush()
        return conversation

    def _begin(
        self, session: Session, seal: Seal, conversation: Conversation, owner: UUID, at: datetime
    ) -> models.Conversation:
        row = uuid4()
        memory = conversation.without_answers.model_dump_json()
        begun = models.Conversation(
            id=row,
            participant_id=owner,
            flow=conversation.flow,
            version=conversation.version,
            state=conversation.state,
            revision=1,
            sealed_memory=seal.close("conversation", row, "sealed_memory", memory),
            started_at=at,
            touched_at=at,
        )
        session.add(begun)
        session.flush()
        return begun

    def _keep(self, session: Session, person: str, copy: CoordinatorCopy, at: datetime) -> None:
        owner, row = self.id_of(person), uuid4()
        versions = session.query(models.Summary).filter_by(participant_id=owner).count()
        seal = self._seal(session, owner)
        session.add(
            models.Summary(
                id=row,
                participant_id=owner,
                version=versions + 1,
                sealed_body=seal.close("summary", row, "sealed_body", copy.model_dump_json()),
                sent_at=at,
            )
        )
        session.query(models.Conversation).filter_by(participant_id=owner).one().sent_at = at

    def _seal(self, session: Session, owner: UUID) -> Seal:
        return KeyRing(session, self.service_key).of(owner)


def _draft(session: Session, seal: Seal, conversation: UUID, answer: Answer, at: datetime) -> None:
    known = (
        session.query(models.Answer)
        .filter_by(conversation_id=conversation, step=answer.step)
        .one_or_none()
    )
    row = known.id if known else uuid4()
    body = seal.close("answer", row, "sealed_body", answer.model_dump_json())
    if known:
        known.sealed_body = body
    else:
        session.add(
            models.Answer(
                id=row,
                conversation_id=conversation,
                step=answer.step,
                sealed_body=body,
                answered_at=at,
            )
        )
