"""The table in DynamoDB: low-level client, hand-written attribute maps."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from order_sync.domain.errors import RetriableError
from order_sync.ledger.table import Add, Item, Key, Put, Scalar, VersionConflictError, Write

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

DUE_INDEX: Final = "due"
_KEYS_A_BATCH: Final = 100
_BATCH_TRIES: Final = 5
_LOST_RACES: Final = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
_OUR_FAULT: Final = frozenset(
    {
        "ValidationException",
        "ValidationError",
        "SerializationException",
        "AccessDeniedException",
        "ResourceNotFoundException",
    }
)
"""Trying again cannot help. ValidationError stands among the reasons of a cancelled transaction."""


class DynamoTable:
    """One DynamoDB table with the `due` index. Throttling and outages are RetriableError."""

    def __init__(self, client: "DynamoDBClient", name: str, sleep: Callable[[float], None]) -> None:
        self._client = client
        self._name = name
        self._sleep = sleep

    def get(self, key: Key) -> Item | None:
        """One item."""
        answer = self._call("GetItem", self._client.get_item, TableName=self._name, Key=_key(key), ConsistentRead=True)
        return _item(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Iterable[Key]) -> list[Item]:
        """Those of the items that exist; what DynamoDB leaves unprocessed is asked for again."""
        found: list[Item] = []
        for batch in batched(dict.fromkeys(keys), _KEYS_A_BATCH, strict=False):
            wanted: list[Any] = [_key(key) for key in batch]
            for attempt in range(_BATCH_TRIES):
                answer = self._call(
                    "BatchGetItem",
                    self._client.batch_get_item,
                    RequestItems={self._name: {"Keys": wanted, "ConsistentRead": True}},
                )
                found += [_item(raw) for raw in answer["Responses"].get(self._name, [])]
                wanted = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])
                if not wanted:
                    break
                self._sleep(0.05 * 2**attempt)
            else:
                raise RetriableError(f"DynamoDB left {len(wanted)} keys of a BatchGetItem unprocessed")
        return found

    def query(self, pk: str, *, since: str = "", before: str = "") -> list[Item]:
        """The items of one partition in a range of sort keys, all pages."""
        condition, values = "pk = :pk", {":pk": {"S": pk}}
        # A key condition takes one range over the sort key: BETWEEN holds both its ends.
        if since and before:
            condition += " AND sk BETWEEN :since AND :before"
            values |= {":since": {"S": since}, ":before": {"S": before}}
        elif since:
            condition, values = condition + " AND sk >= :since", values | {":since": {"S": since}}
        elif before:
            condition, values = condition + " AND sk < :before", values | {":before": {"S": before}}
        items = self._pages(
            TableName=self._name,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            ConsistentRead=True,
        )
        return [item for item in items if not before or str(item["sk"]) < before]

    def due(self, due_list: str, until: int, limit: int, since: int = 0) -> list[Key]:
        """From the index, which lags a little: the keys that are due."""
        if since > until:
            return []
        items = self._pages(limit=limit, **self._window(due_list, since, until))
        return [Key(str(item["pk"]), str(item["sk"])) for item in items]

    def count_due(self, due_list: str, until: int, since: int = 0) -> int:
        """From the index, which lags a little: how many keys are due, all pages."""
        if since > until:
            return 0
        answers = self._answers(**self._window(due_list, since, until), Select="COUNT")
        return sum(int(answer["Count"]) for answer in answers)

    def put(self, put: Put) -> None:
        """Write one item. Raises VersionConflictError."""
        self._call("PutItem", self._client.put_item, **self._put_arguments(put))

    def write_all(self, writes: Sequence[Write]) -> None:
        """Write all items or none. Raises VersionConflictError."""
        self._call(
            "TransactWriteItems",
            self._client.transact_write_items,
            TransactItems=[
                {"Put": self._put_arguments(write)}
                if isinstance(write, Put)
                else {"Update": self._add_arguments(write)}
                for write in writes
            ],
        )

    def delete(self, key: Key, *, expects: int | None = None) -> None:
        """Remove an item. Raises VersionConflictError."""
        condition = _has_version(expects) if expects is not None else {}
        self._call("DeleteItem", self._client.delete_item, TableName=self._name, Key=_key(key), **condition)

    def _put_arguments(self, put: Put) -> dict[str, Any]:
        arguments: dict[str, Any] = {"TableName": self._name, "Item": _attributes(put.item)}
        if put.expects == 0:
            arguments["ConditionExpression"] = "attribute_not_exists(pk)"
        elif put.expects is not None:
            arguments |= _has_version(put.expects)
        return arguments

    def _add_arguments(self, add: Add) -> dict[str, Any]:
        numbered = list(enumerate(add.amounts.items()))
        return {
            "TableName": self._name,
            "Key": _key(add.key),
            "UpdateExpression": "ADD " + ", ".join(f"#n{number} :n{number}" for number, _ in numbered),
            "ExpressionAttributeNames": {f"#n{number}": name for number, (name, _) in numbered},
            "ExpressionAttributeValues": {f":n{number}": _attribute(amount) for number, (_, amount) in numbered},
        }

    def _window(self, due_list: str, since: int, until: int) -> dict[str, Any]:
        # BETWEEN holds both its ends, and is refused when they are the wrong way round.
        return {
            "TableName": self._name,
            "IndexName": DUE_INDEX,
            "KeyConditionExpression": "due_list = :list AND due_at BETWEEN :since AND :until",
            "ExpressionAttributeValues": {
                ":list": {"S": due_list},
                ":since": {"N": str(since)},
                ":until": {"N": str(until)},
            },
        }

    def _pages(self, *, limit: int = 0, **arguments: Any) -> list[Item]:
        found: list[Item] = []
        for answer in self._answers(limit=limit, **arguments):
            found += [_item(raw) for raw in answer["Items"]]
        return found

    def _answers(self, *, limit: int = 0, **arguments: Any) -> Iterator[Any]:
        left = limit
        while True:
            if limit:
                arguments["Limit"] = left
            answer = self._call("Query", self._client.query, **arguments)
            yield answer
            left -= answer["Count"]
            if "LastEvaluatedKey" not in answer or (limit and left <= 0):
                return
            arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _call(self, operation: str, method: Callable[..., Any], **arguments: Any) -> Any:
        try:
            return method(**arguments)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", [])}
            if code in ("ConditionalCheckFailedException", "TransactionConflictException") or (
                code == "TransactionCanceledException" and reasons & _LOST_RACES
            ):
                raise VersionConflictError(operation) from error
            if _OUR_FAULT & {code, *reasons}:
                raise
            raise RetriableError(f"DynamoDB {operation}: {code}") from error
        except ParamValidationError:
            raise
        except BotoCoreError as error:
            raise RetriableError(f"DynamoDB {operation}: {type(error).__name__}") from error


def _has_version(version: int) -> dict[str, Any]:
    return {
        "ConditionExpression": "version = :version",
        "ExpressionAttributeValues": {":version": {"N": str(version)}},
    }


def _key(key: Key) -> dict[str, Any]:
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def _attributes(item: Item) -> dict[str, Any]:
    return {name: _attribute(value) for name, value in item.items()}


def _attribute(value: Scalar) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BOOL": value}
    return {"N": str(value)} if isinstance(value, int) else {"S": value}


def _item(raw: Any) -> Item:
    item: Item = {}
    for name, attribute in raw.items():
        ((kind, value),) = attribute.items()
        item[name] = int(value) if kind == "N" else value
    return item
