"""The figures that people watch: each is right, and each thing that stands still shows in one of them."""

from collections.abc import Mapping

import pytest

from local.simulators.faults import Fault
from local.simulators.oms.simulator import OmsSimulator
from order_sync.domain.ids import OrderId
from order_sync.domain.outbox import Action, EntryState, Target
from order_sync.jobs.run import Report
from order_sync.ledger.table import Put
from tests.adapters.cancellations.cancel_scenes import an_open_request, ask_to_cancel, request_of
from tests.adapters.deadlines.deadline_scenes import (
    DAY,
    HOUR,
    MINUTE,
    awaiting_orders,
    local,
    pass_time,
    watch,
    with_fate,
)
from tests.adapters.jobs.scenes import CANCELLATIONS, SEARCH, an_order_everywhere, entry_states, in_channeladvisor
from tests.world import CYCLE, TEE, Connected, Killed, World

POLLS = ("poll_tiktok", "poll_channeladvisor", "poll_oms")
LONG_AGO = 3 * CYCLE
RATES = {"late_dispatch_rate", "seller_fault_cancellation_rate"}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


def gauge(world: World, shop: Connected, name: str) -> float:
    """A figure as the next run of the watcher publishes it."""
    return watch(world, shop).gauges[name]


def stuck(report: Report) -> tuple[float, list[str]]:
    """How much work is stuck, and the names of what is the matter."""
    return report.gauges["stuck_work"], [problem.split(":")[0] for problem in report.problems]


# ---- all of them


def test_every_figure_but_the_rates_is_published_by_every_run_also_when_it_is_zero(
    world: World, shop: Connected
) -> None:
    assert watch(world, shop).gauges == {
        "orders_due_in_24h": 0,
        "orders_overdue": 0,
        "orders_held_long": 0,
        "cancel_requests_waiting": 0,
        "cancel_requests_near_deadline": 0,
        "minutes_since_good_poll": 0,
        "oldest_entry_minutes": 0,
        "stuck_work": 0,
    }


def test_each_shop_has_its_own_figures(world: World, shop: Connected) -> None:
    other = world.connect("GB")
    awaiting_orders(world, shop, 3)
    pass_time(world, local("2026-06-05 00:30:00"))
    assert gauge(world, shop, "orders_overdue") == 3
    assert gauge(world, other, "orders_overdue") == 0


# ---- deadlines


def test_orders_are_due_soon_from_their_first_warning_and_overdue_once_they_are_missed(
    world: World, shop: Connected
) -> None:
    awaiting_orders(world, shop, 3)
    seen: list[tuple[float, float]] = []
    for at in ("2026-06-03 23:30:00", "2026-06-03 23:59:00", "2026-06-04 23:59:00", "2026-06-05 00:01:00"):
        pass_time(world, local(at))
        report = watch(world, shop)
        seen.append((report.gauges["orders_due_in_24h"], report.gauges["orders_overdue"]))
    assert seen == [(0, 0), (3, 0), (3, 0), (0, 3)]


def test_orders_are_overdue_until_they_are_dispatched_or_cancelled(world: World, shop: Connected) -> None:
    shipped, cancelled, left = awaiting_orders(world, shop, 3)
    pass_time(world, local("2026-06-05 00:30:00"))
    assert gauge(world, shop, "orders_overdue") == 3
    world.tiktok.dispatch_at(shipped, tracking_added=world.time - HOUR, collected=world.time - MINUTE)
    world.tiktok.cancel_by_seller(cancelled)
    world.run("poll_tiktok", shop)
    assert gauge(world, shop, "orders_overdue") == 1
    assert world.record(shop, left).order.tiktok_status == "AWAITING_SHIPMENT"


# ---- holds


def test_an_order_that_tiktok_holds_too_long_is_counted_until_it_is_released(world: World, shop: Connected) -> None:
    order = world.order(shop, TEE)
    simulated = world.tiktok._state.order(order)
    simulated.hold_ends_at = None
    world.tiktok._state.holds.clear()
    world.cycle(5)
    assert gauge(world, shop, "orders_held_long") == 0
    world.cycle(5)
    assert gauge(world, shop, "orders_held_long") == 1
    world.tiktok._state.holds.append((world.time, order))
    world.cycle(2)
    assert gauge(world, shop, "orders_held_long") == 0


