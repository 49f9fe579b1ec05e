"""Ways in: invitations, short codes for another device, and browser sessions (promise P29).

Only hashes are stored. A token that is unknown, used, expired or revoked is answered alike.
"""

import secrets
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from sqlalchemy import or_, select, true, update
from sqlalchemy.orm import Session

from bot.store.models import Invitation
from bot.store.models import Session as BrowserSession
from bot.store.sealing import ServiceKey

_TOKEN_BYTES = 24
"""192 bits in 32 letters: a Telegram start payload holds 64 (Bot API, deep linking)."""

IDLE = timedelta(hours=24)
ABSOLUTE = timedelta(days=30)

DESK_IDLE = timedelta(hours=1)
DESK_ABSOLUTE = timedelta(hours=12)
"""A coordinator's: what they may read is other people's (NIST SP 800-63B-4, 2.2.3)."""
CODE_DUE_FOR = timedelta(minutes=10)
"""How long a right password waits for the code from the phone."""

_CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U to mistake."""
_CODE_LENGTH = 10
_CODE = "code"
_MISREAD = str.maketrans("OIL", "011")


@dataclass(frozen=True)
class Inside:
    """Whose browser this is."""

    participant_id: UUID | None
    coordinator_id: UUID | None
    code_due: bool
    """A coordinator's password was right, and nothing is open until their code comes too."""


def invite(
    session: Session,
    purpose: str,
    *,
    now: datetime,
    lasts: timedelta,
    participant_id: UUID | None = None,
    coordinator_id: UUID | None = None,
    by: str | None = None,
    row: UUID | None = None,
) -> str:
    """A new token. It is returned here and kept nowhere. Its row goes in at the next flush, so that
    those of many people go in together.

    Args:
        by: how it is given to them, as `bot.meetings.inviting` names the ways.
        row: its id, where that must be known; any when None.
    """
    token = _new_token()
    session.add(
        Invitation(
            id=row or uuid4(),
            purpose=purpose,
            participant_id=participant_id,
            coordinator_id=coordinator_id,
            token_hash=_hash(token),
            expires_at=now + lasts,
            given_at=now,
            given_by=by,
        )
    )
    return token


