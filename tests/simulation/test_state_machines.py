"""The interpreter of the state machines by itself: what it runs, what it refuses, and whom it lets start."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from local.translate_template import TEMPLATE
from tests.simulation.cloud.event_loop import Loop
from tests.simulation.cloud.state_machines import (
    RUNTIME,
    TIMED_OUT,
    Execution,
    ExecutionExistsError,
    ExecutionFaults,
    Outcome,
    RefusedStartError,
    StateMachines,
    Status,
    TaskFailedError,
    UnsupportedError,
    execute,
    load,
)

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:any"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:stack-cool-down"
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
INPUT = {"shop": "shop", "slot": "shop-20260302T100000Z", "until": "2026-03-02T10:00:00Z"}
TEXT = json.dumps(INPUT)
COOL_DOWN = (TEMPLATE.parent / "statemachines/cool_down.asl.json").read_text()
WAIT, TASK = "Wait for the slot", "Release due orders"
TEMPORARY = TaskFailedError("RetriableError", "an outage")


def cool_down(change: Callable[[dict[str, Any]], object] = lambda _: None) -> str:
    """The cool-down's definition with a change to it."""
    definition = json.loads(COOL_DOWN)
    change(definition)
    return json.dumps(definition)


@dataclass
class Clockwork:
    """A clock that jumps, and a function that ends as it is told, then with an empty answer."""

    endings: Iterator[object] = field(default_factory=lambda: iter(()))
    time: datetime = NINE
    jitter: float = 1.0
    lasts: timedelta = timedelta()
    calls: list[tuple[datetime, str, dict[str, Any], float]] = field(default_factory=list)

    def wait_until(self, moment: datetime) -> None:
        self.time = max(self.time, moment)

    def invoke(self, function: str, payload: dict[str, Any], seconds: float) -> object:
        self.calls.append((self.time, function, dict(payload), seconds))
        payload.clear()
        self.time += self.lasts
        ending = next(self.endings, {})
        if isinstance(ending, TaskFailedError):
            raise ending
        return ending

    def run(self, text: str = COOL_DOWN, **given: object) -> Outcome:
        return execute(
            load(text, {"ReleaseDueOrdersArn": FUNCTION}),
            INPUT | given,
            now=lambda: self.time,
            wait_until=self.wait_until,
            invoke=self.invoke,
            jitter=lambda: self.jitter,
        )

    def seconds_after_ten(self) -> list[float]:
        return [(moment - TEN).total_seconds() for moment, *_ in self.calls]


def test_the_function_is_called_at_the_moment_of_the_input_with_the_parameters_and_the_time_limit() -> None:
    clockwork = Clockwork(iter([{"released": 2}]))
    outcome = clockwork.run()

    assert clockwork.calls == [(TEN, FUNCTION, {"shop": "shop", "source": "timer"}, 600)]
    assert outcome == Outcome(transitions=2, output={"released": 2})
    assert outcome.succeeded


@pytest.mark.parametrize("until", ["2026-03-02T08:59:59Z", "2025-03-02T10:00:00+01:00"])
def test_a_moment_that_is_over_is_not_waited_for(until: str) -> None:
    clockwork = Clockwork()
    clockwork.run(until=until)

    assert [moment for moment, *_ in clockwork.calls] == [NINE]


def test_a_moment_may_have_an_offset_and_a_part_of_a_second() -> None:
    clockwork = Clockwork()
    clockwork.run(until="2026-03-02T12:00:00.25+02:00")

    assert clockwork.seconds_after_ten() == [0.25]


@pytest.mark.parametrize("until", ["2026-03-02", "2026-03-02T10:00:00", "2026-02-30T10:00:00Z", 1772445600, None])
def test_what_is_no_moment_fails_the_execution_before_anything_is_called(until: object) -> None:
    clockwork = Clockwork()
    outcome = clockwork.run(until=until)

    assert (outcome.error, outcome.transitions, clockwork.calls) == (RUNTIME, 1, [])
    assert "$.until" in outcome.cause
    assert not outcome.succeeded


def test_an_input_without_what_the_task_reads_fails_the_execution_in_the_task() -> None:
    clockwork = Clockwork()
    text = cool_down(lambda machine: machine["States"][TASK]["Parameters"].update({"order.$": "$.order"}))
    outcome = clockwork.run(text)

    assert (outcome.error, outcome.transitions, clockwork.calls) == (RUNTIME, 2, [])
    assert "'$.order'" in outcome.cause


