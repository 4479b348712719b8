"""A single unit that was cancelled at TikTok Shop ships from nowhere (TT 2.8: the order goes on with the rest)."""

import pytest

from local.simulators.faults import Fault
from local.tracking_numbers import ups, usps
from order_sync.domain.ids import OrderId
from order_sync.domain.statuses import OrderState
from tests.adapters.jobs.checks import check_nothing_left
from tests.adapters.jobs.scenes import an_order_everywhere, in_channeladvisor, parcels_at_tiktok, ship_from_oms
from tests.world import MUG, TWO_TEES, Connected, World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


def states_in_oms(world: World, order: OrderId) -> list[str]:
    return [line.state for line in world.oms.books.order(order).lines]


def test_a_cancelled_unit_is_cancelled_on_both_sides_and_the_rest_ships(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES, MUG)
    first, second, mug = world.tiktok.line_ids(order)
    world.tiktok.cancel_by_seller(order, lines=[second])
    world.cycle(2)

    assert states_in_oms(world, order) == ["open", "cancelled", "open"]
    (adjustment,) = world.channeladvisor.books.adjustments(in_channeladvisor(world, order))
    assert (adjustment["Type"], adjustment["Quantity"], adjustment["SellerAdjustmentID"]) == (
        "Cancellation",
        1,
        f"cancel-{second}",
    )
    assert world.channeladvisor.books.accidental_refunds() == []

    ship_from_oms(world, order, ups(1), carrier="ups")
    world.cycle(3)
    assert parcels_at_tiktok(world, order)[0][1] == (first, mug)
    assert world.created(order)[0]["ShippingStatus"] == "Shipped"
    assert world.record(shop, order).order.state is OrderState.SHIPPED
    assert world.problems() == []
    check_nothing_left(world, shop, order)


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE])
def test_a_lost_answer_cancels_a_unit_once(world: World, shop: Connected, fault: Fault) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES)
    line = world.tiktok.line_ids(order)[0]
    world.tiktok.cancel_by_seller(order, lines=[line])
    world.channeladvisor.faults.add(fault, "/v1/OrderItems", method="POST")
    world.oms.faults.add(fault, "/cancellation")
    world.cycle(4)

    assert len(world.channeladvisor.books.adjustments(in_channeladvisor(world, order))) == 1
    assert len(world.oms.books.order(order).cancellations) == 1
    check_nothing_left(world, shop, order)


def test_each_unit_and_then_the_rest_can_be_cancelled(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES, MUG)
    for line in world.tiktok.line_ids(order)[:2]:
        world.tiktok.cancel_by_seller(order, lines=[line])
        world.cycle(2)
    world.tiktok.cancel_by_seller(order)
    world.cycle(3)

    assert states_in_oms(world, order) == ["cancelled"] * 3
    assert world.created(order)[0]["ShippingStatus"] == "Canceled"
    assert world.channeladvisor.books.accidental_refunds() == []
    check_nothing_left(world, shop, order)


def test_a_unit_that_has_left_in_channeladvisor_is_not_refunded_by_accident(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES)
    world.channeladvisor.ship_by_hand(in_channeladvisor(world, order), "USPS", "Ground", usps(7))
    world.tiktok.cancel_by_seller(order, lines=[world.tiktok.line_ids(order)[0]])
    world.cycle(2)

    assert world.channeladvisor.books.adjustments(in_channeladvisor(world, order)) == []
    assert any("no unit of 'TEE-BLU-M' is unshipped" in problem for problem in world.problems())


def test_a_parcel_whose_units_were_all_cancelled_meanwhile_is_told_to_nobody(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES, MUG)
    *_, mug = world.tiktok.line_ids(order)
    ship_from_oms(world, order, lines=[mug])
    world.run("poll_oms", shop)
    world.tiktok.cancel_by_seller(order, lines=[mug])
    world.cycle(2)

    assert parcels_at_tiktok(world, order) == []
    assert world.channeladvisor.books.shipped_fulfillments(in_channeladvisor(world, order)) == []
    assert states_in_oms(world, order)[:2] == ["open", "open"]
