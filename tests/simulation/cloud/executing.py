"""One execution of a state machine, on whatever clock it is given: straight code that waits by a function."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from tests.simulation.cloud.asl import Machine, Retrier, Task, Wait

TIMED_OUT: Final = "States.Timeout"
"""The error of a task that is not over at its time limit."""
RUNTIME: Final = "States.Runtime"
"""The error of an input that lacks what a state reads from it."""
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")


class TaskFailedError(Exception):
    """A task's function failed, or could not be called: the error as Step Functions names it, and its cause."""

    def __init__(self, error_name: str, cause: str) -> None:
        super().__init__(f"{error_name}: {cause}")
        self.error_name = error_name
        self.cause = cause


class _InputError(Exception):
    """The input lacks what a state reads from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an execution ended. Its transitions are what AWS bills: the states entered, and each retry."""

    transitions: int
    output: object = None
    error: str = ""
    cause: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether the task's function answered."""
        return not self.error


def execute(
    machine: Machine,
    given: Mapping[str, Any],
    *,
    now: Callable[[], datetime],
    wait_until: Callable[[datetime], None],
    invoke: Callable[[str, dict[str, Any], float], object],
    jitter: Callable[[], float],
) -> Outcome:
    """Run one execution to its end.

    `wait_until` returns at once for a moment that is over. `invoke` is given the function's ARN, the payload and
    the seconds that it has; it answers or raises TaskFailedError, and that with TIMED_OUT when the seconds are
    over. `jitter` is the part of a delay that is waited, from 0 to 1.
    """
    entered = 0
    try:
        for wait in machine.waits:
            entered += 1
            wait_until(_moment(wait, given))
        entered += 1
        payload = _payload(machine.task, given)
    except _InputError as error:
        return Outcome(transitions=entered, error=RUNTIME, cause=str(error))
    retries: Counter[Retrier] = Counter()
    while True:
        begun = now()
        try:
            output = invoke(machine.task.resource, deepcopy(payload), machine.task.timeout_seconds)
            _check_limit(machine.task, now() - begun)
            return Outcome(transitions=entered + retries.total(), output=output)
        except TaskFailedError as error:
            _check_limit(machine.task, now() - begun)
            retrier = next((each for each in machine.task.retriers if error.error_name in each.errors), None)
            # The first that names the error decides: when its attempts are used up, no later one is asked.
            if retrier is None or retries[retrier] >= retrier.attempts:
                return Outcome(transitions=entered + retries.total(), error=error.error_name, cause=error.cause)
        delay = retrier.delay(retries[retrier]) * jitter()
        retries[retrier] += 1
        wait_until(now() + timedelta(seconds=delay))


def _check_limit(task: Task, lasted: timedelta) -> None:
    if lasted > timedelta(seconds=task.timeout_seconds):
        raise RuntimeError(f'state "{task.name}": invoke() took {lasted}, longer than TimeoutSeconds allows')


def _moment(wait: Wait, given: Mapping[str, Any]) -> datetime:
    if wait.until not in given:
        raise _InputError(f"The TimestampPath parameter does not reference an input value: $.{wait.until}")
    text = given[wait.until]
    unreadable = f"The TimestampPath parameter is no moment: $.{wait.until} == {text}"
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise _InputError(unreadable)
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise _InputError(unreadable) from error


def _payload(task: Task, given: Mapping[str, Any]) -> dict[str, Any]:
    for key, name in task.fields.items():
        if name not in given:
            raise _InputError(f"The JSONPath '$.{name}' of the field '{key}.$' could not be found in the input")
    return {**task.constants, **{key: given[name] for key, name in task.fields.items()}}
