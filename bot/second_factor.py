"""The second factor: codes from an app on the coordinator's phone (RFC 6238), and ten codes on
paper for the day when the phone is lost."""

import hmac
import secrets
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import pyotp
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.store.models import Coordinator, RecoveryCode
from bot.store.sealing import KeyRing, Seal

ISSUER = "Beforehand"
STEP_S = 30
"""Seconds that a code lasts."""
DRIFT = 1
"""Steps that a phone's clock may be ahead or behind (RFC 6238, 5.2)."""

RECOVERY_CODES = 10
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U to mistake."""
_GROUPS = 4
"""Of four letters: 80 bits."""
_MISREAD = str.maketrans("OIL", "011")


def address_for_phone(session: Session, ring: KeyRing, coordinator: UUID) -> tuple[str, str]:
    """What an authenticator app needs, for someone who has not shown a right code yet.

    Returns:
        The `otpauth:` address for a QR code, and the secret in it for typing. The same ones until
        they are confirmed.
    """
    row = session.get_one(Coordinator, coordinator, with_for_update=True)
    seal = ring.of(row.id)
    if row.sealed_code_secret is None:
        secret = pyotp.random_base32()
        row.sealed_code_secret = seal.close("coordinator", row.id, "sealed_code_secret", secret)
    else:
        secret = _secret(row, seal, row.sealed_code_secret)
    email = seal.open_text("coordinator", row.id, "sealed_email", row.sealed_email)
    address = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)
    return address, secret


def confirm_phone(
    session: Session, ring: KeyRing, coordinator: UUID, typed: str, now: datetime
) -> tuple[str, ...]:
    """Turns the second factor on, once the phone has made a right code.

    Returns:
        The recovery codes, to be shown this once; nothing where the code was wrong.
    """
    row = session.get_one(Coordinator, coordinator, with_for_update=True)
    if row.codes_since is not None or not _is_next_code(row, ring.of(row.id), typed, now):
        return ()
    row.codes_since = now
    return new_recovery_codes(session, coordinator)


def new_recovery_codes(session: Session, coordinator: UUID) -> tuple[str, ...]:
    """Ten new ones, to be shown once. The ones before open nothing any more."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.coordinator_id == coordinator))
    codes = tuple(
        "".join(secrets.choice(_LETTERS) for _ in range(4 * _GROUPS)) for _ in range(RECOVERY_CODES)
    )
    session.add_all(
        RecoveryCode(coordinator_id=coordinator, code_hash=_hash(code)) for code in codes
    )
    return tuple("-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes)


def recovery_codes_left(session: Session, coordinator: UUID) -> int:
    """How many have not been used."""
    return len(
        session.scalars(
            select(RecoveryCode.id).where(
                RecoveryCode.coordinator_id == coordinator, RecoveryCode.used_at.is_(None)
            )
        ).all()
    )


def is_right(session: Session, ring: KeyRing, coordinator: UUID, typed: str, now: datetime) -> bool:
    """Whether this is the phone's code of the moment, or a recovery code. Either works once."""
    row = session.get_one(Coordinator, coordinator, with_for_update=True)
    if row.codes_since is None:
        return False
    return _is_next_code(row, ring.of(row.id), typed, now) or _use_recovery_code(
        session, coordinator, typed, now
    )


def forget(session: Session, coordinator: UUID) -> None:
    """The phone is lost: a new one is to be set up."""
    row = session.get_one(Coordinator, coordinator, with_for_update=True)
    row.sealed_code_secret = row.codes_since = row.last_code_step = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.coordinator_id == coordinator))


def _is_next_code(row: Coordinator, seal: Seal, typed: str, now: datetime) -> bool:
    if row.sealed_code_secret is None:
        return False
    codes = pyotp.TOTP(_secret(row, seal, row.sealed_code_secret), interval=STEP_S)
    code = "".join(letter for letter in typed if letter.isdecimal())
    this = int(now.timestamp()) // STEP_S
    last = -1 if row.last_code_step is None else row.last_code_step
    for step in range(this - DRIFT, this + DRIFT + 1):
        right = hmac.compare_digest(codes.generate_otp(step).encode(), code.encode())
        if right and step > last:
            row.last_code_step = step
            return True
    return False


def _use_recovery_code(session: Session, coordinator: UUID, typed: str, now: datetime) -> bool:
    code = "".join(letter for letter in typed.upper() if letter.isalnum()).translate(_MISREAD)
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.coordinator_id == coordinator,
            RecoveryCode.code_hash == _hash(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
    )
    return used.first() is not None


def _secret(row: Coordinator, seal: Seal, sealed: bytes) -> str:
    return seal.open_text("coordinator", row.id, "sealed_code_secret", sealed)


def _hash(code: str) -> bytes:
    return sha256(code.encode()).digest()
