"""The figures of a shop that people watch: deadlines, requests, returns, holds, polls, outbox, scans, rates (G6)."""

from datetime import datetime, timedelta
from typing import Final

from order_sync.domain.answering.times import is_waited_for
from order_sync.domain.deadlines.business_days import local_date
from order_sync.domain.deadlines.deadlines import Stage
from order_sync.domain.deadlines.policies import profile_for
from order_sync.domain.deadlines.policy_files import policy_profiles
from order_sync.domain.deadlines.rates import Rate, add_up, rolling_window
from order_sync.domain.observing import patience
from order_sync.domain.outbox import HEARS, EntryState, OutboxEntry
from order_sync.domain.returning.stages import LATE, OF_RETURNS
from order_sync.domain.shipping.valid_tracking import (
    period_of,
    rate_window,
    without_scan_for_a_day,
    without_scan_for_two_days,
)
from order_sync.jobs.link_gauges import measure_link
from order_sync.jobs.run import ShopRun
from order_sync.ledger.deadlines import DeadlineBook
from order_sync.ledger.parcels import ParcelBook
from order_sync.ledger.reconciliations import count_differences
from order_sync.ledger.returns import ReturnBook

FEWEST_ORDERS: Final = 10
"""A rate of fewer orders, or parcels, alarms nobody: one of them would be over any limit."""
NEAR: Final = timedelta(hours=2)
CYCLES_UNTIL_STUCK: Final = 3
"""The jobs that should have done it have come by more than once."""
_POLLS: Final = ("poll_tiktok", "poll_channeladvisor", "poll_oms")


def measure(run: ShopRun, book: DeadlineBook) -> None:
    """Publish the shop's figures."""
    gauge, shop = run.report.gauge, run.shop.shop
    gauge("orders_due_in_24h", book.count(shop, Stage.SOON))
    gauge("orders_overdue", book.count(shop, Stage.LATE))
    gauge("orders_held_long", run.ledger.count_held_long(shop))
    gauge("reconcile_differences", count_differences(run.ledger.table, shop))
    gauge("minutes_since_good_poll", _minutes_since_good_poll(run))
    stuck = _measure_requests(run) + _measure_returns(run) + _measure_outbox(run) + _holds_without_release(run)
    gauge("stuck_work", stuck + measure_link(run))
    _measure_rates(run, book)
    _measure_scans(run, ParcelBook(run.ledger.table))


def _measure_rates(run: ShopRun, book: DeadlineBook) -> None:
    today = local_date(run.now(), run.shop.zone)
    profile = profile_for(policy_profiles(), run.shop.region, run.shop.deadlines.profile, today)
    window = rolling_window(today, run.shop, profile.late_dispatch_rate)
    rates = add_up(window, book.days(run.shop.shop, window))
    for name, rate in (
        ("late_dispatch_rate", rates.late_dispatch()),
        ("seller_fault_cancellation_rate", rates.seller_fault_cancellation),
    ):
        if rate.orders >= FEWEST_ORDERS:
            run.report.gauge(name, _percent(rate))


def _measure_scans(run: ShopRun, parcels: ParcelBook) -> None:
    shop, now = run.shop, run.now()
    run.report.gauge("parcels_unscanned_24h", parcels.count_unscanned(shop.shop, without_scan_for_a_day(now)))
    run.report.gauge("parcels_unscanned_48h", parcels.count_unscanned(shop.shop, without_scan_for_two_days(now)))
    window = rate_window(local_date(now, shop.zone))
    rate = parcels.valid_tracking(shop.shop, period_of(window, shop.zone))
    if rate.orders >= FEWEST_ORDERS:
        run.report.gauge("valid_tracking_rate", _percent(rate))


def _percent(rate: Rate) -> float:
    """In percent: rounded once, so that exactly the limit is exactly the limit."""
    return 100 * rate.part / rate.orders


def _minutes_since_good_poll(run: ShopRun) -> float:
    """Of the poll that has been without success for the longest."""
    marks = run.shops.last_polled(run.shop.shop)
    oldest = run.now()
    for job in _POLLS if run.shop.has_oms else _POLLS[:2]:
        if job not in marks:
            # From the first look on, so that a shop whose polls never succeed is seen as well.
            run.shops.mark_polled(run.shop.shop, job)
        oldest = min(oldest, marks.get(job, oldest))
    return (run.now() - oldest) / timedelta(minutes=1)


def _measure_requests(run: ShopRun) -> int:
    """Publish what waits for an answer; gives back how many waits are over without one."""
    waiting = [each for each in run.ledger.open_requests(run.shop.shop) if is_waited_for(each)]
    ends = [each.answer_until for each in waiting if each.answer_until]
    run.report.gauge("cancel_requests_waiting", len(waiting))
    run.report.gauge("cancel_requests_near_deadline", sum(end - run.now() <= NEAR for end in ends))
    over = [each for each in waiting if each.answer_until and each.answer_until <= _long_ago(run)]
    for request in over:
        run.report.problem("waits_without_end", f"cancel request {request.id} should be settled by now")
    return len(over)


def _measure_returns(run: ShopRun) -> int:
    """Publish how returns stand; gives back how many waits are over without an answer."""
    gauge, shop, book = run.report.gauge, run.shop.shop, ReturnBook(run.ledger.table)
    waiting = [each for each in book.asked(shop) if is_waited_for(each)]
    ends = [each.answer_until for each in waiting if each.answer_until]
    gauge("returns_open", sum(book.count(shop, stage) for stage in OF_RETURNS))
    gauge("returns_near_deadline", sum(end - run.now() <= NEAR for end in ends))
    gauge("refunds_late", sum(book.count(shop, stage) for stage in LATE))
    over = [each for each in waiting if each.answer_until and each.answer_until <= _long_ago(run)]
    for known in over:
        run.report.problem("waits_without_end", f"return {known.id} should be settled by now")
    return len(over)


def _measure_outbox(run: ShopRun) -> int:
    """Publish how old the oldest work is; gives back how many claims ran out without another attempt."""
    ages, abandoned = [timedelta(0)], 0
    for target, actions in HEARS.items():
        for action in sorted(actions):
            for entry in run.ledger.oldest_entries(target, action, run.shop.shop):
                ages.append(_age(entry, run.now()) - patience(entry, run.shop))
                if entry.state is EntryState.SENDING and entry.claimed_until and entry.claimed_until <= _long_ago(run):
                    abandoned += 1
                    run.report.problem("claims_abandoned", f"order {entry.order} {entry.name}")
    run.report.gauge("oldest_entry_minutes", max(ages) / timedelta(minutes=1))
    return abandoned


def _age(entry: OutboxEntry, now: datetime) -> timedelta:
    """How long it could have been told: what was never tried may be held back on purpose until it is due."""
    since = entry.queued_at if entry.attempts else entry.due_at
    return now - since if since is not None and since < now else timedelta(0)


def _holds_without_release(run: ShopRun) -> int:
    stuck = run.ledger.held_orders_due(run.shop.shop, limit=100, until=_long_ago(run))
    for order in stuck:
        run.report.problem("holds_without_release", f"order {order} should have been looked at by now")
    return len(stuck)


def _long_ago(run: ShopRun) -> datetime:
    return run.now() - CYCLES_UNTIL_STUCK * run.timing.cycle
