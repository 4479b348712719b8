"""A partner that is down stops neither the other two nor other shops (promise 7)."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.orders import Damage
from local.tracking_numbers import usps
from local.translate_template import read_template
from order_sync.bootstrap.runs import SECONDS_TO_FINISH
from order_sync.domain.outbox import Action, Target
from order_sync.partners.channeladvisor.calls import READ_SECONDS
from tests.adapters.jobs.checks import check_handed_over_once, given_to_oms
from tests.builders import entry_for
from tests.world import START, World

DOWN = [Fault.UNAVAILABLE, Fault.UNREACHABLE, Fault.LOST_BEFORE]


@pytest.mark.parametrize("fault", DOWN)
def test_the_oms_gets_the_order_without_channeladvisors_number_after_the_set_time(fault: Fault) -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.channeladvisor.faults.add(fault, times=None)
    world.cycle(5)
    assert given_to_oms(world) == []
    world.cycle(2)
    taken = world.oms.books.order(order)
    assert taken.channeladvisor_order_id is None
    assert timedelta(minutes=20) <= taken.taken_at - START - timedelta(hours=1) < timedelta(minutes=36)
    assert world.tiktok.books.references_of(order) == {}
    world.channeladvisor.faults.clear()
    world.cycle(6)
    check_handed_over_once(world, shop, order)
    assert world.oms.books.order(order).times_sent == 1


@pytest.mark.parametrize("fault", DOWN)
def test_channeladvisor_gets_the_order_while_the_oms_is_down(fault: Fault) -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.oms.faults.add(fault, times=None)
    world.cycle(9)
    (created,) = world.created(order)
    assert created["PaymentStatus"] == "Cleared"
    assert created["ID"] not in world.channeladvisor.books.exported("application")
    assert given_to_oms(world) == []
    world.oms.faults.clear()
    world.cycle(6)
    check_handed_over_once(world, shop, order)


@pytest.mark.parametrize("fault", DOWN)
@pytest.mark.parametrize("partner", ["channeladvisor", "oms"])
def test_an_outage_ends_the_run_normally_after_a_few_tries_and_is_counted(partner: str, fault: Fault) -> None:
    world = World()
    shop = world.connect()
    orders = [world.order(shop) for _ in range(8)]
    world.cycle(4)
    faults = {"channeladvisor": world.channeladvisor.faults, "oms": world.oms.faults}[partner]
    if partner == "oms":
        world.run("push_channeladvisor", shop)
    faults.add(fault, "/orders" if partner == "oms" else "/v1/Orders", times=None)
    report = world.run(f"push_{partner}", shop)
    assert report.counts["partner_outages"] == 1
    assert report.counts["outcomes_unknown"] + report.counts["entries_postponed"] == 3
    faults.clear()
    world.cycle(6)
    for order in orders:
        check_handed_over_once(world, shop, order)


@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.LOST_BEFORE])
@pytest.mark.parametrize(("partner", "target"), [("channeladvisor", Target.CHANNELADVISOR), ("oms", Target.OMS)])
def test_the_times_between_two_tries_grow_while_a_partner_is_down(partner: str, target: Target, fault: Fault) -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.cycle(4)
    faults = {"channeladvisor": world.channeladvisor.faults, "oms": world.oms.faults}[partner]
    faults.add(fault, "/orders" if partner == "oms" else "/v1/Orders", times=None)
    tries: list[datetime] = []
    entry = entry_for(world.record(shop, order), target, Action.CREATE_ORDER)
    for _ in range(60 * 6):
        world.run(f"push_{partner}", shop)
        before, entry = entry, entry_for(world.record(shop, order), target, Action.CREATE_ORDER)
        assert entry
        if before and entry.attempts > before.attempts:
            tries.append(world.time)
        world.advance(timedelta(seconds=55))
    waits = [later - earlier for earlier, later in pairwise(tries)]
    assert len(waits) >= 7
    assert all(later + timedelta(minutes=2) >= earlier for earlier, later in pairwise(waits))
    assert timedelta(minutes=58) < waits[-1] < timedelta(minutes=66)
    assert waits[0] < timedelta(minutes=12)


def test_an_outage_of_tiktok_does_not_stop_what_needs_no_reading() -> None:
    world = World()
    shop = world.connect()
    handed_over = world.order(shop)
    world.cycle(2)
    due = world.order(shop)
    world.cycle(3)
    assert world.created(handed_over)
    assert not world.created(due)
    world.run("release_due_orders", shop)
    world.advance(timedelta(minutes=30))
    world.tiktok.faults.add(Fault.UNREACHABLE, times=None)
    report = world.run("push_channeladvisor", shop)
    assert report.counts["orders_not_re_read"] == 1
    assert report.counts["told_mark_exported"] == 1
    assert not world.created(due)
    world.tiktok.faults.clear()
    world.cycle(4)
    check_handed_over_once(world, shop, handed_over)
    check_handed_over_once(world, shop, due)


def test_an_outage_of_tiktok_does_not_keep_a_parcel_from_channeladvisor() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.cycle(6)
    world.oms.ship(order, "USPS Ground", "Ground", usps(1))
    world.tiktok.faults.add(Fault.UNAVAILABLE, times=None)
    world.cycle(2)
    assert world.created(order)[0]["ShippingStatus"] == "Shipped"
    world.tiktok.faults.clear()
    world.cycle(4)
    assert len(world.tiktok.books.shipments_of(order)) == 1


def test_orders_that_wait_for_reasons_of_their_own_are_no_outage() -> None:
    world = World()
    shop = world.connect()
    asked = [world.order(shop) for _ in range(4)]
    world.cycle(4)
    plain = world.order(shop)
    world.channeladvisor.faults.add(Fault.LOST_BEFORE, "/v1/Orders", method="POST", times=2)
    world.run("push_channeladvisor", shop)
    doubtful = [order for order in asked if not world.created(order)]
    for order in asked:
        world.tiktok.request_cancel(order)
    world.cycle(7)
    assert world.counted("partner_outages") == 0
    check_handed_over_once(world, shop, plain)
    assert len(doubtful) == 2
    for order in doubtful:
        assert world.created(order) == []


def test_back_to_normal_within_a_cycle_of_a_short_outage() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.cycle(4)
    world.channeladvisor.faults.add(Fault.UNAVAILABLE, times=None)
    world.run("push_channeladvisor", shop)
    world.channeladvisor.faults.clear()
    world.cycle(3)
    check_handed_over_once(world, shop, order)


def test_an_authorisation_that_tiktok_withdrew_stops_only_what_needs_tiktok() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.time += timedelta(minutes=2)
    waiting = world.order(shop)
    world.run("poll_tiktok", shop)
    world.advance(timedelta(hours=1))
    world.run("push_channeladvisor", shop)
    world.run("push_oms", shop)
    world.advance(timedelta(minutes=10))
    world.tiktok.revoke(shop.simulated)
    world.run("push_channeladvisor", shop)

    assert world.counted("orders_not_re_read") == 1
    assert world.created(waiting) == []
    assert world.created(order)[0]["SellerOrderID"] == world.record(shop, order).order.oms_number != ""


def test_orders_that_tiktok_does_not_show_keep_no_parcel_of_others_back() -> None:
    world = World()
    shop = world.connect()
    orders = [world.order(shop) for _ in range(5)]
    world.cycle(6)
    for number, order in enumerate(orders):
        world.oms.ship(order, "USPS Ground", "Ground", usps(number))
    world.run("poll_oms", shop)
    for order in orders[:4]:
        world.tiktok.corrupt(order, Damage.MISSING_ID)
    world.run("push_tiktok", shop)

    assert [len(world.tiktok.books.shipments_of(order)) for order in orders] == [0, 0, 0, 0, 1]
    assert world.counted("partner_outages") == 0


def test_older_references_keep_no_parcel_back_when_time_is_short() -> None:
    world = World()
    shop = world.connect()
    orders = [world.order(shop) for _ in range(5)]
    world.cycle(6, skip=("push_tiktok",))
    world.oms.ship(orders[0], "USPS Ground", "Ground", usps(0))
    world.run("poll_oms", shop)
    time_for_one = iter([True])
    world.has_time = lambda: next(time_for_one, False)
    report = world.run("push_tiktok", shop)

    assert (report.counts["told_ship"], report.counts["told_set_reference"]) == (1, 0)


def test_a_partner_that_hangs_is_given_up_with_time_to_spare() -> None:
    world = World()
    shop = world.connect()
    orders = [world.order(shop) for _ in range(5)]
    world.cycle(4)
    world.channeladvisor.faults.add(Fault.LOST_BEFORE, "/v1/Orders", times=None)
    world.seconds_lost = READ_SECONDS
    began = world.time
    world.run("push_channeladvisor", shop)

    assert world.counted("partner_outages") == 1
    function_seconds = read_template()["Globals"]["Function"]["Timeout"]
    assert world.time - began < timedelta(seconds=function_seconds - SECONDS_TO_FINISH)
    assert all(world.created(order) == [] for order in orders)
