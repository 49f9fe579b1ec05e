"""A participant's one page for the coordinator, in the order of EVIDENCE 7.7, from stored rows.

Of someone who has not sent, nothing is opened but their name: only that they have started, and
when (promise P3). Alerts alone come before (P12); they hold no words.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.meetings import status_of
from bot.meetings.contact import contact_of
from bot.store.models import (
    Alert,
    AuditEntry,
    Conversation,
    Meeting,
    Participant,
    Summary,
)
from bot.store.sealing import KeyGone, KeyRing, Seal
from bot.summaries.changes import Changes, since_read
from bot.summaries.entries import Entry, Reader, entry, heading_of
from bot.summaries.reading import own_readings
from bot.summaries.tasks import ToDo, to_do
from flows.library import Library
from flows.machine import FlowMachine
from flows.review import CoordinatorCopy, sendable
from flows.schema import Section

_STAYS_IN_ITS_PLACE = (Section.WHO, Section.MUST_NOT_BE_SAID)
"""Where a locked answer is looked for under its own heading; all others come first, as safety."""


class NotYours(LookupError):
    """No such thing, or another coordinator's. The two are never told apart (promise P23)."""

    code: ClassVar[str] = "not_yours"


@dataclass(frozen=True)
class Raised:
    """An alert: which kind and when, never what was said."""

    id: UUID
    category: str
    raised_at: datetime
    acknowledged_at: datetime | None
    outcome: str | None = None
    """needed_action or false_alarm, once somebody has said so."""
    step: str = ""
    by_words: bool = False
    """Heard in their own words, not tapped."""


@dataclass(frozen=True)
class NotTo:
    """What must not reach whom."""

    heading: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class TakenBack:
    headings: tuple[str, ...]
    """Empty where what is left does not say which."""
    at: tuple[datetime, ...]


@dataclass(frozen=True)
class Sent:
    """What someone sent, as it stands now."""

    sent_at: datetime
    first_read_at: datetime | None
    """By whoever looks; None where it is new to them."""
    is_told: bool
    """The person hears that they read it: nobody else did before them."""
    version: int
    language: str
    entries: tuple[Entry, ...]
    unanswered: tuple[str, ...]
    to_do: tuple[ToDo, ...]
    not_to: tuple[NotTo, ...]
    taken_back: TakenBack | None
    changes: Changes | None
    no_longer: tuple[str, ...]
    """Headings of what was read once and is answered no longer."""

    @property
    def safety(self) -> tuple[Entry, ...]:
        """What comes first: the safety questions, and whatever else is locked."""
        return tuple(one for one in self.entries if _is_safety(one))

    def of(self, section: Section) -> tuple[Entry, ...]:
        """The answers of one section that do not stand under safety, in the flow's order."""
        return tuple(one for one in self.entries if one.section == section and not _is_safety(one))

    @property
    def others(self) -> tuple[Entry, ...]:
        """Answers that the flow gives no place."""
        return tuple(one for one in self.entries if one.section is None and not _is_safety(one))


@dataclass(frozen=True)
class Page:
    """One participant, for the coordinator's eyes alone."""

    participant_id: UUID
    meeting_id: UUID
    meeting_title: str
    meeting_starts_at: datetime
    timezone: str
    name: str
    relation: str
    role: str
    age_band: str
    language: str
    """Theirs, as it was noted."""
    chat_language: str
    """What their chat is in."""
    channel: str
    status: str
    """invited, opened, started, sent, or wiped."""
    wiped_at: datetime | None
    invited_at: datetime
    opened_at: datetime | None
    started_at: datetime | None
    alerts: tuple[Raised, ...]
    care: str
    """What the coordinator is to take care of when writing to them."""
    sent: Sent | None

    @property
    def read_first(self) -> frozenset[str]:
        """Answers in whose words danger was heard, of those that were sent since: of a draft
        nothing is told by it (promise P3)."""
        if self.sent is None:
            return frozenset()
        sent_at = self.sent.sent_at
        return frozenset(
            one.step for one in self.alerts if one.by_words and one.raised_at <= sent_at
        )


def compile_page(
    session: Session,
    ring: KeyRing,
    library: Library,
    participant_id: UUID,
    *,
    coordinator_id: UUID,
    language: str,
) -> Page:
    """One participant's page, with headings in `language`.

    Raises:
        NotYours: no such participant, another coordinator's, or erased.
    """
    row = session.execute(
        select(
            Participant,
            Meeting,
            Conversation.started_at,
            Conversation.sent_at,
            Conversation.language,
        )
        .join(Meeting, Meeting.id == Participant.meeting_id)
        .outerjoin(Conversation, Conversation.participant_id == Participant.id)
        .where(Participant.id == participant_id, Meeting.coordinator_id == coordinator_id)
    ).one_or_none()
    if row is None:
        raise NotYours
    person, meeting, started_at, sent_at, chosen = row
    who = who_is(ring, person)
    try:
        seal, meetings_seal = ring.find(person.id), ring.of(meeting.id)
    except KeyGone:
        raise NotYours from None
    if seal is None and person.wiped_at is None:
        raise NotYours
    reader = Reader(library.wording, language)
    sent = None
    if seal is not None:
        sent = _sent(session, seal, library, person, reader, coordinator_id)
    if sent is not None:
        sent_at = sent_at or sent.sent_at  # the draft may be gone already
    return Page(
        participant_id=person.id,
        meeting_id=meeting.id,
        meeting_title=meetings_seal.open_text(
            "meeting", meeting.id, "sealed_title", meeting.sealed_title
        ),
        meeting_starts_at=meeting.starts_at,
        timezone=meeting.timezone,
        name=who.name,
        relation=who.relation,
        role=person.role,
        age_band=person.age_band,
        language=person.language,
        chat_language=library.wording.spoken(chosen, person.language),
        channel=person.channel,
        status="wiped" if seal is None else status_of(person.opened_at, started_at, sent_at),
        wiped_at=person.wiped_at,
        invited_at=meeting.created_at,
        opened_at=person.opened_at,
        started_at=started_at,
        alerts=alerts_of(session, person.id),
        care=contact_of(seal, person).care if seal is not None else "",
        sent=sent,
    )


