"""Notices to the people who look after the shops."""

from functools import cache

import boto3

from order_sync.bootstrap.runs import AWS_CONFIG, settings
from order_sync.notices import Attention


def publish(subject: str, text: str) -> None:
    """Tell whoever subscribed to the stack's topic."""
    _attention().publish(subject, text)


@cache
def _attention() -> Attention:
    return Attention(boto3.client("sns", config=AWS_CONFIG), settings().attention_topic_arn)
