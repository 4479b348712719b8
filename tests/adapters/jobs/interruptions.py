"""Runs that are interrupted at a chosen place: after a partner's answer, or before the table is asked or written."""

from collections.abc import Callable, Iterable, Sequence

from local.memory_table import MemoryTable
from order_sync.ledger.table import Item, Key, Put, Write
from tests.world import World


class WatchedTable(MemoryTable):
    """The table in memory, with something that happens before each operation, and after each write of one item."""

    def __init__(self) -> None:
        super().__init__()
        self.before_call: Callable[[], None] = lambda: None
        self.after_put: Callable[[], None] = lambda: None

    def get(self, key: Key) -> Item | None:
        self.before_call()
        return super().get(key)

    def get_many(self, keys: Iterable[Key]) -> list[Item]:
        self.before_call()
        return super().get_many(keys)

    def query(self, pk: str, *, since: str = "", before: str = "") -> list[Item]:
        self.before_call()
        return super().query(pk, since=since, before=before)

    def due(self, due_list: str, until: int, limit: int, since: int = 0) -> list[Key]:
        self.before_call()
        return super().due(due_list, until, limit, since)

    def count_due(self, due_list: str, until: int, since: int = 0) -> int:
        self.before_call()
        return super().count_due(due_list, until, since)

    def put(self, put: Put) -> None:
        self.before_call()
        super().put(put)
        self.after_put()

    def write_all(self, writes: Sequence[Write]) -> None:
        self.before_call()
        super().write_all(writes)


def watched_world() -> tuple[World, WatchedTable]:
    """A world whose runs can be interrupted."""
    table = WatchedTable()
    return World(table=table), table


class Interruption:
    """Does something once, at the place of this number; places are counted while it is `armed`."""

    def __init__(self, world: World, table: WatchedTable, place: int, happening: Callable[[], None]) -> None:
        self._left = place
        self._happening = happening
        self.happened = False
        world.on_answer = table.before_call = self._reach_place

    def _reach_place(self) -> None:
        if self.happened:
            return
        self._left -= 1
        if self._left <= 0:
            self.happened = True
            self._happening()
