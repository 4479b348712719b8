"""What DynamoDB's refusals mean to the ledger: a lost race, an outage, or our own mistake."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, ParamValidationError
from botocore.stub import Stubber

from order_sync.domain.errors import RetriableError
from order_sync.ledger.dynamodb import DynamoTable
from order_sync.ledger.table import Add, Item, Key, Put, VersionConflictError

KEY = Key("P", "S")
ITEM: Item = {"pk": "P", "sk": "S"}
RAW_KEY = {"pk": {"S": "P"}, "sk": {"S": "S"}}

OPERATIONS: dict[str, Callable[[DynamoTable], object]] = {
    "get_item": lambda table: table.get(KEY),
    "batch_get_item": lambda table: table.get_many([KEY]),
    "query": lambda table: table.query("P"),
    "put_item": lambda table: table.put(Put(item=ITEM)),
    "transact_write_items": lambda table: table.write_all([Put(item=ITEM)]),
    "delete_item": lambda table: table.delete(KEY),
}

every_operation = pytest.mark.parametrize("operation", OPERATIONS)


class Stubbed:
    """A table whose DynamoDB answers from a list, and the seconds that the table slept."""

    def __init__(self) -> None:
        client = boto3.client(
            "dynamodb",
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )
        self.answers = Stubber(client)
        self.slept: list[float] = []
        self.table = DynamoTable(client, "ledger", self.slept.append)


@pytest.fixture
def stubbed() -> Iterator[Stubbed]:
    stubbed = Stubbed()
    with stubbed.answers:
        yield stubbed
    stubbed.answers.assert_no_pending_responses()


def cancelled_because(*reasons: str) -> dict[str, Any]:
    return {"CancellationReasons": [{"Code": reason} for reason in reasons]}


@pytest.mark.parametrize(
    "reasons",
    [
        ("ConditionalCheckFailed",),
        ("None", "ConditionalCheckFailed"),
        ("None", "TransactionConflict"),
        ("ThrottlingError", "ConditionalCheckFailed"),
    ],
)
def test_a_transaction_that_lost_a_race_is_a_conflict(stubbed: Stubbed, reasons: tuple[str, ...]) -> None:
    stubbed.answers.add_client_error(
        "transact_write_items", "TransactionCanceledException", modeled_fields=cancelled_because(*reasons)
    )
    with pytest.raises(VersionConflictError):
        stubbed.table.write_all([Put(item=ITEM, expects=0)])


def test_an_add_that_meets_another_transaction_at_its_item_is_a_conflict(stubbed: Stubbed) -> None:
    stubbed.answers.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        modeled_fields=cancelled_because("None", "TransactionConflict"),
    )
    with pytest.raises(VersionConflictError):
        stubbed.table.write_all([Put(item=ITEM), Add(key=Key("SHOP#1", "COUNTER"), amounts={"late": 1})])


def test_an_add_asks_for_no_condition_and_names_its_numbers_by_placeholders(stubbed: Stubbed) -> None:
    add = Add(key=KEY, amounts={"late": 1, "in_all.by_tiktok": -2})
    expected = {
        "TransactItems": [
            {
                "Update": {
                    "TableName": "ledger",
                    "Key": RAW_KEY,
                    "UpdateExpression": "ADD #n0 :n0, #n1 :n1",
                    "ExpressionAttributeNames": {"#n0": "late", "#n1": "in_all.by_tiktok"},
                    "ExpressionAttributeValues": {":n0": {"N": "1"}, ":n1": {"N": "-2"}},
                }
            }
        ],
    }
    stubbed.answers.add_response("transact_write_items", {}, expected)
    stubbed.table.write_all([add])


@pytest.mark.parametrize("code", ["ConditionalCheckFailedException", "TransactionConflictException"])
def test_a_put_that_lost_a_race_is_a_conflict(stubbed: Stubbed, code: str) -> None:
    stubbed.answers.add_client_error("put_item", code)
    with pytest.raises(VersionConflictError):
        stubbed.table.put(Put(item=ITEM, expects=0))


@every_operation
@pytest.mark.parametrize(
    "code",
    [
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "InternalServerError",
        "ServiceUnavailable",
    ],
)
def test_throttling_and_outages_can_be_tried_again(stubbed: Stubbed, operation: str, code: str) -> None:
    stubbed.answers.add_client_error(operation, code)
    with pytest.raises(RetriableError, match=code):
        OPERATIONS[operation](stubbed.table)


@pytest.mark.parametrize("reason", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_throttled_transaction_can_be_tried_again(stubbed: Stubbed, reason: str) -> None:
    stubbed.answers.add_client_error(
        "transact_write_items", "TransactionCanceledException", modeled_fields=cancelled_because("None", reason)
    )
    with pytest.raises(RetriableError):
        stubbed.table.write_all([Put(item=ITEM)])


@every_operation
@pytest.mark.parametrize("code", ["ValidationException", "AccessDeniedException", "ResourceNotFoundException"])
def test_our_own_mistakes_are_raised_as_they_are(stubbed: Stubbed, operation: str, code: str) -> None:
    stubbed.answers.add_client_error(operation, code)
    with pytest.raises(ClientError, match=code):
        OPERATIONS[operation](stubbed.table)


def test_an_invalid_item_in_a_transaction_is_raised_as_it_is(stubbed: Stubbed) -> None:
    stubbed.answers.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        modeled_fields=cancelled_because("None", "ValidationError"),
    )
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        stubbed.table.write_all([Put(item=ITEM)])


def test_a_request_that_was_never_sent_for_its_parameters_is_raised_as_it_is() -> None:
    with pytest.raises(ParamValidationError):
        Stubbed().table.write_all([])


@every_operation
def test_a_connection_that_fails_can_be_tried_again(operation: str) -> None:
    stubbed = Stubbed()

    def refuse(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com")

    stubbed.answers.client.meta.events.register("before-send.dynamodb", refuse)
    with pytest.raises(RetriableError, match="EndpointConnectionError"):
        OPERATIONS[operation](stubbed.table)


def batch_answer(found: bool, unprocessed: bool) -> dict[str, Any]:  # noqa: FBT001
    return {
        "Responses": {"ledger": [RAW_KEY]} if found else {},
        "UnprocessedKeys": {"ledger": {"Keys": [RAW_KEY]}} if unprocessed else {},
    }


def test_keys_that_were_left_unprocessed_are_asked_for_again(stubbed: Stubbed) -> None:
    asked = {"RequestItems": {"ledger": {"Keys": [RAW_KEY], "ConsistentRead": True}}}
    stubbed.answers.add_response("batch_get_item", batch_answer(found=False, unprocessed=True), asked)
    stubbed.answers.add_response("batch_get_item", batch_answer(found=False, unprocessed=True), asked)
    stubbed.answers.add_response("batch_get_item", batch_answer(found=True, unprocessed=False), asked)
    assert stubbed.table.get_many([KEY]) == [ITEM]
    assert len(stubbed.slept) == 2
    assert 0 < stubbed.slept[0] < stubbed.slept[1]


def test_keys_that_stay_unprocessed_can_be_tried_again_later(stubbed: Stubbed) -> None:
    for _ in range(5):
        stubbed.answers.add_response("batch_get_item", batch_answer(found=False, unprocessed=True))
    with pytest.raises(RetriableError, match="left 1 keys"):
        stubbed.table.get_many([KEY])


def test_a_query_follows_its_pages_and_a_limit_ends_them(stubbed: Stubbed) -> None:
    stubbed.answers.add_response("query", {"Items": [RAW_KEY], "Count": 1, "LastEvaluatedKey": RAW_KEY})
    stubbed.answers.add_response("query", {"Items": [RAW_KEY], "Count": 1})
    assert stubbed.table.query("P") == [ITEM, ITEM]
    stubbed.answers.add_response("query", {"Items": [RAW_KEY], "Count": 1, "LastEvaluatedKey": RAW_KEY})
    stubbed.answers.add_response("query", {"Items": [RAW_KEY], "Count": 1, "LastEvaluatedKey": RAW_KEY})
    assert stubbed.table.due("LIST", 1, 2) == [KEY, KEY]


def test_a_count_asks_for_no_items_and_adds_up_its_pages(stubbed: Stubbed) -> None:
    asked = {
        "TableName": "ledger",
        "IndexName": "due",
        "KeyConditionExpression": "due_list = :list AND due_at BETWEEN :since AND :until",
        "ExpressionAttributeValues": {":list": {"S": "LIST"}, ":since": {"N": "5"}, ":until": {"N": "9"}},
        "Select": "COUNT",
    }
    stubbed.answers.add_response("query", {"Count": 7000, "LastEvaluatedKey": RAW_KEY}, asked)
    # A page may be empty and still not be the last.
    stubbed.answers.add_response(
        "query", {"Count": 0, "LastEvaluatedKey": RAW_KEY}, asked | {"ExclusiveStartKey": RAW_KEY}
    )
    stubbed.answers.add_response("query", {"Count": 3}, asked | {"ExclusiveStartKey": RAW_KEY})
    assert stubbed.table.count_due("LIST", 9, since=5) == 7003


def test_a_window_that_ends_before_it_starts_is_empty_and_not_asked_for(stubbed: Stubbed) -> None:
    assert stubbed.table.due("LIST", 5, 10, since=6) == []
    assert stubbed.table.count_due("LIST", 5, since=6) == 0


@pytest.mark.parametrize("operation", ["get_item", "batch_get_item", "query"])
def test_reads_are_strongly_consistent(stubbed: Stubbed, operation: str) -> None:
    empty: dict[str, dict[str, Any]] = {
        "get_item": {},
        "batch_get_item": {"Responses": {}},
        "query": {"Items": [], "Count": 0},
    }
    consistent: dict[str, dict[str, Any]] = {
        "get_item": {"TableName": "ledger", "Key": RAW_KEY, "ConsistentRead": True},
        "batch_get_item": {"RequestItems": {"ledger": {"Keys": [RAW_KEY], "ConsistentRead": True}}},
        "query": {
            "TableName": "ledger",
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": "P"}},
            "ConsistentRead": True,
        },
    }
    stubbed.answers.add_response(operation, empty[operation], consistent[operation])
    OPERATIONS[operation](stubbed.table)
