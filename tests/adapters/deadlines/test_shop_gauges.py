"""The figures that people watch: each is right, and each thing that stands still shows in one of them."""

import pytest

from local.tracking_numbers import ups
from tests.adapters.cancellations.cancel_scenes import an_open_request, request_of
from tests.adapters.deadlines.deadline_scenes import (
    HOUR,
    LONG_AGO,
    MINUTE,
    awaiting_orders,
    gauge,
    local,
    pass_time,
    stuck,
    watch,
)
from tests.world import TEE, Connected, World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


# ---- all of them


def test_every_figure_but_the_rates_is_published_by_every_run_also_when_it_is_zero(
    world: World, shop: Connected
) -> None:
    assert watch(world, shop).gauges == {
        "orders_due_in_24h": 0,
        "orders_overdue": 0,
        "orders_held_long": 0,
        "reconcile_differences": 0,
        "cancel_requests_waiting": 0,
        "cancel_requests_near_deadline": 0,
        "returns_open": 0,
        "returns_near_deadline": 0,
        "refunds_late": 0,
        "minutes_since_good_poll": 0,
        "oldest_entry_minutes": 0,
        "stuck_work": 0,
        "parcels_unscanned_24h": 0,
        "parcels_unscanned_48h": 0,
    }


def test_each_shop_has_its_own_figures(world: World, shop: Connected) -> None:
    other = world.connect("GB")
    awaiting_orders(world, shop, 3)
    pass_time(world, local("2026-06-05 00:30:00"))
    assert gauge(world, shop, "orders_overdue") == 3
    assert gauge(world, other, "orders_overdue") == 0


def test_a_healthy_week_alarms_nobody(world: World, shop: Connected) -> None:
    """All jobs run, the warehouse ships: nothing is stuck, old, overdue or near."""
    orders = [world.order(shop) for _ in range(12)]
    world.cycle(8)
    for number, order in enumerate(orders):
        world.oms.ship(order, "ups", "Ground", ups(number))
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
    world.run("settle_requests", shop)
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
    world.run("settle_requests", shop)
    assert watch(world, shop).gauges["stuck_work"] == 0
