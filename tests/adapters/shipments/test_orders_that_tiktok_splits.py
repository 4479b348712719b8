"""TikTok Shop has a say in which units leave together: others of the same SKU go, or it is said why none do."""

from collections import Counter

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.doubts import Doubts
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event
from tests.adapters.shipments.parcel_scenes import (
    NEW_NUMBER,
    NEWEST_NUMBER,
    NUMBER,
    SHIP,
    at_tiktok,
    check_parcels,
    check_told_once,
    connected,
    cycle,
    everywhere,
    facts_of,
    numbers_at_tiktok,
    report,
    type_in,
    why_failed,
)
from tests.world import MUG, TWO_TEES, Connected, World

by_lines_or_sku = pytest.mark.parametrize("by_sku", [False, True], ids=["by lines", "by sku"])


@by_lines_or_sku
def test_units_of_one_sku_that_may_not_be_split_fail_with_tiktoks_own_words(*, by_sku: bool) -> None:
    world = World(tiktok_doubts=Doubts(same_sku_may_be_split=False))
    shop = connected(world)
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, *_ = world.tiktok.line_ids(order)
    report(world, order, lines=[first], by_sku=by_sku)
    cycle(world, 2)
    reason = why_failed(world, shop, order, SHIP)
    assert "21011036" in reason
    assert "these lines cannot leave without others of the order" in reason
    assert "must leave in the packages that Seller Center shows" in reason
    assert at_tiktok(world, order) == []
    check_told_once(world)


def test_of_one_sku_alone_the_split_attributes_say_why() -> None:
    world = World(tiktok_doubts=Doubts(same_sku_may_be_split=False))
    shop = connected(world)
    order = everywhere(world, shop, TWO_TEES)
    report(world, order, lines=world.tiktok.line_ids(order)[:1])
    cycle(world, 2)
    assert "; TikTok Shop says: " in why_failed(world, shop, order, SHIP)
    asked = [each for each in world.tiktok.books.requests if each.path.endswith("/split_attributes")]
    assert len(asked) == 1


def test_a_failed_split_is_over_when_all_units_leave_in_one_parcel() -> None:
    """The warehouse adds the other units under the same number, which nobody but ChannelAdvisor was told."""
    world = World(tiktok_doubts=Doubts(same_sku_may_be_split=False))
    shop = connected(world)
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, second, mug = world.tiktok.line_ids(order)
    report(world, order, lines=[mug])
    cycle(world, 2)
    report(world, order, NEW_NUMBER, lines=[first])
    report(world, order, NEW_NUMBER, lines=[second])
    cycle(world, 2)
    check_parcels(world, shop, order, NUMBER, NEW_NUMBER)
    assert world.tiktok.books.refused_shipments == []


@by_lines_or_sku
def test_a_unit_leaves_for_another_of_its_sku_where_seller_center_has_split_the_order(
    world: World, shop: Connected, *, by_sku: bool
) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, second, mug = world.tiktok.line_ids(order)
    world.tiktok.split_in_seller_center(order, [[first, mug], [second]])
    report(world, order, lines=[first], by_sku=by_sku)
    cycle(world, 2)
    assert at_tiktok(world, order) == [(NUMBER, (second,))]
    check_parcels(world, shop, order, NUMBER)
    (fact,) = facts_of(world, shop, order, Event.PARCEL_LINES_EXCHANGED)
    assert (fact.detail["before"], fact.detail["after"]) == (first, second)
    assert world.counted("parcels_with_lines_exchanged") == 1
    assert world.record(shop, order).order.state is OrderState.PARTIALLY_SHIPPED


@by_lines_or_sku
def test_the_rest_of_a_split_order_leaves_after_units_were_exchanged(
    world: World, shop: Connected, *, by_sku: bool
) -> None:
    """What the warehouse calls the second unit is the first one at TikTok Shop by then."""
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, second, mug = world.tiktok.line_ids(order)
    world.tiktok.split_in_seller_center(order, [[first, mug], [second]])
    report(world, order, lines=[first], by_sku=by_sku)
    cycle(world, 2)
    report(world, order, NEW_NUMBER, lines=[second, mug], by_sku=by_sku)
    cycle(world, 3)
    assert at_tiktok(world, order) == [(NUMBER, (second,)), (NEW_NUMBER, (first, mug))]
    check_parcels(world, shop, order, NUMBER, NEW_NUMBER)
    assert world.record(shop, order).order.state is OrderState.SHIPPED
    assert world.counted("parcels_refused") == 0


@by_lines_or_sku
def test_two_parcels_of_one_cycle_that_tiktok_wants_the_other_way_round_both_leave(
    world: World, shop: Connected, *, by_sku: bool
) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, second, mug = world.tiktok.line_ids(order)
    world.tiktok.split_in_seller_center(order, [[first, mug], [second]])
    report(world, order, lines=[first], by_sku=by_sku)
    report(world, order, NEW_NUMBER, lines=[second, mug], by_sku=by_sku)
    cycle(world, 3)
    contents = {number: Counter(line == mug for line in lines) for number, lines in at_tiktok(world, order)}
    assert contents == {NUMBER: {False: 1}, NEW_NUMBER: {False: 1, True: 1}}
    check_parcels(world, shop, order, NUMBER, NEW_NUMBER)


