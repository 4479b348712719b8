"""A label may be changed for 72 hours, and once unless the shop's setting says otherwise (TT 3, OP B6)."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from local.simulators.tiktok_shop.doubts import Doubts
from local.simulators.tiktok_shop.errors import RefusalError
from order_sync.domain.ids import OrderId
from tests.adapters.shipments.parcel_scenes import (
    CORRECT,
    NEW_NUMBER,
    NEWEST_NUMBER,
    NUMBER,
    at_tiktok,
    check_parcels,
    check_told_once,
    connected,
    cycle,
    entries,
    everywhere,
    numbers_at_tiktok,
    numbers_there,
    only_parcel,
    package_id,
    shipped,
    type_in,
    until,
    updates,
    why_failed,
)
from tests.world import Connected, World

NEARLY_OVER = timedelta(hours=71, minutes=59)
JUST_OVER = timedelta(hours=72, minutes=1)
TWICE = {"tracking_changes": 2}


def shipped_by(world: World, shop: Connected, by: str) -> tuple[OrderId, Callable[[], None]]:
    """An order that left, and how its number is changed where it was reported."""
    if by == "the OMS":
        order, shipment = shipped(world, shop)
        return order, lambda: world.oms.correct_shipment(shipment, NEW_NUMBER)
    order = everywhere(world, shop)
    fulfillment = type_in(world, order)
    cycle(world, 2)
    change = partial(world.channeladvisor.change_fulfillment_by_hand, fulfillment, tracking_number=NEW_NUMBER)
    return order, change


reporters = pytest.mark.parametrize("by", ["the OMS", "a person in ChannelAdvisor"])


@reporters
def test_a_minute_before_seventy_two_hours_a_number_is_still_changed(world: World, shop: Connected, by: str) -> None:
    order, change = shipped_by(world, shop, by)
    (left,) = world.tiktok.books.shipments_of(order)
    until(world, left.at + NEARLY_OVER)
    change()
    for job in ("poll_oms", "poll_channeladvisor", "push_tiktok", "push_channeladvisor", "push_oms"):
        world.run(job, shop)
    cycle(world)
    check_parcels(world, shop, order, NEW_NUMBER)
    (update,) = world.tiktok.books.tracking_updates
    assert NEARLY_OVER < update.at - left.at < JUST_OVER


@reporters
def test_a_minute_after_seventy_two_hours_a_person_hears_of_it_and_tiktok_is_not_asked(
    world: World, shop: Connected, by: str
) -> None:
    order, change = shipped_by(world, shop, by)
    (left,) = world.tiktok.books.shipments_of(order)
    until(world, left.at + JUST_OVER)
    change()
    cycle(world, 3)

    reason = why_failed(world, shop, order, CORRECT)
    assert "72 hours, and they are over" in reason
    assert "Seller Center" in reason
    assert "ticket" in reason
    assert world.tiktok.books.refused_tracking_updates == []
    assert numbers_at_tiktok(world, order) == [NUMBER]
    assert numbers_there(world, order) == [NEW_NUMBER]
    parcel = only_parcel(world, shop, order)
    assert parcel.tracking_number == NUMBER
    assert parcel.newest_label.tracking_number == NEW_NUMBER
    check_told_once(world)


def test_seller_center_takes_no_change_after_seventy_two_hours_either(world: World, shop: Connected) -> None:
    order, _ = shipped(world, shop)
    (left,) = world.tiktok.books.shipments_of(order)
    until(world, left.at + JUST_OVER)
    with pytest.raises(RefusalError):
        world.tiktok.change_tracking_in_seller_center(package_id(world, order), NEW_NUMBER, "UPS")
    cycle(world)
    check_parcels(world, shop, order, NUMBER)


def test_a_second_change_fails_by_the_default_setting_without_asking_tiktok(world: World, shop: Connected) -> None:
    order, shipment = shipped(world, shop)
    for number in (NEW_NUMBER, NEWEST_NUMBER):
        world.oms.correct_shipment(shipment, number)
        cycle(world, 2)

    assert "shipping.tracking_changes" in why_failed(world, shop, order, CORRECT)
    assert updates(world, order) == [NEW_NUMBER]
    assert world.tiktok.books.refused_tracking_updates == []
    assert only_parcel(world, shop, order).tracking_number == NEW_NUMBER
    assert numbers_there(world, order) == [NEWEST_NUMBER]
    check_told_once(world)


def test_a_second_change_goes_where_the_setting_and_tiktok_allow_two() -> None:
    world = World(tiktok_doubts=Doubts(tracking_changes=2))
    shop = connected(world, shipping=TWICE)
    order, shipment = shipped(world, shop)
    for number in (NEW_NUMBER, NEWEST_NUMBER):
        world.oms.correct_shipment(shipment, number)
        cycle(world, 2)
    check_parcels(world, shop, order, NEWEST_NUMBER, changes=2)
    assert updates(world, order) == [NEW_NUMBER, NEWEST_NUMBER]


def test_a_seller_who_forbids_changes_gets_none(world: World) -> None:
    shop = connected(world, shipping={"tracking_changes": 0})
    order, shipment = shipped(world, shop)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 2)
    assert "tracking_changes" in why_failed(world, shop, order, CORRECT)
    assert at_tiktok(world, order) == [(NUMBER, tuple(world.tiktok.line_ids(order)))]
    assert updates(world, order) == []


def test_two_changes_before_tiktok_is_told_cost_one(world: World, shop: Connected) -> None:
    order, shipment = shipped(world, shop)
    for number in (NEW_NUMBER, NEWEST_NUMBER):
        world.oms.correct_shipment(shipment, number)
    cycle(world, 2)
    check_parcels(world, shop, order, NEWEST_NUMBER)
    assert updates(world, order) == [NEWEST_NUMBER]


def test_a_change_that_the_oms_lists_again_and_again_is_told_once(world: World, shop: Connected) -> None:
    order, shipment = shipped(world, shop)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 2)
    for number in (NUMBER, NEW_NUMBER, NUMBER):
        world.oms.correct_shipment(shipment, number)
        cycle(world)
    cycle(world, 2)
    check_parcels(world, shop, order, NEW_NUMBER)
    assert updates(world, order) == [NEW_NUMBER]
    assert len(entries(world, shop, order, CORRECT)) == 1


def test_a_warehouse_that_catches_up_with_seller_center_uses_up_no_change() -> None:
    """Seller Center changed the number, then the OMS reports the same: TikTok Shop has one change left."""
    world = World(tiktok_doubts=Doubts(tracking_changes=2))
    shop = connected(world, shipping=TWICE)
    order, shipment = shipped(world, shop)
    world.tiktok.change_tracking_in_seller_center(package_id(world, order), NEW_NUMBER, "UPS")
    cycle(world, 2)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 2)
    check_parcels(world, shop, order, NEW_NUMBER, changes=2)
    world.oms.correct_shipment(shipment, NEWEST_NUMBER)
    cycle(world, 2)
    check_parcels(world, shop, order, NEWEST_NUMBER, changes=2)
    assert updates(world, order) == [NEWEST_NUMBER]
