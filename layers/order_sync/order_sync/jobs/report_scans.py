"""What an operator is told of carriers' scans: the Valid Tracking Rate, and the parcels that have none (OP B5)."""

from datetime import datetime, timedelta
from typing import Any, Final

from order_sync.domain.deadlines.business_days import local_date
from order_sync.domain.deadlines.reports import plural
from order_sync.domain.shipping.valid_tracking import (
    READING,
    TARGET,
    Period,
    period_of,
    rate_window,
    verdict,
    without_scan_for_a_day,
    without_scan_for_two_days,
)
from order_sync.domain.shop import ShopSettings
from order_sync.jobs.run import ShopRun
from order_sync.ledger.parcels import ParcelBook, UnscannedParcel

MOST_NAMED: Final = 100


def report_scans(run: ShopRun) -> None:
    """Fill the run's answer: the rate with its window, and the parcels without a scan, the longest waiting first."""
    book = ParcelBook(run.ledger.table)
    run.report.answer["valid_tracking"] = _valid_tracking(run, book)
    run.report.answer["unscanned_parcels"] = _unscanned(run, book)


def _valid_tracking(run: ShopRun, book: ParcelBook) -> dict[str, Any]:
    shop = run.shop
    window = rate_window(local_date(run.now(), shop.zone))
    rate = book.valid_tracking(shop.shop, period_of(window, shop.zone))
    return {
        "parcels": rate.orders,
        "scanned": rate.part,
        "percent": "no data" if rate.percent is None else str(rate.percent),
        "target": str(TARGET),
        "verdict": verdict(rate),
        "window": f"{window.first} to {window.last} ({plural(len(window.days), 'day')})",
        "reading": READING,
    }


def _unscanned(run: ShopRun, book: ParcelBook) -> dict[str, Any]:
    shop, now = run.shop, run.now()
    day, two_days = without_scan_for_a_day(now), without_scan_for_two_days(now)
    a_day, longer = book.count_unscanned(shop.shop, day), book.count_unscanned(shop.shop, two_days)
    whole = Period(two_days.since, day.before)
    named = book.unscanned(shop.shop, whole, MOST_NAMED, run.count_damaged)
    answer: dict[str, Any] = {
        "lines": _words(a_day + longer, longer),
        "parcels": [_named(each, shop, now) for each in named],
    }
    if a_day + longer > MOST_NAMED:
        answer["left_out"] = a_day + longer - MOST_NAMED
    return answer


def _words(all_of_them: int, longer: int) -> list[str]:
    if not all_of_them:
        return ["no parcel waits longer than 24 hours for a scan"]
    parcels = plural(all_of_them, "parcel")
    return [
        f"{parcels} without a scan after 24 hours: TikTok Shop counts such parcels late, although they were uploaded",
        f"{plural(longer, 'parcel')} of these without a scan after 48 hours",
    ]


def _named(each: UnscannedParcel, shop: ShopSettings, now: datetime) -> dict[str, Any]:
    order, parcel, since = each.order, each.parcel, each.at_tiktok_since
    return {
        "order": order,
        "parcel": parcel.id,
        "tracking_number": parcel.tracking_number,
        "carrier": parcel.carrier,
        "at_tiktok_since": f"{since.astimezone(shop.zone):%a %Y-%m-%d %H:%M}",
        "hours_without_a_scan": (now - since) // timedelta(hours=1),
    }
