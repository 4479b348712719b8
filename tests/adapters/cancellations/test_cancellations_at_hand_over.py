"""Cancelled in the hold, or while the order is being handed over (issue 3 point 8): nobody ships it, nobody is lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from order_sync.domain.ids import OrderId
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event
from tests.adapters.cancellations.races import after_answer, check_over, connected, details, released, winners
from tests.adapters.jobs.checks import check_nothing_left, check_nothing_twice, given_to_oms
from tests.world import MUG, TWO_TEES, Connected, World

READ_ORDERS = "/order/202309/orders"
NEVER_GIVEN = "APPROVED by SHOP_RULE"


def check_nobody_has_it(world: World, shop: Connected, order: OrderId) -> None:
    assert world.record(shop, order).order.state is OrderState.CANCELED
    assert world.created(order) == []
    assert given_to_oms(world) == []
    assert world.oms.books.requests(method="PUT") == []
    assert world.oms.books.unsettled() == []
    check_nothing_left(world, shop, order)
    check_nothing_twice(world)


CANCELS_AT_ONCE: dict[str, Callable[[World, OrderId], object]] = {
    "BUYER": lambda world, order: world.tiktok.cancel_as_buyer(order),
    "SELLER": lambda world, order: world.tiktok.cancel_by_seller(order),
    "PLATFORM": lambda world, order: world.tiktok.cancel_by_platform(order, "Potential fraud"),
}


@pytest.mark.parametrize("initiator", CANCELS_AT_ONCE)
@pytest.mark.parametrize("seen", [True, False], ids=["order-seen", "order-not-seen"])
def test_what_is_cancelled_in_the_hold_is_given_to_nobody(
    world: World, shop: Connected, initiator: str, *, seen: bool
) -> None:
    order = world.order(shop, TWO_TEES, MUG)
    if seen:
        world.cycle()
    CANCELS_AT_ONCE[initiator](world, order)
    world.cycle(2)
    world.advance(timedelta(hours=2))
    world.cycle(2)

    check_nobody_has_it(world, shop, order)
    (seen_once,) = details(world, shop, order, Event.CANCELLATION_SEEN)
    assert seen_once["initiator"] == initiator
    assert winners(world, shop, order) == []
    assert world.problems() == []


@pytest.mark.parametrize("initiator", ["SELLER", "PLATFORM"])
def test_what_is_cancelled_while_it_is_released_is_given_to_nobody(
    world: World, shop: Connected, initiator: str
) -> None:
    order = world.order(shop, TWO_TEES, MUG)
    world.cycle()
    after_answer(world, READ_ORDERS, lambda: CANCELS_AT_ONCE[initiator](world, order))
    world.advance(timedelta(minutes=70))
    assert world.record(shop, order).order.state is OrderState.RELEASED_FOR_SHIPMENT
    world.cycle(3)

    check_nobody_has_it(world, shop, order)


def test_what_is_requested_before_anybody_has_the_order_is_approved_by_the_rule(world: World, shop: Connected) -> None:
    order = released(world, shop, TWO_TEES, MUG)
    cancel = world.tiktok.request_cancel(order)
    world.cycle(3)

    assert winners(world, shop, order) == [NEVER_GIVEN]
    assert [each.decision for each in world.tiktok.books.decided(cancel)] == ["APPROVE"]
    check_nobody_has_it(world, shop, order)


def test_a_part_that_is_requested_before_anybody_has_the_order_is_left_out(world: World, shop: Connected) -> None:
    order = released(world, shop, TWO_TEES, MUG)
    tee, *others = world.tiktok.line_ids(order)
    world.tiktok.request_cancel(order, [tee])
    world.cycle(3)

    assert winners(world, shop, order) == [NEVER_GIVEN]
    assert [line.id for line in world.oms.books.order(order).lines if line.state == "open"] == others
    (created,) = world.created(order)
    assert sum(item["Quantity"] for item in created["Items"]) == 2
    check_nothing_left(world, shop, order)


@pytest.mark.parametrize("withdrawn", [True, False], ids=["withdrawn", "left-to-tiktok"])
def test_where_tiktok_decides_an_order_waits_for_the_end_of_the_request(
    world: World, region: str, *, withdrawn: bool
) -> None:
    shop = connected(world, region, cancellations={"without_answer": "leave_to_tiktok"})
    order = released(world, shop, TWO_TEES, MUG)
    world.tiktok.request_cancel(order)
    world.cycle(2)
    assert world.created(order) == []
    assert given_to_oms(world) == []
    if withdrawn:
        world.tiktok.withdraw_cancel_request(order)
        world.cycle(6)
        assert winners(world, shop, order) == ["WITHDRAWN by BUYER"]
        check_over(world, shop, order)
    else:
        world.advance(timedelta(hours=25))
        world.cycle(3)
        assert winners(world, shop, order) == ["APPROVED_AUTOMATICALLY by PLATFORM"]
        check_nobody_has_it(world, shop, order)


@pytest.mark.parametrize("initiator", ["SELLER", "PLATFORM"])
def test_what_is_cancelled_between_release_and_creation_is_given_to_nobody(
    world: World, shop: Connected, initiator: str
) -> None:
    order = released(world, shop, TWO_TEES, MUG)
    CANCELS_AT_ONCE[initiator](world, order)
    for job in ("push_channeladvisor", "push_oms"):
        world.run(job, shop)
    world.cycle(2)

    check_nobody_has_it(world, shop, order)


@pytest.mark.parametrize(
    ("down", "decision", "winner"),
    [
        ("channeladvisor", "approve", "APPROVED by OMS"),
        ("channeladvisor", "reject", "REJECTED by OMS"),
        ("channeladvisor", "", "APPROVED by SHOP_RULE"),
        ("oms", "", NEVER_GIVEN),
    ],
)
def test_a_request_while_only_one_side_has_the_order(
    world: World, shop: Connected, down: str, decision: str, winner: str
) -> None:
    order = released(world, shop, TWO_TEES, MUG)
    simulator = world.channeladvisor if down == "channeladvisor" else world.oms
    simulator.faults.add(Fault.UNREACHABLE, times=None)
    world.cycle(4)
    cancel = world.tiktok.request_cancel(order)
    world.cycle(2)
    simulator.faults.clear()
    asked = [request.id for request in world.oms.books.cancel_requests()]
    # Whoever has nothing to stop is not asked.
    assert asked == ([cancel] if down == "channeladvisor" else [])
    if asked and decision:
        world.oms.decide(cancel, decision)
    elif asked:
        world.advance(timedelta(hours=24))
    world.cycle(8)

    assert winners(world, shop, order) == [winner]
    if winners(world, shop, order)[0].startswith("REJECTED"):
        check_over(world, shop, order)
        return
    assert world.record(shop, order).order.state is OrderState.CANCELED
    assert [each["ShippingStatus"] for each in world.created(order)] == ([] if asked else ["Canceled"])
    assert [each.state for each in world.oms.books.orders()] == (["cancelled"] if asked else [])
    assert world.oms.books.unsettled() == []
    check_nothing_left(world, shop, order)


@pytest.mark.parametrize("down", ["channeladvisor", "oms"])
@pytest.mark.parametrize("initiator", ["SELLER", "PLATFORM"])
def test_a_cancellation_while_only_one_side_has_the_order_reaches_that_side(
    world: World, shop: Connected, down: str, initiator: str
) -> None:
    order = released(world, shop, TWO_TEES, MUG)
    simulator = world.channeladvisor if down == "channeladvisor" else world.oms
    simulator.faults.add(Fault.UNREACHABLE, times=None)
    world.cycle(4)
    CANCELS_AT_ONCE[initiator](world, order)
    world.cycle(2)
    simulator.faults.clear()
    world.cycle(6)

    assert [each["ShippingStatus"] for each in world.created(order)] == (
        [] if down == "channeladvisor" else ["Canceled"]
    )
    assert [each.state for each in world.oms.books.orders()] == ([] if down == "oms" else ["cancelled"])
    check_nothing_left(world, shop, order)
    check_nothing_twice(world)


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE])
@pytest.mark.parametrize("side", ["channeladvisor", "oms"])
@pytest.mark.parametrize("happening", ["request-approved", "request-rejected", "seller", "fraud"])
def test_what_happens_while_a_creation_is_in_doubt_ends_the_same_on_all_sides(
    world: World, shop: Connected, side: str, fault: Fault, happening: str
) -> None:
    order = released(world, shop, TWO_TEES, MUG)
    if side == "channeladvisor":
        world.channeladvisor.faults.add(fault, "/v1/Orders", method="POST", times=1)
    else:
        world.run("push_channeladvisor", shop)
        world.oms.faults.add(fault, f"/orders/{order}", method="PUT", times=3)
    for job in ("push_channeladvisor", "push_oms"):
        world.run(job, shop)
    match happening:
        case "seller":
            world.tiktok.cancel_by_seller(order)
        case "fraud":
            world.tiktok.cancel_by_platform(order, "Potential fraud")
        case _:
            world.tiktok.request_cancel(order)
    world.cycle(4)
    for request in world.oms.books.cancel_requests():
        world.oms.decide(request.id, "approve" if happening == "request-approved" else "reject")
    world.cycle(5)
    if not all(each.outcome for each in world.record(shop, order).cancellations):
        world.advance(timedelta(hours=24))
        world.cycle(4)

    there = {
        "at TikTok Shop": world.record(shop, order).order.state is OrderState.CANCELED,
        **{f"ChannelAdvisor {each['ID']}": each["ShippingStatus"] == "Canceled" for each in world.created(order)},
        **{f"OMS {each.number}": each.state == "cancelled" for each in world.oms.books.orders()},
    }
    assert len(set(there.values())) == 1, there
    assert len(winners(world, shop, order)) == (1 if happening.startswith("request") else 0)
    check_nothing_left(world, shop, order)
    check_nothing_twice(world)
    assert world.channeladvisor.books.accidental_refunds() == []
    assert world.oms.books.unsettled() == []


def test_a_request_in_the_middle_of_the_creation_in_channeladvisor_is_approved_by_the_rule(
    world: World, shop: Connected
) -> None:
    order = released(world, shop, TWO_TEES, MUG)
    after_answer(world, READ_ORDERS, lambda: world.tiktok.request_cancel(order))
    world.run("push_channeladvisor", shop)
    world.cycle(4)
    for request in world.oms.books.cancel_requests():
        world.oms.decide(request.id, "approve")
    world.cycle(3)

    assert winners(world, shop, order) == [NEVER_GIVEN]
    (created,) = world.created(order)
    assert created["ShippingStatus"] == "Canceled"
    assert given_to_oms(world) == []
    check_nothing_left(world, shop, order)
