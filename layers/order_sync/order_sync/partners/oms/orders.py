"""An order, its address, its cancellation and its parcels as `docs/oms_openapi.yaml` wants them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import ParcelId
from order_sync.domain.parcels import Parcel
from order_sync.domain.purchase import Purchase, PurchasedLine, Recipient, recipient_of_complete
from order_sync.domain.records import OrderRecord
from order_sync.domain.shop import ShopSettings

LONGEST_TEXT: Final = 500
LONGEST_TITLE: Final = 1000
LONGEST_ID: Final = 128
MOST_ADDRESS_LINES: Final = 4
_CENT: Final = Decimal("0.01")
_ZERO: Final = Decimal(0)


def order_body(purchase: Purchase, record: OrderRecord, shop: ShopSettings) -> dict[str, Any]:
    """The order to take. Raises RejectedError when the purchase cannot be told, naming what is wrong."""
    recipient = recipient_of_complete(purchase)
    lines, totals = _money(purchase)
    return {
        "shop_id": shop.shop,
        "tiktok_order_id": purchase.order,
        "channeladvisor_order_id": record.order.channeladvisor_id or None,
        "ordered_at": wire_time(purchase.ordered_at),
        "paid_at": wire_time(purchase.paid_at) if purchase.paid_at else None,
        "dispatch_by": wire_time(record.dispatch_by) if record.dispatch_by else None,
        "currency": purchase.money.currency,
        "lines": lines,
        "totals": totals,
        "recipient": recipient_body(recipient, purchase.buyer_message),
    }


def recipient_body(recipient: Recipient, buyer_message: str = "") -> dict[str, Any]:
    """Where to ship to; parts that are empty are left out. Only US addresses have a state (a county is none)."""
    lines = [line.strip()[:LONGEST_TEXT] for line in recipient.address_lines if line.strip()]
    if len(lines) > MOST_ADDRESS_LINES:
        lines = [*lines[: MOST_ADDRESS_LINES - 1], ", ".join(lines[MOST_ADDRESS_LINES - 1 :])[:LONGEST_TEXT]]
    texts = {
        "name": recipient.name or f"{recipient.first_name} {recipient.last_name}",
        "phone": recipient.phone,
        "email": recipient.email,
        "city": recipient.city,
        "state": "" if recipient.country == "GB" else recipient.state,
        "postal_code": recipient.postal_code,
        "country": recipient.country,
        "delivery_note": buyer_message,
    }
    body: dict[str, Any] = {name: text.strip()[:LONGEST_TEXT] for name, text in texts.items() if text.strip()}
    return body | {"address_lines": lines}


def buyer_texts(recipient: dict[str, Any]) -> list[str]:
    """The texts of a recipient, which no error may repeat."""
    return [*recipient["address_lines"], *(value for value in recipient.values() if isinstance(value, str))]


def parcel_body(parcel: Parcel) -> dict[str, Any]:
    """A parcel that somebody else shipped. Raises RejectedError when it holds no lines."""
    if not parcel.line_ids:
        raise RejectedError(f"parcel {parcel.id} holds no lines")
    body = {
        "carrier": parcel.carrier,
        "shipping_class": parcel.shipping_class,
        "tracking_number": parcel.tracking_number,
        "shipped_at": wire_time(parcel.shipped_at),
        "lines": list(parcel.line_ids),
    }
    return {name: value for name, value in body.items() if value}


def wire_id(parcel: ParcelId) -> str:
    """Our parcel id in the signs that the contract allows: a tracking number can hold others."""
    return re.sub(r"[^A-Za-z0-9._~-]", "-", parcel)[:LONGEST_ID]


def wire_time(moment: datetime) -> str:
    """RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def wire_money(amount: Decimal, what: str) -> str:
    """A decimal number with all its digits. Raises RejectedError for a negative one, which the contract has not."""
    if amount < 0:
        raise RejectedError(f"{what} is negative: {amount}")
    return f"{amount:f}" if amount else "0"


def _money(purchase: Purchase) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Lines and totals that add up to TikTok's total.

    What the total holds beyond goods, shipping and tax are fees. Less than these, as after a discount on the
    payment, is more discount, shared out over the lines, since the contract has no negative money.
    """
    money = purchase.money
    discounts = [line.seller_discount + line.platform_discount for line in purchase.lines]
    items = sum((line.price for line in purchase.lines), _ZERO)
    fees = money.total - (items - sum(discounts, _ZERO) + money.shipping + money.tax)
    if fees < 0:
        shares = _shared_out(-fees, purchase.lines)
        discounts = [own + share for own, share in zip(discounts, shares, strict=True)]
        fees = _ZERO
    lines = [_line(line, discount) for line, discount in zip(purchase.lines, discounts, strict=True)]
    amounts = {
        "items": items,
        "discount": sum(discounts, _ZERO),
        "shipping": money.shipping,
        "tax": money.tax,
        "fees": fees,
        "total": money.total,
    }
    what = f"order {purchase.order}"
    return lines, {name: wire_money(amount, f"{what}: {name}") for name, amount in amounts.items()}


def _line(line: PurchasedLine, discount: Decimal) -> dict[str, Any]:
    what = f"line {line.id}"
    return {
        "tiktok_line_id": line.id,
        "sku": line.sku,
        "title": line.title[:LONGEST_TITLE],
        "unit_price": wire_money(line.price, f"{what}: price"),
        "discount": wire_money(discount, f"{what}: discount"),
        "tax": wire_money(line.tax, f"{what}: tax"),
        "is_gift": line.is_gift,
    }


def _shared_out(amount: Decimal, lines: Sequence[PurchasedLine]) -> list[Decimal]:
    """The amount in shares by price, to the cent, without a remainder."""
    weights = [max(line.price, _ZERO) for line in lines]
    if not any(weights):
        weights = [Decimal(1)] * len(lines)
    whole, given, reached, shares = sum(weights, _ZERO), _ZERO, _ZERO, []
    for weight in weights:
        reached += weight
        upto = amount if reached == whole else (amount * reached / whole).quantize(_CENT, ROUND_HALF_UP)
        shares.append(min(upto, amount) - given)
        given = min(upto, amount)
    return shares
