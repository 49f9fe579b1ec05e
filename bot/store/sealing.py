"""How words are sealed and opened, and the keys for it: the only module that touches cryptography
for that. What is to be sealed, and when a key must go, is decided elsewhere.

Each owner (a participant, a meeting, a coordinator) has one random data key that seals all of
theirs. It lies in `data_key`, itself sealed by the service's key, which is never kept beside the
data: to drop that row is to erase every word of its owner. AES-256-GCM throughout (NIST SP
800-38D); its nonces are random, as an owner's answers stay far below the 2^32 that this allows.
"""

import base64
import binascii
import hmac
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.store.models import DataKey

_KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_VERSION = b"\x01"
NONCE_ENDS = len(_VERSION) + _NONCE_BYTES
"""Where the sealed words begin. What is before is another each time that something is sealed."""
_REWRAP_AT_ONCE = 500
_KID = re.compile(r"[A-Za-z0-9_-]{1,16}")


class KeyUnusable(Exception):
    """The operator's: the service key is missing or wrong. Never says what was in it."""

    code: ClassVar[str] = "key_unusable"


class KeyGone(Exception):
    """There is no data key for this owner: everything of theirs has been erased."""

    code: ClassVar[str] = "key_gone"

    def __init__(self, owner: UUID) -> None:
        super().__init__(f"What belonged to {owner} has been erased and cannot be opened.")
        self.owner = owner


class SealBroken(Exception):
    """Something sealed was altered, cut short or moved, or the key is another one."""

    code: ClassVar[str] = "seal_broken"

    def __init__(self, table: str, row: UUID, column: str) -> None:
        super().__init__(
            f"{table}.{column} of {row} cannot be opened: it was altered, cut short or moved, "
            "or was sealed with another key."
        )


def new_secret() -> bytes:
    """A fresh random key of 32 bytes."""
    return os.urandom(_KEY_BYTES)


@dataclass(frozen=True, slots=True, eq=False)
class Seal:
    """One owner's data key, ready for use.

    What is sealed opens only for the same owner, table, row and column, so that nobody who can
    write to the database can pass one person's words off as another's. Name columns as the models
    do: `seal.close("answer", answer_id, "sealed_body", words)`.
    """

    owner: UUID
    _cipher: AESGCM = field(repr=False)

    @classmethod
    def of(cls, owner: UUID, secret: bytes) -> "Seal":
        return cls(owner, AESGCM(secret))

    def close(self, table: str, row: UUID, column: str, content: str | bytes) -> bytes:
        """Version, nonce, ciphertext and tag: 29 bytes more than the content."""
        plain = content.encode() if isinstance(content, str) else content
        nonce = os.urandom(_NONCE_BYTES)
        place = _place(table, column) + self.owner.bytes + row.bytes
        return _VERSION + nonce + self._cipher.encrypt(nonce, plain, place)

    def open(self, table: str, row: UUID, column: str, sealed: bytes) -> bytes:
        """What was sealed there. Raises SealBroken."""
        if sealed[:1] != _VERSION or len(sealed) < NONCE_ENDS + _TAG_BYTES:
            raise SealBroken(table, row, column)
        place = _place(table, column) + self.owner.bytes + row.bytes
        try:
            return self._cipher.decrypt(sealed[1:NONCE_ENDS], sealed[NONCE_ENDS:], place)
        except InvalidTag:
            raise SealBroken(table, row, column) from None

    def open_text(self, table: str, row: UUID, column: str, sealed: bytes) -> str:
        return self.open(table, row, column, sealed).decode()


@lru_cache(maxsize=256)
def _place(table: str, column: str) -> bytes:
    """With lengths, so that no two places share one encoding; two ids of 16 bytes follow."""
    names = (table.encode(), column.encode())
    return _VERSION + b"".join(len(name).to_bytes(2) + name for name in names)


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """One line of the service key. Each use has a key of its own, derived from the line's."""

    kid: str
    cipher: AESGCM = field(repr=False)
    mark_key: bytes = field(repr=False)

    @classmethod
    def of(cls, kid: str, key: bytes) -> "_Line":
        return cls(kid, AESGCM(_derive(key, b"wrap")), _derive(key, b"mark"))


def _derive(key: bytes, use: bytes) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=b"beforehand " + use).derive(key)


@dataclass(frozen=True, slots=True, eq=False)
class ServiceKey:
    """The key that seals the data keys. Its first line is current; the others only open."""

    _lines: tuple[_Line, ...] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "ServiceKey":
        """Reads `kid:base64 of 32 bytes`, by lines or commas. Raises KeyUnusable."""
        entries = [entry.strip() for entry in re.split(r"[\n,]", text) if entry.strip()]
        if not entries:
            raise _unusable("is not set")
        lines = tuple(_read_line(entry, number) for number, entry in enumerate(entries, 1))
        if len({line.kid for line in lines}) < len(lines):
            raise _unusable("names two keys alike; give each its own name before the colon")
        return cls(lines)

    @staticmethod
    def new_line(kid: str) -> str:
        """A new random key to put in BEFOREHAND_KEY. `kid` names it, such as `k20261123`."""
        if not _KID.fullmatch(kid):
            raise ValueError("a key's name is 1 to 16 letters, digits, - or _")
        return f"{kid}:{base64.b64encode(new_secret()).decode()}"

    @property
    def current_kid(self) -> str:
        return self._lines[0].kid

    def wrap(self, owner: UUID, secret: bytes) -> tuple[str, bytes]:
        """The current line's name, and the data key sealed by it for this owner alone."""
        line = self._lines[0]
        nonce = os.urandom(_NONCE_BYTES)
        return line.kid, nonce + line.cipher.encrypt(nonce, secret, _wrapping(owner, line.kid))

    def unwrap(self, owner: UUID, kid: str, wrapped: bytes) -> bytes:
        """Raises KeyUnusable where that line is not here, SealBroken where it does not fit."""
        line = next((line for line in self._lines if line.kid == kid), None)
        if line is None:
            raise _unusable(f"lacks the line {kid}, which data here is sealed with; put it back")
        nonce, sealed = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        try:
            return line.cipher.decrypt(nonce, sealed, _wrapping(owner, kid))
        except (InvalidTag, ValueError):  # ValueError: cut short within the nonce
            raise SealBroken("data_key", owner, "wrapped") from None

    def marks(self, text: str) -> tuple[bytes, ...]:
        """Keyed hashes of an e-mail address or short code, to find it without storing it.

        Store the first; look up by all of them. Case and surrounding space do not count.
        """
        plain = text.strip().casefold().encode()
        return tuple(hmac.digest(line.mark_key, plain, "sha256") for line in self._lines)