def test_parcels_that_are_packed_as_tiktok_wants_go_as_they_are(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, second, mug = world.tiktok.line_ids(order)
    packages = world.tiktok.split_in_seller_center(order, [[first, mug], [second]])
    report(world, order, lines=[first, mug])
    report(world, order, NEW_NUMBER, lines=[second])
    cycle(world, 3)
    check_parcels(world, shop, order, NUMBER, NEW_NUMBER)
    assert [each.package_id for each in world.tiktok.books.shipments_of(order)] == packages
    assert facts_of(world, shop, order, Event.PARCEL_LINES_EXCHANGED) == []
    assert world.problems() == []


def test_several_packages_of_tiktoks_may_leave_in_one_parcel(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, second, mug = world.tiktok.line_ids(order)
    world.tiktok.split_in_seller_center(order, [[first, mug], [second]])
    report(world, order)
    cycle(world, 3)
    check_parcels(world, shop, order, NUMBER)
    assert len(at_tiktok(world, order)) == 1


def test_what_no_exchange_can_mend_fails_with_what_seller_center_shows_and_the_rest_goes(
    world: World, shop: Connected
) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, second, mug = world.tiktok.line_ids(order)
    world.tiktok.split_in_seller_center(order, [[first, mug], [second]])
    report(world, order, lines=[mug])
    cycle(world, 2)
    assert "packages that Seller Center shows" in why_failed(world, shop, order, SHIP)
    report(world, order, NEW_NUMBER, lines=[second])
    cycle(world, 2)
    assert at_tiktok(world, order) == [(NEW_NUMBER, (second,))]
    assert world.record(shop, order).order.state is OrderState.PARTIALLY_SHIPPED
    check_told_once(world)


def test_a_person_ends_a_failed_split_in_seller_center(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, second, mug = world.tiktok.line_ids(order)
    world.tiktok.split_in_seller_center(order, [[first, mug], [second]])
    report(world, order, lines=[mug])
    report(world, order, NEW_NUMBER, lines=[first, second])
    cycle(world, 2)
    for number, lines in ((NUMBER, [first, mug]), (NEW_NUMBER, [second])):
        world.tiktok.ship_in_seller_center(order, number, "UPS", lines)
    cycle(world, 3)
    assert world.record(shop, order).order.state is OrderState.SHIPPED
    assert sorted(numbers_at_tiktok(world, order)) == [NUMBER, NEW_NUMBER]
    check_told_once(world)


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.SERVER_ERROR])
@pytest.mark.parametrize("after", [0, 1], ids=["the refused call", "the call with other units"])
def test_a_lost_answer_in_an_exchange_ships_once(world: World, shop: Connected, fault: Fault, after: int) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, second, mug = world.tiktok.line_ids(order)
    world.tiktok.split_in_seller_center(order, [[first, mug], [second]])
    report(world, order, lines=[first], by_sku=True)
    world.tiktok.faults.add(fault, "/packages", after=after)
    cycle(world, 4)
    assert world.tiktok.faults.happened[fault] == 1
    assert at_tiktok(world, order) == [(NUMBER, (second,))]
    check_parcels(world, shop, order, NUMBER)


def test_an_order_that_tiktok_splits_after_the_parcel_was_reported_is_read_again(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, second, mug = world.tiktok.line_ids(order)
    report(world, order, lines=[first])
    world.run("poll_oms", shop)
    world.tiktok.split_in_seller_center(order, [[first, mug], [second]])
    cycle(world, 2)
    assert at_tiktok(world, order) == [(NUMBER, (second,))]
    check_parcels(world, shop, order, NUMBER)


def test_a_typed_parcel_whose_units_are_exchanged_is_the_same_for_the_oms(world: World, shop: Connected) -> None:
    """The OMS is told by line: it must ship the others, also where it heard of the parcel before TikTok Shop did."""
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, second, mug = world.tiktok.line_ids(order)
    world.tiktok.split_in_seller_center(order, [[first, mug], [second]])
    type_in(world, order, items={"TEE-BLU-M": 1})
    world.tiktok.faults.add(Fault.UNAVAILABLE, times=None)
    cycle(world, 2)
    world.tiktok.faults.clear()
    cycle(world, 5)
    assert at_tiktok(world, order) == [(NUMBER, (second,))]
    report(world, order, NEW_NUMBER)
    cycle(world, 3)
    check_parcels(world, shop, order, NUMBER, NEW_NUMBER)
    assert world.record(shop, order).order.state is OrderState.SHIPPED


def test_a_unit_that_was_exchanged_keeps_its_parcel_through_a_change_of_the_number(
    world: World, shop: Connected
) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, second, mug = world.tiktok.line_ids(order)
    world.tiktok.split_in_seller_center(order, [[first, mug], [second]])
    shipment = report(world, order, lines=[first])
    cycle(world, 2)
    world.oms.correct_shipment(shipment, NEWEST_NUMBER)
    cycle(world, 2)
    assert at_tiktok(world, order) == [(NEWEST_NUMBER, (second,))]
    check_parcels(world, shop, order, NEWEST_NUMBER)
