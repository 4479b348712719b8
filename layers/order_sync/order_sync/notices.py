"""Notices to the people who look after the shops: an SNS topic that they subscribe to. No buyer data goes there."""

from typing import Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from order_sync.domain.errors import RejectedError, RetriableError

LONGEST_SUBJECT: Final = 99
"""SNS takes fewer than 100 characters, no line breaks and no control characters."""

_NEEDS_A_PERSON: Final = {
    "NotFound": "does not exist",
    "AuthorizationError": "must not be used by this function",
    "AccessDenied": "must not be used by this function",
    "AccessDeniedException": "must not be used by this function",
    "KMSAccessDenied": "has a key that must not be used by this function",
    "KMSDisabled": "has a key that is disabled",
    "KMSInvalidState": "has a key that cannot be used",
    "KMSNotFound": "has a key that does not exist",
    "KMSOptInRequired": "has a key that cannot be used",
    "InvalidParameter": "does not take the notice",
    "ParameterValueInvalid": "does not take the notice",
    "ValidationException": "does not take the notice",
    "InvalidSecurity": "does not take the notice",
}


class _Publishes(Protocol):
    """What is used of boto3's SNS client."""

    def publish(self, *, TopicArn: str, Subject: str, Message: str) -> Any: ...  # noqa: N803 - SNS's own names


class Attention:
    """The topic of what a person should hear of."""

    def __init__(self, client: _Publishes, topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def publish(self, subject: str, text: str) -> None:
        """Tell everybody who subscribed. A subject is cut to what SNS takes.

        Raises RetriableError when SNS cannot be reached, RejectedError when a person must put the topic right.
        """
        try:
            self._client.publish(TopicArn=self._topic_arn, Subject=_subject(subject), Message=text)
        except (ClientError, BotoCoreError) as error:
            raise self._understood(error) from error

    def _understood(self, error: ClientError | BotoCoreError) -> Exception:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
        if code in _NEEDS_A_PERSON:
            return RejectedError(f"topic {self._topic_arn} {_NEEDS_A_PERSON[code]}: {code}")
        return RetriableError(f"SNS: {code}")


def _subject(text: str) -> str:
    line = " ".join(text.split())
    readable = "".join(sign if sign.isascii() and sign.isprintable() else "?" for sign in line)
    return readable[:LONGEST_SUBJECT].rstrip()
