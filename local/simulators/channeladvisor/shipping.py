"""Shipping an order or a part of it (CA 4.3)."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from local.simulators.channeladvisor.creating import fulfillment_item, open_fulfillment
from local.simulators.channeladvisor.edm import SHIP_ITEM, SHIP_VALUE
from local.simulators.channeladvisor.entities import Fulfillment, Item, Order
from local.simulators.channeladvisor.refusals import invalid
from local.simulators.channeladvisor.state import Account, State, follow_items, touch
from local.simulators.channeladvisor.values import read_fields

_CARRIED_OVER = [
    "TrackingNumber",
    "ReturnTrackingNumber",
    "TrackingUrl",
    "ShippingCarrier",
    "ShippingClass",
    "SellerFulfillmentID",
    "SerialShippingContainerCode",
    "DistributionCenterID",
]


def ship(state: State, account: Account, order: Order, payload: object) -> Fulfillment:
    """The Ship action: body `{"Value": {...}}`; without Items the whole rest of the order goes."""
    value = _unwrap(state, payload)
    fields = read_fields(value, SHIP_VALUE, "FulfillmentShipRequest", aside=("Items",))
    if order["ShippingStatus"] in ("ThirdPartyManaged", "Canceled"):
        raise invalid(f"An order that is {order['ShippingStatus']} cannot be shipped.")
    check_carrier(account, fields.get("ShippingCarrier"), fields.get("ShippingClass"))
    if fields.get("DeliveryStatus") in ("NoChange", "Canceled"):
        raise invalid(f"DeliveryStatus of a shipment must not be {fields['DeliveryStatus']}.")
    units, seller_items = _units(order, value)
    return _ship_units(state, order, units, fields, seller_items)


def _unwrap(state: State, payload: object) -> dict[str, Any]:
    value = payload.get("Value") if isinstance(payload, dict) else None
    if isinstance(payload, dict) and value is None and state.doubts.ship_accepts_unwrapped_body:
        value = payload
    elif isinstance(payload, dict) and payload.keys() - {"Value"}:
        raise invalid(f"The parameter '{min(payload.keys() - {'Value'})}' in the request payload is not valid.")
    if not isinstance(value, dict):
        raise invalid("The parameter 'Value' is required.")
    return value


def check_carrier(account: Account, carrier: str | None, shipping_class: str | None) -> None:
    """Refuse what is not in the account's carrier list, in the words seen on the wire (CA 1.5)."""
    if (carrier, shipping_class) not in account.carriers:
        raise invalid("Carrier and Class is invalid.")


def _units(order: Order, value: Mapping[str, Any]) -> tuple[dict[int, int], dict[int, str]]:
    if value.get("Items") is None:
        units = {item["ID"]: item.unshipped for item in order.items if item.unshipped > 0}
        if not units:
            raise invalid("Nothing is left to ship on this order.")
        return units, {}
    entries = value["Items"]
    if not isinstance(entries, list) or not entries:
        raise invalid("Items must hold at least one item; leave it out to ship the whole order.")
    units, seller_items = {}, {}
    for entry in entries:
        fields = read_fields(entry, SHIP_ITEM, "FulfillmentItemShipRequest")
        quantity = fields.get("Quantity") or 0
        if quantity < 1:
            raise invalid("Quantity of a shipped item must be at least 1.")
        for item, taken in take(named_items(order, fields), quantity, units):
            units[item["ID"]] = units.get(item["ID"], 0) + taken
            if fields.get("SellerFulfillmentItemID"):
                seller_items[item["ID"]] = fields["SellerFulfillmentItemID"]
    return units, seller_items


def named_items(order: Order, fields: Mapping[str, Any]) -> list[Item]:
    """The order's items that OrderItemID, ProductID and Sku name together. Refused when there is none."""
    names = [name for name in ("OrderItemID", "ProductID", "Sku") if fields.get(name) is not None]
    if not names:
        raise invalid("An item needs OrderItemID, Sku or ProductID.")
    columns = {"OrderItemID": "ID", "ProductID": "ProductID", "Sku": "Sku"}
    items = [item for item in order.items if all(item[columns[name]] == fields[name] for name in names)]
    if not items:
        named = ", ".join(f"{name} {fields[name]}" for name in names)
        raise invalid(f"The order has no item with {named}.")
    return items


def take(items: list[Item], quantity: int, taken: Mapping[int, int]) -> list[tuple[Item, int]]:
    """This many unshipped units out of items of one SKU, beside those taken before. Refused when fewer are left."""
    parts, missing = [], quantity
    for item in items:
        part = min(missing, item.unshipped - taken.get(item["ID"], 0))
        if part > 0:
            parts.append((item, part))
            missing -= part
    if missing:
        raise invalid(f"Quantity {quantity} of item '{items[0]['Sku']}' is more than what is left to ship.")
    return parts


def _ship_units(
    state: State,
    order: Order,
    units: dict[int, int],
    fields: Mapping[str, Any],
    seller_items: Mapping[int, str],
) -> Fulfillment:
    now = state.clock()
    rest = left_after(order, units)
    open_ones = [each for each in order.fulfillments if each.open]
    parcel = next((each for each in open_ones if each.units == units), next(iter(open_ones), None))
    if parcel is None:
        parcel = open_fulfillment(state, order, {})
        state.keep(order, parcel)
    fill(state, parcel, order, units)
    quiet = bool(fields.get("PreventMarketplaceCommunication"))
    for part in parcel.items:
        part["MarketplaceShippingStatus"] = "CompletedWithoutNotification" if quiet else "Complete"
        part["SellerFulfillmentItemID"] = seller_items.get(part["OrderItemID"])
    parcel.fields |= {name: fields[name] for name in _CARRIED_OVER if fields.get(name) is not None}
    parcel["Type"] = fields.get("FulfillmentType") or "Ship"
    parcel["DeliveryStatus"] = fields.get("DeliveryStatus") or "Complete"
    parcel["ShippedDateUtc"] = fields.get("ShippedDateUtc") or now
    parcel["UpdatedDateUtc"] = now
    for other in [each for each in order.fulfillments if each.open]:
        kept = other.units & rest
        rest -= kept
        if kept:
            fill(state, other, order, kept)
        else:
            state.discard(order, other)
    if rest:
        state.keep(order, open_fulfillment(state, order, rest))
    follow_items(order, now)
    touch(order, now)
    return parcel


def left_after(order: Order, units: Mapping[int, int]) -> Counter[int]:
    """What stays to be shipped after these units left, by item ID."""
    return +Counter({item["ID"]: item.unshipped - units.get(item["ID"], 0) for item in order.items})


def fill(state: State, parcel: Fulfillment, order: Order, units: Mapping[int, int]) -> None:
    """Make these units the content of the parcel; parts that were in it already keep their IDs."""
    kept = {part["OrderItemID"]: part for part in parcel.items}
    parcel.items = []
    for item in order.items:
        if quantity := units.get(item["ID"]):
            part = kept.get(item["ID"]) or fulfillment_item(state, parcel, item, quantity)
            part["Quantity"] = quantity
            parcel.items.append(part)
