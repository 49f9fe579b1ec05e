"""What goes when its day has come (promise P28): rows, the words in them, and keys.

Each round asks what is over now; twice is once. Nothing that only looks, and nothing that failed,
makes anything stay. Whoever has nothing left has no key left either.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from bot import invitations
from bot.lines import LineBody
from bot.privacy import erase
from bot.privacy.days import Retention
from bot.store.models import (
    Alert,
    Answer,
    Attachment,
    AuditEntry,
    ChatLine,
    Conversation,
    Coordinator,
    DataKey,
    Delivery,
    HeardMessage,
    Invitation,
    Meeting,
    Participant,
    Summary,
    TelegramChat,
    Turn,
)
from bot.store.models import Session as BrowserSession
from bot.store.sealing import KeyRing, Seal
from flows.answers import Answer as Said
from flows.exchange import Sent
from flows.review import CoordinatorCopy

RULES: Final = {
    "answer": "with the draft",
    "alert": "a year after somebody acknowledged it; open ones stay",
    "attachment": "with the last that names it, sent ones no later than what was sent",
    "audit_entry": "two years; never within one",
    "chat_line": "with the draft",
    "conversation": "30 days after the last word if unsent; 14 days after the meeting",
    "coordinator": "stays; once taken out, as long as the audit log may name them",
    "data_key": "with the last thing that it seals",
    "delivery": "its words 2 days after it went, the row 30 days after, or with the meeting",
    "heard_message": "2 days",
    "human_answer": "with the draft",
    "invitation": "30 days after it opens nothing any more",
    "meeting": "with the last participant",
    "participant": "14 days after the meeting; 90 if they sent something; with their last alert",
    "recovery_code": "until others are made, the phone is set up anew, or its owner is taken out",
    "service": "stays: the service's own contacts and hours, and nobody's words",
    "session": "7 days after it is over",
    "summary": "90 days after the meeting",
    "task": "with what was sent",
    "telegram_chat": "with the participant, or with the invitation that was only opened",
    "turn": "with the draft; numbers of its own after 30 days",
}
"""For each table, when its rows go. A structure test holds it against the models."""


_SETTLED = timedelta(days=1)
"""The turn that names an attachment follows at once, or never."""


@dataclass(frozen=True)
class Gone:
    """What a round let go, for the clearing of the database's own files."""

    words: bool
    keys: bool


def keep_to(session: Session, ring: KeyRing, days: Retention, now: datetime) -> Gone:
    """Lets go of all whose day has come."""
    _short_lived(session, days, now)
    _letters(session, days, now)
    words = _drafts(session, days, now)
    session.execute(
        delete(Alert).where(Alert.acknowledged_at <= now - timedelta(days=days.keep_alerts_days))
    )
    keys = _people_and_meetings(session, ring, days, now)
    return Gone(words or keys, keys)


