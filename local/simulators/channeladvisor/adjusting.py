"""Cancelling and refunding whole orders (CA 4.5). The answer is 204 at once, the outcome comes later."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from local.simulators.channeladvisor.edm import ADJUST_ORDER
from local.simulators.channeladvisor.entities import Adjustment, Item, Order
from local.simulators.channeladvisor.refusals import invalid
from local.simulators.channeladvisor.settling import hold, start, started
from local.simulators.channeladvisor.state import State
from local.simulators.channeladvisor.values import read_fields

AMOUNTS = (
    "ItemAdjustment",
    "TaxAdjustment",
    "ShippingAdjustment",
    "ShippingTaxAdjustment",
    "GiftWrapAdjustment",
    "GiftWrapTaxAdjustment",
    "RecyclingFeeAdjustment",
)
_CENT = Decimal("0.01")
_ZERO = Decimal(0)
_COURSE = ("AcknowledgedPostProcessingNotComplete", "PostProcessingComplete")


def adjust_order(state: State, order: Order, payload: object, *, source: str = "Api") -> None:
    """Unshipped units are cancelled, shipped ones refunded; a part-shipped order gets both."""
    fields = read_fields(payload, ADJUST_ORDER, "OrderAdjustmentRequest")
    refuse_third_party_managed(order)
    amount = fields.get("AdjustmentAmount")
    if amount is not None and not _ZERO < amount <= order["TotalPrice"]:
        raise invalid("AdjustmentAmount must be positive and not above the total of the order.")
    unshipped = {item["ID"]: item.unshipped for item in order.items if item.unshipped > 0}
    shipped = {item["ID"]: item.shipped for item in order.items if item.shipped > 0}
    wanted = [("Refund", shipped)] if fields.get("RefundOnly") else [("Cancellation", unshipped), ("Refund", shipped)]
    kinds = [(kind, units) for kind, units in wanted if units]
    if not kinds:
        raise invalid("Nothing on this order can be adjusted.")
    for kind, units in kinds:
        adjustment = Adjustment(fields=order_level_fields(state, order, kind, units), units=dict(units))
        if amount is not None and kind == "Refund":
            adjustment.fields |= dict.fromkeys(AMOUNTS, _ZERO) | {"ItemAdjustment": amount}
        make(state, order, adjustment, fields, source=source)
    started(state, order)


def make(state: State, order: Order, adjustment: Adjustment, asked: Mapping[str, Any], *, source: str) -> None:
    """Enter an adjustment with what the caller asked for. Whoever makes the last one calls `started`.

    A person's work in the user interface is done at once, a call's takes the simulator's `adjustment_time`.
    """
    adjustment.fields |= {
        "Reason": asked.get("Reason") or "GeneralAdjustment",
        "SellerAdjustmentID": asked.get("SellerAdjustmentID"),
        "IsRestock": bool(asked.get("Restock")),
        "CreatedSource": source,
        "LastUpdatedSource": source,
    }
    if state.doubts.negative_adjustment_amounts:
        adjustment.fields |= {name: -adjustment[name] for name in AMOUNTS}
    adjustment.prevents_site_processing = bool(asked.get("PreventSiteProcessing"))
    adjustment.refund_only = bool(asked.get("RefundOnly"))
    if adjustment["Type"] == "Cancellation":
        hold(order, adjustment)
    state.enter(order, adjustment)
    start(state, order, adjustment, _COURSE, at_once=source != "Api")


def refuse_third_party_managed(order: Order) -> None:
    """What somebody else fulfils is read-only here (OP C11)."""
    if order["ShippingStatus"] == "ThirdPartyManaged":
        raise invalid("An order that is ThirdPartyManaged cannot be adjusted.")


def common_fields(state: State, order: Order, kind: str, type_name: str) -> dict[str, Any]:
    """What an adjustment of either level starts with."""
    return {
        "ID": state.next_id(type_name),
        "ProfileID": order["ProfileID"],
        "OrderID": order["ID"],
        "Type": kind,
        "RequestStatus": "SubmittedNotProcessed",
        "RestockStatus": "NoChange",
        "IsRestock": False,
        "CreatedDateUtc": state.clock(),
    }


def order_level_fields(state: State, order: Order, kind: str, units: Mapping[int, int]) -> dict[str, Any]:
    """An adjustment of these units at the level of the order, with its share of the order's totals."""
    ordered = sum(item["Quantity"] for item in order.items)
    share = Decimal(sum(units.values())) / ordered
    goods = sum((unit_value(item) * units.get(item["ID"], 0) for item in order.items), _ZERO)
    return common_fields(state, order, kind, "OrderAdjustment") | {
        "ItemAdjustment": cents(goods),
        # The total holds the tax on shipping (3.2), which has a column of its own here.
        "TaxAdjustment": cents((order["TotalTaxPrice"] - order["TotalShippingTaxPrice"]) * share),
        "ShippingAdjustment": cents(order["TotalShippingPrice"] * share),
        "ShippingTaxAdjustment": cents(order["TotalShippingTaxPrice"] * share),
        "GiftWrapAdjustment": _ZERO,
        "GiftWrapTaxAdjustment": _ZERO,
        "RecyclingFeeAdjustment": _ZERO,
    }


def unit_value(item: Item) -> Decimal:
    """What one unit cost after the promotions of its item."""
    promotions = sum((abs(promotion["Amount"] or _ZERO) for promotion in item.promotions), _ZERO)
    value: Decimal = (item["UnitPrice"] or _ZERO) - promotions / item["Quantity"]
    return value


def cents(amount: Decimal) -> Decimal:
    """Two decimal places."""
    return amount.quantize(_CENT, ROUND_HALF_UP)
