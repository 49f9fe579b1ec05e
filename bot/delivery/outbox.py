"""The queue's rows: put in with the turn that made them, claimed with a lease, finished once.

The table is the truth and the queue at once. A row is written in the transaction of what caused
it; nobody overtakes within one recipient; only the attempt that holds a row may finish it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from pydantic import TypeAdapter
from sqlalchemy import bindparam, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from bot.delivery.letters import Brings, ChatLetter, DataLetter, Letter, PaperLetter
from bot.store.columns import Moment
from bot.store.models import TO_THE_DESK, Delivery, Summary
from bot.store.sealing import KeyGone, KeyRing, Seal, SealBroken

LEASE = timedelta(seconds=45)
"""Longer than any sending may take (30 s): who holds a lease longer is dead."""

TELEGRAM_DELETES_WITHIN = timedelta(hours=48)
"""A bot may delete messages in a private chat for so long (Bot API, deleteMessage)."""

_SWEEP_ATTEMPTS = 60
"""Those of the first hours, and one for each hour until the 48th."""

_LETTER: TypeAdapter[Letter] = TypeAdapter(Letter)


@dataclass(frozen=True)
class Claimed:
    """A delivery that this process holds, opened."""

    number: int
    id: UUID
    attempt: int
    kind: str
    channel: str
    recipient: str
    letter: Letter
    participant_id: UUID | None
    meeting_id: UUID | None


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt. `status`: sent, blocked, failed, or waiting to be tried again."""

    number: int
    attempt: int
    status: str
    remote_message: int | None = None
    error: str | None = None
    retry_at: datetime | None = None
    brought: Brings | None = None


_QUEUE = insert(Delivery).returning(Delivery.number)
_STILL_WAITING = select(
    exists().where(Delivery.recipient == bindparam("to"), Delivery.status == "waiting")
)


def queue(
    session: Session,
    seal: Seal,
    letter: Letter,
    *,
    kind: str,
    channel: str,
    recipient: str,
    now: datetime,
    due_at: datetime | None = None,
    key: str | None = None,
    step: str = "",
    participant_id: UUID | None = None,
    meeting_id: UUID | None = None,
    held: bool = False,
) -> Claimed | None:
    """Puts one letter into the queue.

    Args:
        held: claim it at once, for the process that queues it to send; None is returned, and the
            courier finds the row by itself, when something for this recipient still waits.
    """
    row = uuid4()
    connection = session.connection()
    if held:
        held = not connection.execute(_STILL_WAITING, {"to": recipient}).scalar()
    values = {
        "id": row,
        "key": key,
        "kind": kind,
        "channel": channel,
        "recipient": recipient,
        "owner_id": seal.owner,
        "participant_id": participant_id,
        "meeting_id": meeting_id,
        "sealed_body": seal.close("delivery", row, "sealed_body", letter.model_dump_json()),
        "quotes": isinstance(letter, DataLetter | PaperLetter)
        or (isinstance(letter, ChatLetter) and letter.message.quotes),
        "step": step,
        "due_at": due_at or now,
        "status": "waiting",
        "attempt": 1 if held else 0,
        "lease_until": now + LEASE if held else None,
    }
    number = connection.execute(_QUEUE, values).scalar_one()
    if not held:
        return None
    return Claimed(number, row, 1, kind, channel, recipient, letter, participant_id, meeting_id)


def queue_all(
    session: Session,
    seal: Seal,
    letters: Iterable[tuple[Letter, str, str]],
    *,
    kind: str,
    now: datetime,
    participant_id: UUID,
    meeting_id: UUID,
    held: bool = False,
) -> list[Claimed | None]:
    """Several of one kind about somebody, in this order: each with its channel and recipient."""
    return [
        queue(
            session,
            seal,
            letter,
            kind=kind,
            channel=channel,
            recipient=recipient,
            now=now,
            participant_id=participant_id,
            meeting_id=meeting_id,
            held=held,
        )
        for letter, channel, recipient in letters
    ]


_earlier = aliased(Delivery)
_DUE = (
    select(
        Delivery.number,
        Delivery.id,
        Delivery.attempt,
        Delivery.kind,
        Delivery.channel,
        Delivery.recipient,
        Delivery.owner_id,
        Delivery.participant_id,
        Delivery.meeting_id,
        Delivery.sealed_body,
    )
    .where(
        Delivery.status == "waiting",
        Delivery.due_at <= bindparam("now"),
        or_(Delivery.lease_until.is_(None), Delivery.lease_until <= bindparam("now")),
        ~exists().where(
            _earlier.recipient == Delivery.recipient,
            _earlier.status == "waiting",
            _earlier.number < Delivery.number,
        ),
    )
    .order_by(Delivery.number)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)
)
_TAKE = (
    update(Delivery)
    .where(Delivery.number == bindparam("of_number"))
    .values(
        attempt=Delivery.attempt + 1,
        lease_until=bindparam("until"),
        status=bindparam("to_status"),
        error=bindparam("to_error"),
    )
)


