"""A ledger full of open orders, written straight into the table: what a sighting would have left there."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from local.memory_table import MemoryTable, item_size
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.shop import ShopSettings
from order_sync.domain.sightings import decide_sighting
from order_sync.ledger import keys
from order_sync.ledger.ledger import Ledger
from order_sync.ledger.table import Item
from tests.builders import TIMING, some_facts

FIRST_ID = 576461413038785752


def fill(table: MemoryTable, shop: ShopSettings, number: int, placed: datetime, *, first: int = 0) -> list[OrderId]:
    """So many orders that were placed at one moment and await shipment; their ids."""
    orders = [OrderId(str(FIRST_ID + 7919 * each)) for each in range(first, first + number)]
    pattern = list(_pattern(shop, placed))
    for order in orders:
        for item in (_of(each, shop.shop, order) for each in pattern):
            # Past the port, which would count what these writes cost.
            table._store(item, item_size(item))
    return orders


def _pattern(shop: ShopSettings, placed: datetime) -> Iterator[Item]:
    """The items of one such order, as a sighting writes them: its head and its deadlines."""
    facts = some_facts(
        created_at=placed, paid_at=placed, updated_at=placed + timedelta(hours=1), ship_by=None, collect_by=None
    )
    scratch = MemoryTable()
    ledger = Ledger(scratch, lambda: placed + timedelta(hours=2))
    change = decide_sighting(None, facts, shop, TIMING, placed + timedelta(hours=2))
    assert change is not None
    ledger.commit(change)
    for key, item in scratch.items.items():
        if key.sk in (keys.ORDER, keys.DEADLINES):
            yield item


def _of(item: Item, shop: ShopId, order: OrderId) -> Item:
    own = item | {"pk": keys.order_partition(shop, order)}
    if item["sk"] == keys.DEADLINES:
        stage = str(item["due_list"]).split("#")[0]
        own["due_list"] = f"{stage}#{shop}#{keys.shard_of(order)}"
    return own
