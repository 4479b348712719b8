"""Counting the daily counters anew: what is wrong or lost is put right, and what moves meanwhile is not lost."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from local.memory_table import MemoryTable
from order_sync.domain.deadlines.rates import Window
from order_sync.domain.deadlines.tallies import contributions
from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import OrderId
from order_sync.jobs.recount_late_dispatch import recount_late_dispatch
from order_sync.jobs.run import Report
from order_sync.ledger import keys
from order_sync.ledger.deadlines import DeadlineBook
from order_sync.ledger.table import Add, Key, Put
from tests.adapters.deadlines.deadline_scenes import (
    DAY,
    HOUR,
    copied,
    deadlines_of,
    local,
    pass_time,
    watch,
    with_fate,
)
from tests.adapters.jobs.interruptions import Interruption, WatchedTable
from tests.world import Connected, World

NOW = local("2026-06-12 12:00:00")
PLACED, DUE = local("2026-06-03 09:00:00"), local("2026-06-08 23:59:59")
DUE_ON = date(2026, 6, 8)
YEAR = Window(first=date(2026, 1, 1), last=date(2026, 12, 31))
FATES = {
    "on time": 12,
    "late": 3,
    "cancelled by the seller late": 2,
    "cancelled by TikTok late": 1,
    "cancelled by the seller in time": 2,
    "fulfilled by TikTok": 3,
    "open": 4,
}
MOST_PLACES = 200


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


def dispatched(
    world: World,
    shop: Connected,
    fates: Mapping[str, int] | None = None,
    *,
    placed: datetime = PLACED,
    due: datetime = DUE,
) -> dict[str, list[OrderId]]:
    """Orders of Wednesday, due on Monday; it is Friday, and all of them were seen."""
    pass_time(world, NOW)
    orders = with_fate(world, shop, FATES if fates is None else fates, placed=placed, due=due)
    world.run("poll_tiktok", shop)
    watch(world, shop)
    return orders


def recount(world: World, shop: Connected, **command: Any) -> Report:
    """An operator has them counted anew."""
    return recount_late_dispatch(world.shop_run(shop), {"shop": shop.id} | command, lambda _seconds: None)


def counters(world: World, shop: Connected) -> dict[date, dict[str, int]]:
    """The counters of each day that has any."""
    days = DeadlineBook(world.table).days(shop.id, YEAR)
    return {day: dict(tally) for day, tally in days.items() if tally}


def by_the_orders(world: World, shop: Connected) -> dict[date, dict[str, int]]:
    """What the orders in the ledger count for, one by one."""
    days: dict[date, Counter[str]] = {}
    for key in world.table.items:
        if key.sk == keys.DEADLINES and key.pk.split("#")[1] == shop.id:
            record = world.record(shop, keys.order_of(key))
            for day, tally in contributions(record.order, record.deadlines).items():
                days.setdefault(day, Counter()).update(tally)
    return {day: dict(counter) for day, counter in days.items()}


def counter_keys(world: World, shop: Connected) -> list[Key]:
    return [
        key for key in world.table.items if key.pk == keys.shop_partition(shop.id) and key.sk.startswith("DISPATCH")
    ]


def spoil(world: World, key: Key, **changes: int | None) -> None:
    """Somebody writes in the table by hand, without leaving a trace in the version."""
    kept = {name: value for name, value in world.table.items[key].items() if changes.get(name, 1) is not None}
    world.table.put(Put(item=kept | {name: value for name, value in changes.items() if value is not None}))


# ---- repairs


def test_counters_that_are_right_are_left_alone(world: World, shop: Connected) -> None:
    dispatched(world, shop)
    assert counters(world, shop) == by_the_orders(world, shop)
    assert counters(world, shop)[DUE_ON]["profile_late_open"] == 4
    units = world.table.write_units
    report = recount(world, shop)
    assert (report.counts, report.problems) == ({}, [])
    assert world.table.write_units == units


def too_many(world: World, shop: Connected) -> None:
    for key in counter_keys(world, shop):
        spoil(world, key, profile_late=17)


def lost_counter(world: World, shop: Connected) -> None:
    for key in counter_keys(world, shop):
        spoil(world, key, profile_on_time=None)


def lost_items(world: World, shop: Connected) -> None:
    for key in counter_keys(world, shop):
        world.table.delete(key)


def unknown_counters(world: World, shop: Connected) -> None:
    world.table.write_all([Add(key=counter_keys(world, shop)[0], amounts={"profile_forgotten": 3, "version": 1})])


def a_day_of_its_own(world: World, shop: Connected) -> None:
    for day in (DUE_ON - timedelta(days=3), DUE_ON + timedelta(days=20)):
        key = keys.counters_key(shop.id, day, 5)
        world.table.write_all([Add(key=key, amounts={"profile_late": 2, "version": 1})])


def negative(world: World, shop: Connected) -> None:
    spoil(world, counter_keys(world, shop)[0], profile_late=-4, tiktok_late=-4)


@pytest.mark.parametrize("damage", [too_many, lost_counter, lost_items, unknown_counters, a_day_of_its_own, negative])
def test_counters_that_are_wrong_or_lost_are_put_right(
    world: World, shop: Connected, damage: Callable[[World, Connected], None]
) -> None:
    dispatched(world, shop)
    right = counters(world, shop)
    damage(world, shop)
    assert counters(world, shop) != right
    report = recount(world, shop)
    assert counters(world, shop) == right == by_the_orders(world, shop)
    assert report.counts["counters_repaired"] == len(report.problems) > 0
    assert recount(world, shop).problems == []


def test_repaired_counters_move_on(world: World, shop: Connected) -> None:
    orders = dispatched(world, shop)
    lost_items(world, shop)
    recount(world, shop)
    for order in orders["open"]:
        world.tiktok.dispatch_at(order, tracking_added=DUE + HOUR, collected=DUE + 2 * HOUR)
    world.run("poll_tiktok", shop)
    assert counters(world, shop) == by_the_orders(world, shop)
    assert counters(world, shop)[DUE_ON]["profile_late"] == FATES["late"] + FATES["open"]
    assert "profile_late_open" not in counters(world, shop)[DUE_ON]


def test_days_ahead_are_counted_too(world: World, shop: Connected) -> None:
    """Most orders are dispatched before their deadline."""
    pass_time(world, NOW)
    with world.tiktok.in_one_go():
        orders = [world.order(shop, hold=False, created_at=NOW - DAY) for _ in range(6)]
        for order in orders:
            world.tiktok.dispatch_at(order, tracking_added=NOW - 2 * HOUR, collected=NOW - HOUR)
    world.run("poll_tiktok", shop)
    ahead = date(2026, 6, 16)
    assert counters(world, shop)[ahead]["profile_on_time"] == 6
    lost_items(world, shop)
    recount(world, shop, days=1)
    assert counters(world, shop)[ahead]["profile_on_time"] == 6


def test_tiktok_s_day_is_counted_where_it_is_another_one(world: World, shop: Connected) -> None:
    dispatched(world, shop)
    world.reconnect(shop, deadlines={"profile": "us-2026-01"})
    dispatched(world, shop, {"late": 3, "on time": 2})
    assert {day.isoformat() for day in counters(world, shop)} == {"2026-06-05", "2026-06-08"}
    right = counters(world, shop)
    lost_items(world, shop)
    recount(world, shop)
    assert counters(world, shop) == right == by_the_orders(world, shop)


def test_only_as_many_days_as_were_asked_for_are_counted_anew(world: World, shop: Connected) -> None:
    dispatched(world, shop)
    lost_items(world, shop)
    recount(world, shop, days=3)
    assert counters(world, shop) == {}
    recount(world, shop, days=4)
    assert counters(world, shop) == by_the_orders(world, shop)


@pytest.mark.parametrize("days", [0, -1, 367, "7", 1.5, True, None, [7]])
def test_a_number_of_days_that_cannot_be_meant_is_refused(world: World, shop: Connected, days: Any) -> None:
    with pytest.raises(RejectedError, match="recount_late_dispatch: days"):
        recount(world, shop, days=days)


def test_the_counters_of_another_shop_are_left_alone(world: World, shop: Connected) -> None:
    other = world.connect()
    for each in (shop, other):
        dispatched(world, each)
        lost_items(world, each)
    recount(world, shop)
    assert counters(world, shop) == by_the_orders(world, shop)
    assert counters(world, other) == {}


def test_a_recount_without_time_says_so_and_another_one_goes_on(world: World, shop: Connected) -> None:
    dispatched(world, shop)
    lost_items(world, shop)
    answers = iter([True, True, True])
    world.has_time = lambda: next(answers, False)
    report = recount(world, shop)
    assert (report.counts["recounts_cut_short"], report.answer["from_shard"]) == (1, 3)
    assert counters(world, shop) != by_the_orders(world, shop)
    world.has_time = lambda: True
    recount(world, shop, from_shard=report.answer["from_shard"])
    assert counters(world, shop) == by_the_orders(world, shop)


def test_a_damaged_order_is_not_passed_over_in_silence(world: World, shop: Connected) -> None:
    orders = dispatched(world, shop)
    bad = orders["late"][0]
    key = keys.deadlines_key(shop.id, bad)
    world.table.put(Put(item=world.table.items[key] | {"dispatch_by": "spilt coffee"}))
    report = recount(world, shop)
    assert report.counts["orders_damaged"] == 1
    assert any(bad in problem for problem in report.problems)


class _LaggingTable(MemoryTable):
    """Its index learns of a change some seconds later."""

    def __init__(self, table: MemoryTable) -> None:
        super().__init__()
        for item in table.items.values():
            self.put(Put(item=item))
        self._stale: dict[str, list[Key]] | None = None

    def freeze(self) -> None:
        """From now on the index stays behind."""
        self._stale = {name: [key for _, key in sorted(self._entries(name))] for name in self._names()}

    def catch_up(self, _seconds: float) -> None:
        """Some seconds have passed."""
        self._stale = None

    def _names(self) -> set[str]:
        return {str(item["due_list"]) for item in self.items.values() if "due_list" in item}

    def _entries(self, name: str) -> list[tuple[int, Key]]:
        return [(int(item["due_at"]), key) for key, item in self.items.items() if item.get("due_list") == name]

    def due(self, due_list: str, until: int, limit: int, since: int = 0) -> list[Key]:
        if self._stale is None:
            return super().due(due_list, until, limit, since)
        return self._stale.get(due_list, [])


def test_what_the_index_does_not_know_yet_is_not_counted_away(world: World, shop: Connected) -> None:
    orders = dispatched(world, shop, {"on time": 3, "open": 2})
    table = _LaggingTable(world.table)
    again = copied(world, table)
    again.tiktok = world.tiktok
    table.freeze()
    for order in orders["open"]:
        world.tiktok.dispatch_at(order, tracking_added=DUE - 2 * HOUR, collected=DUE - HOUR)
    again.run("poll_tiktok", shop)
    report = recount_late_dispatch(again.shop_run(shop), {}, table.catch_up).counts
    assert report["counters_repaired"] == 0
    assert counters(again, shop) == by_the_orders(again, shop)


# ---- what moves meanwhile


def a_parcel_left_in_time(world: World, _shop: Connected, orders: Mapping[str, list[OrderId]]) -> None:
    """One of the late open orders turns out to be dispatched."""
    world.tiktok.dispatch_at(orders["open"][0], tracking_added=DUE - 2 * HOUR, collected=DUE - HOUR)


def a_time_is_corrected(world: World, _shop: Connected, orders: Mapping[str, list[OrderId]]) -> None:
    """Late becomes on time."""
    world.tiktok.correct_collection_time(orders["late"][0], DUE - HOUR)


def a_late_order_is_new(world: World, shop: Connected, _orders: Mapping[str, list[OrderId]]) -> None:
    """Nobody knew it, and its day has no counters in its shard."""
    with_fate(world, shop, {"late": 1}, placed=PLACED - 2 * DAY, due=DUE)


def see(world: World, shop: Connected) -> None:
    """A poll comes in."""
    world.run("poll_tiktok", shop)


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.parametrize("event", [a_parcel_left_in_time, a_time_is_corrected, a_late_order_is_new])
def test_what_is_seen_at_any_place_of_a_recount_is_not_lost(
    event: Callable[[World, Connected, Mapping[str, list[OrderId]]], None], *, lost: bool
) -> None:
    world = World()
    shop = world.connect()
    orders = dispatched(world, shop, {"on time": 3, "late": 2, "open": 2})
    before = by_the_orders(world, shop)
    if lost:
        lost_items(world, shop)
    event(world, shop, orders)
    for place in range(1, MOST_PLACES):
        table = WatchedTable()
        again = copied(world, table)
        again.tiktok = world.tiktok
        interruption = Interruption(again, table, place, partial(see, again, shop))
        recount(again, shop)
        if not interruption.happened:
            assert place > 20
            return
        assert counters(again, shop) == by_the_orders(again, shop) != before, place
    raise AssertionError(f"more than {MOST_PLACES} places")


def test_counters_that_never_stand_still_are_left_to_a_person(world: World, shop: Connected) -> None:
    table = WatchedTable()
    dispatched(world, shop)
    lost_items(world, shop)
    again = copied(world, table)
    moving = keys.counters_key(shop.id, DUE_ON, 2)

    def somebody_moves() -> None:
        table.before_call = lambda: None
        table.write_all([Add(key=moving, amounts={"profile_late_open": 1, "version": 1})])
        table.before_call = somebody_moves

    table.before_call = somebody_moves
    report = recount(again, shop)
    table.before_call = lambda: None
    assert report.counts["counters_always_moving"] == 1
    assert [problem for problem in report.problems if "always" in problem] == [
        f"counters_always_moving: shard 2 of shop {shop.id}"
    ]
    # All the others were put right.
    days = DeadlineBook(table)
    for shard in set(keys.SHARDS) - {2}:
        assert days.shard(shop.id, YEAR, shard)[DUE_ON].tally == by_the_shard(again, shop, shard)


def by_the_shard(world: World, shop: Connected, shard: int) -> dict[str, int]:
    """What the orders of a shard count for on the day."""
    total: Counter[str] = Counter()
    for key in world.table.items:
        if key.sk == keys.DEADLINES and keys.shard_of(keys.order_of(key)) == shard:
            record = world.record(shop, keys.order_of(key))
            total.update(contributions(record.order, deadlines_of(world, shop, record.order.id)).get(DUE_ON, {}))
    return dict(total)