def test_a_temporary_error_is_repeated_after_5_10_20_and_40_seconds_and_each_time_with_the_same_payload() -> None:
    clockwork = Clockwork(iter([TEMPORARY] * 4))
    outcome = clockwork.run()

    assert clockwork.seconds_after_ten() == [0, 5, 15, 35, 75]
    assert {json.dumps(payload) for _, _, payload, _ in clockwork.calls} == {'{"source": "timer", "shop": "shop"}'}
    assert outcome == Outcome(transitions=6, output={})


def test_an_error_outlasts_the_repeats() -> None:
    clockwork = Clockwork(iter([TEMPORARY] * 5))
    outcome = clockwork.run()

    assert len(clockwork.calls) == 5
    assert outcome == Outcome(transitions=6, error="RetriableError", cause="an outage")


def test_no_delay_exceeds_a_minute() -> None:
    clockwork = Clockwork(iter([TEMPORARY] * 8))
    clockwork.run(cool_down(lambda machine: machine["States"][TASK]["Retry"][0].update(MaxAttempts=8)))

    assert clockwork.seconds_after_ten() == [0, 5, 15, 35, 75, 135, 195, 255, 315]


def test_jitter_shortens_a_delay_after_it_was_capped() -> None:
    clockwork = Clockwork(iter([TEMPORARY] * 6), jitter=0.5)
    clockwork.run(cool_down(lambda machine: machine["States"][TASK]["Retry"][0].update(MaxAttempts=6)))

    assert clockwork.seconds_after_ten() == [0, 2.5, 7.5, 17.5, 37.5, 67.5, 97.5]


@pytest.mark.parametrize("error", ["RejectedError", TIMED_OUT, "Lambda.Unknown", "Sandbox.Timedout"])
def test_an_error_that_no_retrier_names_ends_the_execution_at_once(error: str) -> None:
    clockwork = Clockwork(iter([TEMPORARY, TaskFailedError(error, "why")]))

    assert clockwork.run() == Outcome(transitions=3, error=error, cause="why")


@pytest.mark.parametrize("error", json.loads(COOL_DOWN)["States"][TASK]["Retry"][0]["ErrorEquals"])
def test_each_error_that_is_named_is_repeated(error: str) -> None:
    clockwork = Clockwork(iter([TaskFailedError(error, "why")]))

    assert clockwork.run() == Outcome(transitions=3, output={})


def test_each_retrier_counts_for_itself_and_the_first_that_names_an_error_decides() -> None:
    def divide(machine: dict[str, Any]) -> None:
        [retry] = machine["States"][TASK]["Retry"]
        busy = retry | {"ErrorEquals": ["Lambda.TooManyRequestsException"], "IntervalSeconds": 1, "MaxAttempts": 1}
        machine["States"][TASK]["Retry"] = [busy, retry]

    too_many = TaskFailedError("Lambda.TooManyRequestsException", "busy")
    clockwork = Clockwork(iter([too_many, TEMPORARY, TEMPORARY, too_many]))
    outcome = clockwork.run(cool_down(divide))

    assert clockwork.seconds_after_ten() == [0, 1, 6, 16]
    assert outcome == Outcome(transitions=5, error="Lambda.TooManyRequestsException", cause="busy")


def test_a_call_that_outlasts_its_time_limit_is_a_fault_of_the_simulation() -> None:
    clockwork = Clockwork(lasts=timedelta(seconds=601))
    with pytest.raises(RuntimeError, match=TASK):
        clockwork.run()


@pytest.mark.parametrize("name", ["cool_down", "cancellation_approval"])
def test_the_files_of_the_product_are_read(name: str) -> None:
    text = (TEMPLATE.parent / f"statemachines/{name}.asl.json").read_text()
    key = {"cool_down": "ReleaseDueOrdersArn", "cancellation_approval": "SettleRequestsArn"}[name]
    definition = json.loads(text)
    machine = load(text, {key: FUNCTION})

    assert [*(wait.name for wait in machine.waits), machine.task.name] == list(definition["States"])
    assert machine.task.resource == FUNCTION
    assert machine.task.retriers[0].attempts == definition["States"][machine.task.name]["Retry"][0]["MaxAttempts"]


