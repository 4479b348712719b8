"""Orders that Rithum's own TikTok link brings: found, linked, waited for, and never created (decision 0016)."""

from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.tracking_numbers import usps
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.domain.telling import decide_failed
from order_sync.jobs.link_gauges import ORDERS_MISSING
from order_sync.jobs.push_channeladvisor import NATIVE_LINK
from tests.adapters.observing.link_scenes import (
    PROFILES,
    adjusted,
    brought,
    change_mode,
    entry,
    last_gauges,
    nothing_created,
    observed,
    told_to_tiktok,
)
from tests.world import TWO_TEES, World


def test_an_order_that_the_link_brings_is_linked_and_the_oms_learns_its_number() -> None:
    world = World()
    shop, _ = observed(world)
    order = brought(world, shop)
    (there,) = world.created(order)
    assert nothing_created(world)
    assert world.oms.books.order(order).channeladvisor_order_id == str(there["ID"])
    found = [fact for fact in world.ledger.timeline(shop.id, order) if fact.event == "ADOPTED_IN_CHANNELADVISOR"]
    assert [fact.detail["brought_by"] for fact in found] == ["the native link"]
    assert world.shops.notice(shop.id, NATIVE_LINK) == ""


def test_the_oms_gets_its_order_while_the_link_is_late_and_the_number_follows() -> None:
    world = World()
    shop, _ = observed(world, lag=timedelta(hours=2))
    order = world.order(shop)
    world.cycle(8)
    assert world.created(order) == []
    assert not world.oms.books.order(order).channeladvisor_order_id
    world.cycle(8)
    (there,) = world.created(order)
    assert world.oms.books.order(order).channeladvisor_order_id == str(there["ID"])
    assert nothing_created(world)


def test_an_order_that_is_never_brought_is_stuck_work_after_the_set_time_and_not_before() -> None:
    world = World()
    shop, link = observed(world, look_up_hours=3)
    link.die()
    order = world.order(shop)
    world.cycle(5 + 10)
    assert last_gauges(world)["stuck_work"] == 0
    assert last_gauges(world)["oldest_entry_minutes"] < 60
    world.cycle(8)
    assert last_gauges(world)["stuck_work"] == 1
    assert order in world.shops.notice(shop.id, ORDERS_MISSING)
    assert nothing_created(world)
    link.revive()
    world.cycle(8)
    assert last_gauges(world)["stuck_work"] == 0
    assert world.shops.notice(shop.id, ORDERS_MISSING) == ""
    assert world.record(shop, order).order.channeladvisor_id


def test_what_happened_to_an_order_before_it_was_linked_is_seen() -> None:
    """The feed had shown it while the order was not released with us yet, and shows it no more."""
    world = World()
    shop, _ = observed(world, oms={"adapter": "none"})
    order = world.order(shop)
    world.cycle(2)
    native = world.channeladvisor.bring_native_tiktok_order(
        PROFILES["US"], order, items=[{"Sku": "TEE-BLU-M", "Quantity": 1}]
    )
    world.channeladvisor.set_seller_order_id(native, "SO-77")
    world.channeladvisor.ship_by_hand(native, "USPS", "Ground", usps(1))
    world.links.clear()
    world.cycle(1)
    assert world.record(shop, order).order.channeladvisor_id == ""
    world.cycle(5, skip=("poll_channeladvisor",))
    record = world.record(shop, order)
    assert (record.order.channeladvisor_id, record.order.oms_number) == (str(native), "SO-77")
    assert [parcel.tracking_number for parcel in record.parcels] == [usps(1)]


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.SERVER_ERROR, Fault.UNREACHABLE])
def test_nothing_is_created_whatever_goes_wrong_while_it_is_looked_for(fault: Fault) -> None:
    world = World()
    shop, _ = observed(world)
    order = world.order(shop)
    world.cycle(4)
    world.channeladvisor.faults.add(fault, "/v1/Orders", times=6)
    world.cycle(12)
    assert nothing_created(world)
    assert len(world.created(order)) == 1
    assert world.record(shop, order).order.channeladvisor_id


