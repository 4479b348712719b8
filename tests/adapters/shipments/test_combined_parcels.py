"""Several orders of one recipient in one parcel: the same label, told on each order (TT 3, OP B6)."""

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.buyers import Buyer
from local.simulators.tiktok_shop.doubts import Doubts
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import EntryState
from tests.adapters.shipments.parcel_scenes import (
    CORRECT,
    NEW_NUMBER,
    NUMBER,
    PACKAGES,
    SHIP,
    UPDATE,
    all_everywhere,
    check_parcels,
    check_told_once,
    connected,
    cycle,
    fulfillments,
    last_entry,
    numbers_at_tiktok,
    numbers_there,
    report,
    why_failed,
)
from tests.world import MUG, TEE, TWO_TEES, Connected, World

shared_or_not = pytest.mark.parametrize("shared", [True, False], ids=["one package", "a package for each order"])


def world_where(*, shared: bool) -> tuple[World, Connected]:
    """Whether TikTok Shop has one package for combined orders, which is not known, or one for each."""
    world = World(tiktok_doubts=Doubts(combined_orders_share_a_package=shared))
    return world, connected(world)


def of_one_buyer(
    world: World, shop: Connected, number: int, *, combined: bool = False, buyer: Buyer | None = None
) -> list[OrderId]:
    """Orders of one recipient, that TikTok Shop, or the seller there, has combined or not."""
    buyer = buyer or world.tiktok.new_buyer(shop.simulated)
    orders = all_everywhere(world, shop, [[TEE]] * number, buyer=buyer)
    if combined:
        world.tiktok.combine_in_seller_center(orders)
    return orders


def told(world: World, orders: list[OrderId]) -> list[list[str]]:
    """The tracking numbers of each order at TikTok Shop."""
    return [numbers_at_tiktok(world, order) for order in orders]


@pytest.mark.parametrize(
    ("number", "combined", "shared"),
    [(2, False, True), (2, True, True), (2, True, False), (20, False, True), (20, True, True)],
    ids=["two", "two combined", "two combined in packages of their own", "twenty", "twenty combined"],
)
def test_orders_of_one_recipient_leave_in_one_parcel(number: int, *, combined: bool, shared: bool) -> None:
    world, shop = world_where(shared=shared)
    orders = of_one_buyer(world, shop, number, combined=combined)
    for order in orders:
        report(world, order)
    cycle(world, 3)
    assert told(world, orders) == [[NUMBER]] * number
    for order in orders:
        check_parcels(world, shop, order, NUMBER)
    assert world.problems() == []
    packages = {each.package_id for each in world.tiktok.books.shipments}
    assert len(packages) == (1 if shared and combined else number)


def test_of_twenty_one_orders_the_last_one_waits_for_a_number_of_its_own(world: World, shop: Connected) -> None:
    orders = of_one_buyer(world, shop, 21)
    shipments = {order: report(world, order) for order in orders}
    cycle(world, 2)
    assert sorted(told(world, orders)) == [[]] + [[NUMBER]] * 20
    (left,) = [order for order in orders if not numbers_at_tiktok(world, order)]
    assert "would be on 21 orders; TikTok Shop takes 20" in why_failed(world, shop, left, SHIP)
    assert world.tiktok.books.refused_shipments == []
    assert world.counted("entries_failed") == 1

    world.oms.correct_shipment(shipments[left], NEW_NUMBER)
    cycle(world, 3)
    for order in orders:
        check_parcels(world, shop, order, NEW_NUMBER if order == left else NUMBER)


def test_orders_of_two_recipients_with_one_number_are_stopped_and_the_right_one_goes(
    world: World, shop: Connected
) -> None:
    pair, (stranger,) = of_one_buyer(world, shop, 2), of_one_buyer(world, shop, 1)
    for order in (*pair, stranger):
        report(world, order)
    cycle(world, 2)
    assert told(world, [*pair, stranger]) == [[NUMBER], [NUMBER], []]
    assert "on orders of other recipients too" in why_failed(world, shop, stranger, SHIP)
    assert world.tiktok.books.refused_shipments == []


