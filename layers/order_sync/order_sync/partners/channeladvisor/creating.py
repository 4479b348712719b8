"""A purchase as the body that creates its order in ChannelAdvisor (CA 4.8), with money that adds up (CA 3.2)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from order_sync.domain.errors import RejectedError
from order_sync.domain.purchase import Purchase, PurchasedLine, recipient_of_complete
from order_sync.domain.shop import ChannelAdvisorSettings
from order_sync.partners.channeladvisor.addresses import shipping_address

CHECKOUT_DIRECT: Final = 587
"""The SiteID of every order that is created through the API (CA 3.8)."""
LONGEST_INSTRUCTIONS: Final = 255
_ZERO: Final = Decimal(0)


def creation_body(purchase: Purchase, settings: ChannelAdvisorSettings) -> dict[str, Any]:
    """The order to create. Raises RejectedError when the purchase cannot become an order there.

    UnitPrice is before discounts; all discounts together are the PromotionAmount, whose code tells the
    seller's from the platform's; what the total holds beyond goods, shipping and tax is
    AdditionalCostOrDiscount, so that the sum is TikTok's total whatever TikTok sent.
    """
    recipient = recipient_of_complete(purchase)
    body: dict[str, Any] = {
        "ProfileID": settings.profile_id,
        "SiteID": CHECKOUT_DIRECT,
        settings.order_id_field: purchase.order,
        "CreatedDateUtc": wire_time(purchase.ordered_at),
        "CheckoutStatus": "Completed",
        "RequestedShippingClass": purchase.delivery_option or None,
        "BuyerEmailAddress": recipient.email or None,
        "SpecialInstructions": purchase.buyer_message.strip()[:LONGEST_INSTRUCTIONS] or None,
        **shipping_address(recipient),
        **_money(purchase),
        "Items": [_item(units) for units in rolled_up(purchase.lines)],
    }
    if settings.paid_on_create:
        body["PaymentStatus"] = "Cleared"
    return {name: value for name, value in body.items() if value is not None}


def buyer_texts(body: dict[str, Any]) -> list[str]:
    """The texts in a body of ours that are the buyer's."""
    return [
        value
        for name, value in body.items()
        if isinstance(value, str) and name.startswith(("Shipping", "Buyer", "SpecialInstructions"))
    ]


def rolled_up(lines: Sequence[PurchasedLine]) -> list[list[PurchasedLine]]:
    """The units that become one item each: same SKU, and same price and discounts too."""
    groups: dict[object, list[PurchasedLine]] = {}
    for line in lines:
        alike = (line.sku, line.product_id, line.price, line.seller_discount, line.platform_discount, line.is_gift)
        groups.setdefault(alike, []).append(line)
    return list(groups.values())


def wire_time(moment: datetime) -> str:
    """UTC with `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".") + "Z"


def wire_number(amount: Decimal) -> float:
    """The amount as a JSON number that reads back as the very same. Raises RejectedError when there is none."""
    number = float(amount)
    if Decimal(repr(number)) != amount:
        raise RejectedError(f"the amount {amount} cannot be written as a JSON number without rounding")
    return number


def _money(purchase: Purchase) -> dict[str, Any]:
    money = purchase.money
    goods = sum((line.price for line in purchase.lines), _ZERO)
    seller = sum((line.seller_discount for line in purchase.lines), _ZERO)
    platform = sum((line.platform_discount for line in purchase.lines), _ZERO)
    # Readers take a promotion's size, not its sign (CA 3.2), so a surcharge must not stand here.
    promotion = max(seller + platform, _ZERO)
    rest = money.total - (goods - promotion + money.shipping + money.tax)
    fields: dict[str, Any] = {
        "Currency": money.currency,
        "TotalPrice": wire_number(money.total),
        "TotalShippingPrice": wire_number(money.shipping),
        "TotalTaxPrice": wire_number(money.tax),
        "TotalShippingTaxPrice": wire_number(money.shipping_tax),
        "AdditionalCostOrDiscount": wire_number(rest),
        "PromotionAmount": wire_number(promotion),
    }
    if promotion:
        parts = [f"{name} {amount:f}" for name, amount in (("seller", seller), ("platform", platform)) if amount]
        fields["PromotionCode"] = f"TikTok {' + '.join(parts)}"
    return fields


def _item(units: Sequence[PurchasedLine]) -> dict[str, Any]:
    first = units[0]
    item: dict[str, Any] = {
        # One id fits here; more than one go to the attributes, the only list that an item has for us (CA 3.3).
        "SiteOrderItemID": first.id,
        "SiteListingID": first.product_id or None,
        "Sku": first.sku,
        "Title": first.title or None,
        "Quantity": len(units),
        "UnitPrice": wire_number(first.price),
        "TaxPrice": wire_number(sum((unit.tax for unit in units), _ZERO)),
    }
    if len(units) > 1:
        item["OrderItemAttributes"] = [
            {"Name": f"TikTokLineID{number}", "Value": unit.id} for number, unit in enumerate(units, start=1)
        ]
    return {name: value for name, value in item.items() if value is not None}
