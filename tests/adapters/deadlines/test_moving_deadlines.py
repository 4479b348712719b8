"""Deadlines that TikTok Shop, a listing or the shop's own settings move: people are warned of the new value."""

from typing import Any

import pytest

from local.simulators.tiktok_shop.deadlines import DayCounts
from local.simulators.tiktok_shop.orders import OrderType
from order_sync.domain.deadlines.deadlines import Stage
from order_sync.domain.errors import RejectedError
from order_sync.ledger import keys
from order_sync.ledger.deadlines import DeadlineBook
from order_sync.ledger.table import Put
from tests.adapters.deadlines.deadline_scenes import (
    HOUR,
    LEAD,
    MISSED,
    DeadlineWorld,
    an_awaiting_order,
    awaiting_orders,
    deadlines_of,
    levels_of,
    local,
    pass_time,
    told_of,
    warnings_of,
    watch,
    watch_until,
)
from tests.world import TEE, Connected, World

DUE = local("2026-06-04 23:59:59")
"""The end of the third business day of an order of Monday the first."""


@pytest.fixture
def world() -> DeadlineWorld:
    return DeadlineWorld()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


# ---- deadlines that move


def test_a_deadline_that_tiktok_moves_forward_is_warned_of_anew(world: World, shop: Connected) -> None:
    order = an_awaiting_order(world, shop, day_counts=DayCounts(collect=2))
    tuesday = local("2026-06-02 23:59:59")
    watch_until(world, shop, local("2026-06-02 13:00:00"))
    assert levels_of(world, shop, order) == []
    world.tiktok.change_limits(order, DayCounts(collect=1))
    world.run("poll_tiktok", shop)
    watch_until(world, shop, tuesday + 25 * HOUR)
    assert [(each.what, each.deadline) for each in warnings_of(world, shop, order)] == [
        ("12", tuesday),
        ("4", tuesday),
        (MISSED, tuesday),
    ]


def test_a_deadline_that_tiktok_puts_off_is_warned_of_anew_and_no_longer_overdue(world: World, shop: Connected) -> None:
    order = an_awaiting_order(world, shop, day_counts=DayCounts(collect=2))
    wednesday = local("2026-06-03 23:59:59")
    watch_until(world, shop, wednesday + HOUR)
    book = DeadlineBook(world.table)
    assert levels_of(world, shop, order) == ["24", "12", "4", MISSED]
    assert book.count(shop.id, Stage.LATE) == 1

    world.tiktok.change_limits(order, DayCounts(collect=4))
    world.run("poll_tiktok", shop)
    report = watch(world, shop)
    assert (report.gauges["orders_overdue"], report.gauges["orders_due_in_24h"]) == (0, 1)
    watch_until(world, shop, DUE + HOUR)
    assert [(each.what, each.deadline) for each in warnings_of(world, shop, order)[4:]] == [
        ("24", DUE),
        ("12", DUE),
        ("4", DUE),
        (MISSED, DUE),
    ]


def test_an_order_due_soon_that_gets_more_time_is_due_soon_no_longer(world: World, shop: Connected) -> None:
    an_awaiting_order(world, shop, day_counts=DayCounts(collect=1))
    watch_until(world, shop, local("2026-06-02 12:30:00"))
    (order,) = told_of(world)
    assert watch(world, shop).gauges["orders_due_in_24h"] == 1
    world.tiktok.change_limits(order, DayCounts(collect=3))
    world.run("poll_tiktok", shop)
    report = watch(world, shop)
    assert (report.gauges["orders_overdue"], report.gauges["orders_due_in_24h"]) == (0, 0)


def test_after_a_change_of_the_profile_open_orders_are_counted_anew(world: World, shop: Connected) -> None:
    # The guide says Thursday; the newer profile Wednesday.
    order = an_awaiting_order(world, shop)
    watch_until(world, shop, local("2026-06-02 12:00:00"))
    assert levels_of(world, shop, order) == []
    world.reconnect(shop, deadlines={"profile": "us-2026-01"})
    wednesday = local("2026-06-03 23:59:59")
    watch_until(world, shop, wednesday + HOUR)
    given = warnings_of(world, shop, order)
    assert [(each.what, each.deadline) for each in given] == [
        ("24", wednesday),
        ("12", wednesday),
        ("4", wednesday),
        (MISSED, wednesday),
    ]
    tuesday = local("2026-06-02 23:59:59")
    assert tuesday - LEAD <= given[0].at <= tuesday
    assert deadlines_of(world, shop, order).figures.profile == "us-2026-01"


def test_after_a_change_to_a_later_deadline_nobody_is_warned_of_the_earlier_one(world: World) -> None:
    shop = world.connect(deadlines={"profile": "us-2026-01"})
    order = an_awaiting_order(world, shop)
    watch_until(world, shop, local("2026-06-02 12:00:00"))
    world.reconnect(shop, deadlines={"profile": "guide-2025-08"})
    watch_until(world, shop, DUE + HOUR)
    assert {each.deadline for each in warnings_of(world, shop, order)} == {DUE}
    assert levels_of(world, shop, order) == ["24", "12", "4", MISSED]


