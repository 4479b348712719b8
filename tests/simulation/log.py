"""Everything that the functions write for people to read: log lines, metrics, notices. No buyer may stand in it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from tests.simulation.cloud.runs import Calls

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class Log:
    """Hands every text to `on_text`, and keeps how many there were. A dead function writes nothing."""

    def __init__(self, calls: Calls) -> None:
        self.lines = 0
        self.bytes = 0
        self.problems: list[str] = []
        self.on_text: Callable[[str, str], None] = lambda _text, _place: None
        """Told of each text and where it stands."""
        self._calls = calls

    def write(self, text: str) -> None:
        """One line of a run."""
        run = self._calls.run
        if run is not None and run.is_dead:
            return
        self.lines += 1
        self.bytes += len(text)
        self.check(text, "a log")

    def check(self, text: str, place: str) -> None:
        """Look at a text that stands somewhere else."""
        self.on_text(text, place)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Meanwhile the loggers of the product write here."""
        handler = _Handler(self.write)
        # Powertools gives its loggers handlers of their own.
        others = [each for each in logging.root.manager.loggerDict.values() if isinstance(each, logging.Logger)]
        loggers = [logging.root, *(each for each in others if each.handlers)]
        before = {each: (each.level, each.handlers[:]) for each in loggers}
        for each in before:
            each.handlers[:] = [handler]
        logging.root.setLevel(logging.INFO)
        try:
            yield
        finally:
            for each, (level, handlers) in before.items():
                each.handlers[:] = handlers
                each.setLevel(level)


class _Handler(logging.Handler):
    def __init__(self, write: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        extras = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        trouble = f" {record.exc_info[1]!r}" if record.exc_info else ""
        self._write(f"{record.getMessage()} {extras or ''}{trouble}")
