"""What happened, line by line: a fingerprint of all of it, and the text of as much as is wanted."""

from collections import deque
from datetime import datetime
from hashlib import sha256

type Line = tuple[datetime, str, str]
"""When, who, what."""


class Trace:
    """`fingerprint` is the same for the same seed, in any process."""

    def __init__(self, *, keeps: int | None = 2000) -> None:
        """Keep the text of the last lines; None for all."""
        self.lines: deque[Line] = deque(maxlen=keeps)
        self.length = 0
        self._hash = sha256()

    def add(self, at: datetime, who: str, what: str) -> None:
        """Somebody does something."""
        self.length += 1
        self._hash.update(f"{at.timestamp():.6f}\t{who}\t{what}\n".encode())
        self.lines.append((at, who, what))

    @property
    def fingerprint(self) -> str:
        """Of everything that happened, whether or not its text is kept."""
        return self._hash.hexdigest()

    def text(self) -> list[str]:
        """What is kept, readable."""
        return [readable(line) for line in self.lines]


def readable(line: Line) -> str:
    """A line for people."""
    at, who, what = line
    return f"{at:%a %d %b %H:%M:%S}.{at.microsecond // 1000:03d}  {who:<34} {what}"
