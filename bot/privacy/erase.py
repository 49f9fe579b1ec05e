"""Wiping one person's preparation: their key, their rows, their ways in (promise P7).

What is left is a row that says that it was wiped, and, where help was called that nobody has
acknowledged yet, whom it is about. `Database.scrub` then clears the key from the database's files.
"""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.delivery.letters import SweepLetter
from bot.privacy import clearing
from bot.store.conversations import NobodyThere
from bot.store.models import (
    Alert,
    Answer,
    Attachment,
    AuditEntry,
    ChatLine,
    Conversation,
    Coordinator,
    Delivery,
    HeardMessage,
    HumanAnswer,
    Invitation,
    Meeting,
    Participant,
    Summary,
    Task,
    TelegramChat,
    Turn,
)
from bot.store.models import Session as BrowserSession
from bot.store.sealing import KeyRing


def wipe(session: Session, ring: KeyRing, participant: UUID, now: datetime, actor: str) -> None:
    """Wipes all that is held of a participant. Twice is once.

    Args:
        actor: who asked, for the audit log: `participant:<id>` or `operator`.

    Raises:
        bot.store.conversations.NobodyThere: no such participant.
    """
    row = session.get(Participant, participant, with_for_update=True)
    if row is None:
        raise NobodyThere
    if row.wiped_at is not None:
        return
    meeting = session.get_one(Meeting, row.meeting_id)
    _clear_chats(session, ring, row, meeting, now)
    if session.scalar(select(waits_for_help(row.id))):
        keep_calling_for_help(session, ring, row)
    delete_all_but_alerts(session, ring, row)
    row.wiped_at = now
    session.execute(
        insert(AuditEntry).values(
            id=uuid4(), at=now, actor=actor, action="wiped", subject_id=participant
        )
    )
    session.flush()


def delete_all_but_alerts(session: Session, ring: KeyRing, row: Participant) -> None:
    """What they said, sent and were sent, their ways in, their name, and their key."""
    forget_chat(session, row)
    delete_preparation(session, row.id)
    delete_sent(session, row.id)
    delete_ways_in(session, row.id)
    session.execute(delete(Attachment).where(Attachment.participant_id == row.id))
    _delete_letters(session, row)
    ring.drop(row.id)
    row.sealed_name = row.sealed_relation = row.sealed_child = b""
    row.sealed_contact = None
    row.telegram_chat, row.may_message, row.keeps_out, row.reminders = None, None, False, 0
    row.opened_at = row.seen_at = None
    session.flush()


def delete_preparation(session: Session, participant: UUID) -> None:
    """The draft: where the conversation is, the answers, the web chat's lines, handled updates, and
    what the coordinator answered."""
    of_theirs = select(Conversation.id).where(Conversation.participant_id == participant)
    for table in (Turn, ChatLine, Answer):
        session.execute(delete(table).where(table.conversation_id.in_(of_theirs)))
    session.execute(delete(Conversation).where(Conversation.participant_id == participant))
    session.execute(delete(HumanAnswer).where(HumanAnswer.participant_id == participant))


def delete_sent(session: Session, participant: UUID) -> None:
    """Our copy of what was sent, and what the coordinator was to do about it."""
    session.execute(delete(Summary).where(Summary.participant_id == participant))
    session.execute(delete(Task).where(Task.participant_id == participant))


def delete_ways_in(session: Session, participant: UUID) -> None:
    """Invitations, short codes and visits: from now on they are like any that never were."""
    theirs = select(Invitation.id).where(Invitation.participant_id == participant)
    session.execute(
        update(TelegramChat)
        .where(TelegramChat.invitation_id.in_(theirs))
        .values(invitation_id=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(Invitation).where(Invitation.participant_id == participant))
    session.execute(delete(BrowserSession).where(BrowserSession.participant_id == participant))


def forget_chat(session: Session, row: Participant) -> None:
    """Their Telegram chat talks as nobody any more."""
    session.execute(delete(HeardMessage).where(HeardMessage.chat.in_(_chats(session, row))))
    session.execute(
        update(TelegramChat)
        .where(TelegramChat.participant_id == row.id)
        .values(participant_id=None)
    )
    session.execute(
        delete(TelegramChat).where(
            TelegramChat.participant_id.is_(None), TelegramChat.invitation_id.is_(None)
        )
    )


def _chats(session: Session, row: Participant) -> set[int]:
    """Telegram chats that talk as them: one, or two after they changed their phone's account."""
    chats = session.scalars(select(TelegramChat.chat).where(TelegramChat.participant_id == row.id))
    return {*chats, *([] if row.telegram_chat is None else [row.telegram_chat])}


def waits_for_help(participant: UUID) -> ColumnElement[bool]:
    """Whether help was called for them that nobody has acknowledged."""
    return exists().where(Alert.participant_id == participant, Alert.acknowledged_at.is_(None))


def keep_calling_for_help(session: Session, ring: KeyRing, row: Participant) -> None:
    """What is left of an alert goes on: whom it is about, and its letters. What they said was never
    in it (promise P12)."""
    own, meeting = ring.find(row.id), ring.of(row.meeting_id)
    if own is None:
        return  # it was seen to when their key went
    name = own.open("participant", row.id, "sealed_name", row.sealed_name)
    row.sealed_alert_name = meeting.close("participant", row.id, "sealed_alert_name", name)
    letters = session.scalars(
        select(Delivery).where(
            Delivery.owner_id == row.id, Delivery.kind == "alert", Delivery.status == "waiting"
        )
    ).all()
    for letter in letters:
        body = own.open("delivery", letter.id, "sealed_body", letter.sealed_body)
        letter.sealed_body = meeting.close("delivery", letter.id, "sealed_body", body)
        letter.owner_id = row.meeting_id
    session.flush()


def _delete_letters(session: Session, row: Participant) -> None:
    """All that was sent or waits to be sent, but for calls for help that nobody acknowledged: of
    those that have arrived, or failed to, only that they did."""
    theirs = or_(Delivery.participant_id == row.id, Delivery.owner_id == row.id)
    if row.sealed_alert_name is not None:
        session.execute(
            update(Delivery)
            .where(theirs, Delivery.kind == "alert", Delivery.status != "waiting")
            .values(sealed_body=b"")
        )
        session.execute(delete(Delivery).where(theirs, Delivery.kind != "alert"))
    else:
        session.execute(delete(Delivery).where(theirs))


def _clear_chats(
    session: Session, ring: KeyRing, row: Participant, meeting: Meeting, now: datetime
) -> None:
    """Theirs, and the coordinator's own, as far as we brought their words there."""
    for chat in _chats(session, row):
        messages = clearing.all_that_can_go(session, chat, now)
        _sweep(session, ring, meeting.id, chat, messages, now)
    coordinator = session.get_one(Coordinator, meeting.coordinator_id)
    if coordinator.telegram_chat is not None:
        messages = clearing.sent_about(session, row.id, coordinator.telegram_chat, now)
        _sweep(session, ring, coordinator.id, coordinator.telegram_chat, messages, now)


def _sweep(
    session: Session,
    ring: KeyRing,
    owner: UUID,
    chat: int,
    messages: tuple[int, ...],
    now: datetime,
) -> None:
    if messages:
        outbox.queue(
            session,
            ring.of(owner),
            SweepLetter(messages=messages),
            kind="hide",
            channel="telegram",
            recipient=f"telegram:{chat}",
            now=now,
        )