def state(name: str, **changes: object) -> Callable[[dict[str, Any]], object]:
    return lambda machine: machine["States"][name].update(changes)


def retry(**changes: object) -> Callable[[dict[str, Any]], object]:
    return lambda machine: machine["States"][TASK]["Retry"][0].update(changes)


def without(name: str, key: str) -> Callable[[dict[str, Any]], object]:
    return lambda machine: machine["States"][name].pop(key)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda machine: machine.update(TimeoutSeconds=60), "the machine: the field TimeoutSeconds"),
        (lambda machine: machine.update(QueryLanguage="JSONata"), "the machine: the field QueryLanguage"),
        (lambda machine: machine.update(StartAt="Nowhere"), 'the machine: the field StartAt leads to "Nowhere"'),
        (lambda machine: machine.update(StartAt=TASK), f'state "{TASK}": the field Type'),
        (lambda machine: machine.pop("StartAt"), "the machine: the field StartAt is missing"),
        (lambda machine: machine["States"].update(More={}), 'state "More": no field Next'),
        (lambda machine: machine["States"].update({WAIT: []}), f'state "{WAIT}": the field Type'),
        (state(WAIT, Type="Choice"), f"state \"{WAIT}\": the field Type is 'Choice'"),
        (state(WAIT, Next=WAIT), f'state "{WAIT}": the field Next leads to "{WAIT}"'),
        (state(WAIT, Seconds=5), f'state "{WAIT}": the field Seconds'),
        (state(WAIT, End=True), f'state "{WAIT}": the field End'),
        (state(WAIT, TimestampPath="$.times[0]"), f'state "{WAIT}": the field TimestampPath'),
        (state(WAIT, TimestampPath="$$.Execution.StartTime"), f'state "{WAIT}": the field TimestampPath'),
        (without(WAIT, "TimestampPath"), f'state "{WAIT}": the field TimestampPath is missing'),
        (state(TASK, Catch=[]), f'state "{TASK}": the field Catch'),
        (state(TASK, ResultPath="$.answer"), f'state "{TASK}": the field ResultPath'),
        (state(TASK, Next=WAIT), f'state "{TASK}": the field Next'),
        (state(TASK, End=False), f'state "{TASK}": the field End is False'),
        (
            state(TASK, Resource="arn:aws:states:::lambda:invoke", Comment="${ReleaseDueOrdersArn}"),
            f'state "{TASK}": the field Resource',
        ),
        (state(TASK, TimeoutSeconds=0), f'state "{TASK}": the field TimeoutSeconds'),
        (state(TASK, TimeoutSeconds=True), f'state "{TASK}": the field TimeoutSeconds'),
        (without(TASK, "TimeoutSeconds"), f'state "{TASK}": the field TimeoutSeconds is missing'),
        (without(TASK, "Retry"), f'state "{TASK}": the field Retry is missing'),
        (state(TASK, Parameters={"shop.$": "$"}), f'state "{TASK}": the field Parameters shop.$'),
        (state(TASK, Parameters={"id.$": "States.UUID()"}), f'state "{TASK}": the field Parameters id.$'),
        (state(TASK, Parameters={"more": {"shop.$": "$.shop"}}), f'state "{TASK}": the field Parameters more'),
        (state(TASK, Retry=["RetriableError"]), f'state "{TASK}": Retry 0 is no object'),
        (retry(ErrorEquals=["States.ALL"]), f'state "{TASK}": Retry 0: the field ErrorEquals'),
        (retry(ErrorEquals=["RetriableError", "States.Timeout"]), f'state "{TASK}": Retry 0: the field ErrorEquals'),
        (retry(ErrorEquals=[]), f'state "{TASK}": Retry 0: the field ErrorEquals'),
        (retry(ErrorEquals=[["RetriableError"]]), f'state "{TASK}": Retry 0: the field ErrorEquals'),
        (retry(IntervalSeconds=0), f'state "{TASK}": Retry 0: the field IntervalSeconds'),
        (retry(BackoffRate=0.5), f'state "{TASK}": Retry 0: the field BackoffRate'),
        (retry(MaxAttempts=-1), f'state "{TASK}": Retry 0: the field MaxAttempts'),
        (retry(MaxDelaySeconds=5), f'state "{TASK}": Retry 0: the field MaxDelaySeconds'),
        (retry(JitterStrategy="NONE"), f'state "{TASK}": Retry 0: the field JitterStrategy'),
        (
            lambda machine: machine["States"][TASK]["Retry"][0].pop("MaxAttempts"),
            f'state "{TASK}": Retry 0: the field MaxAttempts is missing',
        ),
    ],
)
def test_what_the_files_do_not_use_is_refused_by_state_and_field(
    change: Callable[[dict[str, Any]], object], sentence: str
) -> None:
    with pytest.raises(UnsupportedError) as refusal:
        load(cool_down(change), {"ReleaseDueOrdersArn": FUNCTION})

    assert str(refusal.value).startswith(sentence)