def test_orders_in_several_cycles_join_one_parcel(world: World, shop: Connected) -> None:
    orders = of_one_buyer(world, shop, 3)
    for order in orders:
        report(world, order)
        cycle(world)
    cycle(world, 2)
    for order in orders:
        check_parcels(world, shop, order, NUMBER)


def test_a_part_of_an_order_travels_with_another_order(world: World, shop: Connected) -> None:
    buyer = world.tiktok.new_buyer(shop.simulated)
    large, small = all_everywhere(world, shop, [[TWO_TEES, MUG], [TEE]], buyer=buyer)
    first, *others = world.tiktok.line_ids(large)
    report(world, large, lines=[first])
    report(world, small)
    report(world, large, NEW_NUMBER, lines=others)
    cycle(world, 3)
    check_parcels(world, shop, large, NUMBER, NEW_NUMBER)
    check_parcels(world, shop, small, NUMBER)


@shared_or_not
def test_a_combined_order_that_leaves_in_parts_fails_with_tiktoks_explanation(*, shared: bool) -> None:
    world, shop = world_where(shared=shared)
    buyer = world.tiktok.new_buyer(shop.simulated)
    large, small = all_everywhere(world, shop, [[TWO_TEES, MUG], [TEE]], buyer=buyer)
    world.tiktok.combine_in_seller_center([large, small])
    report(world, large, lines=world.tiktok.line_ids(large)[:1])
    report(world, small)
    cycle(world, 2)
    reason = why_failed(world, shop, large, SHIP)
    assert "the order is combined with another and leaves as a whole" in reason
    assert "TikTok Shop says: " in reason
    assert numbers_at_tiktok(world, small) == [NUMBER]
    check_told_once(world)


@shared_or_not
def test_combined_orders_that_leave_apart_are_told_so_by_tiktok(*, shared: bool) -> None:
    world, shop = world_where(shared=shared)
    one, other = of_one_buyer(world, shop, 2, combined=True)
    report(world, one)
    shipment = report(world, other, NEW_NUMBER)
    cycle(world, 2)
    assert numbers_at_tiktok(world, one) == [NUMBER]
    assert "combined with another" in why_failed(world, shop, other, SHIP)
    world.oms.correct_shipment(shipment, NUMBER)
    cycle(world, 3)
    check_parcels(world, shop, other, NUMBER)


@shared_or_not
@pytest.mark.parametrize("combined", [False, True], ids=["packed by the warehouse", "combined at TikTok Shop"])
@pytest.mark.parametrize("at_once", [True, False], ids=["in one cycle", "one after the other"])
def test_a_parcel_of_several_orders_gets_another_number(*, combined: bool, shared: bool, at_once: bool) -> None:
    """Where they share a package, TikTok Shop changes it for all of them at once, and once only."""
    world, shop = world_where(shared=shared)
    orders = of_one_buyer(world, shop, 3, combined=combined)
    shipments = [report(world, order) for order in orders]
    cycle(world, 2)
    for shipment in shipments:
        world.oms.correct_shipment(shipment, NEW_NUMBER)
        if not at_once:
            cycle(world)
    cycle(world, 3)
    for order in orders:
        check_parcels(world, shop, order, NEW_NUMBER)
    assert world.tiktok.books.refused_tracking_updates == []
    assert len(world.tiktok.books.tracking_updates) == (1 if shared and combined else 3)
    assert world.counted("entries_failed") == 0


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.SERVER_ERROR])
@pytest.mark.parametrize("after", [0, 1])
@shared_or_not
def test_a_lost_answer_about_a_parcel_s_new_number_changes_it_once(fault: Fault, after: int, *, shared: bool) -> None:
    world, shop = world_where(shared=shared)
    orders = of_one_buyer(world, shop, 3, combined=True)
    shipments = [report(world, order) for order in orders]
    cycle(world, 2)
    for shipment in shipments:
        world.oms.correct_shipment(shipment, NEW_NUMBER)
    world.tiktok.faults.add(fault, UPDATE, after=after)
    cycle(world, 5)
    for order in orders:
        check_parcels(world, shop, order, NEW_NUMBER)
    assert len(world.tiktok.books.tracking_updates) == (1 if shared else 3)


