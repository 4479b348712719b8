"""Whoever may do something to a message may do it to ten at once: IAM has no actions of their own for SQS's batches.

Left alone, MiniStack asks for sqs:DeleteMessageBatch and its like, which no policy can allow on AWS.
"""

import re

from ministack.core import iam_evaluator

BATCH = re.compile(r"^(sqs:\w+)Batch$")


def correct() -> None:
    """Judge a batch by the action of a single message."""
    stock_enforce = iam_evaluator.enforce

    def enforce(access_key: str, action: str, *more: str, **named: object) -> object:
        return stock_enforce(access_key, BATCH.sub(r"\1", action), *more, **named)

    iam_evaluator.enforce = enforce
