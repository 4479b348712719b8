"""An order is read again just before it is handed over: what changed meanwhile decides (DESIGN 7)."""

from datetime import timedelta
from typing import Any

import pytest

from local.simulators.faults import Fault
from local.tracking_numbers import usps
from order_sync.domain.ids import OrderId
from order_sync.domain.statuses import OrderState
from tests.adapters.jobs.checks import check_handed_over_once, check_nothing_left, given_to_oms
from tests.world import MUG, TEE, Connected, World

LEFT_TO_TIKTOK = {"cancellations": {"without_answer": "leave_to_tiktok"}}
"""Else the shop's rule answers at once for an order that nobody has been given."""


def released(**settings: Any) -> tuple[World, Connected, OrderId]:
    """An order that has just been released and that nobody has been given."""
    world = World()
    shop = world.connect(**settings)
    order = world.order(shop, TEE, MUG)
    world.cycle(3)
    world.advance(timedelta(minutes=16))
    assert world.record(shop, order).order.state is OrderState.RELEASED_FOR_SHIPMENT
    return world, shop, order


def test_an_order_that_is_cancelled_in_seller_center_before_the_push_is_created_nowhere() -> None:
    world, shop, order = released()
    world.tiktok.cancel_by_seller(order)
    world.run("push_channeladvisor", shop)
    world.run("push_oms", shop)
    world.cycle(4)
    assert world.created(order) == []
    assert given_to_oms(world) == []
    assert world.record(shop, order).order.state is OrderState.CANCELED
    check_nothing_left(world, shop, order)


def test_an_order_that_is_shipped_in_seller_center_before_the_push_is_given_to_nobody() -> None:
    world, shop, order = released()
    world.tiktok.ship_in_seller_center(order, usps(1), "USPS")
    world.run("push_channeladvisor", shop)
    world.run("push_oms", shop)
    world.cycle(4)
    assert world.created(order) == []
    assert given_to_oms(world) == []
    check_nothing_left(world, shop, order)


def test_an_open_cancel_request_holds_the_hand_over_back_until_it_is_closed() -> None:
    world, shop, order = released(**LEFT_TO_TIKTOK)
    world.tiktok.request_cancel(order)
    world.cycle(4)
    assert world.created(order) == []
    assert given_to_oms(world) == []
    assert world.counted("held_back_for_cancellation") >= 4
    world.tiktok.close_cancel_request(order)
    world.cycle(1)
    assert len(world.created(order)) == 1
    assert given_to_oms(world) == [order]
    world.cycle(1)
    check_handed_over_once(world, shop, order)


def test_an_open_cancel_request_that_is_granted_ends_the_hand_over() -> None:
    world, shop, order = released(**LEFT_TO_TIKTOK)
    world.tiktok.request_cancel(order)
    world.cycle(3)
    world.tiktok.cancel_by_seller(order, "buyer's request")
    world.cycle(4)
    assert world.created(order) == []
    assert given_to_oms(world) == []
    check_nothing_left(world, shop, order)


def test_a_cancel_request_after_a_creation_that_never_arrived_keeps_it_back() -> None:
    world, shop, order = released(**LEFT_TO_TIKTOK)
    world.channeladvisor.faults.add(Fault.LOST_BEFORE, "/v1/Orders", method="POST")
    world.run("push_channeladvisor", shop)
    world.tiktok.request_cancel(order)
    world.cycle(4)
    assert world.created(order) == []
    world.tiktok.close_cancel_request(order)
    world.cycle(6)
    check_handed_over_once(world, shop, order)


def test_a_cancel_request_after_an_order_that_never_reached_the_oms_keeps_it_back() -> None:
    world, shop, order = released(**LEFT_TO_TIKTOK)
    world.run("push_channeladvisor", shop)
    world.oms.faults.add(Fault.LOST_BEFORE, "/orders/", method="PUT")
    world.run("push_oms", shop)
    world.tiktok.request_cancel(order)
    world.cycle(4)
    assert given_to_oms(world) == []
    world.tiktok.close_cancel_request(order)
    world.cycle(6)
    check_handed_over_once(world, shop, order)


def cancel_at_first_sight_of(world: World, order: OrderId, partner: str) -> None:
    """The seller cancels while the partner's answer to the creation is on its way."""

    def cancel() -> None:
        is_there = world.created(order) if partner == "channeladvisor" else given_to_oms(world)
        if is_there:
            world.on_answer = lambda: None
            world.tiktok.cancel_by_seller(order)

    world.on_answer = cancel


@pytest.mark.parametrize("partner", ["channeladvisor", "oms"])
def test_an_order_that_is_cancelled_while_it_is_created_is_cancelled_by_whoever_got_it(partner: str) -> None:
    world, shop, order = released()
    cancel_at_first_sight_of(world, order, partner)
    world.cycle(5)
    (created,) = world.created(order)
    assert created["ShippingStatus"] == "Canceled"
    assert [each["Type"] for each in created["Adjustments"]] == ["Cancellation"]
    assert [each["PreventSiteProcessing"] for each in created["Adjustments"]] == [True]
    assert {taken.state for taken in world.oms.books.orders()} <= {"cancelled"}
    assert given_to_oms(world) == ([] if partner == "channeladvisor" else [order])
    check_nothing_left(world, shop, order)


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER])
def test_a_cancellation_after_a_creation_of_unknown_outcome_reaches_whoever_has_the_order(fault: Fault) -> None:
    world, shop, order = released()
    world.channeladvisor.faults.add(fault, "/v1/Orders", method="POST")
    world.run("push_channeladvisor", shop)
    world.tiktok.cancel_by_seller(order)
    world.cycle(5)
    assert [each["ShippingStatus"] for each in world.created(order)] == ["Canceled"] * (fault is Fault.LOST_AFTER)
    assert given_to_oms(world) == []
    check_nothing_left(world, shop, order)


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.UNREACHABLE])
def test_a_cancellation_reaches_an_order_that_was_created_and_could_not_be_marked_paid(fault: Fault) -> None:
    world, shop, order = released()
    world.channeladvisor.faults.add(fault, "/v1/Orders(", method="PATCH")
    world.run("push_channeladvisor", shop)
    world.tiktok.cancel_by_seller(order)
    world.cycle(5)
    (created,) = world.created(order)
    assert created["ShippingStatus"] == "Canceled"
    check_nothing_left(world, shop, order)


def test_a_cancellation_of_a_part_shipped_order_is_no_refund_in_channeladvisor() -> None:
    world, shop, order = released()
    world.cycle(2)
    line, other = world.tiktok.line_ids(order)
    world.oms.ship(order, "USPS Ground", "Ground", usps(1), lines=[line])
    for job in ("poll_oms", "push_channeladvisor"):
        world.run(job, shop)
    world.tiktok.cancel_by_seller(order)
    world.cycle(4)
    (created,) = world.created(order)
    assert created["Adjustments"] == []
    (adjustment,) = world.channeladvisor.books.adjustments(created["ID"])
    assert (adjustment["Type"], adjustment["SellerAdjustmentID"]) == ("Cancellation", f"cancel-{other}")
    assert world.channeladvisor.books.accidental_refunds() == []
    recovery = world.oms.books.recoveries()[order]
    assert recovery["initiator"] == "seller"
    assert usps(1) in str(recovery["parcels"])
