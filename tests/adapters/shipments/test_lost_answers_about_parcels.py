"""No answer came about a parcel: the order is read again before anything is sent again, and nothing is told twice."""

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.doubts import Doubts
from order_sync.domain.outbox import EntryState
from order_sync.domain.timeline import Event
from tests.adapters.shipments.parcel_scenes import (
    ANYONES_NUMBER,
    CORRECT,
    NEW_NUMBER,
    NEWEST_NUMBER,
    NUMBER,
    PACKAGES,
    SHIP,
    SHIP_THERE,
    UPDATE,
    check_parcels,
    check_told_once,
    connected,
    cycle,
    everywhere,
    last_entry,
    numbers_at_tiktok,
    numbers_there,
    only_parcel,
    package_id,
    report,
    shipped,
    type_in,
    updates,
    why_failed,
    with_two_other_carriers,
)
from tests.world import MUG, TWO_TEES, Connected, World

DOUBTFUL = (Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.SERVER_ERROR, Fault.TRUNCATED_JSON)
ALREADY_SHIPPED = (21011020, 21011006, 21011040, 21042056, 11006021)
doubtful = pytest.mark.parametrize("fault", DOUBTFUL)


@doubtful
@pytest.mark.parametrize("times", [1, 2])
def test_a_shipment_without_an_answer_is_made_once(world: World, shop: Connected, fault: Fault, times: int) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, *others = world.tiktok.line_ids(order)
    report(world, order, NUMBER, lines=[first])
    report(world, order, NEW_NUMBER, lines=others)
    world.tiktok.faults.add(fault, PACKAGES, times=times)
    cycle(world, 6)
    assert world.tiktok.faults.happened[fault] == times
    assert world.counted("outcomes_unknown") == times
    check_parcels(world, shop, order, NUMBER, NEW_NUMBER)
    assert world.events(shop, order).count(Event.PARCEL_AT_TIKTOK) == 2
    assert world.tiktok.books.refused_shipments == []


@doubtful
def test_a_change_without_an_answer_is_made_once(world: World, shop: Connected, fault: Fault) -> None:
    order, shipment = shipped(world, shop)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    world.tiktok.faults.add(fault, UPDATE)
    cycle(world, 5)
    assert world.tiktok.faults.happened[fault] == 1
    check_parcels(world, shop, order, NEW_NUMBER)
    assert updates(world, order) == [NEW_NUMBER]
    assert world.tiktok.books.refused_tracking_updates == []
    assert world.events(shop, order).count(Event.PARCEL_CORRECTED_AT_TIKTOK) == 1


@doubtful
def test_a_changed_carrier_without_an_answer_is_made_once(world: World, fault: Fault) -> None:
    shop = with_two_other_carriers(world)
    order, number = everywhere(world, shop), ANYONES_NUMBER
    shipment = report(world, order, number, carrier="GLS US")
    cycle(world, 2)
    world.oms.correct_shipment(shipment, number, "Wizmo")
    world.tiktok.faults.add(fault, UPDATE)
    cycle(world, 5)
    assert updates(world, order) == [number]
    assert [each.provider for each in world.tiktok.books.shipments_now_of(order)] == ["Wizmo"]
    assert world.tiktok.books.refused_tracking_updates == []
    check_parcels(world, shop, order, number)


@doubtful
def test_a_parcel_without_an_answer_of_channeladvisor_is_there_once_with_its_newest_label(
    world: World, shop: Connected, fault: Fault
) -> None:
    order = everywhere(world, shop, TWO_TEES)
    shipment = report(world, order)
    world.channeladvisor.faults.add(fault, "/Ship")
    cycle(world, 2)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 4)
    assert world.channeladvisor.faults.happened[fault] == 1
    check_parcels(world, shop, order, NEW_NUMBER)


@doubtful
@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_a_change_without_an_answer_of_channeladvisor_is_there(
    world: World, shop: Connected, fault: Fault, method: str
) -> None:
    order, shipment = shipped(world, shop)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world)
    world.channeladvisor.faults.add(fault, "/Fulfillments", method=method)
    cycle(world, 3)
    assert world.channeladvisor.faults.happened[fault] == 1
    check_parcels(world, shop, order, NEW_NUMBER)


@doubtful
def test_a_change_without_an_answer_of_the_oms_is_there(world: World, shop: Connected, fault: Fault) -> None:
    order = everywhere(world, shop)
    fulfillment = type_in(world, order)
    cycle(world, 2)
    world.channeladvisor.change_fulfillment_by_hand(fulfillment, tracking_number=NEW_NUMBER)
    world.oms.faults.add(fault, "/parcels/")
    cycle(world, 4)
    assert world.oms.faults.happened[fault] == 1
    check_parcels(world, shop, order, NEW_NUMBER)


@doubtful
def test_a_second_change_that_comes_while_the_first_is_in_doubt_meets_what_tiktok_shows(fault: Fault) -> None:
    world = World(tiktok_doubts=Doubts(tracking_changes=2))
    shop = connected(world, shipping={"tracking_changes": 2})
    order, shipment = shipped(world, shop)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    world.tiktok.faults.add(fault, UPDATE)
    cycle(world)
    world.oms.correct_shipment(shipment, NEWEST_NUMBER)
    cycle(world, 5)
    check_parcels(world, shop, order, NEWEST_NUMBER, changes=2)


