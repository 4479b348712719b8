"""People are warned of each deadline in time and once, whatever the order does, and nothing is warned of in vain."""

from datetime import timedelta
from typing import Any

import pytest

from local.tracking_numbers import usps
from order_sync.domain.deadlines.deadlines import Stage
from order_sync.ledger import keys
from order_sync.ledger.deadlines import DeadlineBook
from order_sync.ledger.table import Put
from tests.adapters.deadlines.deadline_scenes import (
    CANCEL,
    HOUR,
    LEAD,
    LONDON,
    MINUTE,
    MISSED,
    DeadlineWorld,
    an_awaiting_order,
    awaiting_orders,
    deadlines_of,
    kept_summary,
    levels_of,
    local,
    named_in,
    pass_time,
    told_of,
    warnings_of,
    watch,
    watch_until,
)
from tests.world import CYCLE, TEE, TWO_TEES, Connected, World

DUE = local("2026-06-04 23:59:59")
"""The end of the third business day of an order of Monday the first."""
CANCELS = local("2026-06-10 23:59:59")
AHEAD = {"24": local("2026-06-03 23:59:59"), "12": local("2026-06-04 11:59:59"), "4": local("2026-06-04 19:59:59")}
"""When that order is warned of."""


@pytest.fixture
def world() -> DeadlineWorld:
    return DeadlineWorld()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


# ---- a whole life


def test_an_order_that_nobody_ships_is_warned_of_at_every_level_once(world: World, shop: Connected) -> None:
    order = world.order(shop)
    watch_until(world, shop, local("2026-06-01 08:00:00"), "poll_tiktok", "release_due_orders")
    watch_until(world, shop, CANCELS - MINUTE)
    given = warnings_of(world, shop, order)

    assert [(each.what, each.deadline) for each in given] == [
        ("24", DUE),
        ("12", DUE),
        ("4", DUE),
        (MISSED, DUE),
        (CANCEL, CANCELS),
    ]
    for each in given[:3]:
        assert AHEAD[each.what] - LEAD <= each.at <= AHEAD[each.what]
    assert DUE + timedelta(seconds=1) <= given[3].at <= DUE + CYCLE + MINUTE
    day_before = local("2026-06-09 23:59:59")
    assert day_before - LEAD <= given[4].at <= day_before
    assert world.problems() == []


def test_after_tiktok_has_cancelled_it_nothing_more_is_said(world: World, shop: Connected) -> None:
    order = an_awaiting_order(world, shop)
    watch_until(world, shop, CANCELS - MINUTE)
    before = levels_of(world, shop, order), len(world.summaries)
    pass_time(world, CANCELS + HOUR)
    world.run("poll_tiktok", shop)
    watch_until(world, shop, CANCELS + timedelta(days=4))

    record = world.record(shop, order)
    assert (record.order.state, record.order.canceled_by) == ("CANCELED", "SYSTEM")
    assert (levels_of(world, shop, order), len(world.summaries)) == before
    assert DeadlineBook(world.table).count(shop.id, Stage.CLOSED) == 1


def test_the_summaries_say_what_the_timeline_says_and_no_run_says_nothing(world: World, shop: Connected) -> None:
    orders = awaiting_orders(world, shop, 3)
    watch_until(world, shop, CANCELS - MINUTE)

    titles = [text.splitlines()[1] for _, text in world.summaries]
    assert titles == [
        "3 orders must be dispatched within 24 business hours:",
        "3 orders must be dispatched within 12 business hours:",
        "3 orders must be dispatched within 4 business hours:",
        "3 orders missed the dispatch deadline:",
        "3 orders will be cancelled by TikTok Shop within 24 business hours:",
    ]
    assert {subject for subject, _ in world.summaries} == {"Shop US 1: 3 deadline warnings"}
    assert told_of(world) == dict.fromkeys(orders, 5)
    assert world.counted("summaries_published") == 5
    assert {due for _, text in world.summaries[:4] for _, due in named_in(text)} == {"Thu 04 Jun 23:59"}


