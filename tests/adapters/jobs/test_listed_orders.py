"""Orders by the table of listings: open ones follow it, and a shop without one pays nothing for it."""

import time
from dataclasses import replace

import pytest

from local.simulators.tiktok_shop.doubts import Doubts
from local.simulators.tiktok_shop.money import LineSpec
from order_sync.domain.listings.times import LongestTime
from order_sync.domain.purchase import Purchase
from order_sync.domain.timeline import Event
from order_sync.jobs.order_watch import OrderWatch
from order_sync.partners.tiktok_shop.client import OrdersPage
from order_sync.partners.tiktok_shop.mapping import Reading
from tests.adapters.deadlines.deadline_scenes import HOUR, deadlines_of, local, watch
from tests.adapters.deadlines.many_orders import fill
from tests.adapters.jobs.listing_scenes import HEADER, SLOW_MUG, an_order, dates, load, made_to_order, reads_of
from tests.adapters.jobs.test_figures import show
from tests.builders import NOON, minutes, some_facts, some_lines
from tests.world import MUG, TEE, Connected, World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


# ---- orders


def test_orders_that_carry_no_times_have_those_of_their_skus(world: World, shop: Connected) -> None:
    """Placed on Monday, June 1st; June 19th is a holiday."""
    load(world, shop, SLOW_MUG)
    assert dates(world, shop, made_to_order(world, shop, MUG)) == ("06-15", "06-25")
    assert dates(world, shop, made_to_order(world, shop, TEE, MUG)) == ("06-15", "06-25")
    assert dates(world, shop, made_to_order(world, shop, TEE)) == ("06-02", "06-04")
    assert dates(world, shop, an_order(world, shop, MUG)) == ("06-04", "06-25")
    assert dates(world, shop, made_to_order(world, shop, MUG, handling_days=5)) == ("06-08", "06-17")


@pytest.mark.parametrize("doubts", [Doubts(), Doubts(handling_time_only_of_lines=True)], ids=["order", "lines"])
def test_the_handling_time_that_an_order_or_its_lines_carry_comes_first(doubts: Doubts) -> None:
    world = World(tiktok_doubts=doubts)
    shop = world.connect()
    load(world, shop, SLOW_MUG)
    assert dates(world, shop, made_to_order(world, shop, MUG, handling_days=4)) == ("06-05", "06-16")


def test_a_pre_order_counts_from_its_release_date(world: World, shop: Connected) -> None:
    load(world, shop, SLOW_MUG)
    order = world.order(shop, TEE, release_date=local("2026-06-11 09:00:00"))
    world.run("poll_tiktok", shop)
    assert dates(world, shop, order) == ("06-12", "06-16")


def test_the_slowest_unit_cancelled_moves_the_deadline_forward(world: World, shop: Connected) -> None:
    load(world, shop, SLOW_MUG)
    order = made_to_order(world, shop, TEE, MUG)
    assert dates(world, shop, order)[0] == "06-15"
    mug = next(line.id for line in world.record(shop, order).order.lines if line.sku == "MUG-RED")
    world.tiktok.cancel_by_seller(order, lines=[mug])
    world.run("poll_tiktok", shop)
    assert dates(world, shop, order) == ("06-02", "06-04")


def test_open_orders_follow_a_new_table_with_the_next_watch_and_dispatched_ones_do_not(
    world: World, shop: Connected
) -> None:
    open_order, dispatched = made_to_order(world, shop, MUG), made_to_order(world, shop, MUG)
    world.time += HOUR
    world.tiktok.dispatch_at(dispatched, tracking_added=world.time - HOUR / 2, collected=world.time)
    world.run("poll_tiktok", shop)
    watch(world, shop)
    assert dates(world, shop, open_order) == ("06-04", "06-11")

    load(world, shop, SLOW_MUG)
    watch(world, shop)
    assert dates(world, shop, open_order) == ("06-15", "06-25")
    assert dates(world, shop, dispatched) == ("06-04", "06-11")
    moved = [fact.detail for fact in world.ledger.timeline(shop.id, open_order) if fact.event is Event.DEADLINES_SET]
    assert [fact["delivery_by"][:10] for fact in moved] == ["2026-06-26"]

    load(world, shop, HEADER, replace=True)
    watch(world, shop)
    assert dates(world, shop, open_order) == ("06-04", "06-11")


def test_a_table_that_says_what_held_before_is_known_for_later_all_the_same(world: World, shop: Connected) -> None:
    """A report counts the order under another profile, where it would not be the same."""
    order = made_to_order(world, shop, MUG)
    watch(world, shop)
    before = dates(world, shop, order)
    load(world, shop, HEADER + "MUG-RED,3,5\n")
    watch(world, shop)
    assert dates(world, shop, order) == before
    assert deadlines_of(world, shop, order).clock.listed_handling == LongestTime(days=3)


