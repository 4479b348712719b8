"""Refunds that others than us have made in ChannelAdvisor (CA 3.5, 4.5)."""

from collections.abc import Iterator
from datetime import datetime

from order_sync.domain.money import Money
from order_sync.domain.orders import Source
from order_sync.domain.returning.returns import BY_HAND, ReportedRefund
from order_sync.partners.channeladvisor.models import AdjustmentPayload, ItemPayload, OrderPayload
from order_sync.partners.channeladvisor.own_adjustments import is_our_cancellation, is_our_refund


def refunds_by_others(order: OrderPayload, updated_at: datetime) -> Iterator[ReportedRefund]:
    """What people, or systems other than ours, have refunded there. A channel's own refunds are TikTok's.

    One of the whole order names no units, its amount says how much. What lacks an amount or its units is told with
    that problem, so that the rest of the order is seen all the same.
    """
    for each in order.adjustments:
        if _is_by_others(each):
            yield _reported(each, order, updated_at)
    for item in order.items:
        for each in item.adjustments:
            if _is_by_others(each) and not is_our_refund(each, item):
                yield _reported(each, order, updated_at, item)


def _is_by_others(adjustment: AdjustmentPayload) -> bool:
    return adjustment.refunds and not is_our_cancellation(adjustment) and adjustment.created_source != "Channel"


def _reported(
    adjustment: AdjustmentPayload, order: OrderPayload, updated_at: datetime, item: ItemPayload | None = None
) -> ReportedRefund:
    amount, problem = None, ""
    units: tuple[tuple[str, int], ...] = ()
    if adjustment.amount is None:
        problem = f"refund {adjustment.id} shows no amount in ChannelAdvisor"
    elif not order.currency:
        problem = f"refund {adjustment.id} shows no currency in ChannelAdvisor"
    else:
        amount = Money(amount=adjustment.amount, currency=order.currency)
    if item is not None:
        # Without a quantity of its own, an amount is of the whole item.
        quantity = adjustment.quantity or item.quantity
        units = ((item.sku, quantity),)
        if not item.sku or quantity <= 0:
            problem = f"refund {adjustment.id} of item {item.id} has no SKU or no quantity in ChannelAdvisor"
    return ReportedRefund(
        id=f"{BY_HAND}{adjustment.id}",
        source=Source.CHANNELADVISOR,
        requested_at=adjustment.created_date_utc or updated_at,
        units=units,
        amount=amount,
        problem=problem,
    )
