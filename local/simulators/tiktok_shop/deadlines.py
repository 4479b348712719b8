"""TikTok's own time limits of an order (OP B3), filled plausibly: business days end at 23:59:59 local time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from local.simulators.tiktok_shop.shops import Shop

SHIP_DAYS, COLLECT_DAYS, AUTO_CANCEL_DAYS = 2, 3, 7
DELIVER_DAYS, UNCOLLECTED_DAYS, UNDELIVERED_DAYS = 9, 12, 30
SATURDAY = 5
LAST_SECOND = time(23, 59, 59)


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


def deadlines(shop: Shop, start: datetime, handling_days: int = 0) -> Deadlines:
    """Limits counted from the order date (or release date), which is day 0, plus own handling days."""
    day = start.astimezone(shop.region.timezone).date()

    def end_of(business_days: int) -> datetime:
        last = _business_day(day, business_days + handling_days, shop.holidays)
        return datetime.combine(last, LAST_SECOND, shop.region.timezone).astimezone(UTC)

    auto_cancel = end_of(AUTO_CANCEL_DAYS)
    return Deadlines(
        rts_sla_time=end_of(SHIP_DAYS),
        tts_sla_time=end_of(COLLECT_DAYS),
        delivery_sla_time=end_of(DELIVER_DAYS),
        shipping_due_time=auto_cancel,
        collection_due_time=end_of(UNCOLLECTED_DAYS),
        delivery_due_time=end_of(UNDELIVERED_DAYS),
        cancel_order_sla_time=auto_cancel,
    )


def _business_day(day: date, count: int, holidays: frozenset[date]) -> date:
    while count:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY and day not in holidays:
            count -= 1
    return day
