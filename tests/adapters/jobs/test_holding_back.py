"""Nothing leaves before the buyer's cool-down is over (promise 3)."""

from datetime import timedelta

import pytest

from local.simulators.tiktok_shop.orders import Status
from order_sync.domain.ids import OrderId
from order_sync.domain.statuses import OrderState
from tests.adapters.jobs.checks import check_handed_over_once, given_to_oms
from tests.world import START, TEE, World

HOUR = timedelta(hours=1)


def nobody_has(world: World, order: OrderId) -> bool:
    return world.created(order) == [] and order not in given_to_oms(world)


def first_request(world: World, order: OrderId) -> timedelta:
    """How long after the start ChannelAdvisor was given an order."""
    created: timedelta = world.created(order)[0]["ImportDateUtc"] - START
    return created


def test_an_order_on_hold_is_known_at_once_and_given_to_nobody() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.cycle(3)
    assert world.tiktok.status(order) is Status.ON_HOLD
    assert nobody_has(world, order)
    assert world.events(shop, order) == ["SEEN", "HELD"]
    world.cycle(2)
    assert not nobody_has(world, order)
    assert first_request(world, order) >= HOUR


def test_a_category_without_a_hold_is_held_by_us_for_an_hour_from_payment() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop, TEE, hold=False)
    world.cycle(1)
    assert world.tiktok.status(order) is Status.AWAITING_SHIPMENT
    assert world.record(shop, order).order.state is OrderState.PENDING
    world.cycle(3)
    assert nobody_has(world, order)
    world.cycle(1)
    assert first_request(world, order) >= HOUR
    assert order in given_to_oms(world)


def test_an_unpaid_order_waits_for_its_payment_and_then_for_its_hold() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop, TEE, paid=False)
    world.cycle(9)
    assert nobody_has(world, order)
    world.tiktok.pay(order)
    paid_at = world.time - START
    world.cycle(4)
    assert nobody_has(world, order)
    world.cycle(3)
    check_handed_over_once(world, shop, order)
    assert first_request(world, order) >= paid_at + HOUR


def test_a_pre_order_waits_for_its_release_date_in_one_timer() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop, TEE, release_date=START + timedelta(days=6))
    world.cycle(1)
    assert list(world.timers.waiting) == [(START + timedelta(days=6), "release_due_orders", shop.id)]
    world.advance(timedelta(days=5, hours=23))
    world.cycle(3)
    assert nobody_has(world, order)
    assert world.timers.started == 1
    world.cycle(4)
    check_handed_over_once(world, shop, order)
    assert first_request(world, order) >= timedelta(days=6)
    assert world.timers.started == 1


def test_orders_of_one_slot_share_one_timer() -> None:
    world = World()
    shop = world.connect()
    orders = [world.order(shop) for _ in range(20)]
    world.cycle(1)
    assert world.timers.started == 1
    world.cycle(5)
    for order in orders:
        check_handed_over_once(world, shop, order)


@pytest.mark.parametrize("canceled_by", ["buyer", "seller", "platform"])
def test_an_order_that_is_cancelled_during_the_hold_never_leaves(canceled_by: str) -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.cycle(2)
    cancel = {
        "buyer": world.tiktok.cancel_as_buyer,
        "seller": world.tiktok.cancel_by_seller,
        "platform": world.tiktok.cancel_by_platform,
    }[canceled_by]
    cancel(order)
    world.cycle(8)
    assert nobody_has(world, order)
    assert world.record(shop, order).order.state is OrderState.CANCELED
    assert world.record(shop, order).outbox == ()
    assert world.problems() == []


def test_an_order_that_is_cancelled_in_the_last_second_of_the_hold_never_leaves() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.run("poll_tiktok", shop)
    world.advance(HOUR - timedelta(seconds=2))
    world.tiktok.cancel_as_buyer(order)
    world.cycle(3)
    assert nobody_has(world, order)


def test_a_shop_with_extra_hold_waits_longer_than_tiktok() -> None:
    world = World()
    shop = world.connect(extra_hold_minutes=45)
    order = world.order(shop)
    world.cycle(7)
    assert nobody_has(world, order)
    world.cycle(2)
    check_handed_over_once(world, shop, order)
    assert first_request(world, order) >= timedelta(hours=1, minutes=45)


def test_the_sweep_releases_what_no_timer_woke() -> None:
    world = World()
    shop = world.connect()
    world.timers.broken = True
    order = world.order(shop, TEE, hold=False)
    world.cycle(7)
    assert world.timers.started == 0
    assert world.counted("timers_not_started") > 0
    check_handed_over_once(world, shop, order)


def test_a_timer_releases_while_no_poll_runs() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.run("poll_tiktok", shop)
    world.advance(HOUR + timedelta(minutes=1))
    assert world.record(shop, order).order.state is OrderState.RELEASED_FOR_SHIPMENT


def test_a_hold_that_is_an_hour_longer_than_expected_is_counted_once() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.tiktok._state.order(order).hold_ends_at = None
    world.tiktok._state.holds.clear()
    world.cycle(7)
    assert world.counted("event_held_longer_than_expected") == 0
    world.cycle(13)
    assert world.counted("event_held_longer_than_expected") == 1
    assert world.events(shop, order).count("HELD_LONGER_THAN_EXPECTED") == 1
    assert nobody_has(world, order)


def test_two_timers_and_a_sweep_release_an_order_once() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.run("poll_tiktok", shop)
    world.timers.waiting.clear()
    world.advance(HOUR)
    for job in ("release_due_orders", "poll_tiktok", "release_due_orders"):
        world.run(job, shop)
    assert world.events(shop, order).count("RELEASED") == 1
    world.cycle(2)
    check_handed_over_once(world, shop, order)


def test_an_order_that_tiktok_no_longer_shows_is_named_and_stops_no_other() -> None:
    world = World()
    shop = world.connect()
    gone, kept = world.order(shop), world.order(shop)
    world.run("poll_tiktok", shop)
    del world.tiktok._state.orders[gone]
    world.tiktok._state.holds = [hold for hold in world.tiktok._state.holds if hold[1] != gone]
    world.cycle(6)
    check_handed_over_once(world, shop, kept)
    assert any(gone in problem and "held_orders_not_read" in problem for problem in world.problems())


@pytest.mark.parametrize("started_before", [timedelta(0), timedelta(days=3)])
def test_an_order_from_before_go_live_is_watched_and_never_pushed(started_before: timedelta) -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop, TEE, created_at=START - started_before - timedelta(seconds=1))
    world.cycle(6)
    assert nobody_has(world, order)
    assert world.record(shop, order).order.handling == "WATCHED"


def test_the_timers_of_two_shops_wake_their_own_shop_only() -> None:
    world = World()
    us, uk = world.connect("US"), world.connect("GB")
    world.order(us)
    world.order(uk)
    world.cycle(1)
    assert {shop for _, _, shop in world.timers.waiting} == {us.id, uk.id}