def test_a_hold_that_nobody_looks_at_again_is_stuck_work(world: World, shop: Connected) -> None:
    order = world.order(shop, TEE)
    world.run("poll_tiktok", shop)
    slot = world.record(shop, order).order.release_due
    assert slot is not None
    pass_time(world, slot + LONG_AGO - MINUTE)
    assert stuck(watch(world, shop)) == (0, [])
    pass_time(world, slot + LONG_AGO)
    assert stuck(watch(world, shop)) == (1, ["holds_without_release"])
    world.run("release_due_orders", shop)
    assert stuck(watch(world, shop)) == (0, [])


# ---- requests


def test_requests_wait_for_an_answer_until_somebody_has_spoken(world: World, shop: Connected) -> None:
    _, first = an_open_request(world, shop)
    _, second = an_open_request(world, shop)
    assert gauge(world, shop, "cancel_requests_waiting") == 2
    world.answer(shop, first, "approve")
    assert gauge(world, shop, "cancel_requests_waiting") == 1
    world.oms.decide(second, "reject")
    world.run("poll_oms", shop)
    assert gauge(world, shop, "cancel_requests_waiting") == 0


def test_a_request_that_the_buyer_withdraws_waits_no_longer(world: World, shop: Connected) -> None:
    order, _ = an_open_request(world, shop)
    world.tiktok.withdraw_cancel_request(order)
    world.run("poll_tiktok", shop)
    assert gauge(world, shop, "cancel_requests_waiting") == 0


def test_a_request_is_near_its_deadline_in_the_last_two_hours_of_the_wait(world: World, shop: Connected) -> None:
    order, cancel = an_open_request(world, shop)
    until = request_of(world, shop, order, cancel).answer_until
    assert until is not None
    seen = []
    for before in (2 * HOUR + MINUTE, 2 * HOUR, MINUTE):
        pass_time(world, until - before)
        report = watch(world, shop)
        seen.append((report.gauges["cancel_requests_waiting"], report.gauges["cancel_requests_near_deadline"]))
    assert seen == [(1, 0), (1, 1), (1, 1)]
    world.answer(shop, cancel, "approve")
    report = watch(world, shop)
    assert (report.gauges["cancel_requests_waiting"], report.gauges["cancel_requests_near_deadline"]) == (0, 0)


def test_a_request_that_is_left_to_tiktok_waits_for_nobody(world: World) -> None:
    shop = world.connect(cancellations={"without_answer": "leave_to_tiktok"})
    order, cancel = an_open_request(world, shop)
    until = request_of(world, shop, order, cancel).answer_until
    assert until is not None
    pass_time(world, until)
    assert gauge(world, shop, "cancel_requests_waiting") == 1
    world.run("settle_cancellations", shop)
    report = watch(world, shop)
    assert (report.gauges["cancel_requests_waiting"], report.gauges["cancel_requests_near_deadline"]) == (0, 0)


def test_a_wait_that_nobody_settles_is_stuck_work(world: World, shop: Connected) -> None:
    order, cancel = an_open_request(world, shop)
    until = request_of(world, shop, order, cancel).answer_until
    assert until is not None
    pass_time(world, until + LONG_AGO - MINUTE)
    assert stuck(watch(world, shop)) == (0, [])
    pass_time(world, until + LONG_AGO)
    report = watch(world, shop)
    assert stuck(report) == (1, ["waits_without_end"])
    assert cancel in report.problems[0]
    world.run("settle_cancellations", shop)
    assert watch(world, shop).gauges["stuck_work"] == 0


# ---- polls


def poll_all(world: World, shop: Connected, *skip: str) -> None:
    for job in POLLS:
        if job not in skip:
            world.run(job, shop)


def test_a_new_shop_s_polls_count_from_its_first_look(world: World, shop: Connected) -> None:
    pass_time(world, world.time + DAY)
    assert gauge(world, shop, "minutes_since_good_poll") == 0
    pass_time(world, world.time + HOUR)
    assert gauge(world, shop, "minutes_since_good_poll") == pytest.approx(60, abs=0.1)


