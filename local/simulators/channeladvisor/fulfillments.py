"""Changing, deleting and splitting fulfilments (CA 4.4)."""

from collections import Counter
from collections.abc import Mapping, Sequence

from local.simulators.channeladvisor.creating import fulfillment_item, open_fulfillment
from local.simulators.channeladvisor.edm import FULFILLMENT
from local.simulators.channeladvisor.entities import Fulfillment, Order
from local.simulators.channeladvisor.refusals import invalid
from local.simulators.channeladvisor.shipping import check_carrier, fill, left_after, named_items, take
from local.simulators.channeladvisor.state import Account, State, follow_items, touch
from local.simulators.channeladvisor.values import read_fields

_EDITABLE = [
    "DeliveryStatus",
    "TrackingNumber",
    "TrackingUrl",
    "ReturnTrackingNumber",
    "ShippingCarrier",
    "ShippingClass",
    "ShippedDateUtc",
    "SellerFulfillmentID",
    "DistributionCenterID",
    "ExternalFulfillmentCenterCode",
    "ExternalFulfillmentStatus",
    "ExternalFulfillmentNumber",
    "ExternalFulfillmentReferenceNumber",
    "ShippingCost",
    "InsuranceCost",
    "TaxCost",
]


def change_fulfillment(state: State, account: Account, order: Order, fulfillment: Fulfillment, payload: object) -> None:
    """PATCH or PUT of a fulfilment. Left out, DeliveryStatus means Complete: the parcel counts as shipped."""
    fields = read_fields(payload, FULFILLMENT, "Fulfillment")
    for name in fields:
        if name not in _EDITABLE:
            raise invalid(f"{name} of a fulfillment cannot be changed.")
    if {"ShippingCarrier", "ShippingClass"} & fields.keys():
        check_carrier(
            account,
            fields.get("ShippingCarrier", fulfillment["ShippingCarrier"]),
            fields.get("ShippingClass", fulfillment["ShippingClass"]),
        )
    status = fields.get("DeliveryStatus") or "Complete"
    _refuse_status(state, order, fulfillment, status)
    now = state.clock()
    leaves = fulfillment.open and status != "NoChange"
    fulfillment.fields |= fields | {"DeliveryStatus": status, "UpdatedDateUtc": now}
    if leaves:
        fulfillment.shipped_by_edit = True
        fulfillment["ShippedDateUtc"] = fulfillment["ShippedDateUtc"] or now
        for part in fulfillment.items:
            part["MarketplaceShippingStatus"] = "Complete"
    follow_items(order, now)
    touch(order, now)


def _refuse_status(state: State, order: Order, fulfillment: Fulfillment, status: str) -> None:
    if "Canceled" in (fulfillment["DeliveryStatus"], status):
        raise invalid("A fulfillment is canceled with its items only, and then cannot be changed.")
    if status == "NoChange":
        if fulfillment.shipped:
            raise invalid("A fulfillment that was shipped cannot go back to NoChange.")
        return
    if order["ShippingStatus"] in ("ThirdPartyManaged", "Canceled"):
        raise invalid(f"An order that is {order['ShippingStatus']} cannot be shipped.")
    if fulfillment.open and any(
        quantity > state.items[item_id].unshipped for item_id, quantity in fulfillment.units.items()
    ):
        raise invalid("The fulfillment holds more than what is left to ship.")


def delete_fulfillment(state: State, order: Order, fulfillment: Fulfillment) -> None:
    """DELETE: what it held, shipped or not, is unshipped and in an open fulfilment of the order."""
    if order["ShippingStatus"] == "ThirdPartyManaged":
        raise invalid("A fulfillment of an order that is ThirdPartyManaged cannot be deleted.")
    freed = fulfillment.units if fulfillment.shipped or fulfillment.open else Counter[int]()
    if not freed and order.fulfillments == [fulfillment]:
        raise invalid("An order keeps at least one fulfillment.")
    now = state.clock()
    state.discard(order, fulfillment)
    order.deleted_fulfillments.append(fulfillment)
    _hold_again(state, order, freed)
    follow_items(order, now)
    touch(order, now)


def _hold_again(state: State, order: Order, freed: Counter[int]) -> None:
    if not freed:
        return
    holder = next((each for each in order.fulfillments if each.open), None)
    if holder is None:
        state.keep(order, open_fulfillment(state, order, freed))
        return
    holder["UpdatedDateUtc"] = state.clock()
    parts = {part["OrderItemID"]: part for part in holder.items}
    for item_id, quantity in freed.items():
        if item_id in parts:
            parts[item_id]["Quantity"] += quantity
        else:
            holder.items.append(fulfillment_item(state, holder, state.items[item_id], quantity))


def split(state: State, order: Order, parts: Sequence[Mapping[str, int]]) -> list[Fulfillment]:
    """Give each part, quantities by SKU, an open fulfilment of its own; what is left gets another one.

    Refused when the parts are more than what is left to ship.
    """
    if order["ShippingStatus"] in ("ThirdPartyManaged", "Canceled"):
        raise invalid(f"An order that is {order['ShippingStatus']} cannot be split.")
    taken = Counter[int]()
    contents: list[Counter[int]] = []
    for part in parts:
        units = Counter[int]()
        for sku, quantity in part.items():
            named = named_items(order, {"Sku": sku})
            units.update({item["ID"]: number for item, number in take(named, quantity, taken)})
        taken += units
        contents.append(units)
    rest = left_after(order, taken)
    now = state.clock()
    open_ones = [each for each in order.fulfillments if each.open]
    for unneeded in open_ones[1:]:
        state.discard(order, unneeded)
    made: list[Fulfillment] = []
    for units in [*contents, rest] if rest else contents:
        if not made and open_ones:
            fill(state, open_ones[0], order, units)
            open_ones[0]["UpdatedDateUtc"] = now
            made.append(open_ones[0])
        else:
            made.append(open_fulfillment(state, order, units))
            state.keep(order, made[-1])
    touch(order, now)
    return made[: len(parts)]
