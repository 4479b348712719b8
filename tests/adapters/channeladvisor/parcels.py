"""Parcels as they are told to ChannelAdvisor, and what it holds afterwards."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from local.simulators.channeladvisor import ChannelAdvisorSimulator
from local.tracking_numbers import usps
from order_sync.domain.ids import ParcelId
from order_sync.domain.orders import Source
from order_sync.domain.parcels import Label, Parcel
from order_sync.domain.shipping_mappings import MappedCarrier

USPS = MappedCarrier(code="usps", name="USPS", channeladvisor_carrier="USPS", channeladvisor_class="Priority")
UPS = MappedCarrier(code="ups", name="UPS", channeladvisor_carrier="UPS", channeladvisor_class="Ground")


def parcel(number: int = 1) -> Parcel:
    """The OMS's parcel of this number."""
    return Parcel(
        id=ParcelId(f"oms-SHP-{number}"),
        source=Source.OMS,
        carrier="usps",
        tracking_number=usps(number),
        shipped_at=datetime(2025, 8, 19, 14, 48, tzinfo=UTC),
        line_ids=(),
    )


def by_hand(fulfillment: int, tracking_number: str) -> Parcel:
    """The parcel that a person typed into ChannelAdvisor, as we know it."""
    return replace(
        parcel(),
        id=ParcelId(f"channeladvisor-{fulfillment}"),
        source=Source.CHANNELADVISOR,
        tracking_number=tracking_number,
    )


def now_as(known: Parcel, tracking_number: str) -> Parcel:
    """The parcel with another tracking number, which TikTok Shop has not accepted yet."""
    return replace(known, wanted=Label(carrier=known.carrier, tracking_number=tracking_number))


def fulfillments(simulator: ChannelAdvisorSimulator, order: str) -> list[tuple[Any, ...]]:
    """Of each fulfilment: DeliveryStatus, tracking number, units by SKU."""
    return [
        (each["DeliveryStatus"], each["TrackingNumber"], {part["Sku"]: part["Quantity"] for part in each["Items"]})
        for each in simulator.books.order(int(order))["Fulfillments"]
    ]


def patches(simulator: ChannelAdvisorSimulator) -> int:
    """How many changes of fulfilments arrived."""
    return len(simulator.books.requests(method="PATCH", path="/Fulfillments"))
