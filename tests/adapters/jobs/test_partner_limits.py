"""ChannelAdvisor's limits hold over all functions and shops of one account (CA 1.4)."""

import time
from threading import Thread

from local.simulators.channeladvisor.limits import CONCURRENT, PER_MINUTE
from tests.adapters.jobs.checks import check_nothing_twice
from tests.world import World

RUNS_AT_ONCE = 4
"""Two functions call ChannelAdvisor, each at most twice at once (ReservedConcurrentExecutions)."""


def test_four_runs_at_once_stay_within_five_concurrent_calls() -> None:
    world = World(linger=lambda: time.sleep(0.003))
    shops = [world.connect("US") for _ in range(RUNS_AT_ONCE)]
    orders = [world.order(shop) for shop in shops for _ in range(6)]
    world.cycle(4)
    runs = [Thread(target=world.run, args=("push_channeladvisor", shop)) for shop in shops]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert [len(world.created(order)) for order in orders] == [1] * len(orders)
    assert 1 < world.channeladvisor.books.highest_concurrency <= CONCURRENT
    assert world.channeladvisor.books.refused_for_concurrency == 0
    check_nothing_twice(world)


def test_a_run_at_full_speed_leaves_room_for_four_more_within_the_limit_per_minute() -> None:
    world = World()
    shop = world.connect()
    for _ in range(150):
        world.order(shop)
    world.cycle(4)
    world.run("push_channeladvisor", shop)
    assert len(world.channeladvisor.books.created_by_api()) == 150
    busiest = world.channeladvisor.books.highest_per_minute
    assert 300 < busiest <= PER_MINUTE / CONCURRENT
