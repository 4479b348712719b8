"""Two runs of one job and shop at once do no harm: the second comes in at every place of the first."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from local.tracking_numbers import usps
from order_sync.domain.ids import OrderId
from tests.adapters.jobs.checks import check_handed_over_once, check_nothing_left, check_nothing_twice
from tests.adapters.jobs.interruptions import Interruption, watched_world
from tests.world import TWO_TEES, Connected, World

MOST_PLACES = 100
SECOND_CLAIM = timedelta(minutes=15)

type Scene = Callable[[World, Connected, OrderId], None]


def overlap_at_every_place(job: str, prepare: Scene, check: Scene) -> int:
    """Play the same run again and again, each time with a second one a place later; how many places there were."""
    for place in range(1, MOST_PLACES):
        world, table = watched_world()
        shop = world.connect()
        order = world.order(shop, TWO_TEES)
        world.run("poll_tiktok", shop)
        prepare(world, shop, order)
        second_run = Interruption(world, table, place, lambda w=world, s=shop: w.run(job, s))  # type: ignore[misc]
        world.run(job, shop)
        if not second_run.happened:
            return place - 1
        world.cycle(3)
        check(world, shop, order)
    raise AssertionError(f"more than {MOST_PLACES} places")


def nothing(_world: World, _shop: Connected, _order: OrderId) -> None:
    """Goes on right after the first poll."""


def hold_ends(world: World, _shop: Connected, _order: OrderId) -> None:
    world.timers.waiting.clear()
    world.advance(timedelta(hours=1))


def released(world: World, _shop: Connected, _order: OrderId) -> None:
    world.advance(timedelta(hours=1))


def in_channeladvisor(world: World, shop: Connected, order: OrderId) -> None:
    released(world, shop, order)
    world.run("push_channeladvisor", shop)


def in_both(world: World, shop: Connected, order: OrderId) -> None:
    in_channeladvisor(world, shop, order)
    world.run("push_oms", shop)


def canceled(world: World, shop: Connected, order: OrderId) -> None:
    in_both(world, shop, order)
    world.tiktok.cancel_by_seller(order)
    world.run("poll_tiktok", shop)


def shipped(world: World, shop: Connected, order: OrderId) -> None:
    in_both(world, shop, order)
    world.oms.ship(order, "USPS Ground", "Ground", usps(1))


def shipping_known(world: World, shop: Connected, order: OrderId) -> None:
    shipped(world, shop, order)
    world.run("poll_oms", shop)


def check_canceled_once(world: World, shop: Connected, order: OrderId) -> None:
    (created,) = world.created(order)
    assert [each["Type"] for each in created["Adjustments"]] == ["Cancellation"]
    assert len(world.oms.books.order(order).cancellations) == 1
    check_nothing_twice(world)
    check_nothing_left(world, shop, order)


def check_shipped_once(world: World, shop: Connected, order: OrderId) -> None:
    (created,) = world.created(order)
    assert len(world.channeladvisor.books.shipped_fulfillments(created["ID"])) == 1
    assert len(world.tiktok.books.shipments_of(order)) == 1
    check_handed_over_once(world, shop, order)


@pytest.mark.parametrize(
    ("job", "prepare", "check", "at_least"),
    [
        pytest.param("poll_tiktok", hold_ends, check_handed_over_once, 8, id="poll_tiktok"),
        pytest.param("release_due_orders", hold_ends, check_handed_over_once, 8, id="release_due_orders"),
        pytest.param("push_channeladvisor", released, check_handed_over_once, 10, id="create in ChannelAdvisor"),
        pytest.param("push_channeladvisor", in_both, check_handed_over_once, 6, id="mark exported"),
        pytest.param("push_oms", in_channeladvisor, check_handed_over_once, 7, id="give to the OMS"),
        pytest.param("push_channeladvisor", canceled, check_canceled_once, 6, id="cancel in ChannelAdvisor"),
        pytest.param("push_oms", canceled, check_canceled_once, 6, id="cancel in the OMS"),
        pytest.param("poll_oms", shipped, check_shipped_once, 5, id="poll_oms"),
        pytest.param("push_channeladvisor", shipping_known, check_shipped_once, 6, id="ship in ChannelAdvisor"),
        pytest.param("push_tiktok", shipping_known, check_shipped_once, 6, id="ship at TikTok Shop"),
    ],
)
def test_a_second_run_at_any_place_of_the_first_has_no_second_effect(
    job: str, prepare: Scene, check: Scene, at_least: int
) -> None:
    assert overlap_at_every_place(job, prepare, check) >= at_least


def test_a_run_that_was_overtaken_by_the_end_of_its_claim_puts_nothing_on_the_timeline_twice() -> None:
    world, _ = watched_world()
    shop = world.connect()
    order = world.order(shop)
    world.cycle(4)

    def hang_once_it_is_there() -> None:
        if world.created(order):
            world.on_answer = lambda: None
            world.advance(SECOND_CLAIM)
            world.run("push_channeladvisor", shop)

    world.on_answer = hang_once_it_is_there
    world.run("push_channeladvisor", shop)
    events = world.events(shop, order)
    assert events.count("CREATED_IN_CHANNELADVISOR") + events.count("ADOPTED_IN_CHANNELADVISOR") == 1
    world.cycle(3)
    check_handed_over_once(world, shop, order)
