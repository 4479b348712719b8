"""The whole order as it is handed over, with its buyer: held in memory for one call, never kept, never printed."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import LineId, OrderId


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Recipient:
    """Who gets the parcel, and where. Absent parts are empty."""

    name: str
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    email: str = ""
    address_lines: tuple[str, ...]
    city: str
    county: str = ""
    state: str = ""
    """The state's code where the country has one (ISO 3166-2 without the country), else its name."""
    state_name: str = ""
    postal_code: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchasedLine:
    """One unit and its money. `price` is before discounts; `paid` is what the buyer pays, without tax."""

    id: LineId
    sku: str
    product_id: str
    title: str
    price: Decimal
    seller_discount: Decimal
    platform_discount: Decimal
    paid: Decimal
    tax: Decimal
    is_gift: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMoney:
    """An order's money as TikTok adds it up (TT 2.5): total = sub-total + shipping + tax + other fees."""

    currency: str
    sub_total: Decimal
    shipping: Decimal
    """After its discounts."""
    tax: Decimal
    shipping_tax: Decimal
    """The part of `tax` that is for shipping."""
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Purchase:
    """A released order, complete, as TikTok Shop shows it at push time."""

    order: OrderId
    ordered_at: datetime
    paid_at: datetime | None
    delivery_option: str
    recipient: Recipient | None
    """None while TikTok does not show one."""
    buyer_message: str = ""
    money: OrderMoney
    lines: tuple[PurchasedLine, ...]


def recipient_of_complete(purchase: Purchase) -> Recipient:
    """The recipient of a purchase that can be handed over. Raises RejectedError naming what it lacks for that."""
    if purchase.recipient is None:
        raise RejectedError(f"order {purchase.order}: TikTok Shop shows no recipient")
    if not purchase.lines:
        raise RejectedError(f"order {purchase.order} has no lines")
    blank = [line.id for line in purchase.lines if not line.sku.strip()]
    if blank:
        raise RejectedError(f"order {purchase.order}: lines {', '.join(blank)} have no seller SKU at TikTok Shop")
    return purchase.recipient