@pytest.mark.parametrize("took_effect", [False, True])
def test_with_one_change_allowed_a_second_one_in_doubt_goes_only_where_the_first_did_not(
    world: World, shop: Connected, *, took_effect: bool
) -> None:
    order, shipment = shipped(world, shop)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    world.tiktok.faults.add(Fault.LOST_AFTER if took_effect else Fault.LOST_BEFORE, UPDATE)
    cycle(world)
    world.oms.correct_shipment(shipment, NEWEST_NUMBER)
    cycle(world, 5)
    assert world.tiktok.books.refused_tracking_updates == []
    check_told_once(world)
    if took_effect:
        assert numbers_at_tiktok(world, order) == [NEW_NUMBER]
        assert any("shipping.tracking_changes" in problem for problem in world.problems())
    else:
        check_parcels(world, shop, order, NEWEST_NUMBER)


@pytest.mark.parametrize("code", ALREADY_SHIPPED)
@pytest.mark.parametrize("is_same", [True, False], ids=["the same number", "another number"])
def test_what_somebody_shipped_between_our_look_and_our_word_is_done_with_the_same_number_only(
    code: int, *, is_same: bool
) -> None:
    world = World(tiktok_doubts=Doubts(already_shipped_code=code))
    shop = connected(world)
    order = everywhere(world, shop, TWO_TEES)
    report(world, order)
    world.run("poll_oms", shop)

    def ship_before_we_do() -> None:
        if world.tiktok.books.requests[-1].path.endswith("/shipping_providers"):
            world.on_answer = lambda: None
            world.tiktok.ship_in_seller_center(order, NUMBER if is_same else NEW_NUMBER, "UPS")

    world.on_answer = ship_before_we_do
    world.run("push_tiktok", shop)
    assert [each.code for each in world.tiktok.books.refused_shipments] == [code]
    if is_same:
        assert last_entry(world, shop, order, SHIP).state is EntryState.DONE
        cycle(world, 2)
        assert only_parcel(world, shop, order).package_id == package_id(world, order)
        assert numbers_at_tiktok(world, order) == numbers_there(world, order) == [NUMBER]
    else:
        reason = why_failed(world, shop, order, SHIP)
        assert "not with this tracking number" in reason or NEW_NUMBER in reason
        cycle(world, 2)
        assert numbers_at_tiktok(world, order) == [NEW_NUMBER]
    assert len(world.tiktok.books.refused_shipments) == 1


def test_a_line_that_is_packed_already_with_the_same_number_is_done() -> None:
    """Of an order with more lines TikTok Shop has a code of its own for it (21008099)."""
    world = World()
    shop = connected(world)
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, *_ = world.tiktok.line_ids(order)
    report(world, order, NUMBER, lines=[first])
    world.run("poll_oms", shop)

    def ship_before_we_do() -> None:
        if world.tiktok.books.requests[-1].path.endswith("/shipping_providers"):
            world.on_answer = lambda: None
            world.tiktok.ship_in_seller_center(order, NUMBER, "UPS", [first])

    world.on_answer = ship_before_we_do
    world.run("push_tiktok", shop)
    assert [each.code for each in world.tiktok.books.refused_shipments] == [21008099]
    assert last_entry(world, shop, order, SHIP).state is EntryState.DONE


def test_a_change_that_somebody_made_between_our_look_and_our_word_ends_without_a_person(
    world: World, shop: Connected
) -> None:
    """TikTok Shop refuses ours as one too many, though it shows what we wanted."""
    order, shipment = shipped(world, shop)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    world.run("poll_oms", shop)

    def change_before_we_do() -> None:
        world.on_answer = lambda: None
        world.tiktok.change_tracking_in_seller_center(package_id(world, order), NEW_NUMBER, "UPS")

    world.on_answer = change_before_we_do
    world.run("push_tiktok", shop)
    cycle(world, 3)
    check_parcels(world, shop, order, NEW_NUMBER)
    assert last_entry(world, shop, order, CORRECT).state is EntryState.DONE


@pytest.mark.parametrize("fault", [None, Fault.LOST_BEFORE], ids=["at once", "after a lost answer"])
def test_a_number_that_tiktok_refuses_is_mended_by_the_warehouse(
    world: World, shop: Connected, fault: Fault | None
) -> None:
    order = everywhere(world, shop)
    shipment = report(world, order)
    if fault:
        world.tiktok.faults.add(fault, PACKAGES)
    world.tiktok.refuse_next(PACKAGES, 21011022)
    cycle(world, 3)
    assert "21011022" in why_failed(world, shop, order, SHIP)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 3)
    check_parcels(world, shop, order, NEW_NUMBER)
    assert updates(world, order) == []


@pytest.mark.parametrize("fault", [None, Fault.LOST_BEFORE], ids=["at once", "after a lost answer"])
def test_a_label_that_channeladvisor_refuses_is_told_again_when_it_changes(world: World, fault: Fault | None) -> None:
    shop = connected(world, shipping_mappings=[{"carrier": "Brown", "code": "ups", "channeladvisor_class": "By Night"}])
    order = everywhere(world, shop)
    shipment = report(world, order)
    if fault:
        world.channeladvisor.faults.add(fault, "/Ship")
    cycle(world, 3)
    assert "Carrier and Class is invalid" in why_failed(world, shop, order, SHIP_THERE)
    world.channeladvisor.add_carrier("UPS", "By Night")
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 3)
    check_parcels(world, shop, order, NEW_NUMBER)
