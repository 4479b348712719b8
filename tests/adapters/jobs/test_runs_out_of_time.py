"""A run stops before its time-out, wherever it is then: what it did is saved, and the next runs do the rest once."""

from collections.abc import Callable

import pytest

from local.tracking_numbers import usps
from tests.adapters.jobs.checks import check_handed_over_once, check_nothing_twice
from tests.world import JOBS, TEE, Connected, World

LOOKS = range(4)
"""How often a run finds time left before it has none; more than a short run asks."""


def out_of_time_after(looks: int) -> Callable[[], bool]:
    left = iter([True] * looks)
    return lambda: next(left, False)


@pytest.mark.parametrize("looks", LOOKS)
@pytest.mark.parametrize("job", [*JOBS, "reconcile"])
def test_a_job_that_runs_out_of_time_at_any_point_loses_nothing_and_repeats_nothing(job: str, looks: int) -> None:
    world = World()
    shop = world.connect()
    orders = [world.order(shop, TEE) for _ in range(3)]
    for _ in range(6):
        _cycle_with_one_short_run(world, shop, job, looks)
    for number, order in enumerate(orders, 1):
        world.oms.ship(order, "USPS Ground", "Ground", usps(number))
    for _ in range(2):
        _cycle_with_one_short_run(world, shop, job, looks)
    world.cycle()

    for number, order in enumerate(orders, 1):
        check_handed_over_once(world, shop, order)
        assert [parcel.tracking_number for parcel in world.tiktok.books.shipments_of(order)] == [usps(number)]
    check_nothing_twice(world)


def _cycle_with_one_short_run(world: World, shop: Connected, job: str, looks: int) -> None:
    """Before its run in this cycle, one job has hardly any time."""
    world.has_time = out_of_time_after(looks)
    world.run(job, shop)
    world.has_time = lambda: True
    world.cycle()


@pytest.mark.parametrize("job", ["poll_tiktok", "push_channeladvisor", "push_oms", "push_tiktok"])
def test_a_job_without_time_takes_up_nothing_and_says_so(job: str) -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop, TEE)
    world.until_released()
    world.oms.ship(order, "USPS Ground", "Ground", usps(1))
    world.cycle(skip=("push_tiktok", "push_channeladvisor"))
    world.order(shop, TEE)
    world.has_time = lambda: False
    report = world.run(job, shop)

    assert [name for name in report.counts if name.endswith("cut_short")] or not report.counts["told_ship"]
