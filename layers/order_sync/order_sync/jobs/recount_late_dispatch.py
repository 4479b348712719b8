"""Count the daily counters of the Late Dispatch Rate anew from the orders, and put right what differs."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import chain
from typing import Any, Final

from order_sync.domain.deadlines.business_days import end_of_day, local_date
from order_sync.domain.deadlines.rates import Window
from order_sync.domain.deadlines.tallies import Tally, contributions
from order_sync.domain.errors import RejectedError
from order_sync.jobs.run import Report, ShopRun
from order_sync.ledger import keys
from order_sync.ledger.deadlines import DeadlineBook
from order_sync.ledger.table import VersionConflictError

DAYS: Final = 35
MOST_DAYS: Final = 366
TRIES: Final = 5
FIGURES_APART: Final = timedelta(days=45)
"""Our deadline, by which orders are found, and TikTok Shop's, by whose date they are counted too, lie no further
apart."""


def recount_late_dispatch(run: ShopRun, command: Mapping[str, Any]) -> Report:
    """Compare and repair the counters of the last days. A day that moves meanwhile is counted again.

    Raises RejectedError for a number of days that cannot be meant.
    """
    days = command.get("days", DAYS)
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= MOST_DAYS:
        raise RejectedError(f"recount_late_dispatch: days: must be a number from 1 to {MOST_DAYS}")
    today = local_date(run.now(), run.shop.zone)
    # Days ahead are counted too: most orders are dispatched before their deadline.
    window = Window(first=today - timedelta(days=days), last=today + timedelta(days=DAYS))
    book = DeadlineBook(run.ledger.table)
    for shard in keys.SHARDS:
        if not run.has_time():
            run.report.count("recounts_cut_short")
            break
        if not any(_recount(run, book, window, shard) for _ in range(TRIES)):
            run.report.problem("counters_always_moving", f"shard {shard} of shop {run.shop.shop}")
    return run.report


def _recount(run: ShopRun, book: DeadlineBook, window: Window, shard: int) -> bool:
    """Count one shard; False when a counter moved meanwhile. An order that cannot be read may be counted: then the
    counters stay."""
    seen, damaged = book.shard(run.shop.shop, window, shard), run.report.counts["orders_damaged"]
    counted = _count(run, book, window, shard)
    if run.report.counts["orders_damaged"] > damaged:
        run.report.problem("shards_not_recounted", f"shard {shard} of shop {run.shop.shop}: an order is damaged")
        return True
    settled = True
    for day, counters in seen.items():
        right = counted.get(day, {})
        if right == counters.tally:
            continue
        try:
            book.put_counters(run.shop.shop, day, shard, right, counters)
        except VersionConflictError:
            settled = False
        else:
            run.report.problem(
                "counters_repaired", f"{day} shard {shard}: counted {dict(counters.tally)}, right is {dict(right)}"
            )
    return settled


def _count(run: ShopRun, book: DeadlineBook, window: Window, shard: int) -> dict[date, Tally]:
    zone, shop = run.shop.zone, run.shop.shop
    since, until = end_of_day(window.first, zone) - FIGURES_APART, end_of_day(window.last, zone) + FIGURES_APART
    found = chain(book.open_orders(shop, [shard]), book.closed_orders(shop, since, until, [shard]))
    days: dict[date, Counter[str]] = {}
    for order, deadlines in book.read(shop, found, run.count_damaged):
        for day, tally in contributions(order, deadlines).items():
            days.setdefault(day, Counter()).update(tally)
    return {day: dict(counter) for day, counter in days.items()}