def _read_line(entry: str, number: int) -> _Line:
    kid, colon, encoded = entry.partition(":")
    if not colon or not _KID.fullmatch(kid.strip()):
        raise _unusable(f"needs a name before a colon at key {number}, such as k20261123:…")
    try:
        key = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise _unusable(f"is not base64 of {_KEY_BYTES} bytes at key {number}")
    return _Line.of(kid.strip(), key)


def _unusable(what: str) -> KeyUnusable:
    return KeyUnusable(
        f"The service key (BEFOREHAND_KEY, or the file that BEFOREHAND_KEY_FILE names) {what}. "
        "`beforehand key new` makes one; without the old one, what it sealed stays closed."
    )


def _wrapping(owner: UUID, kid: str) -> bytes:
    return _place("data_key", kid) + owner.bytes


class KeyRing:
    """The data keys that one transaction needs. Make one for each; it keeps what it opened."""

    def __init__(self, session: Session, service_key: ServiceKey) -> None:
        self._session = session
        self._service_key = service_key
        self._seals: dict[UUID, Seal] = {}
        self._gone: set[UUID] = set()

    def create(self, owner: UUID) -> Seal:
        """A new data key for someone who has none. The row goes in at the next flush."""
        secret = new_secret()
        kid, wrapped = self._service_key.wrap(owner, secret)
        self._session.add(DataKey(owner_id=owner, wrapped=wrapped, kid=kid))
        return self._keep(owner, secret)

    def of(self, owner: UUID) -> Seal:
        """Raises KeyGone where the owner was erased (or never had a key)."""
        if owner in self._seals:
            return self._seals[owner]
        if owner in self._gone:
            raise KeyGone(owner)
        held = select(DataKey.kid, DataKey.wrapped).where(DataKey.owner_id == owner)
        row = self._session.execute(held).one_or_none()
        if row is None:
            raise KeyGone(owner)
        return self._keep(owner, self._service_key.unwrap(owner, row.kid, row.wrapped))

    def find(self, owner: UUID) -> Seal | None:
        """None where the owner was erased."""
        try:
            return self.of(owner)
        except KeyGone:
            return None

    def take(self, owner: UUID, kid: str | None, wrapped: bytes | None) -> Seal:
        """A data key that a larger query read along. Raises KeyGone where there is none."""
        if owner in self._seals:
            return self._seals[owner]
        if kid is None or wrapped is None:
            self._gone.add(owner)
            raise KeyGone(owner)
        return self._keep(owner, self._service_key.unwrap(owner, kid, wrapped))

    def read_along(self, owners: Iterable[UUID]) -> None:
        """The data keys of many, in one query."""
        wanted = [owner for owner in owners if owner not in self._seals]
        held = select(DataKey.owner_id, DataKey.kid, DataKey.wrapped)
        found = self._session.execute(held.where(DataKey.owner_id.in_(wanted))).all()
        for owner, kid, wrapped in found:
            self.take(owner, kid, wrapped)
        self._gone |= {*wanted} - {row.owner_id for row in found}

    def marks(self, text: str) -> tuple[bytes, ...]:
        """See ServiceKey.marks."""
        return self._service_key.marks(text)

    def drop(self, owner: UUID) -> None:
        """Erases: nothing of this owner's opens again once this is committed.

        `Database.scrub` then clears what the database's own files still hold of the key.
        """
        self._seals.pop(owner, None)
        self._session.execute(delete(DataKey).where(DataKey.owner_id == owner))

    def _keep(self, owner: UUID, secret: bytes) -> Seal:
        self._gone.discard(owner)
        seal = self._seals[owner] = Seal.of(owner, secret)
        return seal


def rewrap_all(session: Session, service_key: ServiceKey) -> int:
    """Seals every data key anew with the current line, and says how many.

    Commits batch by batch, so that the service goes on beside it. The old line may be taken away
    once every process has the new one first, this has then found nothing left to do, and nothing
    is looked up any more by a mark that the old line made (store.rotation makes those anew).
    """
    count = 0
    others = (
        select(DataKey.owner_id, DataKey.kid, DataKey.wrapped)
        .where(DataKey.kid != service_key.current_kid)
        .order_by(DataKey.owner_id)
        .limit(_REWRAP_AT_ONCE)
        .with_for_update()
    )
    while rows := session.execute(others).all():
        changes = []
        for owner, kid, wrapped in rows:
            new_kid, anew = service_key.wrap(owner, service_key.unwrap(owner, kid, wrapped))
            changes.append({"owner_id": owner, "kid": new_kid, "wrapped": anew})
        session.execute(update(DataKey), changes)
        session.commit()
        count += len(rows)
    return count
