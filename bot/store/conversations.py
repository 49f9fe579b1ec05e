"""Conversations and their answers: read under a lock, written back, sealed. No decisions here."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session, aliased

from bot.store.models import (
    Answer,
    ChatLine,
    Conversation,
    Coordinator,
    DataKey,
    Meeting,
    Participant,
    Summary,
    TelegramChat,
    Turn,
)
from bot.store.sealing import KeyRing, Seal
from flows import answers


class NobodyThere(LookupError):
    """No such participant: erased, or never there."""


@dataclass(frozen=True)
class Preparing:
    """A participant with their meeting and conversation, opened and locked for one turn."""

    participant_id: UUID
    meeting_id: UUID
    coordinator_id: UUID
    conversation_id: UUID | None
    conversation: answers.Conversation | None
    answer_rows: dict[str, UUID]
    seal: Seal
    coordinator: str
    coordinator_language: str
    child: str
    meeting_kind: str
    place: str
    about: answers.AboutMeeting
    nation: str
    starts_at: datetime
    timezone: str
    cancelled: bool
    role: str
    age_band: str
    language: str
    telegram_chat: int | None
    may_message: bool | None
    keeps_out: bool
    read_at: datetime | None
    read_by: UUID | None
    """The coordinator who read something of theirs then; None where nobody noted who."""
    in_chat_of: UUID | None
    """The coordinator into whose own chat something of theirs came last."""


_theirs = Summary.participant_id == Participant.id
_read_at = (
    select(func.max(Summary.first_read_at)).where(_theirs).correlate(Participant).scalar_subquery()
)
_read_by = (
    select(Summary.first_read_by)
    .where(_theirs, Summary.first_read_at.is_not(None))
    .order_by(Summary.first_read_at.desc())
    .limit(1)
    .correlate(Participant)
    .scalar_subquery()
)
_in_chat_of = (
    select(Summary.in_chat_of)
    .where(_theirs, Summary.in_chat_of.is_not(None))
    .order_by(Summary.version.desc())
    .limit(1)
    .correlate(Participant)
    .scalar_subquery()
)
_own, _meetings, _coordinators = (aliased(DataKey) for _ in range(3))
_PREPARING = (
    select(
        _own.kid.label("own_kid"),
        _own.wrapped.label("own_key"),
        _meetings.kid.label("meeting_kid"),
        _meetings.wrapped.label("meeting_key"),
        _coordinators.kid.label("coordinator_kid"),
        _coordinators.wrapped.label("coordinator_key"),
        Participant.id.label("participant_id"),
        Participant.meeting_id,
        Participant.sealed_child,
        Participant.role,
        Participant.age_band,
        Participant.language,
        Participant.telegram_chat,
        Participant.may_message,
        Participant.keeps_out,
        Meeting.coordinator_id,
        Meeting.kind,
        Meeting.sealed_place,
        Meeting.sealed_about,
        Meeting.nation,
        Meeting.starts_at,
        Meeting.timezone,
        Meeting.cancelled_at,
        Coordinator.sealed_name,
        Coordinator.language.label("coordinator_language"),
        Conversation.id.label("conversation_id"),
        Conversation.sealed_memory,
        _read_at.label("read_at"),
        _read_by.label("read_by"),
        _in_chat_of.label("in_chat_of"),
    )
    .join(Meeting, Meeting.id == Participant.meeting_id)
    .join(Coordinator, Coordinator.id == Meeting.coordinator_id)
    .outerjoin(Conversation, Conversation.participant_id == Participant.id)
    .outerjoin(_own, _own.owner_id == Participant.id)
    .outerjoin(_meetings, _meetings.owner_id == Meeting.id)
    .outerjoin(_coordinators, _coordinators.owner_id == Coordinator.id)
    .with_for_update(of=Participant)
)
_BY_ID = _PREPARING.where(Participant.id == bindparam("who"))
_BY_CHAT = _PREPARING.join(TelegramChat, TelegramChat.participant_id == Participant.id).where(
    TelegramChat.chat == bindparam("who")
)
_ANSWERS = (
    select(Answer.step, Answer.id, Answer.sealed_body)
    .where(Answer.conversation_id == bindparam("conversation"))
    .order_by(Answer.answered_at, Answer.id)
)


def prepare(session: Session, ring: KeyRing, who: UUID | int) -> Preparing:
    """Everything that a turn needs, with the participant's row locked until it is committed.

    Args:
        who: a participant, or the Telegram chat that talks as one.

    Raises:
        NobodyThere: no such participant.
        bot.store.sealing.KeyGone: they have been erased.
    """
    query = _BY_CHAT if isinstance(who, int) else _BY_ID
    row = session.connection().execute(query, {"who": who}).one_or_none()
    if row is None:
        raise NobodyThere
    participant: UUID = row.participant_id
    seal = ring.take(participant, row.own_kid, row.own_key)
    meeting = ring.take(row.meeting_id, row.meeting_kid, row.meeting_key)
    coordinator = ring.take(row.coordinator_id, row.coordinator_kid, row.coordinator_key)
    conversation: answers.Conversation | None = None
    answer_rows: dict[str, UUID] = {}
    if row.conversation_id is not None:
        conversation, answer_rows = _open(session, seal, row.conversation_id, row.sealed_memory)
    return Preparing(
        participant_id=participant,
        meeting_id=row.meeting_id,
        coordinator_id=row.coordinator_id,
        conversation_id=row.conversation_id,
        conversation=conversation,
        answer_rows=answer_rows,
        seal=seal,
        coordinator=coordinator.open_text(
            "coordinator", row.coordinator_id, "sealed_name", row.sealed_name
        ),
        coordinator_language=row.coordinator_language,
        child=seal.open_text("participant", participant, "sealed_child", row.sealed_child),
        meeting_kind=row.kind,
        place=meeting.open_text("meeting", row.meeting_id, "sealed_place", row.sealed_place),
        about=about_in(meeting, row.meeting_id, row.sealed_about),
        nation=row.nation,
        starts_at=row.starts_at,
        timezone=row.timezone,
        cancelled=row.cancelled_at is not None,
        role=row.role,
        age_band=row.age_band,
        language=row.language,
        telegram_chat=row.telegram_chat,
        may_message=row.may_message,
        keeps_out=row.keeps_out,
        read_at=row.read_at,
        read_by=row.read_by,
        in_chat_of=row.in_chat_of,
    )


def name_of(session: Session, ring: KeyRing, of: Preparing, coordinator: UUID | None) -> str:
    """How a coordinator is called who had something of theirs, before a hand-over perhaps. Whoever
    coordinates now stands for one of whom nothing is kept any more."""
    if coordinator in (None, of.coordinator_id):
        return of.coordinator
    row, seal = session.get(Coordinator, coordinator), ring.find(coordinator)
    if row is None or seal is None:
        return of.coordinator
    return seal.open_text("coordinator", row.id, "sealed_name", row.sealed_name)


def about_in(seal: Seal, meeting: UUID, sealed: bytes | None) -> answers.AboutMeeting:
    """What a meeting's coordinator wrote of it."""
    if sealed is None:
        return answers.NOTHING_WRITTEN
    body = seal.open("meeting", meeting, "sealed_about", sealed)
    return answers.AboutMeeting.model_validate_json(body)


