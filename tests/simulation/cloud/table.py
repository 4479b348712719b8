"""DynamoDB on virtual time: calls take a while, meet each other, are throttled, and lose their answers."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Final

from local.memory_table import MemoryTable
from order_sync.domain.errors import RetriableError
from order_sync.ledger.table import Item, Key, Put, VersionConflictError, Write
from tests.simulation.cloud.dynamodb import InFlight, TokenBook, units_of_a_second_try
from tests.simulation.cloud.runs import Calls
from tests.simulation.cloud.tries import Unanswered
from tests.simulation.faults import Faults, Kind

READ: Final = (0.003, 0.012)
WRITE: Final = (0.002, 0.01)
"""Seconds on the way to DynamoDB."""
UNDER_WAY_SECONDS: Final = 0.006
"""What a write takes there: whoever comes meanwhile meets it."""


class SimulatedTable:
    """The `Table` port over a table in memory."""

    def __init__(self, memory: MemoryTable, calls: Calls, faults: Faults) -> None:
        self.memory = memory
        self.on_write: Callable[[Sequence[tuple[Item | None, Item | None]]], None] = lambda _written: None
        """Told of every write as a whole: each of its items as it was and as it is, None where there is none."""
        self._calls = calls
        self._faults = faults
        self._unanswered = Unanswered(calls, faults)
        self._in_flight = InFlight()
        self._tokens = TokenBook()
        self._transactions = 0
        self._out_until: datetime | None = None
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
            f"BatchGetItem {len(wanted)}", lambda: self._read(lambda: self._batch(wanted)), seconds=READ
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
        self._single("PutItem", put.key, lambda: self.memory.put(put))

    def delete(self, key: Key, *, expects: int | None = None) -> None:
        """Remove an item. Raises VersionConflictError."""
        self._single("DeleteItem", key, lambda: self.memory.delete(key, expects=expects))

    def write_all(self, writes: Sequence[Write]) -> None:
        """Write all items or none. Raises VersionConflictError."""
        keys = [write.key for write in writes]
        self._transactions += 1
        token = str(self._transactions)

        def attempt() -> None:
            if self._tokens.seen(token, writes, self._calls.now):
                stored = (self.memory.items.get(key) for key in keys)
                self.memory.read_units += units_of_a_second_try(item for item in stored if item is not None)
                return
            try:
                self._commit(keys, self._in_flight.transaction(keys), lambda: self.memory.write_all(writes))
            except BaseException:
                self._tokens.canceled(token)
                raise
            self._tokens.succeeded(token, self._calls.now)

        try:
            self._write("TransactWriteItems", keys, attempt)
        finally:
            self._tokens.forget(token)

    def _single(self, operation: str, key: Key, store: Callable[[], None]) -> None:
        self._write(operation, [key], lambda: self._commit([key], self._in_flight.single(key), store))

    def _read[T](self, effect: Callable[[], T]) -> T:
        self._refuse("read")
        return effect()

    def _batch(self, keys: list[Key]) -> list[Item]:
        """What is left unprocessed is asked for again, and is read that much later."""
        if len(keys) < 2 or not self._faults.strikes(Kind.TABLE_BATCH, f"{len(keys)} keys"):
            return self.memory.get_many(keys)
        order = sorted(keys, key=lambda _: self._faults.between(Kind.TABLE_BATCH, 0, 1))
        half = len(keys) // 2
        found = self.memory.get_many(order[:half])
        self._calls.wait(self._faults.between(Kind.TABLE_BATCH, 0.05, 0.75))
        return [*found, *self.memory.get_many(order[half:])]

    def _refuse(self, about: str) -> None:
        """What is throttled, botocore has tried four times within a second or two."""
        if self._calls.run is None:
            return
        faults, now = self._faults, self._calls.now
        is_out = self._out_until is not None and now < self._out_until and not faults.has_ended
        if not is_out and faults.strikes(Kind.TABLE_OUT, about):
            is_out, self._out_until = True, now + timedelta(seconds=faults.between(Kind.TABLE_OUT, 20, 180))
        if is_out or faults.strikes(Kind.TABLE_REFUSES, about):
            raise RetriableError("DynamoDB: simulated throttling")

    def _write(self, operation: str, keys: Sequence[Key], attempt: Callable[[], None]) -> None:
        """Call `attempt` as often as botocore sends the request."""
        about = f"{operation} {keys[0].pk} {' '.join(key.sk for key in keys)}"

        def effect() -> None:
            self._refuse(about)
            if self._faults.strikes(Kind.TABLE_CONFLICT, about):
                raise VersionConflictError(operation)
            self._unanswered.tried(
                Kind.TABLE_ANSWER_LOST, about, attempt, lambda: RetriableError(f"DynamoDB {operation}: no answer")
            )

        if self._calls.run is None:
            attempt()
        else:
            self._calls.make(about, effect, seconds=WRITE)

    def _commit(self, keys: Sequence[Key], under_way: AbstractContextManager[None], store: Callable[[], None]) -> None:
        if self._calls.run is None:
            self._store(keys, store)
            return
        with under_way:
            self._calls.wait(UNDER_WAY_SECONDS)
            self._store(keys, store)

    def _store(self, keys: Sequence[Key], store: Callable[[], None]) -> None:
        items = self.memory.items
        before = [items.get(key) for key in keys]
        store()
        self.on_write([(earlier, items.get(key)) for earlier, key in zip(before, keys, strict=True)])
