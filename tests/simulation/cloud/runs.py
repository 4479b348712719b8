"""A run of a function, and the calls that it makes to the outside: the places where it may wait, fail or die."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, Final

from tests.simulation.cloud.event_loop import Loop
from tests.simulation.faults import Faults, Kind
from tests.simulation.trace import Trace

PAUSES: Final = ((1, 20), (60, 300), (300, 700))
"""In seconds: shorter than a time-out, than a claim or a cycle, and most likely to the end of the function's time."""


class KilledError(BaseException):
    """The function dies in the middle of a run: by a time-out, for want of memory, with its machine."""


@dataclass(slots=True, kw_only=True)
class Run:
    """One invocation while it lives."""

    function: str
    event: dict[str, Any]
    number: int
    begun_at: datetime
    ends_at: datetime
    """When Lambda kills it."""
    is_dead: bool = False
    log: list[str] = field(default_factory=list)
    name: str = field(init=False)
    """As it is called in the trace."""

    def __post_init__(self) -> None:
        about = self.event.get("shop") or self.event.get("job") or ""
        self.name = f"{self.function}#{self.number} {about}"

    def __str__(self) -> str:
        return self.name


class Calls:
    """Makes the calls of whatever runs now. Outside of a run nothing fails and no time passes."""

    def __init__(self, loop: Loop, faults: Faults, trace: Trace, random: Random) -> None:
        self._loop = loop
        self._faults = faults
        self._trace = trace
        self._random = random
        self.made = 0
        self.on_call: Callable[[Run, str, bool], None] = lambda _run, _name, _is_done: None
        """Told before a call, and once it is done, before its caller hears of it. It may raise KilledError."""

    @property
    def run(self) -> Run | None:
        """The run that goes on now."""
        task = self._loop.task
        owner = task.owner if task is not None else None
        return owner if isinstance(owner, Run) else None

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self._loop.now

    def make[T](self, name: str, effect: Callable[[], T], *, seconds: tuple[float, float]) -> T:
        """One call: some time passes on the way there, it takes effect, and some time on the way back.

        `seconds` are the least and the most that it takes. Raises KilledError.
        """
        run = self.run
        if run is None:
            return effect()
        if run.is_dead:
            raise KilledError
        self.made += 1
        self._trace.add(self._loop.now, run.name, name)
        self.on_call(run, name, False)
        where = f"{run.name}: {name}"
        if self._faults.strikes(Kind.CRASH_BEFORE, where):
            self.die(run)
        least, most = seconds
        self._loop.sleep(self._random.uniform(least, most))
        pause, comes_first = 0.0, True
        if self._faults.strikes(Kind.PAUSE, where):
            pause = self._faults.between(Kind.PAUSE, *self._faults.choose(Kind.PAUSE, PAUSES))
            comes_first = self._faults.choose(Kind.PAUSE, (True, False))
        if pause and comes_first:
            self._loop.sleep(pause)
        result = effect()
        if pause and not comes_first:
            self._loop.sleep(pause)
        if self._faults.strikes(Kind.CRASH_AFTER, where):
            self.die(run)
        self.on_call(run, name, True)
        return result

    def wait(self, seconds: float) -> None:
        """Wait, as time.sleep does."""
        self.refuse_the_dead()
        self._loop.sleep(seconds)

    def refuse_the_dead(self) -> None:
        """A dead function has no more effects, whatever its code still tries."""
        run = self.run
        if run is not None and run.is_dead:
            raise KilledError

    def die(self, run: Run) -> None:
        """End a run at once."""
        run.is_dead = True
        raise KilledError
