"""Once a day: compare TikTok Shop's recent orders with the ledger and repair what a poll missed."""

from datetime import UTC, datetime, timedelta
from typing import Final

from order_sync.jobs.order_watch import OrderWatch
from order_sync.jobs.poll_tiktok import ORDERS_FEED, orders_feed
from order_sync.jobs.run import Report, ShopRun
from order_sync.jobs.slices import read_in_slices
from order_sync.partners.tiktok_shop.client import TikTokShop

LOOKS_BACK: Final = timedelta(days=7)


def reconcile(run: ShopRun, tiktok: TikTokShop, watch: OrderWatch) -> Report:
    """Read again what changed in the last days. A change that lies before the poll's reach was missed."""
    cursor = run.shops.cursor(run.shop.shop, ORDERS_FEED)
    polled = datetime.fromtimestamp(int(cursor.position), UTC) if cursor.position else run.shop.starts_at
    slices = read_in_slices(
        orders_feed(tiktok),
        since=run.now() - LOOKS_BACK,
        until=run.now(),
        lag=run.timing.poll_overlap,
    )
    for part in slices:
        for change in watch.see(part.page):
            if change.order.updated_at < polled - run.timing.poll_overlap:
                run.report.problem("orders_repaired", f"order {change.order.id} was {change.order.tiktok_status}")
        if not run.has_time():
            run.report.count("reconciliations_cut_short")
            break
    return run.report
