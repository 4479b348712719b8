"""A table in memory with DynamoDB's semantics, as far as the ledger uses them. It counts what DynamoDB would bill."""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Sequence
from threading import RLock
from typing import Final

from order_sync.ledger.table import Add, Item, Key, Put, Scalar, VersionConflictError, Write

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
        self._due: dict[str, list[tuple[int, Key]]] = {}
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

    def due(self, due_list: str, until: int, limit: int, since: int = 0) -> list[Key]:
        """From the index: the keys that are due."""
        with self._lock:
            self.calls["due"] += 1
            found = self._window(due_list, since, until)[:limit]
            self.read_units += _index_read_units(due_list, found)
            return [key for _, key in found]

    def count_due(self, due_list: str, until: int, since: int = 0) -> int:
        """From the index: how many keys are due. Counting costs as much as reading."""
        with self._lock:
            self.calls["count_due"] += 1
            found = self._window(due_list, since, until)
            self.read_units += _index_read_units(due_list, found)
            return len(found)

    def put(self, put: Put) -> None:
        """Write one item. Raises VersionConflictError."""
        with self._lock:
            self.calls["put"] += 1
            self.write_units += self._write_units(put.item)
            if not self._holds(put):
                raise VersionConflictError(put.key)
            self._store(dict(put.item))

    def write_all(self, writes: Sequence[Write]) -> None:
        """Write all items or none. Raises VersionConflictError."""
        keys = [write.key for write in writes]
        if not 0 < len(writes) <= 100 or len(set(keys)) != len(keys):
            raise ValueError("a transaction takes 1 to 100 different items")
        with self._lock:
            self.calls["write_all"] += 1
            items = [dict(write.item) if isinstance(write, Put) else self._sum(write) for write in writes]
            self.write_units += sum(2 * self._write_units(item) for item in items)
            for write in writes:
                if isinstance(write, Put) and not self._holds(write):
                    raise VersionConflictError(write.key)
            for item in items:
                self._store(item)

    def delete(self, key: Key, *, expects: int | None = None) -> None:
        """Remove an item. Raises VersionConflictError."""
        with self._lock:
            self.calls["delete"] += 1
            if expects is not None and self.items.get(key, {}).get("version") != expects:
                self.write_units += 1
                raise VersionConflictError(key)
            item = self._remove(key)
            self.write_units += _whole_kilobytes(item_size(item) if item else 0) + (_index_key(item) is not None)

    def _window(self, due_list: str, since: int, until: int) -> list[tuple[int, Key]]:
        places = self._due.get(due_list, [])
        return places[bisect_left(places, (since,)) : bisect_left(places, (until + 1,))]

    def _store(self, item: Item) -> None:
        key = _key(item)
        before, after = _index_key(self._remove(key)), _index_key(item)
        if before != after:
            self.write_units += (before is not None) + (after is not None)
        self.items[key] = item
        self._partitions.setdefault(key.pk, {})[key.sk] = item
        if after is not None:
            due_list, due_at = after
            insort(self._due.setdefault(due_list, []), (due_at, key))

    def _remove(self, key: Key) -> Item | None:
        item = self.items.pop(key, None)
        if item is not None:
            del self._partitions[key.pk][key.sk]
            if place := _index_key(item):
                due_list, due_at = place
                places = self._due[due_list]
                del places[bisect_left(places, (due_at, key))]
        return item

    def _holds(self, put: Put) -> bool:
        if put.expects is None:
            return True
        stored = self.items.get(put.key)
        if put.expects == 0:
            return stored is None
        return stored is not None and stored.get("version") == put.expects

    def _sum(self, add: Add) -> Item:
        if not add.amounts:
            raise ValueError("there is nothing to add")
        item = dict(self.items.get(add.key) or {"pk": add.key.pk, "sk": add.key.sk})
        for name, amount in add.amounts.items():
            number = item.get(name, 0)
            if isinstance(number, str | bool):
                raise TypeError(f"{name} is no number")
            item[name] = number + amount
        return item

    def _write_units(self, item: Item) -> int:
        stored = self.items.get(_key(item))
        return _whole_kilobytes(max(item_size(item), item_size(stored) if stored else 0))


def item_size(item: Item) -> int:
    """An item's size in bytes as DynamoDB counts it: names and values in UTF-8, two digits of a number in a byte."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Scalar) -> int:
    if isinstance(value, bool):
        return 1
    if isinstance(value, int):
        return (len(str(abs(value)).strip("0")) + 1) // 2 + 1
    return len(value.encode())


def _key(item: Item) -> Key:
    return Key(str(item["pk"]), str(item["sk"]))


def _index_key(item: Item | None) -> tuple[str, int] | None:
    if item is None or "due_list" not in item or "due_at" not in item:
        return None
    return str(item["due_list"]), int(item["due_at"])


def _whole_kilobytes(size: int) -> int:
    return max(1, -(-size // _KILOBYTE))


def _read_units(size: int) -> int:
    return max(1, -(-size // (4 * _KILOBYTE)))


def _index_read_units(due_list: str, found: Iterable[tuple[int, Key]]) -> float:
    # The index holds nothing but the keys, and its reads, which may lag, cost half.
    size = sum(item_size({"pk": key.pk, "sk": key.sk, "due_list": due_list, "due_at": due_at}) for due_at, key in found)
    return _read_units(size) / 2
