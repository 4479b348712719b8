"""Credentials are typed in hidden or piped, checked before they are written, and never shown."""

import json

import boto3
import pytest

from tests.account import STACK
from tests.adapters.cli.operator import Operator

ACCOUNT = {"application_id": "app-1", "shared_secret": "very-secret-1", "refresh_token": "very-secret-2"}


def key_of(name: str) -> str:
    return str(boto3.client("secretsmanager").describe_secret(SecretId=f"{STACK}/{name}")["KmsKeyId"])


def test_an_accounts_credentials_are_typed_in_and_kept_under_the_stacks_key(operator: Operator) -> None:
    said = operator.types("credentials", "channeladvisor", "main", hidden=tuple(ACCOUNT.values()))
    assert said.status == 0, said.error
    assert said.out == f"secret {STACK}/channeladvisor/main is created\n"
    assert operator.secret("channeladvisor/main") == ACCOUNT
    assert key_of("channeladvisor/main") == operator.key


def test_credentials_that_are_there_are_replaced_and_brought_under_the_stacks_key(operator: Operator) -> None:
    said = operator.asks("credentials", "oms", operator.account.shop_id, "-", lines='{"token": "very-secret-3"}')
    assert said == {"secret": f"{STACK}/oms/{operator.account.shop_id}", "created": False}
    assert operator.secret(f"oms/{operator.account.shop_id}") == {"token": "very-secret-3"}
    assert key_of(f"oms/{operator.account.shop_id}") == operator.key
    operator.asks("credentials", "oms", operator.account.shop_id, "-", lines='{"token": "very-secret-4"}')
    assert operator.secret(f"oms/{operator.account.shop_id}") == {"token": "very-secret-4"}


def test_the_apps_service_id_may_be_left_out(operator: Operator) -> None:
    assert operator.types("credentials", "tiktok-app", hidden=("key", "very-secret-5", "")).status == 0
    assert operator.secret("tiktok-app") == {"app_key": "key", "app_secret": "very-secret-5"}
    assert operator.types("credentials", "tiktok-app", hidden=("key", "very-secret-5", "7404")).status == 0
    assert operator.secret("tiktok-app")["service_id"] == "7404"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (json.dumps({"application_id": "a", "shared_secret": "very-secret-6"}), "refresh_token"),
        (json.dumps(ACCOUNT | {"shared_secret": ""}), "shared_secret"),
        ("very-secret-7", "cannot be used"),
        ('["very-secret-8"]', "cannot be used"),
    ],
)
def test_what_cannot_be_used_is_refused_by_the_fields_name_and_nothing_is_written_or_shown(
    operator: Operator, text: str, words: str
) -> None:
    said = operator.types("credentials", "channeladvisor", "main", "-", lines=text)
    assert (said.status, said.out) == (1, "")
    assert words in said.error
    assert "very-secret" not in said.error
    names = {each["Name"] for each in boto3.client("secretsmanager").list_secrets()["SecretList"]}
    assert f"{STACK}/channeladvisor/main" not in names


def test_credentials_are_no_argument(operator: Operator) -> None:
    """They would stand in the shell's history."""
    assert operator.types("credentials", "oms", "1", "very-secret-9").status == 2


def test_a_secret_that_is_marked_for_deletion_is_told(operator: Operator) -> None:
    name = f"{STACK}/oms/{operator.account.shop_id}"
    boto3.client("secretsmanager").delete_secret(SecretId=name)
    said = operator.types("credentials", "oms", operator.account.shop_id, "-", lines='{"token": "t"}')
    assert (said.status, "marked for deletion" in said.error) == (1, True)
