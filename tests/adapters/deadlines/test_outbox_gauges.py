"""How old the oldest work is, and what nobody takes up again."""

import pytest

from local.simulators.faults import Fault
from local.tracking_numbers import usps
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.ledger.table import Put
from tests.adapters.cancellations.cancel_scenes import an_open_request, ask_to_cancel
from tests.adapters.deadlines.deadline_scenes import (
    DAY,
    HOUR,
    LONG_AGO,
    MINUTE,
    gauge,
    pass_time,
    stuck,
    watch,
)
from tests.adapters.jobs.scenes import an_order_everywhere, entry_states
from tests.world import Connected, Killed, World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


def oldest(world: World, shop: Connected) -> float:
    return gauge(world, shop, "oldest_entry_minutes")


def until_released_without_pushes(world: World, shop: Connected) -> OrderId:
    order = world.order(shop)
    world.cycle(5, skip=("push_channeladvisor", "push_oms", "push_tiktok"))
    return order


def test_what_waits_for_its_turn_grows_old(world: World, shop: Connected) -> None:
    until_released_without_pushes(world, shop)
    before = oldest(world, shop)
    pass_time(world, world.time + 2 * HOUR)
    assert oldest(world, shop) == pytest.approx(before + 120, abs=1)
    world.cycle(5)
    assert oldest(world, shop) < 30


def test_what_is_held_back_on_purpose_does_not_grow_old_before_its_time(world: World, shop: Connected) -> None:
    """The OMS waits for ChannelAdvisor's number, and no longer than that."""
    order = world.order(shop)
    world.run("poll_tiktok", shop)
    world.advance(HOUR + MINUTE)
    world.channeladvisor.faults.add(Fault.UNREACHABLE, times=None)
    (held,) = world.ledger.oldest_entries(Target.OMS, Action.CREATE_ORDER, shop.id)
    assert held.order == order
    assert held.due_at is not None
    assert held.due_at > world.time + 10 * MINUTE
    # Only ChannelAdvisor's entry, which nothing holds back, is old: it is as old as the release.
    pass_time(world, world.time + 10 * MINUTE)
    assert oldest(world, shop) < 12
    pass_time(world, held.due_at + HOUR)
    assert oldest(world, shop) > 60


def test_the_time_for_which_something_was_held_back_is_not_its_age(world: World, shop: Connected) -> None:
    world.order(shop)
    world.run("poll_tiktok", shop)
    world.advance(HOUR + MINUTE)
    (held,) = world.ledger.oldest_entries(Target.OMS, Action.CREATE_ORDER, shop.id)
    for job in ("push_channeladvisor", "push_channeladvisor"):
        world.run(job, shop)
    assert held.due_at is not None
    pass_time(world, held.due_at + 5 * MINUTE)
    (waiting,) = world.ledger.oldest_entries(Target.OMS, Action.CREATE_ORDER, shop.id)
    assert waiting.due_at is not None
    kinds = {(entry.target, entry.action) for entry in world.record(shop, held.order).outbox if not entry.has_ended}
    assert (Target.CHANNELADVISOR, Action.CREATE_ORDER) not in kinds
    assert oldest(world, shop) == pytest.approx((world.time - waiting.due_at) / MINUTE, abs=0.1)


def test_what_fails_again_and_again_grows_old_although_it_is_put_off_each_time(world: World, shop: Connected) -> None:
    world.order(shop)
    world.cycle(4)
    world.channeladvisor.faults.add(Fault.UNREACHABLE, times=None)
    released = world.time
    world.cycle(16)
    passed = (world.time - released) / MINUTE
    assert oldest(world, shop) > passed - 30
    world.channeladvisor.faults.clear()
    world.cycle(6)
    assert oldest(world, shop) < 30


def test_a_failed_entry_that_waits_for_a_person_has_an_alarm_of_its_own(world: World, shop: Connected) -> None:
    """Otherwise one order that nobody can mend would hide every later backlog."""
    order = an_order_everywhere(world, shop)
    world.tiktok.refuse_next(f"/orders/{order}/packages", 21011022, times=1)
    world.oms.ship(order, "USPS Ground", "Ground", usps(1))
    world.cycle(4)
    assert EntryState.FAILED in entry_states(world, shop, order).values()
    pass_time(world, world.time + DAY)
    assert oldest(world, shop) == 0


def test_a_claim_that_nobody_takes_up_again_is_stuck_work(world: World, shop: Connected) -> None:
    order = until_released_without_pushes(world, shop)

    def die() -> None:
        if any(entry.state is EntryState.SENDING for entry in world.record(shop, order).outbox):
            world.on_answer = lambda: None
            raise Killed

    world.on_answer = die
    world.run("push_channeladvisor", shop)
    claimed = [entry for entry in world.record(shop, order).outbox if entry.state is EntryState.SENDING]
    assert len(claimed) == 1
    until = claimed[0].claimed_until
    assert until is not None
    pass_time(world, until + LONG_AGO - MINUTE)
    assert stuck(watch(world, shop)) == (0, [])
    pass_time(world, until + LONG_AGO)
    report = watch(world, shop)
    assert stuck(report) == (1, ["claims_abandoned"])
    assert order in report.problems[0]
    world.cycle(2)
    assert watch(world, shop).gauges["stuck_work"] == 0


def test_everything_that_is_stuck_adds_up(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    ask_to_cancel(world, shop, order)
    world.order(shop)
    world.run("poll_tiktok", shop)
    pass_time(world, world.time + 2 * DAY)
    assert watch(world, shop).gauges["stuck_work"] == 2


@pytest.mark.parametrize(
    ("prefix", "attribute"), [("OUTBOX#", "queued_at"), ("OUTBOX#", "state"), ("CANCEL#", "requested_at")]
)
def test_a_damaged_item_spoils_no_figure_of_the_others(
    world: World, shop: Connected, prefix: str, attribute: str
) -> None:
    orders = [an_open_request(world, shop)[0] for _ in range(2)]
    world.order(shop)
    world.cycle(5, skip=("push_channeladvisor",))
    for key in [key for key in world.table.items if orders[0] in key.pk and key.sk.startswith(prefix)]:
        world.table.put(Put(item=world.table.items[key] | {attribute: "spilt coffee"}))
    gauges = watch(world, shop).gauges
    assert gauges["cancel_requests_waiting"] == (1 if prefix == "CANCEL#" else 2)
    assert gauges["oldest_entry_minutes"] > 0
