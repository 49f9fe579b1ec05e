"""The tables. How they are reached is database's, how words are sealed is sealing's.

Columns named `sealed_…` hold ciphertext made by `store.sealing` with the data key of the row's
owner; nothing else here may hold a word that a person wrote, nor a name.
"""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.columns import Base


class DataKey(Base):
    """What seals one owner's words, itself sealed by the service's key. Erasing drops this row."""

    __tablename__ = "data_key"
    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    """A participant, a meeting or a coordinator."""
    wrapped: Mapped[bytes]
    kid: Mapped[str] = mapped_column(String(16), index=True)


class Coordinator(Base):
    __tablename__ = "coordinator"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email_mark: Mapped[bytes] = mapped_column(unique=True)
    """A keyed hash: finds the person at sign-in without keeping the address in clear."""
    role: Mapped[str] = mapped_column(
        String(16), default="coordinator", server_default="coordinator"
    )
    """`coordinator`, or `administrator`: who sets the service up and sees none of the words."""
    sealed_email: Mapped[bytes]
    sealed_name: Mapped[bytes]
    language: Mapped[str] = mapped_column(String(8))
    password_hash: Mapped[str | None]
    sealed_code_secret: Mapped[bytes | None]
    """What the codes on their phone are made from (RFC 6238)."""
    codes_since: Mapped[datetime | None]
    """When they showed that their phone makes the right codes; None before that."""
    last_code_step: Mapped[int | None]
    """The 30 seconds whose code was used last: none works twice (RFC 6238, 5.2)."""
    telegram_chat: Mapped[int | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """Gets a coordinator in once whose phone is lost. Random enough for a plain hash."""

    __tablename__ = "recovery_code"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    coordinator_id: Mapped[UUID] = mapped_column(ForeignKey("coordinator.id"), index=True)
    code_hash: Mapped[bytes]
    used_at: Mapped[datetime | None]


class Meeting(Base):
    __tablename__ = "meeting"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    coordinator_id: Mapped[UUID] = mapped_column(ForeignKey("coordinator.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    sealed_title: Mapped[bytes]
    sealed_place: Mapped[bytes]
    sealed_about: Mapped[bytes | None]
    """What the coordinator wrote of it, for everybody in the family."""
    sealed_duty_contact: Mapped[bytes | None]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    timezone: Mapped[str] = mapped_column(String(64))
    nation: Mapped[str] = mapped_column(String(20))
    cancelled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Participant(Base):
    """Someone who prepares for one meeting."""

    __tablename__ = "participant"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    meeting_id: Mapped[UUID] = mapped_column(ForeignKey("meeting.id"), index=True)
    reference: Mapped[str] = mapped_column(String(64))
    """The id that the service's own file gives; unique within a meeting."""
    sealed_name: Mapped[bytes]
    sealed_relation: Mapped[bytes]
    """"Kit's mum": what the confirm question names, and nothing else."""
    sealed_child: Mapped[bytes]
    """How the child is named to this person; empty where it is not told."""
    role: Mapped[str] = mapped_column(String(16))
    age_band: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(8))
    channel: Mapped[str] = mapped_column(String(12))
    telegram_chat: Mapped[int | None] = mapped_column(index=True)
    may_message: Mapped[bool | None]
    """The answer to "may we message this phone?"; None until it is given."""
    reminders: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    wiped_at: Mapped[datetime | None]
    """When all of theirs was wiped; the row is left so that the coordinator sees that it was."""
    keeps_out: Mapped[bool] = mapped_column(default=False, server_default=false())
    """They asked that their answers be kept out of their Telegram chat."""
    sealed_contact: Mapped[bytes | None]
    """By which ways they may be written to, and to which number and address."""
    sealed_alert_name: Mapped[bytes | None]
    """Whom an alert is about, once all else was wiped. Sealed with the meeting's key."""
    __table_args__ = (UniqueConstraint("meeting_id", "reference"),)


class Invitation(Base):
    """A way in, stored as a hash. `purpose`: web, telegram, code, coordinator_web,
    coordinator_telegram."""

    __tablename__ = "invitation"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    purpose: Mapped[str] = mapped_column(String(24))
    participant_id: Mapped[UUID | None] = mapped_column(ForeignKey("participant.id"), index=True)
    coordinator_id: Mapped[UUID | None] = mapped_column(ForeignKey("coordinator.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    given_at: Mapped[datetime | None]
    given_by: Mapped[str | None] = mapped_column(String(12))
    """How a participant's was given: link, letter, text, mail, here."""


class Session(Base):
    """A browser that is in. The cookie holds a random token, this row its hash."""

    __tablename__ = "session"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    participant_id: Mapped[UUID | None] = mapped_column(ForeignKey("participant.id"), index=True)
    coordinator_id: Mapped[UUID | None] = mapped_column(ForeignKey("coordinator.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    code_due: Mapped[bool] = mapped_column(default=False, server_default=false())
    """A coordinator's password was right, and the code from their phone is still to come."""


class TelegramChat(Base):
    """Whom a Telegram chat is talking as, now."""

    __tablename__ = "telegram_chat"
    chat: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    participant_id: Mapped[UUID | None] = mapped_column(ForeignKey("participant.id"))
    invitation_id: Mapped[UUID | None] = mapped_column(ForeignKey("invitation.id"))
    """Opened but not yet confirmed."""


class HeardMessage(Base):
    """A message that someone sent in a Telegram chat, so that it can be cleared there. Its number
    and its time; never what it said."""

    __tablename__ = "heard_message"
    chat: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    message: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)


class Conversation(Base):
    __tablename__ = "conversation"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), unique=True)
    flow: Mapped[str] = mapped_column(String(24))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(48))
    revision: Mapped[int]
    sealed_memory: Mapped[bytes]
    """The conversation without its answers."""
    started_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    language: Mapped[str | None] = mapped_column(String(8))
    """What they chose for their chat; None where no turn was taken since we keep it. The language
    that their coordinator noted stays with the participant, whether we speak it or not."""
    answered: Mapped[int] = mapped_column(default=0)
    """How many questions have been dealt with. A count, never which or how."""
    sent_at: Mapped[datetime | None]
    lock_version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": lock_version}  # noqa: RUF012


class Answer(Base):
    __tablename__ = "answer"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    step: Mapped[str] = mapped_column(String(24))
    sealed_body: Mapped[bytes]
    """Kind, words, sharing, who says it, not to whom, and the wording shown."""
    answered_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("conversation_id", "step"),)


class Attachment(Base):
    __tablename__ = "attachment"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    media_type: Mapped[str] = mapped_column(String(40))
    sealed_content: Mapped[bytes]
    created_at: Mapped[datetime]


class Turn(Base):
    """One update, handled once. The key is unique: who inserts it first takes the turn."""

    __tablename__ = "turn"
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    """`telegram:<update id>` or `web:<conversation>:<form key>`."""
    conversation_id: Mapped[UUID | None] = mapped_column(ForeignKey("conversation.id"), index=True)
    at: Mapped[datetime]


class ChatLine(Base):
    """What was said in a web chat, by either side, so that the page can be shown again."""

    __tablename__ = "chat_line"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    number: Mapped[int]
    author: Mapped[str] = mapped_column(String(12))
    """`person`, `assistant`, or `coordinator` (a human)."""
    turn_key: Mapped[str] = mapped_column(String(80))
    sealed_body: Mapped[bytes]
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("conversation_id", "number"),)


