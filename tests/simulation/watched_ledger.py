"""The table of a random day: it may fail, it lets things happen between its calls, and it checks every write."""

import json
from collections.abc import Callable, Iterable, Sequence
from random import Random

from local.memory_table import MemoryTable
from order_sync.domain.errors import RetriableError
from order_sync.domain.orders import LineState
from order_sync.domain.statuses import OrderState, may_follow
from order_sync.ledger import keys
from order_sync.ledger.table import Item, Key, Put, VersionConflictError, Write

_LINE_STATES = [state.value for state in LineState]
_ENDED = ("DONE", "WITHDRAWN")
_FINAL_STATES_OF_RETURNS = ("REFUNDED", "REPLACED", "CLOSED")
_FINAL = (
    *("initiator", "is_request", "line_ids", "requested_at", "answer", "answered_by", "answered_at", "answer_reason"),
    *("outcome", "decided_by", "closed_at"),
)
"""What about a cancellation never changes once it is known."""


class WatchedLedger(MemoryTable):
    """`before_call` happens before each operation of a run. `broken` collects what no write may do."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self.before_call: Callable[[], None] = lambda: None
        self.on_cursor: Callable[[Item], None] = lambda _item: None
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
        self._check(before, put.item)
        if self._fails():
            # The answer was lost; the client tried again by itself and met its own write.
            raise VersionConflictError(put.key) if put.expects is not None else RetriableError("PutItem: no answer")

    def write_all(self, writes: Sequence[Write]) -> None:
        self._ask("TransactWriteItems")
        before = [self.items.get(write.key) for write in writes]
        super().write_all(writes)
        for earlier, write in zip(before, writes, strict=True):
            self._check(earlier, self.items[write.key])
        if self._fails():
            raise RetriableError("TransactWriteItems: no answer")

    def _ask(self, operation: str) -> None:
        self.before_call()
        if self._fails():
            raise RetriableError(f"{operation}: simulated throttling")

    def _fails(self) -> bool:
        return self.failure_rate > 0 and self._random.random() < self.failure_rate

    def _check(self, before: Item | None, after: Item) -> None:
        sort_key = str(after["sk"])
        if sort_key.startswith("CURSOR#"):
            self.on_cursor(after)
        if before is None:
            return
        if sort_key == keys.ORDER:
            self.broken += [f"{after['pk']}: {wrong}" for wrong in _wrong_steps(before, after)]
        if sort_key.startswith(keys.OUTBOX) and before["state"] in _ENDED and before["state"] != after["state"]:
            self.broken.append(f"{after['pk']} {sort_key} went from {before['state']} to {after['state']}")
        if sort_key.startswith(keys.CANCELLATION):
            self.broken += [f"{after['pk']} {sort_key}: {wrong}" for wrong in _changed_for_good(before, after, _FINAL)]
        if sort_key.startswith(keys.SELLER_CANCELLATION) and before["state"] != "OPEN":
            fields = ("state", "detail", "line_ids")
            self.broken += [f"{after['pk']} {sort_key}: {wrong}" for wrong in _changed_for_good(before, after, fields)]
        if sort_key.startswith(keys.RETURN) and before["state"] in _FINAL_STATES_OF_RETURNS:
            ended = ("state", "refunded_at", "lines")
            self.broken += [f"{after['pk']} {sort_key}: {wrong}" for wrong in _changed_for_good(before, after, ended)]
        if sort_key.startswith(keys.SELLER_REFUND) and before["state"] != "OPEN":
            done = ("state", "detail", "line_ids", "return_id")
            self.broken += [f"{after['pk']} {sort_key}: {wrong}" for wrong in _changed_for_good(before, after, done)]
        if sort_key.startswith(keys.TIMELINE):
            self.broken.append(f"{after['pk']} {sort_key} was written over")


def _changed_for_good(before: Item, after: Item, fields: Iterable[str]) -> list[str]:
    return [
        f"{field} went from {before[field]!r} to {after.get(field)!r}"
        for field in fields
        if before.get(field) and before[field] != after.get(field)
    ]


def _wrong_steps(before: Item, after: Item) -> list[str]:
    wrong = []
    earlier, later = OrderState(str(before["state"])), OrderState(str(after["state"]))
    if later is not earlier and not may_follow(earlier, later):
        wrong.append(f"went from {earlier} to {later}")
    if int(after["updated_at"]) < int(before["updated_at"]):
        wrong.append("went back to an older sighting")
    states = {line: state for line, state, _ in json.loads(str(after["lines"]))}
    for line, state, _ in json.loads(str(before["lines"])):
        if line not in states or _LINE_STATES.index(states[line]) < _LINE_STATES.index(state):
            wrong.append(f"line {line} went from {state} to {states.get(line)}")
    return wrong