@pytest.mark.parametrize("silent", POLLS)
def test_the_poll_that_has_been_without_success_for_the_longest_counts(
    world: World, shop: Connected, silent: str
) -> None:
    poll_all(world, shop)
    for _ in range(4):
        pass_time(world, world.time + CYCLE)
        poll_all(world, shop, silent)
    assert gauge(world, shop, "minutes_since_good_poll") == pytest.approx(60, abs=1)
    world.run(silent, shop)
    assert gauge(world, shop, "minutes_since_good_poll") < 1


FAULTS = {
    "TikTok's orders": ("tiktok", SEARCH),
    "TikTok's cancellations": ("tiktok", CANCELLATIONS),
    "ChannelAdvisor": ("channeladvisor", "/v1/Orders"),
    "the OMS's shipments": ("oms", "/shipments"),
    "the OMS's decisions": ("oms", "/cancel-request-decisions"),
    "the OMS's cancellations": ("oms", "/seller-cancellations"),
}


@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.SERVER_ERROR, Fault.TRUNCATED_JSON])
@pytest.mark.parametrize("feed", FAULTS)
def test_a_poll_that_fails_is_no_good_poll(world: World, shop: Connected, feed: str, fault: Fault) -> None:
    partner, path = FAULTS[feed]
    poll_all(world, shop)
    faults = getattr(world, partner).faults
    faults.add(fault, path, times=None)
    for _ in range(4):
        pass_time(world, world.time + CYCLE)
        poll_all(world, shop)
    assert world.counted("runs_postponed") == 4
    assert gauge(world, shop, "minutes_since_good_poll") > 59
    faults.clear()
    poll_all(world, shop)
    assert gauge(world, shop, "minutes_since_good_poll") < 1


def test_an_expired_token_is_no_good_poll(world: World, shop: Connected) -> None:
    poll_all(world, shop)
    world.tiktok.expire_token(shop.simulated)
    pass_time(world, world.time + HOUR)
    poll_all(world, shop)
    assert gauge(world, shop, "minutes_since_good_poll") > 59


@pytest.mark.parametrize("poll", POLLS)
def test_a_poll_that_is_cut_short_is_no_good_poll(poll: str) -> None:
    world = World(channeladvisor_page=3)
    world.oms = OmsSimulator(world.clock, token="oms-token", largest_page=3)
    shop = world.connect()
    orders = [world.order(shop, hold=False) for _ in range(8)]
    world.cycle(6, skip=("poll_channeladvisor", "poll_oms"))
    poll_all(world, shop)
    pass_time(world, world.time + HOUR)
    for number, order in enumerate(orders):
        match poll:
            case "poll_oms":
                world.oms.ship(order, "USPS Ground", "Ground", f"94001{number:017d}")
            case "poll_channeladvisor":
                world.channeladvisor.ship_by_hand(in_channeladvisor(world, order), "USPS", "Ground", f"9{order}")
            case "poll_tiktok":
                world.tiktok.touch(order)
    pass_time(world, world.time + CYCLE)
    world.has_time = lambda: False
    assert world.run(poll, shop).counts["polls_cut_short"] >= 1
    world.has_time = lambda: True
    poll_all(world, shop, poll)
    assert gauge(world, shop, "minutes_since_good_poll") > 59
    world.run(poll, shop)
    assert gauge(world, shop, "minutes_since_good_poll") < 1


@pytest.mark.parametrize("poll", POLLS)
def test_a_poll_that_dies_is_no_good_poll(world: World, shop: Connected, poll: str) -> None:
    world.order(shop)
    poll_all(world, shop)
    pass_time(world, world.time + HOUR)

    def die() -> None:
        raise Killed

    world.on_answer = die
    world.run(poll, shop)
    world.on_answer = lambda: None
    poll_all(world, shop, poll)
    assert gauge(world, shop, "minutes_since_good_poll") > 59


def test_a_shop_without_an_oms_of_its_own_needs_no_poll_of_one(world: World) -> None:
    shop = world.connect(oms={"adapter": "none"})
    for _ in range(5):
        poll_all(world, shop, "poll_oms")
        pass_time(world, world.time + CYCLE)
    assert gauge(world, shop, "minutes_since_good_poll") < 16


