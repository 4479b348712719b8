"""The Late Dispatch Rate, counted anew from what TikTok Shop's own books say of each order."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum, auto
from typing import Final

from local.demo.fortnight import Fortnight
from local.simulators.tiktok_shop.orders import Initiator, Status
from local.simulators.tiktok_shop.times import OrderTimes

BY_TIKTOK: Final = "FULFILLMENT_BY_TIKTOK"


class Outcome(Enum):
    """What became of an order that should have been dispatched by a deadline."""

    IN_TIME = auto()
    LATE = auto()
    CANCELED_LATE = auto()
    CANCELED_IN_TIME = auto()
    OPEN_AND_LATE = auto()
    UNDECIDED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One order by its deadline, and by TikTok Shop's own figure for the same."""

    times: OrderTimes
    due: date
    outcome: Outcome
    tiktok_due: date
    tiktok_outcome: Outcome

    @property
    def is_late(self) -> bool:
        """Whether it is or will be in the rate as late."""
        return self.outcome in (Outcome.LATE, Outcome.CANCELED_LATE, Outcome.OPEN_AND_LATE)


def judged(orders: Iterable[OrderTimes], fortnight: Fortnight) -> list[Judged]:
    """Every order that came to await shipment."""
    return [_judged(order, fortnight) for order in orders if _awaited_shipment(order, fortnight.now)]


def readings(orders: Sequence[Judged], fortnight: Fortnight) -> dict[str, str]:
    """The rate and its readings, in the words of the product's report."""
    window = [each for each in orders if fortnight.is_in_the_rate(each.due)]
    own = [each for each in window if each.times.fulfillment_type != BY_TIKTOK]
    counts = Counter(each.outcome for each in own)
    by_tiktok = Counter(
        each.tiktok_outcome
        for each in orders
        if each.times.fulfillment_type != BY_TIKTOK and fortnight.is_in_the_rate(each.tiktok_due)
    )
    fulfilled_by_tiktok = sum(
        each.times.fulfillment_type == BY_TIKTOK and each.times.collected_at is not None for each in window
    )
    late, orders_of_rate = _rate(counts)
    still_open = counts[Outcome.OPEN_AND_LATE]
    sellers_fault = sum(_is_sellers_fault(each.times) for each in own)
    awaited = len(own) - counts[Outcome.UNDECIDED]
    shipped = counts[Outcome.LATE] + counts[Outcome.IN_TIME]
    return {
        "late dispatch rate": _words(late, orders_of_rate),
        "reading: shipped orders only": _words(counts[Outcome.LATE], shipped),
        "reading: cancelled late above the line only": _words(late, shipped),
        "reading: with what TikTok Shop fulfilled": _words(late, orders_of_rate + fulfilled_by_tiktok),
        "reading: with open orders that are late": _words(late + still_open, orders_of_rate + still_open),
        "by TikTok Shop's own deadlines": _words(*_rate(by_tiktok)),
        "seller-fault cancellation rate": _words(sellers_fault, awaited),
    }


def late_orders(orders: Sequence[Judged], fortnight: Fortnight) -> set[str]:
    """The late orders of the days of the rate, those included that will be in it once they leave."""
    return {
        each.times.order_id
        for each in orders
        if each.is_late and fortnight.is_in_the_rate(each.due) and each.times.fulfillment_type != BY_TIKTOK
    }


def _judged(order: OrderTimes, fortnight: Fortnight) -> Judged:
    due = fortnight.due(order.created_at.astimezone(fortnight.zone).date())
    deadline = fortnight.end_of(due)
    tiktoks = order.deadlines.tts_sla_time if order.deadlines else deadline
    return Judged(
        times=order,
        due=due,
        outcome=_outcome(order, deadline, fortnight.now),
        tiktok_due=tiktoks.astimezone(fortnight.zone).date(),
        tiktok_outcome=_outcome(order, tiktoks, fortnight.now),
    )


def _awaited_shipment(order: OrderTimes, now: datetime) -> bool:
    if order.status is Status.UNPAID or order.hold_ends_at is None:
        return False
    return order.hold_ends_at <= (order.cancelled_at or now)


def _outcome(order: OrderTimes, deadline: datetime, now: datetime) -> Outcome:
    if order.collected_at is not None:
        return Outcome.LATE if order.collected_at > deadline else Outcome.IN_TIME
    if order.cancelled_at is not None:
        return Outcome.CANCELED_LATE if order.cancelled_at > deadline else Outcome.CANCELED_IN_TIME
    return Outcome.OPEN_AND_LATE if now > deadline else Outcome.UNDECIDED


def _is_sellers_fault(order: OrderTimes) -> bool:
    """Cancelled by the seller, or by TikTok Shop because no tracking was added in time (OP B5)."""
    if order.cancelled_at is None or order.deadlines is None or order.cancelled_by is Initiator.SELLER:
        return order.cancelled_by is Initiator.SELLER
    timed_out = order.cancelled_at >= order.deadlines.shipping_due_time and order.tracking_added_at is None
    return order.cancelled_by is Initiator.SYSTEM and timed_out


def _rate(counts: Counter[Outcome]) -> tuple[int, int]:
    """What was cancelled late stands above and below the line (OP C5)."""
    late = counts[Outcome.LATE] + counts[Outcome.CANCELED_LATE]
    return late, late + counts[Outcome.IN_TIME]


def _words(part: int, orders: int) -> str:
    if not orders:
        return "no data"
    percent = (Decimal(100 * part) / orders).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{percent} % ({part} of {orders})"
