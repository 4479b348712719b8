"""Cancelling and refunding whole orders (CA 4.5). The answer is 204 at once, the outcome comes later."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from local.simulators.channeladvisor.edm import ADJUST_ORDER
from local.simulators.channeladvisor.entities import Adjustment, Item, Order
from local.simulators.channeladvisor.refusals import invalid
from local.simulators.channeladvisor.state import State, follow_items, touch
from local.simulators.channeladvisor.values import read_fields

_CENT = Decimal("0.01")
_ZERO = Decimal(0)


def adjust_order(state: State, order: Order, payload: object, *, source: str = "Api") -> None:
    """Unshipped units are cancelled, shipped ones refunded; a part-shipped order gets both."""
    fields = read_fields(payload, ADJUST_ORDER, "OrderAdjustmentRequest")
    if order["ShippingStatus"] == "ThirdPartyManaged":
        raise invalid("An order that is ThirdPartyManaged cannot be adjusted.")
    amount = fields.get("AdjustmentAmount")
    if amount is not None and not _ZERO < amount <= order["TotalPrice"]:
        raise invalid("AdjustmentAmount must be positive and not above the total of the order.")
    unshipped = {item["ID"]: item.unshipped for item in order.items if item.unshipped > 0}
    shipped = {item["ID"]: item.shipped for item in order.items if item.shipped > 0}
    wanted = [("Refund", shipped)] if fields.get("RefundOnly") else [("Cancellation", unshipped), ("Refund", shipped)]
    kinds = [(kind, units) for kind, units in wanted if units]
    if not kinds:
        raise invalid("Nothing on this order can be adjusted.")
    now = state.clock()
    fails = order["ID"] in state.failing_adjustments
    for kind, units in kinds:
        adjustment = _adjustment(state, order, kind, units, now)
        adjustment.fields |= {
            "Reason": fields.get("Reason") or "GeneralAdjustment",
            "SellerAdjustmentID": fields.get("SellerAdjustmentID"),
            "IsRestock": bool(fields.get("Restock")),
            "CreatedSource": source,
            "LastUpdatedSource": source,
        }
        if amount is not None and kind == "Refund":
            adjustment.fields |= {
                "ItemAdjustment": amount,
                "TaxAdjustment": _ZERO,
                "ShippingAdjustment": _ZERO,
            }
        adjustment.prevents_site_processing = bool(fields.get("PreventSiteProcessing"))
        adjustment.steps = _steps(now, state.adjustment_time, source=source, fails=fails)
        if kind == "Cancellation":
            for item in order.items:
                item.canceled += units.get(item["ID"], 0)
        order.adjustments.append(adjustment)
    state.failing_adjustments.discard(order["ID"])
    state.adjusting.append(order)
    touch(order, now)
    advance(state)


def advance(state: State) -> None:
    """Let the adjustments whose time has come move on."""
    now = state.clock()
    for order in list(state.adjusting):
        for adjustment in order.adjustments:
            while adjustment.steps and adjustment.steps[0][0] <= now:
                moment, status = adjustment.steps.pop(0)
                _enter(order, adjustment, status, moment)
        if not any(adjustment.steps for adjustment in order.adjustments):
            state.adjusting.remove(order)


def _enter(order: Order, adjustment: Adjustment, status: str, moment: datetime) -> None:
    adjustment["RequestStatus"] = status
    if adjustment["Type"] == "Cancellation" and status == "Error":
        for item in order.items:
            item.canceled -= adjustment.units.get(item["ID"], 0)
    if adjustment["Type"] == "Cancellation" and status == "PostProcessingComplete":
        for fulfillment in order.fulfillments:
            if fulfillment.open:
                fulfillment["DeliveryStatus"] = "Canceled"
                fulfillment["UpdatedDateUtc"] = moment
        follow_items(order, moment)
    touch(order, moment)


def _steps(now: datetime, whole: timedelta, *, source: str, fails: bool) -> list[tuple[datetime, str]]:
    if source != "Api":
        return [(now, "PostProcessingComplete")]
    if fails:
        return [(now + whole, "Error")]
    return [
        (now + whole / 2, "AcknowledgedPostProcessingNotComplete"),
        (now + whole, "PostProcessingComplete"),
    ]


def _adjustment(state: State, order: Order, kind: str, units: Mapping[int, int], now: datetime) -> Adjustment:
    ordered = sum(item["Quantity"] for item in order.items)
    share = Decimal(sum(units.values())) / ordered
    goods = sum((_unit_value(item) * units.get(item["ID"], 0) for item in order.items), _ZERO)
    return Adjustment(
        fields={
            "ID": state.next_id("OrderAdjustment"),
            "ProfileID": order["ProfileID"],
            "OrderID": order["ID"],
            "Type": kind,
            "RequestStatus": "SubmittedNotProcessed",
            "RestockStatus": "NoChange",
            "CreatedDateUtc": now,
            "ItemAdjustment": _cents(goods),
            "TaxAdjustment": _cents(order["TotalTaxPrice"] * share),
            "ShippingAdjustment": _cents(order["TotalShippingPrice"] * share),
            "ShippingTaxAdjustment": _cents(order["TotalShippingTaxPrice"] * share),
            "GiftWrapAdjustment": _ZERO,
            "GiftWrapTaxAdjustment": _ZERO,
            "RecyclingFeeAdjustment": _ZERO,
        },
        units=dict(units),
    )


def _unit_value(item: Item) -> Decimal:
    promotions = sum((abs(promotion["Amount"] or _ZERO) for promotion in item.promotions), _ZERO)
    value: Decimal = (item["UnitPrice"] or _ZERO) - promotions / item["Quantity"]
    return value


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