@pytest.mark.parametrize("given", [{}, {"ReleaseDueOrdersArn": FUNCTION, "Other": FUNCTION}])
def test_the_template_has_to_fill_in_what_is_asked_for_and_nothing_else(given: dict[str, str]) -> None:
    with pytest.raises(UnsupportedError, match="ReleaseDueOrdersArn"):
        load(COOL_DOWN, given)


class Service:
    """Step Functions on a loop, with a function that takes ten seconds and notes its calls."""

    def __init__(self, **faults: Callable[[str], Any]) -> None:
        self.loop = Loop(NINE, Random(1))
        self.calls: list[datetime] = []
        self.endings: Iterator[object] = iter(())
        self.machines = StateMachines(
            {MACHINE: load(COOL_DOWN, {"ReleaseDueOrdersArn": FUNCTION})},
            now=lambda: self.loop.now,
            wait_until=self.loop.wait_until,
            invoke=self._invoke,
            jitter=lambda: 1.0,
            spawn=self.loop.spawn,
            faults=ExecutionFaults(**faults),
        )

    def _invoke(self, _function: str, _payload: dict[str, Any], _seconds: float) -> object:
        self.calls.append(self.loop.now)
        ending = next(self.endings, {})
        self.loop.sleep(10)
        if isinstance(ending, TaskFailedError):
            raise ending
        return ending

    def start(self, name: str = "slot", given: str = TEXT, machine: str = MACHINE) -> tuple[str, datetime]:
        answer = self.machines.start_execution(stateMachineArn=machine, name=name, input=given)
        return answer["executionArn"], answer["startDate"]

    def run_until(self, moment: datetime) -> list[Execution]:
        self.loop.run_until(moment)
        return self.machines.executions


TEN_PAST = TEN + timedelta(seconds=10)


def test_an_execution_is_open_until_its_function_has_answered_and_then_part_of_the_history() -> None:
    service = Service()
    arn, started = service.start()
    service.run_until(TEN_PAST - timedelta(seconds=1))
    [before] = service.machines.open_executions()
    status_before = before.status
    [execution] = service.run_until(TEN_PAST)

    assert (arn, started) == ("arn:aws:states:us-east-1:123456789012:execution:stack-cool-down:slot", NINE)
    assert status_before is Status.RUNNING
    assert (before, service.machines.open_executions()) == (execution, [])
    assert execution == Execution(
        arn=arn,
        machine=MACHINE,
        name="slot",
        given=TEXT,
        started=NINE,
        ended=TEN_PAST,
        outcome=Outcome(transitions=2, output={}),
        status=Status.SUCCEEDED,
    )


def test_a_failed_execution_says_why_and_what_is_billed() -> None:
    service = Service()
    service.endings = iter([TEMPORARY, TaskFailedError("RejectedError", "why")])
    service.start()
    [execution] = service.run_until(TEN + timedelta(minutes=1))

    assert execution.status is Status.FAILED
    assert execution.outcome == Outcome(transitions=3, error="RejectedError", cause="why")
    assert service.machines.transitions() == 3


def test_executions_wait_beside_each_other() -> None:
    service = Service()
    service.start("later", json.dumps(INPUT | {"until": "2026-03-02T11:00:00Z"}))
    service.start("sooner")
    history = service.run_until(datetime(2026, 3, 2, 12, tzinfo=UTC))

    assert service.calls == [TEN, datetime(2026, 3, 2, 11, tzinfo=UTC)]
    assert [each.name for each in history] == ["later", "sooner"]


def test_the_same_start_while_it_runs_gets_the_same_answer_and_starts_nothing() -> None:
    service = Service()
    first = service.start()
    service.loop.sleep(60)

    assert service.start() == first
    assert len(service.run_until(TEN_PAST)) == len(service.calls) == 1


