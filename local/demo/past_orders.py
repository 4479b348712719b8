"""The two weeks before the go-live, on real dates: what buyers ordered then, and when it was dispatched."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import chain
from typing import Final

from local.demo.fortnight import Campaign, Fortnight
from local.simulators.tiktok_shop.app import TikTokShopSimulator
from local.simulators.tiktok_shop.deadlines import USUAL, DayCounts
from local.simulators.tiktok_shop.money import LineSpec
from local.simulators.tiktok_shop.shops import Shop

LIVE_FOR: Final = timedelta(hours=1)
"""The go-live was so long ago. These orders are older, and changed since: they are read, and only watched."""
BUYERS: Final = 5
MUG: Final = LineSpec("MUG-RED", "12.50")
PACE: Final = (1, 1, 2, 1, 2, 1, 2, 1, 1, 3)
"""Business days until the carrier has a parcel that is in time."""
PACKED_BEFORE: Final = timedelta(hours=5)


class Fate(StrEnum):
    """What became of an order."""

    IN_TIME = "dispatched in time"
    IN_THE_EVENING = "dispatched on the last evening"
    SAVED = "saved by the campaign"
    LATE = "dispatched late"
    GRANTED_BY_TIKTOK = "late, and TikTok Shop grants a day"
    LATE_AND_CANCELED = "cancelled after its deadline"
    FULFILLED_BY_TIKTOK = "fulfilled by TikTok Shop"
    OVERDUE = "overdue"
    NEARLY_CANCELED = "overdue, soon cancelled by TikTok Shop"
    DUE_SOON = "due soon"


IN_THE_WINDOW: Final[Mapping[str, Mapping[Fate, int]]] = {
    "US": {
        Fate.IN_TIME: 81,
        Fate.IN_THE_EVENING: 6,
        Fate.SAVED: 6,
        Fate.LATE: 4,
        Fate.GRANTED_BY_TIKTOK: 2,
        Fate.LATE_AND_CANCELED: 1,
        Fate.FULFILLED_BY_TIKTOK: 3,
    },
    "GB": {Fate.IN_TIME: 24, Fate.LATE: 1},
}
"""What the rate is measured by: in the US 7 of 100 are late; in the UK 1 of 25, exactly the 4 % that are fine."""
OUTSIDE: Final[Mapping[str, int]] = {"US": 8, "GB": 3}
"""Dispatched in time, with deadlines before those days; and as many with deadlines to come."""
STILL_OPEN: Final[Mapping[str, Mapping[Fate, int]]] = {
    "US": {Fate.OVERDUE: 2, Fate.NEARLY_CANCELED: 1, Fate.DUE_SOON: 2},
    "GB": {},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PastOrder:
    """One order from before the go-live. What is None has not happened."""

    fate: Fate
    created_at: datetime
    collected_at: datetime | None = None
    canceled_at: datetime | None = None
    more_days: int = 0
    """What TikTok Shop's own figures grant beyond the usual."""


def past_orders(fortnight: Fortnight) -> list[PastOrder]:
    """All of one region, oldest first."""
    found = chain(_in_the_window(fortnight), _outside(fortnight), _still_open(fortnight))
    return sorted(found, key=lambda order: order.created_at)


def place_past_orders(
    tiktok: TikTokShopSimulator,
    shops: Mapping[str, Shop],
    campaigns: Mapping[str, Campaign],
    now: datetime,
    turn_to: Callable[[datetime], object],
) -> dict[str, PastOrder]:
    """Let it all have happened, and give back what became of each order.

    TikTok Shop learns it in the first two thirds of the time since the go-live: `turn_to` sets its clock. Not just
    now, for each of our polls reads the last ten minutes again.
    """
    planned = [
        (shop, past)
        for region, shop in shops.items()
        for past in past_orders(Fortnight(region, now, campaigns.get(region)))
    ]
    buyers = {shop.id: [tiktok.new_buyer(shop) for _ in range(BUYERS)] for shop in shops.values()}
    placed: dict[str, PastOrder] = {}
    for number, (shop, past) in enumerate(planned, start=1):
        turn_to(now - LIVE_FOR + number * LIVE_FOR * 2 / 3 / len(planned))
        order = tiktok.place_order(
            shop,
            [MUG],
            buyer=buyers[shop.id][number % BUYERS],
            created_at=past.created_at,
            day_counts=_with_more_days(past.more_days),
            fulfilled_by_tiktok=past.fate is Fate.FULFILLED_BY_TIKTOK,
        )
        if past.collected_at is not None:
            packed_at = past.collected_at - PACKED_BEFORE
            tiktok.dispatch_at(order, tracking_added=packed_at, collected=past.collected_at)
        if past.canceled_at is not None:
            tiktok.cancel_by_seller(order, at=past.canceled_at)
        placed[order] = past
    return placed