def _open(
    session: Session, seal: Seal, conversation_id: UUID, sealed_memory: bytes
) -> tuple[answers.Conversation, dict[str, UUID]]:
    memory = seal.open("conversation", conversation_id, "sealed_memory", sealed_memory)
    conversation = answers.Conversation.model_validate_json(memory)
    rows = session.connection().execute(_ANSWERS, {"conversation": conversation_id}).all()
    opened = {
        row.step: answers.Answer.model_validate_json(
            seal.open("answer", row.id, "sealed_body", row.sealed_body)
        )
        for row in rows
    }
    return (
        conversation.model_copy(update={"answers": opened}),
        {row.step: row.id for row in rows},
    )


_CLAIM = {
    "sqlite": insert_sqlite(Turn).on_conflict_do_nothing().returning(Turn.key),
    "postgresql": insert_postgresql(Turn).on_conflict_do_nothing().returning(Turn.key),
}


def claim_turn(session: Session, key: str, conversation: UUID | None, now: datetime) -> bool:
    """Whether this update is ours to handle; False when it was handled before.

    Args:
        conversation: whose turn it is; None for a form of the coordinators'.
    """
    connection = session.connection()
    claim = _CLAIM[connection.dialect.name]
    values = {"key": key, "conversation_id": conversation, "at": now}
    return connection.execute(claim, values).first() is not None


