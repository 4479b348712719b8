"""The Late Dispatch Rate of a shop, explained; and what it would be under another policy profile."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import chain
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from order_sync.domain.deadlines.business_days import end_of_day, local_date
from order_sync.domain.deadlines.policies import PolicyProfile, profile_for
from order_sync.domain.deadlines.policy_files import policy_profiles
from order_sync.domain.deadlines.rates import DispatchRates, Window, add_orders, add_up, rolling_window
from order_sync.domain.deadlines.reports import figures_of, late_order_words, note, side_by_side
from order_sync.domain.deadlines.tallies import contributions
from order_sync.domain.deadlines.what_if import choosing, counted_again
from order_sync.domain.errors import RejectedError
from order_sync.domain.shop import ShopSettings
from order_sync.jobs.run import Report, ShopRun
from order_sync.ledger.deadlines import DeadlineBook, Dispatched

APART: Final = timedelta(days=45)
"""Two profiles' deadlines of one order lie no further apart."""


class _Question(BaseModel):
    """What an operator may ask for."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    profile: str = ""
    """Another profile, or "by_date", to compare with."""
    days: Annotated[int, Field(ge=1, le=90)] | None = None
    """The window; without it, the shop's or its profile's."""
    late_orders: Annotated[int, Field(ge=0, le=1000)] = 50
    """How many of them to name."""


def report_late_dispatch(run: ShopRun, command: Mapping[str, Any]) -> Report:
    """Fill the run's answer: the figures from the daily counters, and the late orders behind them.

    With another profile the orders themselves are counted twice, as they are and as they would be. Raises
    RejectedError for a question that cannot be understood and a profile that does not exist.
    """
    question, shop = _read(command), run.shop
    book = DeadlineBook(run.ledger.table)
    profile, window = _window(run, question, shop)
    rates = add_up(window, book.days(shop.shop, window))
    orders = list(_orders(run, book, window))
    counted = add_orders(window, (contributions(*each) for each in orders))
    answer = run.report.answer
    answer["lines"] = side_by_side(figures_of(rates, profile))
    answer["late_orders"] = _late_orders(orders, window, shop)[: question.late_orders]
    if note(shop):
        answer["note"] = note(shop)
    if counted.counts != rates.counts and not run.report.counts["orders_damaged"]:
        run.report.count("counters_differ")
        answer["counters"] = "The counters differ from the orders: run recount_late_dispatch."
    if question.profile:
        other = choosing(shop, question.profile)
        answer["what_if"] = _compare(run.now(), orders, counted, profile, other)
    return run.report


def _compare(
    now: datetime, orders: Iterable[Dispatched], counted: DispatchRates, profile: PolicyProfile, other: ShopSettings
) -> list[str]:
    today = local_date(now, other.zone)
    theirs = profile_for(policy_profiles(), other.region, other.deadlines.profile, today)
    again = add_orders(
        counted.window,
        (contributions(order, counted_again(order, deadlines, other, now)) for order, deadlines in orders),
    )
    return side_by_side(figures_of(counted, profile), figures_of(again, theirs))


def _read(command: Mapping[str, Any]) -> _Question:
    try:
        return _Question.model_validate(dict(command))
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise RejectedError(f"report_late_dispatch: {problems}") from None


def _window(run: ShopRun, question: _Question, shop: ShopSettings) -> tuple[PolicyProfile, Window]:
    today = local_date(run.now(), shop.zone)
    profile = profile_for(policy_profiles(), shop.region, shop.deadlines.profile, today)
    if question.days:
        asked = shop.deadlines.model_copy(update={"rate_window_days": question.days})
        shop = shop.model_copy(update={"deadlines": asked})
    return profile, rolling_window(today, shop, profile.late_dispatch_rate)


def _orders(run: ShopRun, book: DeadlineBook, window: Window) -> Iterable[Dispatched]:
    """Every order that can count in the window, whichever profile counts it."""
    shop = run.shop
    since, until = end_of_day(window.first, shop.zone) - APART, end_of_day(window.last, shop.zone) + APART
    found = chain(book.open_orders(shop.shop), book.closed_orders(shop.shop, since, until))
    return book.read(shop.shop, found, run.count_damaged)


def _late_orders(orders: Iterable[Dispatched], window: Window, shop: ShopSettings) -> list[str]:
    """The late ones of the window, the longest due first."""
    inside = [each for each in orders if window.first <= each.deadlines.figures.dispatch_on <= window.last]
    inside.sort(key=lambda each: (each.deadlines.figures.dispatch_by, each.order.id))
    words = (late_order_words(order, deadlines, shop) for order, deadlines in inside)
    return [text for text in words if text]
