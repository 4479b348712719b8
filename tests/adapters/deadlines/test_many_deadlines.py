"""Ten thousand orders can share one deadline: a run is bounded, and what it costs follows what is due."""

import json
import time
from collections import Counter
from datetime import timedelta

import pytest

from order_sync.ledger import keys
from order_sync.ledger.deadlines import DeadlineBook
from tests.adapters.deadlines.deadline_scenes import DeadlineWorld, kept_summary, local, pass_time, watch
from tests.adapters.deadlines.many_orders import fill
from tests.adapters.jobs.test_figures import show
from tests.world import Connected, World

MONDAY, FRIDAY_BEFORE = local("2026-06-01 09:00:00"), local("2026-05-29 09:00:00")
SOON = local("2026-06-03 23:59:00")
"""A minute before Monday's orders are to be warned of for the first time."""
A_RUN = 8 * 500
"""The most orders that a run takes of one stage."""
DUE = 20


def warned_orders(world: World) -> Counter[str]:
    """How many warnings stand on each order's timeline."""
    counted: Counter[str] = Counter()
    for key, item in world.table.items.items():
        if key.sk.startswith(keys.TIMELINE):
            events = [fact[0] for fact in json.loads(str(item["facts"]))]
            counted[keys.order_of(key)] += events.count("DISPATCH_DEADLINE_NEAR")
    return counted


def numbers_told(world: World) -> list[int]:
    """How many orders each summary speaks of."""
    return [int(text.splitlines()[1].split()[0]) for _, text in world.summaries]


def new_world() -> tuple[DeadlineWorld, Connected]:
    """A shop whose watcher has run before."""
    world = DeadlineWorld()
    shop = world.connect()
    watch(world, shop)
    return world, shop


def test_ten_thousand_orders_of_one_second_are_warned_of_once_in_runs_of_bounded_size() -> None:
    world, shop = new_world()
    orders = fill(world.table, world.shops.settings(shop.id), 10_000, MONDAY)
    pass_time(world, SOON)
    looked_at: list[int] = []
    seconds: list[float] = []
    while not looked_at or looked_at[-1]:
        before = time.perf_counter()
        looked_at.append(watch(world, shop).counts["orders_looked_at"])
        seconds.append(time.perf_counter() - before)
    for number, each in enumerate(seconds):
        show(f"run {number + 1} of ten thousand", {"orders": looked_at[number], "seconds": round(each, 2)})

    assert max(looked_at) <= A_RUN
    assert sum(looked_at) == 10_000
    assert warned_orders(world) == dict.fromkeys(orders, 1)
    assert numbers_told(world) == looked_at[:-1]
    assert kept_summary(world, shop) == ""
    assert watch(world, shop).gauges["orders_due_in_24h"] == 10_000


def test_a_run_that_is_short_of_time_goes_on_in_the_next_one() -> None:
    world, shop = new_world()
    orders = fill(world.table, world.shops.settings(shop.id), 700, MONDAY)
    pass_time(world, SOON)
    reports = []
    for _ in range(5):
        answers = iter([True, True])
        world.has_time = lambda left=answers: next(left, False)  # type: ignore[misc]
        reports.append(watch(world, shop))
    assert [report.counts["orders_looked_at"] for report in reports] == [200, 200, 200, 100, 0]
    assert [report.counts["looks_cut_short"] for report in reports] == [1, 1, 1, 0, 0]
    # What was found is told and measured all the same.
    assert [report.gauges["orders_due_in_24h"] for report in reports] == [200, 400, 600, 700, 700]
    assert warned_orders(world) == dict.fromkeys(orders, 1)
    assert numbers_told(world) == [200, 200, 200, 100]


def test_a_change_of_the_profile_is_followed_in_as_many_runs_as_it_takes() -> None:
    world, shop = new_world()
    orders = fill(world.table, world.shops.settings(shop.id), 1_200, MONDAY)
    pass_time(world, local("2026-06-01 12:00:00"))
    world.reconnect(shop, deadlines={"profile": "us-2026-01"})
    written: list[int] = []
    while not written or written[-1]:
        answers = iter([True] * 4)
        world.has_time = lambda left=answers: next(left, False)  # type: ignore[misc]
        calls = Counter(world.table.calls)
        watch(world, shop)
        written.append((world.table.calls - calls)["write_all"])
    assert sum(written) == 1_200
    assert len(written) > 3
    world.has_time = lambda: True
    found = DeadlineBook(world.table).read(shop.id, orders, nobody_damaged)
    assert {each.deadlines.figures.profile for each in found} == {"us-2026-01"}


def nobody_damaged(error: Exception) -> None:
    raise AssertionError(error)


def cost_of_a_run(open_orders: int) -> tuple[dict[str, int], float, int, float]:
    """Calls by kind, read units, write units and seconds of a run with so many open orders, of which twenty are due."""
    world, shop = new_world()
    settings = world.shops.settings(shop.id)
    fill(world.table, settings, DUE, FRIDAY_BEFORE)
    fill(world.table, settings, open_orders - DUE, MONDAY, first=DUE)
    pass_time(world, local("2026-06-02 23:59:00"))
    table = world.table
    table.calls.clear()
    read, written, before = table.read_units, table.write_units, time.perf_counter()
    report = watch(world, shop)
    seconds = time.perf_counter() - before
    assert report.counts["orders_looked_at"] == DUE
    assert numbers_told(world) == [DUE]
    return dict(table.calls), table.read_units - read, table.write_units - written, seconds


def test_the_cost_of_a_run_follows_what_is_due_and_not_what_is_open() -> None:
    costs = {number: cost_of_a_run(number) for number in (100, 10_000, 100_000)}
    for number, (calls, read, written, seconds) in costs.items():
        show(
            f"watch_deadlines with {number} open orders, {DUE} of them due",
            {
                "requests": sum(calls.values()),
                "read units": read,
                "write units": written,
                "milliseconds": round(1000 * seconds, 1),
            },
        )
    few, *many = costs.values()
    for calls, read, written, _ in many:
        assert calls == few[0]
        assert read == pytest.approx(few[1], rel=0.01)
        assert written == few[2]
    assert sum(few[0].values()) < 300


def test_an_idle_run_costs_few_reads_and_no_write() -> None:
    world, shop = new_world()
    fill(world.table, world.shops.settings(shop.id), 2_000, MONDAY)
    pass_time(world, world.time + timedelta(hours=1))
    table = world.table
    table.calls.clear()
    read, written = table.read_units, table.write_units
    watch(world, shop)
    show("idle watch_deadlines", {"requests": table.calls.total(), "read units": table.read_units - read})
    assert table.write_units == written
    assert table.read_units - read < 100


def test_orders_that_are_late_for_good_cost_a_count_and_no_look() -> None:
    """They stay in their list until somebody ships them or TikTok Shop cancels them."""
    world, shop = new_world()
    fill(world.table, world.shops.settings(shop.id), 400, MONDAY)
    pass_time(world, local("2026-06-05 00:30:00"))
    watch(world, shop)
    report = watch(world, shop)
    assert report.counts["orders_looked_at"] == 0
    assert report.gauges["orders_overdue"] == 400
