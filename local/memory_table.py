"""A table in memory with DynamoDB's semantics, as far as the ledger uses them. It counts what DynamoDB would bill."""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Sequence
from threading import RLock
from typing import Final

from order_sync.ledger.table import Add, Item, Key, Put, Scalar, VersionConflictError, Write

_KILOBYTE: Final = 1024
_MOST_ITEM_BYTES: Final = 400 * _KILOBYTE
_MOST_TRANSACTION_BYTES: Final = 4 * _KILOBYTE * _KILOBYTE
_MOST_PK_BYTES: Final = 2048
_MOST_SK_BYTES: Final = 1024


class MemoryTable:
    """The `Table` port over a dictionary, one operation at a time.

    What DynamoDB refuses is a ValueError, or a TypeError: empty or overlong keys, a place in the index of the wrong
    type, an item of more than 400 KB, a transaction of more than 4 MB or of no or too many items.

    `write_units` and `read_units` follow DynamoDB's on-demand rules: a write costs its size in whole
    kilobytes, twice that in a transaction, a failed condition costs too, and the index costs one unit
    for each entry that is put and one for each that is removed.
    """

    def __init__(self) -> None:
        self.items: dict[Key, Item] = {}
        self.write_units = 0
        self.read_units = 0.0
        self.calls: Counter[str] = Counter()
        self._sizes: dict[Key, tuple[Item, int]] = {}
        """What was counted, and of which item: to count anew with each reading costs more than all else."""
        self._partitions: dict[str, list[str]] = {}
        self._due: dict[str, list[tuple[int, Key]]] = {}
        self._lock = RLock()

    def get(self, key: Key) -> Item | None:
        """One item."""
        _check_key(key)
        with self._lock:
            self.calls["get"] += 1
            item = self.items.get(key)
            self.read_units += _read_units(self._size(key, item))
            return dict(item) if item else None

    def get_many(self, keys: Iterable[Key]) -> list[Item]:
        """Those of the items that exist."""
        with self._lock:
            self.calls["get_many"] += 1
            wanted = list(dict.fromkeys(keys))
            for key in wanted:
                _check_key(key)
            asked = [(key, self.items.get(key)) for key in wanted]
            # Asking for what is not there costs as well.
            self.read_units += sum(_read_units(self._size(key, item)) for key, item in asked)
            return [dict(item) for _, item in asked if item]

    def query(self, pk: str, *, since: str = "", before: str = "") -> list[Item]:
        """The items of one partition in a range of sort keys."""
        if not pk:
            raise ValueError("a partition without a name")
        with self._lock:
            self.calls["query"] += 1
            partition = self._partitions.get(pk, [])
            end = bisect_left(partition, before) if before else len(partition)
            keys = [Key(pk, sk) for sk in partition[bisect_left(partition, since) : end]]
            found = [(key, self.items[key]) for key in keys]
            self.read_units += _read_units(sum(self._size(key, item) for key, item in found))
            return [dict(item) for _, item in found]

    def due(self, due_list: str, until: int, limit: int, since: int = 0) -> list[Key]:
        """From the index: the keys that are due."""
        if limit < 1:
            raise ValueError("a limit is 1 at least")
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
        size = _checked_size(put.item)
        with self._lock:
            self.calls["put"] += 1
            self.write_units += self._write_units(put.key, size)
            if not self._holds(put):
                raise VersionConflictError(put.key)
            self._store(dict(put.item), size)

    def write_all(self, writes: Sequence[Write]) -> None:
        """Write all items or none. Raises VersionConflictError."""
        keys = [write.key for write in writes]
        if not 0 < len(writes) <= 100 or len(set(keys)) != len(keys):
            raise ValueError("a transaction takes 1 to 100 different items")
        with self._lock:
            self.calls["write_all"] += 1
            items = [dict(write.item) if isinstance(write, Put) else self._sum(write) for write in writes]
            sizes = [_checked_size(item) for item in items]
            if sum(sizes) > _MOST_TRANSACTION_BYTES:
                raise ValueError("a transaction takes 4 MB")
            self.write_units += sum(2 * self._write_units(*each) for each in zip(keys, sizes, strict=True))
            for write in writes:
                if isinstance(write, Put) and not self._holds(write):
                    raise VersionConflictError(write.key)
            for item, size in zip(items, sizes, strict=True):
                self._store(item, size)

    def delete(self, key: Key, *, expects: int | None = None) -> None:
        """Remove an item. Raises VersionConflictError."""
        _check_key(key)
        with self._lock:
            self.calls["delete"] += 1
            stored = self.items.get(key)
            self.write_units += _whole_kilobytes(self._size(key, stored))
            if expects is not None and (stored is None or stored.get("version") != expects):
                raise VersionConflictError(key)
            if stored is not None:
                del self.items[key], self._sizes[key]
                partition = self._partitions[key.pk]
                del partition[bisect_left(partition, key.sk)]
                self._move(key, _index_key(stored), None)

    def _window(self, due_list: str, since: int, until: int) -> list[tuple[int, Key]]:
        if not due_list:
            raise ValueError("a due list without a name")
        places = self._due.get(due_list, [])
        return places[bisect_left(places, (since,)) : bisect_left(places, (until + 1,))]

    def _store(self, item: Item, size: int) -> None:
        key = _key(item)
        stored = self.items.get(key)
        if stored is None:
            insort(self._partitions.setdefault(key.pk, []), key.sk)
        self.items[key] = item
        self._sizes[key] = item, size
        self._move(key, _index_key(stored), _index_key(item))

    def _move(self, key: Key, before: tuple[str, int] | None, after: tuple[str, int] | None) -> None:
        if before == after:
            return
        if before is not None:
            due_list, due_at = before
            places = self._due[due_list]
            del places[bisect_left(places, (due_at, key))]
            self.write_units += 1
        if after is not None:
            due_list, due_at = after
            insort(self._due.setdefault(due_list, []), (due_at, key))
            self.write_units += 1

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

    def _write_units(self, key: Key, size: int) -> int:
        return _whole_kilobytes(max(size, self._size(key, self.items.get(key))))

    def _size(self, key: Key, item: Item | None) -> int:
        if item is None:
            return 0
        known = self._sizes.get(key)
        if known is None or known[0] is not item:
            known = self._sizes[key] = item, item_size(item)
        return known[1]