@shared_or_not
def test_a_number_of_a_combined_parcel_that_is_changed_in_seller_center_reaches_every_order(*, shared: bool) -> None:
    world, shop = world_where(shared=shared)
    orders = of_one_buyer(world, shop, 3, combined=True)
    for order in orders:
        report(world, order)
    cycle(world, 2)
    for package in sorted({each.package_id for each in world.tiktok.books.shipments}):
        world.tiktok.change_tracking_in_seller_center(package, NEW_NUMBER, "UPS")
    cycle(world, 3)
    for order in orders:
        check_parcels(world, shop, order, NEW_NUMBER)


@shared_or_not
def test_orders_that_are_combined_and_shipped_in_seller_center_are_known_to_the_others(*, shared: bool) -> None:
    world, shop = world_where(shared=shared)
    orders = of_one_buyer(world, shop, 3, combined=True)
    for order in orders:
        world.tiktok.ship_in_seller_center(order, NUMBER, "UPS")
    cycle(world, 3)
    for order in orders:
        check_parcels(world, shop, order, NUMBER)
        assert [each["SellerFulfillmentID"][:7] for each in fulfillments(world, order)] == ["tiktok-"]


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE])
@pytest.mark.parametrize("after", [0, 2])
@shared_or_not
def test_a_lost_answer_about_one_order_of_a_parcel_tells_none_twice(fault: Fault, after: int, *, shared: bool) -> None:
    world, shop = world_where(shared=shared)
    orders = of_one_buyer(world, shop, 3, combined=True)
    for order in orders:
        report(world, order)
    world.tiktok.faults.add(fault, PACKAGES, after=after)
    cycle(world, 5)
    assert world.tiktok.faults.happened[fault] == 1
    for order in orders:
        check_parcels(world, shop, order, NUMBER)
    assert world.tiktok.books.refused_shipments == []


def test_a_wrong_number_of_one_order_stops_no_other_order_of_the_parcel(world: World, shop: Connected) -> None:
    orders = of_one_buyer(world, shop, 3)
    wrong = report(world, orders[0], NUMBER[:-1])
    for order in orders[1:]:
        report(world, order)
    cycle(world, 2)
    assert told(world, orders) == [[], [NUMBER], [NUMBER]]
    world.oms.correct_shipment(wrong, NUMBER)
    cycle(world, 3)
    assert told(world, orders) == [[NUMBER]] * 3
    assert [numbers_there(world, order) for order in orders] == [[NUMBER]] * 3


def test_a_cancelled_order_leaves_the_parcel_and_the_others_go(world: World, shop: Connected) -> None:
    orders = of_one_buyer(world, shop, 3)
    for order in orders:
        report(world, order)
    world.run("poll_oms", shop)
    world.tiktok.cancel_by_platform(orders[0], "Fraud")
    cycle(world, 3)
    assert told(world, orders) == [[], [NUMBER], [NUMBER]]
    assert last_entry(world, shop, orders[0], SHIP).state is EntryState.WITHDRAWN
    check_told_once(world)


def test_a_combined_parcels_change_that_tiktok_refuses_fails_on_each_order(world: World, shop: Connected) -> None:
    orders = of_one_buyer(world, shop, 2, combined=True)
    shipments = [report(world, order) for order in orders]
    cycle(world, 2)
    for order in orders:
        world.tiktok.forbid_tracking_changes(order)
    for shipment in shipments:
        world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 2)
    for order in orders:
        assert "21011049" in why_failed(world, shop, order, CORRECT)
        assert numbers_at_tiktok(world, order) == [NUMBER]
    check_told_once(world)
