"""Ways in for one person: each is given in some way, seen to be opened, and can be taken back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot import invitations
from bot.delivery import outbox
from bot.meetings.contact import Sending
from bot.meetings.files import UNDER_16
from bot.store.conversations import NobodyThere
from bot.store.models import AuditEntry, Invitation, Meeting, Participant, TelegramChat
from bot.store.models import Session as BrowserSession

SHORTEST_INVITATION: Final = timedelta(days=2)
"""Invitations last until the meeting begins, and at least for so long."""

By = Literal["link", "letter", "text", "mail", "here"]
"""How a link is given: shown to the coordinator, printed, sent, or opened on the device at hand."""


@dataclass(frozen=True)
class WayIn:
    """One person's tokens. They exist here only: the store has their hashes."""

    id: str
    participant_id: UUID
    web: str
    telegram: str | None
    """None for those who may use the web only."""


def way_in(
    session: Session, participant: UUID, now: datetime, actor: str, by: By = "link"
) -> WayIn:
    """New links. Those given before still open, until one of them is used.

    Raises:
        bot.store.conversations.NobodyThere: no such participant, or they have wiped everything.
    """
    row = _there(session, participant)
    lasts = _lasts(session.get_one(Meeting, row.meeting_id), now)
    web = _link(session, row, "web", now, lasts, by)
    to_telegram = by == "link" and may_use_telegram(row)
    telegram = _link(session, row, "telegram", now, lasts, by) if to_telegram else None
    _note(session, actor, "invited", row.id, now)
    return WayIn(row.reference, row.id, web, telegram)


def way_in_of(
    session: Session, participant: UUID, letter: UUID, now: datetime, by: Sending
) -> str | None:
    """The link of one letter or message that leaves now. Each time that it has to be sent again it
    brings another in the place of the one before, so that a failed try leaves nothing that opens.
    None where that one was used or taken back meanwhile.

    Args:
        letter: the delivery's id, which is the link's too.

    Raises:
        bot.store.conversations.NobodyThere: no such participant, or they have wiped everything.
    """
    row = _there(session, participant)
    lasts = _lasts(session.get_one(Meeting, row.meeting_id), now)
    tried = session.get(Invitation, letter)
    if tried is not None:
        return invitations.renew(session, tried, now, lasts)
    _note(session, "service", "invited", row.id, now)
    return invitations.invite(
        session, "web", participant_id=row.id, now=now, lasts=lasts, by=by, row=letter
    )


def letters_in(
    session: Session, participants: Collection[UUID], now: datetime, actor: str
) -> dict[UUID, WayIn]:
    """New links to print for many at once, with as many queries for a hundred as for one. Whoever
    has wiped everything gets none."""
    rows = session.execute(
        select(Participant, Meeting)
        .join(Meeting, Meeting.id == Participant.meeting_id)
        .where(Participant.id.in_(participants), Participant.wiped_at.is_(None))
        .with_for_update(of=Participant)
    ).all()
    made = {}
    for row, meeting in rows:
        web = _link(session, row, "web", now, _lasts(meeting, now), "letter")
        _note(session, actor, "invited", row.id, now)
        made[row.id] = WayIn(row.reference, row.id, web, None)
    session.flush()
    return made


def _lasts(meeting: Meeting, now: datetime) -> timedelta:
    return max(meeting.starts_at - now, SHORTEST_INVITATION)


def _link(
    session: Session, row: Participant, purpose: str, now: datetime, lasts: timedelta, by: By
) -> str:
    return invitations.invite(
        session, purpose=purpose, participant_id=row.id, now=now, lasts=lasts, by=by
    )


def may_use_telegram(participant: Participant) -> bool:
    """Telegram's own terms ask for 16."""
    return participant.age_band not in UNDER_16


def reissue(session: Session, participant: UUID, now: datetime, actor: str = "operator") -> WayIn:
    """For someone whose link was lost, or opened by somebody else (promise P29): puts everybody out
    who is in as this participant, and gives new links. What was prepared stays.

    Raises:
        bot.store.conversations.NobodyThere: no such participant, or they have wiped everything.
    """
    _put_out(session, _there(session, participant), now)
    return way_in(session, participant, now, actor)


def take_back(session: Session, participant: UUID, now: datetime, actor: str) -> None:
    """No link opens anything any more, and whoever was in is out. What was prepared stays.

    Raises:
        bot.store.conversations.NobodyThere: no such participant, or they have wiped everything.
    """
    row = _there(session, participant)
    _put_out(session, row, now)
    _note(session, actor, "links_taken_back", row.id, now)


@dataclass(frozen=True)
class Given:
    """One link to the web, as the store knows it: never the link itself."""

    by: str
    """As in `By`; empty for one of before this was kept."""
    given_at: datetime | None
    expires_at: datetime
    used_at: datetime | None
    opens: bool


def given_to(session: Session, participant: UUID, now: datetime) -> tuple[Given, ...]:
    """What was given to someone, the newest first."""
    rows = session.scalars(
        select(Invitation)
        .where(Invitation.participant_id == participant, Invitation.purpose == "web")
        .order_by(Invitation.given_at.desc(), Invitation.id)
    )
    return tuple(
        Given(
            row.given_by or "",
            row.given_at,
            row.expires_at,
            row.used_at,
            row.used_at is None and row.revoked_at is None and row.expires_at > now,
        )
        for row in rows
    )


def _there(session: Session, participant: UUID) -> Participant:
    row = session.get(Participant, participant, with_for_update=True)
    if row is None or row.wiped_at is not None:
        raise NobodyThere
    return row


def _put_out(session: Session, row: Participant, now: datetime) -> None:
    invitations.revoke(session, row.id, now)
    outbox.cancel_all_to_person(session, row.id)
    session.execute(
        update(BrowserSession)
        .where(BrowserSession.participant_id == row.id, BrowserSession.ended_at.is_(None))
        .values(ended_at=now)
    )
    session.execute(
        update(TelegramChat)
        .where(TelegramChat.participant_id == row.id)
        .values(participant_id=None, invitation_id=None)
    )
    row.telegram_chat = None
    session.flush()


def _note(session: Session, actor: str, action: str, subject: UUID, now: datetime) -> None:
    session.add(AuditEntry(at=now, actor=actor, action=action, subject_id=subject))
