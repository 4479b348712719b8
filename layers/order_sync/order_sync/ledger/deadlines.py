"""Orders by their deadlines, from the due index, and the daily counters of the Late Dispatch Rate."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import batched, product
from typing import Final, NamedTuple

from order_sync.domain.deadlines.deadlines import Deadlines, Stage
from order_sync.domain.deadlines.rates import Window
from order_sync.domain.deadlines.tallies import Tally
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.orders import Order
from order_sync.ledger import keys
from order_sync.ledger.attributes import FAR, milliseconds
from order_sync.ledger.deadline_items import read_deadlines
from order_sync.ledger.items import read_order
from order_sync.ledger.ledger import DamagedItemError, reading
from order_sync.ledger.table import Item, Key, Put, Table

OPEN_STAGES: Final = (Stage.LATE, Stage.SOON, Stage.OPEN)
"""The most urgent first."""
ORDERS_A_BATCH: Final = 50
_ALL: Final = 1_000_000
BEFORE_ALL: Final = datetime(2000, 1, 1, tzinfo=UTC)
_NOT_COUNTERS: Final = frozenset({"pk", "sk", "version"})


class Dispatched(NamedTuple):
    """An order with its deadlines, as they were read."""

    order: Order
    deadlines: Deadlines


class DayCounters(NamedTuple):
    """The counters of one day and shard. Every move is a version, so that whoever rebuilds them sees it."""

    tally: Tally
    version: int


class DeadlineBook:
    """What is asked of many orders' deadlines at once. Its lists lag a little: read before deciding."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def to_look_at(self, shop: ShopId, until: datetime, limit: int) -> list[OrderId]:
        """Open orders whose next look has come, at most `limit` of each list, the longest due first."""
        lists = [keys.deadline_list_of(stage, shop, shard) for stage in OPEN_STAGES for shard in keys.SHARDS]
        found = [key for each in lists for key in self._table.due(each, milliseconds(until), limit)]
        return [keys.order_of(key) for key in found]

    def count(self, shop: ShopId, stage: Stage) -> int:
        """How many orders stand in a stage."""
        return sum(
            self._table.count_due(keys.deadline_list_of(stage, shop, shard), milliseconds(FAR)) for shard in keys.SHARDS
        )

    def open_orders(self, shop: ShopId, shards: Iterable[int] = keys.SHARDS) -> Iterator[OrderId]:
        """All orders for which something is still due."""
        for stage, shard in product(OPEN_STAGES, shards):
            yield from self._listed(keys.deadline_list_of(stage, shop, shard), BEFORE_ALL, FAR)

    def closed_orders(
        self, shop: ShopId, since: datetime, until: datetime, shards: Iterable[int] = keys.SHARDS
    ) -> Iterator[OrderId]:
        """Orders for which nothing is due any more, by their dispatch deadline."""
        for shard in shards:
            yield from self._listed(keys.deadline_list_of(Stage.CLOSED, shop, shard), since, until)

    def _listed(self, due_list: str, since: datetime, until: datetime) -> Iterator[OrderId]:
        found = self._table.due(due_list, milliseconds(until), _ALL, since=milliseconds(since))
        yield from (keys.order_of(key) for key in found)

    def read(
        self, shop: ShopId, orders: Iterable[OrderId], damaged: Callable[[DamagedItemError], None]
    ) -> Iterator[Dispatched]:
        """Those orders with their deadlines; one that is damaged is told of and left out."""
        for batch in batched(dict.fromkeys(orders), ORDERS_A_BATCH, strict=False):
            wanted = [key for order in batch for key in (keys.order_key(shop, order), keys.deadlines_key(shop, order))]
            found = {Key(str(item["pk"]), str(item["sk"])): item for item in self._table.get_many(wanted)}
            for order in batch:
                head, own = found.get(keys.order_key(shop, order)), found.get(keys.deadlines_key(shop, order))
                if head and own:
                    try:
                        found_whole = Dispatched(
                            reading(read_order, head), reading(partial(read_deadlines, head=head), own)
                        )
                    except DamagedItemError as error:
                        damaged(error)
                    else:
                        yield found_whole

    def days(self, shop: ShopId, window: Window) -> dict[date, Tally]:
        """The counters of each day of a window."""
        days: dict[date, dict[str, int]] = {}
        for item in self._counters(shop, window):
            tally = days.setdefault(_day_of(item), {})
            for name, number in _tally(item).items():
                tally[name] = tally.get(name, 0) + number
        return dict(days)

    def shard(self, shop: ShopId, window: Window, shard: int) -> dict[date, DayCounters]:
        """The counters of one shard, of every day of a window."""
        wanted = {keys.counters_key(shop, day, shard): day for day in window.days}
        found = {Key(str(item["pk"]), str(item["sk"])): item for item in self._table.get_many(wanted)}
        return {
            day: DayCounters(_tally(found[key]), int(found[key]["version"])) if key in found else DayCounters({}, 0)
            for key, day in wanted.items()
        }

    def put_counters(self, shop: ShopId, day: date, shard: int, tally: Tally, seen: DayCounters) -> None:
        """Write a day's counters anew. Raises VersionConflictError when they were moved since they were seen."""
        pk, sk = keys.counters_key(shop, day, shard)
        item: Item = {"pk": pk, "sk": sk, **tally, "version": seen.version + 1}
        self._table.put(Put(item=item, expects=seen.version))

    def _counters(self, shop: ShopId, window: Window) -> list[Item]:
        after = window.last + timedelta(days=1)
        return self._table.query(
            keys.shop_partition(shop), since=keys.counters_of(window.first), before=keys.counters_of(after)
        )


def _day_of(item: Item) -> date:
    return keys.day_of_counters(str(item["sk"]))


def _tally(item: Item) -> dict[str, int]:
    return {name: int(number) for name, number in item.items() if name not in _NOT_COUNTERS and number}
