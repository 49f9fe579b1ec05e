"""How a coordinator gets in: a password or a link that works once, and the code from their phone.

Whether an address is known never shows: not in what is said, not in how long it takes.
"""

import asyncio
import hashlib
import secrets
import unicodedata
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import ClassVar
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import second_factor
from bot.store.database import Database
from bot.store.models import AuditEntry, Coordinator
from bot.store.sealing import KeyRing, ServiceKey

SHORTEST_PASSWORD = 12
"""Characters. Length counts, not signs and digits (NIST SP 800-63B, 5.1.1.2)."""
LONGEST_PASSWORD = 256
FEWEST_LETTERS = 4
"""Different ones: aaaaaaaaaaaa is long, and no password."""

AT_ONCE = 2
"""Passwords checked side by side: each takes 64 MiB and 0.1 s (WEB.md, 1)."""
WAITING = 20
"""Beyond these, people are asked to come back."""


class TooOften(Exception):
    """Too many wrong tries, or too many people at once. Says nothing of whom it concerns."""

    code: ClassVar[str] = "too_often"


class PasswordUnfit(Exception):
    """Too short, too long, too even, or not typed alike twice."""

    code: ClassVar[str] = "password_unfit"


class PasswordWrong(Exception):
    """The one that is to be changed was not the right one."""

    code: ClassVar[str] = "password_wrong"


@dataclass
class Slowing:
    """Wrong tries, remembered in this process for a while, by keys that are hashes.

    After `free` of them each further one makes the wait longer: 30 s, 1 min, 2 min, ... 15 min.
    """

    free: int
    forget_after: timedelta = timedelta(minutes=30)
    longest_wait: timedelta = timedelta(minutes=15)
    most_keys: int = 10_000
    _tries: OrderedDict[bytes, tuple[int, datetime]] = field(default_factory=OrderedDict)

    def must_wait(self, key: bytes, now: datetime) -> bool:
        count, last = self._tries.get(key, (0, now))
        if now - last >= self.forget_after:
            return False
        return count >= self.free and now - last < self._wait(count)

    def failed(self, key: bytes, now: datetime) -> None:
        count, last = self._tries.pop(key, (0, now))
        self._tries[key] = (1 if now - last >= self.forget_after else count + 1, now)
        while len(self._tries) > self.most_keys:
            self._tries.popitem(last=False)

    def forgive(self, key: bytes) -> None:
        self._tries.pop(key, None)

    def _wait(self, count: int) -> timedelta:
        doubled_s = 30 << min(count - self.free, 10)
        return min(timedelta(seconds=doubled_s), self.longest_wait)


def _with_nobodys(hasher: PasswordHasher) -> tuple[PasswordHasher, str]:
    """And a hash to check where there is no password to check, so that it takes as long."""
    return hasher, hasher.hash(secrets.token_hex(16))


@cache
def _usual() -> tuple[PasswordHasher, str]:
    """As argon2-cffi sets it. Once for each process: it takes a tenth of a second."""
    return _with_nobodys(PasswordHasher())