def _check_key(key: Key) -> None:
    if not key.pk or not key.sk:
        raise ValueError(f"a key without a name: {key}")


def _checked_size(item: Item) -> int:
    pk, sk = item.get("pk"), item.get("sk")
    if not isinstance(pk, str) or not isinstance(sk, str):
        raise TypeError("a key is text")
    _check_key(Key(pk, sk))
    if _bytes(pk) > _MOST_PK_BYTES or _bytes(sk) > _MOST_SK_BYTES:
        raise ValueError(f"an overlong key: {sk}")
    if not isinstance(due_list := item.get("due_list", "none"), str) or not due_list:
        raise ValueError(f"{due_list!r} is no due list")
    if type(due_at := item.get("due_at", 0)) is not int:
        raise TypeError(f"{due_at!r} is no moment of the index")
    if (size := item_size(item)) > _MOST_ITEM_BYTES:
        raise ValueError(f"an item of {size} bytes")
    return size


def item_size(item: Item) -> int:
    """An item's size in bytes as DynamoDB counts it: names and values in UTF-8, two digits of a number in a byte."""
    return sum(map(_bytes, item)) + sum(map(_value_size, item.values()))


def _value_size(value: Scalar) -> int:
    if isinstance(value, str):
        return _bytes(value)
    if isinstance(value, bool):
        return 1
    return (len(str(abs(value)).strip("0")) + 1) // 2 + 1


def _bytes(text: str) -> int:
    # To ask whether a text is ASCII costs nothing, to encode it does.
    return len(text) if text.isascii() else len(text.encode())


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


def _index_read_units(due_list: str, found: Sequence[tuple[int, Key]]) -> float:
    # The index holds nothing but the keys, and its reads, which may lag, cost half.
    if not found:
        return 0.5
    common = item_size({"pk": "", "sk": "", "due_list": due_list, "due_at": ""})
    size = sum(common + _bytes(key.pk) + _bytes(key.sk) + _value_size(due_at) for due_at, key in found)
    return _read_units(size) / 2
