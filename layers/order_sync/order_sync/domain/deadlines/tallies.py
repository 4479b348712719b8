"""What one order counts for in the Late Dispatch Rate: on the date of its dispatch deadline, once it is decided (G6).

The counters of a day move by the difference between what an order counted for before a change and after it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from order_sync.domain.deadlines.deadlines import Deadlines
from order_sync.domain.deadlines.pairs import TOLERANCE, Pair, cancel_pairs, dispatch_pair
from order_sync.domain.orders import Order

type Tally = Mapping[str, int]
"""Orders by what they count for."""


class Basis(StrEnum):
    """Whose deadline an order is measured by."""

    PROFILE = "profile"
    TIKTOK = "tiktok"


class Counted(StrEnum):
    """What became of an order that should have been dispatched on a date. Each order is one of these."""

    ON_TIME = "on_time"
    LATE = "late"
    LATE_CANCELED = "late_canceled"
    """Cancelled after its deadline, not dispatched before (OP C5, C6)."""
    LATE_OPEN = "late_open"
    """Neither, and its deadline is over."""
    CANCELED_IN_TIME = "canceled_in_time"


# Marks that come on top, on the date of the profile's deadline.
CANCELED_BY_PLATFORM: Final = "late_canceled_by_platform"
FULFILLED_BY_TIKTOK: Final = "fulfilled_by_tiktok"
SELLER_FAULT: Final = "seller_fault"
DIFFERING: Final = "differing"
"""TikTok Shop's own deadline is another one."""

_SELLER: Final = "SELLER"
_PLATFORM: Final = "SYSTEM"


def counter(basis: Basis, counted: Counted) -> str:
    """The name of a counter."""
    return f"{basis}_{counted}"


def moves(before: tuple[Order, Deadlines | None], after: tuple[Order, Deadlines | None]) -> dict[date, Tally]:
    """How a change of an order moves the counters of each day."""
    was, counted = contributions(*before), contributions(*after)
    moved: dict[date, Tally] = {}
    for day in sorted(was.keys() | counted.keys()):
        difference = Counter(counted.get(day, {}))
        difference.subtract(was.get(day, {}))
        if kept := {name: number for name, number in difference.items() if number}:
            moved[day] = kept
    return moved


def contributions(order: Order, deadlines: Deadlines | None) -> dict[date, Tally]:
    """What an order counts for, by date: nothing until it is dispatched, cancelled or late."""
    by_day: dict[date, Counter[str]] = {}
    if deadlines is not None:
        for day, name in _counts(order, deadlines):
            by_day.setdefault(day, Counter())[name] += 1
    return dict(by_day)


def add_to(days: dict[date, Counter[str]], counted: Mapping[date, Tally]) -> None:
    """Add what one order counts for to the counters of its days."""
    for day, tally in counted.items():
        days.setdefault(day, Counter()).update(tally)


def counted_as(deadlines: Deadlines, deadline: datetime) -> Counted | None:
    """What became of an order, measured by a deadline; None while nothing is decided, or it never awaited shipment."""
    if deadlines.dispatched_at is not None:
        return Counted.LATE if deadlines.dispatched_at > deadline else Counted.ON_TIME
    if deadlines.clock.awaiting_since is None:
        return None
    if deadlines.canceled_at is not None:
        return Counted.LATE_CANCELED if deadlines.canceled_at > deadline else Counted.CANCELED_IN_TIME
    found_open = deadlines.found_open_at
    return Counted.LATE_OPEN if found_open is not None and found_open > deadline else None


def _counts(order: Order, deadlines: Deadlines) -> Iterator[tuple[date, str]]:
    day, pair = deadlines.figures.dispatch_on, dispatch_pair(order, deadlines)
    counted = counted_as(deadlines, deadlines.figures.dispatch_by)
    if deadlines.fulfilled_by_tiktok:
        if deadlines.dispatched_at is not None:
            yield day, FULFILLED_BY_TIKTOK
        return
    if counted is not None:
        yield day, counter(Basis.PROFILE, counted)
        if counted is Counted.LATE_CANCELED and order.canceled_by == _PLATFORM:
            yield day, CANCELED_BY_PLATFORM
        if _is_seller_fault(order, deadlines):
            yield day, SELLER_FAULT
        if _differs(deadlines, pair):
            yield day, DIFFERING
    if pair.tiktoks is not None and deadlines.tiktok_on is not None:
        by_tiktok = counted_as(deadlines, pair.tiktoks)
        if by_tiktok is not None:
            yield deadlines.tiktok_on, counter(Basis.TIKTOK, by_tiktok)


def _is_seller_fault(order: Order, deadlines: Deadlines) -> bool:
    """Whether the seller cancelled it, or TikTok Shop because the seller was too late (OP B5)."""
    canceled_at = deadlines.canceled_at
    if canceled_at is None:
        return False
    if order.canceled_by != _PLATFORM:
        return order.canceled_by == _SELLER
    missed = (
        pair.tiktoks or pair.ours for pair in cancel_pairs(order, deadlines) if not deadlines.happened(pair.event)
    )
    return any(deadline is not None and deadline <= canceled_at for deadline in missed)


def _differs(deadlines: Deadlines, pair: Pair) -> bool:
    if pair.tiktoks is None or pair.ours is None:
        return False
    return deadlines.tiktok_on != deadlines.figures.dispatch_on or abs(pair.tiktoks - pair.ours) > TOLERANCE
