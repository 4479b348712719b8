"""Bring in what the OMS has recorded since the last poll: parcels, answers to cancel requests, cancellations."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.domain.ids import ShopId
from order_sync.jobs.oms_news import OmsNews
from order_sync.jobs.run import Report, ShopRun
from order_sync.partners.oms.cancellation_lists import ReportedDecision
from order_sync.partners.oms.paging import Page, UnreadableEntry
from order_sync.partners.oms.rest import RestOms

SHIPMENTS_FEED: Final = "oms_shipments"
DECISIONS_FEED: Final = "oms_decisions"
CANCELLATIONS_FEED: Final = "oms_cancellations"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Feed[Entry]:
    name: str
    page_after: Callable[[ShopId, str], Page[Entry]]
    take: Callable[[Entry], None]
    take_unreadable: Callable[[UnreadableEntry], None]


def poll_oms(run: ShopRun, oms: RestOms, answer: Callable[[], None]) -> Report:
    """Read three lists, each page saved before its cursor passes it; `answer` then tells TikTok Shop what was decided.

    Parcels come first: what has left has left, and whatever was decided about it meanwhile meets that. A list that
    cannot be read stops no other; its error is raised in the end.
    """
    news = OmsNews(run, oms)
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
    reads = (
        partial(_read, run, news, shipments),
        partial(_read, run, news, _decisions(oms, news)),
        partial(_read, run, news, cancellations),
    )
    problems: list[RetriableError | RejectedError] = []
    for read in reads:
        try:
            read()
        except (RetriableError, RejectedError) as error:
            problems.append(error)
    if news.decided:
        answer()
    if problems:
        raise problems[0]
    run.mark_good_poll("poll_oms")
    return run.report


def read_decisions(run: ShopRun, oms: RestOms) -> None:
    """Only the OMS's answers to cancel requests: before a rule speaks for whoever was silent."""
    news = OmsNews(run, oms)
    _read(run, news, _decisions(oms, news))


def _decisions(oms: RestOms, news: OmsNews) -> _Feed[ReportedDecision]:
    return _Feed(
        name=DECISIONS_FEED,
        page_after=oms.cancellations.decisions_after,
        take=news.take_decision,
        take_unreadable=news.take_unreadable_decision,
    )


def _read[Entry](run: ShopRun, news: OmsNews, feed: _Feed[Entry]) -> None:
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
            news.tell_refusals()
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
