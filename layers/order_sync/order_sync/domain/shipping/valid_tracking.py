"""The Valid Tracking Rate: of the parcels of some weeks ago, how many a carrier has scanned (OP B5)."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from order_sync.domain.deadlines.rates import Rate, Window

TARGET: Final = Decimal(95)
"""In percent, and exactly that is enough (OP B5: TikTok Shop's page 1274968588748558 of 2025-10-31)."""
_OLDEST_DAY: Final = timedelta(days=21)
_NEWEST_DAY: Final = timedelta(days=15)
"""Scans are looked at 14 to 21 days back: the seven whole days that ended at least 14 days ago.

So says one vendor (OP B5: SellerOps), while TikTok Shop's page names no days. The same vendor asks for two scans, of
which TikTok Shop shows us only the first: its own rate may be lower than ours.
"""
_A_DAY: Final = timedelta(hours=24)
_TWO_DAYS: Final = timedelta(hours=48)
READING: Final = (
    "Order Sync's own reading: TikTok Shop does not say which parcels it looks at, and may want a second scan"
)


class Period(NamedTuple):
    """A stretch of time; its end does not belong to it."""

    since: datetime
    before: datetime


def rate_window(today: date) -> Window:
    """The days of the rate, by when TikTok Shop got the parcels."""
    return Window(first=today - _OLDEST_DAY, last=today - _NEWEST_DAY)


def period_of(window: Window, zone: ZoneInfo) -> Period:
    """From the first to the last moment of a window's days where the shop is."""
    midnights = (datetime.combine(day, time(), zone) for day in (window.first, window.last + timedelta(days=1)))
    return Period(*(midnight.astimezone(UTC) for midnight in midnights))


def without_scan_for_a_day(now: datetime) -> Period:
    """When TikTok Shop got the parcels that are older than 24 hours, and not older than 48."""
    return Period(now - _TWO_DAYS, now - _A_DAY)


def without_scan_for_two_days(now: datetime) -> Period:
    """When it got those that are older than 48 hours, as far back as the rate looks."""
    return Period(now - _OLDEST_DAY, now - _TWO_DAYS)


def is_low(rate: Rate) -> bool:
    """Whether a rate is below the target; exactly the target is fine."""
    return rate.exact is not None and rate.exact < Fraction(TARGET) / 100


def verdict(rate: Rate) -> str:
    """Where a rate stands."""
    if rate.exact is None:
        return "no data"
    return f"below TikTok Shop's target of {TARGET} %" if is_low(rate) else f"within TikTok Shop's target of {TARGET} %"
