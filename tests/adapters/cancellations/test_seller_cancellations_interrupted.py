"""Seller's cancellations whose run dies, or meets another one, at any place: carried out once, told once."""

from collections.abc import Callable
from datetime import timedelta

from order_sync.domain.ids import OrderId
from tests.adapters.cancellations.seller_cancel_scenes import (
    adjustments,
    asked_at_tiktok,
    cancel_in_oms,
    canceled_by_oms,
    check_books,
    check_canceled_everywhere,
    told_to_oms,
    units_in_oms,
)
from tests.adapters.jobs.checks import check_nothing_left
from tests.adapters.jobs.interruptions import Interruption, watched_world
from tests.adapters.jobs.scenes import in_channeladvisor
from tests.world import MUG, TWO_TEES, Connected, Killed, World

MOST_PLACES = 200
REPAIRS = ("poll_tiktok", "push_channeladvisor", "push_oms", "poll_oms", "poll_channeladvisor", "push_tiktok")
LONGER_THAN_A_CLAIM = timedelta(minutes=11)

type Act = Callable[[World, Connected], None]


def at_every_place(cancel: Callable[[World, OrderId], object], act: Act, happening: Act) -> int:
    """Cancel the first of two tees again and again, interrupted one place later each time; the number of places."""
    for place in range(1, MOST_PLACES):
        world, table = watched_world()
        shop = world.connect()
        order = world.order(shop, TWO_TEES, MUG)
        world.run("poll_tiktok", shop)
        world.advance(timedelta(hours=1, minutes=5))
        for job in ("push_channeladvisor", "push_oms", "push_channeladvisor"):
            world.run(job, shop)
        cancel(world, order)
        interruption = Interruption(world, table, place, lambda w=world, s=shop: happening(w, s))  # type: ignore[misc]
        act(world, shop)
        if not interruption.happened:
            return place - 1
        for _ in range(4):
            world.time += LONGER_THAN_A_CLAIM
            for job in REPAIRS:
                world.run(job, shop)
        assert asked_at_tiktok(world, order) == [0]
        assert [kind for kind, _, _ in adjustments(world, order)] == ["Cancellation"]
        assert units_in_oms(world, order) == ["cancelled", "open", "open"]
        assert [told_to_oms(world, each.id) for each in world.oms.books.seller_cancellations()] in ([], ["accepted"])
        check_nothing_left(world, shop, order)
        check_books(world)
    raise AssertionError(f"more than {MOST_PLACES} places")


def in_the_oms(world: World, order: OrderId) -> None:
    cancel_in_oms(world, order, [0])


def by_hand(world: World, order: OrderId) -> None:
    world.channeladvisor.cancel_units_by_hand(in_channeladvisor(world, order), {"TEE-BLU-M": 1})


def die(_world: World, _shop: Connected) -> None:
    raise Killed


def poll_oms(world: World, shop: Connected) -> None:
    world.run("poll_oms", shop)


def push_tiktok(world: World, shop: Connected) -> None:
    world.run("push_tiktok", shop)


def see_and_carry_out(world: World, shop: Connected) -> None:
    for job in ("poll_channeladvisor", "push_tiktok"):
        world.run(job, shop)


def test_a_death_at_any_place_cancels_once() -> None:
    assert at_every_place(in_the_oms, poll_oms, die) > 15


def test_a_death_at_any_place_carries_a_person_s_cancellation_out_once() -> None:
    assert at_every_place(by_hand, see_and_carry_out, die) > 15


def test_a_second_run_at_any_place_of_the_first_cancels_once() -> None:
    assert at_every_place(in_the_oms, poll_oms, poll_oms) > 15


def test_a_push_that_overlaps_the_poll_cancels_once() -> None:
    assert at_every_place(in_the_oms, poll_oms, push_tiktok) > 15


def test_a_run_whose_claim_ran_out_while_tiktok_worked_cancels_once() -> None:
    world = World()
    shop = world.connect()
    order, cancellation = canceled_by_oms(world, shop, TWO_TEES)

    def hang_once_it_is_cancelled() -> None:
        if asked_at_tiktok(world, order):
            world.on_answer = lambda: None
            world.advance(timedelta(minutes=11))
            world.run("push_tiktok", shop)

    world.on_answer = hang_once_it_is_cancelled
    world.run("poll_oms", shop)
    world.cycle(3)
    assert asked_at_tiktok(world, order) == [0]
    assert told_to_oms(world, cancellation) == "accepted"
    check_canceled_everywhere(world, shop, order)
