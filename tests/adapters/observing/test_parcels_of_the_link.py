"""Parcels in observe mode: the link carries them; what it does not carry is alarmed, and by setting told by us."""

from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.tracking_numbers import royal_mail, usps
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.jobs.link_gauges import PARCELS_MISSING
from tests.adapters.jobs.scenes import parcels_in_channeladvisor, ship_from_oms
from tests.adapters.observing.link_scenes import (
    adjusted,
    brought,
    carried_to_tiktok,
    change_mode,
    entry,
    last_gauges,
    nothing_created,
    observed,
    told_to_tiktok,
)
from tests.world import CYCLE, MUG, TEE, TWO_TEES, Connected, World


def enter(world: World, shop: Connected, order: OrderId, number: str, items: dict[str, int] | None = None) -> None:
    """A person enters a parcel in ChannelAdvisor."""
    there = int(world.record(shop, order).order.channeladvisor_id)
    carrier, name = ("USPS", "Ground") if shop.simulated.region.code == "US" else ("Royal Mail", "24")
    world.channeladvisor.ship_by_hand(there, carrier, name, number, items=items)


@pytest.mark.parametrize("region", ["US", "GB"])
def test_a_parcel_that_is_entered_in_channeladvisor_is_carried_by_the_link_and_confirmed_by_tiktok(region: str) -> None:
    world = World()
    shop, _ = observed(world, region)
    order, number = brought(world, shop), usps(1) if region == "US" else royal_mail(1)
    enter(world, shop, order, number)
    world.cycle(5)
    assert (told_to_tiktok(world, order), carried_to_tiktok(world, order)) == ([], [number])
    (parcel,) = world.record(shop, order).parcels
    assert parcel.at_tiktok_since is not None
    assert entry(world, shop, order, Target.TIKTOK_SHOP, Action.SHIP).state is EntryState.DONE
    assert "PARCEL_AT_TIKTOK" in world.events(shop, order)
    assert last_gauges(world)["parcels_missing_at_tiktok"] == 0


def test_a_parcel_of_the_oms_goes_to_channeladvisor_with_leave_to_relay_and_once_to_tiktok() -> None:
    world = World()
    shop, _ = observed(world)
    order = brought(world, shop)
    ship_from_oms(world, order, usps(1))
    world.cycle(5)
    assert [number for _, number, _ in parcels_in_channeladvisor(world, order)] == [usps(1)]
    assert (told_to_tiktok(world, order), carried_to_tiktok(world, order)) == ([], [usps(1)])
    assert entry(world, shop, order, Target.TIKTOK_SHOP, Action.SHIP).state is EntryState.DONE


def test_units_that_the_link_chose_otherwise_are_the_same_parcels() -> None:
    """ChannelAdvisor counts units, and the link tells the last of them first: crosswise to what the OMS named."""
    world = World()
    shop, _ = observed(world)
    order = brought(world, shop, TWO_TEES, MUG)
    first, second, mug = world.tiktok.line_ids(order)
    ship_from_oms(world, order, usps(1), lines=[first])
    world.cycle(1)
    ship_from_oms(world, order, usps(2), lines=[second, mug])
    world.cycle(6)
    assert sorted(carried_to_tiktok(world, order)) == [usps(1), usps(2)]
    assert told_to_tiktok(world, order) == []
    at_tiktok = {each.tracking_number: set(each.line_ids) for each in world.tiktok.books.shipments_of(order)}
    assert {parcel.tracking_number: set(parcel.line_ids) for parcel in world.record(shop, order).parcels} == at_tiktok
    assert {e.state for e in world.record(shop, order).outbox if e.action is Action.SHIP} == {EntryState.DONE}


def test_a_parcel_that_the_link_does_not_carry_is_alarmed_after_the_grace_time_and_not_told() -> None:
    world = World()
    shop, link = observed(world)
    order = brought(world, shop)
    link.die()
    enter(world, shop, order, usps(1))
    world.cycle(8)
    assert last_gauges(world)["parcels_missing_at_tiktok"] == 0
    world.cycle(4)
    assert last_gauges(world)["parcels_missing_at_tiktok"] == 1
    assert order in world.shops.notice(shop.id, PARCELS_MISSING)
    world.cycle(8)
    assert world.tiktok.books.shipments_of(order) == []
    assert world.events(shop, order).count("NOT_CARRIED_BY_NATIVE_LINK") == 1
    link.revive()
    world.cycle(8)
    assert carried_to_tiktok(world, order) == [usps(1)]
    assert last_gauges(world)["parcels_missing_at_tiktok"] == 0
    assert world.shops.notice(shop.id, PARCELS_MISSING) == ""


def test_by_setting_a_late_parcel_is_told_by_us_and_the_link_that_comes_later_tells_nothing_twice() -> None:
    world = World()
    shop, link = observed(world, push_late_parcels=True)
    order = brought(world, shop)
    link.die()
    enter(world, shop, order, usps(1))
    world.cycle(8)
    assert world.tiktok.books.shipments_of(order) == []
    world.cycle(4)
    assert told_to_tiktok(world, order) == [usps(1)]
    link.revive()
    world.cycle(4)
    assert carried_to_tiktok(world, order) == []
    assert last_gauges(world)["parcels_missing_at_tiktok"] == 0


