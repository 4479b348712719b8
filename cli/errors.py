"""What goes wrong, as one sentence for the person at the terminal."""

from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
)

from order_sync.domain.errors import RejectedError, RetriableError

DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
BAD_CREDENTIALS: Final = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)


class CommandError(Exception):
    """The command cannot be carried out; its text is the sentence that the operator reads."""


TOLD: Final = (CommandError, RejectedError, RetriableError, ClientError, BotoCoreError)
"""The errors that are told in a sentence. Anything else is a fault of this program."""


def sentence(error: Exception) -> str:
    """What an error means to the operator, and what helps."""
    match error:
        case ClientError():
            return _answered(error)
        case NoCredentialsError():
            return "No AWS credentials: sign in (`aws sso login`, `aws configure`), or name a --profile."
        case NoRegionError():
            return "No AWS region: name one with --region, or set AWS_REGION."
        case ProfileNotFound() | EndpointConnectionError():
            return f"{error}".rstrip(".") + "."
        case BotoCoreError():
            return f"AWS could not be asked: {error}"
        case RetriableError():
            return f"Not now, try again: {error}"
        case _:
            return str(error)


def _answered(error: ClientError) -> str:
    said = error.response["Error"]
    code, message = said["Code"], said.get("Message", "")
    if code in DENIED:
        return f"AWS does not allow you {error.operation_name}: {message or code}"
    if code in BAD_CREDENTIALS:
        return f"AWS does not accept your credentials ({code}): sign in again, or name another --profile."
    return f"AWS refused {error.operation_name}: {message or code}"
