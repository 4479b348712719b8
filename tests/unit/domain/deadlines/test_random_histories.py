"""Counters, rates and readings after thousands of random histories are what a brute-force count gives."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction

import pytest

from order_sync.domain.deadlines.rates import DispatchRates, Rate, Window, add_up
from order_sync.domain.deadlines.tallies import Basis, contributions
from tests.unit.domain.deadlines.brute_force import count
from tests.unit.domain.deadlines.order_lives import History
from tests.unit.domain.deadlines.orders_and_moments import rates_of_orders
from tests.unit.domain.deadlines.playing import by_day, played
from tests.unit.domain.deadlines.random_histories import a_history

HISTORIES, CHUNK = 2_000, 250


def expected_rates(counted: Mapping[tuple[date, str], int], window: Window) -> dict[str, Fraction | None]:
    """Every reading of a window, from the brute-force count, as OP C5 and B5 have it."""
    total = Counter[str]()
    for (day, name), number in counted.items():
        if window.first <= day <= window.last:
            total[name] += number

    def rate(above: list[str], below: list[str]) -> Fraction | None:
        orders = sum(total[name] for name in below)
        return Fraction(sum(total[name] for name in above), orders) if orders else None

    late, shipped = ["profile_late", "profile_late_canceled"], ["profile_on_time", "profile_late"]
    both = [*shipped, "profile_late_canceled"]
    theirs = ["tiktok_late", "tiktok_late_canceled"]
    every = [*both, "profile_late_open", "profile_canceled_in_time"]
    return {
        "counting": rate(late, both),
        "shipped only": rate(["profile_late"], shipped),
        "cancelled above only": rate(late, shipped),
        "with TikTok's": rate(late, [*both, "fulfilled_by_tiktok"]),
        "with open": rate([*late, "profile_late_open"], [*both, "profile_late_open"]),
        "by TikTok's": rate(theirs, [*theirs, "tiktok_on_time"]),
        "seller's fault": rate(["seller_fault"], every),
    }


def readings(rates: DispatchRates) -> dict[str, Fraction | None]:
    found: dict[str, Rate] = {
        "counting": rates.late_dispatch(),
        "shipped only": rates.shipped_only,
        "cancelled above only": rates.canceled_above_only,
        "with TikTok's": rates.with_fulfilled_by_tiktok,
        "with open": rates.with_open,
        "by TikTok's": rates.late_dispatch(Basis.TIKTOK),
        "seller's fault": rates.seller_fault_cancellation,
    }
    return {name: rate.exact for name, rate in found.items()}


def windows(history: History) -> list[Window]:
    """The last week, the last thirty days, and everything."""
    last = history.end.date()
    lengths = [(7, 1), (30, 1), (120, -120)]
    return [Window(first=last - timedelta(days=days), last=last - timedelta(days=after)) for days, after in lengths]


def compare(history: History) -> Counter[str]:
    """Play a history and compare it with the count; gives what it counted."""
    counters, records = played(history)
    expected = count(history)
    assert by_day(counters) == by_day(expected)
    own = [contributions(record.order, record.deadlines) for record in records.values()]
    for window in windows(history):
        found = add_up(window, by_day(counters))
        assert readings(found) == expected_rates(expected, window)
        assert found == rates_of_orders(window, own)
    return Counter(name for _, name in expected.elements())


EVERYTHING_COUNTED = {
    *(
        f"{basis}_{what}"
        for basis in ("profile", "tiktok")
        for what in ("on_time", "late", "late_canceled", "late_open", "canceled_in_time")
    ),
    "late_canceled_by_platform",
    "fulfilled_by_tiktok",
    "seller_fault",
    "differing",
}


@pytest.mark.parametrize("first", range(0, HISTORIES, CHUNK))
def test_counters_and_rates_are_those_of_a_brute_force_count(first: int) -> None:
    found = Counter[str]()
    for seed in range(first, first + CHUNK):
        try:
            found += compare(a_history(seed))
        except AssertionError as error:
            raise AssertionError(f"history of seed {seed}: {error}") from error
    assert set(found) == EVERYTHING_COUNTED
