"""Orders come into being: created by an integrator (CA 4.8), or brought by a marketplace."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from local.simulators.channeladvisor.edm import ITEM_ATTRIBUTE, ORDER, ORDER_ITEM, PROMOTION
from local.simulators.channeladvisor.entities import (
    Fulfillment,
    FulfillmentItem,
    Item,
    ItemAttribute,
    Order,
    Promotion,
)
from local.simulators.channeladvisor.refusals import invalid
from local.simulators.channeladvisor.state import Account, State
from local.simulators.channeladvisor.values import read_fields

CHECKOUT_DIRECT = 587
_ASSIGNED = ("ID", "ImportDateUtc", "UpdatedDateUtc", "UserDataPresent", "DistributionCenterTypeRollup")
_ASSIGNED_TO_ITEMS = ("ID", "OrderID", "ProductID")
_ZERO = Decimal(0)
_ORDER_MONEY = (
    "TotalShippingTaxPrice",
    "TotalInsurancePrice",
    "TotalGiftOptionPrice",
    "TotalGiftOptionTaxPrice",
    "AdditionalCostOrDiscount",
    "PromotionAmount",
)
_ITEM_MONEY = (
    "TaxPrice",
    "ShippingPrice",
    "ShippingTaxPrice",
    "RecyclingFee",
    "UnitEstimatedShippingCost",
    "GiftPrice",
    "GiftTaxPrice",
)


def create_order(state: State, account: Account, payload: object) -> Order:
    """Create what an integrator sends. The same SiteOrderID twice makes two orders: nothing refuses it."""
    fields = read_fields(payload, ORDER, "Order", aside=("Items",))
    assert isinstance(payload, dict)  # noqa: S101 - read_fields refused everything else
    _refuse_assigned(fields, _ASSIGNED)
    if fields.get("TotalPrice") is None:
        raise invalid("TotalPrice is required.")
    if fields.setdefault("SiteID", CHECKOUT_DIRECT) != CHECKOUT_DIRECT:
        raise invalid(f"SiteID must be {CHECKOUT_DIRECT} (Checkout Direct) for an order created through the API.")
    if fields.get("ShippingStatus") not in (None, "Unshipped", "PendingShipment"):
        raise invalid("ShippingStatus of a new order must be Unshipped or PendingShipment.")
    fields["ProfileID"] = _profile(account, fields.get("ProfileID"))
    if not state.doubts.payment_status_honoured_on_create:
        fields["PaymentStatus"] = "NotYetSubmitted"
    fields.setdefault("SiteName", "Checkout Direct")
    return add_order(state, fields, _read_items(state, payload.get("Items")))


def add_order(state: State, fields: dict[str, Any], items: Sequence[Mapping[str, Any]]) -> Order:
    """Enter an order of any site with its automatic NoChange fulfilment (CA 4.4).

    Each of `items` holds OrderItem fields and may hold `Promotions` and `OrderItemAttributes`.
    """
    now = state.clock()
    order = Order(
        fields=_order_defaults(now) | {name: value for name, value in fields.items() if value is not None},
        listed_from=now + state.index_delay,
        asked_for_as=fields.get("SiteOrderID") or "",
    )
    order["ID"] = state.next_id("Order")
    if order["SiteOrderID"] is None:
        order["SiteOrderID"] = str(order["ID"])
    elif order["SiteID"] == CHECKOUT_DIRECT and not state.doubts.keeps_site_order_id:
        order["SecondarySiteOrderID"], order["SiteOrderID"] = order["SiteOrderID"], str(order["ID"])
    for status, date in (("PaymentStatus", "PaymentDateUtc"), ("CheckoutStatus", "CheckoutDateUtc")):
        if order[status] not in ("NotYetSubmitted", "NotVisited") and order[date] is None:
            order[date] = now
    order.items = [_item(state, order, item) for item in items]
    for total, part in (("TotalTaxPrice", "TaxPrice"), ("TotalShippingPrice", "ShippingPrice")):
        if order[total] is None:
            order[total] = sum((item[part] for item in order.items), _ZERO)
    state.add(order)
    state.keep(order, open_fulfillment(state, order, {item["ID"]: item["Quantity"] for item in order.items}))
    return order


def open_fulfillment(state: State, order: Order, units: Mapping[int, int]) -> Fulfillment:
    """A fulfilment of these units (by item ID) that is still to be shipped."""
    now = state.clock()
    own = {"ProfileID": order["ProfileID"], "OrderID": order["ID"]}
    fulfillment = Fulfillment(
        fields=own
        | {
            "ID": state.next_id("Fulfillment"),
            "CreatedDateUtc": now,
            "UpdatedDateUtc": now,
            "Type": "Ship",
            "DeliveryStatus": "NoChange",
            "ShippingCarrier": order["RequestedShippingCarrier"],
            "ShippingClass": order["RequestedShippingClass"],
            "DistributionCenterID": 0,
            "ShippingCost": _ZERO,
            "InsuranceCost": _ZERO,
            "TaxCost": _ZERO,
            "HasShippingLabel": False,
            "HasChannelPackingSlip": False,
            "HasReturnLabel": False,
            "HasChannelReturnLabel": False,
        }
    )
    for item in order.items:
        if units.get(item["ID"]):
            fulfillment.items.append(fulfillment_item(state, fulfillment, item, units[item["ID"]]))
    return fulfillment


def fulfillment_item(state: State, fulfillment: Fulfillment, item: Item, quantity: int) -> FulfillmentItem:
    """Some units of an item as a part of a fulfilment."""
    return FulfillmentItem(
        fields={
            "ID": state.next_id("FulfillmentItem"),
            "ProfileID": item["ProfileID"],
            "OrderID": item["OrderID"],
            "FulfillmentID": fulfillment["ID"],
            "OrderItemID": item["ID"],
            "ProductID": item["ProductID"],
            "Sku": item["Sku"],
            "Quantity": quantity,
            "MarketplaceShippingStatus": "Pending",
        }
    )


def reconciled_total(order: Order) -> Decimal:
    """The TotalPrice that the parts add up to (CA 3.2); amounts of promotions count by their size."""
    lines = sum(((item["UnitPrice"] or _ZERO) * item["Quantity"] for item in order.items), _ZERO)
    promotions = sum(
        (abs(promotion["Amount"] or _ZERO) for item in order.items for promotion in item.promotions), _ZERO
    )
    total: Decimal = (
        lines
        - promotions
        + order["TotalShippingPrice"]
        + order["TotalTaxPrice"]
        + order["AdditionalCostOrDiscount"]
        - abs(order["PromotionAmount"])
    )
    return total


def _refuse_assigned(fields: Mapping[str, Any], assigned: Sequence[str]) -> None:
    for name in assigned:
        if fields.get(name) is not None:
            raise invalid(f"{name} is assigned by ChannelAdvisor and cannot be sent.")


def _profile(account: Account, profile: int | None) -> int:
    if profile is None and len(account.profiles) == 1:
        return next(iter(account.profiles))
    if profile is None:
        raise invalid("ProfileID is required: the account has several profiles.")
    if profile not in account.profiles:
        raise invalid(f"ProfileID {profile} is invalid.")
    return profile


def _read_items(state: State, payload: object) -> list[dict[str, Any]]:
    if not isinstance(payload, list) or not payload:
        raise invalid("Items is required: an order needs at least one item.")
    return [_read_item(state, entry) for entry in payload]


def _read_item(state: State, entry: object) -> dict[str, Any]:
    item = read_fields(entry, ORDER_ITEM, "OrderItem", aside=("Promotions", "OrderItemAttributes"))
    assert isinstance(entry, dict)  # noqa: S101 - read_fields refused everything else
    _refuse_assigned(item, _ASSIGNED_TO_ITEMS)
    sku = item.get("Sku")
    if not (sku and sku.strip()):
        raise invalid("Sku is required for every item.")
    if state.doubts.reject_unknown_skus and sku not in state.catalogue:
        raise invalid(f"Sku '{sku}' does not exist in the inventory of this account.")
    if (item.get("Quantity") or 0) < 1:
        raise invalid(f"Quantity of item '{sku}' must be at least 1.")
    item["Promotions"] = [read_fields(each, PROMOTION, Promotion.TYPE) for each in _read_list(entry, "Promotions")]
    item["OrderItemAttributes"] = [
        read_fields(each, ITEM_ATTRIBUTE, ItemAttribute.TYPE) for each in _read_list(entry, "OrderItemAttributes")
    ]
    return item


def _read_list(entry: Mapping[str, Any], name: str) -> list[Any]:
    found = entry.get(name) or []
    if not isinstance(found, list):
        raise invalid(f"{name} must be a list.")
    return found


def _order_defaults(now: datetime) -> dict[str, Any]:
    return {
        "UserDataPresent": 1,
        "CreatedDateUtc": now,
        "ImportDateUtc": now,
        "UpdatedDateUtc": now,
        "CheckoutStatus": "NotVisited",
        "PaymentStatus": "NotYetSubmitted",
        "ShippingStatus": "Unshipped",
        "DistributionCenterTypeRollup": "SellerManaged",
        "FlagID": 0,
        "OrderTaxType": "NoTax",
        "ShippingTaxType": "NoTax",
        "GiftOptionsTaxType": "NoTax",
    } | dict.fromkeys(_ORDER_MONEY, _ZERO)


def _item(state: State, order: Order, fields: Mapping[str, Any]) -> Item:
    own = {"ID": state.next_id("OrderItem"), "ProfileID": order["ProfileID"], "OrderID": order["ID"]}
    given = {name: value for name, value in fields.items() if value is not None}
    promotions = given.pop("Promotions", [])
    attributes = given.pop("OrderItemAttributes", [])
    item = Item(
        fields={"IsBundle": False, "ProductID": state.product_id(given["Sku"])}
        | dict.fromkeys(_ITEM_MONEY, _ZERO)
        | {"Title": state.catalogue.get(given["Sku"])}
        | given
        | own,
        order=order,
    )
    item.promotions = [
        Promotion(fields={"ID": state.next_id("OrderItemPromotion"), **promotion}) for promotion in promotions
    ]
    item.attributes = [
        ItemAttribute(
            fields={
                **attribute,
                "OrderID": order["ID"],
                "OrderItemID": item["ID"],
                "ProfileID": order["ProfileID"],
            }
        )
        for attribute in attributes
    ]
    return item
