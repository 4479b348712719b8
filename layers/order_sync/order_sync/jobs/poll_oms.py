"""Bring in what the OMS has recorded since the last poll: parcels, answers, cancellations, refunds."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import ShopId
from order_sync.jobs.oms_news import OmsNews
from order_sync.jobs.oms_reports import Refusals
from order_sync.jobs.return_news import ReturnNews
from order_sync.jobs.run import Report, ShopRun
from order_sync.partners.oms.cancellation_lists import ReportedDecision
from order_sync.partners.oms.paging import Page, UnreadableEntry
from order_sync.partners.oms.rest import RestOms
from order_sync.partners.oms.return_lists import ReportedReturnDecision

SHIPMENTS_FEED: Final = "oms_shipments"
DECISIONS_FEED: Final = "oms_decisions"
CANCELLATIONS_FEED: Final = "oms_cancellations"
RETURN_DECISIONS_FEED: Final = "oms_return_decisions"
REFUNDS_FEED: Final = "oms_refunds"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Feed[Entry]:
    name: str
    page_after: Callable[[ShopId, str], Page[Entry]]
    take: Callable[[Entry], None]
    take_unreadable: Callable[[UnreadableEntry], None]


def poll_oms(run: ShopRun, oms: RestOms, answer: Callable[[], None]) -> Report:
    """Read five lists, each page saved before its cursor passes it; `answer` then tells TikTok Shop what was decided.

    Parcels come first: what has left has left, and whatever was decided about it meanwhile meets that. A list that
    cannot be read stops no other; its error is raised in the end.
    """
    refusals = Refusals(run)
    news, returns = OmsNews(run, oms, refusals), ReturnNews(run, oms, refusals)
    shipments = _Feed(
        name=SHIPMENTS_FEED,
        page_after=oms.shipments_after,
        take=lambda entry: news.take_parcel(*entry),
        take_unreadable=news.take_unreadable_shipment,
    )
    cancellations = _Feed(
        name=CANCELLATIONS_FEED,
        page_after=oms.cancellations.cancellations_after,
        take=lambda entry: news.take_cancellation(*entry),
        take_unreadable=news.take_unreadable_cancellation,
    )
    refunds = _Feed(
        name=REFUNDS_FEED,
        page_after=oms.returns.refunds_after,
        take=lambda entry: returns.take_refund(*entry),
        take_unreadable=returns.take_unreadable_refund,
    )
    reads = (
        partial(_read, run, refusals, shipments),
        partial(_read, run, refusals, _decisions(oms, news)),
        partial(_read, run, refusals, cancellations),
        partial(_read, run, refusals, _return_decisions(oms, returns)),
        partial(_read, run, refusals, refunds),
    )
    problems: list[RetriableError | RejectedError] = []
    for read in reads:
        try:
            read()
        except (RetriableError, RejectedError) as error:
            problems.append(error)
    if news.decided or returns.decided:
        answer()
    if problems:
        raise problems[0]
    run.mark_good_poll("poll_oms")
    return run.report


def read_decisions(run: ShopRun, oms: RestOms) -> None:
    """Only the OMS's answers to cancel requests: before a rule speaks for whoever was silent."""
    refusals = Refusals(run)
    _read(run, refusals, _decisions(oms, OmsNews(run, oms, refusals)))


def read_return_decisions(run: ShopRun, oms: RestOms) -> None:
    """The same about returns."""
    refusals = Refusals(run)
    _read(run, refusals, _return_decisions(oms, ReturnNews(run, oms, refusals)))


def _decisions(oms: RestOms, news: OmsNews) -> _Feed[ReportedDecision]:
    return _Feed(
        name=DECISIONS_FEED,
        page_after=oms.cancellations.decisions_after,
        take=news.take_decision,
        take_unreadable=news.take_unreadable_decision,
    )


def _return_decisions(oms: RestOms, returns: ReturnNews) -> _Feed[ReportedReturnDecision]:
    return _Feed(
        name=RETURN_DECISIONS_FEED,
        page_after=oms.returns.decisions_after,
        take=returns.take_decision,
        take_unreadable=returns.take_unreadable_decision,
    )


def _read[Entry](run: ShopRun, refusals: Refusals, feed: _Feed[Entry]) -> None:
    """Take page after page. While the OMS takes no refusal the cursor stays, and what comes after it is taken all the
    same: taking something twice is harmless."""
    shop = run.shop.shop
    cursor = run.shops.cursor(shop, feed.name)
    position, untold = cursor.position, None
    while True:
        page = feed.page_after(shop, position)
        for damaged in page.unreadable:
            feed.take_unreadable(damaged)
        for entry in page.reported:
            feed.take(entry)
        try:
            refusals.tell()
        except RetriableError as error:
            untold = untold or error
        if untold is None and page.next_cursor != cursor.position:
            moved = run.shops.move_cursor(shop, feed.name, cursor, page.next_cursor)
            if moved is None:
                run.report.count("overlapping_polls")
                return
            cursor = moved
        position = page.next_cursor
        if not page.has_more:
            break
        if not run.has_time():
            run.report.count("polls_cut_short")
            break
    if untold is not None:
        raise untold
