"""Code 0 with a warning: recorded, counted, shown, and looked at again in the next cycle (TT 3)."""

from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.lifecycle import touch
from local.simulators.tiktok_shop.orders import Status
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import EntryState
from order_sync.domain.statuses import OrderState
from order_sync.domain.timeline import Event
from tests.adapters.jobs.checks import failed_entries
from tests.adapters.shipments.parcel_scenes import (
    CHECK,
    NEW_NUMBER,
    NUMBER,
    PACKAGES,
    check_parcels,
    check_told_once,
    cycle,
    entries,
    everywhere,
    facts_of,
    last_entry,
    numbers_at_tiktok,
    only_parcel,
    package_id,
    report,
    why_failed,
)
from tests.world import MUG, TWO_TEES, Connected, World

WARNING = "Did you mean to select USPS?"


def doubted(world: World, shop: Connected) -> OrderId:
    """An order whose parcel TikTok Shop has just taken with a warning."""
    order = everywhere(world, shop, TWO_TEES, MUG)
    world.tiktok.warn_next_shipment(WARNING, order)
    report(world, order)
    world.run("poll_oms", shop)
    world.run("push_tiktok", shop)
    assert numbers_at_tiktok(world, order) == [NUMBER]
    return order


def lose_package(world: World, order: OrderId) -> None:
    """TikTok Shop took the parcel and then dropped it: the order waits for a shipment as before."""
    known = world.tiktok._state.order(order)
    for package in known.packages:
        world.tiktok._state.packages.pop(package.id)
        world.tiktok._state.tracking_used_by[package.tracking_number].remove(order)
    known.packages.clear()
    for line in known.lines:
        line.package = None
    known.status = Status.AWAITING_SHIPMENT
    touch(known, world.time)


def test_a_warning_is_recorded_counted_and_shown(world: World, shop: Connected) -> None:
    order = doubted(world, shop)
    assert only_parcel(world, shop, order).warning == WARNING
    assert world.counted("doubtful_acceptances") == 1
    assert f"doubtful_acceptances: order {order} parcel oms-SHIP-1: {WARNING}" in world.problems()
    (told,) = facts_of(world, shop, order, Event.PARCEL_AT_TIKTOK)
    assert told.detail["warning"] == WARNING
    look = last_entry(world, shop, order, CHECK)
    assert (look.state, look.due_at is not None) == (EntryState.WAITING, True)


def test_an_acceptance_without_a_warning_needs_no_second_look(world: World, shop: Connected) -> None:
    order = everywhere(world, shop)
    report(world, order)
    cycle(world, 2)
    assert entries(world, shop, order, CHECK) == []
    assert world.counted("doubtful_acceptances") == 0


def test_the_next_cycle_finds_a_doubted_parcel_and_says_so(world: World, shop: Connected) -> None:
    order = doubted(world, shop)
    world.advance(timedelta(minutes=15))
    world.run("push_tiktok", shop)
    assert last_entry(world, shop, order, CHECK).state is EntryState.DONE
    (checked,) = facts_of(world, shop, order, Event.PARCEL_CHECKED)
    assert (checked.detail["tracking_number"], checked.detail["carrier"]) == (NUMBER, "UPS")
    assert checked.detail["warning"] == WARNING
    cycle(world, 2)
    check_parcels(world, shop, order, NUMBER)
    assert len(facts_of(world, shop, order, Event.PARCEL_CHECKED)) == 1


def test_a_second_look_is_not_taken_before_the_next_cycle(world: World, shop: Connected) -> None:
    order = doubted(world, shop)
    world.run("push_tiktok", shop)
    assert last_entry(world, shop, order, CHECK).state is EntryState.WAITING