def test_a_late_parcel_that_is_told_by_us_passes_the_same_checks() -> None:
    world = World()
    shop, link = observed(world, push_late_parcels=True)
    order = brought(world, shop)
    link.die()
    enter(world, shop, order, usps(1)[:-1] + str((int(usps(1)[-1]) + 1) % 10))
    world.cycle(12)
    assert world.tiktok.books.shipments_of(order) == []
    assert entry(world, shop, order, Target.TIKTOK_SHOP, Action.SHIP).state is EntryState.FAILED


def test_a_link_that_is_late_is_waited_for_and_its_parcel_is_not_told_again() -> None:
    world = World()
    shop, link = observed(world, push_late_parcels=True)
    order = brought(world, shop)
    link.lag = timedelta(minutes=90)
    enter(world, shop, order, usps(1))
    world.cycle(16)
    assert (told_to_tiktok(world, order), carried_to_tiktok(world, order)) == ([], [usps(1)])


def test_what_tiktok_shows_is_believed_when_the_link_was_late_by_a_hair() -> None:
    """TikTok has it by the link since our last poll: the read before telling shows it."""
    world = World()
    shop, link = observed(world, push_late_parcels=True)
    order = brought(world, shop)
    link.die()
    enter(world, shop, order, usps(1))
    world.cycle(8)
    world.cycle(4, skip=("poll_tiktok", "push_tiktok"))
    link.revive()
    link.lag = timedelta(0)
    link.work(world.time)
    world.run("push_tiktok", shop)
    assert (told_to_tiktok(world, order), carried_to_tiktok(world, order)) == ([], [usps(1)])


def test_a_dispatch_deadline_that_is_near_shortens_the_wait() -> None:
    world = World()
    shop, link = observed(world, push_late_parcels=True, parcel_grace_minutes=24 * 60)
    order = brought(world, shop)
    link.die()
    due = world.record(shop, order).dispatch_by
    assert due is not None
    world.advance(due - timedelta(hours=4) - world.time)
    enter(world, shop, order, usps(1))
    world.cycle(15)
    (told,) = world.tiktok.books.shipments_of(order)
    assert due - timedelta(minutes=75) < told.at < due


def test_a_parcel_of_seller_center_is_not_entered_twice_in_channeladvisor() -> None:
    """The link was quicker than our look at ChannelAdvisor, so that TikTok shows us the parcel first."""
    world = World()
    shop, link = observed(world, lag=timedelta(0))
    order = brought(world, shop, TEE, MUG)
    enter(world, shop, order, usps(1), {"TEE-BLU-M": 1})
    link.work(world.time)
    world.cycle(4)
    assert carried_to_tiktok(world, order) == [usps(1)]
    assert [number for _, number, _ in parcels_in_channeladvisor(world, order)] == [usps(1)]
    assert {e.state for e in world.record(shop, order).outbox if e.action is Action.SHIP} == {EntryState.DONE}
    assert world.counted("entries_failed") == 0


def test_a_corrected_number_is_left_to_the_link_and_alarmed_when_it_does_not_come() -> None:
    world = World()
    shop, _ = observed(world)
    order = brought(world, shop)
    enter(world, shop, order, usps(1))
    world.cycle(5)
    there = int(world.record(shop, order).order.channeladvisor_id)
    (fulfillment,) = world.channeladvisor.books.shipped_fulfillments(there)
    world.channeladvisor.change_fulfillment_by_hand(int(fulfillment["ID"]), tracking_number=usps(2))
    world.cycle(6)
    assert world.tiktok.books.tracking_updates_of(order) == []
    world.cycle(6)
    assert last_gauges(world)["parcels_missing_at_tiktok"] == 1
    change_mode(world, shop, push_late_parcels=True)
    world.cycle(6)
    assert [each.tracking_number for each in world.tiktok.books.tracking_updates_of(order)] == [usps(2)]
    assert last_gauges(world)["parcels_missing_at_tiktok"] == 0


def test_a_parcel_that_we_may_have_told_in_create_mode_is_seen_through_by_us() -> None:
    world = World()
    shop, link = observed(world)
    order = brought(world, shop)
    link.die()
    change_mode(world, shop, mode="create")
    enter(world, shop, order, usps(1))
    world.tiktok.faults.add(Fault.LOST_AFTER, "/packages", method="POST", times=None)
    world.cycle(2)
    change_mode(world, shop, mode="observe")
    world.tiktok.faults.clear()
    world.cycle(4)
    assert told_to_tiktok(world, order) == [usps(1)]
    assert entry(world, shop, order, Target.TIKTOK_SHOP, Action.SHIP).state is EntryState.DONE


def test_an_outage_of_channeladvisor_creates_and_adjusts_nothing() -> None:
    world = World()
    shop, _ = observed(world)
    order = brought(world, shop)
    ship_from_oms(world, order, usps(1))
    world.channeladvisor.faults.add(Fault.UNREACHABLE, times=None)
    world.cycle(3)
    world.channeladvisor.faults.clear()
    world.advance(CYCLE)
    world.cycle(8)
    assert nothing_created(world)
    assert adjusted(world) == []
    assert carried_to_tiktok(world, order) == [usps(1)]
