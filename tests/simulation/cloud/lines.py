"""Runs that die at a line of the product: counted by sys.monitoring, and only while such a run lives."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Final

from local.translate_template import TEMPLATE
from tests.simulation.cloud.runs import KilledError, Run

_TOOL: Final = 4
PRODUCT: Final = tuple(str(TEMPLATE.parent / name) + "/" for name in ("layers", "functions"))
_OURS: Final = str(Path(__file__).parent.parent) + "/"


class DeadlyLines:
    """Kills runs after so many lines. `running` is the run whose code is executed now."""

    def __init__(self, running: Callable[[], object]) -> None:
        self._running = running
        self._left: dict[int, int] = {}

    @contextmanager
    def killing(self, run: Run, after: int) -> Iterator[None]:
        """Meanwhile a run dies when it has executed so many lines of the product."""
        if not self._left:
            sys.monitoring.use_tool_id(_TOOL, "lines at which runs die")
            sys.monitoring.register_callback(_TOOL, sys.monitoring.events.LINE, self._at_line)
            sys.monitoring.set_events(_TOOL, sys.monitoring.events.LINE)
            sys.monitoring.restart_events()
        self._left[run.number] = after
        try:
            yield
        finally:
            del self._left[run.number]
            if not self._left:
                sys.monitoring.set_events(_TOOL, 0)
                sys.monitoring.register_callback(_TOOL, sys.monitoring.events.LINE, None)
                sys.monitoring.free_tool_id(_TOOL)

    def _at_line(self, code: CodeType, _line: int) -> object:
        if not code.co_filename.startswith(PRODUCT):
            return sys.monitoring.DISABLE
        run = self._running()
        if not isinstance(run, Run) or run.number not in self._left or run.is_dead:
            return None
        self._left[run.number] -= 1
        # The checks use the product's code as well, in the middle of a call: they do not die.
        if self._left[run.number] < 0 and not is_asked_by_us(sys._getframe(1)):
            run.is_dead = True
            raise KilledError
        return None


def is_asked_by_us(frame: FrameType | None) -> bool:
    """Whether code of the simulation stands between this frame and the handler."""
    while frame is not None and frame.f_code.co_name != "lambda_handler":
        if frame.f_code.co_filename.startswith(_OURS):
            return True
        frame = frame.f_back
    return frame is None