def test_an_order_of_monday_s_deadline_is_warned_of_on_friday_and_not_over_the_weekend(
    world: World, shop: Connected
) -> None:
    pass_time(world, local("2026-06-03 09:00:00"))
    order = an_awaiting_order(world, shop)
    due, friday = local("2026-06-08 23:59:59"), local("2026-06-05 23:59:59")
    watch_until(world, shop, local("2026-06-08 00:00:00"))
    (first,) = warnings_of(world, shop, order)
    assert (first.what, first.deadline) == ("24", due)
    assert friday - LEAD <= first.at <= friday

    watch_until(world, shop, due + HOUR)
    assert levels_of(world, shop, order) == ["24", "12", "4", MISSED]


def test_a_holiday_before_the_deadline_is_no_time_to_ship(world: World, shop: Connected) -> None:
    # Friday the 19th is Juneteenth: the third business day of Tuesday the 16th is Monday the 22nd.
    pass_time(world, local("2026-06-16 09:00:00"))
    order = an_awaiting_order(world, shop)
    watch_until(world, shop, local("2026-06-22 00:00:00"))
    assert deadlines_of(world, shop, order).act_by == local("2026-06-22 23:59:59")
    (first,) = warnings_of(world, shop, order)
    thursday = local("2026-06-18 23:59:59")
    assert thursday - LEAD <= first.at <= thursday


def test_a_shop_elsewhere_is_warned_by_its_own_clock(world: World) -> None:
    shop = world.connect("GB")
    order = an_awaiting_order(world, shop)
    due = local("2026-06-04 23:59:59", LONDON)
    watch_until(world, shop, due + HOUR)
    assert [each.what for each in warnings_of(world, shop, order)] == ["24", "12", "4", MISSED]
    assert {each.deadline for each in warnings_of(world, shop, order)} == {due}
    assert {due for _, text in world.summaries for _, due in named_in(text)} == {"Thu 04 Jun 23:59"}
    assert "times in Europe/London" in world.summaries[0][1]


def test_each_shop_s_people_read_of_its_own_orders(world: World) -> None:
    shops = [world.connect("US"), world.connect("GB")]
    orders = [an_awaiting_order(world, shop) for shop in shops]
    pass_time(world, local("2026-06-04 13:00:00"))
    for shop in shops:
        watch(world, shop)
    assert [[order for order, _ in named_in(text)] for _, text in world.summaries] == [[order] for order in orders]


def test_an_order_that_is_first_seen_late_is_told_once_as_missed(world: World, shop: Connected) -> None:
    """Four warnings in one breath help nobody."""
    pass_time(world, local("2026-06-05 09:00:00"))
    order = an_awaiting_order(world, shop, created_at=local("2026-06-01 08:00:00"))
    watch_until(world, shop, world.time + 3 * HOUR)
    assert levels_of(world, shop, order) == [MISSED]
    assert told_of(world) == {order: 1}


def test_an_order_whose_warnings_come_close_to_each_other_is_told_the_most_urgent(
    world: World, shop: Connected
) -> None:
    pass_time(world, local("2026-06-04 21:00:00"))
    order = an_awaiting_order(world, shop, created_at=local("2026-06-01 08:00:00"))
    watch_until(world, shop, DUE + HOUR)
    assert levels_of(world, shop, order) == ["4", MISSED]


# ---- the order goes its way


def test_an_order_shipped_just_in_time_is_not_missed(world: World, shop: Connected) -> None:
    order = an_awaiting_order(world, shop)
    watch_until(world, shop, DUE - HOUR)
    pass_time(world, DUE + timedelta(seconds=30))
    world.tiktok.dispatch_at(order, tracking_added=DUE - HOUR / 2, collected=DUE)
    world.run("poll_tiktok", shop)
    watch_until(world, shop, DUE + timedelta(days=8))
    assert levels_of(world, shop, order) == ["24", "12", "4"]


@pytest.mark.parametrize("warned_first", [True, False])
def test_a_parcel_with_tracking_that_nobody_collects_is_late_and_cancelled_later(
    world: World, shop: Connected, *, warned_first: bool
) -> None:
    """Under the guide's profile only the carrier's scan stops the clock, but tracking keeps the first cancel away."""
    order = an_awaiting_order(world, shop)
    added = DUE - HOUR if warned_first else local("2026-06-02 09:00:00")
    watch_until(world, shop, added)
    world.tiktok.dispatch_at(order, tracking_added=added)
    world.run("poll_tiktok", shop)
    collect_or_cancel = local("2026-06-17 23:59:59")
    watch_until(world, shop, collect_or_cancel - MINUTE)
    given = warnings_of(world, shop, order)
    assert [each.what for each in given] == ["24", "12", "4", MISSED, CANCEL]
    assert given[-1].deadline == collect_or_cancel