def _with_more_days(days: int) -> DayCounts:
    return replace(USUAL, ship=USUAL.ship + days, collect=USUAL.collect + days, deliver=USUAL.deliver + days)


def _in_the_window(fortnight: Fortnight) -> Iterator[PastOrder]:
    for fate, number in IN_THE_WINDOW[fortnight.region].items():
        days = fortnight.deadlines_of_the_rate
        if fate in (Fate.LATE, Fate.GRANTED_BY_TIKTOK, Fate.LATE_AND_CANCELED):
            # A business day later it has happened.
            days = days[:-1]
        if fate is Fate.SAVED:
            days = [day for day in days if any(map(fortnight.is_campaign, fortnight.ordered_for(day)))]
        for n in range(number):
            due = days[n % len(days)]
            dates = fortnight.ordered_for(due)
            if fate is Fate.SAVED:
                dates = [day for day in dates if fortnight.is_campaign(day)]
            yield _told(fortnight, fate, dates[n // len(days) % len(dates)], n)


def _outside(fortnight: Fortnight) -> Iterator[PastOrder]:
    number = OUTSIDE[fortnight.region]
    over = [day for day in fortnight.worked if not fortnight.is_in_the_rate(day)]
    older = [day for due in over[-2:] for day in fortnight.ordered_for(due)]
    newer = [day for day in fortnight.worked[-4:-1] if fortnight.due(day) >= fortnight.today]
    for dates in (older, newer):
        yield from (_told(fortnight, Fate.IN_TIME, dates[n % len(dates)], 0) for n in range(number))


def _still_open(fortnight: Fortnight) -> Iterator[PastOrder]:
    due = {
        Fate.OVERDUE: fortnight.ordered_for(fortnight.worked[-1]),
        Fate.NEARLY_CANCELED: fortnight.ordered_to_be_canceled(fortnight.next_business_day),
        Fate.DUE_SOON: fortnight.ordered_for(fortnight.next_business_day),
    }
    for fate, number in STILL_OPEN[fortnight.region].items():
        yield from (_told(fortnight, fate, due[fate][n % len(due[fate])], n) for n in range(number))


def _told(fortnight: Fortnight, fate: Fate, ordered_on: date, n: int) -> PastOrder:
    """An order of a date, and when its fate came about."""
    due = fortnight.due(ordered_on)
    created_at = fortnight.at(ordered_on, 8 + 7 * n % 15, 13 * n % 60)
    collected_at = canceled_at = None
    match fate:
        case Fate.IN_TIME | Fate.FULFILLED_BY_TIKTOK:
            collected_at = fortnight.at(fortnight.after(ordered_on, PACE[n % len(PACE)]), 9 + n % 8, 17 * n % 60)
        case Fate.IN_THE_EVENING:
            collected_at = fortnight.at(due, 22, 5 + n)
        case Fate.SAVED:
            collected_at = fortnight.at(due, 10 + n)
        case Fate.LATE | Fate.GRANTED_BY_TIKTOK:
            collected_at = fortnight.at(fortnight.after(due, 1), 3 * n, 20)
        case Fate.LATE_AND_CANCELED:
            canceled_at = fortnight.at(fortnight.after(due, 1), 15)
        case _:
            pass
    more_days = fortnight.extra_days(ordered_on) + (fate is Fate.GRANTED_BY_TIKTOK)
    return PastOrder(
        fate=fate, created_at=created_at, collected_at=collected_at, canceled_at=canceled_at, more_days=more_days
    )
