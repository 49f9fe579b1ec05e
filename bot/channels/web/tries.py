"""How often a short code may be guessed. In memory, and without keeping anybody's address."""

import secrets
from collections import deque
from datetime import datetime, timedelta
from hashlib import blake2b

from bot.clock import Clock

PER_ADDRESS = 10
PER_ALL = 2000
WITHIN = timedelta(minutes=15)
"""A code has 50 bits. With ten thousand codes alive, 2000 guesses a quarter of an hour find one in
some 1600 years; a limit that is much lower would let one guesser lock everybody out."""


class Tries:
    """Counts guesses. The addresses are hashed with a key that is gone when the process is."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._guesses: deque[tuple[datetime, bytes]] = deque(maxlen=PER_ALL)

    def may(self, address: str) -> bool:
        """Whether one more guess may be made from there; counts it when it may. Counted before it
        is looked up, so that a thousand at once are a thousand."""
        now = self._clock()
        while self._guesses and self._guesses[0][0] < now - WITHIN:
            self._guesses.popleft()
        mine = self._mark(address)
        from_here = sum(1 for _, mark in self._guesses if mark == mine)
        if from_here >= PER_ADDRESS or len(self._guesses) >= PER_ALL:
            return False
        self._guesses.append((now, mine))
        return True

    def right(self, address: str) -> None:
        """The newest guess from there was no guess: it does not count."""
        mine = self._mark(address)
        for position in range(len(self._guesses) - 1, -1, -1):
            if self._guesses[position][1] == mine:
                del self._guesses[position]
                return

    def _mark(self, address: str) -> bytes:
        return blake2b(address.encode(), key=self._key, digest_size=8).digest()
