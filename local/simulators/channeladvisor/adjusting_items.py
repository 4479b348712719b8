"""Cancelling and refunding units of one item (CA 4.5)."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from local.simulators.channeladvisor.adjusting import cents, common_fields, make, refuse_third_party_managed, unit_value
from local.simulators.channeladvisor.edm import ADJUST_ITEM
from local.simulators.channeladvisor.entities import Item, ItemAdjustment, Order
from local.simulators.channeladvisor.refusals import invalid
from local.simulators.channeladvisor.settling import started
from local.simulators.channeladvisor.state import State
from local.simulators.channeladvisor.values import read_fields

_PRICES = {
    "TaxAdjustment": "TaxPrice",
    "ShippingAdjustment": "ShippingPrice",
    "ShippingTaxAdjustment": "ShippingTaxPrice",
    "GiftWrapAdjustment": "GiftPrice",
    "GiftWrapTaxAdjustment": "GiftTaxPrice",
    "RecyclingFeeAdjustment": "RecyclingFee",
}
_TOTALS = {
    "TaxAdjustment": "TotalTaxPrice",
    "ShippingAdjustment": "TotalShippingPrice",
    "ShippingTaxAdjustment": "TotalShippingTaxPrice",
}
_ZERO = Decimal(0)


def adjust_item(state: State, item: Item, payload: object, *, source: str = "Api") -> None:
    """Of these units the unshipped are cancelled, the shipped refunded.

    Amounts that are left out follow from the quantity. A cancellation is always of the full amount.
    """
    fields = read_fields(payload, ADJUST_ITEM, "OrderItemAdjustmentRequest")
    order = item.order
    refuse_third_party_managed(order)
    kinds = _kinds(item, fields, shipped_first=state.doubts.adjusts_shipped_units_first)
    given = _given_amounts(item, fields, within_item=state.doubts.item_amounts_within_item_prices)
    for kind, quantity in kinds:
        adjustment = ItemAdjustment(
            fields=item_level_fields(state, item, kind, quantity) | (given if kind == "Refund" else {}),
            units={item["ID"]: quantity},
        )
        make(state, order, adjustment, fields, source=source)
    started(state, order)


def cancel_units(
    state: State, order: Order, units: Mapping[str, int], reason: str, *, source: str = "UserInterface"
) -> None:
    """A person, or a channel, cancels unshipped units, by SKU. Raises ValueError when fewer are left."""
    parts = _parts(order, units, lambda item: item.unshipped, "unshipped")
    refuse_third_party_managed(order)
    for item, part in parts:
        adjustment = ItemAdjustment(
            fields=item_level_fields(state, item, "Cancellation", part), units={item["ID"]: part}
        )
        make(state, order, adjustment, {"Reason": reason}, source=source)
    started(state, order)


def refund_units(state: State, order: Order, units: Mapping[str, int], amount: Decimal | None, reason: str) -> None:
    """A person refunds shipped units, by SKU; an amount is of one item. Raises ValueError when fewer are shipped."""
    parts = _parts(order, units, lambda item: item.shipped, "shipped")
    if amount is not None and len(parts) != 1:
        raise ValueError("an amount is of units of one item")
    amounts = {} if amount is None else dict.fromkeys(_PRICES, _ZERO) | {"ItemAdjustment": amount}
    for item, part in parts:
        payload = {"Quantity": part, "Reason": reason, "RefundOnly": True, **amounts}
        adjust_item(state, item, payload, source="UserInterface")


def item_level_fields(state: State, item: Item, kind: str, quantity: int) -> dict[str, Any]:
    """An adjustment of this many units of an item, with their share of what the item cost."""
    share = Decimal(quantity) / item["Quantity"]
    return common_fields(state, item.order, kind, "OrderItemAdjustment") | {
        "OrderItemID": item["ID"],
        "Quantity": quantity,
        "ReferenceSku": item["ReferenceSku"],
        "ReferenceProductID": item["ReferenceProductID"],
        "ItemAdjustment": cents(unit_value(item) * quantity),
        **{name: cents((item[price] or _ZERO) * share) for name, price in _PRICES.items()},
    }


def _parts(
    order: Order, units: Mapping[str, int], available: Callable[[Item], int], what: str
) -> list[tuple[Item, int]]:
    parts: list[tuple[Item, int]] = []
    for sku, quantity in units.items():
        missing = quantity
        for item in order.items:
            part = min(missing, max(available(item), 0)) if item["Sku"] == sku else 0
            if part:
                parts.append((item, part))
                missing -= part
        if quantity < 1 or missing:
            raise ValueError(f"order {order['ID']} has no {quantity} {what} units of {sku}")
    return parts


def _kinds(item: Item, fields: Mapping[str, Any], *, shipped_first: bool) -> list[tuple[str, int]]:
    quantity = fields.get("Quantity") or 0
    if quantity < 1:
        raise invalid("Quantity must be at least 1.")
    unshipped = 0 if fields.get("RefundOnly") else max(item.unshipped, 0)
    if quantity > unshipped + item.shipped:
        raise invalid(f"Quantity {quantity} is more than what can be adjusted of this item.")
    wanted = [("Cancellation", unshipped), ("Refund", item.shipped)]
    found = []
    for kind, most in reversed(wanted) if shipped_first else wanted:
        part = min(quantity, most)
        quantity -= part
        found.append((kind, part))
    return [(kind, part) for kind, part in found if part]


def _given_amounts(item: Item, fields: Mapping[str, Any], *, within_item: bool) -> dict[str, Decimal]:
    paid = {"ItemAdjustment": unit_value(item) * (fields.get("Quantity") or 0)}
    paid |= {name: item[price] or _ZERO for name, price in _PRICES.items()}
    if not within_item:
        # Orders made through the API may have their shipping, and the tax on it, only in their totals.
        paid |= {name: max(paid[name], item.order[total] or _ZERO) for name, total in _TOTALS.items()}
    given: dict[str, Decimal] = {name: fields[name] for name in paid if fields.get(name) is not None}
    for name, amount in given.items():
        if not _ZERO <= amount <= paid[name]:
            raise invalid(f"{name} must not be negative, nor above what was paid.")
    return given