def nothing_to_buy() -> Purchase:
    raise AssertionError("nobody hands it over")


def test_a_unit_that_tiktok_stops_showing_still_counts(world: World, shop: Connected) -> None:
    load(world, shop, SLOW_MUG)
    run = world.shop_run(shop)
    orders = OrderWatch(run, lambda _: OrdersPage(readings=()), world.timers.start)
    tee, mug = (replace(line, sku=spec.sku) for line, spec in zip(some_lines(), (TEE, MUG), strict=True))
    for number, lines in enumerate([(tee, mug), (tee,)]):
        facts = some_facts(seen_after=minutes(number), order_type="MADE_TO_ORDER", lines=lines)
        orders.see(OrdersPage(readings=(Reading(facts=facts, _purchase=nothing_to_buy),)))
        assert dates(world, shop, facts.id)[0] == "06-15"


def test_nobody_is_warned_of_a_deadline_that_a_new_table_puts_off(world: World, shop: Connected) -> None:
    order = made_to_order(world, shop, MUG)
    watch(world, shop)
    load(world, shop, SLOW_MUG)
    world.time = local("2026-06-04 20:00:00")
    report = watch(world, shop)
    assert world.summaries == []
    assert report.gauges["orders_due_in_24h"] == 0
    assert dates(world, shop, order)[0] == "06-15"


def test_the_same_file_again_looks_at_no_order(world: World, shop: Connected) -> None:
    for _ in range(5):
        made_to_order(world, shop, MUG)
    load(world, shop, SLOW_MUG)
    assert watch(world, shop).counts["orders_looked_at"] == 5
    load(world, shop, SLOW_MUG)
    assert watch(world, shop).counts["orders_looked_at"] == 0


# ---- what it costs


def reads_of_a_page(text: str) -> tuple[tuple[int, float], tuple[int, float]]:
    """Reading calls and units of the poll that brings fifty orders of two SKUs each, and of an idle one after it."""
    world = World()
    shop = world.connect()
    world.run("poll_tiktok", shop)
    if text:
        load(world, shop, text)
    for number in range(50):
        world.order(shop, *(LineSpec(f"SKU-{sku:05}", "20.00", 2) for sku in (number, 5_000 + number)))
    page, idle = (reads_of(world, shop, "poll_tiktok") for _ in range(2))
    assert [report.counts["orders_changed"] for *_, report in (page, idle)] == [50, 0]
    return page[:2], idle[:2]


def test_a_table_costs_a_page_of_orders_one_batch_and_a_shop_without_one_nothing() -> None:
    without, idle_without = reads_of_a_page("")
    found, idle = reads_of_a_page(HEADER + "".join(f"SKU-{sku:05},{sku % 9},4\n" for sku in range(10_000)))
    show(
        "a page of fifty orders of two SKUs",
        {
            "read units per order without a table": without[1] / 50,
            "read units per order with ten thousand SKUs": found[1] / 50,
        },
    )
    assert found[0] - without[0] == 1
    # At most one for each SKU, and fewer, since a shelf holds many.
    assert 0 < found[1] - without[1] < 2 * 50
    assert idle == idle_without


def test_ten_thousand_rows_are_loaded_in_seconds_with_one_transaction(world: World, shop: Connected) -> None:
    rows = "".join(f"TEE-{number:05},{number % 20},{number % 9},Title {number}\n" for number in range(10_000))
    text = "Seller SKU,Handling time (business days),Shipping time,Title\n" + rows
    world.table.calls.clear()
    world.table.write_units = 0
    start = time.perf_counter()
    assert load(world, shop, text)["skus_added"] == 10_000
    seconds = time.perf_counter() - start
    show("ten thousand rows", {"seconds": round(seconds, 2), "write units": world.table.write_units})
    assert world.table.calls["write_all"] == 1
    assert world.table.calls["put"] == 0
    assert world.table.write_units < 800
    assert seconds < 10


def test_a_new_table_is_followed_by_open_orders_with_a_batch_for_many(world: World, shop: Connected) -> None:
    fill(world.table, world.shops.settings(shop.id), 1_000, NOON)
    watch(world, shop)
    idle, _, _ = reads_of(world, shop, "watch_deadlines")
    load(world, shop, HEADER + "CAP,1,1\n")
    first, _, report = reads_of(world, shop, "watch_deadlines")
    assert report.counts["orders_looked_at"] == 0
    # A thousand orders in twenty batches, and twice the table for five hundred each.
    assert first - idle <= 20 + 2 + 5
    assert reads_of(world, shop, "watch_deadlines")[0] == idle