def test_more_handling_time_of_the_shop_s_own_puts_the_deadline_off(world: World, shop: Connected) -> None:
    order = an_awaiting_order(world, shop, day_counts=DayCounts(collect=5))
    watch_until(world, shop, local("2026-06-02 12:00:00"))
    rows = [{"first_order_date": "2026-06-01", "last_order_date": "2026-06-01", "days": 1}]
    world.reconnect(shop, deadlines={"handling": "manual", "extra_handling": rows})
    friday = local("2026-06-05 23:59:59")
    watch_until(world, shop, friday + HOUR)
    assert {each.deadline for each in warnings_of(world, shop, order)} == {friday}
    assert levels_of(world, shop, order) == ["24", "12", "4", MISSED]


def test_a_change_of_settings_looks_at_each_open_order_once(world: World, shop: Connected) -> None:
    awaiting_orders(world, shop, 20)
    watch(world, shop)
    idle = calls_of_a_run(world, shop)
    world.reconnect(shop, deadlines={"profile": "us-2026-01"})
    assert calls_of_a_run(world, shop) > idle
    assert calls_of_a_run(world, shop) == idle


def calls_of_a_run(world: World, shop: Connected) -> int:
    world.table.calls.clear()
    watch(world, shop)
    return world.table.calls.total()


def test_a_settled_order_keeps_the_deadline_it_was_dispatched_under(world: World, shop: Connected) -> None:
    order = an_awaiting_order(world, shop)
    pass_time(world, local("2026-06-03 12:00:00"))
    world.tiktok.dispatch_at(order, tracking_added=world.time - HOUR, collected=world.time)
    world.run("poll_tiktok", shop)
    before = deadlines_of(world, shop, order)
    world.reconnect(shop, deadlines={"profile": "us-2026-01"})
    watch_until(world, shop, DUE)
    assert deadlines_of(world, shop, order) == before


def test_a_change_of_the_time_zone_moves_every_open_deadline(world: World, shop: Connected) -> None:
    order = an_awaiting_order(world, shop)
    watch(world, shop)
    world.reconnect(shop, time_zone="America/New_York")
    watch(world, shop)
    assert deadlines_of(world, shop, order).figures.dispatch_by == DUE - 3 * HOUR


def test_a_pre_order_is_warned_of_before_the_end_of_the_first_day_after_its_release(
    world: World, shop: Connected
) -> None:
    order = world.order(shop, TEE, release_date=local("2026-06-11 09:00:00"))
    watch_until(world, shop, local("2026-06-11 12:00:00"), "poll_tiktok", "release_due_orders")
    assert levels_of(world, shop, order) == []
    friday = local("2026-06-12 23:59:59")
    watch_until(world, shop, friday + HOUR)
    assert [(each.what, each.deadline) for each in warnings_of(world, shop, order)] == [
        ("24", friday),
        ("12", friday),
        ("4", friday),
        (MISSED, friday),
    ]


def test_what_is_made_to_order_has_the_handling_time_of_its_listing(world: World, shop: Connected) -> None:
    order = an_awaiting_order(world, shop, order_type=OrderType.MADE_TO_ORDER, handling_days=5)
    monday = local("2026-06-08 23:59:59")
    watch_until(world, shop, monday + HOUR)
    assert {each.deadline for each in warnings_of(world, shop, order)} == {monday}
    assert levels_of(world, shop, order) == ["24", "12", "4", MISSED]


# ---- bad settings


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"profile": "us-2099-01"}, "deadlines.profile"),
        ({"profile": "uk-2024-11"}, "deadlines.profile"),
        ({"profile": "the newest"}, "deadlines.profile"),
        ({"rate_window_days": 0}, "deadlines.rate_window_days"),
        ({"handling": "by hand"}, "deadlines.handling"),
        ({"extra_handling": [{"first_order_date": "soon", "days": 1}]}, "deadlines.extra_handling.0.first_order_date"),
        ({"profil": "us-2026-01"}, "deadlines.profil"),
    ],
)
def test_bad_settings_are_refused_with_their_field_named(
    world: World, shop: Connected, settings: dict[str, Any], field: str
) -> None:
    before = world.shops.settings(shop.id)
    with pytest.raises(RejectedError, match=rf"settings of shop {shop.id}: .*{field}"):
        world.reconnect(shop, deadlines=settings)
    assert world.shops.settings(shop.id) == before


def test_a_profile_that_the_product_no_longer_ships_is_named_by_the_run(world: World, shop: Connected) -> None:
    key = keys.settings_key(shop.id)
    item = world.table.items[key]
    text = str(item["settings"]).replace("guide-2025-08", "guide-2020-01")
    world.table.put(Put(item=item | {"settings": text}))
    with pytest.raises(RejectedError, match=r"deadlines\.profile: 'guide-2020-01'"):
        watch(world, shop)
