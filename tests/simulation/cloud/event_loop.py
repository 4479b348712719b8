"""Virtual time in one thread: one heap of events, and tasks that give way to each other where they wait.

A task is a greenlet, so that code which knows nothing of a simulation can wait in the middle of a call. What happens at
the same moment happens in an order that the seed decides.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from random import Random
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet


class Task:
    """Something that runs beside other things. `result` or `error` is there once it has ended."""

    def __init__(self, name: str, loop: "Loop", run: Callable[[], Any]) -> None:
        self.name = name
        self.has_ended = False
        self.result: Any = None
        self.error: BaseException | None = None
        self.owner: object = None
        """What the task runs for."""
        self.on_end: list[Callable[[], None]] = []
        self._loop = loop
        self._run = run
        self._turn = 0
        self._greenlet = greenlet(self._main)

    def _main(self) -> None:
        try:
            self.result = self._run()
        except GreenletExit:
            raise
        except BaseException as error:  # noqa: BLE001  (whoever waits for the task judges it)
            self.error = error
        self.has_ended = True
        for action in self.on_end:
            action()

    def step(self, turn: int, error: BaseException | None = None) -> None:
        """Go on from where the task waits, unless it has been woken meanwhile."""
        if self.has_ended or turn != self._turn:
            return
        self._turn += 1
        before, self._loop.task = self._loop.task, self
        self._greenlet.parent = getcurrent()
        try:
            if error is None:
                self._greenlet.switch()
            else:
                self._greenlet.throw(error)
        finally:
            self._loop.task = before

    @property
    def turn(self) -> int:
        """Which of its waits the task is in."""
        return self._turn

    def go_on(self) -> None:
        """The wait that the task has begun is over at once. Only the task itself may ask for it."""
        self._turn += 1

    def throw(self, error: BaseException) -> None:
        """End the wait that the task is in with an error."""
        self.step(self._turn, error)

    def pause(self) -> None:
        """Let others go on until somebody steps this task. Only the task itself may ask for it."""
        parent = self._greenlet.parent
        assert parent is not None
        parent.switch()


class Loop:
    """The clock and what is still to happen."""

    def __init__(self, start: datetime, random: Random) -> None:
        self.now = start
        self.task: Task | None = None
        """The one that runs now; none between events."""
        self.events = 0
        self._random = random
        self._heap: list[tuple[datetime, float, int, Callable[[], None]]] = []
        self._numbered = 0
        self._runs_until = start
        """No task may go on by itself to a moment after this one."""

    def at(self, when: datetime, action: Callable[[], None]) -> None:
        """Do something at a moment; what is past happens now, but not before the running code waits or ends."""
        self._numbered += 1
        heappush(self._heap, (max(when, self.now), self._random.random(), self._numbered, action))

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something some seconds from now."""
        self.at(self.now + timedelta(seconds=seconds), action)

    def spawn(self, name: str, run: Callable[[], Any]) -> Task:
        """Run something beside what runs now; it begins at this very moment, in its turn."""
        task = Task(name, self, run)
        self.at(self.now, lambda: task.step(0))
        return task

    def sleep(self, seconds: float) -> None:
        """Let time pass: for the task that runs, or outside of any for everybody."""
        until = self.now + timedelta(seconds=seconds)
        task = self.task
        if task is None:
            self.run_until(until)
            return
        self._numbered += 1
        place = (max(until, self.now), self._random.random(), self._numbered)
        if place[0] <= self._runs_until and (not self._heap or place < self._heap[0][:3]):
            # Nobody else's turn comes meanwhile: to give way would only cost time.
            self.now = place[0]
            self.events += 1
            task.go_on()
            return
        turn = task.turn
        heappush(self._heap, (*place, lambda: task.step(turn)))
        task.pause()

    def wait_until(self, when: datetime) -> None:
        """The same, until a moment; one that is past costs nothing."""
        if when > self.now:
            self.sleep((when - self.now).total_seconds())

    def wait_for(self, awaited: Task) -> Any:
        """What another task ends with. Raises its error."""
        task = self.task
        if task is None:
            while not awaited.has_ended and self._heap:
                self._happen()
        elif not awaited.has_ended:
            turn = task.turn
            awaited.on_end.append(lambda: self.at(self.now, lambda: task.step(turn)))
            task.pause()
        if awaited.error is not None:
            raise awaited.error
        return awaited.result

    def run_until(self, when: datetime) -> None:
        """Let everything happen until a moment."""
        before, self._runs_until = self._runs_until, when
        try:
            while self._heap and self._heap[0][0] <= when:
                self._happen()
        finally:
            self._runs_until = before
        self.now = max(self.now, when)

    def _happen(self) -> None:
        self.now, _, _, action = heappop(self._heap)
        self.events += 1
        action()
