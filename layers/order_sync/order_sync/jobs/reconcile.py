"""Once a day: read TikTok Shop's last days again, compare what all sides hold open, and look at the carriers."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.orders import Source
from order_sync.domain.reconciling.summaries import Summary
from order_sync.domain.records import Change
from order_sync.jobs.cancellation_watch import CancellationWatch
from order_sync.jobs.differences_told import tell_differences
from order_sync.jobs.notices import Publish
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
from order_sync.jobs.side_comparisons import SideComparisons, Sides
from order_sync.jobs.slices import Feed, read_in_slices
from order_sync.ledger.reconciliations import put_summary, read_summary
from order_sync.partners.tiktok_shop.client import TikTokShop

LOOKS_BACK: Final = timedelta(days=7)


def reconcile(
    run: ShopRun,
    tiktok: TikTokShop,
    watch: CancellationWatch,
    returns: ReturnWatch,
    *,
    sides: Sides,
    publish: Publish,
) -> Report:
    """Repair what polls missed, compare the open orders of all sides with the ledger, and tell people what is left.

    What is compared comes last, the side first whose comparison is the oldest; each goes on where it had to stop. A
    side that cannot be read stops no other. What a person must repair there (a secret, a withdrawn authorisation) is
    raised as RejectedError at the end.
    """
    refused = _read_again(run, tiktok, watch, returns)
    comparisons = SideComparisons(run, tiktok, watch, sides, reach=_reach_of_good_polls(run))
    before = _summary(run)
    summary = before.only(_sides(run))
    for side in sorted(_sides(run), key=lambda each: _last_compared(before, each)):
        if not run.has_time():
            break
        summary = comparisons.compare(side, summary)
    refused += comparisons.refused
    if summary != before:
        put_summary(run.ledger.table, run.shop.shop, summary)
    tell_differences(run, summary, publish)
    if refused:
        raise refused[0]
    return run.report


def _read_again(
    run: ShopRun, tiktok: TikTokShop, watch: CancellationWatch, returns: ReturnWatch
) -> list[RejectedError]:
    """Which orders, cancellations and returns changed, and the lists of carriers; gives back what was refused.

    What lies before a poll's reach was missed by it.
    """
    again = (
        partial(_changes_of, run, ORDERS_FEED, orders_feed(tiktok), watch.orders.see, _orders),
        partial(_changes_of, run, CANCELLATIONS_FEED, cancellations_feed(tiktok), watch.see, _cancellations),
        partial(_changes_of, run, RETURNS_FEED, returns_feed(tiktok), returns.see, _returns),
        partial(read_all_providers, run, tiktok),
    )
    try:
        for read in again:
            read()
            if not run.has_time():
                break
    except RetriableError as error:
        run.report.problem("feeds_not_read_again", str(error))
    except RejectedError as error:
        run.report.problem("feeds_not_read_again", str(error))
        return [error]
    return []


def _sides(run: ShopRun) -> tuple[Source, ...]:
    both = (Source.TIKTOK_SHOP, Source.CHANNELADVISOR)
    return (*both, Source.OMS) if run.shop.has_oms else both


def _last_compared(summary: Summary, side: Source) -> datetime:
    return summary.of(side).ended_at or datetime.min.replace(tzinfo=UTC)


def _summary(run: ShopRun) -> Summary:
    """The last one; a damaged one is written anew."""
    try:
        return read_summary(run.ledger.table, run.shop.shop)
    except RejectedError as error:
        run.report.problem("summaries_damaged", str(error))
        return Summary()


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


def _changes_of[Page](
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


def _reach_of_good_polls(run: ShopRun) -> datetime:
    """The same of orders, where the newest one that was saved is old: a good poll has read all until it ran."""
    polled = run.shops.last_polled(run.shop.shop).get("poll_tiktok", run.shop.starts_at)
    return max(_reach(run, ORDERS_FEED), polled - run.timing.poll_overlap)
