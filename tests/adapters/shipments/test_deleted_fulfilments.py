"""A fulfilment that is deleted in ChannelAdvisor: undone while TikTok Shop knows nothing of it, else for a person."""

import pytest

from local.simulators.faults import Fault
from order_sync.domain.outbox import EntryState
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event
from tests.adapters.jobs.checks import failed_entries
from tests.adapters.jobs.scenes import in_channeladvisor
from tests.adapters.shipments.parcel_scenes import (
    CORRECT_THERE,
    NEW_NUMBER,
    NUMBER,
    SHIP,
    SHIP_THERE,
    at_tiktok,
    check_parcels,
    check_told_once,
    cycle,
    everywhere,
    facts_of,
    fulfillments,
    last_entry,
    numbers_at_tiktok,
    numbers_there,
    only_parcel,
    report,
    shipped,
    type_in,
    why_failed,
)
from tests.world import MUG, TEE, TWO_TEES, Connected, World


def test_a_fulfilment_that_is_deleted_before_tiktok_is_told_does_not_leave(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES)
    fulfillment = type_in(world, order)
    world.run("poll_channeladvisor", shop)
    world.channeladvisor.delete_fulfillment_by_hand(fulfillment)
    world.run("poll_channeladvisor", shop)
    cycle(world, 3)
    assert at_tiktok(world, order) == []
    assert world.oms.books.order(order).parcels == {}
    assert last_entry(world, shop, order, SHIP).state is EntryState.WITHDRAWN
    assert {line.state for line in world.record(shop, order).order.lines} == {"OPEN"}
    (deleted,) = facts_of(world, shop, order, Event.PARCEL_DELETED)
    assert "told" not in deleted.detail
    assert world.problems() == []


def test_what_was_deleted_leaves_when_the_warehouse_ships_it(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES)
    fulfillment = type_in(world, order)
    world.run("poll_channeladvisor", shop)
    world.channeladvisor.delete_fulfillment_by_hand(fulfillment)
    world.run("poll_channeladvisor", shop)
    report(world, order, NEW_NUMBER)
    cycle(world, 3)
    check_parcels(world, shop, order, NEW_NUMBER)
    assert world.problems() == []


@pytest.mark.parametrize("number", [NUMBER, NEW_NUMBER], ids=["the same number", "another number"])
@pytest.mark.parametrize("polled_between", [False, True])
def test_what_was_deleted_leaves_when_it_is_typed_again(
    world: World, shop: Connected, number: str, *, polled_between: bool
) -> None:
    order = everywhere(world, shop, TWO_TEES)
    fulfillment = type_in(world, order)
    world.run("poll_channeladvisor", shop)
    world.channeladvisor.delete_fulfillment_by_hand(fulfillment)
    if polled_between:
        world.run("poll_channeladvisor", shop)
    type_in(world, order, number)
    world.run("poll_channeladvisor", shop)
    cycle(world, 3)
    check_parcels(world, shop, order, number)
    assert world.problems() == []


def test_a_fulfilment_that_is_deleted_after_tiktok_was_told_goes_to_a_person_once(
    world: World, shop: Connected
) -> None:
    order = everywhere(world, shop, TWO_TEES)
    fulfillment = type_in(world, order)
    cycle(world, 2)
    world.channeladvisor.delete_fulfillment_by_hand(fulfillment)
    cycle(world, 5)
    assert numbers_at_tiktok(world, order) == [NUMBER]
    assert world.record(shop, order).order.state is OrderState.SHIPPED
    (deleted,) = facts_of(world, shop, order, Event.PARCEL_DELETED)
    assert "TIKTOK_SHOP" in deleted.detail["told"]
    assert world.counted("parcels_deleted_too_late") == 1
    assert any(problem.startswith(f"parcels_deleted_too_late: order {order} ") for problem in world.problems())
    assert only_parcel(world, shop, order).refused == ""
    check_told_once(world)


def test_a_parcel_that_tiktok_has_and_that_is_typed_again_with_its_number_is_the_same_parcel(
    world: World, shop: Connected
) -> None:
    order = everywhere(world, shop, TWO_TEES)
    fulfillment = type_in(world, order)
    cycle(world, 2)
    world.channeladvisor.delete_fulfillment_by_hand(fulfillment)
    cycle(world)
    type_in(world, order)
    cycle(world, 3)
    assert numbers_at_tiktok(world, order) == numbers_there(world, order) == [NUMBER]
    assert failed_entries(world, shop, order) == {}
    assert world.counted("parcels_refused") == 0
    check_told_once(world)


def test_a_parcel_that_tiktok_has_and_that_is_typed_again_with_another_number_is_kept_for_a_person(
    world: World, shop: Connected
) -> None:
    """Whether it is the same parcel or a second one for the same goods, nobody but a person can tell."""
    order = everywhere(world, shop, TWO_TEES)
    fulfillment = type_in(world, order)
    cycle(world, 2)
    world.channeladvisor.delete_fulfillment_by_hand(fulfillment)
    type_in(world, order, NEW_NUMBER)
    cycle(world, 3)
    assert numbers_at_tiktok(world, order) in ([NUMBER], [NEW_NUMBER])
    assert world.counted("parcels_deleted_too_late") + world.counted("parcels_refused") >= 1
    check_told_once(world)


