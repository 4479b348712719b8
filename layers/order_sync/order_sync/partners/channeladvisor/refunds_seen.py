"""Refunds that others than us have made in ChannelAdvisor (CA 3.5, 4.5)."""

from collections.abc import Iterator
from datetime import datetime

from order_sync.domain.money import Money
from order_sync.domain.orders import Source
from order_sync.domain.returning.returns import ReportedRefund
from order_sync.partners.channeladvisor.models import AdjustmentPayload, ItemPayload, OrderPayload, UnreadableOrderError
from order_sync.partners.channeladvisor.own_adjustments import is_our_cancellation, is_our_refund


def refunds_by_others(order: OrderPayload, updated_at: datetime) -> Iterator[ReportedRefund]:
    """What people, or systems other than ours, have refunded there. A channel's own refunds are TikTok's.

    One of the whole order names no units, its amount says how much. Raises UnreadableOrderError: no amount, and no
    unit, is ever guessed.
    """
    for each in order.adjustments:
        if _is_by_others(each):
            yield _reported(each, order, updated_at)
    for item in order.items:
        for each in item.adjustments:
            if _is_by_others(each) and not is_our_refund(each, item):
                yield _reported(each, order, updated_at, _units_of(each, item))


def _is_by_others(adjustment: AdjustmentPayload) -> bool:
    return adjustment.refunds and not is_our_cancellation(adjustment) and adjustment.created_source != "Channel"


def _reported(
    adjustment: AdjustmentPayload, order: OrderPayload, updated_at: datetime, *units: tuple[str, int]
) -> ReportedRefund:
    if adjustment.amount is None:
        raise UnreadableOrderError(f"refund {adjustment.id} shows no amount")
    if not order.currency:
        raise UnreadableOrderError(f"Currency: missing, so that refund {adjustment.id} is in none")
    return ReportedRefund(
        id=f"channeladvisor-{adjustment.id}",
        source=Source.CHANNELADVISOR,
        requested_at=adjustment.created_date_utc or updated_at,
        units=units,
        amount=Money(amount=adjustment.amount, currency=order.currency),
    )


def _units_of(adjustment: AdjustmentPayload, item: ItemPayload) -> tuple[str, int]:
    """Without a quantity of its own, an amount is of the whole item."""
    quantity = adjustment.quantity or item.quantity
    if not item.sku or quantity <= 0:
        raise UnreadableOrderError(f"refund {adjustment.id} of item {item.id} has no SKU or no quantity")
    return item.sku, quantity
