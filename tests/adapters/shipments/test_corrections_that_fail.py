"""A label that TikTok Shop does not take: a person hears what can be done, and what it took last stays."""

import pytest

from local.simulators.tiktok_shop.doubts import Doubts
from local.tracking_numbers import ups, usps
from order_sync.domain.outbox import EntryState
from order_sync.domain.statuses import OrderState
from tests.adapters.shipments.parcel_scenes import (
    CORRECT,
    NEW_NUMBER,
    NEWEST_NUMBER,
    NUMBER,
    UPDATE,
    check_parcels,
    check_told_once,
    connected,
    cycle,
    entries,
    everywhere,
    last_entry,
    numbers_at_tiktok,
    numbers_there,
    only_parcel,
    package_id,
    report,
    shipped,
    updates,
    why_failed,
)
from tests.world import TWO_TEES, Connected, World

MISTYPED = f"{NEW_NUMBER[:-1]}{(int(NEW_NUMBER[-1]) + 1) % 10}"
REFUSALS = (21011049, 21011050, 21011051, 21011052, 21011030)
"""A rule of TikTok's; too late; twice changed; delivered."""


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refused_change_tells_a_person_what_can_be_done_and_the_accepted_number_stays(
    world: World, shop: Connected, code: int
) -> None:
    order, shipment = shipped(world, shop)
    world.tiktok.refuse_next(UPDATE, code)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 4)

    reason = why_failed(world, shop, order, CORRECT)
    for words in (str(code), "Seller Center", "ticket", "30 days"):
        assert words in reason
    assert only_parcel(world, shop, order).tracking_number == NUMBER
    assert only_parcel(world, shop, order).newest_label.tracking_number == NEW_NUMBER
    assert numbers_at_tiktok(world, order) == [NUMBER]
    assert numbers_there(world, order) == [NEW_NUMBER]
    assert world.counted("entries_failed") == 1
    assert world.record(shop, order).order.state is OrderState.SHIPPED
    check_told_once(world)


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refused_change_that_is_replayed_goes_once_tiktok_takes_it(world: World, shop: Connected, code: int) -> None:
    order, shipment = shipped(world, shop)
    world.tiktok.refuse_next(UPDATE, code, times=2)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 2)
    assert world.replay(shop, order).counts["entries_replayed"] == 1
    cycle(world)
    assert str(code) in why_failed(world, shop, order, CORRECT)
    assert only_parcel(world, shop, order).tracking_number == NUMBER

    world.replay(shop, order)
    cycle(world, 2)
    check_parcels(world, shop, order, NEW_NUMBER)


def test_a_change_that_a_rule_of_tiktoks_forbids_ends_once_a_person_made_it_in_seller_center(
    world: World, shop: Connected
) -> None:
    order, shipment = shipped(world, shop)
    world.tiktok.refuse_next(UPDATE, 21011049)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 2)
    world.tiktok.change_tracking_in_seller_center(package_id(world, order), NEW_NUMBER, "UPS")
    cycle(world, 3)
    check_parcels(world, shop, order, NEW_NUMBER)
    assert updates(world, order) == []


def test_a_warehouse_that_goes_back_to_an_earlier_label_changes_nothing(world: World, shop: Connected) -> None:
    """A feed that is read again says the same: labels only go forward, and what failed says what a person can do."""
    order, shipment = shipped(world, shop)
    world.tiktok.forbid_tracking_changes(order)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 2)
    world.oms.correct_shipment(shipment, NUMBER)
    cycle(world, 3)
    assert "21011049" in why_failed(world, shop, order, CORRECT)
    assert (numbers_at_tiktok(world, order), numbers_there(world, order)) == ([NUMBER], [NEW_NUMBER])
    assert only_parcel(world, shop, order).newest_label.tracking_number == NEW_NUMBER
    check_told_once(world)


def test_a_change_after_seller_center_used_the_only_one_fails_without_asking_tiktok(
    world: World, shop: Connected
) -> None:
    order, shipment = shipped(world, shop)
    world.tiktok.change_tracking_in_seller_center(package_id(world, order), NEW_NUMBER, "UPS")
    cycle(world, 2)
    world.oms.correct_shipment(shipment, NEWEST_NUMBER)
    cycle(world, 2)
    assert "shipping.tracking_changes" in why_failed(world, shop, order, CORRECT)
    assert world.tiktok.books.refused_tracking_updates == []
    assert numbers_at_tiktok(world, order) == [NEW_NUMBER]
    check_told_once(world)


def test_a_change_that_seller_center_made_before_ours_arrived_is_not_overwritten_silently(
    world: World, shop: Connected
) -> None:
    order, shipment = shipped(world, shop)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    world.run("poll_oms", shop)
    world.tiktok.change_tracking_in_seller_center(package_id(world, order), NEWEST_NUMBER, "UPS")
    cycle(world, 3)
    assert "shipping.tracking_changes" in why_failed(world, shop, order, CORRECT)
    assert numbers_at_tiktok(world, order) == [NEWEST_NUMBER]
    assert only_parcel(world, shop, order).tracking_number == NEWEST_NUMBER
    assert updates(world, order) == []


@pytest.mark.parametrize("allowed", [1, 3])
def test_a_shop_that_hopes_for_more_changes_than_tiktok_allows_is_told_so_by_tiktok(allowed: int) -> None:
    world = World(tiktok_doubts=Doubts(too_many_changes_code=21011052))
    shop = connected(world, shipping={"tracking_changes": allowed})
    order, shipment = shipped(world, shop)
    for number in (NEW_NUMBER, NEWEST_NUMBER):
        world.oms.correct_shipment(shipment, number)
        cycle(world, 2)
    assert ("21011052" in why_failed(world, shop, order, CORRECT)) == (allowed == 3)
    assert numbers_at_tiktok(world, order) == [NEW_NUMBER]
    assert only_parcel(world, shop, order).tracking_number == NEW_NUMBER
    check_told_once(world)


