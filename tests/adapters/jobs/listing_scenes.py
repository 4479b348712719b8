"""Where tests of listings begin: a table that is loaded, orders that follow it, and what is estimated."""

from typing import Any

from local.simulators.tiktok_shop.deadlines import DayCounts
from local.simulators.tiktok_shop.orders import OrderType
from order_sync.domain.ids import OrderId
from order_sync.jobs.load_listings import load_listings
from order_sync.jobs.run import Report
from order_sync.jobs.show_delivery_estimate import show_delivery_estimate
from order_sync.ledger.listings import ListingTables
from tests.adapters.deadlines.deadline_scenes import deadlines_of
from tests.world import Connected, World

HEADER = "Seller SKU,Handling time (business days),Shipping time\n"
SLOW_MUG = HEADER + "TEE-BLU-M,1,2\nMUG-RED,10,7\n"
PATIENT = DayCounts(collect=30, cancel_unshipped=60, cancel_uncollected=60)
"""So that our own deadlines are acted on."""


def load(world: World, shop: Connected, text: str, **command: Any) -> dict[str, Any]:
    """An operator loads a file; what was counted and answered."""
    world.sleep(1)
    report = load_listings(world.shop_run(shop), {"shop": shop.id, "csv": text} | command)
    return {**report.counts, **report.answer}


def estimate(world: World, shop: Connected, sku: str, **command: Any) -> dict[str, Any]:
    """An operator asks for the estimate of a SKU."""
    return show_delivery_estimate(world.shop_run(shop), {"shop": shop.id, "sku": sku} | command).answer


def an_order(world: World, shop: Connected, *lines: Any, **options: Any) -> OrderId:
    """One that awaits shipment and that the ledger knows."""
    order = world.order(shop, *lines, **({"hold": False, "day_counts": PATIENT} | options))
    world.run("poll_tiktok", shop)
    return order


def made_to_order(world: World, shop: Connected, *lines: Any, **options: Any) -> OrderId:
    """One that takes the handling time of its listing."""
    return an_order(world, shop, *lines, order_type=OrderType.MADE_TO_ORDER, **options)


def dates(world: World, shop: Connected, order: OrderId) -> tuple[str, str]:
    """An order's dispatch deadline and estimated delivery, by their dates where the shop is."""
    found, zone = deadlines_of(world, shop, order).figures, world.shops.settings(shop.id).zone
    return f"{found.dispatch_by.astimezone(zone):%m-%d}", f"{found.delivery_by.astimezone(zone):%m-%d}"


def listed(world: World, shop: Connected) -> dict[str, tuple[int | None, int | None]]:
    """The table as it is."""
    found = ListingTables(world.table).whole(shop.id).times
    return {sku: (each.handling_days, each.shipping_days) for sku, each in found.items()}


def reads_of(world: World, shop: Connected, job: str) -> tuple[int, float, Report]:
    """Reading calls and read units of one run."""
    world.table.calls.clear()
    world.table.read_units = 0
    report = world.run(job, shop)
    return sum(world.table.calls[name] for name in ("get", "get_many", "query")), world.table.read_units, report
