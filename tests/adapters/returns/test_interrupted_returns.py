"""Runs that die, or that another run overtakes, at any place: one answer, one refund, one booking, all told."""

from collections.abc import Callable
from functools import partial

import pytest

from order_sync.domain.ids import OrderId
from tests.adapters.cancellations.races import connected
from tests.adapters.jobs.interruptions import Interruption, watched_world
from tests.adapters.returns.return_checks import check_agreed
from tests.adapters.returns.return_scenes import MINUTE, a_shipped_order, ask, booked, decisions, issued, look
from tests.world import MUG, Connected, Killed, World

MOST_PLACES = 150
QUIET = ["release_due_orders", "watch_deadlines"]

type Happening = Callable[[World, Connected], None]
type Preparation = Callable[[World, Connected, OrderId], object]


def interrupt_everywhere(job: str, prepare: Preparation, happen: Happening) -> int:
    """Play one run of a job again and again, with something a place later each time; how many places there were."""
    for place in range(1, MOST_PLACES):
        world, table = watched_world()
        shop = connected(world, "US")
        order = a_shipped_order(world, shop, MUG)
        prepare(world, shop, order)
        interruption = Interruption(world, table, place, partial(happen, world, shop))
        world.run(job, shop)
        if not interruption.happened:
            return place - 1
        world.cycle(6, skip=QUIET)
        assert len(issued(world, order)) == len([each for each in booked(world, order) if each.stands]) == 1
        for event in ("RETURN_REQUESTED", "REFUND_CONFIRMED"):
            assert world.events(shop, order).count(event) == 1
        check_agreed(world, shop, order)
    raise AssertionError(f"more than {MOST_PLACES} places")


def die(_world: World, _shop: Connected) -> None:
    raise Killed


def again(job: str) -> Happening:
    """Another run of a job comes in."""

    def run(world: World, shop: Connected) -> None:
        world.run(job, shop)

    return run


def decided(world: World, shop: Connected, order: OrderId) -> str:
    """The OMS has just granted the buyer's request."""
    return_id = ask(world, order)
    look(world, shop)
    world.oms.decide_return(shop.id, return_id, "refund", "approve")
    return return_id


def granted_in_seller_center(world: World, _shop: Connected, order: OrderId) -> None:
    world.tiktok.approve_return_in_seller_center(ask(world, order))


def refunded_at_tiktok(world: World, shop: Connected, order: OrderId) -> None:
    """What is left is to book it in ChannelAdvisor."""
    granted_in_seller_center(world, shop, order)
    world.advance(31 * MINUTE)
    world.run("poll_tiktok", shop)


def wanted_by_oms(world: World, shop: Connected, order: OrderId) -> None:
    world.oms.refund(shop.id, order)


def refunded_by_hand(world: World, _shop: Connected, order: OrderId) -> None:
    world.channeladvisor.refund_units_by_hand(int(world.created(order)[0]["ID"]), {"MUG-RED": 1})


def seen_by_hand(world: World, shop: Connected, order: OrderId) -> None:
    refunded_by_hand(world, shop, order)
    world.run("poll_channeladvisor", shop)


@pytest.mark.parametrize(
    ("job", "prepare", "least"),
    [
        pytest.param("poll_oms", decided, 20, id="a decision is taken and told"),
        pytest.param("push_channeladvisor", refunded_at_tiktok, 15, id="a refund is booked"),
        pytest.param("poll_oms", wanted_by_oms, 20, id="a refund of the OMS's is taken and told"),
        pytest.param("push_tiktok", seen_by_hand, 15, id="a refund by hand is told"),
    ],
)
def test_a_run_that_dies_at_any_place_is_made_up_for(job: str, prepare: Preparation, least: int) -> None:
    assert interrupt_everywhere(job, prepare, die) > least


@pytest.mark.parametrize(
    ("job", "other", "prepare", "least"),
    [
        pytest.param("poll_oms", "push_tiktok", decided, 20, id="an answer"),
        pytest.param("push_tiktok", "poll_tiktok", seen_by_hand, 15, id="a refund by hand"),
    ],
)
def test_another_run_that_comes_in_at_any_place_doubles_nothing(
    job: str, other: str, prepare: Preparation, least: int
) -> None:
    assert interrupt_everywhere(job, prepare, again(other)) > least


def test_an_answer_is_told_once_although_its_run_died_right_after_telling() -> None:
    world, _ = watched_world()
    shop = connected(world, "US")
    order = a_shipped_order(world, shop, MUG)
    return_id = decided(world, shop, order)

    def kill_after_telling() -> None:
        if decisions(world, return_id):
            world.on_answer = lambda: None
            raise Killed

    world.on_answer = kill_after_telling
    world.run("poll_oms", shop)
    assert decisions(world, return_id) == [("APPROVE_REFUND", "api", 0)]
    world.cycle(7)
    assert len(world.tiktok.books.decided_return(return_id)) == 1
    check_agreed(world, shop, order)
