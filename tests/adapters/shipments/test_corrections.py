"""Another label for a parcel that all sides have: whoever changes it, all of them end with the newest one."""

import pytest

from local.simulators.tiktok_shop.doubts import Doubts
from local.tracking_numbers import royal_mail, ups, usps
from order_sync.domain.outbox import EntryState
from order_sync.domain.timeline import Event
from tests.adapters.shipments.parcel_scenes import (
    ANYONES_NUMBER,
    CORRECT,
    NEW_NUMBER,
    NUMBER,
    check_parcels,
    connected,
    cycle,
    everywhere,
    facts_of,
    fulfillments,
    last_entry,
    only_parcel,
    package_id,
    report,
    shipped,
    type_in,
    updates,
    with_two_other_carriers,
)
from tests.world import MUG, TWO_TEES, Connected, World


def test_a_number_that_the_oms_changes_reaches_tiktok_and_channeladvisor(world: World, shop: Connected) -> None:
    order, shipment = shipped(world, shop, TWO_TEES, MUG)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 2)

    check_parcels(world, shop, order, NEW_NUMBER)
    assert updates(world, order) == [NEW_NUMBER]
    assert world.problems() == []
    assert world.counted("parcels_corrected") == 1
    parcel = only_parcel(world, shop, order)
    assert ([each.tracking_number for each in parcel.earlier], parcel.carrier) == ([NUMBER], "Brown")
    assert parcel.corrections == 1
    (said,) = facts_of(world, shop, order, Event.PARCEL_CORRECTED)
    assert (said.source, said.detail["before"], said.detail["tracking_number"]) == ("OMS", NUMBER, NEW_NUMBER)
    (taken,) = facts_of(world, shop, order, Event.PARCEL_CORRECTED_AT_TIKTOK)
    assert (taken.detail["before"], taken.detail["tracking_number"]) == (NUMBER, NEW_NUMBER)


def test_a_number_is_changed_in_the_uk_too(world: World) -> None:
    shop = world.connect("GB")
    order = everywhere(world, shop, TWO_TEES)
    shipment = world.oms.ship(order, "RM 24", "24", royal_mail(1))
    cycle(world, 2)
    check_parcels(world, shop, order, royal_mail(1))
    world.oms.correct_shipment(shipment, royal_mail(2))
    cycle(world, 2)
    check_parcels(world, shop, order, royal_mail(2))
    assert updates(world, order) == [royal_mail(2)]


def test_a_number_that_is_changed_by_hand_in_channeladvisor_reaches_tiktok_and_the_oms(
    world: World, shop: Connected
) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    fulfillment = type_in(world, order)
    cycle(world, 2)
    check_parcels(world, shop, order, NUMBER)
    world.channeladvisor.change_fulfillment_by_hand(fulfillment, tracking_number=NEW_NUMBER)
    cycle(world, 2)

    check_parcels(world, shop, order, NEW_NUMBER)
    assert updates(world, order) == [NEW_NUMBER]
    assert world.problems() == []


def test_our_own_parcel_that_a_person_changes_in_channeladvisor_is_changed_at_tiktok(
    world: World, shop: Connected
) -> None:
    """The OMS's own parcel stays as it is there: it takes no word about what it shipped itself."""
    order, _ = shipped(world, shop, TWO_TEES)
    (there,) = fulfillments(world, order)
    world.channeladvisor.change_fulfillment_by_hand(there["ID"], tracking_number=NEW_NUMBER)
    cycle(world, 3)
    check_parcels(world, shop, order, NEW_NUMBER)


def test_a_number_that_is_changed_by_hand_in_seller_center_reaches_the_others(world: World, shop: Connected) -> None:
    order, _ = shipped(world, shop, TWO_TEES)
    world.tiktok.change_tracking_in_seller_center(package_id(world, order), NEW_NUMBER, "UPS")
    cycle(world, 3)
    check_parcels(world, shop, order, NEW_NUMBER)
    assert updates(world, order) == []
    assert world.problems() == []


