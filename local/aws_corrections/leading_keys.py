"""A policy may say whose items of a table it is about: by dynamodb:LeadingKeys, the partition keys of a request.

Left alone, MiniStack does not know that key. A statement that asks for it with ForAllValues, which is true of no value
at all, would then allow every item.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_actions, iam_evaluator

PARTITION_KEY = "pk"
"""Of the only table that the template has."""

CONDITION_KEY = "dynamodb:LeadingKeys"


class _ItemsTable(str):
    """The table that one item of a transaction is in, and the item's own key: each item is judged by itself."""

    __slots__ = ("leading_keys",)
    leading_keys: list[str]


def correct() -> None:
    """Tell the evaluator of policies the partition keys of every request."""
    stock_context = iam_actions.dynamodb_service_context
    stock_checks = iam_actions.dynamodb_transaction_checks
    stock_enforce = iam_evaluator.enforce

    def context(body: bytes) -> dict[str, Any]:
        keys = leading_keys(_read(body))
        return {**stock_context(body), **({CONDITION_KEY: keys} if keys else {})}

    def checks(action: str, body: bytes, region: str, account: str) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for item in _read(body).get("TransactItems") or []:
            one = json.dumps({"TransactItems": [item]}).encode()
            for item_action, table in stock_checks(action, one, region, account):
                named = _ItemsTable(table)
                named.leading_keys = leading_keys_of_item(item)
                found.append((item_action, named))
        return found

    def enforce(*call: str, resource_arn: str = "*", service_context: Mapping[str, Any] | None = None) -> object:
        given = dict(service_context or {})
        if isinstance(resource_arn, _ItemsTable):
            given[CONDITION_KEY] = resource_arn.leading_keys
        return stock_enforce(*call, resource_arn=resource_arn, service_context=given)

    iam_actions.dynamodb_service_context = context
    iam_actions.dynamodb_transaction_checks = checks
    iam_evaluator.enforce = enforce


def leading_keys(request: Mapping[str, Any]) -> list[str]:
    """The partition keys that a request to DynamoDB names.

    None for a request to an index: AWS documents the condition for a table's own key only.
    """
    if request.get("IndexName"):
        return []
    if condition := request.get("KeyConditionExpression"):
        return _queried(condition, request)
    batch = request.get("RequestItems") or {}
    keys = [key for table in batch.values() if isinstance(table, dict) for key in table.get("Keys", [])]
    return [text for key in keys or [request.get("Key") or request.get("Item") or {}] for text in _partition(key)]


def leading_keys_of_item(item: Mapping[str, Any]) -> list[str]:
    """The partition key of one item of a transaction."""
    return [key for part in item.values() for key in leading_keys(part)]


def _queried(condition: str, request: Mapping[str, Any]) -> list[str]:
    names, values = request.get("ExpressionAttributeNames") or {}, request.get("ExpressionAttributeValues") or {}
    clauses = re.findall(r"([#\w]+)\s*=\s*(:\w+)", condition)
    return [values[value]["S"] for name, value in clauses if names.get(name, name) == PARTITION_KEY]


def _partition(key: Mapping[str, Any]) -> list[str]:
    return [key[PARTITION_KEY]["S"]] if PARTITION_KEY in key else []


def _read(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
