"""An order in one parcel or in several, in parts of one parcel, or with units that were cancelled meanwhile."""

from itertools import permutations

import pytest

from local.simulators.tiktok_shop.money import LineSpec
from local.tracking_numbers import ups
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import EntryState
from order_sync.domain.statuses import OrderState
from tests.adapters.shipments.parcel_scenes import (
    CORRECT,
    NEW_NUMBER,
    NUMBER,
    PACKAGES,
    SHIP,
    at_tiktok,
    check_parcels,
    check_told_once,
    cycle,
    everywhere,
    fulfillments,
    last_entry,
    numbers_at_tiktok,
    only_parcel,
    parcels,
    report,
    shipped,
    updates,
)
from tests.world import MUG, TEE, TWO_TEES, Connected, World

THREE_TEES = LineSpec("TEE-BLU-M", "20.00", 3)


def state_of(world: World, shop: Connected, order: OrderId) -> OrderState:
    """How the order stands with us."""
    return world.record(shop, order).order.state


def calls(world: World) -> int:
    """How often TikTok Shop was told of a parcel."""
    return sum(1 for each in world.tiktok.books.requests if each.path.endswith(PACKAGES))


def test_one_parcel_is_one_call(world: World, shop: Connected) -> None:
    order, _ = shipped(world, shop, TWO_TEES, MUG)
    assert calls(world) == 1
    assert at_tiktok(world, order) == [(NUMBER, tuple(world.tiktok.line_ids(order)))]
    assert state_of(world, shop, order) is OrderState.SHIPPED
    assert world.problems() == []


@pytest.mark.parametrize("by_sku", [False, True], ids=["by lines", "by sku"])
@pytest.mark.parametrize("at_once", [False, True], ids=["over three cycles", "in one cycle"])
def test_of_three_parcels_each_is_one_call_and_the_last_one_ends_the_order(
    world: World, shop: Connected, *, by_sku: bool, at_once: bool
) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    lines = world.tiktok.line_ids(order)
    for number, line in enumerate(lines, 1):
        assert state_of(world, shop, order) is not OrderState.SHIPPED
        report(world, order, ups(number), lines=[line], by_sku=by_sku)
        if not at_once:
            cycle(world)
            last = line == lines[-1]
            assert state_of(world, shop, order) is (OrderState.SHIPPED if last else OrderState.PARTIALLY_SHIPPED)
            assert world.tiktok.status(order) == ("AWAITING_COLLECTION" if last else "PARTIALLY_SHIPPING")
    cycle(world, 2)
    assert calls(world) == 3
    assert state_of(world, shop, order) is OrderState.SHIPPED
    assert sorted(at_tiktok(world, order)) == [(ups(number), (line,)) for number, line in enumerate(lines, 1)]
    check_parcels(world, shop, order, *(ups(number) for number in (1, 2, 3)))
    assert world.problems() == []


def test_units_of_one_sku_leave_in_several_parcels_by_quantity(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, THREE_TEES, MUG)
    *tees, mug = world.tiktok.line_ids(order)
    report(world, order, ups(1), lines=tees[1:], by_sku=True)
    report(world, order, ups(2), lines=[tees[0], mug], by_sku=True)
    cycle(world, 3)
    check_parcels(world, shop, order, ups(1), ups(2))
    assert sorted(len(lines) for _, lines in at_tiktok(world, order)) == [2, 2]
    assert world.tiktok.books.refused_shipments == []


def test_what_is_counted_by_sku_and_what_is_named_by_line_does_not_collide(world: World, shop: Connected) -> None:
    """Of a unit that was only counted nobody has said which it is: the one that is named afterwards is another."""
    order = everywhere(world, shop, TWO_TEES)
    first, second = world.tiktok.line_ids(order)
    report(world, order, lines=[second], by_sku=True)
    cycle(world, 2)
    report(world, order, NEW_NUMBER, lines=[first])
    cycle(world, 2)
    check_parcels(world, shop, order, NUMBER, NEW_NUMBER)
    assert state_of(world, shop, order) is OrderState.SHIPPED