class Summary(Base):
    """Exactly what a person saw and sent; one row a version."""

    __tablename__ = "summary"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"))
    version: Mapped[int]
    sealed_body: Mapped[bytes]
    sent_at: Mapped[datetime]
    first_read_at: Mapped[datetime | None]
    first_read_by: Mapped[UUID | None]
    """The coordinator who opened it then. The meeting may be another's by now."""
    in_chat_of: Mapped[UUID | None]
    """The coordinator into whose own chat its words came. That is not to have read them."""
    __table_args__ = (UniqueConstraint("participant_id", "version"),)


DATA_TASK = "~data"
"""The step of the task to know that someone asked for their data. No flow's step is called so."""


class Task(Base):
    """Something for the coordinator to do. The words are the flow's own, found by step."""

    __tablename__ = "task"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"))
    step: Mapped[str] = mapped_column(String(24))
    raised_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    sealed_owner: Mapped[bytes | None]
    """Who sees to it, where that is not the coordinator. Sealed as the participant's."""
    __table_args__ = (UniqueConstraint("participant_id", "step"),)


class HumanAnswer(Base):
    """What a coordinator answered somebody: a human's words, for that person's own chat."""

    __tablename__ = "human_answer"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    sealed_body: Mapped[bytes]
    written_at: Mapped[datetime]
    shown_at: Mapped[datetime | None]
    """When their chat brought it to them."""


