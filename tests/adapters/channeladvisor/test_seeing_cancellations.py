"""Cancellations made in ChannelAdvisor by hand are seen; ours and the buyers' requests are not."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from order_sync.domain.cancelling.cancellations import ReportedCancellation, SellerReason
from order_sync.domain.errors import NotYetError
from order_sync.domain.orders import Source
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.world import START, World
from tests.purchases import a_line, a_purchase

LATER = START + timedelta(days=1)


@pytest.fixture
def order(client: ChannelAdvisor) -> int:
    """Two tees and a mug."""
    return int(client.create_order(a_purchase(a_line(1), a_line(2), a_line(3, sku="MUG"))).id)


def seen(client: ChannelAdvisor) -> tuple[ReportedCancellation, ...]:
    page = client.orders_updated(START, LATER)
    assert page.unreadable == ()
    return tuple(each for facts in page.orders for each in facts.cancellations)


def by_hand(
    name: str, at: datetime, *units: tuple[str, int], reason: SellerReason = SellerReason.OUT_OF_STOCK
) -> ReportedCancellation:
    return ReportedCancellation(id=name, source=Source.CHANNELADVISOR, reason=reason, requested_at=at, units=units)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("ItemNotAvailable", SellerReason.OUT_OF_STOCK),
        ("CouldNotShip", SellerReason.OUT_OF_STOCK),
        ("ShippingAddressUndeliverable", SellerReason.ADDRESS_NOT_DELIVERABLE),
        ("BuyerCancelled", SellerReason.BUYER_REQUESTED),
        ("GeneralAdjustment", SellerReason.WRONG_PRICE),
        ("Other", SellerReason.WRONG_PRICE),
    ],
)
def test_a_whole_order_cancelled_by_hand_is_seen_with_its_reason(
    world: World, order: int, reason: str, expected: SellerReason
) -> None:
    world.clock.move(minutes=3)
    world.simulator.cancel_by_hand(order, reason=reason)
    (adjustment,) = world.simulator.books.adjustments(order)
    client = world.client(default_reason=SellerReason.WRONG_PRICE)
    name = f"channeladvisor-order-{adjustment['ID']}"
    assert seen(client) == (by_hand(name, START + timedelta(minutes=3), reason=expected),)


def test_without_another_choice_silent_reasons_mean_out_of_stock(
    world: World, client: ChannelAdvisor, order: int
) -> None:
    world.simulator.cancel_by_hand(order)
    assert [each.reason for each in seen(client)] == [SellerReason.OUT_OF_STOCK]


def test_units_cancelled_by_hand_are_seen_by_sku(world: World, client: ChannelAdvisor, order: int) -> None:
    world.simulator.cancel_units_by_hand(order, {"TEE-BLU-M": 1}, reason="ItemNotAvailable")
    world.clock.move(minutes=1)
    world.simulator.cancel_units_by_hand(order, {"MUG": 1}, reason="BuyerCancelled")
    first, second = (f"channeladvisor-item-{each['ID']}" for each in world.simulator.books.adjustments(order))
    then = START + timedelta(minutes=1)
    assert seen(client) == (
        by_hand(first, START, ("TEE-BLU-M", 1)),
        by_hand(second, then, ("MUG", 1), reason=SellerReason.BUYER_REQUESTED),
    )
    world.simulator.cancel_units_by_hand(order, {"TEE-BLU-M": 1})
    assert world.simulator.books.order(order)["ShippingStatus"] == "Canceled"
    assert [each.units for each in seen(client)] == [(("TEE-BLU-M", 1),), (("TEE-BLU-M", 1),), (("MUG", 1),)]


@pytest.mark.parametrize("fails_first", [True, False])
def test_our_own_cancellation_of_the_order_is_not_seen(
    world: World, client: ChannelAdvisor, order: int, *, fails_first: bool
) -> None:
    if fails_first:
        world.simulator.fail_next_adjustment(order)
        with pytest.raises(NotYetError):
            client.cancel(str(order), "cancel-577", by_buyer=False)
        world.clock.move(minutes=5)
    with pytest.raises(NotYetError):
        client.cancel(str(order), "cancel-577", by_buyer=False)
    assert seen(client) == ()
    world.clock.move(minutes=5)
    assert seen(client) == ()
    assert world.simulator.books.order(order)["ShippingStatus"] == "Canceled"


def test_our_own_cancellations_of_units_are_not_seen_beside_a_persons(
    world: World, client: ChannelAdvisor, order: int
) -> None:
    for line, sku in (("1", "TEE-BLU-M"), ("3", "MUG")):
        with pytest.raises(NotYetError):
            client.cancel_unit(str(order), sku, f"cancel-{line}", by_buyer=False)
    world.simulator.cancel_units_by_hand(order, {"TEE-BLU-M": 1})
    world.clock.move(minutes=5)
    assert [each.units for each in seen(client)] == [(("TEE-BLU-M", 1),)]
    assert world.simulator.books.order(order)["ShippingStatus"] == "Canceled"


@pytest.mark.parametrize("units", [None, {"MUG": 1}])
def test_a_buyers_request_is_not_seen(
    world: World, client: ChannelAdvisor, order: int, units: dict[str, int] | None
) -> None:
    world.simulator.request_by_buyer(order, units=units, comment="No longer needed")
    assert seen(client) == ()


def test_a_refund_is_no_cancellation(world: World, client: ChannelAdvisor, order: int) -> None:
    world.simulator.ship_by_hand(order, "USPS", "Priority", "94001")
    world.simulator.cancel_by_hand(order)
    (adjustment,) = world.simulator.books.adjustments(order)
    assert adjustment["Type"] == "Refund"
    assert seen(client) == ()


def test_an_order_cancelled_in_some_other_way_is_seen_by_its_status(
    world: World, client: ChannelAdvisor, order: int
) -> None:
    world.clock.move(minutes=1)
    fields = world.simulator._state.orders[order].fields
    fields |= {"ShippingStatus": "Canceled", "UpdatedDateUtc": world.clock.now}
    assert seen(client) == (by_hand("channeladvisor-status", world.clock.now),)


def test_adjustments_beyond_those_that_a_list_shows_are_seen(build: Callable[..., World]) -> None:
    world = build()
    client = world.client()
    mugs = int(client.create_order(a_purchase(*(a_line(number, sku="MUG") for number in range(30)))).id)
    for _ in range(21):
        world.simulator.request_by_buyer(mugs)
    for _ in range(25):
        world.simulator.cancel_units_by_hand(mugs, {"MUG": 1})
    assert [each.units for each in seen(client)] == [(("MUG", 1),)] * 25
    world.clock.move(minutes=1)
    world.simulator.cancel_by_hand(mugs)
    whole = world.simulator.books.adjustments(mugs)[-1]
    assert [each.id for each in seen(client) if not each.units] == [f"channeladvisor-order-{whole['ID']}"]
