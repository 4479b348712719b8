"""What goes wrong is told in one sentence, which names what helps."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, NoRegionError, ProfileNotFound

from cli.errors import CommandError, sentence
from order_sync.domain.errors import RejectedError, RetriableError


def refused(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "GetItem")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (refused("AccessDeniedException", "not authorized to perform: dynamodb:GetItem"), "does not allow you GetItem"),
        (refused("ExpiredTokenException"), "sign in again"),
        (refused("InternalServerError", "oh"), "AWS refused GetItem: oh"),
        (NoCredentialsError(), "No AWS credentials"),
        (NoRegionError(), "--region"),
        (ProfileNotFound(profile="nobody"), "nobody"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "http://127.0.0.1:1"),
        (CommandError("As it is."), "As it is."),
        (RejectedError("shop 7 has no settings"), "shop 7 has no settings"),
        (RetriableError("DynamoDB GetItem: ThrottlingException"), "Not now, try again"),
    ],
)
def test_an_error_is_a_sentence(error: Exception, words: str) -> None:
    assert words in sentence(error)
    assert "\n" not in sentence(error)