@pytest.mark.parametrize(
    ("number", "because"),
    [
        (MISTYPED, "the check digit is wrong"),
        (usps(1), "it looks like a number of USPS"),
        (NEW_NUMBER.lower(), f"written as '{NEW_NUMBER}' it would fit"),
        ("1Z#", "letters, digits and - _ . / only"),
        ("1" * 18, "one character, repeated"),
    ],
)
def test_a_wrong_new_number_is_stopped_and_costs_no_change(
    world: World, shop: Connected, number: str, because: str
) -> None:
    order, shipment = shipped(world, shop)
    world.oms.correct_shipment(shipment, number)
    cycle(world, 2)
    assert because in why_failed(world, shop, order, CORRECT)
    assert updates(world, order) == []
    assert world.tiktok.books.refused_tracking_updates == []
    assert only_parcel(world, shop, order).tracking_number == NUMBER

    world.oms.correct_shipment(shipment, NEWEST_NUMBER)
    cycle(world, 3)
    check_parcels(world, shop, order, NEWEST_NUMBER)
    assert updates(world, order) == [NEWEST_NUMBER]


def test_a_new_number_of_another_recipients_parcel_is_stopped(world: World, shop: Connected) -> None:
    order, shipment = shipped(world, shop)
    other = everywhere(world, shop)
    report(world, other, NEW_NUMBER)
    cycle(world, 2)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 2)
    assert "on orders of other recipients too (1)" in why_failed(world, shop, order, CORRECT)
    assert world.tiktok.books.refused_tracking_updates == []
    assert numbers_at_tiktok(world, order) == [NUMBER]


def test_a_number_that_was_given_up_is_free_for_another_recipient(world: World, shop: Connected) -> None:
    order, shipment = shipped(world, shop)
    other = everywhere(world, shop)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 2)
    report(world, other, NUMBER)
    cycle(world, 2)
    check_parcels(world, shop, order, NEW_NUMBER)
    check_parcels(world, shop, other, NUMBER)


def test_two_parcels_with_each_others_numbers_go_to_a_person_and_tiktok_is_asked_nothing_that_it_refuses(
    world: World, shop: Connected
) -> None:
    """The warehouse stuck two labels on the wrong boxes: no order of two changes would be taken."""
    order, shipment = shipped(world, shop)
    other = everywhere(world, shop)
    swapped = report(world, other, NEW_NUMBER)
    cycle(world, 2)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    world.oms.correct_shipment(swapped, NUMBER)
    cycle(world, 3)
    for each in (order, other):
        assert "on orders of other recipients" in why_failed(world, shop, each, CORRECT)
    assert (numbers_at_tiktok(world, order), numbers_at_tiktok(world, other)) == ([NUMBER], [NEW_NUMBER])
    assert world.tiktok.books.refused_tracking_updates == []


def test_a_new_number_that_another_parcel_of_the_order_has_is_kept_for_a_person(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES)
    first, second = world.tiktok.line_ids(order)
    shipment = report(world, order, NUMBER, lines=[first])
    report(world, order, NEW_NUMBER, lines=[second])
    cycle(world, 2)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 2)
    assert sorted(numbers_at_tiktok(world, order)) == [NUMBER, NEW_NUMBER]
    assert any(NEW_NUMBER in problem and "parcels_refused" in problem for problem in world.problems())
    assert entries(world, shop, order, CORRECT) == []
    check_told_once(world)


def test_a_new_carrier_that_is_not_mapped_fails_and_costs_no_change(world: World, shop: Connected) -> None:
    order, shipment = shipped(world, shop)
    world.oms.correct_shipment(shipment, usps(1), "Eagle")
    cycle(world, 2)
    assert "carrier 'Eagle' is not accepted" in why_failed(world, shop, order, CORRECT)
    world.reconnect(
        shop,
        shipping_mappings=[
            {"carrier": "Eagle", "code": "usps", "channeladvisor_class": "Ground"},
            {"carrier": "Brown", "code": "ups", "channeladvisor_class": "Ground"},
        ],
    )
    world.replay(shop, order)
    cycle(world, 3)
    check_parcels(world, shop, order, usps(1))
    assert updates(world, order) == [usps(1)]


def test_a_change_waits_while_tiktok_speaks_of_an_open_request_and_goes_when_that_is_over(
    world: World, shop: Connected
) -> None:
    order, shipment = shipped(world, shop)
    world.tiktok.refuse_next(UPDATE, 21011007)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world)
    assert last_entry(world, shop, order, CORRECT).state is EntryState.WAITING
    cycle(world, 3)
    check_parcels(world, shop, order, NEW_NUMBER)
    assert world.counted("entries_failed") == 0


@pytest.mark.parametrize("code", [21011041, 21011042])
def test_a_change_of_a_cancelled_orders_parcel_is_left(world: World, shop: Connected, code: int) -> None:
    order, shipment = shipped(world, shop)
    world.tiktok.refuse_next(UPDATE, code)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 2)
    assert last_entry(world, shop, order, CORRECT).state is EntryState.WITHDRAWN
    assert only_parcel(world, shop, order).tracking_number == NUMBER
    assert ups(1) in numbers_at_tiktok(world, order)