def test_a_name_with_another_input_while_it_runs_is_taken() -> None:
    service = Service()
    service.start()
    service.loop.sleep(60)

    with pytest.raises(ExecutionExistsError):
        service.start(given=json.dumps(INPUT | {"slot": "another"}))


def test_a_name_is_taken_for_90_days_after_the_end_and_then_free() -> None:
    service = Service()
    service.start()
    service.run_until(TEN_PAST + timedelta(days=90) - timedelta(seconds=1))
    with pytest.raises(ExecutionExistsError):
        service.start()
    service.loop.sleep(1)
    service.start()
    history = service.run_until(TEN_PAST + timedelta(days=90) + timedelta(minutes=1))

    assert [each.status for each in history] == [Status.SUCCEEDED] * 2
    assert len(service.calls) == 2


def test_another_machine_has_names_of_its_own() -> None:
    service = Service()
    other = MACHINE.replace("cool-down", "other")
    service.machines = StateMachines(
        dict.fromkeys([MACHINE, other], load(COOL_DOWN, {"ReleaseDueOrdersArn": FUNCTION})),
        now=lambda: NINE,
        wait_until=lambda _: None,
        invoke=lambda *_: {},
        jitter=lambda: 1.0,
        spawn=lambda _, run: run(),
    )

    assert service.start()[0] != service.start(machine=other)[0]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "a" * 81}, "InvalidName"),
        ({"name": ""}, "InvalidName"),
        ({"name": "two words"}, "InvalidName"),
        ({"name": "a:b"}, "InvalidName"),
        ({"given": "{"}, "InvalidExecutionInput"),
        ({"machine": MACHINE + "s"}, "StateMachineDoesNotExist"),
    ],
)
def test_what_aws_does_not_take_starts_nothing(changes: dict[str, str], code: str) -> None:
    service = Service()
    with pytest.raises(RefusedStartError, match=code):
        service.start(**changes)

    assert service.machines.executions == []


def test_a_name_of_80_signs_is_taken() -> None:
    service = Service()
    service.start(name="a" * 80)

    assert len(service.machines.open_executions()) == 1


def test_an_execution_that_vanishes_at_its_start_calls_nothing_and_keeps_its_name() -> None:
    service = Service(vanishes=lambda name: name == "slot")
    service.start()
    service.start("next")
    vanished, other = service.run_until(TEN_PAST)
    with pytest.raises(ExecutionExistsError):
        service.start()

    assert (vanished.status, vanished.ended, vanished.outcome) == (Status.VANISHED, NINE, None)
    assert other.status is Status.SUCCEEDED
    assert service.calls == [TEN]


def test_an_execution_can_vanish_after_any_of_its_waits() -> None:
    answers = iter([False, False, True])
    service = Service(vanishes=lambda _: next(answers))
    service.endings = iter([TEMPORARY])
    service.start()
    [execution] = service.run_until(TEN + timedelta(minutes=1))

    assert (execution.status, execution.ended) == (Status.VANISHED, TEN_PAST + timedelta(seconds=5))
    assert service.calls == [TEN]
    assert service.machines.open_executions() == []


@pytest.mark.parametrize("until", ["2026-03-02T10:00:00Z", "2026-03-02T08:00:00Z"])
def test_a_wait_can_end_late_also_one_that_was_over_before_it_began(until: str) -> None:
    service = Service(late=lambda _: timedelta(minutes=15))
    service.start(given=json.dumps(INPUT | {"until": until}))
    service.run_until(datetime(2026, 3, 2, 12, tzinfo=UTC))

    assert service.calls == [max(NINE, datetime.fromisoformat(until)) + timedelta(minutes=15)]


@pytest.mark.parametrize("first", [{"released": 1}, TEMPORARY])
def test_a_task_can_be_called_twice_at_once_and_only_one_answer_is_read(first: object) -> None:
    answers = iter([True])
    service = Service(twice=lambda _: next(answers, False))
    service.endings = iter([first, TaskFailedError("RejectedError", "why")])
    service.start()
    [execution] = service.run_until(TEN + timedelta(minutes=1))

    assert service.calls[:2] == [TEN, TEN]
    assert execution.unasked == ["RejectedError"]
    assert execution.status is Status.SUCCEEDED