def test_one_of_two_fulfilments_is_deleted_and_the_other_one_leaves(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TEE, MUG)
    tee, mug = world.tiktok.line_ids(order)
    deleted = type_in(world, order, items={"TEE-BLU-M": 1})
    type_in(world, order, NEW_NUMBER, items={"MUG-RED": 1})
    world.run("poll_channeladvisor", shop)
    world.channeladvisor.delete_fulfillment_by_hand(deleted)
    world.run("poll_channeladvisor", shop)
    cycle(world, 3)
    assert at_tiktok(world, order) == [(NEW_NUMBER, (mug,))]
    report(world, order, NUMBER, lines=[tee])
    cycle(world, 3)
    check_parcels(world, shop, order, NUMBER, NEW_NUMBER)


@pytest.mark.parametrize("which", [0, 1])
def test_a_part_of_a_parcel_that_is_deleted_before_anybody_is_told_does_not_leave_with_it(
    world: World, shop: Connected, which: int
) -> None:
    """Two fulfilments with one number are one parcel; what is left of it is one unit."""
    order = everywhere(world, shop, TEE, MUG)
    lines = world.tiktok.line_ids(order)
    parts = [type_in(world, order, items={sku: 1}) for sku in ("TEE-BLU-M", "MUG-RED")]
    world.run("poll_channeladvisor", shop)
    world.channeladvisor.delete_fulfillment_by_hand(parts[which])
    world.run("poll_channeladvisor", shop)
    cycle(world, 3)
    assert at_tiktok(world, order) == [(NUMBER, (lines[1 - which],))]
    report(world, order, NEW_NUMBER, lines=[lines[which]])
    cycle(world, 3)
    check_parcels(world, shop, order, NUMBER, NEW_NUMBER)


@pytest.mark.parametrize("which", [0, 1])
def test_a_part_of_a_parcel_that_is_deleted_after_tiktok_was_told_goes_to_a_person_once(
    world: World, shop: Connected, which: int
) -> None:
    order = everywhere(world, shop, TEE, MUG)
    parts = [type_in(world, order, items={sku: 1}) for sku in ("TEE-BLU-M", "MUG-RED")]
    cycle(world, 2)
    world.channeladvisor.delete_fulfillment_by_hand(parts[which])
    cycle(world, 4)
    assert world.counted("parcels_deleted_too_late") == 1
    assert numbers_at_tiktok(world, order) == [NUMBER]
    check_told_once(world)


def test_our_own_parcel_that_is_deleted_there_stays_at_tiktok_and_its_change_says_what_to_do(
    world: World, shop: Connected
) -> None:
    order, shipment = shipped(world, shop, TWO_TEES)
    (there,) = fulfillments(world, order)
    world.channeladvisor.delete_fulfillment_by_hand(there["ID"])
    cycle(world, 3)
    assert numbers_at_tiktok(world, order) == [NUMBER]
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 3)
    assert numbers_at_tiktok(world, order) == [NEW_NUMBER]
    reason = why_failed(world, shop, order, CORRECT_THERE)
    assert "it may have been deleted" in reason
    assert NEW_NUMBER in reason
    assert fulfillments(world, order) == []
    check_told_once(world)


def test_our_own_parcel_that_is_typed_again_is_changed_where_it_stands_now(world: World, shop: Connected) -> None:
    order, shipment = shipped(world, shop, TWO_TEES)
    (there,) = fulfillments(world, order)
    world.channeladvisor.delete_fulfillment_by_hand(there["ID"])
    type_in(world, order)
    cycle(world)
    world.oms.correct_shipment(shipment, NEW_NUMBER)
    cycle(world, 3)
    check_parcels(world, shop, order, NEW_NUMBER)


def test_a_fulfilment_that_is_deleted_while_tiktok_is_out_was_told_to_the_oms_and_a_person_hears_of_it(
    world: World, shop: Connected
) -> None:
    order = everywhere(world, shop, TWO_TEES)
    fulfillment = type_in(world, order)
    world.tiktok.faults.add(Fault.UNAVAILABLE, times=None)
    cycle(world, 2)
    assert len(world.oms.books.order(order).parcels) == 1
    world.channeladvisor.delete_fulfillment_by_hand(fulfillment)
    cycle(world)
    world.tiktok.faults.clear()
    cycle(world, 5)
    assert at_tiktok(world, order) == []
    (deleted,) = facts_of(world, shop, order, Event.PARCEL_DELETED)
    assert deleted.detail["told"] == "OMS"
    assert world.counted("parcels_deleted_too_late") == 1


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER])
def test_a_fulfilment_that_is_deleted_while_nobody_knows_whether_tiktok_has_it_is_not_undone(
    world: World, shop: Connected, fault: Fault
) -> None:
    order = everywhere(world, shop, TWO_TEES)
    fulfillment = type_in(world, order)
    world.tiktok.faults.add(fault, "/packages")
    cycle(world)
    world.channeladvisor.delete_fulfillment_by_hand(fulfillment)
    cycle(world, 4)
    assert world.counted("parcels_deleted_too_late") == 1
    assert last_entry(world, shop, order, SHIP).has_ended
    check_told_once(world)


def test_a_fulfilment_that_is_still_to_be_shipped_may_come_and_go(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    parts = world.channeladvisor.split_by_hand(in_channeladvisor(world, order), {"TEE-BLU-M": 1}, {"MUG-RED": 1})
    cycle(world)
    world.channeladvisor.delete_fulfillment_by_hand(parts[0])
    cycle(world, 2)
    assert world.record(shop, order).parcels == ()
    assert "PARCEL_DELETED" not in world.events(shop, order)
    report(world, order)
    cycle(world, 3)
    check_parcels(world, shop, order, NUMBER)
    assert last_entry(world, shop, order, SHIP_THERE).state is EntryState.DONE
