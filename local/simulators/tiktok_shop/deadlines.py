"""TikTok's own time limits of an order (OP B3), filled plausibly: days end at 23:59:59 where the shop is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from local.simulators.tiktok_shop.business_days import business_day_after

LAST_SECOND = time(23, 59, 59)


class HandlingUnit(StrEnum):
    """What the handling time of a listing is counted in."""

    BUSINESS_DAY = "BUSINESS_DAY"
    CALENDAR_DAY = "CALENDAR_DAY"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCounts:
    """In business days: by when an order is to be shipped, collected and delivered, and when it is cancelled.

    The figures of a regular order, for which nothing else was said.
    """

    ship: int = 2
    collect: int = 3
    deliver: int = 9
    cancel_unshipped: int = 7
    cancel_uncollected: int = 12
    cancel_undelivered: int = 30


USUAL = DayCounts()
AFTER_RELEASE = DayCounts(
    ship=1, collect=1, deliver=6, cancel_unshipped=6, cancel_uncollected=11, cancel_undelivered=30
)
"""Of pre-orders, from the release date; cancelled 5 business days after the limit (OP B2, B4)."""
AFTER_HANDLING = DayCounts(
    ship=0, collect=0, deliver=5, cancel_unshipped=4, cancel_uncollected=9, cancel_undelivered=27
)
"""Of what is made to order or ordered back, from the end of the handling time; cancelled 4 business days later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Named as the API's fields: `*_sla_time` are promises, `*_due_time` automatic cancellations."""

    rts_sla_time: datetime
    tts_sla_time: datetime
    delivery_sla_time: datetime
    shipping_due_time: datetime
    collection_due_time: datetime
    delivery_due_time: datetime
    cancel_order_sla_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where days are counted: a region's holidays and time zone, and further days that are no business days."""

    region: str
    timezone: ZoneInfo
    holidays: Collection[date]


def deadlines(
    place: Place, start: datetime, counts: DayCounts, handling_days: int, handling_unit: HandlingUnit
) -> Deadlines:
    """Limits counted from the order date (or release date), which is day 0: first the handling time, then the rest."""
    day = start.astimezone(place.timezone).date()
    if handling_unit is HandlingUnit.CALENDAR_DAY:
        handled = day + timedelta(days=handling_days)
    else:
        handled = business_day_after(day, handling_days, place.region, place.holidays)

    def end_of(count: int) -> datetime:
        last = business_day_after(handled, count, place.region, place.holidays)
        return datetime.combine(last, LAST_SECOND, place.timezone).astimezone(UTC)

    return Deadlines(
        rts_sla_time=end_of(counts.ship),
        tts_sla_time=end_of(counts.collect),
        delivery_sla_time=end_of(counts.deliver),
        shipping_due_time=end_of(counts.cancel_unshipped),
        collection_due_time=end_of(counts.cancel_uncollected),
        delivery_due_time=end_of(counts.cancel_undelivered),
        cancel_order_sla_time=end_of(counts.cancel_unshipped),
    )
