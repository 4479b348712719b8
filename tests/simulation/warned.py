"""When people must have been warned of a deadline, counted anew from an order's two items (G5, DESIGN 2)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from local.simulators.tiktok_shop.business_days import public_holidays
from order_sync.ledger.table import Item

HOURS_BEFORE: Final = {"dispatch": (24, 12, 4), "automatic cancel": (24,)}
FORETOLD: Final = timedelta(minutes=18)
"""A warning comes this much early at most: the next look may be a cycle and a fifth away."""
_SATURDAY: Final = 5
_A_DAY: Final = timedelta(days=1)

type Warned = tuple[str, int, int]
"""Kind, deadline in milliseconds, and business hours before it; none when it is missed."""


@lru_cache(maxsize=10_000)
def business_hours_before(deadline: int, hours: int, region: str, zone: str) -> datetime:
    """The moment so many hours of business days before a deadline, in UTC."""
    there, left = ZoneInfo(zone), timedelta(hours=hours)
    end = datetime.fromtimestamp(deadline / 1000, UTC)
    day = end.astimezone(there).date()
    while True:
        start = datetime.combine(day, time(), there).astimezone(UTC)
        if day.weekday() < _SATURDAY and day not in public_holidays(region, day.year):
            if end - start >= left:
                return end - left
            left -= end - start
        end, day = start, day - _A_DAY


def warnings_of(head: Item, deadlines: Item, region: str, zone: str) -> Iterator[tuple[datetime, Warned]]:
    """All warnings of an order with its deadlines as they are, each with its moment."""
    is_unpaid = "paid_at" not in head and head["tiktok_status"] == "UNPAID"
    if deadlines.get("fulfilled_by_tiktok") or head["state"] == "CANCELED" or is_unpaid:
        return
    collected = deadlines.get("collected_at")
    tracked = head.get("tracking_added_at", collected)
    by_scan = deadlines["clock_stops"] == "in_transit"
    if not (collected if by_scan else tracked) and "canceled_at" not in deadlines:
        theirs = head.get("collect_by" if by_scan else "ship_by")
        deadline = min(int(each) for each in (deadlines["dispatch_by"], theirs) if each)
        yield from _near("dispatch", deadline, region, zone)
        yield datetime.fromtimestamp(deadline / 1000, UTC) + timedelta(seconds=1), ("dispatch", deadline, 0)
    ours = {str(deadlines["cancel_stops"]): deadlines["cancels_by"]}
    limits = []
    for happened, event, name in (
        (tracked, "tracking_added", "cancels_unless_shipped_by"),
        (collected, "in_transit", "cancels_unless_collected_by"),
    ):
        if not happened:
            limits += [int(each) for each in (ours.get(event), head.get(name)) if each]
    if limits:
        yield from _near("automatic cancel", min(limits), region, zone)


def given_to(deadlines: Item) -> set[Warned]:
    """What people were warned of."""
    return {(kind, deadline, level) for kind, deadline, level in json.loads(str(deadlines.get("given", "[]")))}


def too_early(before: Item | None, deadlines: Item, now: datetime, region: str, zone: str) -> Iterator[str]:
    """Warnings that were given long before their moment, or of a miss before it was one."""
    fresh = given_to(deadlines) - (given_to(before) if before else set())
    for kind, deadline, level in sorted(fresh):
        if level:
            early = business_hours_before(deadline, level, region, zone) - now > FORETOLD
        else:
            early = deadline / 1000 >= now.timestamp()
        if early:
            yield f"was warned of {kind}, {level} hours before {deadline}, too early"


def _near(kind: str, deadline: int, region: str, zone: str) -> Iterator[tuple[datetime, Warned]]:
    for hours in HOURS_BEFORE[kind]:
        yield business_hours_before(deadline, hours, region, zone), (kind, deadline, hours)
