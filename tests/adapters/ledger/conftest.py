"""The table of the template, twice: in memory, and in DynamoDB as moto plays it in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from local.memory_table import MemoryTable
from local.translate_template import read_template
from order_sync.ledger.dynamodb import DynamoTable
from order_sync.ledger.table import Table

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

NAME = "ledger"
(TABLE,) = (
    resource["Properties"]
    for resource in read_template()["Resources"].values()
    if resource["Type"] == "AWS::DynamoDB::Table"
)


@pytest.fixture(scope="module")
def dynamodb() -> Iterator["DynamoDBClient"]:
    """A DynamoDB in this process."""
    with mock_aws():
        yield boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")


def no_sleep(_seconds: float) -> None:
    raise AssertionError("nothing here is slow")


@pytest.fixture
def memory_table() -> MemoryTable:
    return MemoryTable()


@contextmanager
def empty_table(dynamodb: "DynamoDBClient") -> Iterator[DynamoTable]:
    """A table as the template describes it, for a while."""
    dynamodb.create_table(
        TableName=NAME,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=TABLE["AttributeDefinitions"],
        KeySchema=TABLE["KeySchema"],
        GlobalSecondaryIndexes=TABLE["GlobalSecondaryIndexes"],
    )
    try:
        yield DynamoTable(dynamodb, NAME, no_sleep)
    finally:
        dynamodb.delete_table(TableName=NAME)


@pytest.fixture
def dynamo_table(dynamodb: "DynamoDBClient") -> Iterator[DynamoTable]:
    """An empty table, made as the template describes it."""
    with empty_table(dynamodb) as table:
        yield table


@pytest.fixture(params=["memory_table", "dynamo_table"])
def table(request: pytest.FixtureRequest) -> Table:
    """Either table: what holds for one must hold for the other."""
    found: Table = request.getfixturevalue(request.param)
    return found
