"""Returns beside partial shipments, cancellations, earlier refunds and each other."""

from collections import Counter
from decimal import Decimal

import pytest

from local.simulators.tiktok_shop.return_records import ReturnStatus, ReturnType
from local.tracking_numbers import usps
from order_sync.domain.ids import OrderId
from order_sync.domain.orders import LineState
from tests.adapters.cancellations.cancel_scenes import canceled_in_channeladvisor
from tests.adapters.returns.return_checks import check_agreed, check_books
from tests.adapters.returns.return_scenes import (
    a_shipped_order,
    an_asked_return,
    arrive,
    ask,
    at_oms,
    at_tiktok,
    booked,
    details,
    issued,
    known,
    line_ids,
    look,
    ship,
    words,
)
from tests.world import MUG, TWO_TEES, Connected, World


def approve(world: World, shop: Connected, return_id: str, question: str = "refund", cycles: int = 7) -> None:
    """The OMS grants it, and everybody learns the end."""
    world.oms.decide_return(shop.id, return_id, question, "approve")
    world.cycle(cycles)


def test_a_return_of_what_has_left_of_a_partly_shipped_order_and_then_the_rest_leaves(
    world: World, shop: Connected
) -> None:
    order = a_shipped_order(world, shop, TWO_TEES, MUG, units=1)
    assert world.record(shop, order).order.state == "PARTIALLY_SHIPPED"
    return_id = ask(world, order, units=[0])
    look(world, shop)
    assert at_oms(world, return_id).lines == (line_ids(world, order)[0],)
    approve(world, shop, return_id)
    check_agreed(world, shop, order)
    ship(world, shop, order, line_ids(world, order)[1:])
    world.cycle(2)
    assert world.record(shop, order).order.state == "SHIPPED"
    assert len(world.channeladvisor.books.shipped_fulfillments(int(world.created(order)[0]["ID"]))) == 2
    check_agreed(world, shop, order)


def test_two_units_of_a_sku_of_which_one_is_shipped_and_refunded_leave_the_other_to_be_shipped(
    world: World, shop: Connected
) -> None:
    order = a_shipped_order(world, shop, TWO_TEES, units=1)
    return_id = ask(world, order, units=[0])
    look(world, shop)
    approve(world, shop, return_id)
    states = [line.state for line in world.record(shop, order).order.lines]
    assert states == [LineState.SHIPPED, LineState.OPEN]
    check_agreed(world, shop, order)


def test_a_cancelled_part_and_a_returned_part_of_one_order_stay_apart(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop, TWO_TEES, MUG, units=0)
    ids = line_ids(world, order)
    world.oms.cancel_order(order, ids[2:])
    world.cycle(3)
    ship(world, shop, order, ids[:2])
    return_id = ask(world, order, units=[0, 1])
    look(world, shop)
    approve(world, shop, return_id)
    (made,) = issued(world, order)
    assert sorted(made.line_ids) == sorted(ids[:2])
    assert canceled_in_channeladvisor_beside_refunds(world, order) == Counter({"MUG-RED": 1})
    assert details(world, shop, order, "REFUND_CONFIRMED")[0]["refunded_in_all"].split()[0] == str(made.refund.total)
    check_agreed(world, shop, order)


def canceled_in_channeladvisor_beside_refunds(world: World, order: OrderId) -> Counter[str]:
    """Units by SKU that are cancelled there."""
    (created,) = world.created(order)
    skus = {item["ID"]: item["Sku"] for item in created["Items"]}
    units: Counter[str] = Counter()
    for each in world.channeladvisor.books.adjustments(created["ID"]):
        if each["Type"] == "Cancellation" and each["RequestStatus"] != "Error":
            for item, quantity in each["Units"].items():
                units[skus[item]] += quantity
    return units


def test_the_rest_of_an_order_is_cancelled_while_a_return_of_the_first_part_is_open(
    world: World, shop: Connected
) -> None:
    order = a_shipped_order(world, shop, TWO_TEES, MUG, units=1)
    return_id = ask(world, order, units=[0])
    look(world, shop)
    ids = line_ids(world, order)
    world.oms.cancel_order(order, ids[1:])
    world.cycle(4)
    assert canceled_in_channeladvisor_beside_refunds(world, order) == Counter({"TEE-BLU-M": 1, "MUG-RED": 1})
    approve(world, shop, return_id)
    check_agreed(world, shop, order)


