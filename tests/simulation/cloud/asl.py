"""The states language, as far as the two files in statemachines/ use it: one or more waits, then one task.

What they do not use is refused when a definition is loaded, and never guessed at when it runs.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

_RETRIED: Final = {
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
    "RetriableError",
}
_PATH: Final = re.compile(r"\$\.([A-Za-z_][A-Za-z0-9_]*)")


class UnsupportedError(Exception):
    """A definition asks for what this interpreter does not run; the sentence names the state and the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A wait until the moment in a field of the input."""

    name: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrier:
    """Which errors are tried again, how often and after how many seconds."""

    errors: frozenset[str]
    interval: float
    backoff: float
    attempts: int
    longest: float

    def delay(self, retries: int) -> float:
        """The seconds before the next try at most, after so many."""
        return min(self.interval * self.backoff**retries, self.longest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The call of a function: what it is given word by word, and what from fields of the input."""

    name: str
    resource: str
    constants: Mapping[str, str]
    fields: Mapping[str, str]
    timeout_seconds: float
    retriers: tuple[Retrier, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A definition that can be run."""

    waits: tuple[Wait, ...]
    task: Task


def load(text: str, substitutions: Mapping[str, str]) -> Machine:
    """Read a definition, with what the template fills into its `${...}`. Raises UnsupportedError."""
    asked_for = set(re.findall(r"\$\{(\w+)\}", text))
    if asked_for != set(substitutions):
        raise UnsupportedError(f"the machine asks for {sorted(asked_for)} and is given {sorted(substitutions)}")
    for name, value in substitutions.items():
        text = text.replace(f"${{{name}}}", value)
    whole = _read("the machine", json.loads(text), _MACHINE)
    states: dict[str, Any] = dict(whole["States"])
    waits: list[Wait] = []
    name = whole["StartAt"]
    leads_here = "the machine: the field StartAt"
    while True:
        if name not in states:
            raise UnsupportedError(f'{leads_here} leads to "{name}", which is no state or was passed before')
        state = states.pop(name)
        kind = state.get("Type") if isinstance(state, dict) else None
        if kind != "Wait":
            break
        fields = _read(f'state "{name}"', state, _WAIT)
        waits.append(Wait(name=name, until=_field(fields["TimestampPath"])))
        leads_here = f'state "{name}": the field Next'
        name = fields["Next"]
    if kind != "Task":
        raise UnsupportedError(f'state "{name}": the field Type is {kind!r}; only Wait and Task are run')
    if not waits:
        raise UnsupportedError(f'state "{name}": the field Type is Task, but a machine begins with a Wait')
    if states:
        raise UnsupportedError(f'state "{next(iter(states))}": no field Next or StartAt leads to it')
    return Machine(waits=tuple(waits), task=_task(name, state))


def _task(name: str, state: object) -> Task:
    where = f'state "{name}"'
    fields = _read(where, state, _TASK)
    given: dict[str, str] = fields["Parameters"]
    for key, value in given.items():
        _require(f"{where}: the field Parameters", key, value, _IS_PATH if key.endswith(".$") else _IS_TEXT)
    return Task(
        name=name,
        resource=fields["Resource"],
        constants={key: value for key, value in given.items() if not key.endswith(".$")},
        fields={key.removesuffix(".$"): _field(value) for key, value in given.items() if key.endswith(".$")},
        timeout_seconds=fields["TimeoutSeconds"],
        retriers=tuple(_retrier(f"{where}: Retry {number}", each) for number, each in enumerate(fields["Retry"])),
    )


def _retrier(where: str, given: object) -> Retrier:
    fields = _read(where, given, _RETRIER)
    if fields["MaxDelaySeconds"] <= fields["IntervalSeconds"]:
        raise UnsupportedError(f"{where}: the field MaxDelaySeconds is not above IntervalSeconds")
    return Retrier(
        errors=frozenset(fields["ErrorEquals"]),
        interval=fields["IntervalSeconds"],
        backoff=fields["BackoffRate"],
        attempts=fields["MaxAttempts"],
        longest=fields["MaxDelaySeconds"],
    )


def _field(path: str) -> str:
    return path.removeprefix("$.")


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a field may hold, in words and as a question."""

    words: str
    holds: Callable[[Any], bool]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


_IS_TEXT: Final = _Kind("a text", lambda value: isinstance(value, str))
_IS_PATH: Final = _Kind(
    "a path of the form $.name", lambda value: isinstance(value, str) and _PATH.fullmatch(value) is not None
)
_IS_OBJECT: Final = _Kind("an object", lambda value: isinstance(value, dict))
_IS_COUNT: Final = _Kind("a whole number", _is_count)
_IS_ABOVE_ZERO: Final = _Kind("a whole number above 0", lambda value: _is_count(value) and value > 0)

_MACHINE: Final = {"StartAt": _IS_TEXT, "States": _IS_OBJECT}
_WAIT: Final = {"Type": _IS_TEXT, "TimestampPath": _IS_PATH, "Next": _IS_TEXT}
_TASK: Final = {
    "Type": _IS_TEXT,
    "Resource": _Kind("the ARN of a function", lambda value: isinstance(value, str) and ":function:" in value),
    "Parameters": _IS_OBJECT,
    "TimeoutSeconds": _IS_ABOVE_ZERO,
    "Retry": _Kind("a list", lambda value: isinstance(value, list)),
    "End": _Kind("true", lambda value: value is True),
}
_RETRIER: Final = {
    "ErrorEquals": _Kind(
        f"a list of some of {sorted(_RETRIED)}",
        lambda value: (
            isinstance(value, list)
            and bool(value)
            and all(isinstance(each, str) and each in _RETRIED for each in value)
        ),
    ),
    "IntervalSeconds": _IS_ABOVE_ZERO,
    "BackoffRate": _Kind("a number from 1", lambda value: _is_number(value) and value >= 1),
    "MaxAttempts": _IS_COUNT,
    "MaxDelaySeconds": _IS_ABOVE_ZERO,
    "JitterStrategy": _Kind("FULL", lambda value: value == "FULL"),
}


def _read(where: str, given: object, kinds: Mapping[str, _Kind]) -> dict[str, Any]:
    """The fields of one part of a definition: all of these, a comment, and no other."""
    if not isinstance(given, dict):
        raise UnsupportedError(f"{where} is no object")
    for name in sorted(given.keys() - kinds.keys() - {"Comment"}):
        raise UnsupportedError(f"{where}: the field {name} is not supported")
    for name, kind in kinds.items():
        if name not in given:
            raise UnsupportedError(f"{where}: the field {name} is missing, and its default is not supported")
        _require(f"{where}: the field", name, given[name], kind)
    return given


def _require(where: str, name: str, value: object, kind: _Kind) -> None:
    if not kind.holds(value):
        raise UnsupportedError(f"{where} {name} is {value!r}; only {kind.words} is supported")