def test_a_parcel_typed_in_channeladvisor_and_changed_in_seller_center_is_the_same_everywhere(
    world: World, shop: Connected
) -> None:
    order = everywhere(world, shop, TWO_TEES)
    type_in(world, order)
    cycle(world, 2)
    world.tiktok.change_tracking_in_seller_center(package_id(world, order), NEW_NUMBER, "UPS")
    cycle(world, 3)
    check_parcels(world, shop, order, NEW_NUMBER)
    assert updates(world, order) == []


def test_a_parcel_of_seller_center_that_is_changed_there_is_the_same_everywhere(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES)
    world.tiktok.ship_in_seller_center(order, NUMBER, "UPS")
    cycle(world, 2)
    world.tiktok.change_tracking_in_seller_center(package_id(world, order), NEW_NUMBER, "UPS")
    cycle(world, 3)
    check_parcels(world, shop, order, NEW_NUMBER)


def test_a_parcel_of_seller_center_that_is_changed_in_channeladvisor_is_changed_at_tiktok(
    world: World, shop: Connected
) -> None:
    order = everywhere(world, shop, TWO_TEES)
    world.tiktok.ship_in_seller_center(order, NUMBER, "UPS")
    cycle(world, 2)
    (there,) = fulfillments(world, order)
    world.channeladvisor.change_fulfillment_by_hand(there["ID"], tracking_number=NEW_NUMBER)
    cycle(world, 3)
    check_parcels(world, shop, order, NEW_NUMBER)
    assert updates(world, order) == [NEW_NUMBER]


def test_a_change_in_seller_center_needs_no_mapping_of_tiktoks_own_name_for_the_carrier(world: World) -> None:
    """The shop maps what its warehouse writes, and nothing else."""
    shop = connected(world, shipping_mappings=[{"carrier": "Brown", "code": "ups", "channeladvisor_class": "Ground"}])
    order, _ = shipped(world, shop)
    world.tiktok.change_tracking_in_seller_center(package_id(world, order), NEW_NUMBER, "UPS")
    cycle(world, 3)
    check_parcels(world, shop, order, NEW_NUMBER)
    assert world.problems() == []


@pytest.mark.parametrize("by", ["OMS", "ChannelAdvisor"])
def test_a_carrier_alone_can_be_changed(world: World, by: str) -> None:
    shop = with_two_other_carriers(world)
    order, number = everywhere(world, shop, TWO_TEES), ANYONES_NUMBER
    shipment, fulfillment = "", 0
    if by == "OMS":
        shipment = report(world, order, number, carrier="GLS US")
    else:
        fulfillment = type_in(world, order, number, carrier="GLS US")
    cycle(world, 2)
    check_parcels(world, shop, order, number)
    if by == "OMS":
        world.oms.correct_shipment(shipment, number, "Wizmo")
    else:
        world.channeladvisor.change_fulfillment_by_hand(fulfillment, carrier="Wizmo")
    cycle(world, 3)

    check_parcels(world, shop, order, number)
    assert [each.provider for each in world.tiktok.books.shipments_now_of(order)] == ["Wizmo"]
    assert [each["ShippingCarrier"] for each in fulfillments(world, order)] == ["Wizmo"]
    if by == "ChannelAdvisor":
        assert [each["carrier"] for each in world.oms.books.order(order).parcels.values()] == ["Wizmo"]


def test_a_carrier_alone_that_is_changed_in_seller_center_reaches_the_others(world: World) -> None:
    shop = with_two_other_carriers(world)
    order, number = everywhere(world, shop, TWO_TEES), ANYONES_NUMBER
    report(world, order, number, carrier="GLS US")
    cycle(world, 2)
    world.tiktok.change_tracking_in_seller_center(package_id(world, order), number, "Wizmo")
    cycle(world, 3)
    check_parcels(world, shop, order, number)
    assert only_parcel(world, shop, order).carrier == "Wizmo"
    assert [each["ShippingCarrier"] for each in fulfillments(world, order)] == ["Wizmo"]