def renew(session: Session, given: Invitation, now: datetime, lasts: timedelta) -> str | None:
    """Another token in the place of one that went nowhere, which opens nothing from now on. None
    where it was used or revoked."""
    token = _new_token()
    renewed = session.execute(
        update(Invitation)
        .where(
            Invitation.id == given.id,
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .values(token_hash=_hash(token), given_at=now, expires_at=now + lasts)
        .returning(Invitation.id)
    )
    return token if renewed.first() is not None else None


def look_up(
    session: Session, token: str, purposes: Collection[str], now: datetime
) -> Invitation | None:
    """The invitation, if it still opens something. Looking has no effect."""
    found = _find(session, token, purposes)
    return found if found is not None and _opens(found, now) else None


def accept(
    session: Session, token: str, purposes: Collection[str], now: datetime
) -> Invitation | None:
    """Uses it up. Of two that race, one gets it."""
    found = _find(session, token, purposes)
    return found if found is not None and use(session, found.id, now) else None


def revoke_others(session: Session, used: Invitation, now: datetime) -> None:
    """The same person's other links of the kind that was used: one of them going astray later lets
    nobody in."""
    session.execute(
        update(Invitation)
        .where(
            Invitation.participant_id == used.participant_id,
            Invitation.purpose == used.purpose,
            Invitation.id != used.id,
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )


def use(session: Session, invitation: UUID, now: datetime) -> bool:
    """Marks an invitation as used; False when it opens nothing any more."""
    used = session.execute(
        update(Invitation)
        .where(
            Invitation.id == invitation,
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
        )
        .values(used_at=now)
        .returning(Invitation.id)
    )
    return used.first() is not None


def belongs_to(session: Session, token: str, participant: UUID) -> bool:
    """Whether a link, used or not, is this participant's own."""
    found = _find(session, token, ("web",))
    return found is not None and found.participant_id == participant


def revoke(
    session: Session, owner: UUID, now: datetime, purposes: Collection[str] | None = None
) -> None:
    """What was given to this participant or coordinator opens nothing any more.

    Args:
        purposes: only of these kinds; of every kind when None.
    """
    of_kind = true() if purposes is None else Invitation.purpose.in_(purposes)
    session.execute(
        update(Invitation)
        .where(
            or_(Invitation.participant_id == owner, Invitation.coordinator_id == owner),
            Invitation.revoked_at.is_(None),
            of_kind,
        )
        .values(revoked_at=now)
    )


# --- short codes ---


def new_code(
    session: Session, service_key: ServiceKey, participant: UUID, now: datetime, lasts: timedelta
) -> str:
    """A code to type on another device, such as `7K3D-Q0M-X4A`. The one before stops working."""
    session.execute(
        update(Invitation)
        .where(
            Invitation.participant_id == participant,
            Invitation.purpose == _CODE,
            Invitation.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
    code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
    session.add(
        Invitation(
            id=uuid4(),
            purpose=_CODE,
            participant_id=participant,
            token_hash=service_key.marks(code)[0],
            expires_at=now + lasts,
        )
    )
    session.flush()
    return f"{code[:4]}-{code[4:7]}-{code[7:]}"


def redeem_code(
    session: Session, service_key: ServiceKey, typed: str, now: datetime
) -> UUID | None:
    """The participant whose code this is. Case, spaces, hyphens, O for 0 and I for 1 do not count,
    nor which script's digits a keyboard gives.

    A code can be used again until it expires or a new one is made.
    """
    code = "".join(_plain(letter) for letter in typed.upper() if letter.isalnum())
    code = code.translate(_MISREAD)
    if len(code) != _CODE_LENGTH:
        return None
    found = session.scalar(
        select(Invitation).where(
            Invitation.token_hash.in_(service_key.marks(code)), Invitation.purpose == _CODE
        )
    )
    return found.participant_id if found is not None and _opens(found, now) else None


def _plain(letter: str) -> str:
    digit = unicodedata.decimal(letter, None)
    return letter if digit is None else str(digit)


# --- browser sessions ---


def sign_in(
    session: Session,
    *,
    now: datetime,
    participant_id: UUID | None = None,
    coordinator_id: UUID | None = None,
    code_due: bool = False,
) -> str:
    """A new browser session; what is returned is its cookie."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(
        BrowserSession(
            token_hash=_hash(token),
            participant_id=participant_id,
            coordinator_id=coordinator_id,
            created_at=now,
            seen_at=now,
            code_due=code_due,
        )
    )
    session.flush()
    return token


def who(session: Session, token: str, now: datetime, *, touch: bool = True) -> Inside | None:
    """Whose session a cookie is; None once it was ended, or idle or old for too long.

    Args:
        touch: whether a person did something just now. A page that only stands open asks without,
            or it would never become idle.
    """
    found = session.get(BrowserSession, _hash(token))
    if found is None or found.ended_at is not None:
        return None
    idle, absolute = _lasts(found)
    if found.seen_at + idle <= now or found.created_at + absolute <= now:
        return None
    if touch and found.seen_at + timedelta(minutes=1) <= now:
        found.seen_at = now
    return Inside(found.participant_id, found.coordinator_id, found.code_due)


def _lasts(found: BrowserSession) -> tuple[timedelta, timedelta]:
    if found.code_due:
        return CODE_DUE_FOR, CODE_DUE_FOR
    return (DESK_IDLE, DESK_ABSOLUTE) if found.coordinator_id is not None else (IDLE, ABSOLUTE)


def sign_out(session: Session, token: str, now: datetime) -> None:
    session.execute(
        update(BrowserSession)
        .where(BrowserSession.token_hash == _hash(token), BrowserSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def sign_out_everywhere(session: Session, coordinator: UUID, now: datetime) -> None:
    """No browser is in as this coordinator any more."""
    session.execute(
        update(BrowserSession)
        .where(BrowserSession.coordinator_id == coordinator, BrowserSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def _find(session: Session, token: str, purposes: Collection[str]) -> Invitation | None:
    return session.scalar(
        select(Invitation).where(
            Invitation.token_hash == _hash(token), Invitation.purpose.in_(purposes)
        )
    )


def _opens(invitation: Invitation, now: datetime) -> bool:
    return (
        invitation.used_at is None and invitation.revoked_at is None and invitation.expires_at > now
    )


def _new_token() -> str:
    """It ends in a letter or a number: phones take a sign at an address's end for the sentence's,
    and leave it out of the link."""
    token = ""
    while not token[-1:].isalnum():
        token = secrets.token_urlsafe(_TOKEN_BYTES)
    return token


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
