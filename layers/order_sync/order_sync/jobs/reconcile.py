"""Once a day: compare TikTok Shop's last days with the ledger, repair what a poll missed, and look at its carriers."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from order_sync.domain.records import Change
from order_sync.jobs.cancellation_watch import CancellationWatch
from order_sync.jobs.poll_tiktok import (
    CANCELLATIONS_FEED,
    ORDERS_FEED,
    RETURNS_FEED,
    cancellations_feed,
    orders_feed,
    returns_feed,
)
from order_sync.jobs.return_watch import ReturnWatch
from order_sync.jobs.run import Report, ShopRun
from order_sync.jobs.shipping_providers import read_all_providers
from order_sync.jobs.slices import Feed, read_in_slices
from order_sync.partners.tiktok_shop.client import TikTokShop

LOOKS_BACK: Final = timedelta(days=7)


def reconcile(run: ShopRun, tiktok: TikTokShop, watch: CancellationWatch, returns: ReturnWatch) -> Report:
    """Read again which orders, cancellations and returns changed. What lies before a poll's reach was missed by it.

    Then the lists of carriers, which nothing else depends on.
    """
    comparisons = (
        partial(_compare, run, ORDERS_FEED, orders_feed(tiktok), watch.orders.see, _orders),
        partial(_compare, run, CANCELLATIONS_FEED, cancellations_feed(tiktok), watch.see, _cancellations),
        partial(_compare, run, RETURNS_FEED, returns_feed(tiktok), returns.see, _returns),
        partial(read_all_providers, run, tiktok),
    )
    for compare in comparisons:
        compare()
        if not run.has_time():
            break
    return run.report


type _Repaired = Iterable[tuple[datetime, str]]
"""What a change brought, by when it had changed at TikTok Shop."""


def _orders(change: Change) -> _Repaired:
    yield change.order.updated_at, f"order {change.order.id} was {change.order.tiktok_status}"


def _cancellations(change: Change) -> _Repaired:
    for each in change.cancellations:
        yield each.updated_at, f"order {change.order.id} cancellation {each.id}"


def _returns(change: Change) -> _Repaired:
    for each in change.returns:
        yield each.updated_at, f"order {change.order.id} return {each.id}"


def _compare[Page](
    run: ShopRun,
    name: str,
    feed: Feed[Page],
    see: Callable[[Page], Iterable[Change]],
    repaired: Callable[[Change], _Repaired],
) -> None:
    reach = _reach(run, name)
    for change in _changes(run, feed, see):
        for changed_at, text in repaired(change):
            if changed_at < reach:
                run.report.problem(f"{name}_repaired", text)


def _changes[Page](run: ShopRun, feed: Feed[Page], see: Callable[[Page], Iterable[Change]]) -> Iterable[Change]:
    slices = read_in_slices(feed, since=run.now() - LOOKS_BACK, until=run.now(), lag=run.timing.poll_overlap)
    for part in slices:
        yield from see(part.page)
        if not run.has_time():
            run.report.count("reconciliations_cut_short")
            return


def _reach(run: ShopRun, feed: str) -> datetime:
    """Up to when the poll has surely read a feed."""
    cursor = run.shops.cursor(run.shop.shop, feed)
    polled = datetime.fromtimestamp(int(cursor.position), UTC) if cursor.position else run.shop.starts_at
    return polled - run.timing.poll_overlap
