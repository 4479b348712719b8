"""A watcher that dies or is overlapped at any place: each warning is recorded once, and people read all of them."""

from collections.abc import Callable
from functools import partial
from itertools import chain

import pytest

from order_sync.domain.deadlines.rates import Window
from order_sync.domain.errors import RetriableError
from order_sync.domain.ids import OrderId
from order_sync.jobs.deadline_summaries import SUMMARY
from order_sync.jobs.watch_deadlines import ORDERS_A_BATCH
from order_sync.ledger import keys
from order_sync.ledger.deadlines import DeadlineBook
from tests.adapters.deadlines.deadline_scenes import (
    DAY,
    MISSED,
    DeadlineWorld,
    awaiting_orders,
    copied,
    kept_summary,
    levels_of,
    local,
    pass_time,
    told_of,
    watch,
    watch_until,
)
from tests.adapters.jobs.interruptions import Interruption, WatchedTable
from tests.world import CYCLE, Connected, Killed, World

CLOSE, MOST_PLACES = 90, 600
WEEK = Window(first=local("2026-06-01 12:00:00").date(), last=local("2026-06-14 12:00:00").date())


def die() -> None:
    raise Killed


def fail() -> None:
    raise RetriableError("SNS: InternalError")


def due_orders() -> tuple[DeadlineWorld, Connected, dict[OrderId, str]]:
    """Six orders at half past midnight on Friday the 5th: two were missed, two are due soon, two are not."""
    world = DeadlineWorld()
    shop = world.connect()
    pass_time(world, local("2026-06-05 00:30:00"))
    placed = {
        order: level
        for day, level in (("2026-06-01", MISSED), ("2026-06-02", "24"), ("2026-06-04", ""))
        for order in awaiting_orders(world, shop, 2, created_at=local(f"{day} 08:00:00"))
    }
    return world, shop, placed


def check_told(world: World, shop: Connected, placed: dict[OrderId, str], *, at_most: int) -> None:
    """Each warning stands on its order's timeline once, has been read, and is counted once."""
    due = [order for order, level in placed.items() if level]
    assert {order: levels_of(world, shop, order) for order in placed} == {
        order: [level] if level else [] for order, level in placed.items()
    }
    assert told_of(world).keys() == {*due}
    assert max(told_of(world).values()) <= at_most
    assert kept_summary(world, shop) == ""
    days = DeadlineBook(world.table).days(shop.id, WEEK)
    assert {day.isoformat(): tally for day, tally in days.items()} == {
        "2026-06-04": {"profile_late_open": 2, "tiktok_late_open": 2}
    }


def at_every_place(happening: Callable[[DeadlineWorld, Connected], None], *, at_most: int) -> int:
    """The same run again and again, with something happening a place later each time; how many places there were."""
    world, shop, placed = due_orders()
    # Behind the looks comes the measuring, which only reads: there a few places stand for all.
    for place in chain(range(1, CLOSE), range(CLOSE, MOST_PLACES, 13)):
        table = WatchedTable()
        again = copied(world, table)
        interruption = Interruption(again, table, place, partial(happening, again, shop))
        # Publishing is a place too: before it, and once the topic has taken it.
        again.before_publishing = again.after_publishing = table.before_call
        watch(again, shop)
        if not interruption.happened:
            return place - 1
        again.before_publishing = again.after_publishing = lambda: None
        again.advance(CYCLE)
        watch(again, shop)
        check_told(again, shop, placed, at_most=at_most)
    raise AssertionError(f"more than {MOST_PLACES} places")


def test_a_death_at_any_place_loses_no_warning_and_repeats_none_on_the_timeline() -> None:
    places = at_every_place(lambda _world, _shop: die(), at_most=2)
    print("places of a run with four due orders:", places)  # noqa: T201
    assert places > 50


def test_a_second_run_at_any_place_loses_no_warning_and_repeats_none_on_the_timeline() -> None:
    def second_run(world: DeadlineWorld, shop: Connected) -> None:
        watch(world, shop)

    assert at_every_place(second_run, at_most=2) > 50


def test_a_death_in_every_run_still_comes_to_an_end() -> None:
    """Each run gets one place further than the one before."""
    world, shop, placed = due_orders()
    table = WatchedTable()
    again = copied(world, table)
    for place in range(30, MOST_PLACES, 9):
        interruption = Interruption(again, table, place, die)
        watch(again, shop)
        again.advance(CYCLE)
        if not interruption.happened:
            break
    table.before_call = lambda: None
    watch(again, shop)
    assert {order: levels_of(again, shop, order) for order in placed} == {
        order: [level] if level else [] for order, level in placed.items()
    }
    assert told_of(again).keys() == {order for order, level in placed.items() if level}


def test_an_order_that_changes_while_it_is_looked_at_is_looked_at_again() -> None:
    """Its parcel is seen between the decision and the record: nothing of the decision is kept."""
    world = DeadlineWorld(table=WatchedTable())
    table = world.table
    assert isinstance(table, WatchedTable)
    shop = world.connect()
    (order,) = awaiting_orders(world, shop)
    pass_time(world, local("2026-06-05 00:30:00"))
    world.tiktok.dispatch_at(order, tracking_added=local("2026-06-04 09:00:00"), collected=local("2026-06-04 20:00:00"))

    def parcel_is_seen() -> None:
        # The summary is kept just before the look is recorded.
        if kept_summary_key in table.items:
            table.before_call = lambda: None
            world.run("poll_tiktok", shop)

    kept_summary_key = keys.notice_key(shop.id, SUMMARY)
    table.before_call = parcel_is_seen
    report = watch(world, shop)
    table.before_call = lambda: None
    assert report.counts["orders_changed_meanwhile"] == 1
    assert levels_of(world, shop, order) == []
    days = DeadlineBook(table).days(shop.id, WEEK)
    assert [tally for tally in days.values() if "profile_late_open" in tally] == []
    watch_until(world, shop, world.time + DAY)
    assert levels_of(world, shop, order) == []


@pytest.mark.parametrize("place", range(1, 40, 3))
def test_what_a_second_run_could_not_tell_is_told_by_the_first_or_later(place: int) -> None:
    """The second run is cut short, and the topic is down just then: the first goes on and must not forget it."""
    world = DeadlineWorld()
    shop = world.connect()
    orders = awaiting_orders(world, shop, ORDERS_A_BATCH + 40)
    pass_time(world, local("2026-06-03 23:59:59"))
    table = WatchedTable()
    again = copied(world, table)
    answers = iter([True])

    def second_run() -> None:
        again.before_publishing = fail
        again.has_time = lambda: next(answers, False)
        watch(again, shop)
        again.before_publishing = lambda: None
        again.has_time = lambda: True

    Interruption(again, table, place, second_run)
    watch(again, shop)
    for _ in range(2):
        again.advance(CYCLE)
        watch(again, shop)
    assert all(levels_of(again, shop, order) == ["24"] for order in orders)
    told = sum(int(text.splitlines()[1].split()[0]) for _, text in again.summaries)
    assert told >= len(orders)
