"""Warn of deadlines in time and once, count what is late, and measure what people must see."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import batched
from typing import Final, NamedTuple

from aws_lambda_powertools import Logger

from order_sync.domain.deadlines.counting import figures, rules_digest, with_listed_times
from order_sync.domain.deadlines.deadlines import GivenWarning
from order_sync.domain.deadlines.looks import decide_look
from order_sync.domain.errors import RetriableError
from order_sync.domain.ids import OrderId
from order_sync.domain.orders import Order
from order_sync.domain.records import Change, OrderRecord
from order_sync.jobs.deadline_summaries import Summary, is_kept, kind_of
from order_sync.jobs.listed_times import listed_times
from order_sync.jobs.notices import Publish
from order_sync.jobs.run import Report, ShopRun
from order_sync.jobs.shop_gauges import measure
from order_sync.ledger.deadlines import DeadlineBook
from order_sync.ledger.table import VersionConflictError

ORDERS_A_LIST: Final = 500
"""Of one stage and shard, the longest due first: four thousand of one deadline in a run, the rest in the next."""
TROUBLES: Final = (
    "deadlines_undecided",
    "looks_cut_short",
    "looks_postponed",
    "orders_damaged",
    "summaries_damaged",
    "summaries_not_published",
)
"""What keeps warnings from people; one figure of all of them has an alarm."""
ORDERS_A_BATCH: Final = 100
RULES: Final = "deadline_rules"
"""The cursor that says by which settings and policy data all open orders were last counted."""
ANOTHER_LOOK: Final = 1.2
"""In cycles: a warning whose moment comes before the next look is surely over is given now."""

logger = Logger(child=True)


class _Look(NamedTuple):
    """One order, what is decided about it, and what people are told of."""

    record: OrderRecord
    change: Change
    warnings: tuple[GivenWarning, ...]


def watch_deadlines(run: ShopRun, publish: Publish) -> Report:
    """Look at every order of the shop whose moment has come, publish one summary, and measure the shop.

    The summary is kept before the warnings are recorded, and lifted once it is published: a run that dies, or a topic
    that fails, may make people read it twice, and never not at all. Only one run at a time looks at a shop's orders.
    """
    book, shop = DeadlineBook(run.ledger.table), run.shop.shop
    due = book.to_look_at(shop, run.now() + run.timing.cycle * ANOTHER_LOOK, ORDERS_A_LIST)
    if due or is_kept(run) or _rules_changed(run):
        lease = run.shops.take_lease(shop, "watch_deadlines", run.timing.claim)
        if lease is None:
            run.report.count("overlapping_watches")
        else:
            _look(run, book, due, publish)
            run.shops.give_back_lease(lease)
    if troubles := {what: run.report.counts[what] for what in TROUBLES if run.report.counts[what]}:
        run.report.problem("watch_troubles", f"shop {shop}: {troubles}")
    measure(run, book)
    return run.report


def _look(run: ShopRun, book: DeadlineBook, due: Sequence[OrderId], publish: Publish) -> None:
    """What cannot be reached now is looked at in the next cycle; the shop is measured all the same."""
    try:
        summary = Summary(run)
        _look_at(run, summary, due)
        _follow_rules(run, summary, book)
        summary.tell(publish)
    except RetriableError as error:
        run.report.problem("looks_postponed", str(error))


def _look_at(run: ShopRun, summary: Summary, orders: Sequence[OrderId]) -> bool:
    """Look at orders one by one; False when some were left to the next cycle."""
    all_done = True
    for batch in batched(orders, ORDERS_A_BATCH, strict=False):
        if not run.has_time():
            run.report.problem("looks_cut_short", f"{len(orders)} orders were due")
            return False
        looks = list(_decide(run, batch))
        summary.keep((warning, look.record.order.id) for look in looks for warning in look.warnings)
        recorded = [_record(run, look, summary) for look in looks]
        all_done = all_done and all(recorded)
    return all_done


def _follow_rules(run: ShopRun, summary: Summary, book: DeadlineBook) -> None:
    """After a change of the shop's settings, its listings or the policy data all open orders are counted anew, once."""
    if not _rules_changed(run):
        return
    shop, followed = run.shop.shop, run.shops.cursor(run.shop.shop, RULES)
    for batch in batched(book.open_orders(shop), ORDERS_A_LIST, strict=False):
        if not run.has_time():
            run.report.problem("looks_cut_short", "not all open orders follow the changed rules yet")
            return
        if not _look_at(run, summary, list(_outdated(run, book, batch))):
            return
    run.shops.move_cursor(shop, RULES, followed, rules_digest(run.shop))


def _outdated(run: ShopRun, book: DeadlineBook, orders: Sequence[OrderId]) -> Iterator[OrderId]:
    undecided = [each for each in book.read(run.shop.shop, orders, run.count_damaged) if not each.deadlines.is_decided]
    listings = listed_times(run, _skus_of(each.order for each in undecided))
    for order, deadlines in undecided:
        what = f"deadlines of order {order.id}"
        with run.apart("deadlines_undecided", what, what):
            clock = with_listed_times(order, deadlines.clock, listings)
            if (clock, figures(order, clock, run.shop)) != (deadlines.clock, deadlines.figures):
                yield order.id


def _rules_changed(run: ShopRun) -> bool:
    return run.shops.cursor(run.shop.shop, RULES).position != rules_digest(run.shop)


def _decide(run: ShopRun, orders: Sequence[OrderId]) -> Iterator[_Look]:
    records = list(_load(run, orders))
    listings = listed_times(run, _skus_of(record.order for record in records))
    for record in records:
        what = f"deadlines of order {record.order.id}"
        with run.apart("deadlines_undecided", what, what):
            lead = run.timing.cycle * ANOTHER_LOOK
            change, warnings = decide_look(record, run.shop, run.now(), lead, listings)
            if change is not None:
                yield _Look(record, change, warnings)


def _load(run: ShopRun, orders: Sequence[OrderId]) -> Iterator[OrderRecord]:
    for order in orders:
        what = f"deadlines of order {order}"
        with run.apart("deadlines_undecided", what, what):
            record = run.load(order)
            if record is not None:
                run.report.count("orders_looked_at")
                yield record


def _skus_of(orders: Iterable[Order]) -> Iterator[str]:
    return (line.sku for order in orders for line in order.lines)


def _record(run: ShopRun, look: _Look, summary: Summary) -> bool:
    """Save a look; False where the order was changed meanwhile, so that the next cycle looks again, and says so."""
    order = look.change.order.id
    try:
        run.ledger.commit(look.change, look.record)
    except VersionConflictError:
        run.report.count("orders_changed_meanwhile")
        for warning in look.warnings:
            summary.forget(warning, order)
        return False
    for warning in look.warnings:
        run.report.count(f"event_{kind_of(warning)}")
        logger.info(
            "deadline warning",
            extra={"order": order, "kind": kind_of(warning), "deadline": warning.deadline.isoformat()},
        )
    return True
