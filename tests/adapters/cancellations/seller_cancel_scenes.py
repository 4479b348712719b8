"""Sellers cancel: where these tests begin, and what must hold in everybody's books afterwards."""

from collections.abc import Collection

from local.simulators.tiktok_shop.money import LineSpec
from local.tracking_numbers import royal_mail, usps
from order_sync.domain.ids import OrderId
from tests.adapters.jobs.checks import check_nothing_left, check_nothing_twice
from tests.adapters.jobs.scenes import an_order_everywhere, in_channeladvisor, ship_from_oms
from tests.world import Connected, World

CANCEL = "/return_refund/202309/cancellations"
CANCELED_BY_HAND = "UserInterface"
MAPPINGS = {
    "US": [
        {"carrier": carrier, "code": "usps", "channeladvisor_class": "Ground"} for carrier in ("USPS", "USPS Ground")
    ],
    "GB": [{"carrier": "RM 24", "code": "Royal Mail", "channeladvisor_class": "24"}],
}


def canceled_by_oms(
    world: World,
    shop: Connected,
    *lines: LineSpec,
    cancel: Collection[int] | None = None,
    reason: str = "out_of_stock",
) -> tuple[OrderId, str]:
    """An order that everybody has, of which the OMS just cancelled everything or these units: with its id there."""
    order = an_order_everywhere(world, shop, *lines)
    return order, cancel_in_oms(world, order, cancel, reason=reason)


def cancel_in_oms(
    world: World, order: OrderId, units: Collection[int] | None = None, *, reason: str = "out_of_stock"
) -> str:
    """The OMS cancels an order, or its first, second ... unit: the cancellation's id."""
    ids = world.tiktok.line_ids(order)
    chosen = None if units is None else [ids[number] for number in units]
    return world.oms.cancel_order(order, chosen, reason=reason)


def told_to_oms(world: World, cancellation: str) -> str:
    """What the OMS was told about its cancellation: accepted, refused, or nothing."""
    told = outcome(world, cancellation)
    return str(told["outcome"]) if told else ""


def refusal(world: World, cancellation: str) -> str:
    """Why the OMS's cancellation was refused; the test fails when it was not."""
    told = outcome(world, cancellation)
    assert told is not None
    assert told["outcome"] == "refused"
    return str(told["reason"])


def outcome(world: World, cancellation: str) -> dict[str, object] | None:
    """What the OMS was told about its cancellation."""
    found = next(each for each in world.oms.books.seller_cancellations() if each.id == cancellation)
    return dict(found.told) if found.told is not None else None


def taken_at_tiktok(world: World, order: OrderId) -> list[tuple[str, tuple[str, ...]]]:
    """What TikTok Shop let us cancel: its reason, and the lines."""
    return [
        (each.reason, each.line_ids)
        for each in world.tiktok.books.seller_cancels
        if (each.order_id, each.by, each.code) == (order, "api", 0)
    ]


def asked_at_tiktok(world: World, order: OrderId) -> list[int]:
    """TikTok's answers to our attempts to cancel; 0 is a yes."""
    return [each.code for each in world.tiktok.books.seller_cancels if (each.order_id, each.by) == (order, "api")]


def units_in_oms(world: World, order: OrderId) -> list[str]:
    """Where each unit stands in the OMS."""
    return [line.state for line in world.oms.books.order(order).lines]


def buyer_notices(world: World, shop: Connected, order: OrderId) -> list[str]:
    """What TikTok Shop will have told the buyer, by the timeline."""
    facts = world.ledger.timeline(shop.id, order)
    return [fact.detail["buyer_notice"] for fact in facts if "buyer_notice" in fact.detail]


def adjustments(world: World, order: OrderId) -> list[tuple[str, str, str]]:
    """What was adjusted in ChannelAdvisor: kind, our id, and how it ended."""
    return [
        (each["Type"], each["SellerAdjustmentID"] or "", each["RequestStatus"])
        for each in world.channeladvisor.books.adjustments(in_channeladvisor(world, order))
    ]


def check_books(world: World) -> None:
    """Nothing was refunded by accident, shipped twice or adjusted twice under one id."""
    assert world.channeladvisor.books.accidental_refunds() == []
    check_nothing_twice(world)


def check_canceled_everywhere(world: World, shop: Connected, order: OrderId) -> None:
    """No side would ship anything of the order any more, and nobody waits for news."""
    assert world.tiktok.status(order) == "CANCELLED"
    for created in world.created(order):
        assert created["ShippingStatus"] == "Canceled"
    assert world.oms.books.order(order).state == "cancelled"
    assert world.record(shop, order).order.state == "CANCELED"
    check_nothing_left(world, shop, order)
    check_books(world)


def check_ships(world: World, shop: Connected, order: OrderId) -> None:
    """What is left of the order ships on all sides."""
    carrier = "USPS Ground" if shop.simulated.region.code == "US" else "RM 24"
    tracking = usps(42) if shop.simulated.region.code == "US" else royal_mail(42)
    ship_from_oms(world, order, tracking, carrier=carrier)
    world.cycle(2)
    (shipped,) = world.tiktok.books.shipments_of(order)
    assert shipped.tracking_number == tracking
    (created,) = world.created(order)
    assert created["ShippingStatus"] == "Shipped"
    assert world.record(shop, order).order.state == "SHIPPED"
    assert world.oms.books.order(order).state == "shipped"
    check_books(world)