def test_a_unit_that_was_refunded_in_part_is_returned_for_the_rest(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop, MUG)
    world.tiktok.refund_in_seller_center(order, amount="5.00")
    world.cycle(7)
    check_agreed(world, shop, order)
    arrive(world, order)
    return_id = ask(world, order, ReturnType.RETURN_AND_REFUND)
    look(world, shop)
    approve(world, shop, return_id, "return", 2)
    world.tiktok.buyer_ships_return(return_id, usps(77))
    look(world, shop)
    approve(world, shop, return_id, "receive_package")
    paid = world.record(shop, order).order.paid
    assert paid is not None
    assert sum(each.total for each in booked(world, order)) == paid.amount
    assert sum(each.refund.total for each in issued(world, order)) == paid.amount
    # One unit bears both of its refunds.
    assert [each.units for each in booked(world, order)] == [{"MUG-RED": 1}, {"MUG-RED": 1}]
    assert details(world, shop, order, "REFUND_CONFIRMED")[-1]["refunded_in_all"] == str(paid)
    check_books(world)


def test_a_return_of_a_refunded_unit_that_tiktok_shows_all_the_same_is_booked_within_what_was_paid(
    world: World, shop: Connected
) -> None:
    order = a_shipped_order(world, shop, MUG)
    world.tiktok.refund_in_seller_center(order)
    world.cycle(7)
    world.oms.refund(shop.id, order)
    world.cycle(3)
    paid = world.record(shop, order).order.paid
    assert paid is not None
    assert sum((each.total for each in booked(world, order) if each.stands), Decimal(0)) == paid.amount
    check_agreed(world, shop, order)


@pytest.mark.parametrize("when", ["pending", "label", "before anybody looked"])
def test_a_return_that_the_buyer_withdraws_is_closed_everywhere_and_may_be_asked_again(
    world: World, shop: Connected, when: str
) -> None:
    order = a_shipped_order(world, shop)
    first = ask(world, order, ReturnType.RETURN_AND_REFUND, approved_by_tiktok=when == "label")
    if when != "before anybody looked":
        look(world, shop)
    if when == "label":
        world.tiktok.tiktok_makes_label(first)
        look(world, shop)
    world.tiktok.buyer_withdraws_return(first)
    world.cycle(2)
    assert words(world, shop, order)[-1] == "Closed"
    assert at_oms(world, first).question == ""
    assert world.record(shop, order).returns[0].next_due is None
    check_agreed(world, shop, order)
    second = ask(world, order)
    look(world, shop)
    approve(world, shop, second)
    assert at_oms(world, second).state == "refunded"
    check_agreed(world, shop, order)


def test_a_return_that_the_buyer_changes_into_another_kind_names_what_it_follows(world: World, shop: Connected) -> None:
    order, first = an_asked_return(world, shop)
    second = ask(world, order, ReturnType.RETURN_AND_REFUND, follows=first)
    world.cycle(2)
    assert at_oms(world, first).state == "closed"
    assert at_oms(world, second).body["follows"] == first
    assert known(world, shop, order, second).follows == first
    requested = details(world, shop, order, "RETURN_REQUESTED")
    assert [fact.get("follows") for fact in requested] == [None, first]
    assert at_oms(world, second).question == "return"
    check_agreed(world, shop, order)


def test_two_open_returns_of_one_order_are_asked_and_answered_each_for_itself(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop)
    first, second = ask(world, order, units=[0]), ask(world, order, ReturnType.RETURN_AND_REFUND, units=[2])
    look(world, shop)
    assert [at_oms(world, each).question for each in (first, second)] == ["refund", "return"]
    world.oms.decide_return(shop.id, second, "return", "reject")
    approve(world, shop, first)
    assert [at_tiktok(world, each).status for each in (first, second)] == [ReturnStatus.COMPLETE, ReturnStatus.REJECT]
    check_agreed(world, shop, order)


def test_a_cancelled_order_has_no_returns_left_open(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop, MUG)
    return_id = ask(world, order)
    look(world, shop)
    world.tiktok.cancel_by_platform(order)
    world.cycle(5)
    assert at_tiktok(world, return_id).status is ReturnStatus.CANCEL
    assert at_oms(world, return_id).state == "closed"
    assert issued(world, order) == []
    assert world.channeladvisor.books.accidental_refunds() == []


def test_a_return_of_a_cancelled_unit_s_neighbour_counts_the_neighbour_alone(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop, TWO_TEES, units=0)
    ids = line_ids(world, order)
    world.oms.cancel_order(order, ids[:1])
    world.cycle(3)
    ship(world, shop, order, ids[1:])
    assert canceled_in_channeladvisor(world, order) == Counter({"TEE-BLU-M": 1})
    return_id = ask(world, order, units=[1])
    look(world, shop)
    approve(world, shop, return_id)
    assert [each.units for each in booked(world, order)] == [{"TEE-BLU-M": 1}]
    check_agreed(world, shop, order)
