"""A label that was wrong before TikTok Shop was told: mended, it goes by itself, and costs no change there."""

import pytest

from local.simulators.faults import Fault
from local.tracking_numbers import ups
from order_sync.domain.outbox import EntryState
from tests.adapters.shipments.parcel_scenes import (
    CORRECT,
    NEW_NUMBER,
    NEWEST_NUMBER,
    NUMBER,
    PACKAGES,
    SHIP,
    WAREHOUSE,
    check_parcels,
    cycle,
    entries,
    everywhere,
    fulfillments,
    last_entry,
    report,
    report_under_another_id,
    type_in,
    updates,
    why_failed,
)
from tests.world import MUG, TEE, TWO_TEES, Connected, World

MISTYPED = f"{NUMBER[:-1]}{(int(NUMBER[-1]) + 1) % 10}"


@pytest.mark.parametrize("cycles", [0, 1, 3], ids=["at once", "in the next cycle", "when ChannelAdvisor has it"])
@pytest.mark.parametrize("by_sku", [False, True], ids=["by lines", "by sku"])
def test_a_mistyped_number_that_is_mended_goes_by_itself(
    world: World, shop: Connected, cycles: int, *, by_sku: bool
) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    shipment = report(world, order, MISTYPED, by_sku=by_sku)
    world.run("poll_oms", shop)
    cycle(world, cycles)
    world.oms.correct_shipment(shipment, NUMBER)
    cycle(world, 3)
    check_parcels(world, shop, order, NUMBER)
    assert updates(world, order) == []
    assert entries(world, shop, order, CORRECT) == []


@pytest.mark.parametrize("cycles", [1, 3])
@pytest.mark.parametrize("by_sku", [False, True], ids=["by lines", "by sku"])
def test_a_mistyped_number_that_is_booked_again_as_another_shipment_is_one_parcel(
    world: World, shop: Connected, cycles: int, *, by_sku: bool
) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    shipment = report(world, order, MISTYPED, by_sku=by_sku)
    cycle(world, cycles)
    assert "check digit is wrong" in why_failed(world, shop, order, SHIP)
    report_under_another_id(world, shipment, tracking_number=NUMBER)
    cycle(world, 3)
    check_parcels(world, shop, order, NUMBER)
    assert world.counted("parcels_refused") == 0


