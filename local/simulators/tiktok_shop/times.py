"""What really happened to an order, and when: the truth against which deadlines and rates are judged."""

from dataclasses import dataclass
from datetime import datetime

from local.simulators.tiktok_shop.deadlines import Deadlines, HandlingUnit
from local.simulators.tiktok_shop.orders import Initiator, Order, OrderType, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTimes:
    """`tracking_added_at` and `collected_at` are the last parcel's, None until then. `deadlines` are TikTok's own."""

    order_id: str
    shop_id: str
    status: Status
    order_type: OrderType
    fulfillment_type: str
    handling_days: int
    handling_unit: HandlingUnit
    created_at: datetime
    paid_at: datetime | None
    hold_ends_at: datetime | None
    release_date: datetime | None
    deadlines: Deadlines | None
    tracking_added_at: datetime | None
    collected_at: datetime | None
    delivered_at: datetime | None
    cancelled_at: datetime | None
    cancelled_by: Initiator | None


def times_of(order: Order) -> OrderTimes:
    """What is true now, not to be changed."""
    return OrderTimes(
        order_id=order.id,
        shop_id=order.shop.id,
        status=order.status,
        order_type=order.order_type,
        fulfillment_type=order.fulfillment_type,
        handling_days=order.handling_days,
        handling_unit=order.handling_unit,
        created_at=order.created_at,
        paid_at=order.paid_at,
        hold_ends_at=order.hold_ends_at,
        release_date=order.release_date,
        deadlines=order.deadlines,
        tracking_added_at=order.shipped_at,
        collected_at=order.collected_at,
        delivered_at=order.delivered_at,
        cancelled_at=order.cancelled_at,
        cancelled_by=order.cancel_initiator,
    )
