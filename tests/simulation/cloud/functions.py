"""Lambda on virtual time: the real handlers, in containers that stay warm, with all that Lambda does to them."""

import json
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from tests.simulation.cloud.containers import Handler
from tests.simulation.cloud.deployment import Deployment, Function
from tests.simulation.cloud.event_loop import Loop, Task
from tests.simulation.cloud.lines import DeadlyLines
from tests.simulation.cloud.runs import KilledError, Run
from tests.simulation.cloud.state_machines import TaskFailedError
from tests.simulation.faults import Faults, Kind
from tests.simulation.trace import Trace

SECONDS_UNTIL_STARTED: Final = 0.05
SECONDS_BETWEEN_TRIES: Final = 20.0
LONGEST_DELAY_SECONDS: Final = 300.0
MOST_LINES: Final = 400
"""A run that is to die at a line dies at one of its first ones, if it has so many."""


@dataclass(slots=True, kw_only=True)
class Container:
    """A warm container, and when it was last used."""

    handler: Handler
    is_busy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """An event that failed."""

    at: datetime
    function: str
    event: Mapping[str, Any]
    error: str


@dataclass(slots=True)
class Context:
    """What Lambda tells a run about itself."""

    run: Run
    loop: Loop
    aws_request_id: str = field(init=False)

    def __post_init__(self) -> None:
        self.aws_request_id = f"run-{self.run.number}"

    def get_remaining_time_in_millis(self) -> int:
        return int((self.run.ends_at - self.loop.now).total_seconds() * 1000)


