"""The files in statemachines/, against the template that deploys them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from local.translate_template import TEMPLATE, read_template

ROOT = TEMPLATE.parent
MACHINES = {
    name: resource["Properties"]
    for name, resource in read_template()["Resources"].items()
    if resource["Type"] == "AWS::Serverless::StateMachine"
}

every_machine = pytest.mark.parametrize("name", MACHINES)


def text_of(name: str) -> str:
    return Path(ROOT, MACHINES[name]["DefinitionUri"]).read_text()


def definition_of(name: str) -> dict[str, Any]:
    definition: dict[str, Any] = json.loads(text_of(name))
    return definition


def test_every_definition_file_is_deployed() -> None:
    deployed = {ROOT / machine["DefinitionUri"] for machine in MACHINES.values()}

    assert set((ROOT / "statemachines").iterdir()) == deployed


@every_machine
def test_the_template_fills_in_exactly_what_the_definition_asks_for(name: str) -> None:
    asked_for = set(re.findall(r"\$\{(\w+)\}", text_of(name)))

    assert asked_for == set(MACHINES[name]["DefinitionSubstitutions"])


@every_machine
def test_every_state_says_why_it_is_there(name: str) -> None:
    definition = definition_of(name)

    assert definition["Comment"]
    assert [state for state, body in definition["States"].items() if not body.get("Comment")] == []


@every_machine
def test_every_state_is_reached_and_leads_somewhere(name: str) -> None:
    states = definition_of(name)["States"]
    reached = {definition_of(name)["StartAt"]} | {body["Next"] for body in states.values() if "Next" in body}

    assert reached == set(states)
    assert all(("Next" in body) != body.get("End", False) for body in states.values())


@every_machine
def test_a_wait_is_until_a_moment_from_the_input_and_never_for_a_number_of_seconds(name: str) -> None:
    waits = [body for body in definition_of(name)["States"].values() if body["Type"] == "Wait"]

    assert waits
    assert all("TimestampPath" in wait and "Seconds" not in wait for wait in waits)


@every_machine
def test_a_task_has_a_time_limit_and_repeats_only_what_may_be_repeated(name: str) -> None:
    tasks = [body for body in definition_of(name)["States"].values() if body["Type"] == "Task"]

    assert tasks
    for task in tasks:
        assert task["TimeoutSeconds"] > 0
        errors = {error for retry in task["Retry"] for error in retry["ErrorEquals"]}
        assert "RetriableError" in errors
        assert "Lambda.TooManyRequestsException" in errors
        assert not errors & {"States.ALL", "States.TaskFailed"}


@every_machine
def test_a_workflow_is_one_wait_and_one_task_that_says_it_is_a_timer(name: str) -> None:
    """So that an outage is raised to its Retry; and with ids only, so that no execution shows anything else."""
    wait, task = definition_of(name)["States"].values()
    given = task["Parameters"]

    assert (wait["Type"], task["Type"]) == ("Wait", "Task")
    assert given.pop("source") == "timer"
    assert set(given) <= {"shop.$", "order.$"}
    assert all(value == f"$.{key.removesuffix('.$')}" for key, value in given.items())


def test_a_wait_for_an_answer_hands_over_the_order_so_that_a_cancel_request_and_a_return_are_settled_alike() -> None:
    states = definition_of("CancellationApproval")["States"]

    assert states["Wait for an answer"]["TimestampPath"] == "$.until"
    assert states["Settle the request"]["Parameters"] == {
        "shop.$": "$.shop",
        "order.$": "$.order",
        "source": "timer",
    }


def test_a_cancellation_approval_repeats_for_less_than_the_shortest_margin_before_a_deadline() -> None:
    """A tenth of an hour: TikTok Shop approves by itself after an hour at the earliest."""
    [retry] = definition_of("CancellationApproval")["States"]["Settle the request"]["Retry"]
    waits = [
        min(retry["IntervalSeconds"] * retry["BackoffRate"] ** attempt, retry["MaxDelaySeconds"])
        for attempt in range(retry["MaxAttempts"])
    ]

    assert sum(waits) < 360


def test_a_cool_down_hands_over_the_shop_and_that_a_timer_asks_so_that_an_outage_is_raised_to_its_retry() -> None:
    states = definition_of("CoolDown")["States"]

    assert states["Wait for the slot"]["TimestampPath"] == "$.until"
    assert states["Release due orders"]["Parameters"] == {"shop.$": "$.shop", "source": "timer"}
