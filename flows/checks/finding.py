"""What the checker says to an author: where, what is wrong, and what to do about it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Finding:
    """One thing to mend."""

    file: Path
    line: int
    code: str
    """Short and stable, for tests and for looking it up."""
    problem: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.problem} — {self.mend}"
