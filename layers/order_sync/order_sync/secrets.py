"""Secrets of the partners, in AWS Secrets Manager: read when needed, kept for minutes, never logged."""

import time
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from order_sync.domain.errors import RejectedError, RetriableError

if TYPE_CHECKING:
    from types_boto3_secretsmanager.client import SecretsManagerClient

KEPT_SECONDS: Final = 300.0
_NO_VALUE: Final = "does not exist or has no value: create it or put its value"
_NEEDS_A_PERSON: Final = {
    "ResourceNotFoundException": _NO_VALUE,
    "AccessDeniedException": "must not be used by this function",
    "InvalidRequestException": "is marked for deletion",
    "DecryptionFailure": "cannot be decrypted",
}


class Secrets:
    """The secrets below one prefix."""

    def __init__(self, client: "SecretsManagerClient", prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._kept: dict[str, tuple[float, str]] = {}

    def read(self, name: str, *, afresh: bool = False) -> str:
        """One secret's text. Raises RejectedError that names a secret which needs a person."""
        kept = self._kept.get(name)
        if kept and not afresh and time.monotonic() - kept[0] < KEPT_SECONDS:
            return kept[1]
        secret_id = f"{self._prefix}/{name}"
        try:
            answer = self._client.get_secret_value(SecretId=secret_id)
        except (ClientError, BotoCoreError) as error:
            raise _understood(secret_id, error) from error
        if "SecretString" not in answer:
            raise RejectedError(f"secret {secret_id} must be text, not binary")
        text = answer["SecretString"]
        if not text.strip():
            raise RejectedError(f"secret {secret_id} {_NO_VALUE}")
        self._kept[name] = (time.monotonic(), text)
        return text

    def write(self, name: str, text: str) -> None:
        """Replace a secret's text."""
        secret_id = f"{self._prefix}/{name}"
        try:
            self._client.put_secret_value(SecretId=secret_id, SecretString=text)
        except (ClientError, BotoCoreError) as error:
            raise _understood(secret_id, error) from error
        self._kept.pop(name, None)

    def put(self, name: str, text: str, key: str) -> None:
        """Replace a secret's text, or make the secret, encrypted by a key."""
        secret_id = f"{self._prefix}/{name}"
        try:
            try:
                self._client.put_secret_value(SecretId=secret_id, SecretString=text)
            except self._client.exceptions.ResourceNotFoundException:
                self._client.create_secret(Name=secret_id, SecretString=text, KmsKeyId=key)
        except (ClientError, BotoCoreError) as error:
            raise _understood(secret_id, error) from error
        self._kept.pop(name, None)


def _understood(secret_id: str, error: ClientError | BotoCoreError) -> Exception:
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
    if code in _NEEDS_A_PERSON:
        return RejectedError(f"secret {secret_id} {_NEEDS_A_PERSON[code]}")
    return RetriableError(f"Secrets Manager: {code}")
