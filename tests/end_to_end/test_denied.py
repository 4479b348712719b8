"""Each function's role on the embedded AWS, which enforces it: what hurts is denied for real, what is needed is not."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.aws import ACCOUNT, REGION
from local.stack import client_of, embedded_aws
from tests import rights
from tests.unit.test_rights import MUST_NOT

pytestmark = [pytest.mark.end_to_end, pytest.mark.enable_socket]

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}],
}
KEYS = {"pk": "S", "sk": "S"}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The table, and one role for each function with the statements of the template."""
    with embedded_aws(tmp_path_factory.mktemp("aws") / "aws.log") as endpoint:
        client_of(endpoint, "dynamodb").create_table(
            TableName="ledger",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in KEYS.items()],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
        )
        iam = client_of(endpoint, "iam")
        for function in rights.LOGICAL_NAMES:
            text = json.dumps({"Version": "2012-10-17", "Statement": rights.statements_of(function)})
            iam.create_role(RoleName=function, AssumeRolePolicyDocument=json.dumps(TRUST))
            document = text.replace(rights.ACCOUNT, ACCOUNT)
            iam.put_role_policy(RoleName=function, PolicyName="all", PolicyDocument=document)
        yield endpoint


def table_of(endpoint: str, function: str) -> Any:
    """DynamoDB with the credentials of a function's role."""
    role = f"arn:aws:iam::{ACCOUNT}:role/{function}"
    given = client_of(endpoint, "sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    session = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], REGION)
    return session.client("dynamodb", endpoint_url=endpoint, config=Config(proxies={}))


def attempt(table: Any, action: str, partition_key: str) -> None:
    key = {"pk": {"S": partition_key}, "sk": {"S": "any"}}
    match action:
        case "GetItem":
            table.get_item(TableName="ledger", Key=key)
        case "BatchGetItem":
            table.batch_get_item(RequestItems={"ledger": {"Keys": [key]}})
        case "Query":
            values = {":pk": {"S": partition_key}}
            table.query(TableName="ledger", KeyConditionExpression="pk = :pk", ExpressionAttributeValues=values)
        case "PutItem":
            table.put_item(TableName="ledger", Item=key)
        case "UpdateItem":
            table.update_item(
                TableName="ledger", Key=key, UpdateExpression="ADD late :n", ExpressionAttributeValues=ONE
            )
        case "DeleteItem":
            table.delete_item(TableName="ledger", Key=key)


ONE = {":n": {"N": "1"}}


def is_denied(table: Any, action: str, family: str) -> bool:
    try:
        attempt(table, action, family.replace("*", "1#2"))
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        return True
    return False


@pytest.mark.parametrize("function", sorted(MUST_NOT))
def test_a_function_is_denied_for_real_what_it_must_not_do(endpoint: str, function: str) -> None:
    table = table_of(endpoint, function)

    assert [each for each in MUST_NOT[function] if not is_denied(table, *each)] == []


@pytest.mark.parametrize("function", sorted(MUST_NOT))
def test_a_function_is_given_for_real_what_its_role_allows(endpoint: str, function: str) -> None:
    table = table_of(endpoint, function)
    allowed = [(action, family) for action in rights.ACTIONS for family in rights.families_for(function, action)]

    assert allowed
    assert [each for each in allowed if is_denied(table, *each)] == []


def test_each_item_of_a_transaction_is_judged_by_itself(endpoint: str) -> None:
    head = {"Put": {"TableName": "ledger", "Item": {"pk": {"S": "ORDER#1#2"}, "sk": {"S": "ORDER"}}}}
    settings = {"Put": {"TableName": "ledger", "Item": {"pk": {"S": "SHOPS"}, "sk": {"S": "1"}}}}
    counters = {
        "Update": {
            "TableName": "ledger",
            "Key": {"pk": {"S": "SHOP#1"}, "sk": {"S": "DISPATCH#1"}},
            "UpdateExpression": "ADD late :n",
            "ExpressionAttributeValues": ONE,
        }
    }
    table = table_of(endpoint, "poll_tiktok")

    table.transact_write_items(TransactItems=[head, counters])
    with pytest.raises(ClientError, match="AccessDenied"):
        table.transact_write_items(TransactItems=[head, settings])


def test_a_batch_is_denied_for_one_item_that_is_not_allowed(endpoint: str) -> None:
    keys = [{"pk": {"S": key}, "sk": {"S": "any"}} for key in ("ORDER#1#2", "SHOPS")]

    with pytest.raises(ClientError, match="AccessDenied"):
        table_of(endpoint, "poll_tiktok").batch_get_item(RequestItems={"ledger": {"Keys": keys}})
