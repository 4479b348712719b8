"""The mode is changed while orders are open: who brought an order tends it, and what waits follows at once."""

from datetime import timedelta

import pytest

from local.simulators.native_link import NativeLink
from local.tracking_numbers import usps
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.jobs.push_channeladvisor import NATIVE_LINK
from tests.adapters.jobs.scenes import an_order_everywhere, parcels_in_channeladvisor, ship_from_oms
from tests.adapters.observing.link_scenes import (
    MAPPINGS,
    PROFILES,
    adjusted,
    brought,
    carried_to_tiktok,
    change_mode,
    entry,
    observed,
    told_to_tiktok,
)
from tests.world import TWO_TEES, Connected, World


def ours_under_a_link(world: World) -> tuple[Connected, NativeLink, OrderId]:
    """An order that we created, in a shop that leaves its orders to the link since then."""
    shop = world.connect(shipping_mappings=MAPPINGS["US"])
    order = an_order_everywhere(world, shop)
    change_mode(world, shop, mode="observe")
    return shop, world.link(shop), order


def canceled_lines(world: World, shop: Connected, order: OrderId) -> int:
    return sum(line.state == "CANCELED" for line in world.record(shop, order).order.lines)


def test_an_order_that_we_created_is_cancelled_by_us_also_when_the_shop_observes_by_then() -> None:
    world = World()
    shop, _, order = ours_under_a_link(world)
    world.tiktok.cancel_by_platform(order)
    world.cycle(2)
    assert [each["ShippingStatus"] for each in world.created(order)] == ["Canceled"]
    assert len(adjusted(world)) == 1
    assert entry(world, shop, order, Target.CHANNELADVISOR, Action.CANCEL_ORDER).state is EntryState.DONE


def test_a_parcel_of_an_order_that_we_created_is_told_by_us_at_once() -> None:
    world = World()
    shop, link, order = ours_under_a_link(world)
    ship_from_oms(world, order, usps(1))
    world.cycle(4)
    assert (told_to_tiktok(world, order), carried_to_tiktok(world, order)) == ([usps(1)], [])
    assert [number for _, number, _ in parcels_in_channeladvisor(world, order)] == [usps(1)]
    assert link.refused == []
    assert not world.record(shop, order).order.brought_by_link


def test_a_parcel_that_is_entered_by_hand_for_an_order_that_we_created_is_told_by_us_at_once() -> None:
    world = World()
    shop, _, order = ours_under_a_link(world)
    native = int(world.record(shop, order).order.channeladvisor_id)
    world.channeladvisor.ship_by_hand(native, "USPS", "Ground", usps(9))
    world.cycle(2)
    assert told_to_tiktok(world, order) == [usps(9)]


def test_an_order_that_was_adopted_in_create_mode_is_left_to_the_link_that_brought_it() -> None:
    world = World()
    shop = world.connect(shipping_mappings=MAPPINGS["US"])
    order = world.order(shop)
    world.channeladvisor.bring_native_tiktok_order(PROFILES["US"], order, items=[{"Sku": "TEE-BLU-M", "Quantity": 1}])
    world.cycle(6)
    assert world.record(shop, order).order.brought_by_link
    change_mode(world, shop, mode="observe")
    world.link(shop)
    ship_from_oms(world, order, usps(1))
    world.cycle(4)
    assert (told_to_tiktok(world, order), carried_to_tiktok(world, order)) == ([], [usps(1)])


def test_a_unit_that_the_link_has_cancelled_is_not_cancelled_again_as_another_one_in_create_mode() -> None:
    world = World()
    shop, link = observed(world)
    order = brought(world, shop, TWO_TEES)
    native = int(world.record(shop, order).order.channeladvisor_id)
    world.channeladvisor.cancel_units_by_hand(native, {"TEE-BLU-M": 1}, reason="MerchandiseNotAvailable")
    while not [each for each in world.tiktok.books.seller_cancels if each.order_id == order]:
        world.cycle()
    link.die()
    change_mode(world, shop, mode="create")
    world.cycle(12)
    assert [each.by for each in world.tiktok.books.seller_cancels if each.order_id == order] == ["seller_center"]
    assert canceled_lines(world, shop, order) == 1
    (wish,) = world.record(shop, order).seller_cancellations
    assert wish.state == "ACCEPTED"


@pytest.mark.parametrize("changes", [{"mode": "create"}, {"push_late_parcels": True, "parcel_grace_minutes": 30}])
def test_a_parcel_that_was_left_to_the_link_follows_a_changed_setting_in_the_next_cycle(
    changes: dict[str, object],
) -> None:
    world = World()
    shop, link = observed(world, parcel_grace_minutes=600)
    order = brought(world, shop)
    link.die()
    ship_from_oms(world, order, usps(1))
    world.cycle(3)
    assert entry(world, shop, order, Target.TIKTOK_SHOP, Action.SHIP).state is EntryState.WAITING
    change_mode(world, shop, **changes)
    world.cycle(2)
    assert told_to_tiktok(world, order) == [usps(1)]


def test_a_late_parcel_follows_a_changed_setting_in_the_next_cycle() -> None:
    world = World()
    shop, link = observed(world)
    order = brought(world, shop)
    link.die()
    ship_from_oms(world, order, usps(1))
    world.cycle(12)
    assert told_to_tiktok(world, order) == []
    change_mode(world, shop, push_late_parcels=True)
    world.cycle(2)
    assert told_to_tiktok(world, order) == [usps(1)]


def test_an_order_that_was_looked_for_is_created_in_the_next_cycle_after_the_change() -> None:
    world = World()
    shop, link = observed(world)
    link.die()
    order = world.order(shop)
    world.cycle(14)
    assert world.created(order) == []
    change_mode(world, shop, mode="create")
    world.cycle(2)
    assert len(world.channeladvisor.books.created_by_api()) == 1


def test_a_late_order_of_the_link_stops_no_creation_after_the_change_to_create_mode() -> None:
    world = World()
    shop, link = observed(world)
    link.die()
    late = world.order(shop)
    world.cycle(5)
    native = world.channeladvisor.bring_native_tiktok_order(PROFILES["US"], late)
    change_mode(world, shop, mode="create")
    world.advance(timedelta(minutes=1))
    fresh = world.order(shop)
    world.cycle(6)
    assert world.record(shop, late).order.channeladvisor_id == str(native)
    assert world.shops.notice(shop.id, NATIVE_LINK) == ""
    assert [each["SiteOrderID"] for each in world.channeladvisor.books.created_by_api()] == [fresh]


def test_an_order_of_the_link_that_was_placed_after_the_change_stops_creation_with_a_notice() -> None:
    world = World()
    shop, link = observed(world)
    link.die()
    change_mode(world, shop, mode="create")
    world.advance(timedelta(minutes=1))
    order = world.order(shop)
    world.channeladvisor.bring_native_tiktok_order(PROFILES["US"], order)
    change_mode(world, shop, look_up_hours=5)
    world.cycle(6)
    assert order in world.shops.notice(shop.id, NATIVE_LINK)