@dataclass(frozen=True)
class Who:
    name: str
    relation: str


def who_is(ring: KeyRing, person: Participant) -> Who:
    """For the coordinator's eyes. Of someone who has wiped all: the id that the service itself
    gave them, or, where help was called for them, their name still."""
    seal = ring.find(person.id)
    if seal is not None:
        return Who(
            seal.open_text("participant", person.id, "sealed_name", person.sealed_name),
            seal.open_text("participant", person.id, "sealed_relation", person.sealed_relation),
        )
    meeting = ring.find(person.meeting_id)
    if person.sealed_alert_name is None or meeting is None:
        return Who(person.reference if person.wiped_at is not None else "", "")
    name = meeting.open_text(
        "participant", person.id, "sealed_alert_name", person.sealed_alert_name
    )
    return Who(name, "")


def alerts_of(session: Session, participant_id: UUID) -> tuple[Raised, ...]:
    """All alerts of one participant, those that nobody has acknowledged first."""
    return raised(
        session.scalars(
            select(Alert).where(Alert.participant_id == participant_id).order_by(Alert.raised_at)
        ).all()
    )


def raised(rows: Iterable[Alert]) -> tuple[Raised, ...]:
    """One participant's alerts, in the order in which they were raised, as pages show them."""
    found = [
        Raised(
            row.id,
            row.category,
            row.raised_at,
            row.acknowledged_at,
            row.outcome,
            row.step,
            bool(row.categories),
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda one: one.acknowledged_at is not None))


@dataclass(frozen=True)
class Newest:
    """The version of a summary that holds, opened."""

    row: Summary
    copy: CoordinatorCopy


def newest_copy(session: Session, seal: Seal, participant_id: UUID) -> Newest | None:
    """What someone has sent, in its newest version; None before they have."""
    row = session.scalar(
        select(Summary)
        .where(Summary.participant_id == participant_id)
        .order_by(Summary.version.desc())
        .limit(1)
    )
    return None if row is None else opened(seal, row)


def opened(seal: Seal, row: Summary) -> Newest:
    """One version of a summary, in words."""
    body = seal.open_text("summary", row.id, "sealed_body", row.sealed_body)
    return Newest(row, CoordinatorCopy.model_validate_json(body))


def mark_read(session: Session, page: Page, coordinator_id: UUID, now: datetime) -> None:
    """Someone has opened this page: the audit log says so, and the person may be told when."""
    if page.sent is None:
        return
    newest = session.scalar(
        select(Summary).where(
            Summary.participant_id == page.participant_id, Summary.version == page.sent.version
        )
    )
    if newest is not None and newest.first_read_at is None:
        newest.first_read_at, newest.first_read_by = now, coordinator_id
    session.add(
        AuditEntry(
            at=now,
            actor=f"coordinator:{coordinator_id}",
            action="summary_read",
            subject_id=page.participant_id,
        )
    )


def _sent(
    session: Session,
    seal: Seal,
    library: Library,
    person: Participant,
    reader: Reader,
    coordinator: UUID,
) -> Sent | None:
    participant = person.id
    newest = newest_copy(session, seal, participant)
    if newest is None:
        return None
    copy, row = newest.copy, newest.row
    machine = library.version(copy.flow, copy.version)
    entries = tuple(entry(machine, item, reader, person.language) for item in copy.items)
    changes = since_read(session, seal, row, copy, coordinator)
    gone = changes.gone if changes is not None else ()
    return Sent(
        sent_at=row.sent_at,
        first_read_at=own_readings(session, [row], coordinator).get(row.id),
        is_told=row.first_read_at is None or row.first_read_by == coordinator,
        version=row.version,
        language=copy.language,
        entries=entries,
        unanswered=tuple(heading_of(machine, step, reader) for step in copy.unanswered),
        to_do=to_do(session, seal, machine, copy, participant, reader),
        not_to=tuple(NotTo(one.heading, one.not_to) for one in entries if one.not_to),
        taken_back=_taken_back(session, machine, copy, participant, reader),
        changes=changes,
        no_longer=tuple(heading_of(machine, step, reader) for step in gone),
    )


def _taken_back(
    session: Session, machine: FlowMachine, copy: CoordinatorCopy, participant: UUID, reader: Reader
) -> TakenBack | None:
    """When, and, as far as the copy still shows it by what it lacks, which answers."""
    at = session.scalars(
        select(AuditEntry.at)
        .where(AuditEntry.subject_id == participant, AuditEntry.action == "taken_back")
        .order_by(AuditEntry.at)
    ).all()
    if not at:
        return None
    there = {item.step for item in copy.items} | set(copy.unanswered)
    gone = [step.id for step in sendable(machine) if step.counted and step.id not in there]
    return TakenBack(tuple(heading_of(machine, step, reader) for step in gone), tuple(at))


def _is_safety(one: Entry) -> bool:
    if one.section is Section.SAFETY:
        return True
    return one.locked and one.section not in _STAYS_IN_ITS_PLACE