def test_a_parcel_that_waits_for_the_carrier_is_warned_of_before_tiktok_cancels_it(world: World) -> None:
    """Where tracking is enough for the dispatch, the order still dies when nobody collects it (OP B3)."""
    shop = world.connect(deadlines={"profile": "us-2025-10"})
    order = an_awaiting_order(world, shop)
    pass_time(world, local("2026-06-02 09:00:00"))
    world.tiktok.dispatch_at(order, tracking_added=local("2026-06-02 08:00:00"))
    world.run("poll_tiktok", shop)
    collect_or_cancel = local("2026-06-17 23:59:59")
    watch_until(world, shop, collect_or_cancel - MINUTE)
    (given,) = warnings_of(world, shop, order)
    assert (given.what, given.deadline) == (CANCEL, collect_or_cancel)
    assert DeadlineBook(world.table).count(shop.id, Stage.LATE) == 0


def test_a_collection_that_tiktok_shows_a_day_later_is_missed_at_first_and_then_on_time(
    world: World, shop: Connected
) -> None:
    order = an_awaiting_order(world, shop)
    watch_until(world, shop, DUE + HOUR)
    book = DeadlineBook(world.table)
    assert book.count(shop.id, Stage.LATE) == 1
    pass_time(world, DUE + timedelta(days=1))
    world.tiktok.dispatch_at(order, tracking_added=DUE - 2 * HOUR, collected=DUE - HOUR)
    world.run("poll_tiktok", shop)
    watch_until(world, shop, DUE + timedelta(days=2))
    assert levels_of(world, shop, order) == ["24", "12", "4", MISSED]
    assert {stage: book.count(shop.id, stage) for stage in Stage} == {"OPEN": 0, "SOON": 0, "LATE": 0, "CLOSED": 1}


def test_an_order_is_warned_of_until_its_last_parcel_has_left(world: World, shop: Connected) -> None:
    order = world.order(shop, TWO_TEES, hold=False)
    world.run("poll_tiktok", shop)
    first, second = world.tiktok.line_ids(order)
    pass_time(world, local("2026-06-02 12:00:00"))
    package = world.tiktok.ship_in_seller_center(order, usps(1), "USPS", [first])
    world.tiktok.collect(package)
    world.run("poll_tiktok", shop)
    watch_until(world, shop, AHEAD["12"] + MINUTE)
    assert levels_of(world, shop, order) == ["24", "12"]
    other = world.tiktok.ship_in_seller_center(order, usps(2), "USPS", [second])
    world.tiktok.collect(other)
    world.run("poll_tiktok", shop)
    watch_until(world, shop, DUE + timedelta(days=8))
    assert levels_of(world, shop, order) == ["24", "12"]


def test_the_last_second_of_a_deadline_is_still_in_time(world: World, shop: Connected) -> None:
    order = an_awaiting_order(world, shop)
    second = timedelta(seconds=1)
    # A run begins a second after it was asked for.
    pass_time(world, DUE - second)
    assert watch(world, shop).gauges["orders_overdue"] == 0
    assert MISSED not in levels_of(world, shop, order)
    assert watch(world, shop).gauges["orders_overdue"] == 1
    assert [each.at for each in warnings_of(world, shop, order) if each.what == MISSED] == [DUE + second]


# ---- what nobody can ship


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"paid": False}, id="unpaid"),
        pytest.param({"fulfilled_by_tiktok": True}, id="from TikTok's warehouse"),
    ],
)
def test_an_order_that_the_seller_cannot_ship_is_never_warned_of(
    world: World, shop: Connected, options: dict[str, Any]
) -> None:
    order = world.order(shop, TEE, **options)
    watch_until(world, shop, local("2026-06-01 08:00:00"), "poll_tiktok", "release_due_orders")
    watch_until(world, shop, CANCELS - MINUTE)
    assert levels_of(world, shop, order) == []
    assert world.summaries == []


@pytest.mark.parametrize("at", ["2026-06-02 12:00:00", "2026-06-04 08:00:00"])
def test_a_cancelled_order_is_warned_of_no_longer(world: World, shop: Connected, at: str) -> None:
    order = an_awaiting_order(world, shop)
    watch_until(world, shop, local(at))
    before = levels_of(world, shop, order)
    world.tiktok.cancel_by_seller(order)
    world.run("poll_tiktok", shop)
    watch_until(world, shop, CANCELS)
    assert levels_of(world, shop, order) == before
    assert DeadlineBook(world.table).count(shop.id, Stage.CLOSED) == 1


