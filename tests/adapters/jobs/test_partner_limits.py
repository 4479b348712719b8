"""ChannelAdvisor's limits hold over all functions and shops of one account (CA 1.4)."""

import time
from contextlib import suppress
from threading import Thread

from local.simulators.channeladvisor.limits import CONCURRENT, PER_MINUTE
from local.translate_template import read_template
from tests.adapters.jobs.checks import check_nothing_twice
from tests.world import World

FUNCTIONS = read_template()["Resources"]
CALLERS = {
    "push_channeladvisor": "PushChannelAdvisor",
    "poll_channeladvisor": "PollChannelAdvisor",
    "reconcile": "Reconcile",
}
"""The jobs that work in ChannelAdvisor. Beside them refresh_tokens makes one call once in a while."""


def runs_at_once(function: str) -> int:
    """How many runs of a function Lambda lets work at the same time, as the template reserves them."""
    _, reserved, _ = FUNCTIONS[function]["Properties"]["ReservedConcurrentExecutions"]["Fn::If"]
    return int(reserved)


def test_all_functions_for_many_shops_at_once_stay_within_five_concurrent_calls() -> None:
    world = World(linger=lambda: time.sleep(0.003))
    shops = [world.connect("US") for _ in range(6)]
    orders = [world.order(shop) for shop in shops for _ in range(4)]
    world.cycle(4, skip=tuple(CALLERS))
    waiting = {job: list(shops) for job in CALLERS}

    def work(job: str) -> None:
        # As Lambda does it: a shop that found no room waits in the function's queue.
        with suppress(IndexError):
            while True:
                world.run(job, waiting[job].pop())

    runs = [
        Thread(target=work, args=(job,)) for job, function in CALLERS.items() for _ in range(runs_at_once(function))
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    world.cycle(2)

    assert [len(world.created(order)) for order in orders] == [1] * len(orders)
    assert len(runs) + runs_at_once("RefreshTokens") <= CONCURRENT
    assert 2 < world.channeladvisor.books.highest_concurrency <= CONCURRENT
    assert world.channeladvisor.books.refused_for_concurrency == 0
    check_nothing_twice(world)


def test_one_run_too_many_is_refused_by_channeladvisor_and_loses_nothing() -> None:
    world = World(linger=lambda: time.sleep(0.003))
    shops = [world.connect("US") for _ in range(CONCURRENT + 3)]
    orders = [world.order(shop) for shop in shops for _ in range(4)]
    world.cycle(4, skip=tuple(CALLERS))
    runs = [Thread(target=world.run, args=("push_channeladvisor", shop)) for shop in shops]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert world.channeladvisor.books.refused_for_concurrency > 0
    world.cycle(2)

    assert [len(world.created(order)) for order in orders] == [1] * len(orders)
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
