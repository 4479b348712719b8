"""A seller whose OMS works inside ChannelAdvisor: nothing is sent to an OMS, its traces there are the evidence."""

import pytest

from order_sync.domain.ids import OrderId
from order_sync.domain.statuses import OrderState
from tests.adapters.jobs.checks import check_nothing_left, given_to_oms
from tests.world import Connected, World


def in_channeladvisor() -> tuple[World, Connected, OrderId, int]:
    """An order that ChannelAdvisor has and that no OMS has touched: with its ChannelAdvisor ID."""
    world = World()
    shop = world.connect(oms={"adapter": "none"})
    order = world.order(shop)
    world.cycle(6)
    (created,) = world.created(order)
    return world, shop, order, int(created["ID"])


def test_nothing_is_sent_to_an_oms() -> None:
    world, shop, order, _ = in_channeladvisor()
    assert given_to_oms(world) == []
    assert world.oms.books.requests() == []
    assert world.record(shop, order).order.state is OrderState.RELEASED_FOR_SHIPMENT
    check_nothing_left(world, shop, order)


def test_the_sellers_number_is_the_evidence_and_both_references_go_to_tiktok() -> None:
    world, shop, order, channeladvisor_id = in_channeladvisor()
    world.channeladvisor.set_seller_order_id(channeladvisor_id, "ERP-4711")
    world.cycle(2)
    assert world.record(shop, order).order.state is OrderState.ACKNOWLEDGED_BY_SELLER
    assert world.tiktok.books.references_of(order) == {
        "CHANNEL_ADVISOR": str(channeladvisor_id),
        "ORDER_MANAGEMENT_SYSTEM": "ERP-4711",
    }
    assert world.events(shop, order).count("TAKEN_BY_OMS") == 1
    check_nothing_left(world, shop, order)


def test_the_sellers_own_export_is_left_to_the_seller() -> None:
    world, _, _, channeladvisor_id = in_channeladvisor()
    world.channeladvisor.set_seller_order_id(channeladvisor_id, "ERP-4711")
    world.cycle(2)
    assert world.channeladvisor.books.exported("application") == frozenset()
    assert world.channeladvisor.books.order(channeladvisor_id)["SellerOrderID"] == "ERP-4711"


def test_pending_shipment_is_evidence_too() -> None:
    world, shop, order, channeladvisor_id = in_channeladvisor()
    world.channeladvisor.set_pending_shipment(channeladvisor_id)
    world.cycle(2)
    assert world.record(shop, order).order.state is OrderState.ACKNOWLEDGED_BY_SELLER
    assert world.tiktok.books.references_of(order) == {}


@pytest.mark.parametrize("with_number", [True, False])
def test_a_cancellation_reaches_channeladvisor_and_nobody_else(*, with_number: bool) -> None:
    world, shop, order, channeladvisor_id = in_channeladvisor()
    if with_number:
        world.channeladvisor.set_seller_order_id(channeladvisor_id, "ERP-4711")
    world.tiktok.cancel_by_seller(order)
    world.cycle(3)
    assert world.channeladvisor.books.order(channeladvisor_id)["ShippingStatus"] == "Canceled"
    assert world.oms.books.requests() == []
    check_nothing_left(world, shop, order)
