"""All that is held about one person, and nothing about anybody else (promise P8).

Gathered when it is asked for and kept nowhere. What it is given out as is bundle's.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic import TypeAdapter
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bot.delivery.letters import ChatLetter, Letter
from bot.lines import LineBody
from bot.meetings.contact import contact_of
from bot.privacy import done_about
from bot.privacy.done_about import at
from bot.privacy.words_of import Saying
from bot.store import conversations
from bot.store.conversations import Preparing
from bot.store.models import (
    DATA_TASK,
    Answer,
    Attachment,
    AuditEntry,
    ChatLine,
    Conversation,
    Delivery,
    HeardMessage,
    Invitation,
    Participant,
    Summary,
    Task,
)
from bot.store.models import Session as BrowserSession
from bot.store.sealing import KeyRing, Seal
from flows import answers
from flows.library import Library, flow_for
from flows.review import CoordinatorCopy
from flows.schema import Audience

_LETTER: TypeAdapter[Letter] = TypeAdapter(Letter)
_AUDIENCES = {"young_person": Audience.YOUNG, "child": Audience.CHILD}
_WAYS = {"web": "link", "telegram": "telegram", "code": "code"}


@dataclass(frozen=True)
class Everything:
    """All of it, as plain data. Times are ISO 8601 in UTC."""

    language: str
    audience: Audience
    timezone: str
    data: dict[str, Any]
    files: dict[str, bytes]
    """Attachments by the name that `data` gives them."""


def note_asked(session: Session, participant: UUID, now: datetime) -> None:
    """They asked: the coordinator is told so by a task, which is open again each time."""
    known = session.scalar(
        select(Task).where(Task.participant_id == participant, Task.step == DATA_TASK)
    )
    if known is None:
        session.execute(
            insert(Task).values(
                id=uuid4(), participant_id=participant, step=DATA_TASK, raised_at=now
            )
        )
    elif known.done_at is not None:
        known.raised_at, known.done_at = now, None
    _note(session, participant, "data_asked", now)


def note_given(session: Session, participant: UUID, now: datetime) -> None:
    _note(session, participant, "data_given", now)


def gather(
    session: Session, ring: KeyRing, library: Library, participant: UUID, now: datetime
) -> Everything:
    """All that is held about them.

    Raises:
        bot.store.conversations.NobodyThere, bot.store.sealing.KeyGone: wiped, or never there.
    """
    of = conversations.prepare(session, ring, participant)
    person = session.get_one(Participant, participant)
    flow = of.conversation.flow if of.conversation else flow_for(of.role, of.age_band)
    audience = _AUDIENCES.get(flow, Audience.ADULT)
    language = of.conversation.language if of.conversation else of.language
    names, files = _attachments(session, of.seal, participant)
    saying = Saying(library, audience, language, names)
    data = {
        "made_at": at(now),
        "you": _you(of, person),
        "meeting": {
            "kind": of.meeting_kind,
            "starts_at": at(of.starts_at),
            "timezone": of.timezone,
            "place": of.place,
            "coordinator": of.coordinator,
        },
        "preparation": _preparation(session, of),
        "answers": _answers(session, of, saying),
        "chat": _chat(session, of, saying),
        "sent": _sent(session, ring, of, saying),
        "answers_from_the_coordinator": done_about.answers(session, of),
        "messages": _messages(session, of),
        "messages_in_telegram": _heard(session, person.telegram_chat),
        "attachments": [
            {"file": names[str(row.id)], "kind": row.media_type, "kept_at": at(row.created_at)}
            for row in _rows_of_attachments(session, participant)
        ],
        "ways_in": _ways_in(session, participant),
        "visits": _visits(session, participant),
        "calls_for_help": done_about.alerts(session, participant),
        "tasks_for_the_coordinator": done_about.tasks(session, of.seal, participant),
        "what_was_done": done_about.audit(session, participant),
    }
    return Everything(language, audience, of.timezone, data, files)


def _you(of: Preparing, person: Participant) -> dict[str, Any]:
    def opened(column: str) -> str:
        return of.seal.open_text("participant", person.id, column, getattr(person, column))

    return {
        "id": str(person.id),
        "reference": person.reference,
        "name": opened("sealed_name"),
        "relation": opened("sealed_relation"),
        "child": opened("sealed_child"),
        "contact": contact_of(of.seal, person).model_dump(),
        "role": person.role,
        "age_band": person.age_band,
        "language": person.language,
        "channel": person.channel,
        "telegram_chat": person.telegram_chat,
        "may_be_messaged": person.may_message,
        "reminders": person.reminders,
        "answers_kept_out_of_chat": person.keeps_out,
        "opened_at": at(person.opened_at),
        "seen_at": at(person.seen_at),
    }


def _preparation(session: Session, of: Preparing) -> dict[str, Any] | None:
    if of.conversation is None:
        return None
    row = session.get_one(Conversation, of.conversation_id)
    return {
        "questions": of.conversation.flow,
        "version": of.conversation.version,
        "where": of.conversation.state,
        "started_at": at(row.started_at),
        "last_said_at": at(row.touched_at),
        "sent_at": at(row.sent_at),
        "memory": of.conversation.without_answers.model_dump(mode="json"),
    }


def _answers(session: Session, of: Preparing, saying: Saying) -> list[dict[str, Any]]:
    if of.conversation is None or of.conversation_id is None:
        return []
    machine = saying.machine(of.conversation.flow, of.conversation.version)
    rows = session.scalars(
        select(Answer)
        .where(Answer.conversation_id == of.conversation_id)
        .order_by(Answer.answered_at, Answer.id)
    )
    return [
        {
            **saying.answer(
                machine,
                answers.Answer.model_validate_json(
                    of.seal.open("answer", row.id, "sealed_body", row.sealed_body)
                ),
            ),
            "answered_at": at(row.answered_at),
        }
        for row in rows
    ]


def _chat(session: Session, of: Preparing, saying: Saying) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(ChatLine)
        .where(ChatLine.conversation_id == of.conversation_id)
        .order_by(ChatLine.number)
    )
    return [
        {
            "at": at(row.at),
            "who": row.author,
            **saying.line(
                LineBody.model_validate_json(
                    of.seal.open("chat_line", row.id, "sealed_body", row.sealed_body)
                )
            ),
        }
        for row in rows
    ]


def _sent(session: Session, ring: KeyRing, of: Preparing, saying: Saying) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(Summary).where(Summary.participant_id == of.participant_id).order_by(Summary.version)
    )

    def named(coordinator: UUID | None, *, is_known: bool) -> str:
        return conversations.name_of(session, ring, of, coordinator) if is_known else ""

    sent = []
    for row in rows:
        body = of.seal.open_text("summary", row.id, "sealed_body", row.sealed_body)
        copy = CoordinatorCopy.model_validate_json(body)
        machine = saying.machine(copy.flow, copy.version)
        sent.append(
            {
                "version": row.version,
                "sent_at": at(row.sent_at),
                "first_read_at": at(row.first_read_at),
                "first_read_by": named(row.first_read_by, is_known=row.first_read_at is not None),
                "in_chat_of": named(row.in_chat_of, is_known=row.in_chat_of is not None),
                "answers": [saying.answer(machine, item.answer) for item in copy.items],
                "not_answered": [saying.heading(machine, step) for step in copy.unanswered],
            }
        )
    return sent


def _messages(session: Session, of: Preparing) -> list[dict[str, Any]]:
    """What was sent to them, reminders among it, or waits to be; of letters to others about them,
    that they went. A body that is there is theirs to see."""
    rows = session.scalars(
        select(Delivery)
        .where(Delivery.participant_id == of.participant_id)
        .order_by(Delivery.number)
    )
    own = f"telegram:{of.telegram_chat}"
    return [
        {
            "kind": row.kind,
            "by": row.channel,
            "to": "you" if row.recipient == own else "coordinator",
            "due_at": at(row.due_at),
            "status": row.status,
            "finished_at": at(row.finished_at),
            "words": _body(of.seal, row) if row.recipient == own else [],
        }
        for row in rows
    ]


def _body(seal: Seal, row: Delivery) -> list[str]:
    if row.owner_id != seal.owner or not row.sealed_body:
        return []
    letter = _LETTER.validate_json(seal.open("delivery", row.id, "sealed_body", row.sealed_body))
    return [p.text for p in letter.message.paragraphs] if isinstance(letter, ChatLetter) else []


def _heard(session: Session, chat: int | None) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(HeardMessage).where(HeardMessage.chat == chat).order_by(HeardMessage.message)
    )
    return [{"message": row.message, "at": at(row.at)} for row in rows]


def _rows_of_attachments(session: Session, participant: UUID) -> list[Attachment]:
    return list(
        session.scalars(
            select(Attachment)
            .where(Attachment.participant_id == participant)
            .order_by(Attachment.created_at, Attachment.id)
        )
    )


def _attachments(
    session: Session, seal: Seal, participant: UUID
) -> tuple[dict[str, str], dict[str, bytes]]:
    """Names by id, and contents by name."""
    endings = {
        "application/pdf": "pdf",
        "text/plain": "txt",
        "image/jpeg": "jpg",
        "audio/mpeg": "mp3",
    }
    names, files = {}, {}
    for number, row in enumerate(_rows_of_attachments(session, participant), start=1):
        sound = row.media_type.partition("/")
        ending = endings.get(row.media_type, sound[2] if sound[0] == "audio" else "docx")
        name = f"{number}.{ending}"
        names[str(row.id)] = name
        files[name] = seal.open("attachment", row.id, "sealed_content", row.sealed_content)
    return names, files


def _ways_in(session: Session, participant: UUID) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(Invitation)
        .where(Invitation.participant_id == participant)
        .order_by(Invitation.expires_at, Invitation.id)
    )
    return [
        {
            "kind": _WAYS.get(row.purpose, row.purpose),
            "given_at": at(row.given_at),
            "given_by": row.given_by,
            "expires_at": at(row.expires_at),
            "used_at": at(row.used_at),
            "stopped_at": at(row.revoked_at),
        }
        for row in rows
    ]


def _visits(session: Session, participant: UUID) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(BrowserSession)
        .where(BrowserSession.participant_id == participant)
        .order_by(BrowserSession.created_at)
    )
    return [
        {
            "began_at": at(row.created_at),
            "seen_at": at(row.seen_at),
            "ended_at": at(row.ended_at),
        }
        for row in rows
    ]


def _note(session: Session, participant: UUID, action: str, now: datetime) -> None:
    session.execute(
        insert(AuditEntry).values(
            id=uuid4(),
            at=now,
            actor=f"participant:{participant}",
            action=action,
            subject_id=participant,
        )
    )