def _short_lived(session: Session, days: Retention, now: datetime) -> None:
    def before(number: int) -> datetime:
        return now - timedelta(days=number)

    session.execute(delete(HeardMessage).where(HeardMessage.at <= before(days.keep_heard_days)))
    over = before(days.keep_visits_days)
    session.execute(
        delete(BrowserSession).where(
            or_(
                BrowserSession.ended_at <= over,
                BrowserSession.seen_at <= over - invitations.IDLE,
                BrowserSession.created_at <= over - invitations.ABSOLUTE,
            )
        ),
    )
    closed = before(days.keep_invitations_days)
    gone = or_(
        Invitation.expires_at <= closed,
        Invitation.revoked_at <= closed,
        Invitation.used_at <= closed,
    )
    session.execute(
        update(TelegramChat)
        .where(TelegramChat.invitation_id.in_(select(Invitation.id).where(gone)))
        .values(invitation_id=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(Invitation).where(gone))
    session.execute(
        delete(TelegramChat).where(
            TelegramChat.participant_id.is_(None), TelegramChat.invitation_id.is_(None)
        ),
    )
    session.execute(delete(Turn).where(Turn.at <= before(days.keep_turns_days)))
    session.execute(delete(AuditEntry).where(AuditEntry.at <= before(days.keep_audit_days)))
    removed = Coordinator.removed_at <= before(days.keep_audit_days)
    ids = select(Coordinator.id).where(removed)
    session.execute(delete(DataKey).where(DataKey.owner_id.in_(ids)))
    session.execute(delete(Coordinator).where(removed))


def _letters(session: Session, days: Retention, now: datetime) -> None:
    """A key says that something was sent once and is not to be sent again: it stays until the
    meeting is over. A call for help that did not arrive is shown until somebody acknowledges it."""
    ended = func.coalesce(Delivery.finished_at, Delivery.due_at)
    done = Delivery.status != "waiting"
    session.execute(
        update(Delivery)
        .where(
            done,
            ended <= now - timedelta(days=days.keep_letters_days),
            Delivery.sealed_body != b"",
        )
        .values(sealed_body=b"")
        .execution_options(synchronize_session=False)
    )
    ahead = exists().where(Meeting.id == Delivery.meeting_id, Meeting.starts_at > now)
    calls = and_(
        Delivery.kind == "alert",
        exists().where(
            Alert.participant_id == Delivery.participant_id, Alert.acknowledged_at.is_(None)
        ),
    )
    session.execute(
        delete(Delivery).where(
            done,
            ended <= now - timedelta(days=days.keep_deliveries_days),
            or_(Delivery.key.is_(None), ~ahead),
            ~calls,
        ),
    )


# --- drafts, and what only they name ---


def over(days: int, now: datetime) -> ColumnElement[bool]:
    """Whether a meeting was over so many days ago."""
    end = case(
        (Meeting.cancelled_at < Meeting.starts_at, Meeting.cancelled_at), else_=Meeting.starts_at
    )
    return end <= now - timedelta(days=days)


def _drafts(session: Session, days: Retention, now: datetime) -> bool:
    due = (
        select(Participant)
        .join(Meeting, Meeting.id == Participant.meeting_id)
        .join(Conversation, Conversation.participant_id == Participant.id)
        .where(
            or_(
                and_(
                    Conversation.sent_at.is_(None),
                    Conversation.touched_at <= now - timedelta(days=days.keep_drafts_days),
                ),
                over(days.keep_drafts_after_meeting_days, now),
            )
        )
        .with_for_update(of=Participant, skip_locked=True)
    )
    people = session.scalars(due).all()
    for person in people:
        erase.delete_preparation(session, person.id)
    return bool(people)


def owners_of_attachments(session: Session, now: datetime) -> tuple[UUID, ...]:
    """Whose attachments to look through: one transaction each, as their words have to be opened."""
    return tuple(
        session.scalars(
            select(Attachment.participant_id)
            .where(Attachment.created_at <= now - _SETTLED)
            .distinct()
        )
    )


def let_go_of_unnamed(
    session: Session, ring: KeyRing, owner: UUID, days: Retention, now: datetime
) -> None:
    """Attachments that nothing names any more, and all of them once their own day has come."""
    seal = ring.find(owner)
    limit = min(days.keep_attachments_days, days.keep_sent_days)
    late = session.scalar(
        select(over(limit, now))
        .select_from(Meeting)
        .join(Participant, Participant.meeting_id == Meeting.id)
        .where(Participant.id == owner)
    )
    named = set() if seal is None or late else _named(session, seal, owner)
    session.execute(
        delete(Attachment).where(
            Attachment.participant_id == owner,
            Attachment.created_at <= now - _SETTLED,
            Attachment.id.not_in(named),
        )
    )


def _named(session: Session, seal: Seal, owner: UUID) -> set[UUID]:
    """What their answers, their chat and what they sent still show."""
    found: set[str] = set()
    of_theirs = select(Conversation.id).where(Conversation.participant_id == owner)
    for row in session.scalars(select(Answer).where(Answer.conversation_id.in_(of_theirs))):
        body = seal.open("answer", row.id, "sealed_body", row.sealed_body)
        found |= {part.attachment for part in Said.model_validate_json(body).parts}
    for sent in session.scalars(select(Summary).where(Summary.participant_id == owner)):
        body = seal.open("summary", sent.id, "sealed_body", sent.sealed_body)
        copy = CoordinatorCopy.model_validate_json(body)
        found |= {part.attachment for item in copy.items for part in item.answer.parts}
    for line in session.scalars(select(ChatLine).where(ChatLine.conversation_id.in_(of_theirs))):
        body = seal.open("chat_line", line.id, "sealed_body", line.sealed_body)
        said = LineBody.model_validate_json(body).said
        if isinstance(said, Sent):
            found.add(said.attachment)
    return {UUID(one) for one in found if one}


# --- people and meetings ---


def _people_and_meetings(session: Session, ring: KeyRing, days: Retention, now: datetime) -> bool:
    """Whoever has nothing left that is kept goes, key first; a meeting goes with the last."""
    has_sent = exists().where(Summary.participant_id == Participant.id)
    due = (
        select(Participant)
        .join(Meeting, Meeting.id == Participant.meeting_id)
        .where(
            or_(
                over(days.keep_sent_days, now),
                and_(over(days.keep_drafts_after_meeting_days, now), ~has_sent),
            )
        )
        .with_for_update(of=Participant, skip_locked=True)
    )
    destroyed = False
    for person in session.scalars(due).all():
        destroyed |= _let_go(session, ring, person)
    ended = select(Meeting.id).where(
        over(days.keep_drafts_after_meeting_days, now),
        ~exists().where(Participant.meeting_id == Meeting.id),
    )
    for meeting in session.scalars(ended).all():
        session.execute(delete(Delivery).where(Delivery.meeting_id == meeting))
        ring.drop(meeting)
        session.execute(delete(Meeting).where(Meeting.id == meeting))
        destroyed = True
    return destroyed


def _let_go(session: Session, ring: KeyRing, person: Participant) -> bool:
    """True where their key was destroyed just now."""
    alerted = session.scalar(select(exists().where(Alert.participant_id == person.id)))
    if alerted:
        erase.keep_calling_for_help(session, ring, person)
    held = session.get(DataKey, person.id) is not None
    erase.delete_all_but_alerts(session, ring, person)
    if alerted:
        return held
    session.execute(delete(Delivery).where(Delivery.participant_id == person.id))
    session.delete(person)
    session.flush()
    return held
