"""Start again what the dead-letter queues hold, once for each job and shop, and remove what was started."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import batched
from typing import Annotated, Any, Final

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.text import Text

from cli.asking import ask_first
from cli.dead_letters import (
    DISPATCH,
    Letter,
    Message,
    Pile,
    Unread,
    message_of,
    piles_of,
    read_failed_run,
    read_missed_schedule,
)
from cli.errors import sentence
from cli.output import session_of, table_of
from cli.stack import Stack

HIDDEN_SECONDS: Final = 300
"""How long nobody else gets the messages: time to look at them and to agree."""
A_BATCH: Final = 10
"""Of messages, as SQS takes them."""
MOST_MESSAGES: Final = 10_000
EMPTY_ANSWERS: Final = 2
"""A queue is asked again before it counts as empty: SQS looks into some of its servers only."""


class Queue(StrEnum):
    """Which queue."""

    FAILED_RUNS = "failed-runs"
    MISSED_SCHEDULES = "missed-schedules"

    @property
    def output(self) -> str:
        """The stack's output that names it."""
        return {Queue.FAILED_RUNS: "FailedRunsQueue", Queue.MISSED_SCHEDULES: "MissedSchedulesQueue"}[self]


@dataclass(kw_only=True)
class _Outcome:
    """What became of the messages."""

    started: int = 0
    removed: int = 0
    not_started: list[str] = field(default_factory=list)


def redrive(
    context: typer.Context,
    queue: Annotated[Queue, typer.Argument(help="Which queue.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Start again what failed to run or to be woken. Shows it and asks first.

    What is not understood stays, and so does what is for a shop that is switched off.
    """
    session = session_of(context)
    stack = session.stack
    url = stack.output(queue.output)
    messages = list(_receive(stack, url))
    # By its receipt: a message that is removed needs no other way back.
    back = {each.id: each.receipt for each in messages}
    try:
        understood, unread = _understood(stack, queue, messages)
        off = {*stack.shops.connected()} - {*stack.shops.active()}
        piles = [each for each in understood if each.start.event.get("shop") not in off]
        kept = [each for each in understood if each not in piles]
        if piles:
            if not session.as_json:
                session.show(piles, _draw_piles)
            ask_first(session, f"Start {len(piles)} again and remove their messages?", yes=yes)
        outcome = _start(stack, url, piles, back)
    finally:
        _give_back(stack, url, back)
    session.show(_value(piles, unread, kept, outcome), _draw)
    if outcome.not_started:
        raise typer.Exit(1)


def _receive(stack: Stack, url: str) -> Iterator[Message]:
    sqs, seen, empty = stack.client("sqs"), set[str](), 0
    while empty < EMPTY_ANSWERS and len(seen) < MOST_MESSAGES:
        answer = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=A_BATCH,
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=1,
            AttributeNames=["SentTimestamp"],
            MessageAttributeNames=["All"],
        )
        fresh = [each for each in answer.get("Messages", []) if each["MessageId"] not in seen]
        empty = 0 if fresh else empty + 1
        seen |= {each["MessageId"] for each in fresh}
        yield from map(message_of, fresh)


def _understood(stack: Stack, queue: Queue, messages: Sequence[Message]) -> tuple[list[Pile], list[Unread]]:
    if queue is Queue.MISSED_SCHEDULES:
        read = [read_missed_schedule(each, stack.output(DISPATCH)) for each in messages]
    else:
        functions = _functions(stack) if messages else set()
        read = [read_failed_run(each, functions) for each in messages]
    letters = [each for each in read if isinstance(each, Letter)]
    return piles_of(letters), [each for each in read if isinstance(each, Unread)]


def _functions(stack: Stack) -> set[str]:
    """The names of the stack's functions."""
    pages = stack.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack.name)
    found = [each for page in pages for each in page["StackResourceSummaries"]]
    return {each["PhysicalResourceId"] for each in found if each["ResourceType"] == "AWS::Lambda::Function"}


def _start(stack: Stack, url: str, piles: Sequence[Pile], back: dict[str, str]) -> _Outcome:
    """Start each pile's job, and remove its messages once Lambda has taken the start."""
    outcome = _Outcome()
    for pile in piles:
        event = json.dumps({**pile.start.event, "source": "redrive"})
        try:
            stack.client("lambda").invoke(
                FunctionName=pile.start.function, InvocationType="Event", Payload=event.encode()
            )
        except (ClientError, BotoCoreError) as error:
            outcome.not_started.append(f"{pile.start.function} {pile.start.about}: {sentence(error)}")
            continue
        outcome.started += 1
        outcome.removed += _remove(stack, url, pile, back)
    return outcome


def _remove(stack: Stack, url: str, pile: Pile, back: dict[str, str]) -> int:
    """Remove messages; one that SQS keeps is started again by the next redrive, which does no harm."""
    removed = 0
    for batch in batched(pile.letters, A_BATCH, strict=False):
        entries = [{"Id": str(place), "ReceiptHandle": each.message.receipt} for place, each in enumerate(batch)]
        answer = stack.client("sqs").delete_message_batch(QueueUrl=url, Entries=entries)
        for each in answer.get("Successful", []):
            del back[batch[int(each["Id"])].message.id]
            removed += 1
    return removed


def _give_back(stack: Stack, url: str, back: dict[str, str]) -> None:
    """What stays can be seen again at once, also by the alarm."""
    for batch in batched(back.values(), A_BATCH, strict=False):
        entries: list[dict[str, Any]] = [
            {"Id": str(place), "ReceiptHandle": receipt, "VisibilityTimeout": 0} for place, receipt in enumerate(batch)
        ]
        stack.client("sqs").change_message_visibility_batch(QueueUrl=url, Entries=entries)


def _value(piles: Sequence[Pile], unread: Sequence[Unread], kept: Sequence[Pile], outcome: _Outcome) -> dict[str, Any]:
    return {
        "started": outcome.started,
        "messages_removed": outcome.removed,
        "not_started": outcome.not_started,
        "found": [
            {
                "function": pile.start.function,
                "about": pile.start.about,
                "messages": len(pile.letters),
                "oldest": pile.oldest,
                "errors": pile.errors,
            }
            for pile in piles
        ],
        "switched_off": [
            {"function": pile.start.function, "shop": pile.start.about, "messages": len(pile.letters)} for pile in kept
        ],
        "not_understood": [{"message": each.message.id, "why": each.why} for each in unread],
    }


def _draw_piles(console: Console, piles: Sequence[Pile]) -> None:
    rows = [
        (
            pile.start.function,
            pile.start.about,
            str(len(pile.letters)),
            pile.oldest.strftime("%Y-%m-%d %H:%M UTC") if pile.oldest else "",
            "; ".join(pile.errors),
        )
        for pile in piles
    ]
    console.print(table_of(("function", "shop or job", "messages", "oldest", "error"), rows))


def _draw(console: Console, said: dict[str, Any]) -> None:
    if not said["found"] and not said["not_understood"] and not said["switched_off"]:
        console.print("The queue is empty.")
    if said["found"]:
        console.print(f"{said['started']} started, {said['messages_removed']} messages removed.")
    for each in said["not_started"]:
        console.print(Text(f"not started, and kept: {each}"))
    for each in said["switched_off"]:
        console.print(Text(f"shop {each['shop']} is switched off, kept: {each['messages']} of {each['function']}"))
    for each in said["not_understood"]:
        console.print(Text(f"not understood, and kept: message {each['message']}: {each['why']}"))
