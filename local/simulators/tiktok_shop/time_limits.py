"""Which time limits an order has, and TikTok's own cancellation when one of them passes (OP B2, B3)."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from local.simulators.tiktok_shop.cancel_reasons import reason_in_words
from local.simulators.tiktok_shop.cancellations import Role
from local.simulators.tiktok_shop.cancelling import cancel_at_once
from local.simulators.tiktok_shop.deadlines import AFTER_HANDLING, AFTER_RELEASE, USUAL, DayCounts, Place, deadlines
from local.simulators.tiktok_shop.orders import Line, Order, OrderType, Status
from local.simulators.tiktok_shop.state import State

LIMITS = {
    "shipping_due_time": "Shipping timed out",
    "collection_due_time": "Package could not be tracked",
    "delivery_due_time": "Package did not arrive in time",
}
"""Each with the reason for which an order is cancelled then."""


def set_limits(state: State, order: Order) -> None:
    """Compute the limits by the figures that hold for the order now, and cancel it when they are over."""
    order.deadlines = limits = deadlines(
        Place(
            region=order.shop.region.code,
            timezone=order.shop.region.timezone,
            holidays=order.shop.holidays,
        ),
        order.release_date or order.created_at,
        order.day_counts or _usual_counts(order),
        order.handling_days,
        order.handling_unit,
    )
    for limit in LIMITS:
        state.at(getattr(limits, limit), partial(_time_is_over, state, order, limit))


def _usual_counts(order: Order) -> DayCounts:
    """The shop's own figures for this type of order, else TikTok's."""
    own = order.shop.day_counts.get(order.order_type)
    if own is not None:
        return own
    match order.order_type:
        case OrderType.PRE_ORDER:
            return AFTER_RELEASE
        case OrderType.MADE_TO_ORDER | OrderType.BACK_ORDER if order.handling_days:
            return AFTER_HANDLING
        case _:
            return order.shop.day_counts.get(OrderType.NORMAL, USUAL)


def _time_is_over(state: State, order: Order, limit: str, at: datetime) -> None:
    # Limits that were changed meanwhile have an entry of their own on the agenda.
    if getattr(order.deadlines, limit) != at:
        return
    lines = _too_late(order, limit, rest=state.doubts.late_rest_is_cancelled)
    if lines:
        reason = reason_in_words(order, Role.SYSTEM, LIMITS[limit])
        cancel_at_once(state, order, lines, role=Role.SYSTEM, reason=reason, now=at)


def _too_late(order: Order, limit: str, *, rest: bool) -> Sequence[Line]:
    match limit, order.status:
        case "shipping_due_time", Status.ON_HOLD | Status.AWAITING_SHIPMENT:
            return order.remaining
        case "shipping_due_time", Status.PARTIALLY_SHIPPING if rest:
            return order.unshipped
        case ("collection_due_time", Status.AWAITING_COLLECTION) | ("delivery_due_time", Status.IN_TRANSIT):
            return order.remaining
        case _:
            return ()
