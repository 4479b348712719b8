"""Notices over botocore's stubbed answers."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.notices import Attention

TOPIC = "arn:aws:sns:us-east-1:123456789012:stack-attention"


@pytest.fixture
def sns() -> Any:
    return boto3.client("sns", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")


@pytest.fixture
def answers(sns: Any) -> Iterator[Stubber]:
    with Stubber(sns) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def attention(sns: Any) -> Attention:
    return Attention(sns, TOPIC)


def takes(answers: Stubber, subject: str, text: str) -> None:
    wanted = {"TopicArn": TOPIC, "Subject": subject, "Message": text}
    answers.add_response("publish", {"MessageId": "1"}, wanted)


def test_a_notice_goes_to_the_topic(attention: Attention, answers: Stubber) -> None:
    takes(answers, "A cancel request waits", "Shop 1, order 2: answer by 14:00.\nSecond line.")
    attention.publish("A cancel request waits", "Shop 1, order 2: answer by 14:00.\nSecond line.")


@pytest.mark.parametrize(
    ("subject", "sent"),
    [
        ("x" * 100, "x" * 99),
        (f"{'x' * 98} y", "x" * 98),
        (" two\nlines\tand a tab ", "two lines and a tab"),
        ("Order \u2013 caf\u00e9\x07", "Order ? caf??"),
    ],
)
def test_a_subject_is_cut_to_what_sns_takes(attention: Attention, answers: Stubber, subject: str, sent: str) -> None:
    takes(answers, sent, "text")
    attention.publish(subject, "text")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("NotFound", "does not exist"),
        ("AuthorizationError", "must not be used by this function"),
        ("KMSAccessDenied", "has a key that must not be used by this function"),
        ("KMSDisabled", "has a key that is disabled"),
        ("InvalidParameter", "does not take the notice"),
    ],
)
def test_what_needs_a_person_names_the_topic(attention: Attention, answers: Stubber, code: str, words: str) -> None:
    answers.add_client_error("publish", code)

    with pytest.raises(RejectedError, match=f"topic {TOPIC} {words}: {code}"):
        attention.publish("subject", "text")


@pytest.mark.parametrize("code", ["InternalError", "KMSThrottling", "Throttling"])
def test_anything_else_may_pass(attention: Attention, answers: Stubber, code: str) -> None:
    answers.add_client_error("publish", code)

    with pytest.raises(RetriableError, match=f"SNS: {code}"):
        attention.publish("subject", "text")


def test_sns_out_of_reach_may_pass() -> None:
    class Unreachable:
        def publish(self, **_given: str) -> None:
            raise EndpointConnectionError(endpoint_url="https://sns.us-east-1.amazonaws.com")

    with pytest.raises(RetriableError, match="SNS: EndpointConnectionError"):
        Attention(Unreachable(), TOPIC).publish("subject", "text")
