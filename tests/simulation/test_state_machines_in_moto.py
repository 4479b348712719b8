"""The interpreter against moto's: the product's two files, the same functions, the same calls, delays and outcomes."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.stepfunctions.parser.asl.component.common.retry import jitter_strategy_decl, retrier_decl
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction

from tests.account import ACCOUNT_ROLE, MACHINES, definition_of
from tests.simulation.cloud.state_machines import Outcome, TaskFailedError, execute, load

JITTERS = (0.9, 0.1, 0.5, 1.0, 0.0, 0.3, 0.7, 0.2)
TEMPORARY = TaskFailedError("RetriableError", "an outage")
NEEDS_A_PERSON = TaskFailedError("RejectedError", "the secret is no json")
BOTH = {"shop": "shop", "order": "order"}
AN_HOUR_AGO = timedelta(hours=-1)

type Endings = tuple[TaskFailedError | None, ...]


@dataclass
class Seen:
    """What an execution did: its calls with their payloads, the seconds that it waited, and how it ended."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    waits: list[float] = field(default_factory=list)
    outcome: Outcome | None = None

    def ending(self, endings: Endings, payload: dict[str, Any]) -> dict[str, int]:
        """The function's answer to this call; the last of the endings stays."""
        self.calls.append(payload)
        error = endings[min(len(self.calls), len(endings)) - 1]
        if error is not None:
            raise error
        return {"calls": len(self.calls)}


def cause_of(error: TaskFailedError) -> dict[str, str]:
    """What Lambda answers with when a function raises."""
    return {"errorType": error.error_name, "errorMessage": error.cause}


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """An account whose state machines run, in moto's interpreter."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}):
        yield monkeypatch


def in_moto(patch: pytest.MonkeyPatch, definition: str, given: dict[str, str], endings: Endings) -> Seen:
    """One execution in moto, which waits for nothing: what it would wait for is noted."""
    seen, jitters = Seen(), iter(JITTERS)

    def invoke(_backend: Any, name: str, _qualifier: str, body: Any, _headers: Any, answer_headers: Any) -> bytes:
        seen.functions.add(name)
        try:
            answer: dict[str, Any] = dict(seen.ending(endings, json.loads(body)))
        except TaskFailedError as error:
            answer_headers["x-amz-function-error"] = "Unhandled"
            answer = cause_of(error)
        return json.dumps(answer).encode()

    patch.setattr(LambdaSimpleBackend, "invoke", invoke)
    patch.setattr(retrier_decl, "time", SimpleNamespace(sleep=seen.waits.append))
    patch.setattr(WaitFunction, "_wait_interval", lambda *_, wait_seconds, **_more: seen.waits.append(wait_seconds))
    uniform = SimpleNamespace(uniform=lambda low, high: low + (high - low) * next(jitters))
    patch.setattr(jitter_strategy_decl, "random", uniform)
    client = boto3.client("stepfunctions")
    machine = client.create_state_machine(name="machine", definition=definition, roleArn=ACCOUNT_ROLE)
    arn = client.start_execution(stateMachineArn=machine["stateMachineArn"], input=json.dumps(given))["executionArn"]
    end = time.monotonic() + 20
    while (described := client.describe_execution(executionArn=arn))["status"] == "RUNNING" and time.monotonic() < end:
        time.sleep(0.01)
    types = [event["type"] for event in client.get_execution_history(executionArn=arn)["events"]]
    entered = sum(each.endswith("StateEntered") for each in types)
    seen.outcome = Outcome(
        transitions=entered + max(types.count("LambdaFunctionScheduled") - 1, 0),
        output=json.loads(described["output"]) if described["status"] == "SUCCEEDED" else None,
        error=described.get("error", ""),
        cause=described.get("cause", ""),
    )
    return seen


def in_the_simulation(definition: str, given: dict[str, str], endings: Endings) -> Seen:
    """The same execution in the simulation's interpreter, at the present moment."""
    seen, jitters, now = Seen(), iter(JITTERS), datetime.now(UTC)

    def wait_until(moment: datetime) -> None:
        nonlocal now
        seen.waits.append((moment - now).total_seconds())
        now = max(now, moment)

    def invoke(function: str, payload: dict[str, Any], _seconds: float) -> object:
        seen.functions.add(function)
        try:
            return seen.ending(endings, payload)
        except TaskFailedError as error:
            raise TaskFailedError(error.error_name, json.dumps(cause_of(error), separators=(",", ":"))) from error

    seen.outcome = execute(
        load(definition, {}),
        given,
        now=lambda: now,
        wait_until=wait_until,
        invoke=invoke,
        jitter=lambda: next(jitters),
    )
    return seen


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: str(machine["DefinitionUri"]))
@pytest.mark.parametrize(
    ("endings", "wait"),
    [
        pytest.param((None,), AN_HOUR_AGO, id="success"),
        pytest.param((None,), timedelta(hours=1), id="success after a wait"),
        pytest.param((TEMPORARY, None), AN_HOUR_AGO, id="an outage"),
        pytest.param((TEMPORARY, TEMPORARY, None), AN_HOUR_AGO, id="a longer outage"),
        pytest.param((NEEDS_A_PERSON,), AN_HOUR_AGO, id="an error that is not repeated"),
        pytest.param((TEMPORARY, NEEDS_A_PERSON), AN_HOUR_AGO, id="one after an outage"),
        pytest.param((TEMPORARY,), AN_HOUR_AGO, id="all attempts used up"),
    ],
)
def test_moto_makes_the_same_calls_after_the_same_delays_and_ends_alike(
    moto: pytest.MonkeyPatch, machine: dict[str, Any], endings: Endings, wait: timedelta
) -> None:
    definition = definition_of(machine)
    until = f"{datetime.now(UTC) + wait:%Y-%m-%dT%H:%M:%SZ}"
    theirs = in_moto(moto, definition, {**BOTH, "until": until}, endings)
    ours = in_the_simulation(definition, {**BOTH, "until": until}, endings)

    assert ours.calls == theirs.calls
    assert len({function.rpartition(":")[2] for function in ours.functions | theirs.functions}) == 1
    assert ours.waits[1:] == pytest.approx(theirs.waits[1:], abs=1e-5)
    assert ours.waits[0] == pytest.approx(theirs.waits[0], abs=3), "moto waits for whole seconds"
    assert ours.outcome == theirs.outcome


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: str(machine["DefinitionUri"]))
@pytest.mark.parametrize(
    ("until", "shop", "error_in_moto"),
    [
        ("tomorrow", {"shop": "shop"}, "States.Runtime"),
        ("2026-02-30T10:00:00Z", {"shop": "shop"}, "States.Runtime"),
        # Moto has a name of its own for a path that finds nothing; neither name is one that is retried.
        ("2026-03-02T10:00:00Z", {}, "Exception"),
    ],
)
def test_moto_calls_nothing_either_and_fails_in_the_same_state_when_the_input_lacks_what_is_read(
    moto: pytest.MonkeyPatch, machine: dict[str, Any], until: str, shop: dict[str, str], error_in_moto: str
) -> None:
    given = {"order": "order", "until": until} | shop
    theirs = in_moto(moto, definition_of(machine), given, (None,))
    ours = in_the_simulation(definition_of(machine), given, (None,))

    assert theirs.outcome is not None
    assert ours.outcome is not None
    assert ours.calls == theirs.calls == []
    assert (ours.outcome.error, theirs.outcome.error) == ("States.Runtime", error_in_moto)
    assert ours.outcome.transitions == theirs.outcome.transitions