def test_an_oms_that_a_shop_has_had_is_asked_for_no_more(world: World, shop: Connected) -> None:
    poll_all(world, shop)
    world.reconnect(shop, oms={"adapter": "none"})
    pass_time(world, world.time + DAY)
    poll_all(world, shop, "poll_oms")
    assert gauge(world, shop, "minutes_since_good_poll") < 1


# ---- the outbox


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
    world.oms.ship(order, "USPS Ground", "Ground", "9400100000000000000001")
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


# ---- rates


def dispatched(world: World, shop: Connected, fates: Mapping[str, int]) -> None:
    """Orders of Wednesday the 3rd, due on Monday the 8th; it is Friday the 12th."""
    pass_time(world, local("2026-06-12 12:00:00"))
    with_fate(world, shop, fates, placed=local("2026-06-03 09:00:00"), due=local("2026-06-08 23:59:59"))
    world.run("poll_tiktok", shop)


@pytest.mark.parametrize(("late", "orders"), [(2, 50), (1, 25), (4, 100)])
def test_exactly_four_percent_is_exactly_four(world: World, shop: Connected, late: int, orders: int) -> None:
    dispatched(world, shop, {"late": late, "on time": orders - late})
    assert gauge(world, shop, "late_dispatch_rate") == 4.0


@pytest.mark.parametrize(("number", "published"), [(9, False), (10, True)])
def test_rates_are_published_from_ten_orders_on(world: World, shop: Connected, number: int, *, published: bool) -> None:
    dispatched(world, shop, {"late": number})
    gauges = watch(world, shop).gauges
    assert (gauges.keys() >= RATES) == published
    assert gauges.get("late_dispatch_rate", 100.0) == 100.0
    assert gauges.get("seller_fault_cancellation_rate", 0.0) == 0.0


def test_each_rate_has_its_own_orders(world: World, shop: Connected) -> None:
    """Cancelled in time: nothing for the Late Dispatch Rate, but one of those that came to await shipment."""
    dispatched(world, shop, {"on time": 8, "late": 1, "cancelled by the seller in time": 1})
    gauges = watch(world, shop).gauges
    assert "late_dispatch_rate" not in gauges
    assert gauges["seller_fault_cancellation_rate"] == 10.0


def test_what_was_cancelled_late_counts_in_both_rates(world: World, shop: Connected) -> None:
    dispatched(world, shop, {"on time": 18, "cancelled by the seller late": 2})
    gauges = watch(world, shop).gauges
    assert gauges["late_dispatch_rate"] == 10.0
    assert gauges["seller_fault_cancellation_rate"] == 10.0


def test_rates_are_those_of_the_window_and_end_with_it(world: World, shop: Connected) -> None:
    dispatched(world, shop, {"late": 10})
    seen = []
    for day in ("2026-06-12", "2026-06-15", "2026-06-16"):
        pass_time(world, local(f"{day} 12:00:00"))
        seen.append("late_dispatch_rate" in watch(world, shop).gauges)
    assert seen == [True, True, False]


def test_a_window_of_the_shop_s_own_counts(world: World) -> None:
    shop = world.connect(deadlines={"rate_window_days": 30})
    dispatched(world, shop, {"late": 10})
    pass_time(world, local("2026-07-08 12:00:00"))
    assert gauge(world, shop, "late_dispatch_rate") == 100.0
    pass_time(world, local("2026-07-09 12:00:00"))
    assert "late_dispatch_rate" not in watch(world, shop).gauges


def test_a_healthy_week_alarms_nobody(world: World, shop: Connected) -> None:
    """All jobs run, the warehouse ships: nothing is stuck, old, overdue or near."""
    orders = [world.order(shop) for _ in range(12)]
    world.cycle(8)
    for number, order in enumerate(orders):
        world.oms.ship(order, "USPS Ground", "Ground", f"94001{number:017d}")
    world.cycle(2)
    for order in orders:
        world.tiktok.collect(order)
    while world.time < local("2026-06-05 12:00:00"):
        world.cycle(1)
        pass_time(world, world.time + 6 * HOUR)
    world.cycle(1)
    gauges = watch(world, shop).gauges
    assert gauges.pop("minutes_since_good_poll") < 16
    assert gauges.pop("late_dispatch_rate") == 0
    assert gauges.pop("seller_fault_cancellation_rate") == 0
    assert set(gauges.values()) == {0}
    assert world.summaries == []
    assert world.problems() == []
