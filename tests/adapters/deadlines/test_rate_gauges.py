"""The rates that are published: exact, from ten orders on, and only of the window."""

from collections.abc import Mapping

import pytest

from tests.adapters.deadlines.deadline_scenes import (
    gauge,
    local,
    pass_time,
    watch,
    with_fate,
)
from tests.world import Connected, World

RATES = {"late_dispatch_rate", "seller_fault_cancellation_rate"}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


def dispatched(world: World, shop: Connected, fates: Mapping[str, int]) -> None:
    """Orders of Wednesday the 3rd, due on Monday the 8th; it is Friday the 12th."""
    pass_time(world, local("2026-06-12 12:00:00"))
    with_fate(world, shop, fates, placed=local("2026-06-03 09:00:00"), due=local("2026-06-08 23:59:59"))
    world.run("poll_tiktok", shop)


@pytest.mark.parametrize(("late", "orders"), [(2, 50), (1, 25), (4, 100)])
def test_exactly_four_percent_is_exactly_four(world: World, shop: Connected, late: int, orders: int) -> None:
    dispatched(world, shop, {"late": late, "on time": orders - late})
    assert gauge(world, shop, "late_dispatch_rate") == 4.0


@pytest.mark.parametrize(("number", "published"), [(9, False), (10, True)])
def test_rates_are_published_from_ten_orders_on(world: World, shop: Connected, number: int, *, published: bool) -> None:
    dispatched(world, shop, {"late": number})
    gauges = watch(world, shop).gauges
    assert (gauges.keys() >= RATES) == published
    assert gauges.get("late_dispatch_rate", 100.0) == 100.0
    assert gauges.get("seller_fault_cancellation_rate", 0.0) == 0.0


def test_each_rate_has_its_own_orders(world: World, shop: Connected) -> None:
    """Cancelled in time: nothing for the Late Dispatch Rate, but one of those that came to await shipment."""
    dispatched(world, shop, {"on time": 8, "late": 1, "cancelled by the seller in time": 1})
    gauges = watch(world, shop).gauges
    assert "late_dispatch_rate" not in gauges
    assert gauges["seller_fault_cancellation_rate"] == 10.0


def test_what_was_cancelled_late_counts_in_both_rates(world: World, shop: Connected) -> None:
    dispatched(world, shop, {"on time": 18, "cancelled by the seller late": 2})
    gauges = watch(world, shop).gauges
    assert gauges["late_dispatch_rate"] == 10.0
    assert gauges["seller_fault_cancellation_rate"] == 10.0


def test_rates_are_those_of_the_window_and_end_with_it(world: World, shop: Connected) -> None:
    dispatched(world, shop, {"late": 10})
    seen = []
    for day in ("2026-06-12", "2026-06-15", "2026-06-16"):
        pass_time(world, local(f"{day} 12:00:00"))
        seen.append("late_dispatch_rate" in watch(world, shop).gauges)
    assert seen == [True, True, False]


def test_a_window_of_the_shop_s_own_counts(world: World) -> None:
    shop = world.connect(deadlines={"rate_window_days": 30})
    dispatched(world, shop, {"late": 10})
    pass_time(world, local("2026-07-08 12:00:00"))
    assert gauge(world, shop, "late_dispatch_rate") == 100.0
    pass_time(world, local("2026-07-09 12:00:00"))
    assert "late_dispatch_rate" not in watch(world, shop).gauges
