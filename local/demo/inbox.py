"""Somebody who subscribed to the stack's topic, as an operator does by e-mail; here by a queue."""

import json
from dataclasses import dataclass, field
from typing import Any, Final

from local.aws import ACCOUNT, REGION
from local.demo.deadline_news import Message
from local.stack import Stack

QUEUE: Final = "demo-inbox"
MESSAGES_A_CALL: Final = 10


@dataclass(frozen=True, slots=True)
class Inbox:
    """All that came so far, oldest first as far as a queue keeps an order."""

    stack: Stack
    url: str
    _read: list[Message] = field(default_factory=list)

    def messages(self) -> tuple[Message, ...]:
        """Fetch what is new, and give back everything."""
        sqs = self.stack.client("sqs")
        while True:
            found = sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=MESSAGES_A_CALL).get("Messages", [])
            for each in found:
                self._read.append(_message(each["Body"]))
                sqs.delete_message(QueueUrl=self.url, ReceiptHandle=each["ReceiptHandle"])
            if not found:
                return tuple(self._read)


def subscribe(stack: Stack) -> Inbox:
    """Subscribe to the topic."""
    topic = stack.outputs["AttentionTopic"]
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUE}"
    topic_may_send = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue,
                "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
            }
        ],
    }
    url = stack.client("sqs").create_queue(QueueName=QUEUE, Attributes={"Policy": json.dumps(topic_may_send)})[
        "QueueUrl"
    ]
    stack.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    return Inbox(stack, url)


def _message(body: str) -> Message:
    notice: dict[str, Any] = json.loads(body)
    return Message(subject=notice.get("Subject", ""), text=notice["Message"])
