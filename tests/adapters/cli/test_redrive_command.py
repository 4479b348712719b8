"""Dead letters: each job is started again once for each shop, and only what was started is removed."""

import json
from typing import Any

import boto3
import pytest

from tests.account import STACK
from tests.adapters.cli.operator import Operator

ARN = "arn:aws:lambda:us-east-1:123456789012:function"


def failed_run(function: str, event: Any, error: str = "secret stack/oms/1 does not exist") -> str:
    """As Lambda writes it."""
    return json.dumps(
        {
            "version": "1.0",
            "timestamp": "2026-11-23T20:00:00.000Z",
            "requestContext": {
                "requestId": "e4b46cbf-b738-4f88-8a18-3159ebc2ae65",
                "functionArn": f"{ARN}:{STACK}-{function}:$LATEST",
                "condition": "RetriesExhausted",
                "approximateInvokeCount": 1,
            },
            "requestPayload": event,
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "responsePayload": {"errorMessage": error, "errorType": "RejectedError"},
        }
    )


def send(operator: Operator, queue: str, *bodies: str, **attributes: str) -> None:
    for body in bodies:
        boto3.client("sqs").send_message(
            QueueUrl=operator.queues[queue],
            MessageBody=body,
            MessageAttributes={name: {"DataType": "String", "StringValue": text} for name, text in attributes.items()},
        )


def left(operator: Operator, queue: str) -> list[str]:
    """What anybody can receive from the queue now."""
    answer = boto3.client("sqs").receive_message(
        QueueUrl=operator.queues[queue], MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    return sorted(each["Body"] for each in answer.get("Messages", []))


def test_several_messages_of_one_job_and_shop_are_one_start(operator: Operator) -> None:
    event = {"shop": "1", "source": "schedule"}
    send(operator, "FailedRuns", *[failed_run("push-oms", event)] * 23, failed_run("push-oms", {"shop": "2"}))
    send(operator, "FailedRuns", failed_run("dispatch", {"job": "poll_oms", "source": "schedule"}))
    said = operator.types("redrive", "failed-runs", lines="y\n")
    assert said.status == 0, said.error
    assert "Start 3 again and remove their messages?" in said.error
    assert f"{STACK}-push-oms 1 23" in said.words
    assert "RejectedError: secret stack/oms/1 does not exist" in said.words
    assert operator.functions.started == [
        (f"{STACK}-dispatch", {"job": "poll_oms", "source": "redrive"}),
        (f"{STACK}-push-oms", {"shop": "1", "source": "redrive"}),
        (f"{STACK}-push-oms", {"shop": "2", "source": "redrive"}),
    ]
    assert left(operator, "FailedRuns") == []


def test_an_event_that_says_more_than_its_shop_is_a_start_of_its_own(operator: Operator) -> None:
    send(operator, "FailedRuns", failed_run("refresh-tokens", {"shop": "1"}))
    send(operator, "FailedRuns", failed_run("refresh-tokens", {"shop": "1", "at_once": True}))
    said = operator.asks("redrive", "failed-runs", "--yes")
    assert (said["started"], said["messages_removed"]) == (2, 2)
    assert [event.get("at_once") for _, event in operator.functions.started] == [None, True]


def test_nothing_is_started_or_removed_when_the_operator_does_not_agree(operator: Operator) -> None:
    send(operator, "FailedRuns", failed_run("push-oms", {"shop": "1"}))
    assert operator.types("redrive", "failed-runs", lines="n\n").status == 1
    assert operator.types("--json", "redrive", "failed-runs").status == 1
    assert operator.functions.started == []
    # At once, and not only when it would be visible again.
    assert len(left(operator, "FailedRuns")) == 1


def test_what_lambda_does_not_start_stays_in_the_queue_and_stops_no_other(operator: Operator) -> None:
    send(operator, "FailedRuns", failed_run("push-oms", {"shop": "1"}), failed_run("poll-oms", {"shop": "1"}))
    operator.functions.throttled.add(f"{STACK}-poll-oms")
    said = operator.types("--json", "redrive", "failed-runs", "--yes")
    assert said.status == 1
    assert (said.value["started"], said.value["messages_removed"]) == (1, 1)
    assert "Rate Exceeded" in said.value["not_started"][0]
    assert left(operator, "FailedRuns") == [failed_run("poll-oms", {"shop": "1"})]
    operator.functions.throttled.clear()
    assert operator.asks("redrive", "failed-runs", "--yes")["started"] == 1


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("nonsense", "it is not JSON"),
        ("[]", "it is no JSON object"),
        (failed_run("push-oms", "text"), "requestPayload is no JSON object"),
        (failed_run("push-oms", {"order": "1"}), "requestPayload names no shop and no job"),
        (failed_run("somebody-elses", {"shop": "1"}), "is none of this stack's"),
        (json.dumps({"requestPayload": {"shop": "1"}}), "requestContext names no function"),
    ],
)
def test_a_message_that_is_not_understood_stays_and_is_named(operator: Operator, body: str, why: str) -> None:
    send(operator, "FailedRuns", body, failed_run("push-oms", {"shop": "1"}))
    said = operator.asks("redrive", "failed-runs", "--yes")
    assert said["started"] == 1
    ((message, reason),) = [(each["message"], each["why"]) for each in said["not_understood"]]
    assert message
    assert why in reason
    assert left(operator, "FailedRuns") == [body]
    assert "not understood, and kept" in operator.types("redrive", "failed-runs").words


def test_missed_schedules_wake_dispatch_once_for_each_job(operator: Operator) -> None:
    wake_up = json.dumps({"job": "poll_tiktok", "source": "schedule"})
    said_by_scheduler = {"ERROR_CODE": "TooManyRequestsException", "ERROR_MESSAGE": "Rate Exceeded."}
    send(operator, "MissedSchedules", wake_up, wake_up, **said_by_scheduler)
    send(operator, "MissedSchedules", json.dumps({"shop": "1"}))
    said = operator.asks("redrive", "missed-schedules", "--yes")
    (found,) = said["found"]
    assert (found["about"], found["messages"], found["errors"]) == (
        "poll_tiktok",
        2,
        ["TooManyRequestsException: Rate Exceeded."],
    )
    assert operator.functions.started == [(f"{STACK}-dispatch", {"job": "poll_tiktok", "source": "redrive"})]
    assert [each["why"] for each in said["not_understood"]] == ["it names no job"]
    assert left(operator, "MissedSchedules") == [json.dumps({"shop": "1"})]


def test_an_empty_queue_is_told_and_nothing_is_asked(operator: Operator) -> None:
    assert operator.types("redrive", "failed-runs").out == "The queue is empty.\n"
    assert operator.types("redrive", "other").status == 2


def test_messages_of_a_shop_that_is_switched_off_stay_and_are_told(operator: Operator, shop: str) -> None:
    operator.asks("shops", "switch-off", shop)
    bodies = [failed_run("push-oms", {"shop": shop}), failed_run("poll-oms", {"shop": shop})]
    send(operator, "FailedRuns", *bodies)
    said = operator.asks("redrive", "failed-runs", "--yes")

    assert (said["started"], operator.functions.started) == (0, [])
    assert {"function": f"{STACK}-push-oms", "shop": shop, "messages": 1} in said["switched_off"]
    assert left(operator, "FailedRuns") == sorted(bodies)
    assert f"shop {shop} is switched off, kept: 1 of {STACK}-push-oms" in operator.types("redrive", "failed-runs").words

    operator.asks("shops", "switch-on", shop)
    assert operator.asks("redrive", "failed-runs", "--yes")["started"] == 2