@pytest.mark.parametrize("changed_before", [False, True], ids=["a new parcel", "one that we changed"])
def test_a_carrier_that_is_changed_in_seller_center_before_we_have_seen_ours_there_reaches_the_others(
    *, changed_before: bool
) -> None:
    """Which carrier we told TikTok Shop we know without having read it back."""
    world = World(tiktok_doubts=Doubts(tracking_changes=2))
    shop = with_two_other_carriers(world, shipping={"tracking_changes": 2})
    order, number = everywhere(world, shop), ANYONES_NUMBER
    shipment = report(world, order, number, carrier="GLS US")
    if changed_before:
        cycle(world, 2)
        number = "SOME12345679"
        world.oms.correct_shipment(shipment, number)
    cycle(world)
    world.tiktok.change_tracking_in_seller_center(package_id(world, order), number, "Wizmo")
    cycle(world, 3)
    assert [each["ShippingCarrier"] for each in fulfillments(world, order)] == ["Wizmo"]
    check_parcels(world, shop, order, number, changes=2)


def test_a_carrier_alone_that_is_changed_before_channeladvisor_shows_our_parcel_is_not_lost(world: World) -> None:
    """The correction and our own echo with the same number arrive in one cycle."""
    shop = with_two_other_carriers(world)
    order, number = everywhere(world, shop), ANYONES_NUMBER
    shipment = report(world, order, number, carrier="GLS US")
    cycle(world)
    world.oms.correct_shipment(shipment, number, "Wizmo")
    cycle(world, 3)
    assert [each["ShippingCarrier"] for each in fulfillments(world, order)] == ["Wizmo"]
    assert [each.provider for each in world.tiktok.books.shipments_now_of(order)] == ["Wizmo"]
    check_parcels(world, shop, order, number)


def test_number_and_carrier_are_changed_at_once(world: World, shop: Connected) -> None:
    mappings = [{"carrier": name, "code": "ups", "channeladvisor_class": "Ground"} for name in ("Brown", "UPS")]
    world.reconnect(shop, shipping_mappings=[*mappings, {"carrier": "Eagle", "code": "usps"}])
    order, shipment = shipped(world, shop)
    world.oms.correct_shipment(shipment, usps(1), "Eagle")
    cycle(world, 2)
    check_parcels(world, shop, order, usps(1))
    assert [each.provider for each in world.tiktok.books.shipments_now_of(order)] == ["USPS"]
    assert [each["ShippingCarrier"] for each in fulfillments(world, order)] == ["USPS"]


def test_one_parcel_of_three_is_changed_and_the_others_stay(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    lines = world.tiktok.line_ids(order)
    shipments = [report(world, order, ups(number), lines=[line]) for number, line in enumerate(lines, 10)]
    cycle(world, 2)
    world.oms.correct_shipment(shipments[1], NEW_NUMBER)
    cycle(world, 2)
    check_parcels(world, shop, order, ups(10), NEW_NUMBER, ups(12))
    assert last_entry(world, shop, order, CORRECT).state is EntryState.DONE


def test_other_words_for_the_same_carrier_use_up_no_change(world: World, shop: Connected) -> None:
    order, shipment = shipped(world, shop)
    world.oms.correct_shipment(shipment, NUMBER, carrier="UPS")
    cycle(world, 2)
    assert updates(world, order) == []
    assert only_parcel(world, shop, order).corrections == 0
    world.oms.correct_shipment(shipment, NEW_NUMBER, carrier="UPS")
    cycle(world, 2)
    check_parcels(world, shop, order, NEW_NUMBER)
    assert updates(world, order) == [NEW_NUMBER]