class SignIn:
    """Checks and sets passwords. One for the site."""

    def __init__(
        self, database: Database, service_key: ServiceKey, hasher: PasswordHasher | None = None
    ) -> None:
        self._database = database
        self._service_key = service_key
        self._hasher, self._nobodys_hash = _usual() if hasher is None else _with_nobodys(hasher)
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._by_email = Slowing(free=5)
        self._by_address = Slowing(free=30)  # one office, one address
        self._by_coordinator = Slowing(free=5)
        self._salt = secrets.token_bytes(16)

    async def check(self, email: str, password: str, address: str, now: datetime) -> UUID | None:
        """Whose e-mail address and password these are; None where they are nobody's.

        Raises:
            TooOften: come back later.
        """
        marks = self._service_key.marks(email)
        keys = ((self._by_email, marks[0]), (self._by_address, self._hidden(address)))
        if any(slowing.must_wait(key, now) for slowing, key in keys):
            raise TooOften
        coordinator, stored = await self._database.run(lambda session: _stored(session, marks))
        with self._in_line():
            right = await self._matches(stored or self._nobodys_hash, password)
        if coordinator is None or stored is None or not right:
            for slowing, key in keys:
                slowing.failed(key, now)
            if coordinator is not None:
                await self._note_refusal(coordinator, "sign_in_refused", now)
            return None
        self._by_email.forgive(marks[0])
        return coordinator

    def link_failed(self, address: str, now: datetime) -> None:
        """Someone tried a link that is none."""
        self._by_address.failed(self._hidden(address), now)

    def refuse_if_too_often(self, address: str, now: datetime) -> None:
        """Raises TooOften."""
        if self._by_address.must_wait(self._hidden(address), now):
            raise TooOften

    async def code_is_right(self, coordinator: UUID, typed: str, now: datetime) -> bool:
        """Whether this is the code from their phone, or a recovery code. Either works once.

        Raises:
            TooOften: come back later.
        """
        self._refuse_if_guessing(coordinator, now)
        right = await self._database.run(
            lambda session: second_factor.is_right(
                session, KeyRing(session, self._service_key), coordinator, typed, now
            )
        )
        await self._remember(coordinator, right, "code_refused", now)
        return right

    async def confirm_phone(self, coordinator: UUID, typed: str, now: datetime) -> tuple[str, ...]:
        """Turns the second factor on. Returns the recovery codes; none where the code was wrong.

        Raises:
            TooOften: come back later.
        """
        self._refuse_if_guessing(coordinator, now)
        codes = await self._database.run(
            lambda session: second_factor.confirm_phone(
                session, KeyRing(session, self._service_key), coordinator, typed, now
            )
        )
        await self._remember(coordinator, bool(codes), "code_refused", now)
        return codes

    async def choose_password(
        self, coordinator: UUID, password: str, again: str, now: datetime
    ) -> None:
        """Sets someone's first password. Does nothing where there is one already.

        Raises:
            PasswordUnfit: it cannot be used, or was not typed alike twice.
            TooOften: too many people at once.
        """
        hashed = await self._hashed(password, again)
        await self._database.run(lambda session: _set(session, coordinator, hashed, None, now))

    async def change_password(
        self, coordinator: UUID, current: str, password: str, again: str, now: datetime
    ) -> None:
        """Puts a password in the place of the one there is.

        Raises:
            PasswordWrong: `current` is not that one, or it was changed meanwhile.
            PasswordUnfit: the new one cannot be used, or was not typed alike twice.
            TooOften: too many wrong tries, or too many people at once.
        """
        self._refuse_if_guessing(coordinator, now)
        stored = await self._database.run(
            lambda session: session.get_one(Coordinator, coordinator).password_hash
        )
        with self._in_line():
            right = await self._matches(stored or self._nobodys_hash, current)
        await self._remember(coordinator, right, "password_refused", now)
        if not right or stored is None:
            raise PasswordWrong
        hashed = await self._hashed(password, again)
        if not await self._database.run(
            lambda session: _set(session, coordinator, hashed, stored, now)
        ):
            raise PasswordWrong

    async def _hashed(self, password: str, again: str) -> str:
        same = secrets.compare_digest(_plain(password).encode(), _plain(again).encode())
        if not same or not SHORTEST_PASSWORD <= len(_plain(password)) <= LONGEST_PASSWORD:
            raise PasswordUnfit
        if len(set(_plain(password))) < FEWEST_LETTERS:
            raise PasswordUnfit
        with self._in_line():
            async with self._at_once:
                return await asyncio.to_thread(self._hasher.hash, _plain(password))

    def _refuse_if_guessing(self, coordinator: UUID, now: datetime) -> None:
        if self._by_coordinator.must_wait(coordinator.bytes, now):
            raise TooOften

    async def _remember(self, coordinator: UUID, right: bool, refusal: str, now: datetime) -> None:
        if right:
            self._by_coordinator.forgive(coordinator.bytes)
            return
        self._by_coordinator.failed(coordinator.bytes, now)
        await self._note_refusal(coordinator, refusal, now)

    async def _matches(self, stored: str, password: str) -> bool:
        async with self._at_once:
            return await asyncio.to_thread(self._verify, stored, password[: LONGEST_PASSWORD + 1])

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, _plain(password))
        except (VerificationError, InvalidHashError):
            return False

    @contextmanager
    def _in_line(self) -> Iterator[None]:
        if self._waiting >= WAITING:
            raise TooOften
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    async def _note_refusal(self, coordinator: UUID, action: str, now: datetime) -> None:
        entry = AuditEntry(at=now, actor="unknown", action=action, subject_id=coordinator)
        await self._database.run(lambda session: session.add(entry))

    def _hidden(self, address: str) -> bytes:
        return hashlib.blake2b(address.encode(), key=self._salt, digest_size=16).digest()


def _plain(password: str) -> str:
    """The same keys on another keyboard may send another form of the same letters."""
    return unicodedata.normalize("NFKC", password)


def _stored(session: Session, marks: tuple[bytes, ...]) -> tuple[UUID | None, str | None]:
    row = session.execute(
        select(Coordinator.id, Coordinator.password_hash).where(
            Coordinator.email_mark.in_(marks), Coordinator.removed_at.is_(None)
        )
    ).one_or_none()
    return (None, None) if row is None else (row.id, row.password_hash)


def _set(
    session: Session, coordinator: UUID, hashed: str, before: str | None, now: datetime
) -> bool:
    """Whether the password was still the one `before`, and is the new one now."""
    row = session.get_one(Coordinator, coordinator, with_for_update=True)
    if row.password_hash != before:
        return False
    row.password_hash = hashed
    session.add(
        AuditEntry(
            at=now, actor=f"coordinator:{coordinator}", action="password_set", subject_id=row.id
        )
    )
    return True
