"""What a cancellation gives back to the buyer (TT 4.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from local.simulators.tiktok_shop.money import ZERO, text
from local.simulators.tiktok_shop.orders import Line, Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """`total` holds also the fees that the API does not list."""

    currency: str
    total: Decimal
    subtotal: Decimal
    shipping_fee: Decimal = ZERO
    tax: Decimal = ZERO
    retail_delivery_fee: Decimal = ZERO
    buyer_service_fee: Decimal = ZERO

    def payload(self) -> dict[str, object]:
        """The `refund_amount` object."""
        return {
            "currency": self.currency,
            "refund_total": text(self.total),
            "refund_subtotal": text(self.subtotal),
            "refund_shipping_fee": text(self.shipping_fee),
            "refund_tax": text(self.tax),
            "retail_delivery_fee": text(self.retail_delivery_fee),
            "buyer_service_fee": text(self.buyer_service_fee),
        }


def line_refund(order: Order, line: Line) -> Refund:
    """Price and tax of one unit, less what went back before; nothing where nobody has paid."""
    currency = order.shop.region.currency
    if order.paid_at is None:
        return Refund(currency=currency, total=ZERO, subtotal=ZERO)
    goods, tax = line.price.sale - line.goods_refunded, line.price.tax - line.tax_refunded
    return Refund(currency=currency, total=goods + tax, subtotal=goods, tax=tax)


def refund_of(order: Order, lines: Sequence[Line]) -> Refund:
    """The units' prices and taxes; shipping and fees go back with the last units of the order.

    That the buyer keeps paying for shipping while one unit is left is inferred.
    """
    units = [line_refund(order, line) for line in lines]
    subtotal, tax = sum((unit.subtotal for unit in units), ZERO), sum((unit.tax for unit in units), ZERO)
    currency = order.shop.region.currency
    rest = [line for line in order.remaining if line not in lines and not line.is_settled]
    if order.paid_at is None or rest or order.extras_refunded:
        return Refund(currency=currency, total=subtotal + tax, subtotal=subtotal, tax=tax)
    paid = {name: Decimal(value) for name, value in order.payment.items() if name != "currency"}
    return Refund(
        currency=currency,
        total=subtotal + tax + paid["total_amount"] - paid["sub_total"] - paid["product_tax"],
        subtotal=subtotal,
        shipping_fee=paid["shipping_fee"],
        tax=tax + paid["shipping_fee_tax"],
        retail_delivery_fee=paid["retail_delivery_fee"],
        buyer_service_fee=paid.get("buyer_service_fee", ZERO),
    )
