"""Bringing in TikTok's orders: nothing is lost however polls overlap, fail or die, and nothing is written twice."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count

import pytest

from local.memory_table import MemoryTable
from local.simulators.faults import Fault
from local.simulators.tiktok_shop.orders import Damage
from order_sync.domain.ids import OrderId
from order_sync.domain.orders import Handling
from order_sync.domain.statuses import OrderState
from order_sync.jobs.poll_tiktok import ORDERS_FEED
from order_sync.ledger.table import Item, Key, Put, Write
from tests.adapters.jobs.scenes import CANCELLATIONS, RETURNS, SEARCH
from tests.adapters.jobs.test_figures import THE_MARK_OF_A_GOOD_POLL
from tests.world import Connected, Killed, World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


def position(world: World, shop: Connected) -> int:
    return int(world.shops.cursor(shop.id, ORDERS_FEED).position or 0)


def some_orders(world: World, shop: Connected, number: int, apart: timedelta = timedelta(seconds=1)) -> list[OrderId]:
    placed = []
    for _ in range(number):
        world.time += apart
        placed.append(world.order(shop, hold=False))
    return placed


def known(world: World, shop: Connected) -> set[str]:
    return {key.pk.rsplit("#", 1)[1] for key in world.table.items if key.pk.startswith(f"ORDER#{shop.id}#")}


def test_an_order_is_first_seen_on_hold_and_waits_for_its_slot(world: World, shop: Connected) -> None:
    order = world.order(shop)
    world.run("poll_tiktok", shop)
    head = world.record(shop, order).order

    assert head.state is OrderState.PENDING
    assert head.handling is Handling.OURS
    assert world.events(shop, order) == ["SEEN", "HELD"]
    assert list(world.timers.waiting) == [(head.release_due, "release_due_orders", shop.id)]


def test_the_cursor_is_the_newest_time_saved(world: World, shop: Connected) -> None:
    order = some_orders(world, shop, 3)[-1]
    world.run("poll_tiktok", shop)

    assert position(world, shop) == int(world.record(shop, order).order.updated_at.timestamp())


def test_an_idle_poll_searches_each_feed_once_and_writes_nothing_but_its_mark(world: World, shop: Connected) -> None:
    some_orders(world, shop, 3)
    world.run("poll_tiktok", shop)
    for passed in (timedelta(minutes=5), timedelta(hours=12)):
        world.advance(passed)
        requests, units = len(world.tiktok.books.requests), world.table.write_units
        world.run("poll_tiktok", shop)

        asked = [request.endpoint for request in world.tiktok.books.requests[requests:]]
        assert asked == [SEARCH, CANCELLATIONS, RETURNS]
        assert world.table.write_units == units + THE_MARK_OF_A_GOOD_POLL


def test_a_shop_without_any_order_costs_the_same(world: World, shop: Connected) -> None:
    world.time += timedelta(hours=1)
    units = world.table.write_units
    world.run("poll_tiktok", shop)

    assert [request.endpoint for request in world.tiktok.books.requests] == [SEARCH, CANCELLATIONS, RETURNS]
    assert world.table.write_units == units + THE_MARK_OF_A_GOOD_POLL


def test_every_search_reaches_ten_minutes_behind_the_cursor(world: World, shop: Connected) -> None:
    too_old, in_reach = some_orders(world, shop, 2, timedelta(minutes=2))
    newest = some_orders(world, shop, 1, timedelta(minutes=9))[0]
    world.run("poll_tiktok", shop)
    for order in (too_old, in_reach):
        for key in [key for key in world.table.items if order in key.pk]:
            world.table.delete(key)
    world.time += timedelta(hours=12)
    world.run("poll_tiktok", shop)

    assert known(world, shop) == {in_reach, newest}


@pytest.mark.parametrize("lag", [timedelta(seconds=30), timedelta(minutes=9)])
def test_a_search_index_that_lags_hides_no_order_for_good(lag: timedelta) -> None:
    world = World(index_lag=lag)
    shop = world.connect()
    placed: list[OrderId] = []
    for _ in range(8):
        placed += some_orders(world, shop, 3, timedelta(minutes=2))
        world.run("poll_tiktok", shop)
    world.time += lag + timedelta(seconds=1)
    world.run("poll_tiktok", shop)

    assert known(world, shop) == set(placed)


def test_orders_that_change_while_they_are_read_hide_nobody() -> None:
    world = World()
    shop = world.connect()
    placed = some_orders(world, shop, 250)
    world.time += timedelta(hours=1)
    changing = iter(placed)
    world.on_answer = lambda: world.tiktok.touch(next(changing))
    world.run("poll_tiktok", shop)
    world.on_answer = lambda: None
    world.time += timedelta(minutes=15)
    world.run("poll_tiktok", shop)

    assert known(world, shop) == set(placed)


def test_the_upper_bound_is_fixed_when_the_poll_begins(world: World, shop: Connected) -> None:
    some_orders(world, shop, 250)
    world.time += timedelta(hours=1)
    world.on_answer = lambda: world.tiktok.touch(world.order(shop))
    world.run("poll_tiktok", shop)

    assert position(world, shop) < (world.time - timedelta(minutes=30)).timestamp()
    assert world.tiktok.books.count(SEARCH) <= 4


def test_two_polls_at_once_lose_nothing_and_double_nothing(world: World, shop: Connected) -> None:
    placed = some_orders(world, shop, 250)
    world.time += timedelta(hours=1)
    answers = count()

    def another_poll_comes_in() -> None:
        if next(answers) == 1:
            world.run("poll_tiktok", shop)

    world.on_answer = another_poll_comes_in
    world.run("poll_tiktok", shop)

    assert world.counted("overlapping_polls") == 1
    assert known(world, shop) == set(placed)
    assert all(world.events(shop, order).count("SEEN") == 1 for order in placed)
    assert position(world, shop) == int(world.record(shop, placed[-1]).order.updated_at.timestamp())


class DyingTable(MemoryTable):
    """A table under which the function dies at its nth call, before or after the call took effect."""

    def __init__(self) -> None:
        super().__init__()
        self.calls_left: int | None = None
        self.after = False

    def _die(self, moment: bool) -> None:  # noqa: FBT001
        if self.calls_left is not None and self.after is moment:
            self.calls_left -= 1
            if self.calls_left < 0:
                self.calls_left = None
                raise Killed

    def get(self, key: Key) -> Item | None:
        self._die(False)
        return super().get(key)

    def put(self, put: Put) -> None:
        self._die(False)
        super().put(put)
        self._die(True)

    def write_all(self, writes: Sequence[Write]) -> None:
        self._die(False)
        super().write_all(writes)
        self._die(True)


@pytest.mark.parametrize("after", [False, True], ids=["before the effect", "after the effect"])
def test_a_poll_that_dies_at_any_call_of_the_table_loses_nothing(after: bool) -> None:  # noqa: FBT001
    for calls in range(40):
        table = DyingTable()
        table.after = after
        world = World(table=table)
        shop = world.connect()
        placed = some_orders(world, shop, 3) + some_orders(world, shop, 3, timedelta(minutes=12))
        world.table.calls.clear()
        table.calls_left = calls + 1
        world.run("poll_tiktok", shop)
        died = world.counted("runs_killed")
        table.calls_left = None
        world.run("poll_tiktok", shop)

        assert known(world, shop) == set(placed)
        assert all(world.events(shop, order) == ["SEEN", "HELD"] for order in placed)
        if not died:
            assert calls >= 6
            return
    raise AssertionError("the poll never came to its end")


def test_a_poll_without_time_stops_with_its_cursor_saved_and_the_next_goes_on(world: World, shop: Connected) -> None:
    placed = some_orders(world, shop, 250, timedelta(seconds=30))
    world.time += timedelta(hours=1)
    world.has_time = lambda: False
    positions = []
    for _ in range(5):
        world.run("poll_tiktok", shop)
        positions.append(position(world, shop))

    assert world.counted("polls_cut_short") >= 3
    assert positions == sorted(positions)
    assert positions[0] < positions[1] < positions[2]
    assert known(world, shop) == set(placed)


def test_an_outage_in_the_middle_keeps_what_was_saved(world: World, shop: Connected) -> None:
    placed = some_orders(world, shop, 250)
    world.time += timedelta(hours=1)
    world.tiktok.faults.add(Fault.UNAVAILABLE, SEARCH, after=1, times=None)
    world.run("poll_tiktok", shop)

    assert world.counted("runs_postponed") == 1
    assert len(known(world, shop)) == 100
    assert position(world, shop) > 0

    world.tiktok.faults.clear()
    world.run("poll_tiktok", shop)
    assert known(world, shop) == set(placed)


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.TRUNCATED_JSON])
def test_an_answer_that_is_no_json_is_named_and_read_again(world: World, shop: Connected, fault: Fault) -> None:
    order = world.order(shop)
    world.tiktok.faults.add(fault, SEARCH, times=None)
    world.run("poll_tiktok", shop)

    (problem,) = world.problems()
    assert problem.startswith("runs_postponed: TikTok Shop: search orders: the answer is not JSON (HTTP 200")
    assert known(world, shop) == set()

    world.tiktok.faults.clear()
    world.run("poll_tiktok", shop)
    assert known(world, shop) == {order}


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (Damage.WRONG_TYPE, "orders_unreadable: order {order}: "),
        (Damage.NO_LINE_ITEMS, "orders_unreadable: order {order}: line_items: Field required"),
        (Damage.EMPTY_LINE_ITEMS, "orders_unreadable: order {order}: line_items: Tuple should have at least 1 item"),
    ],
)
def test_an_order_that_cannot_be_read_is_kept_named_and_read_after_its_repair(
    world: World, shop: Connected, damage: Damage, named: str
) -> None:
    before, bad, behind = some_orders(world, shop, 3)
    world.tiktok.corrupt(bad, damage)
    world.run("poll_tiktok", shop)

    assert any(problem.startswith(named.format(order=bad)) for problem in world.problems()), world.problems()
    assert known(world, shop) == {before, behind}

    world.time += timedelta(hours=5)
    world.tiktok.corrupt(bad, None)
    world.time += timedelta(days=2)
    world.run("poll_tiktok", shop)

    assert world.counted("orders_read_after_all") == 1
    assert known(world, shop) == {before, bad, behind}
    assert world.shops.unread(shop.id) == {}


def test_an_update_that_cannot_be_read_is_read_again_although_the_order_is_known(world: World, shop: Connected) -> None:
    order = world.order(shop)
    world.run("poll_tiktok", shop)
    world.time += timedelta(minutes=30)
    world.tiktok.corrupt(order, Damage.NO_LINE_ITEMS)
    world.run("poll_tiktok", shop)
    world.time += timedelta(hours=1)
    world.run("poll_tiktok", shop)
    assert order in world.shops.unread(shop.id)

    world.tiktok.corrupt(order, None)
    world.run("poll_tiktok", shop)
    assert world.shops.unread(shop.id) == {}
    assert world.record(shop, order).order.tiktok_status == "AWAITING_SHIPMENT"


def test_an_order_without_an_id_is_counted_and_the_daily_comparison_brings_it_in(world: World, shop: Connected) -> None:
    before, bad, behind = some_orders(world, shop, 3)
    world.tiktok.corrupt(bad, Damage.MISSING_ID)
    world.run("poll_tiktok", shop)

    assert any("orders_unreadable: order without id: id: Field required" in problem for problem in world.problems())
    assert known(world, shop) == {before, behind}

    world.tiktok.corrupt(bad, None)
    world.time += timedelta(hours=12)
    world.run("reconcile", shop)
    assert known(world, shop) == {before, bad, behind}


def test_values_that_are_not_known_yet_are_kept_and_counted(world: World, shop: Connected) -> None:
    order = world.order(shop)
    world.tiktok.set_unknown_status(order, "AWAITING_DRONE")
    world.run("poll_tiktok", shop)

    assert world.counted("unknown_values") == 1
    assert world.problems() == ["unknown_values: order status AWAITING_DRONE"]
    assert world.record(shop, order).order.tiktok_status == "AWAITING_DRONE"
    assert "UNKNOWN_STATUS" in world.events(shop, order)


def test_a_timer_that_cannot_be_started_is_counted_and_the_sweep_releases_the_order(
    world: World, shop: Connected
) -> None:
    order = world.order(shop)
    world.timers.broken = True
    world.run("poll_tiktok", shop)
    world.timers.broken = False

    assert world.counted("timers_not_started") == 1
    assert world.timers.waiting == {}
    world.time += timedelta(hours=1, minutes=6)
    world.run("release_due_orders", shop)
    assert world.record(shop, order).order.state is OrderState.RELEASED_FOR_SHIPMENT


def test_orders_of_one_slot_share_one_timer(world: World, shop: Connected) -> None:
    some_orders(world, shop, 10)
    world.run("poll_tiktok", shop)

    assert world.timers.started == 1