def test_an_order_that_is_paid_at_last_is_warned_of_from_then_on(world: World, shop: Connected) -> None:
    order = world.order(shop, TEE, paid=False, hold=False)
    watch_until(world, shop, AHEAD["24"] + HOUR, "poll_tiktok")
    assert levels_of(world, shop, order) == []
    world.tiktok.pay(order)
    watch_until(world, shop, DUE + HOUR, "poll_tiktok")
    assert levels_of(world, shop, order) == ["24", "12", "4", MISSED]


def test_an_order_that_tiktok_s_carrier_picks_up_at_the_seller_s_is_warned_of(world: World, shop: Connected) -> None:
    """The seller packs it and hands it over, and it counts in the rate like any other."""
    order = an_awaiting_order(world, shop, shipped_by_tiktok=True)
    assert world.record(shop, order).order.handling == "THIRD_PARTY"
    watch_until(world, shop, DUE + HOUR)
    assert levels_of(world, shop, order) == ["24", "12", "4", MISSED]


def test_cash_on_delivery_is_warned_of(world: World, shop: Connected) -> None:
    order = an_awaiting_order(world, shop, cod=True)
    watch_until(world, shop, DUE + HOUR)
    assert levels_of(world, shop, order) == ["24", "12", "4", MISSED]


def test_an_order_from_before_go_live_is_watched_too(world: World, shop: Connected) -> None:
    """The seller ships it all the same, and it counts at TikTok Shop."""
    order = an_awaiting_order(world, shop, created_at=local("2026-06-01 01:00:00"))
    assert world.record(shop, order).order.handling == "WATCHED"
    watch_until(world, shop, DUE + HOUR)
    assert levels_of(world, shop, order) == ["24", "12", "4", MISSED]


# ---- damage


@pytest.mark.parametrize(
    ("sort_key", "attribute"), [("DEADLINES", "dispatch_by"), ("ORDER", "created_at"), ("DEADLINES", "given")]
)
def test_a_damaged_order_stops_nobody(world: World, shop: Connected, sort_key: str, attribute: str) -> None:
    bad, *good = awaiting_orders(world, shop, 5)
    watch(world, shop)
    (key,) = [key for key in world.table.items if key.sk == sort_key and bad in key.pk]
    world.table.put(Put(item=world.table.items[key] | {attribute: "spilt coffee"}))
    pass_time(world, AHEAD["24"])
    report = watch(world, shop)
    assert report.counts["orders_damaged"] == 1
    assert any(bad in problem for problem in report.problems)
    assert told_of(world) == dict.fromkeys(good, 1)
    assert report.gauges["orders_due_in_24h"] == 4
    # It stays where it is found in every cycle, until somebody has seen to it.
    assert watch(world, shop).counts["orders_damaged"] == 1


def test_a_healed_order_is_warned_of_after_all(world: World, shop: Connected) -> None:
    order = an_awaiting_order(world, shop)
    key = keys.deadlines_key(shop.id, order)
    item = world.table.items[key]
    world.table.put(Put(item=item | {"dispatch_by": "spilt coffee"}))
    pass_time(world, AHEAD["24"])
    watch(world, shop)
    assert kept_summary(world, shop) == ""
    world.table.put(Put(item=item))
    watch(world, shop)
    assert levels_of(world, shop, order) == ["24"]


# ---- idle


def test_a_run_with_nothing_due_writes_and_says_nothing(world: World, shop: Connected) -> None:
    awaiting_orders(world, shop, 10)
    for job in ("poll_oms", "poll_channeladvisor", "watch_deadlines"):
        world.run(job, shop)
    units = world.table.write_units
    report = watch(world, shop)
    assert world.table.write_units == units
    assert world.summaries == []
    assert (report.counts.total(), report.problems) == (0, [])


def test_orders_that_were_told_are_not_read_again(world: World, shop: Connected) -> None:
    awaiting_orders(world, shop, 10)
    pass_time(world, AHEAD["24"])
    assert watch(world, shop).counts["orders_looked_at"] == 10
    assert watch(world, shop).counts["orders_looked_at"] == 0
