"""An order that ChannelAdvisor has already is adopted, whoever brought it (CA 9.13, DESIGN 8)."""

import pytest

from local.simulators.channeladvisor.doubts import Doubts
from local.simulators.faults import Fault
from local.tracking_numbers import usps
from order_sync.domain.ids import OrderId
from order_sync.jobs.push_channeladvisor import NATIVE_LINK
from tests.adapters.jobs.checks import check_handed_over_once, given_to_oms
from tests.world import Connected, World

PROFILE = 12345678
OTHER_PROFILE = 87654321


@pytest.mark.parametrize("keeps_site_order_id", [True, False])
@pytest.mark.parametrize("field", ["SiteOrderID", "SecondarySiteOrderID"])
def test_an_order_is_found_in_whichever_field_carries_its_id(field: str, *, keeps_site_order_id: bool) -> None:
    world = World(channeladvisor_doubts=Doubts(keeps_site_order_id=keeps_site_order_id))
    shop = world.connect(channeladvisor={"account": world.account, "profile_id": PROFILE, "order_id_field": field})
    order = world.order(shop)
    world.channeladvisor.faults.add(Fault.LOST_AFTER, "/v1/Orders", method="POST")
    world.cycle(8)
    check_handed_over_once(world, shop, order)
    assert world.events(shop, order).count("ADOPTED_IN_CHANNELADVISOR") == 1
    assert world.shops.notice(shop.id, NATIVE_LINK) == ""


@pytest.mark.parametrize("keeps_site_order_id", [True, False])
def test_parcels_of_an_order_are_known_again_in_either_field(*, keeps_site_order_id: bool) -> None:
    world = World(channeladvisor_doubts=Doubts(keeps_site_order_id=keeps_site_order_id))
    shop = world.connect(shipping_mappings=[{"carrier": "USPS", "code": "usps"}])
    order = world.order(shop)
    world.cycle(6)
    world.channeladvisor.ship_by_hand(world.created(order)[0]["ID"], "USPS", "Ground", usps(1))
    world.cycle(2)
    assert [each.tracking_number for each in world.tiktok.books.shipments_of(order)] == [usps(1)]


def with_native_order() -> tuple[World, Connected, OrderId, OrderId]:
    """A shop whose first order came through Rithum's own link, and whose second has not."""
    world = World()
    shop = world.connect()
    native, further = world.order(shop), world.order(shop)
    world.channeladvisor.bring_native_tiktok_order(PROFILE, native)
    world.cycle(8)
    return world, shop, native, further


def test_an_order_of_rithums_own_link_is_adopted_and_nothing_more_is_created() -> None:
    world, shop, native, further = with_native_order()
    (brought,) = world.created(native)
    assert world.record(shop, native).order.channeladvisor_id == str(brought["ID"])
    assert world.created(further) == []
    assert world.channeladvisor.books.created_by_api() == []
    assert set(given_to_oms(world)) == {native, further}


def test_the_notice_of_a_native_link_says_what_happened_and_what_to_do() -> None:
    world, shop, native, _ = with_native_order()
    notice = world.shops.notice(shop.id, NATIVE_LINK)
    for words in (native, "its own TikTok link", 'connect the shop again with "lift": ["native_link"]'):
        assert words in notice
    assert any(notice in problem for problem in world.problems())


def test_orders_that_wait_for_the_native_link_stop_nothing_else() -> None:
    world = World()
    shop = world.connect()
    before = world.order(shop)
    world.cycle(5)
    native, *further = [world.order(shop) for _ in range(6)]
    world.channeladvisor.bring_native_tiktok_order(PROFILE, native)
    world.cycle(8)
    assert world.counted("partner_outages") == 0
    check_handed_over_once(world, shop, before)
    assert [world.created(order) for order in further] == [[]] * 5
    assert world.record(shop, native).order.oms_number == world.created(native)[0]["SellerOrderID"]


def test_an_order_that_the_native_link_brings_later_is_adopted_too() -> None:
    world, shop, _, further = with_native_order()
    late = world.channeladvisor.bring_native_tiktok_order(PROFILE, further)
    world.cycle(8)
    assert world.record(shop, further).order.channeladvisor_id == str(late)
    assert world.oms.books.order(further).channeladvisor_order_id == str(late)


def test_connecting_the_shop_again_for_another_reason_creates_nothing_twice() -> None:
    world, shop, _, further = with_native_order()
    report = world.reconnect(shop, name="Renamed")
    assert any(f"shop {shop.id}, {NATIVE_LINK}: " in problem for problem in report.problems)
    world.cycle(8)
    assert world.created(further) == []


def test_lifting_the_notice_after_the_link_was_switched_off_lets_orders_be_created() -> None:
    world, shop, _, further = with_native_order()
    world.reconnect(shop, lift=[NATIVE_LINK])
    assert world.shops.notice(shop.id, NATIVE_LINK) == ""
    world.cycle(8)
    check_handed_over_once(world, shop, further)


def test_our_own_order_is_taken_for_ours_also_when_the_native_link_brings_it_a_second_time() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.cycle(4)
    world.channeladvisor.bring_native_tiktok_order(PROFILE, order)
    world.channeladvisor.faults.add(Fault.LOST_AFTER, "/v1/Orders", method="POST")
    native = world.created(order)[0]["ID"]
    world.channeladvisor._state.orders[native].listed_from = world.time.replace(minute=10)
    world.run("push_channeladvisor", shop)
    world.cycle(3)
    (ours,) = [each for each in world.created(order) if each["ID"] != native]
    assert world.record(shop, order).order.channeladvisor_id == str(ours["ID"])
    assert world.shops.notice(shop.id, NATIVE_LINK)


def test_an_adopted_order_shows_the_sellers_number_and_a_parcel_that_were_entered_in_channeladvisor() -> None:
    world = World()
    shop = world.connect(oms={"adapter": "none"}, shipping_mappings=[{"carrier": "USPS", "code": "usps"}])
    order = world.order(shop)
    native = world.channeladvisor.bring_native_tiktok_order(PROFILE, order, items=[{"Sku": "TEE-BLU-M", "Quantity": 1}])
    world.cycle(8)
    world.channeladvisor.set_seller_order_id(native, "SO-77")
    world.channeladvisor.ship_by_hand(native, "USPS", "Ground", usps(1))
    world.cycle(2)
    assert world.record(shop, order).order.oms_number == "SO-77"
    assert [each.tracking_number for each in world.tiktok.books.shipments_of(order)] == [usps(1)]


def test_a_native_order_of_another_profile_is_none_of_our_business() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.channeladvisor.bring_native_tiktok_order(OTHER_PROFILE, order)
    world.cycle(6)
    (ours,) = [each for each in world.created(order) if each["ProfileID"] == PROFILE]
    assert world.record(shop, order).order.channeladvisor_id == str(ours["ID"])
    assert world.shops.notice(shop.id, NATIVE_LINK) == ""
