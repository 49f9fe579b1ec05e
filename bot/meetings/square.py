"""A link as a square that a phone's camera reads (QR code, ISO/IEC 18004)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import segno

_QUIET = 4
"""Light squares around it, by the specification."""


@dataclass(frozen=True)
class Square:
    side: int
    """In its own small squares, the light edge with them."""
    path: str
    """The dark ones, as the `d` of an SVG path. Digits and letters of ours: no markup."""

    @property
    def svg(self) -> bytes:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.side} {self.side}">'
            f'<path fill="#fff" d="M0 0h{self.side}v{self.side}H0z"/><path d="{self.path}"/></svg>'
        ).encode()


def square_of(link: str) -> Square:
    """With a quarter of it to spare for folds and fingers."""
    code = segno.make(link, error="q", micro=False)
    rows = tuple(bytes(row) for row in code.matrix_iter(border=_QUIET))
    return Square(len(rows), "".join(_dark(rows)))


def _dark(rows: tuple[bytes, ...]) -> Iterator[str]:
    for y, row in enumerate(rows):
        x = 0
        for is_dark, run in groupby(row):
            length = len(list(run))
            if is_dark:
                yield f"M{x} {y}h{length}v1h-{length}z"
            x += length
