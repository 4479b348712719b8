"""Everything that the deployed product leaves behind in AWS, as text, for the search for buyer data."""

import json
from collections.abc import Iterator

from local.stack import Stack

QUEUES = ("FailedRuns", "MissedSchedules")
STATE_MACHINES = ("CoolDownStateMachine", "CancellationApprovalStateMachine")
LOGS_SUFFIX = "Logs"


def stored_texts(stack: Stack) -> Iterator[tuple[str, str]]:
    """(where, text) of the table's items, all logs, queued messages and the workflows' histories."""
    yield from _items(stack)
    yield from _logs(stack)
    yield from _messages(stack)
    yield from _executions(stack)


def _items(stack: Stack) -> Iterator[tuple[str, str]]:
    pages = stack.client("dynamodb").get_paginator("scan").paginate(TableName=stack.outputs["LedgerTable"])
    for page in pages:
        for item in page["Items"]:
            yield f"table item {item['pk']['S']}/{item['sk']['S']}", json.dumps(item, ensure_ascii=False)


def _logs(stack: Stack) -> Iterator[tuple[str, str]]:
    for name in stack.physical_names:
        if name.endswith(LOGS_SUFFIX):
            function = name.removesuffix(LOGS_SUFFIX)
            yield from ((f"log of {function}", line) for line in stack.log_lines(function))


def _messages(stack: Stack) -> Iterator[tuple[str, str]]:
    sqs = stack.client("sqs")
    for queue in QUEUES:
        url = stack.physical_names[queue]
        # Not visible for no time at all: the messages stay where they are.
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get(
            "Messages", []
        ):
            yield f"queue {queue}", message["Body"]


def _executions(stack: Stack) -> Iterator[tuple[str, str]]:
    states = stack.client("stepfunctions")
    for machine in STATE_MACHINES:
        for execution in states.list_executions(stateMachineArn=stack.outputs[machine])["executions"]:
            history = states.get_execution_history(executionArn=execution["executionArn"])
            text = json.dumps(history["events"], default=str, ensure_ascii=False)
            yield f"execution {execution['name']}", text