def test_entries_that_were_queued_for_creation_become_look_ups_when_the_mode_changes() -> None:
    world = World()
    shop, _ = observed(world)
    change_mode(world, shop, mode="create")
    world.links[0].die()
    order = world.order(shop)
    world.cycle(4)
    world.advance(timedelta(minutes=10))
    assert entry(world, shop, order, Target.CHANNELADVISOR, Action.CREATE_ORDER).state is EntryState.WAITING
    change_mode(world, shop, mode="observe")
    world.cycle(2)
    assert nothing_created(world)
    world.links[0].revive()
    world.cycle(4)
    assert nothing_created(world)
    assert world.record(shop, order).order.channeladvisor_id


def test_a_run_that_began_before_the_change_of_mode_creates_nothing_after_it() -> None:
    world = World()
    shop, link = observed(world)
    change_mode(world, shop, mode="create")
    link.die()
    order = world.order(shop)
    world.cycle(4)
    world.advance(timedelta(minutes=10))

    def operator_changes_the_mode() -> None:
        with world.running("change_settings"):
            change_mode(world, shop, mode="observe")

    world.on_answer = operator_changes_the_mode
    world.run("push_channeladvisor", shop)
    assert nothing_created(world)
    assert world.created(order) == []


def test_a_failed_creation_that_is_replayed_looks_and_creates_nothing() -> None:
    world = World()
    shop, link = observed(world)
    change_mode(world, shop, mode="create")
    link.die()
    order = world.order(shop)
    world.cycle(4)
    world.advance(timedelta(minutes=10))
    waiting = entry(world, shop, order, Target.CHANNELADVISOR, Action.CREATE_ORDER)
    world.ledger.change(
        shop.id, order, lambda record: decide_failed(record, waiting, world.time, reason="refused") if record else None
    )
    change_mode(world, shop, mode="observe")
    world.replay(shop, order)
    link.revive()
    world.cycle(4)
    assert nothing_created(world)
    assert world.record(shop, order).order.channeladvisor_id


def test_an_order_of_ours_whose_creation_was_in_doubt_at_the_change_is_adopted() -> None:
    world = World()
    shop, link = observed(world)
    change_mode(world, shop, mode="create")
    link.die()
    order = world.order(shop)
    world.channeladvisor.faults.add(Fault.LOST_AFTER, "/v1/Orders", method="POST", times=None)
    world.cycle(5)
    change_mode(world, shop, mode="observe")
    world.channeladvisor.faults.clear()
    world.cycle(4)
    (ours,) = world.created(order)
    assert world.record(shop, order).order.channeladvisor_id == str(ours["ID"])
    assert ours["PaymentStatus"] == "Cleared"


def test_changing_back_to_create_mode_creates_what_the_link_never_brought() -> None:
    world = World()
    shop, link = observed(world)
    link.die()
    order = world.order(shop)
    world.cycle(8)
    assert world.created(order) == []
    change_mode(world, shop, mode="create")
    world.cycle(5)
    (ours,) = world.channeladvisor.books.created_by_api()
    assert world.record(shop, order).order.channeladvisor_id == str(ours["ID"])


def test_no_buyer_is_read_for_a_look_up() -> None:
    world = World()
    shop, link = observed(world)
    link.die()
    world.order(shop)
    world.cycle(6)
    before = world.tiktok.books.count("/order/202507/orders")
    world.run("push_channeladvisor", shop)
    assert world.tiktok.books.count("/order/202507/orders") == before


def test_a_shop_without_an_oms_learns_of_the_trace_in_channeladvisor() -> None:
    world = World()
    shop, _ = observed(world, oms={"adapter": "none"})
    order = brought(world, shop, TWO_TEES)
    world.channeladvisor.set_seller_order_id(int(world.record(shop, order).order.channeladvisor_id), "SO-1")
    world.cycle(2)
    assert world.record(shop, order).order.oms_number == "SO-1"
    assert world.tiktok.books.references_of(order)["ORDER_MANAGEMENT_SYSTEM"] == "SO-1"
    assert not adjusted(world)
    assert told_to_tiktok(world, order) == []
