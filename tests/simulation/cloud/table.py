"""DynamoDB on virtual time: calls take a while, meet each other, are throttled, and lose their answers."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from local.memory_table import MemoryTable
from order_sync.domain.errors import RetriableError
from order_sync.ledger.table import Item, Key, Put, VersionConflictError, Write
from tests.simulation.cloud.dynamodb import InFlight, Writing
from tests.simulation.cloud.runs import Calls
from tests.simulation.faults import Faults, Kind

READ: Final = (0.003, 0.012)
WRITE: Final = (0.005, 0.02)
"""Seconds that a call takes."""


class SimulatedTable:
    """The `Table` port over a table in memory."""

    def __init__(self, memory: MemoryTable, calls: Calls, faults: Faults) -> None:
        self.memory = memory
        self.on_write: Callable[[Sequence[tuple[Item | None, Item | None]]], None] = lambda _written: None
        """Told of every write as a whole: each of its items as it was and as it is, None where there is none."""
        self._calls = calls
        self._faults = faults
        self._in_flight = InFlight()
        self._earlier: dict[tuple[str, int], list[Key]] = {}

    def get(self, key: Key) -> Item | None:
        """One item."""
        return self._calls.make(
            f"GetItem {key.pk} {key.sk}", lambda: self._read(lambda: self.memory.get(key)), seconds=READ
        )

    def get_many(self, keys: Iterable[Key]) -> list[Item]:
        """Those of the items that exist."""
        wanted = list(keys)
        return self._calls.make(
            f"BatchGetItem {len(wanted)}", lambda: self._read(lambda: self.memory.get_many(wanted)), seconds=READ
        )

    def query(self, pk: str, *, since: str = "", before: str = "") -> list[Item]:
        """The items of one partition in a range of sort keys."""
        return self._calls.make(
            f"Query {pk} {since}",
            lambda: self._read(lambda: self.memory.query(pk, since=since, before=before)),
            seconds=READ,
        )

    def due(self, due_list: str, until: int, limit: int, since: int = 0) -> list[Key]:
        """From the index, which at times gives what was due when it was last asked."""

        def read() -> list[Key]:
            found = self._read(lambda: self.memory.due(due_list, until, limit, since))
            earlier = self._earlier.get((due_list, since), [])
            self._earlier[due_list, since] = found
            return earlier if self._faults.strikes(Kind.INDEX_STALE, due_list) else found

        return self._calls.make(f"Query due {due_list}", read, seconds=READ)

    def count_due(self, due_list: str, until: int, since: int = 0) -> int:
        """From the index: how many keys are due."""
        return self._calls.make(
            f"Query due {due_list} COUNT",
            lambda: self._read(lambda: self.memory.count_due(due_list, until, since)),
            seconds=READ,
        )

    def put(self, put: Put) -> None:
        """Write one item. Raises VersionConflictError."""
        # A put has no token: the client's own second try meets what the first one wrote.
        lost: Exception = (
            VersionConflictError(put.key) if put.expects is not None else RetriableError("DynamoDB PutItem: no answer")
        )
        self._write("PutItem", [put], lambda: self.memory.put(put), lost)

    def write_all(self, writes: Sequence[Write]) -> None:
        """Write all items or none. Raises VersionConflictError."""
        # The client's own second try has the same token, and succeeds; what is lost, is lost for all its tries.
        lost = RetriableError("DynamoDB TransactWriteItems: no answer")
        self._write("TransactWriteItems", writes, lambda: self.memory.write_all(writes), lost)

    def delete(self, key: Key, *, expects: int | None = None) -> None:
        """Remove an item. Raises VersionConflictError."""
        self._calls.make(
            f"DeleteItem {key.pk} {key.sk}",
            lambda: self._store([key], lambda: self.memory.delete(key, expects=expects)),
            seconds=WRITE,
        )

    def _read[T](self, effect: Callable[[], T]) -> T:
        if self._calls.run is not None and self._faults.strikes(Kind.TABLE_REFUSES, "read"):
            raise RetriableError("DynamoDB: simulated throttling")
        return effect()

    def _write(self, operation: str, writes: Sequence[Write], store: Callable[[], None], lost: Exception) -> None:
        keys = [write.key for write in writes]
        about = f"{operation} {keys[0].pk} {' '.join(key.sk for key in keys)}"
        begin = self._begin(operation, keys)

        def effect() -> None:
            if self._faults.strikes(Kind.TABLE_REFUSES, about):
                raise RetriableError(f"DynamoDB {operation}: simulated throttling")
            if self._faults.strikes(Kind.TABLE_CONFLICT, about):
                raise VersionConflictError(operation)
            self._store(keys, store)
            if self._faults.strikes(Kind.TABLE_ANSWER_LOST, about):
                raise lost

        if self._calls.run is None:
            self._store(keys, store)
            return
        writing = begin()
        try:
            self._calls.make(about, effect, seconds=WRITE)
        finally:
            self._in_flight.end(writing)

    def _begin(self, operation: str, keys: Sequence[Key]) -> Callable[[], Writing]:
        if operation == "TransactWriteItems":
            return lambda: self._in_flight.begin(keys)
        return lambda: self._in_flight.begin_single(keys[0])

    def _store(self, keys: Sequence[Key], store: Callable[[], None]) -> None:
        items = self.memory.items
        before = [items.get(key) for key in keys]
        store()
        self.on_write([(earlier, items.get(key)) for earlier, key in zip(before, keys, strict=True)])
