"""Changing an order's own fields (CA 4.2)."""

from typing import Any

from local.simulators.channeladvisor.edm import BILLING_ADDRESS, FLAG, ORDER, SHIPPING_ADDRESS
from local.simulators.channeladvisor.entities import Order
from local.simulators.channeladvisor.refusals import invalid
from local.simulators.channeladvisor.state import State, set_shipping_status, touch
from local.simulators.channeladvisor.values import read_fields

_EDITABLE = {
    *[
        "SellerOrderID",
        "PublicNotes",
        "PrivateNotes",
        "SpecialInstructions",
        "FlagID",
        "FlagDescription",
        "OrderTags",
    ],
    *["PaymentStatus", "CheckoutStatus", "ShippingStatus", "BuyerEmailAddress"],
    *["PaymentMethod", "PaymentTransactionID", "PaymentMerchantReferenceNumber"],
    *["RequestedShippingCarrier", "RequestedShippingClass"],
    *["CheckoutDateUtc", "PaymentDateUtc", "EstimatedShipDateUtc", "DeliverByDateUtc"],
    *SHIPPING_ADDRESS,
    *BILLING_ADDRESS,
}
_SETTABLE_SHIPPING_STATUS = ("Unshipped", "PendingShipment")
_DATED = {"PaymentStatus": "PaymentDateUtc", "CheckoutStatus": "CheckoutDateUtc"}


def edit_order(state: State, order: Order, payload: object) -> None:
    """PATCH or PUT: only what is named changes.

    ShippingStatus moves between Unshipped and PendingShipment only; the rest follows from Ship and Adjust.
    """
    fields: dict[str, Any] = read_fields(payload, ORDER, "Order")
    for name in fields:
        if name not in _EDITABLE:
            raise invalid(f"{name} cannot be changed.")
    for name in (*_DATED, "ShippingStatus"):
        if name in fields and fields[name] is None:
            raise invalid(f"{name} cannot be null.")
    if fields.get("FlagID") not in (None, *FLAG):
        raise invalid("FlagID is not a flag.")
    now = state.clock()
    status = fields.pop("ShippingStatus", None)
    if status is not None:
        if {status, order["ShippingStatus"]} - set(_SETTABLE_SHIPPING_STATUS):
            raise invalid(f"ShippingStatus cannot be changed from {order['ShippingStatus']} to {status}.")
        set_shipping_status(order, status, now)
    for name, date in _DATED.items():
        if name in fields and fields[name] != order[name]:
            order[date] = now
    order.fields |= fields
    touch(order, now)
