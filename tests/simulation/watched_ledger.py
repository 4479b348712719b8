"""The table of a random day: it may fail, it lets things happen between its calls, and it checks every write."""

from collections.abc import Callable, Iterable, Sequence
from random import Random

from local.memory_table import MemoryTable
from order_sync.domain.errors import RetriableError
from order_sync.ledger import keys
from order_sync.ledger.table import Item, Key, Put, VersionConflictError, Write
from tests.simulation.writes import Written, wrong_writes


class WatchedLedger(MemoryTable):
    """`before_call` happens before each operation of a run. `broken` collects what no write may do."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self.before_call: Callable[[], None] = lambda: None
        self.on_cursor: Callable[[Item], None] = lambda _item: None
        self.on_write: Callable[[Sequence[Written]], None] = lambda _written: None
        """Told of what is written together: each item before and after."""
        self.failure_rate = 0.0
        self.broken: list[str] = []
        self._random = random
        self._lists: dict[tuple[str, int], list[Key]] = {}

    def get(self, key: Key) -> Item | None:
        self._ask("GetItem")
        return super().get(key)

    def get_many(self, keys: Iterable[Key]) -> list[Item]:
        self._ask("BatchGetItem")
        return super().get_many(keys)

    def query(self, pk: str, *, since: str = "", before: str = "") -> list[Item]:
        self._ask("Query")
        return super().query(pk, since=since, before=before)

    def due(self, due_list: str, until: int, limit: int, since: int = 0) -> list[Key]:
        """The index lags: at times it gives what was due when it was last asked."""
        self._ask("Query of the index")
        found, stale = super().due(due_list, until, limit, since), self._lists.get((due_list, since), [])
        self._lists[due_list, since] = found
        return stale if self._fails() else found

    def count_due(self, due_list: str, until: int, since: int = 0) -> int:
        self._ask("Query of the index")
        return super().count_due(due_list, until, since)

    def put(self, put: Put) -> None:
        self._ask("PutItem")
        before = self.items.get(put.key)
        super().put(put)
        self._check([(before, self.items[put.key])])
        if self._fails():
            # The answer was lost; the client tried again by itself and met its own write.
            raise VersionConflictError(put.key) if put.expects is not None else RetriableError("PutItem: no answer")

    def write_all(self, writes: Sequence[Write]) -> None:
        self._ask("TransactWriteItems")
        before = [self.items.get(write.key) for write in writes]
        super().write_all(writes)
        self._check([(earlier, self.items[write.key]) for earlier, write in zip(before, writes, strict=True)])
        if self._fails():
            raise RetriableError("TransactWriteItems: no answer")

    def delete(self, key: Key, *, expects: int | None = None) -> None:
        before = self.items.get(key)
        super().delete(key, expects=expects)
        self._check([(before, None)])

    def _ask(self, operation: str) -> None:
        self.before_call()
        if self._fails():
            raise RetriableError(f"{operation}: simulated throttling")

    def _fails(self) -> bool:
        return self.failure_rate > 0 and self._random.random() < self.failure_rate

    def _check(self, written: Sequence[Written]) -> None:
        for _, after in written:
            if after is not None and str(after["sk"]).startswith(keys.CURSOR):
                self.on_cursor(after)
        self.broken += [f"{wrong.about}: {wrong.text} ({wrong.invariant})" for wrong in wrong_writes(written)]
        self.on_write(written)
