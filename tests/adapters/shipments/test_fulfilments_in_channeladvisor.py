"""Parcels that people enter, change and split in ChannelAdvisor, and our own echoes there (CA 4.3, 4.4)."""

import pytest

from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import EntryState
from order_sync.domain.statuses import OrderState
from tests.adapters.jobs.scenes import in_channeladvisor
from tests.adapters.shipments.parcel_scenes import (
    CORRECT_THERE,
    NEW_NUMBER,
    NEWEST_NUMBER,
    NUMBER,
    SHIP,
    SHIP_THERE,
    at_tiktok,
    check_parcels,
    check_sides_agree,
    check_told_once,
    connected,
    cycle,
    entries,
    everywhere,
    fulfillments,
    last_entry,
    numbers_at_tiktok,
    numbers_there,
    only_parcel,
    parcels,
    report,
    shipped,
    type_in,
    updates,
    why_failed,
)
from tests.world import MUG, TWO_TEES, Connected, World

ALL = {"TEE-BLU-M": 2, "MUG-RED": 1}


def test_several_fulfilments_of_an_order_are_several_parcels(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    type_in(world, order, items={"TEE-BLU-M": 1})
    type_in(world, order, NEW_NUMBER, items={"TEE-BLU-M": 1})
    cycle(world, 2)
    assert world.record(shop, order).order.state is OrderState.PARTIALLY_SHIPPED
    type_in(world, order, NEWEST_NUMBER)
    cycle(world, 2)
    check_parcels(world, shop, order, NUMBER, NEW_NUMBER, NEWEST_NUMBER)
    assert world.record(shop, order).order.state is OrderState.SHIPPED
    assert world.problems() == []


def test_fulfilments_with_one_number_are_the_parts_of_one_parcel(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    for items in ({"TEE-BLU-M": 1}, {"TEE-BLU-M": 1}, {"MUG-RED": 1}):
        type_in(world, order, items=items)
    cycle(world, 3)
    assert at_tiktok(world, order) == [(NUMBER, tuple(world.tiktok.line_ids(order)))]
    check_sides_agree(world, shop, order)


@pytest.mark.parametrize("polled_between", [False, True])
def test_the_parts_of_a_parcel_are_all_changed_by_hand(world: World, shop: Connected, *, polled_between: bool) -> None:
    order = everywhere(world, shop, TWO_TEES)
    parts = [type_in(world, order, items={"TEE-BLU-M": 1}) for _ in range(2)]
    cycle(world, 2)
    for part in parts:
        world.channeladvisor.change_fulfillment_by_hand(part, tracking_number=NEW_NUMBER)
        if polled_between:
            cycle(world)
    cycle(world, 3)
    check_parcels(world, shop, order, NEW_NUMBER)
    assert updates(world, order) == [NEW_NUMBER]


def test_the_oms_and_a_person_each_ship_a_part(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, *_ = world.tiktok.line_ids(order)
    report(world, order, lines=[first])
    cycle(world, 2)
    type_in(world, order, NEW_NUMBER)
    cycle(world, 3)
    check_parcels(world, shop, order, NUMBER, NEW_NUMBER)
    assert world.oms.books.order(order).state == "shipped"
    assert world.problems() == []


def test_our_echo_changes_nothing_for_a_day(world: World, shop: Connected) -> None:
    order, _ = shipped(world, shop, TWO_TEES, MUG)
    events = world.events(shop, order)
    outbox = world.record(shop, order).outbox
    world.channeladvisor.set_seller_order_id(in_channeladvisor(world, order), "SO-100001")
    cycle(world, 20)
    assert world.events(shop, order) == events
    assert world.record(shop, order).outbox == outbox


@pytest.mark.parametrize("skipped", range(1, 4))
def test_no_old_echo_flips_a_label_that_was_changed(world: World, shop: Connected, skipped: int) -> None:
    """ChannelAdvisor shows the old number for as long as it could not be told of the new one."""
    order, shipment = shipped(world, shop, TWO_TEES)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    for _ in range(skipped):
        for job in ("poll_oms", "poll_channeladvisor", "push_tiktok", "poll_tiktok"):
            world.run(job, shop)
        world.channeladvisor.set_seller_order_id(in_channeladvisor(world, order), "SO-100001")
        world.sleep(15 * 60)
    assert numbers_there(world, order) == [NUMBER]
    assert numbers_at_tiktok(world, order) == [NEW_NUMBER]
    cycle(world, 3)
    check_parcels(world, shop, order, NEW_NUMBER)
    assert updates(world, order) == [NEW_NUMBER]


def test_an_echo_with_the_carrier_as_channeladvisor_writes_it_is_no_change(world: World) -> None:
    """The warehouse says Brown, ChannelAdvisor was told Big Brown, TikTok Shop says UPS."""
    row = {"carrier": "Brown", "code": "ups", "channeladvisor_carrier": "Big Brown", "channeladvisor_class": "2 Day"}
    shop = connected(world, shipping_mappings=[row])
    world.channeladvisor.add_carrier("Big Brown", "2 Day")
    order, _ = shipped(world, shop)
    cycle(world, 5)
    assert (only_parcel(world, shop, order).carrier, updates(world, order)) == ("Brown", [])
    (there,) = fulfillments(world, order)
    assert (there["ShippingCarrier"], there["ShippingClass"]) == ("Big Brown", "2 Day")
    assert entries(world, shop, order, CORRECT_THERE) == []


def test_a_carrier_that_channeladvisor_does_not_know_fails_there_alone_and_says_what_helps(world: World) -> None:
    row = {"carrier": "Brown", "code": "ups", "channeladvisor_class": "By Night"}
    shop = connected(world, shipping_mappings=[row])
    order = everywhere(world, shop)
    report(world, order)
    cycle(world, 3)
    reason = why_failed(world, shop, order, SHIP_THERE)
    assert "Carrier and Class is invalid" in reason
    assert "carrier 'UPS' and class 'By Night'" in reason
    assert "Fulfill > Carriers" in reason
    assert numbers_at_tiktok(world, order) == [NUMBER]
    assert last_entry(world, shop, order, SHIP).state is EntryState.DONE

    world.channeladvisor.add_carrier("UPS", "By Night")
    world.replay(shop, order)
    cycle(world, 2)
    check_parcels(world, shop, order, NUMBER)


def test_a_change_to_a_carrier_that_channeladvisor_does_not_know_fails_there_alone(
    world: World, shop: Connected
) -> None:
    order, shipment = shipped(world, shop)
    row = {"carrier": "Brown", "code": "ups", "channeladvisor_class": "By Night"}
    world.reconnect(shop, shipping_mappings=[row])
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 3)
    assert "Carrier and Class is invalid" in why_failed(world, shop, order, CORRECT_THERE)
    assert (numbers_at_tiktok(world, order), numbers_there(world, order)) == ([NEW_NUMBER], [NUMBER])
    world.channeladvisor.add_carrier("UPS", "By Night")
    world.replay(shop, order)
    cycle(world, 2)
    check_parcels(world, shop, order, NEW_NUMBER)


def test_a_fulfilment_that_is_still_to_be_shipped_is_no_parcel(world: World, shop: Connected) -> None:
    """Every order has one from the start, and a person may write a number on it long before it leaves."""
    order = everywhere(world, shop, TWO_TEES, MUG)
    (there,) = world.channeladvisor.books.order(in_channeladvisor(world, order))["Fulfillments"]
    assert there["DeliveryStatus"] == "NoChange"
    world.channeladvisor.change_fulfillment_by_hand(
        there["ID"], tracking_number=NUMBER, carrier="UPS", shipping_class="Ground"
    )
    cycle(world, 3)
    assert world.record(shop, order).parcels == ()
    assert at_tiktok(world, order) == []
    check_told_once(world)


def test_a_label_is_changed_without_shipping_what_stands_beside_it(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, *_ = world.tiktok.line_ids(order)
    world.channeladvisor.split_by_hand(in_channeladvisor(world, order), {"TEE-BLU-M": 1}, {"TEE-BLU-M": 1})
    shipment = report(world, order, lines=[first])
    cycle(world, 2)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 3)
    check_parcels(world, shop, order, NEW_NUMBER)
    standing = world.channeladvisor.books.order(in_channeladvisor(world, order))["Fulfillments"]
    assert sorted(each["DeliveryStatus"] for each in standing) == ["Complete", "NoChange", "NoChange"]
    assert world.channeladvisor.books.order(in_channeladvisor(world, order))["ShippingStatus"] == "PartiallyShipped"
    patched = [each for each in world.channeladvisor.books.requests(method="PATCH") if "/Fulfillments(" in each.path]
    assert len(patched) == 1


def managed_by_others(world: World, shop: Connected, *, known: bool) -> OrderId:
    """An order that others ship for the account."""
    order = everywhere(world, shop, TWO_TEES)
    world.channeladvisor.set_third_party_managed(in_channeladvisor(world, order))
    if known:
        cycle(world)
    return order


@pytest.mark.parametrize("known", [True, False], ids=["known before", "not known yet"])
def test_an_order_that_third_parties_ship_is_left_alone_there_and_told_to_tiktok(
    world: World, shop: Connected, *, known: bool
) -> None:
    order = managed_by_others(world, shop, known=known)
    report(world, order)
    cycle(world, 3)
    assert numbers_at_tiktok(world, order) == [NUMBER]
    assert fulfillments(world, order) == []
    shipping = [each for each in world.channeladvisor.books.requests(method="POST") if each.path.endswith("/Ship")]
    assert shipping == []
    assert last_entry(world, shop, order, SHIP_THERE).state is EntryState.WITHDRAWN
    check_told_once(world)


def test_what_third_parties_enter_there_is_no_parcel_and_no_deletion(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES)
    type_in(world, order, items={"TEE-BLU-M": 1})
    cycle(world, 2)
    world.channeladvisor.set_third_party_managed(in_channeladvisor(world, order))
    cycle(world, 3)
    assert numbers_at_tiktok(world, order) == [NUMBER]
    assert [parcel.refused for parcel in world.record(shop, order).parcels] == [""]
    assert "PARCEL_DELETED" not in world.events(shop, order)
    assert world.counted("parcels_deleted") == 0


def test_a_number_that_changes_after_others_took_over_is_changed_at_tiktok_alone(world: World, shop: Connected) -> None:
    order, shipment = shipped(world, shop)
    world.channeladvisor.set_third_party_managed(in_channeladvisor(world, order))
    cycle(world)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 3)
    assert (numbers_at_tiktok(world, order), numbers_there(world, order)) == ([NEW_NUMBER], [NUMBER])
    assert last_entry(world, shop, order, CORRECT_THERE).state is EntryState.WITHDRAWN
    assert len(parcels(world, shop, order)) == 1
    check_told_once(world)