def test_a_doubted_parcel_that_tiktok_does_not_show_any_more_goes_to_a_person(world: World, shop: Connected) -> None:
    order = doubted(world, shop)
    lose_package(world, order)
    cycle(world, 2)
    reason = why_failed(world, shop, order, CHECK)
    assert f"TikTok Shop took tracking number {NUMBER!r} and does not show it" in reason
    assert f"entries_failed: order {order} " in str(world.problems())
    assert only_parcel(world, shop, order).warning == WARNING
    cycle(world, 3)
    assert world.counted("entries_failed") == 1
    assert numbers_at_tiktok(world, order) == [NUMBER]


def test_a_failed_second_look_is_replayed_once_a_person_shipped_again(world: World, shop: Connected) -> None:
    order = doubted(world, shop)
    lose_package(world, order)
    cycle(world, 2)
    world.tiktok.ship_in_seller_center(order, NUMBER, "UPS")
    cycle(world)
    world.replay(shop, order)
    cycle(world, 2)
    assert failed_entries(world, shop, order) == {}
    assert last_entry(world, shop, order, CHECK).state is EntryState.DONE
    assert world.record(shop, order).order.state is OrderState.SHIPPED


def test_a_doubted_parcel_that_is_mended_meanwhile_is_looked_at_under_its_new_number(
    world: World, shop: Connected
) -> None:
    order = doubted(world, shop)
    world.oms.correct_shipment("SHIP-1", NEW_NUMBER)
    cycle(world, 3)
    check_parcels(world, shop, order, NEW_NUMBER)
    (checked,) = facts_of(world, shop, order, Event.PARCEL_CHECKED)
    assert checked.detail["tracking_number"] == NEW_NUMBER


def test_a_doubted_parcel_whose_label_is_mended_in_seller_center_is_confirmed(world: World, shop: Connected) -> None:
    order = doubted(world, shop)
    world.tiktok.change_tracking_in_seller_center(package_id(world, order), NEW_NUMBER, "UPS")
    cycle(world, 3)
    check_parcels(world, shop, order, NEW_NUMBER)
    assert last_entry(world, shop, order, CHECK).state is EntryState.DONE


def test_a_doubted_parcel_of_a_cancelled_order_is_looked_at_no_more(world: World, shop: Connected) -> None:
    order = doubted(world, shop)
    world.tiktok.cancel_by_platform(order, "Fraud")
    cycle(world, 2)
    assert last_entry(world, shop, order, CHECK).state is EntryState.WITHDRAWN
    assert world.counted("entries_failed") == 0


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.LOST_AFTER, Fault.RATE_LIMITED])
def test_a_second_look_waits_for_an_outage_of_tiktok(world: World, shop: Connected, fault: Fault) -> None:
    order = doubted(world, shop)
    world.tiktok.faults.add(fault, "/order/202309/orders", times=None)
    cycle(world, 2)
    assert last_entry(world, shop, order, CHECK).state is EntryState.WAITING
    world.tiktok.faults.clear()
    cycle(world, 3)
    assert last_entry(world, shop, order, CHECK).state is EntryState.DONE
    check_parcels(world, shop, order, NUMBER)


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.TRUNCATED_JSON])
def test_a_warning_whose_answer_was_lost_is_not_known_and_the_parcel_is_told_once(
    world: World, shop: Connected, fault: Fault
) -> None:
    order = everywhere(world, shop)
    world.tiktok.warn_next_shipment(WARNING, order)
    report(world, order)
    world.tiktok.faults.add(fault, PACKAGES)
    cycle(world, 4)
    check_parcels(world, shop, order, NUMBER)
    check_told_once(world)


def test_each_doubted_parcel_of_an_order_is_looked_at(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    first, *others = world.tiktok.line_ids(order)
    for number, lines in ((NUMBER, [first]), (NEW_NUMBER, others)):
        world.tiktok.warn_next_shipment(WARNING, order)
        report(world, order, number, lines=lines)
    cycle(world, 3)
    checked = facts_of(world, shop, order, Event.PARCEL_CHECKED)
    assert sorted(fact.detail["tracking_number"] for fact in checked) == [NUMBER, NEW_NUMBER]
    check_parcels(world, shop, order, NUMBER, NEW_NUMBER)
