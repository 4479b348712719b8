"""What an order's buyer pays in all (TT 2.5). What cannot be read is named, and taken as absent."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from order_sync.domain.money import Money
from order_sync.partners.tiktok_shop.models import Amount, Currency, OrderPayload, Payload, absent_when_blank


class PaymentTotal(Payload):
    """The sum of an order's money; the parts are read only when it is handed over."""

    currency: Currency
    total_amount: Amount


def paid_total(order: OrderPayload) -> Money | None:
    """The total with its currency; None while TikTok shows no payment, or one that cannot be read."""
    payment = absent_when_blank(order.payment)
    total = _total(payment) if payment is not None else None
    return Money(amount=total.total_amount, currency=total.currency) if total else None


def unknown_payment(order: OrderPayload) -> Iterator[str]:
    """That the payment cannot be read, without what stands there."""
    if absent_when_blank(order.payment) is not None and paid_total(order) is None:
        yield "payment that cannot be read"


def _total(payment: Any) -> PaymentTotal | None:
    try:
        return PaymentTotal.model_validate(payment)
    except ValidationError:
        return None
