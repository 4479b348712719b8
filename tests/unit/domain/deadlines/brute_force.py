"""The Late Dispatch Rate counted from the lives of orders themselves. Shares no code and no data with the product."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from tests.unit.domain.deadlines.official_holidays import english_bank_holidays, federal_days_off
from tests.unit.domain.deadlines.order_lives import ZONES, Choice, History, Life, Limits, Step, past, status_of

REGULAR, PRE_ORDER = "REGULAR", "PRE_ORDER"
TRACKED, COLLECTED = "tracked", "collected"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """A profile as OP B2 and B4 have it."""

    days: int
    stops: str
    pre_order: int = 1
    cancel: int = 7


RULES = {
    "guide-2025-08": Rules(days=3, stops=COLLECTED),
    "us-2025-10": Rules(days=2, stops=TRACKED),
    "us-2026-01": Rules(days=2, stops=COLLECTED, pre_order=2, cancel=5),
    "uk-2024-11": Rules(days=2, stops=TRACKED),
}
BY_DATE = {
    "US": [("us-2026-01", "2026-01-26"), ("us-2025-10", "2025-10-23"), ("guide-2025-08", "0001-01-01")],
    "GB": [("uk-2024-11", "2024-11-04"), ("guide-2025-08", "0001-01-01")],
}
CAMPAIGN = ("2023-11-20", "2023-11-27")


@cache
def open_days(region: str) -> list[date]:
    """The business days of the years of the official lists."""
    off = federal_days_off() if region == "US" else english_bank_holidays()
    days = (date(2022, 1, 1) + timedelta(days=number) for number in range(7 * 365))
    return [day for day in days if day.isoweekday() <= 5 and day not in off]


def business_day_after(day: date, count: int, region: str) -> date:
    """The so-manieth business day after a date."""
    days = open_days(region)
    return days[bisect_right(days, day) + count - 1]


def last_second(day: date, region: str) -> datetime:
    """The end of a day where the shop is."""
    return datetime.combine(day, time(23, 59, 59), ZONES[region]).astimezone(UTC)


def day_of(moment: datetime, region: str) -> date:
    """The date of a moment where the shop is."""
    return moment.astimezone(ZONES[region]).date()


@dataclass(frozen=True, kw_only=True)
class Due:
    """When an order is to be dispatched, by which event, and when it is cancelled by TikTok Shop."""

    on: date
    stops: str
    cancel_on: date


def due(life: Life, choice: Choice, region: str, handling: tuple[int, str] | None) -> Due:
    """The deadlines of an order under a choice of the shop's."""
    ordered_on = day_of(life.created_at, region)
    name = choice.profile
    if name == "by_date":
        name = next(name for name, since in BY_DATE[region] if since <= ordered_on.isoformat())
    rules = RULES[name]
    if life.order_type == PRE_ORDER:
        released_on = day_of(life.release_at, region) if life.release_at else ordered_on
        on = business_day_after(released_on, rules.pre_order, region)
        return Due(on=on, stops=rules.stops, cancel_on=business_day_after(on, 5, region))
    if life.order_type in ("MADE_TO_ORDER", "BACK_ORDER"):
        days, unit = handling or (rules.days, "business_days")
        if unit == "calendar_days":
            on = ordered_on + timedelta(days=days)
        else:
            on = business_day_after(ordered_on, days, region)
        return Due(on=on, stops=rules.stops, cancel_on=business_day_after(on, 4, region))
    more = choice.extra_days
    if choice.handling == "automated" and CAMPAIGN[0] <= ordered_on.isoformat() <= CAMPAIGN[1]:
        more += 1
    return Due(
        on=business_day_after(ordered_on, rules.days + more, region),
        stops=rules.stops,
        cancel_on=business_day_after(ordered_on, rules.cancel, region),
    )


@dataclass
class Known:
    """What the product can know of an order after some steps."""

    due: Due
    tracked: datetime | None = None
    collected: datetime | None = None
    canceled: datetime | None = None
    canceled_by: str = ""
    awaited: bool = False
    handling: tuple[int, str] | None = None
    limits: Limits | None = None

    def stopped(self) -> datetime | None:
        """When the dispatch clock was stopped."""
        return self.collected if self.due.stops == COLLECTED else self.tracked or self.collected

    def is_closed(self) -> bool:
        """Whether it is dispatched or cancelled, as far as is known."""
        return self.stopped() is not None or self.canceled is not None


