"""The table in memory answers random sequences of operations as the one in DynamoDB does: results and refusals."""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pytest

from local.memory_table import MemoryTable
from tests.adapters.ledger.broken_tables import BROKEN_TABLES
from tests.adapters.ledger.conftest import empty_table
from tests.adapters.ledger.random_calls import Call, difference, fewest, random_calls

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

LENGTH = 150
OPERATIONS = int(os.environ.get("TABLE_OPERATIONS", "1200"))
"""In all. A release is made with 50,000."""


def test_both_tables_agree_on_random_operations(
    dynamodb: "DynamoDBClient", record_property: Callable[[str, object], None]
) -> None:
    seen: Counter[str] = Counter()

    def differ(calls: Sequence[Call]) -> str | None:
        with empty_table(dynamodb) as dynamo_table:
            return difference(MemoryTable(), dynamo_table, calls, seen)

    sequences = -(-OPERATIONS // LENGTH)
    for seed in range(sequences):
        calls = random_calls(seed, LENGTH)
        if differ(calls):
            needed = fewest(calls, lambda some: differ(some) is not None)
            raise AssertionError(f"seed {seed}: {differ(needed)} after\n" + "\n".join(map(str, needed)))
    record_property("random operations that both tables answered alike", sequences * LENGTH)
    # Of all that can come of an operation, each came often enough to be worth comparing.
    for outcome in ("put: conflict", "put: refused", "write_all: conflict", "write_all: refused", "delete: conflict"):
        assert seen[outcome] >= OPERATIONS // 200, outcome
    for outcome in ("get: done", "get_many: done", "query: done", "due: done", "count_due: done"):
        assert seen[outcome] >= OPERATIONS // 100, outcome


@pytest.mark.parametrize("broken", BROKEN_TABLES, ids=lambda broken: broken.__name__)
def test_a_fault_of_a_table_shows_within_a_few_random_operations(broken: type[MemoryTable]) -> None:
    def differ(calls: Sequence[Call]) -> bool:
        return difference(MemoryTable(), broken(), calls) is not None

    calls = next(calls for calls in (random_calls(seed, LENGTH) for seed in range(4)) if differ(calls))
    assert len(fewest(calls, differ)) <= 4
