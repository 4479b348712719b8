"""What happened, line by line: a fingerprint of all of it, and the text of as much as is wanted."""

from collections import deque
from datetime import datetime
from hashlib import sha256
from typing import Final

LINES_AT_A_TIME: Final = 1000
"""To hash them one by one would take longer than to make them."""

type Line = tuple[datetime, str, str]
"""When, who, what."""


class Trace:
    """`fingerprint` is the same for the same seed, in any process."""

    def __init__(self, *, keeps: int | None = 2000) -> None:
        """Keep the text of the last lines; None for all."""
        self.lines: deque[Line] = deque(maxlen=keeps)
        self.length = 0
        self._hash = sha256()
        self._unhashed: list[str] = []

    def add(self, at: datetime, who: str, what: str) -> None:
        """Somebody does something."""
        self.length += 1
        self._unhashed.append(f"{at.timestamp():.6f}\t{who}\t{what}\n")
        if len(self._unhashed) == LINES_AT_A_TIME:
            self._hash_lines()
        self.lines.append((at, who, what))

    @property
    def fingerprint(self) -> str:
        """Of everything that happened, whether or not its text is kept."""
        self._hash_lines()
        return self._hash.hexdigest()

    def _hash_lines(self) -> None:
        self._hash.update("".join(self._unhashed).encode())
        self._unhashed.clear()

    def text(self) -> list[str]:
        """What is kept, readable."""
        return [readable(line) for line in self.lines]


def readable(line: Line) -> str:
    """A line for people."""
    at, who, what = line
    return f"{at:%a %d %b %H:%M:%S}.{at.microsecond // 1000:03d}  {who:<34} {what}"