class Alert(Base):
    """Someone may be in danger. Holds no words: who, which kind, and what was done."""

    __tablename__ = "alert"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    step: Mapped[str] = mapped_column(String(24))
    category: Mapped[str] = mapped_column(String(24))
    raised_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    categories: Mapped[str] = mapped_column(String(240), default="", server_default="")
    """Kinds of danger heard in own words, with commas between; empty where it was tapped."""
    escalated: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many after the coordinator and the duty inbox have been told."""
    escalated_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
    """What it was in the end: `needed_action` or `false_alarm`."""


class ServiceRow(Base):
    """What the service says of itself: one row."""

    __tablename__ = "service"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    sealed_body: Mapped[bytes]
    changed_at: Mapped[datetime]


class AuditEntry(Base):
    """Who did what to which row, and when. Never any content; never changed."""

    __tablename__ = "audit_entry"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID | None]


TO_THE_DESK = (
    *("alert", "summary", "taken_back", "roundup", "leaving", "morning", "handed_over", "new_link"),
)
"""Kinds of deliveries that go to coordinators and whoever is on the rota, and to no family."""


class Delivery(Base):
    """What must reach someone, and when: the truth and the queue at once (STACK, Delivery).

    Claimed by lease, lowest `number` of its `recipient` first; finished only by the attempt
    that holds it.
    """

    __tablename__ = "delivery"
    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    id: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    key: Mapped[str | None] = mapped_column(String(96), unique=True)
    """Makes a scheduled delivery happen once: `reminder:<participant>:1`."""
    kind: Mapped[str] = mapped_column(String(16))
    """One of TO_THE_DESK, or reply, hide (clears a chat), invitation, data, reminder, news (of the
    meeting), notice (anything else)."""
    channel: Mapped[str] = mapped_column(String(12))
    """telegram, mail or text."""
    recipient: Mapped[str] = mapped_column(String(48))
    """The chat, inbox or phone within which order is kept: `telegram:<chat>`, `mail:<whose id>`,
    `text:<whose id>`, `duty:<meeting>`, `rota:<mark of the address>`, `service`."""
    owner_id: Mapped[UUID]
    """Whose data key seals the words."""
    participant_id: Mapped[UUID | None] = mapped_column(ForeignKey("participant.id"), index=True)
    meeting_id: Mapped[UUID | None] = mapped_column(ForeignKey("meeting.id"), index=True)
    sealed_body: Mapped[bytes]
    quotes: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Repeats words of the person's, so it goes when they keep their answers out of the chat."""
    step: Mapped[str] = mapped_column(String(24), default="")
    due_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(12), default="waiting")
    """waiting, sent, failed, blocked, cancelled."""
    attempt: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    remote_message: Mapped[int | None]
    """Telegram's message id, to edit or delete it and to know what a reply is about."""
    error: Mapped[str | None] = mapped_column(String(40))
    __table_args__ = (
        Index("ix_delivery_waiting", "recipient", "status", "number"),
        Index("ix_delivery_due", "status", "due_at"),
    )


TABLES: Final = tuple(Base.metadata.sorted_tables)
"""All of them, those that others point to first."""
