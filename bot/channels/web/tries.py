"""How often a short code may be guessed. In memory, and without keeping anybody's address."""

import secrets
from collections import deque
from datetime import datetime, timedelta
from hashlib import blake2b

from bot.clock import Clock

PER_ADDRESS = 10
PER_ALL = 200
WITHIN = timedelta(minutes=15)
"""A code has 50 bits: 200 guesses a quarter of an hour find one in some hundred million years."""


class Tries:
    """Counts failures. The addresses are hashed with a key that is gone when the process is."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._failures: deque[tuple[datetime, bytes]] = deque(maxlen=PER_ALL * 4)

    def may(self, address: str) -> bool:
        since = self._clock() - WITHIN
        while self._failures and self._failures[0][0] < since:
            self._failures.popleft()
        mine = self._mark(address)
        from_here = sum(1 for _, mark in self._failures if mark == mine)
        return from_here < PER_ADDRESS and len(self._failures) < PER_ALL

    def failed(self, address: str) -> None:
        self._failures.append((self._clock(), self._mark(address)))

    def _mark(self, address: str) -> bytes:
        return blake2b(address.encode(), key=self._key, digest_size=8).digest()