def remember_turn(session: Session, key: str, now: datetime) -> None:
    """That this update was handled, of a conversation that is no more."""
    session.connection().execute(insert(Turn).values(key=key, conversation_id=None, at=now))


def was_taken(session: Session, key: str) -> bool:
    """Whether this update was handled before."""
    return session.scalar(select(Turn.key).where(Turn.key == key)) is not None


def create(
    session: Session, participant: Preparing, conversation: answers.Conversation, now: datetime
) -> UUID:
    """The row of a conversation that begins."""
    row = uuid4()
    session.execute(
        insert(Conversation).values(
            id=row,
            participant_id=participant.participant_id,
            flow=conversation.flow,
            version=conversation.version,
            state=conversation.state,
            revision=conversation.revision,
            sealed_memory=_memory(participant.seal, row, conversation),
            started_at=now,
            touched_at=now,
            language=conversation.language,
            answered=0,
            lock_version=1,
        )
    )
    session.execute(
        update(Participant).where(Participant.id == participant.participant_id).values(seen_at=now)
    )
    return row


_SAVE = (
    update(Conversation)
    .where(Conversation.id == bindparam("row"))
    .values(
        state=bindparam("new_state"),
        revision=bindparam("new_revision"),
        sealed_memory=bindparam("memory"),
        touched_at=bindparam("now"),
        language=bindparam("new_language"),
        answered=bindparam("count"),
        lock_version=Conversation.lock_version + 1,
    )
)
_SENT = (
    update(Conversation).where(Conversation.id == bindparam("row")).values(sent_at=bindparam("now"))
)
_NEW_ANSWER = insert(Answer)
_CHANGE_ANSWER = (
    update(Answer)
    .where(Answer.id == bindparam("row"))
    .values(sealed_body=bindparam("body"), answered_at=bindparam("now"))
)


def save(
    session: Session, before: Preparing, after: answers.Conversation, now: datetime, sent: bool
) -> None:
    """Writes what the turn changed. Answers that it did not change are not written again."""
    row, seal = before.conversation_id, before.seal
    assert row is not None and before.conversation is not None  # noqa: S101, PT018 - loaded by prepare
    counted = sum(1 for answer in after.answers.values() if answer.step)
    connection = session.connection()
    values = {
        "row": row,
        "new_state": after.state,
        "new_revision": after.revision,
        "memory": _memory(seal, row, after),
        "now": now,
        "new_language": after.language,
        "count": counted,
    }
    connection.execute(_SAVE, values)
    if sent:
        connection.execute(_SENT, {"row": row, "now": now})
    known = before.conversation.answers
    for step, answer in after.answers.items():
        if known.get(step) == answer:
            continue
        answer_id = before.answer_rows.get(step) or uuid4()
        body = seal.close("answer", answer_id, "sealed_body", answer.model_dump_json())
        if step in before.answer_rows:
            changed = {"row": answer_id, "body": body, "now": now}
            connection.execute(_CHANGE_ANSWER, changed)
        else:
            new = {
                "id": answer_id,
                "conversation_id": row,
                "step": step,
                "sealed_body": body,
                "answered_at": now,
            }
            connection.execute(_NEW_ANSWER, new)
    gone = [known_id for step, known_id in before.answer_rows.items() if step not in after.answers]
    if gone:
        connection.execute(delete(Answer).where(Answer.id.in_(gone)))


def _memory(seal: Seal, row: UUID, conversation: answers.Conversation) -> bytes:
    memory = conversation.without_answers.model_dump_json(exclude_defaults=True)
    return seal.close("conversation", row, "sealed_memory", memory)


def add_line(
    session: Session,
    seal: Seal,
    conversation: UUID,
    author: str,
    turn_key: str,
    body: str,
    now: datetime,
) -> None:
    """One more line of a web chat. Call it under the participant's lock: it counts."""
    line = uuid4()
    number = session.scalar(
        select(func.coalesce(func.max(ChatLine.number), 0)).where(
            ChatLine.conversation_id == conversation
        )
    )
    session.execute(
        insert(ChatLine).values(
            id=line,
            conversation_id=conversation,
            number=(number or 0) + 1,
            author=author,
            turn_key=turn_key,
            sealed_body=seal.close("chat_line", line, "sealed_body", body),
            at=now,
        )
    )