def claim(session: Session, ring: KeyRing, now: datetime, at_most: int) -> list[Claimed]:
    """Takes what is due and free, the oldest of each recipient; a lease runs on each."""
    connection = session.connection()
    due = connection.execute(_DUE, {"now": now, "at_most": at_most}).all()
    claimed, taken = [], []
    for row in due:
        status, error = "waiting", None
        try:
            body = ring.of(row.owner_id).open("delivery", row.id, "sealed_body", row.sealed_body)
        except KeyGone:
            status = "cancelled"  # its owner was erased after it was queued
        except SealBroken:
            status, error = "failed", "seal_broken"
        else:
            claimed.append(
                Claimed(
                    row.number,
                    row.id,
                    row.attempt + 1,
                    row.kind,
                    row.channel,
                    row.recipient,
                    _LETTER.validate_json(body),
                    row.participant_id,
                    row.meeting_id,
                )
            )
        taken.append(
            {"of_number": row.number, "until": now + LEASE, "to_status": status, "to_error": error}
        )
    if taken:
        connection.execute(_TAKE, taken)
    return claimed


def still_wanted(session: Session, claimed: Claimed) -> bool:
    """Asked just before sending: not cancelled since, and still ours."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    Delivery.number == claimed.number,
                    Delivery.status == "waiting",
                    Delivery.attempt == claimed.attempt,
                )
            )
        )
    )


_FINISH = (
    update(Delivery)
    .where(
        Delivery.number == bindparam("of_number"),
        Delivery.attempt == bindparam("of_attempt"),
        Delivery.status == "waiting",
    )
    .values(
        status=bindparam("status"),
        error=bindparam("error"),
        lease_until=None,
        finished_at=bindparam("finished"),
        remote_message=func.coalesce(bindparam("remote"), Delivery.remote_message),
        due_at=func.coalesce(bindparam("due", type_=Moment()), Delivery.due_at),
    )
)


def finish(session: Session, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Notes what came of attempts. One that lost its lease in the meantime changes nothing."""
    values = [
        {
            "of_number": outcome.number,
            "of_attempt": outcome.attempt,
            "status": outcome.status,
            "error": outcome.error,
            "finished": now if outcome.status != "waiting" else None,
            "remote": outcome.remote_message,
            "due": outcome.retry_at,
        }
        for outcome in outcomes
    ]
    session.connection().execute(_FINISH, values)
    for one in (outcome.brought for outcome in outcomes):
        if one is not None:
            session.execute(
                update(Summary)
                .where(Summary.id == one.summary, Summary.in_chat_of.is_(None))
                .values(in_chat_of=one.to)
            )


def release_all(session: Session) -> None:
    """At the start of the only process of a database: no lease can be anybody's."""
    session.execute(
        update(Delivery)
        .where(Delivery.status == "waiting", Delivery.lease_until.is_not(None))
        .values(lease_until=None)
    )


def cancel(
    session: Session,
    *,
    kinds: Sequence[str],
    participant_id: UUID | None = None,
    meeting_id: UUID | None = None,
) -> None:
    """Calls off what still waits, of these kinds. It may be queued again under the same key."""
    whose = (
        Delivery.participant_id == participant_id
        if participant_id is not None
        else Delivery.meeting_id == meeting_id
    )
    session.execute(
        update(Delivery)
        .where(Delivery.status == "waiting", Delivery.kind.in_(kinds), whose)
        .values(status="cancelled", key=None)
    )


def cancel_at_desk(session: Session, coordinator: UUID, recipients: Sequence[str]) -> set[UUID]:
    """Calls off what still waits for somebody at the desk, there. What comes to the same chat for
    somebody who prepares goes on, and so does clearing it.

    Returns:
        Whose summaries were among it.
    """
    called_off = session.execute(
        update(Delivery)
        .where(
            Delivery.status == "waiting",
            Delivery.recipient.in_(recipients),
            Delivery.kind != "hide",
            or_(Delivery.kind.in_(TO_THE_DESK), Delivery.owner_id == coordinator),
        )
        .values(status="cancelled", key=None)
        .returning(Delivery.kind, Delivery.participant_id)
        .execution_options(synchronize_session=False)
    ).all()
    return {who for kind, who in called_off if kind == "summary" and who is not None}


def cancel_all_to_person(session: Session, participant: UUID) -> None:
    """Calls off all that still waits for somebody who prepares. What goes about them to the desk
    goes on, and so does clearing their chat."""
    session.execute(
        update(Delivery)
        .where(
            Delivery.status == "waiting",
            Delivery.participant_id == participant,
            Delivery.kind.not_in((*TO_THE_DESK, "hide")),
        )
        .values(status="cancelled", key=None)
    )


def try_sweeps_again(session: Session) -> None:
    """Clearing a chat is given up only once Telegram would refuse it anyway. Called each hour."""
    session.execute(
        update(Delivery)
        .where(
            Delivery.kind == "hide",
            Delivery.status == "failed",
            Delivery.attempt < _SWEEP_ATTEMPTS,
        )
        .values(status="waiting", lease_until=None, finished_at=None)
    )
