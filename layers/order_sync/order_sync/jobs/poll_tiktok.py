"""Bring in what changed at TikTok Shop since the last poll."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Final

from order_sync.domain.errors import RejectedError
from order_sync.jobs.cancellation_watch import CancellationWatch
from order_sync.jobs.order_watch import OrderWatch
from order_sync.jobs.return_watch import ReturnWatch
from order_sync.jobs.run import Report, ShopRun
from order_sync.jobs.slices import Feed, read_in_slices
from order_sync.partners.tiktok_shop.cancellations import CancellationsPage
from order_sync.partners.tiktok_shop.client import OrdersPage, TikTokShop
from order_sync.partners.tiktok_shop.returns import ReturnsPage

ORDERS_FEED: Final = "orders"
CANCELLATIONS_FEED: Final = "cancellations"
RETURNS_FEED: Final = "returns"


def poll_tiktok(run: ShopRun, tiktok: TikTokShop, watch: CancellationWatch, returns: ReturnWatch) -> Report:
    """Read the orders and then the cancellations and the returns that changed, oldest first.

    Orders come first, so that a cancellation meets an order that is known. What hints at a request that the
    cancellations did not bring is looked for.
    """
    _read_again(run, watch.orders, returns)
    _read_changes(run, ORDERS_FEED, orders_feed(tiktok), watch.orders.see)
    _read_changes(run, CANCELLATIONS_FEED, cancellations_feed(tiktok), watch.see)
    watch.look_at_hints()
    _read_changes(run, RETURNS_FEED, returns_feed(tiktok), returns.see)
    run.mark_good_poll("poll_tiktok")
    return run.report


def _read_changes[Page](run: ShopRun, name: str, feed: Feed[Page], see: Callable[[Page], object]) -> None:
    """Save each page before the cursor passes it.

    The cursor is the newest time saved, so that an idle poll does not move it; ten minutes before it are
    read again, since TikTok's search index lags (TT 6.4).
    """
    shop = run.shop.shop
    cursor = run.shops.cursor(shop, name)
    newest = datetime.fromtimestamp(int(cursor.position), UTC) if cursor.position else run.shop.starts_at
    slices = read_in_slices(feed, since=newest - run.timing.poll_overlap, until=run.now(), lag=run.timing.poll_overlap)
    for part in slices:
        see(part.page)
        if part.read_up_to > newest:
            newest = part.read_up_to
            moved = run.shops.move_cursor(shop, name, cursor, str(int(newest.timestamp())))
            if moved is None:
                # Another run reads the same feed and has saved at least as much as this one started from.
                run.report.count("overlapping_polls")
                return
            cursor = moved
        if not run.has_time():
            run.report.count("polls_cut_short")
            return


def cancellations_feed(tiktok: TikTokShop) -> Feed[CancellationsPage]:
    """TikTok's cancellations in the order of their changes."""
    return Feed(
        search=tiktok.cancellations.search,
        times_of=lambda page: [facts.updated_at for facts in page.cancellations],
        next_of=lambda page: page.next_page_token,
    )


def returns_feed(tiktok: TikTokShop) -> Feed[ReturnsPage]:
    """TikTok's returns in the order of their changes."""
    return Feed(
        search=tiktok.returns.search,
        times_of=lambda page: [facts.updated_at for facts in page.returns],
        next_of=lambda page: page.next_page_token,
    )


def orders_feed(tiktok: TikTokShop, status: str = "") -> Feed[OrdersPage]:
    """TikTok's orders in the order of their changes; with a status only those that have it now."""
    return Feed(
        search=partial(tiktok.search_orders, status=status),
        times_of=lambda page: [reading.facts.updated_at for reading in page.readings],
        next_of=lambda page: page.next_page_token,
    )


def _read_again(run: ShopRun, watch: OrderWatch, returns: ReturnWatch) -> None:
    """Orders that could not be read before are read again, by id, until they can be; news comes in all the same.

    Their returns may have come by when the order was not known, and the feed does not bring them again.
    """
    shop = run.shop.shop
    unread = run.shops.unread(shop)
    if not unread:
        return
    try:
        readings = watch.re_read(unread)
        returns.of_orders(readings)
    except RejectedError as error:
        run.report.problem("orders_not_re_read", str(error))
        return
    for order in readings:
        run.shops.forget_unread(shop, order)
        run.report.count("orders_read_after_all")