class Functions:
    """The functions of the stack."""

    def __init__(
        self,
        loop: Loop,
        deployed: Deployment,
        faults: Faults,
        trace: Trace,
        start_container: Callable[[Function], Handler],
    ) -> None:
        self.dead_letters: list[DeadLetter] = []
        self.runs: Counter[str] = Counter()
        self.killed = 0
        self.on_run: Callable[[Run], None] = lambda _run: None
        """Told when a run begins."""
        self.on_end: Callable[[Run, dict[str, Any] | None, BaseException | None], None] = lambda *_: None
        """Told when a run has ended: its answer or its error."""
        self._loop = loop
        self._deployed = deployed
        self._faults = faults
        self._trace = trace
        self._start_container = start_container
        self._containers: defaultdict[str, deque[Container]] = defaultdict(deque)
        self._running: Counter[str] = Counter()
        self._numbered = 0
        self._deadly_lines = DeadlyLines(lambda: loop.task.owner if loop.task is not None else None)

    @property
    def running(self) -> Mapping[str, int]:
        """How many runs of each function go on."""
        return self._running

    def start(self, name: str, event: dict[str, Any]) -> None:
        """Asynchronously: the event is queued, and delivered at least once, or for once not at all."""
        if name not in self._deployed.functions:
            raise KeyError(f"there is no function {name}")
        if self._faults.strikes(Kind.EVENT_LOST, f"{name} {event}"):
            return
        times = 2 if self._faults.strikes(Kind.EVENT_DOUBLED, f"{name} {event}") else 1
        for each in range(times):
            delay = SECONDS_UNTIL_STARTED + each
            if self._faults.strikes(Kind.EVENT_LATE, f"{name} {event}"):
                delay += self._faults.between(Kind.EVENT_LATE, 1, LONGEST_DELAY_SECONDS)
            given_up_at = self._loop.now + timedelta(seconds=self._deployed.functions[name].event_seconds)
            self._loop.after(delay, partial(self._deliver, name, event, given_up_at, 0))

    def call(self, name: str, event: dict[str, Any], seconds: float | None = None) -> Any:
        """Synchronously, as a state machine's task or a person's command. Raises TaskFailedError."""
        function = self._deployed.functions[name]
        if self._is_full(function):
            raise TaskFailedError("Lambda.TooManyRequestsException", "reserved concurrency")
        task = self._run(function, event)
        if seconds is not None and seconds < function.seconds:
            raise ValueError("a task that gives up before its function does is not simulated")
        try:
            return self._loop.wait_for(task)
        except KilledError:
            raise TaskFailedError("Lambda.Unknown", "the run was killed") from None
        except Exception as error:
            raise TaskFailedError(type(error).__name__, str(error)) from error

    def redrive(self, letters: Sequence[DeadLetter] | None = None) -> int:
        """An operator starts what failed once more, each function and event once; all that failed, if not told."""
        if letters is None:
            letters = self.take_dead_letters()
        events = {(letter.function, json.dumps(letter.event, sort_keys=True)): letter for letter in letters}
        for letter in events.values():
            self.start(letter.function, {**letter.event, "source": "redrive"})
        return len(events)

    def take_dead_letters(self) -> list[DeadLetter]:
        """All that failed; whoever takes it has to care for it."""
        letters, self.dead_letters = self.dead_letters, []
        return letters

    def _deliver(self, name: str, event: dict[str, Any], given_up_at: datetime, tries: int) -> None:
        function = self._deployed.functions[name]
        if self._is_full(function):
            if self._loop.now >= given_up_at:
                self._bury(name, event, "EventAgeExceeded")
            else:
                self._loop.after(SECONDS_BETWEEN_TRIES, lambda: self._deliver(name, event, given_up_at, tries))
            return
        task = self._run(function, event)

        def ended() -> None:
            if task.error is None:
                return
            if tries < function.retries:
                self._loop.after(60, lambda: self._deliver(name, event, given_up_at, tries + 1))
            else:
                self._bury(name, event, f"{type(task.error).__name__}: {task.error}")

        task.on_end.append(ended)

    def _bury(self, name: str, event: Mapping[str, Any], error: str) -> None:
        self._trace.add(self._loop.now, name, f"goes to FailedRuns: {error}")
        self.dead_letters.append(DeadLetter(at=self._loop.now, function=name, event=event, error=error))

    def _is_full(self, function: Function) -> bool:
        return function.concurrency is not None and self._running[function.name] >= function.concurrency

    def _run(self, function: Function, event: dict[str, Any]) -> Task:
        self._numbered += 1
        self._running[function.name] += 1
        run = Run(
            function=function.folder,
            event=event,
            number=self._numbered,
            begun_at=self._loop.now,
            ends_at=self._loop.now + timedelta(seconds=function.seconds),
        )
        task = self._loop.spawn(str(run), lambda: self._handle(function, run))
        task.owner = run
        task.on_end.append(lambda: self._ended(function, run, task))
        self._loop.at(run.ends_at, lambda: self._time_out(run, task))
        return task

    def _time_out(self, run: Run, task: Task) -> None:
        if not task.has_ended:
            self._trace.add(self._loop.now, str(run), "its time is over")
            run.is_dead = True
            task.throw(KilledError())

    def _handle(self, function: Function, run: Run) -> dict[str, Any]:
        container = self._container(function)
        container.is_busy = True
        self.runs[function.folder] += 1
        self._trace.add(self._loop.now, str(run), "begins")
        self.on_run(run)
        with self._line_by_line(run):
            answer = container.handler(dict(run.event), Context(run, self._loop))
        container.is_busy = False
        return answer

    def _line_by_line(self, run: Run) -> AbstractContextManager[None]:
        if not self._faults.strikes(Kind.CRASH_AT_LINE, str(run)):
            return nullcontext()
        return self._deadly_lines.killing(run, int(MOST_LINES ** self._faults.between(Kind.CRASH_AT_LINE, 0, 1)))

    def _container(self, function: Function) -> Container:
        warm = self._containers[function.name]
        if warm and self._faults.strikes(Kind.COLD_START, function.name):
            warm.clear()
        for container in warm:
            if not container.is_busy:
                return container
        container = Container(handler=self._start_container(function))
        warm.append(container)
        return container

    def _ended(self, function: Function, run: Run, task: Task) -> None:
        self._running[function.name] -= 1
        how = "ends" if task.error is None else f"ends with {type(task.error).__name__}"
        self._trace.add(self._loop.now, str(run), f"{how}: {task.result if task.error is None else task.error}")
        if isinstance(task.error, KilledError):
            run.is_dead = True
            self.killed += 1
        self.on_end(run, task.result, task.error)
