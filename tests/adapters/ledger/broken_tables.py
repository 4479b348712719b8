"""Tables in memory with one fault each, which a comparison has to find."""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from local.memory_table import MemoryTable
from order_sync.ledger.table import Add, Item, Key, Put, VersionConflictError, Write


class WindowsAreOpenAtTheirEnd(MemoryTable):
    def due(self, due_list: str, until: int, limit: int, since: int = 0) -> list[Key]:
        return super().due(due_list, until - 1, limit, since)


class WindowsAreOpenAtTheirStart(MemoryTable):
    def due(self, due_list: str, until: int, limit: int, since: int = 0) -> list[Key]:
        return super().due(due_list, until, limit, since + 1)


class LimitsTakeTheLatest(MemoryTable):
    def due(self, due_list: str, until: int, limit: int, since: int = 0) -> list[Key]:
        return super().due(due_list, until, 99, since)[-limit:]


class CountsHaveNoStart(MemoryTable):
    def count_due(self, due_list: str, until: int, since: int = 0) -> int:
        return super().count_due(due_list, until, min(since, 0))


class QueriesHoldTheirEnd(MemoryTable):
    def query(self, pk: str, *, since: str = "", before: str = "") -> list[Item]:
        return super().query(pk, since=since, before=f"{before} " if before else "")


class QueriesLeaveOutTheirStart(MemoryTable):
    def query(self, pk: str, *, since: str = "", before: str = "") -> list[Item]:
        return super().query(pk, since=f"{since} " if since else "", before=before)


class QueriesAreNotOrdered(MemoryTable):
    def query(self, pk: str, *, since: str = "", before: str = "") -> list[Item]:
        return super().query(pk, since=since, before=before)[::-1]


class WhatIsAskedForTwiceIsFoundTwice(MemoryTable):
    def get_many(self, keys: Iterable[Key]) -> list[Item]:
        return [item for key in keys for item in super(type(self), self).get_many([key])]


class PutsAddToWhatIsThere(MemoryTable):
    def put(self, put: Put) -> None:
        super().put(Put(item=self.items.get(put.key, {}) | put.item, expects=put.expects))


class NothingExpectedMeansAnything(MemoryTable):
    def put(self, put: Put) -> None:
        super().put(Put(item=put.item, expects=put.expects or None))


class TransactionsWriteWhatTheyCan(MemoryTable):
    def write_all(self, writes: Sequence[Write]) -> None:
        try:
            super().write_all(writes)
        except VersionConflictError:
            for write in writes:
                with suppress(VersionConflictError):
                    super().write_all([write])
            raise


class TransactionsExpectNothingOfTheLast(MemoryTable):
    def write_all(self, writes: Sequence[Write]) -> None:
        *others, last = writes or [Add(key=Key("P", "A"), amounts={})]
        super().write_all([*others, Put(item=last.item) if isinstance(last, Put) else last])


class AddsStartFromZero(MemoryTable):
    def _sum(self, add: Add) -> Item:
        return {**super()._sum(add), **add.amounts}


class MovesWithinAListAreForgotten(MemoryTable):
    def _move(self, key: Key, before: tuple[str, int] | None, after: tuple[str, int] | None) -> None:
        if before is None or after is None or before[0] != after[0]:
            super()._move(key, before, after)


class DeletesExpectNothing(MemoryTable):
    def delete(self, key: Key, *, expects: int | None = None) -> None:
        del expects
        super().delete(key)


class DeletesRefuseWhatIsNotThere(MemoryTable):
    def delete(self, key: Key, *, expects: int | None = None) -> None:
        if key not in self.items:
            raise VersionConflictError(key)
        super().delete(key, expects=expects)


class TextsCountAsZero(MemoryTable):
    def _sum(self, add: Add) -> Item:
        try:
            return super()._sum(add)
        except TypeError:
            return {**self.items[add.key], **add.amounts}


BROKEN_TABLES: list[type[MemoryTable]] = [
    WindowsAreOpenAtTheirEnd,
    WindowsAreOpenAtTheirStart,
    LimitsTakeTheLatest,
    CountsHaveNoStart,
    QueriesHoldTheirEnd,
    QueriesLeaveOutTheirStart,
    QueriesAreNotOrdered,
    WhatIsAskedForTwiceIsFoundTwice,
    PutsAddToWhatIsThere,
    NothingExpectedMeansAnything,
    TransactionsWriteWhatTheyCan,
    TransactionsExpectNothingOfTheLast,
    AddsStartFromZero,
    MovesWithinAListAreForgotten,
    DeletesExpectNothing,
    DeletesRefuseWhatIsNotThere,
    TextsCountAsZero,
]
