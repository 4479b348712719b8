"""BatchGetItem that processes as much as it likes: nothing is lost, doubled or read for ever."""

from collections import Counter
from random import Random
from typing import Any

from order_sync.domain.errors import RetriableError
from order_sync.ledger.dynamodb import DynamoTable
from order_sync.ledger.table import Item, Key

TRIES = 5
MOST_KEYS = 100
"""Of one request, as DynamoDB has it."""


class Partly:
    """DynamoDB with a table of items, of which each request gets some, in any order."""

    def __init__(self, chance: Random, items: list[Item], share: float) -> None:
        self.requests = 0
        self._chance = chance
        self._items = {(item["pk"], item["sk"]): item for item in items}
        self._share = share

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 (AWS's own name)
        self.requests += 1
        ((table, request),) = RequestItems.items()
        assert set(request) == {"Keys", "ConsistentRead"}
        keys = [(raw["pk"]["S"], raw["sk"]["S"]) for raw in request["Keys"]]
        assert 1 <= len(keys) <= MOST_KEYS
        assert len(set(keys)) == len(keys)
        self._chance.shuffle(keys)
        done = [key for key in keys if self._chance.random() < self._share]
        left = [key for key in keys if key not in done]
        answer: dict[str, Any] = {
            "Responses": {table: [_raw(self._items[key]) for key in done if key in self._items]},
            "UnprocessedKeys": {},
        }
        if left:
            raw_keys = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in left]
            answer["UnprocessedKeys"] = {table: {"Keys": raw_keys, "ConsistentRead": True}}
        return answer


def _raw(item: Item) -> dict[str, Any]:
    return {name: {"N": str(value)} if isinstance(value, int) else {"S": value} for name, value in item.items()}


def _items(chance: Random) -> tuple[list[Item], list[Key]]:
    """What is there, and what is asked for: some of it, some twice, and some that is not there."""
    items: list[Item] = [
        {"pk": f"P{number % 3}", "sk": f"S{number}", "version": number} for number in range(chance.choice([0, 7, 250]))
    ]
    there = [Key(str(item["pk"]), str(item["sk"])) for item in items]
    asked = [key for key in there if chance.random() < 0.8]
    asked += chance.sample(asked, k=len(asked) // 3) + [
        Key("P0", f"X{number}") for number in range(chance.choice([0, 5]))
    ]
    chance.shuffle(asked)
    return items, asked


def _read(client: Any, asked: list[Key], slept: list[float]) -> list[Item] | None:
    """None where some keys stayed unprocessed."""
    try:
        return DynamoTable(client, "ledger", slept.append).get_many(asked)
    except RetriableError:
        return None


def test_whatever_is_left_unprocessed_each_item_is_found_once_or_the_batch_can_be_tried_again() -> None:
    ends: Counter[str] = Counter()
    for seed in range(60):
        chance, slept = Random(seed), list[float]()
        items, asked = _items(chance)
        # At a tenth some keys stay unprocessed at each try.
        client = Partly(chance, items, share=chance.choice([1.0, 0.95, 0.9, 0.1]))
        found = _read(client, asked, slept)
        batches = -(-len(set(asked)) // MOST_KEYS)
        assert client.requests <= batches * TRIES
        assert sum(slept) <= batches * 2.0
        if found is None:
            assert client.requests >= TRIES
        else:
            wanted = [item for item in items if Key(str(item["pk"]), str(item["sk"])) in asked]
            assert sorted(found, key=_sort_key) == sorted(wanted, key=_sort_key), seed
        ends["left" if found is None else "tried again" if slept else "at once"] += 1
    assert all(ends[end] >= 5 for end in ("left", "tried again", "at once")), ends


def _sort_key(item: Item) -> tuple[str, str]:
    return str(item["pk"]), str(item["sk"])
