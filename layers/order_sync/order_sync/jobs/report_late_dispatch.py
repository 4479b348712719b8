"""The Late Dispatch Rate of a shop, explained; what it would be under another policy profile; what waits for scans."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from order_sync.domain.deadlines.business_days import end_of_day, local_date
from order_sync.domain.deadlines.deadlines import Stage
from order_sync.domain.deadlines.policies import PolicyProfile, profile_for
from order_sync.domain.deadlines.policy_files import policy_profiles
from order_sync.domain.deadlines.rates import DispatchRates, Window, add_up, rolling_window
from order_sync.domain.deadlines.reports import figures_of, late_order_words, note, open_order_words, side_by_side
from order_sync.domain.deadlines.tallies import Basis, Tally, add_to, contributions
from order_sync.domain.deadlines.what_if import choosing, counted_again
from order_sync.domain.errors import RejectedError
from order_sync.domain.shop import ShopSettings
from order_sync.jobs.report_scans import report_scans
from order_sync.jobs.run import Report, ShopRun
from order_sync.ledger.deadlines import DeadlineBook, Dispatched

A_DAY: Final = timedelta(days=1)
PROFILES_APART: Final = timedelta(days=45)
"""Two profiles' deadlines of one order lie no further apart."""

type _Days = dict[date, Counter[str]]


class _Question(BaseModel):
    """What an operator may ask for."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    profile: str = ""
    """Another profile, or "by_date", to compare with."""
    days: Annotated[int, Field(ge=1, le=90)] | None = None
    """The window; without it, the shop's or its profile's."""
    late_orders: Annotated[int, Field(ge=0, le=1000)] = 50
    """How many of them to name, of each kind."""


class _Reading:
    """What the orders say, one by one, so that none is kept."""

    def __init__(self, shop: ShopSettings, window: Window, other: ShopSettings | None, now: datetime) -> None:
        self._shop, self._window, self._other, self._now = shop, window, other, now
        self.counted: _Days = {}
        self.counted_again: _Days = {}
        self.late: list[tuple[datetime, str]] = []
        self.open: dict[Stage, list[tuple[datetime, str]]] = {Stage.LATE: [], Stage.SOON: []}

    def add(self, each: Dispatched) -> None:
        """Count one order, and name it if it is late, or open and due soon."""
        order, deadlines = each
        add_to(self.counted, contributions(order, deadlines))
        if self._other:
            again = counted_again(order, deadlines, self._other, self._now)
            add_to(self.counted_again, contributions(order, again))
        if self._window.first <= deadlines.figures.dispatch_on <= self._window.last and (
            words := late_order_words(order, deadlines, self._shop)
        ):
            self.late.append((deadlines.figures.dispatch_by, words))
        if deadlines.stage in self.open:
            words = open_order_words(order, deadlines, self._shop)
            self.open[deadlines.stage].append((deadlines.act_by, words))


def report_late_dispatch(run: ShopRun, command: Mapping[str, Any]) -> Report:
    """Fill the run's answer: the figures from the daily counters, the late orders behind them, what is open, and scans.

    With another profile the orders themselves are counted twice, as they are and as they would be. Raises
    RejectedError for a question that cannot be understood and a profile that does not exist.
    """
    question, shop = _read(command), run.shop
    other = choosing(shop, question.profile) if question.profile else None
    book, (profile, window) = DeadlineBook(run.ledger.table), _window(run, question, shop)
    days = book.days(shop.shop, window)
    reading = _Reading(shop, window, other, run.now())
    for number, each in enumerate(_orders(run, book, window, PROFILES_APART if other else A_DAY)):
        if number % 1000 == 0 and not run.has_time():
            run.report.problem("reports_cut_short", "there are more orders than one run can read: ask for fewer days")
            break
        reading.add(each)
    answer, most = run.report.answer, question.late_orders
    answer["lines"] = side_by_side(figures_of(add_up(window, days), profile))
    answer["late_orders"] = _named(reading.late, most)
    answer["overdue_now"] = _named(reading.open[Stage.LATE], most)
    answer["due_soon"] = _named(reading.open[Stage.SOON], most)
    report_scans(run)
    if note(shop):
        answer["note"] = note(shop)
    if _differ(window, days, reading.counted) and not _incomplete(run) and book.days(shop.shop, window) == days:
        run.report.count("counters_differ")
        reach = (local_date(run.now(), shop.zone) - window.first).days
        answer["counters"] = f'The counters differ from the orders: run recount_late_dispatch with "days": {reach}.'
    if other:
        counted, again = add_up(window, reading.counted), add_up(window, reading.counted_again)
        answer["what_if"] = _compare(run.now(), counted, again, profile, other)
    return run.report


def _named(orders: list[tuple[datetime, str]], most: int) -> list[str]:
    """The longest due first."""
    named = [words for _, words in sorted(orders)[:most]]
    return [*named, f"and {len(orders) - most} more"] if len(orders) > most else named


def _differ(window: Window, days: Mapping[date, Tally], counted: Mapping[date, Tally]) -> bool:
    """Whether the counters say something else than the orders, by the profile's deadlines: those orders were all
    read. TikTok Shop's may lie on any other day."""

    def by_profile(of_day: Mapping[date, Tally], day: date) -> dict[str, int]:
        tally = of_day.get(day, {})
        return {name: number for name, number in tally.items() if number and not name.startswith(Basis.TIKTOK)}

    return any(by_profile(days, day) != by_profile(counted, day) for day in window.days)


def _incomplete(run: ShopRun) -> bool:
    counts = run.report.counts
    return bool(counts["orders_damaged"] or counts["reports_cut_short"])


def _compare(
    now: datetime, counted: DispatchRates, again: DispatchRates, profile: PolicyProfile, other: ShopSettings
) -> list[str]:
    today = local_date(now, other.zone)
    theirs = profile_for(policy_profiles(), other.region, other.deadlines.profile, today)
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


def _orders(run: ShopRun, book: DeadlineBook, window: Window, apart: timedelta) -> Iterator[Dispatched]:
    """All open orders, and the closed ones whose deadline lies in the window or so much apart from it."""
    shop = run.shop
    since, until = end_of_day(window.first, shop.zone) - A_DAY - apart, end_of_day(window.last, shop.zone) + apart
    found = chain(book.open_orders(shop.shop), book.closed_orders(shop.shop, since, until))
    yield from book.read(shop.shop, found, run.count_damaged)
