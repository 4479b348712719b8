"""Shipments as they are asked for, and what became of them."""

from typing import Any

from tests.adapters.simulators.channeladvisor.caller import CARRIER, Caller

BAD_CARRIER = b'{\r\n  "error":{\r\n    "code":"","message":"Carrier and Class is invalid."\r\n  }\r\n}'


def shipment(**changes: Any) -> dict[str, Any]:
    """The body of Ship, for the whole order."""
    carrier, shipping_class = CARRIER
    return {
        "Value": {
            "ShippedDateUtc": "2025-08-19T14:48:00Z",
            "TrackingNumber": "9400100000000000000000",
            "SellerFulfillmentID": "PARCEL-1",
            "DistributionCenterID": 0,
            "DeliveryStatus": "Complete",
            "ShippingCarrier": carrier,
            "ShippingClass": shipping_class,
        }
        | changes
    }


def shipping_status(caller: Caller, order: int) -> str:
    """The order's ShippingStatus as an integrator reads it."""
    return str(caller.get(f"/v1/Orders({order})").json()["ShippingStatus"])


def parcels(caller: Caller, order: int) -> list[tuple[str, dict[str, int]]]:
    """DeliveryStatus and units by SKU of each fulfilment."""
    return [
        (parcel["DeliveryStatus"], {part["Sku"]: part["Quantity"] for part in parcel["Items"]})
        for parcel in caller.values(f"/v1/Orders({order})/Fulfillments", _expand="Items")
    ]


def fulfillment_ids(caller: Caller, order: int) -> list[int]:
    """The IDs of an order's fulfilments."""
    return [parcel["ID"] for parcel in caller.values(f"/v1/Orders({order})/Fulfillments")]
