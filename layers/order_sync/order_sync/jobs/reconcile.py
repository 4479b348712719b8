"""Once a day: compare TikTok Shop's last days with the ledger, repair what a poll missed, and look at its carriers."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from order_sync.domain.records import Change
from order_sync.jobs.cancellation_watch import CancellationWatch
from order_sync.jobs.poll_tiktok import CANCELLATIONS_FEED, ORDERS_FEED, cancellations_feed, orders_feed
from order_sync.jobs.run import Report, ShopRun
from order_sync.jobs.shipping_providers import read_all_providers
from order_sync.jobs.slices import Feed, read_in_slices
from order_sync.partners.tiktok_shop.client import TikTokShop

LOOKS_BACK: Final = timedelta(days=7)


def reconcile(run: ShopRun, tiktok: TikTokShop, watch: CancellationWatch) -> Report:
    """Read again which orders and cancellations changed. A change that lies before the poll's reach was missed.

    Then the lists of carriers, which nothing else depends on.
    """
    reach = _reach(run, ORDERS_FEED)
    for change in _changes(run, orders_feed(tiktok), watch.orders.see):
        if change.order.updated_at < reach:
            run.report.problem("orders_repaired", f"order {change.order.id} was {change.order.tiktok_status}")
    if not run.has_time():
        return run.report
    reach = _reach(run, CANCELLATIONS_FEED)
    for change in _changes(run, cancellations_feed(tiktok), watch.see):
        for missed in change.cancellations:
            if missed.updated_at < reach:
                text = f"order {change.order.id} cancellation {missed.id}"
                run.report.problem("cancellations_repaired", text)
    if run.has_time():
        read_all_providers(run, tiktok)
    return run.report


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
