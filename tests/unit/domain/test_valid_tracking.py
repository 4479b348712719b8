"""Which parcels the Valid Tracking Rate is about, and when it is too low."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from order_sync.domain.deadlines.rates import Rate
from order_sync.domain.shipping.valid_tracking import (
    is_low,
    period_of,
    rate_window,
    verdict,
    without_scan_for_a_day,
    without_scan_for_two_days,
)

PACIFIC = ZoneInfo("America/Los_Angeles")


def test_the_window_is_seven_whole_days_that_ended_two_weeks_ago() -> None:
    window = rate_window(date(2026, 6, 24))
    assert (window.first, window.last, len(window.days)) == (date(2026, 6, 3), date(2026, 6, 9), 7)


@pytest.mark.parametrize(
    ("today", "hours"), [(date(2026, 6, 24), 7 * 24), (date(2026, 3, 29), 7 * 24 - 1), (date(2026, 11, 22), 7 * 24 + 1)]
)
def test_its_days_are_those_where_the_shop_is_also_when_the_clocks_change(today: date, hours: int) -> None:
    window = rate_window(today)
    since, before = period_of(window, PACIFIC)
    assert since == datetime(window.first.year, window.first.month, window.first.day, tzinfo=PACIFIC)
    assert before - since == timedelta(hours=hours)


def test_the_windows_of_a_week_apart_meet() -> None:
    earlier, later = (period_of(rate_window(date(2026, 6, day)), PACIFIC) for day in (17, 24))
    assert earlier.before == later.since


def test_what_waits_for_a_day_and_for_longer_is_never_the_same() -> None:
    now = datetime(2026, 6, 24, 12, tzinfo=UTC)
    a_day, longer = without_scan_for_a_day(now), without_scan_for_two_days(now)
    assert (a_day.since, a_day.before) == (now - timedelta(hours=48), now - timedelta(hours=24))
    assert (longer.since, longer.before) == (now - timedelta(days=21), a_day.since)


@pytest.mark.parametrize(
    ("part", "parcels", "low"),
    [(95, 100, False), (19, 20, False), (94_999, 100_000, True), (95_001, 100_000, False), (0, 1, True), (1, 1, False)],
)
def test_exactly_the_target_is_enough(part: int, parcels: int, *, low: bool) -> None:
    rate = Rate(part=part, orders=parcels)
    assert is_low(rate) is low
    assert verdict(rate).startswith("below" if low else "within")


def test_no_parcels_are_no_data() -> None:
    rate = Rate(part=0, orders=0)
    assert (is_low(rate), verdict(rate)) == (False, "no data")