def after_steps(life: Life, steps: Sequence[Step], history: History) -> Known | None:
    """What is known of an order in the end; None of one that was never seen."""
    known: Known | None = None
    for step in steps:
        if step.kind == "stale sighting" or (known is None and step.kind != "sighting"):
            continue
        counted_by = history.choice_at(step.at)
        if known is None:
            known = Known(due=due(life, counted_by, history.region, None))
        was_closed = known.is_closed()
        if step.kind == "sighting" and step.shows:
            see(known, life, step.shows)
        elif step.kind == "cancellation":
            known.canceled, known.canceled_by = life.canceled_at, life.canceled_by
            continue
        if not was_closed:
            known.due = due(life, counted_by, history.region, known.handling)
    return known


def see(known: Known, life: Life, moment: datetime) -> None:
    """A sighting shows what is so at a moment."""
    parcels = life.parcels_at(moment)
    if all(parcel.tracked_at for parcel in parcels):
        known.tracked = max(parcel.tracked_at for parcel in parcels if parcel.tracked_at)
        collected = life.collection_shown(moment)
        if collected and (life.shows_first_collection or all(parcel.collected_at for parcel in parcels)):
            # The last parcel left no earlier than it had its tracking.
            known.collected = max(collected, known.tracked) if len(parcels) > 1 else collected
    if past(life.canceled_at, moment):
        known.canceled, known.canceled_by = life.canceled_at, life.canceled_by
    ready = life.awaits_from
    over = known.canceled or moment
    known.awaited = known.awaited or (ready is not None and ready <= over) or status_of(life, moment) in STARTED
    if past(life.handling_time_shown_at, moment):
        known.handling = life.handling_time
    fresh = life.limits_at(moment)
    before = known.limits or fresh
    known.limits = replace(
        fresh,
        **{name: getattr(fresh, name) or getattr(before, name) for name in LIMITS},
    )


STARTED = frozenset({"PARTIALLY_SHIPPING", "AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED"})
LIMITS = ("ship_by", "collect_by", "cancels_unless_shipped_by", "cancels_unless_collected_by")


def became(known: Known, deadline: datetime, *, end: datetime) -> str:
    """What became of an order by a deadline, once everything was looked at at the end; empty while it is open."""
    stopped = known.stopped()
    if stopped is not None:
        return "late" if stopped > deadline else "on_time"
    if not known.awaited:
        return ""
    if known.canceled is not None:
        return "late_canceled" if known.canceled > deadline else "canceled_in_time"
    return "late_open" if end > deadline else ""


def is_seller_fault(known: Known, region: str) -> bool:
    """Whether a cancellation is the seller's, or TikTok Shop's because the seller was too late."""
    if known.canceled is None or known.canceled_by == "BUYER":
        return False
    if known.canceled_by == "SELLER":
        return True
    limits = known.limits
    limit = limits.cancels_unless_shipped_by if limits else None
    unshipped = known.tracked is None and known.collected is None
    if unshipped and known.canceled >= (limit or last_second(known.due.cancel_on, region)):
        return True
    limit = limits.cancels_unless_collected_by if limits else None
    return known.collected is None and limit is not None and known.canceled >= limit


def counts_of(life: Life, known: Known, history: History) -> Iterator[tuple[date, str]]:
    """What an order counts for, by date."""
    if life.fulfillment_type != "FULFILLMENT_BY_SELLER":
        if known.stopped():
            yield known.due.on, "fulfilled_by_tiktok"
        return
    region = history.region
    ours = last_second(known.due.on, region)
    theirs = known.limits and (known.limits.collect_by if known.due.stops == COLLECTED else known.limits.ship_by)
    result = became(known, ours, end=history.end)
    if result:
        yield known.due.on, f"profile_{result}"
        if result == "late_canceled" and known.canceled_by == "SYSTEM":
            yield known.due.on, "late_canceled_by_platform"
        if is_seller_fault(known, region):
            yield known.due.on, "seller_fault"
        if theirs and (day_of(theirs, region) != known.due.on or abs(theirs - ours) > timedelta(hours=2)):
            yield known.due.on, "differing"
    if theirs:
        by_tiktok = became(known, theirs, end=history.end)
        if by_tiktok:
            yield day_of(theirs, region), f"tiktok_{by_tiktok}"


def count(history: History) -> Counter[tuple[date, str]]:
    """What all orders of a history count for."""
    counted = Counter[tuple[date, str]]()
    for life in history.lives:
        own = [step for step in history.steps if step.number == life.number]
        known = after_steps(life, own, history)
        if known is not None:
            counted.update(counts_of(life, known, history))
    return counted
