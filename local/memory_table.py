"""A table in memory with DynamoDB's semantics, as far as the ledger uses them. It counts what DynamoDB would bill."""

from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import nsmallest
from threading import RLock
from typing import Final

from order_sync.ledger.table import Item, Key, Put, Scalar, VersionConflictError

_KILOBYTE: Final = 1024


class MemoryTable:
    """The `Table` port over a dictionary, one operation at a time.

    `write_units` and `read_units` follow DynamoDB's on-demand rules: a write costs its size in whole
    kilobytes, twice that in a transaction, a failed condition costs too, and the index costs one unit
    for each entry that is put and one for each that is removed.
    """

    def __init__(self) -> None:
        self.items: dict[Key, Item] = {}
        self.write_units = 0
        self.read_units = 0.0
        self.calls: Counter[str] = Counter()
        self._partitions: dict[str, dict[str, Item]] = {}
        self._due: dict[str, dict[Key, int]] = {}
        self._lock = RLock()

    def get(self, key: Key) -> Item | None:
        """One item."""
        with self._lock:
            self.calls["get"] += 1
            item = self.items.get(key)
            self.read_units += _read_units(item_size(item) if item else 0)
            return dict(item) if item else None

    def get_many(self, keys: Iterable[Key]) -> list[Item]:
        """Those of the items that exist."""
        with self._lock:
            self.calls["get_many"] += 1
            asked = [self.items.get(key) for key in dict.fromkeys(keys)]
            # Asking for what is not there costs as well.
            self.read_units += sum(_read_units(item_size(item) if item else 0) for item in asked)
            return [dict(item) for item in asked if item]

    def query(self, pk: str, *, since: str = "", before: str = "") -> list[Item]:
        """The items of one partition in a range of sort keys."""
        with self._lock:
            self.calls["query"] += 1
            partition = self._partitions.get(pk, {})
            found = [partition[sk] for sk in sorted(partition) if since <= sk and (not before or sk < before)]
            self.read_units += _read_units(sum(map(item_size, found)))
            return [dict(item) for item in found]

    def due(self, due_list: str, until: int, limit: int) -> list[Key]:
        """From the index: the keys that are due."""
        with self._lock:
            self.calls["due"] += 1
            self.read_units += 0.5
            found = [(due_at, key) for key, due_at in self._due.get(due_list, {}).items() if due_at <= until]
            return [key for _, key in nsmallest(limit, found)]

    def put(self, put: Put) -> None:
        """Write one item. Raises VersionConflictError."""
        with self._lock:
            self.calls["put"] += 1
            self.write_units += self._write_units(put)
            if not self._holds(put):
                raise VersionConflictError(put.key)
            self._store(put)

    def put_all(self, puts: Sequence[Put]) -> None:
        """Write all items or none. Raises VersionConflictError."""
        keys = [put.key for put in puts]
        if not 0 < len(puts) <= 100 or len(set(keys)) != len(keys):
            raise ValueError("a transaction takes 1 to 100 different items")
        with self._lock:
            self.calls["put_all"] += 1
            self.write_units += sum(2 * _whole_kilobytes(self._larger(put)) + self._index_units(put) for put in puts)
            for put in puts:
                if not self._holds(put):
                    raise VersionConflictError(put.key)
            for put in puts:
                self._store(put)

    def delete(self, key: Key) -> None:
        """Remove an item."""
        with self._lock:
            self.calls["delete"] += 1
            item = self._remove(key)
            self.write_units += _whole_kilobytes(item_size(item) if item else 0)

    def _store(self, put: Put) -> None:
        self._remove(put.key)
        item = dict(put.item)
        self.items[put.key] = item
        self._partitions.setdefault(put.key.pk, {})[put.key.sk] = item
        if place := _index_key(item):
            due_list, due_at = place
            self._due.setdefault(due_list, {})[put.key] = due_at

    def _remove(self, key: Key) -> Item | None:
        item = self.items.pop(key, None)
        if item is not None:
            del self._partitions[key.pk][key.sk]
            if place := _index_key(item):
                del self._due[place[0]][key]
        return item

    def _holds(self, put: Put) -> bool:
        if put.expects is None:
            return True
        stored = self.items.get(put.key)
        if put.expects == 0:
            return stored is None
        return stored is not None and stored.get("version") == put.expects

    def _write_units(self, put: Put) -> int:
        return _whole_kilobytes(self._larger(put)) + self._index_units(put)

    def _larger(self, put: Put) -> int:
        stored = self.items.get(put.key)
        return max(item_size(put.item), item_size(stored) if stored else 0)

    def _index_units(self, put: Put) -> int:
        if not self._holds(put):
            return 0
        before, after = _index_key(self.items.get(put.key)), _index_key(put.item)
        return 0 if before == after else (before is not None) + (after is not None)


def item_size(item: Item) -> int:
    """An item's size in bytes as DynamoDB counts it: names and values in UTF-8, two digits of a number in a byte."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Scalar) -> int:
    if isinstance(value, bool):
        return 1
    if isinstance(value, int):
        return (len(str(abs(value)).strip("0")) + 1) // 2 + 1
    return len(value.encode())


def _index_key(item: Item | None) -> tuple[str, int] | None:
    if item is None or "due_list" not in item or "due_at" not in item:
        return None
    return str(item["due_list"]), int(item["due_at"])


def _whole_kilobytes(size: int) -> int:
    return max(1, -(-size // _KILOBYTE))


def _read_units(size: int) -> int:
    return max(1, -(-size // (4 * _KILOBYTE)))