def test_shipments_of_single_lines_with_one_number_are_one_parcel(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    lines = world.tiktok.line_ids(order)
    for line in lines:
        report(world, order, lines=[line])
    cycle(world, 2)
    assert at_tiktok(world, order) == [(NUMBER, tuple(lines))]
    assert calls(world) == 1
    check_parcels(world, shop, order, NUMBER)
    assert len(fulfillments(world, order)) == 1
    assert world.problems() == []


def test_single_lines_told_by_quantity_with_one_number_are_one_parcel(world: World, shop: Connected) -> None:
    """Each shipment counts its own units, so that two shipments of one unit are two units."""
    order = everywhere(world, shop, THREE_TEES)
    first, second, third = world.tiktok.line_ids(order)
    for line in (first, second):
        report(world, order, lines=[line], by_sku=True)
    cycle(world, 2)
    report(world, order, NEW_NUMBER, lines=[third], by_sku=True)
    cycle(world, 2)
    check_parcels(world, shop, order, NUMBER, NEW_NUMBER)
    assert sorted(len(lines) for _, lines in at_tiktok(world, order)) == [1, 2]


def test_a_part_that_comes_after_its_parcel_was_told_goes_to_a_person(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TEE, MUG)
    tee, mug = world.tiktok.line_ids(order)
    report(world, order, lines=[tee])
    cycle(world, 2)
    report(world, order, lines=[mug])
    cycle(world, 2)
    assert at_tiktok(world, order) == [(NUMBER, (tee,))]
    assert state_of(world, shop, order) is OrderState.PARTIALLY_SHIPPED
    (problem,) = world.problems()
    assert "a parcel that was told takes no more lines: ship these under a number of their own" in problem
    check_told_once(world)


@pytest.mark.parametrize("turn", [*permutations(range(3))], ids=str)
def test_parts_of_one_parcel_are_all_mended_in_any_order(world: World, shop: Connected, turn: tuple[int, ...]) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    shipments = [report(world, order, lines=[line]) for line in world.tiktok.line_ids(order)]
    cycle(world, 2)
    for place in turn:
        world.oms.correct_shipment(shipments[place], NEW_NUMBER)
    cycle(world, 2)
    check_parcels(world, shop, order, NEW_NUMBER)
    assert updates(world, order) == [NEW_NUMBER]
    assert world.problems() == []
    assert [each.refused for each in world.record(shop, order).parcels] == [""]


@pytest.mark.parametrize("wait", [0, 1], ids=["before it was told", "after it was told"])
@pytest.mark.parametrize("first_alone", [True, False], ids=["the first shipment", "the second shipment"])
def test_parts_that_are_mended_one_after_the_other_end_as_one_parcel(
    world: World, shop: Connected, wait: int, *, first_alone: bool
) -> None:
    order = everywhere(world, shop, TEE, MUG)
    shipments = [report(world, order, lines=[line]) for line in world.tiktok.line_ids(order)]
    world.run("poll_oms", shop)
    cycle(world, 2 * wait)
    for shipment in shipments if first_alone else reversed(shipments):
        world.oms.correct_shipment(shipment, NEW_NUMBER)
        cycle(world)
    cycle(world, 2)
    assert numbers_at_tiktok(world, order) == [NEW_NUMBER]
    check_parcels(world, shop, order, NEW_NUMBER)


def test_a_unit_that_is_cancelled_before_tiktok_is_told_stays_out_of_the_parcel(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, second, mug = world.tiktok.line_ids(order)
    report(world, order)
    world.run("poll_oms", shop)
    world.tiktok.cancel_by_seller(order, lines=[second])
    cycle(world, 3)
    assert at_tiktok(world, order) == [(NUMBER, (first, mug))]
    (there,) = fulfillments(world, order)
    assert {item["Sku"]: item["Quantity"] for item in there["Items"]} == {"TEE-BLU-M": 1, "MUG-RED": 1}
    assert state_of(world, shop, order) is OrderState.SHIPPED
    assert world.oms.books.recoveries()[order]
    check_told_once(world)


def test_a_parcel_of_which_a_unit_was_cancelled_can_still_get_another_number(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, second, mug = world.tiktok.line_ids(order)
    shipment = report(world, order)
    world.run("poll_oms", shop)
    world.tiktok.cancel_by_seller(order, lines=[second])
    cycle(world, 3)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 3)
    assert at_tiktok(world, order) == [(NEW_NUMBER, (first, mug))]
    assert [each["TrackingNumber"] for each in fulfillments(world, order)] == [NEW_NUMBER]
    assert last_entry(world, shop, order, CORRECT).state is EntryState.DONE
    check_told_once(world)


def test_a_parcel_of_which_all_was_cancelled_is_told_to_nobody(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    *tees, mug = world.tiktok.line_ids(order)
    report(world, order, lines=tees)
    world.run("poll_oms", shop)
    world.tiktok.cancel_by_seller(order, lines=tees)
    report(world, order, NEW_NUMBER, lines=[mug])
    cycle(world, 3)
    assert at_tiktok(world, order) == [(NEW_NUMBER, (mug,))]
    assert [each["TrackingNumber"] for each in fulfillments(world, order)] == [NEW_NUMBER]
    (empty,) = [each for each in parcels(world, shop, order) if each.tracking_number == NUMBER]
    told = [each for each in world.record(shop, order).outbox if each.subject == empty.id]
    assert {each.state for each in told} == {EntryState.WITHDRAWN}
    assert world.tiktok.books.refused_shipments == []
    assert world.counted("entries_failed") == 0
    check_told_once(world)


@pytest.mark.parametrize("first", ["number", "cancellation"])
def test_a_number_that_changes_while_a_unit_is_cancelled_holds_for_the_rest(
    world: World, shop: Connected, first: str
) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    living, second, mug = world.tiktok.line_ids(order)
    shipment = report(world, order)
    world.run("poll_oms", shop)
    if first == "number":
        world.oms.correct_shipment(shipment, NEW_NUMBER)
        world.run("poll_oms", shop)
        world.tiktok.cancel_by_seller(order, lines=[second])
    else:
        world.tiktok.cancel_by_seller(order, lines=[second])
        world.run("poll_tiktok", shop)
        world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 3)
    assert at_tiktok(world, order) == [(NEW_NUMBER, (living, mug))]
    assert [each["TrackingNumber"] for each in fulfillments(world, order)] == [NEW_NUMBER]
    assert updates(world, order) == []
    assert only_parcel(world, shop, order).tracking_number == NEW_NUMBER
    check_told_once(world)


def test_what_was_shipped_in_seller_center_meanwhile_is_told_no_more(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    report(world, order)
    world.run("poll_oms", shop)
    world.tiktok.ship_in_seller_center(order, NEW_NUMBER, "UPS")
    cycle(world, 3)
    assert numbers_at_tiktok(world, order) == [NEW_NUMBER]
    assert last_entry(world, shop, order, SHIP).state in (EntryState.WITHDRAWN, EntryState.FAILED)
    check_told_once(world)
