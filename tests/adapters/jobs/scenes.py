"""Where most tests of these jobs begin, and what they look at."""

from local.simulators.tiktok_shop.money import LineSpec
from local.tracking_numbers import usps
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import Action, EntryState, Target
from tests.world import Connected, World

SEARCH = "/order/202309/orders/search"
CANCELLATIONS = "/return_refund/202309/cancellations/search"
RETURNS = "/return_refund/202602/returns/search"
TRACKING = usps(1)


def an_order_everywhere(world: World, shop: Connected, *lines: LineSpec) -> OrderId:
    """An order that was released and that ChannelAdvisor and the OMS have."""
    order = world.order(shop, *lines)
    world.until_released()
    assert len(world.created(order)) == 1
    assert order in [taken.tiktok_order_id for taken in world.oms.books.orders()]
    return order


def ship_from_oms(
    world: World,
    order: OrderId,
    tracking_number: str = TRACKING,
    *,
    carrier: str = "USPS Ground",
    lines: list[str] | None = None,
    by_sku: bool = False,
) -> str:
    """The warehouse ships: the OMS's shipment id."""
    return world.oms.ship(order, carrier, "Ground", tracking_number, lines=lines, by_sku=by_sku)


def in_channeladvisor(world: World, order: OrderId) -> int:
    """ChannelAdvisor's number of an order."""
    (created,) = world.created(order)
    return int(created["ID"])


def parcels_in_channeladvisor(world: World, order: OrderId) -> list[tuple[str, str, dict[str, int]]]:
    """What left there: our parcel id, tracking number, units by SKU."""
    return [
        (
            parcel["SellerFulfillmentID"],
            parcel["TrackingNumber"],
            {item["Sku"]: item["Quantity"] for item in parcel["Items"]},
        )
        for parcel in world.channeladvisor.books.shipped_fulfillments(in_channeladvisor(world, order))
    ]


def parcels_at_tiktok(world: World, order: OrderId) -> list[tuple[str, tuple[str, ...]]]:
    """What TikTok took: tracking number and lines."""
    return [(shipped.tracking_number, shipped.line_ids) for shipped in world.tiktok.books.shipments_of(order)]


def entry_states(world: World, shop: Connected, order: OrderId) -> dict[tuple[Target, Action], EntryState]:
    """Where the outbox of an order stands; of several parcels the last one shows."""
    return {(entry.target, entry.action): entry.state for entry in world.record(shop, order).outbox}


def nothing_left_to_tell(world: World, shop: Connected, order: OrderId) -> bool:
    """Whether every entry of an order has ended."""
    return all(entry.has_ended for entry in world.record(shop, order).outbox)
