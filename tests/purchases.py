"""Orders as they are handed over: a small one whose money adds up, to be changed by each test."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from order_sync.domain.ids import LineId, OrderId
from order_sync.domain.purchase import OrderMoney, Purchase, PurchasedLine, Recipient

ORDERED_AT = datetime(2025, 8, 19, 12, 34, 56, tzinfo=UTC)
ZERO = Decimal(0)


def a_recipient(**changes: Any) -> Recipient:
    """Somebody in Springfield, Illinois."""
    fields: dict[str, Any] = {
        "name": "Sam Sample",
        "first_name": "Sam",
        "last_name": "Sample",
        "phone": "(+1)5550100",
        "email": "buyer@scs2.tiktok.com",
        "address_lines": ("1 Example St", "Flat 2", "Back door"),
        "city": "Springfield",
        "county": "Sangamon",
        "state": "IL",
        "state_name": "Illinois",
        "postal_code": "62701",
        "country": "US",
    }
    return Recipient(**(fields | changes))


def a_line(number: int = 1, **changes: Any) -> PurchasedLine:
    """One unit of TEE-BLU-M at 20.00, of which the seller gives 1.00 and the platform 1.50."""
    fields: dict[str, Any] = {
        "id": LineId(f"57651234567890{number:04}"),
        "sku": "TEE-BLU-M",
        "product_id": "1729582718312380123",
        "title": "Demo tee",
        "price": Decimal("20.00"),
        "seller_discount": Decimal("1.00"),
        "platform_discount": Decimal("1.50"),
        "tax": Decimal("1.40"),
    }
    fields |= changes
    fields.setdefault("paid", fields["price"] - fields["seller_discount"] - fields["platform_discount"])
    return PurchasedLine(**fields)


def money_for(
    lines: tuple[PurchasedLine, ...],
    *,
    shipping: Decimal = Decimal("4.99"),
    shipping_tax: Decimal = Decimal("0.35"),
    fees: Decimal = ZERO,
    currency: str = "USD",
) -> OrderMoney:
    """The payment of these lines in TikTok's arithmetic (TT 2.5)."""
    sub_total = sum((line.paid for line in lines), ZERO)
    tax = sum((line.tax for line in lines), ZERO) + shipping_tax
    return OrderMoney(
        currency=currency,
        sub_total=sub_total,
        shipping=shipping,
        tax=tax,
        shipping_tax=shipping_tax,
        total=sub_total + shipping + tax + fees,
    )


def a_purchase(*lines: PurchasedLine, **changes: Any) -> Purchase:
    """A paid order of these lines; without any, of two units of one SKU."""
    bought = lines or (a_line(1), a_line(2))
    fields: dict[str, Any] = {
        "order": OrderId("577086512123755123"),
        "ordered_at": ORDERED_AT,
        "paid_at": ORDERED_AT,
        "delivery_option": "Standard Shipping",
        "recipient": a_recipient(),
        "buyer_message": "",
        "money": money_for(bought),
        "lines": bought,
    }
    return Purchase(**(fields | changes))
