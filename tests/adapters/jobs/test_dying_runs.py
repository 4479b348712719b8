"""A function that dies at any place of its run: the next cycles repair what it left (promise 2)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from order_sync.domain.ids import OrderId
from tests.adapters.jobs.checks import check_handed_over_once, check_nothing_left, check_nothing_twice
from tests.adapters.jobs.interruptions import Interruption, watched_world
from tests.world import TWO_TEES, Connected, Killed, World

MOST_PLACES = 400
THE_WATCHER = ("watch_deadlines",)
"""It tells no partner anything, makes many small reads, and has such tests of its own."""


def die() -> None:
    raise Killed


def die_at_every_place(
    act: Callable[[World, Connected, OrderId], None], check: Callable[[World, Connected, OrderId], None]
) -> int:
    """Play the same hours again and again, each time with a death one place later; how many places there were."""
    for place in range(1, MOST_PLACES):
        world, table = watched_world()
        shop = world.connect()
        order = world.order(shop, TWO_TEES)
        world.run("poll_tiktok", shop)
        interruption = Interruption(world, table, place, die)
        act(world, shop, order)
        if not interruption.happened:
            return place - 1
        world.cycle(3)
        assert world.counted("runs_killed") == 1
        check(world, shop, order)
    raise AssertionError(f"more than {MOST_PLACES} places")


def test_a_death_at_any_place_of_a_hand_over_leaves_one_order_on_each_side() -> None:
    def hand_over(world: World, _shop: Connected, _order: OrderId) -> None:
        world.advance(timedelta(hours=1))
        world.cycle(2, skip=THE_WATCHER)

    places = die_at_every_place(hand_over, check_handed_over_once)
    assert places > 60


def test_a_death_at_any_place_of_a_cancellation_leaves_the_order_cancelled_on_each_side() -> None:
    def hand_over_and_cancel(world: World, shop: Connected, order: OrderId) -> None:
        world.advance(timedelta(hours=1))
        for job in ("push_channeladvisor", "push_oms"):
            world.run(job, shop)
        world.tiktok.cancel_by_seller(order)
        world.cycle(1, skip=THE_WATCHER)

    def check_canceled(world: World, shop: Connected, order: OrderId) -> None:
        for created in world.created(order):
            assert created["ShippingStatus"] == "Canceled"
            assert [each["Type"] for each in created["Adjustments"]] == ["Cancellation"]
        for taken in world.oms.books.orders():
            assert taken.state == "cancelled"
        check_nothing_twice(world)
        check_nothing_left(world, shop, order)

    assert die_at_every_place(hand_over_and_cancel, check_canceled) > 60


def test_an_order_that_was_created_and_not_marked_paid_is_marked_paid_by_the_next_look() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.cycle(4)

    def die_once_it_is_there() -> None:
        if world.created(order):
            world.on_answer = lambda: None
            raise Killed

    world.on_answer = die_once_it_is_there
    world.run("push_channeladvisor", shop)
    assert world.created(order)[0]["PaymentStatus"] == "NotYetSubmitted"
    world.cycle(4)
    check_handed_over_once(world, shop, order)
    assert world.events(shop, order).count("ADOPTED_IN_CHANNELADVISOR") == 1


@pytest.mark.parametrize("died", [True, False])
def test_an_order_that_channeladvisor_lists_late_is_not_created_again(*, died: bool) -> None:
    world = World()
    shop = world.connect()
    world.channeladvisor.index_delay = timedelta(minutes=9)
    order = world.order(shop)
    world.cycle(4)

    def stop_once_it_is_there() -> None:
        if world.created(order):
            world.on_answer = lambda: None
            if died:
                raise Killed

    world.on_answer = stop_once_it_is_there
    world.run("push_channeladvisor", shop)
    for _ in range(15):
        world.advance(timedelta(minutes=1))
        world.run("push_channeladvisor", shop)
    world.cycle(4)
    check_handed_over_once(world, shop, order)


@pytest.mark.parametrize("problem", ["RATE_LIMITED", "UNREACHABLE", "SERVER_ERROR", "LOST_BEFORE", "LOST_AFTER"])
def test_an_order_that_could_not_be_marked_paid_is_looked_for_only_when_the_list_may_show_it(problem: str) -> None:
    world = World()
    shop = world.connect()
    world.channeladvisor.index_delay = timedelta(minutes=9)
    order = world.order(shop)
    world.cycle(4)
    world.channeladvisor.faults.add(Fault(problem), "/v1/Orders(", method="PATCH")
    for _ in range(15):
        world.run("push_channeladvisor", shop)
        world.advance(timedelta(minutes=1))
    world.cycle(3)
    check_handed_over_once(world, shop, order)
