"""Step Functions on virtual time: it starts executions by AWS's rules and keeps what became of each."""

import json
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypedDict

from tests.simulation.cloud.asl import Machine, UnsupportedError, load
from tests.simulation.cloud.executing import RUNTIME, TIMED_OUT, Outcome, TaskFailedError, execute

__all__ = [
    "NAME_IS_KEPT",
    "RUNTIME",
    "TIMED_OUT",
    "Execution",
    "ExecutionExistsError",
    "ExecutionFaults",
    "Machine",
    "Outcome",
    "RefusedStartError",
    "StateMachines",
    "Status",
    "TaskFailedError",
    "UnsupportedError",
    "execute",
    "load",
]

NAME_IS_KEPT: Final = timedelta(days=90)
"""How long after its end an execution keeps its name from others (API reference, StartExecution)."""

_NAME: Final = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}")


class ExecutionExistsError(Exception):
    """An execution has this name, and either it is over or it was given something else."""


class RefusedStartError(Exception):
    """No execution can be started like this; the message begins with AWS's code."""


class _VanishedError(Exception):
    """The execution is gone."""


class Status(StrEnum):
    """Where an execution stands."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    VANISHED = "VANISHED"
    """Gone without an outcome, as after StopExecution: nobody is woken, and the name is taken all the same."""


@dataclass(slots=True, kw_only=True)
class Execution:
    """One execution and what became of it; `machine` is an ARN, `given` the input as it was sent."""

    arn: str
    machine: str
    name: str
    given: str
    started: datetime
    ended: datetime | None = None
    outcome: Outcome | None = None
    status: Status = Status.RUNNING
    unasked: list[str] = field(default_factory=list)
    """How the task's calls beyond those of the definition ended: "" or the error. Nobody reads their answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionFaults:
    """What goes wrong with executions. Each is asked with the execution's name, and each may be asked several times."""

    vanishes: Callable[[str], bool] = lambda _: False
    """Asked at the start and after each wait."""
    late: Callable[[str], timedelta] = lambda _: timedelta()
    """How much later than its moment a wait ends; asked at each wait, also that before a retry."""
    twice: Callable[[str], bool] = lambda _: False
    """Whether Lambda runs the function a second time beside this one (at least once); asked at each call."""


class Started(TypedDict):
    """The answer to StartExecution."""

    executionArn: str
    startDate: datetime


class StateMachines:
    """The service in one account. `machines` are the definitions by ARN.

    `spawn` runs something beside everything else; `now`, `wait_until`, `invoke` and `jitter` are those of execute(),
    and `wait_until` is only asked for what is to come.
    """

    def __init__(
        self,
        machines: Mapping[str, Machine],
        *,
        now: Callable[[], datetime],
        wait_until: Callable[[datetime], None],
        invoke: Callable[[str, dict[str, Any], float], object],
        jitter: Callable[[], float],
        spawn: Callable[[str, Callable[[], None]], object],
        faults: ExecutionFaults | None = None,
    ) -> None:
        self.executions: list[Execution] = []
        """All of them, in the order of their starts."""
        self._machines = machines
        self._now = now
        self._wait_until = wait_until
        self._invoke = invoke
        self._jitter = jitter
        self._spawn = spawn
        self._faults = faults or ExecutionFaults()
        self._last_of_name: dict[str, Execution] = {}
        self._open: dict[str, Execution] = {}

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> Started:  # noqa: A002, N803 (AWS's own)
        """Start one. Raises ExecutionExistsError or RefusedStartError."""
        self._check_start(stateMachineArn, name, input)
        arn = f"{stateMachineArn.replace(':stateMachine:', ':execution:')}:{name}"
        last = self._last_of_name.get(arn)
        if last and last.ended is None and last.given == input:
            return {"executionArn": last.arn, "startDate": last.started}
        if last and (last.ended is None or self._now() < last.ended + NAME_IS_KEPT):
            raise ExecutionExistsError(arn)
        made = Execution(arn=arn, machine=stateMachineArn, name=name, given=input, started=self._now())
        self.executions.append(made)
        self._last_of_name[arn] = self._open[arn] = made
        self._spawn(name, lambda: self._run(made))
        return {"executionArn": made.arn, "startDate": made.started}

    def open_executions(self) -> list[Execution]:
        """Those that run, in the order of their starts."""
        return list(self._open.values())

    def transitions(self) -> int:
        """What AWS bills for the executions that have an outcome."""
        return sum(each.outcome.transitions for each in self.executions if each.outcome)

    def _check_start(self, machine: str, name: str, given: str) -> None:
        if machine not in self._machines:
            raise RefusedStartError(f"StateMachineDoesNotExist: {machine}")
        if not _NAME.fullmatch(name):
            raise RefusedStartError(f"InvalidName: {name!r}")
        try:
            is_object = isinstance(json.loads(given), dict)
        except ValueError as error:
            raise RefusedStartError(f"InvalidExecutionInput: {error}") from error
        if not is_object:
            raise UnsupportedError("the simulation runs executions whose input is an object")

    def _run(self, execution: Execution) -> None:
        try:
            self._vanish_if_struck(execution)
            execution.outcome = execute(
                self._machines[execution.machine],
                json.loads(execution.given),
                now=self._now,
                wait_until=lambda moment: self._wait(execution, moment),
                invoke=lambda function, payload, seconds: self._call(execution, function, payload, seconds),
                jitter=self._jitter,
            )
            execution.status = Status.SUCCEEDED if execution.outcome.succeeded else Status.FAILED
        except _VanishedError:
            execution.status = Status.VANISHED
        execution.ended = self._now()
        del self._open[execution.arn]

    def _wait(self, execution: Execution, moment: datetime) -> None:
        moment = max(moment, self._now()) + self._faults.late(execution.name)
        if moment > self._now():
            self._wait_until(moment)
        self._vanish_if_struck(execution)

    def _vanish_if_struck(self, execution: Execution) -> None:
        if self._faults.vanishes(execution.name):
            raise _VanishedError

    def _call(self, execution: Execution, function: str, payload: dict[str, Any], seconds: float) -> object:
        if self._faults.twice(execution.name):
            copied = deepcopy(payload)
            self._spawn(f"{execution.name} again", lambda: self._call_unasked(execution, function, copied, seconds))
        return self._invoke(function, payload, seconds)

    def _call_unasked(self, execution: Execution, function: str, payload: dict[str, Any], seconds: float) -> None:
        try:
            self._invoke(function, payload, seconds)
            execution.unasked.append("")
        except TaskFailedError as error:
            execution.unasked.append(error.error_name)