def test_a_mistyped_part_is_mended_under_another_id_while_the_rest_is_open(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, second, mug = world.tiktok.line_ids(order)
    shipment = report(world, order, MISTYPED, lines=[first, mug])
    cycle(world)
    report_under_another_id(world, shipment, tracking_number=NUMBER)
    cycle(world, 2)
    report(world, order, NEW_NUMBER, lines=[second])
    cycle(world, 2)
    check_parcels(world, shop, order, NUMBER, NEW_NUMBER)


def test_a_carrier_nobody_maps_is_mended_by_the_warehouse(world: World, shop: Connected) -> None:
    order = everywhere(world, shop)
    shipment = report(world, order, carrier="Browm")
    cycle(world, 2)
    assert "carrier 'Browm' is not accepted" in why_failed(world, shop, order, SHIP)
    world.oms.correct_shipment(shipment, NUMBER, WAREHOUSE)
    cycle(world, 3)
    check_parcels(world, shop, order, NUMBER)
    assert world.replay(shop, order).counts["entries_replayed"] == 0


def test_a_mistyped_number_of_a_person_in_channeladvisor_is_mended_there(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES)
    fulfillment = type_in(world, order, MISTYPED)
    cycle(world, 2)
    assert "check digit is wrong" in why_failed(world, shop, order, SHIP)
    world.channeladvisor.change_fulfillment_by_hand(fulfillment, tracking_number=NUMBER)
    cycle(world, 3)
    check_parcels(world, shop, order, NUMBER)
    assert updates(world, order) == []


def test_a_mistyped_number_of_a_person_is_mended_by_typing_the_parcel_again(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES)
    fulfillment = type_in(world, order, MISTYPED)
    cycle(world, 2)
    world.channeladvisor.delete_fulfillment_by_hand(fulfillment)
    type_in(world, order, NUMBER)
    cycle(world, 3)
    check_parcels(world, shop, order, NUMBER)
    assert updates(world, order) == []


def test_a_warehouses_mistyped_number_is_mended_by_a_person_in_channeladvisor(world: World, shop: Connected) -> None:
    order = everywhere(world, shop)
    report(world, order, MISTYPED)
    cycle(world, 2)
    (there,) = fulfillments(world, order)
    assert there["TrackingNumber"] == MISTYPED
    world.channeladvisor.change_fulfillment_by_hand(there["ID"], tracking_number=NUMBER)
    cycle(world, 3)
    check_parcels(world, shop, order, NUMBER)
    assert updates(world, order) == []


def test_a_number_that_changes_while_tiktok_is_out_is_the_only_one_that_it_ever_hears(
    world: World, shop: Connected
) -> None:
    order = everywhere(world, shop)
    shipment = report(world, order)
    world.tiktok.faults.add(Fault.UNAVAILABLE, times=None)
    cycle(world, 2)
    for number in (NEW_NUMBER, NEWEST_NUMBER):
        world.oms.correct_shipment(shipment, number)
        cycle(world)
    world.tiktok.faults.clear()
    cycle(world, 5)
    check_parcels(world, shop, order, NEWEST_NUMBER)
    assert updates(world, order) == []


def test_a_number_that_changes_while_channeladvisor_is_out_is_the_only_one_that_it_ever_hears(
    world: World, shop: Connected
) -> None:
    order = everywhere(world, shop)
    shipment = report(world, order)
    world.channeladvisor.faults.add(Fault.UNAVAILABLE, times=None)
    cycle(world, 2)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world)
    world.channeladvisor.faults.clear()
    cycle(world, 6)
    check_parcels(world, shop, order, NEW_NUMBER)
    assert updates(world, order) == [NEW_NUMBER]
    patched = [each for each in world.channeladvisor.books.requests(method="PATCH") if "/Fulfillments(" in each.path]
    assert patched == []


def test_a_number_that_changes_while_the_first_is_being_told_costs_the_one_change(
    world: World, shop: Connected
) -> None:
    order = everywhere(world, shop)
    shipment = report(world, order)
    world.run("poll_oms", shop)

    def change_once_it_is_there() -> None:
        if world.tiktok.books.shipments:
            world.on_answer = lambda: None
            world.oms.correct_shipment(shipment, NEW_NUMBER)
            world.run("poll_oms", shop)

    world.on_answer = change_once_it_is_there
    world.run("push_tiktok", shop)
    cycle(world, 3)
    check_parcels(world, shop, order, NEW_NUMBER)
    assert updates(world, order) == [NEW_NUMBER]


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER])
def test_a_number_that_changes_while_nobody_knows_whether_tiktok_has_the_first_ends_right(
    world: World, shop: Connected, fault: Fault
) -> None:
    order = everywhere(world, shop)
    shipment = report(world, order)
    world.tiktok.faults.add(fault, PACKAGES)
    cycle(world)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 4)
    check_parcels(world, shop, order, NEW_NUMBER)
    assert len(world.tiktok.books.tracking_updates) <= 1


def test_the_order_of_two_parcels_is_kept_when_one_is_mended(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TEE, MUG)
    tee, mug = world.tiktok.line_ids(order)
    wrong = report(world, order, MISTYPED, lines=[tee])
    report(world, order, ups(9), lines=[mug])
    cycle(world, 2)
    assert world.tiktok.status(order) == "PARTIALLY_SHIPPING"
    world.oms.correct_shipment(wrong, NUMBER)
    cycle(world, 3)
    check_parcels(world, shop, order, NUMBER, ups(9))
    assert last_entry(world, shop, order, SHIP).state is EntryState.DONE
