"""ChannelAdvisor's order as facts for the ledger: its status, the seller's number, its parcels (CA 3.2-3.4, 4.4)."""

import re
from collections import Counter
from typing import Final

from order_sync.domain.channeladvisor_sightings import ChannelAdvisorFacts
from order_sync.domain.ids import OrderId, ParcelId
from order_sync.domain.orders import Source
from order_sync.domain.shipments import ReportedParcel
from order_sync.domain.shop import ChannelAdvisorSettings
from order_sync.partners.channeladvisor.models import (
    FulfillmentItemPayload,
    FulfillmentPayload,
    ItemPayload,
    OrderNames,
    OrderPayload,
)

NOT_SHIPPED: Final = frozenset({"", "NoChange", "Canceled", "ThirdPartyManaged", "Confirmed", "PickAndPack", "Held"})
"""DeliveryStatus values of goods that have not left, or not with us. Every order has a NoChange fulfilment (CA 4.4)."""
_OUR_PARCEL_ID: Final = re.compile(r"(oms|channeladvisor|tiktok)-.+")


class UnreadableOrderError(Exception):
    """An order that cannot be told as facts."""


def order_id_of(order: OrderNames, settings: ChannelAdvisorSettings) -> OrderId | None:
    """TikTok's order id: in the configured field or in the other one; None when neither can be one.

    A direct order's SiteOrderID may be ChannelAdvisor's own ID (CA 9.13).
    """
    fields = [order.site_order_id, order.secondary_site_order_id]
    if settings.order_id_field == "SecondarySiteOrderID":
        fields.reverse()
    return next((OrderId(text) for text in fields if text.isdecimal() and text != order.id), None)


def facts_of(order: OrderPayload, tiktok_id: OrderId) -> ChannelAdvisorFacts:
    """The facts of one order. Raises UnreadableOrderError."""
    updated_at = order.updated_date_utc or order.created_date_utc
    if updated_at is None:
        raise UnreadableOrderError("UpdatedDateUtc: missing")
    return ChannelAdvisorFacts(
        id=order.id,
        order=tiktok_id,
        updated_at=updated_at,
        shipping_status=order.shipping_status,
        seller_order_id=order.seller_order_id.strip(),
        parcels=tuple(_parcel(each, order) for each in order.fulfillments if is_parcel(each)),
    )


def is_parcel(fulfillment: FulfillmentPayload) -> bool:
    """Whether a fulfilment is a parcel that left: by carrier, shipped, with a tracking number."""
    return fulfillment.type == "Ship" and has_left(fulfillment) and bool(fulfillment.tracking_number.strip())


def has_left(fulfillment: FulfillmentPayload) -> bool:
    """Whether the goods of a fulfilment have left, with or without a tracking number."""
    return fulfillment.delivery_status not in NOT_SHIPPED


def unshipped_units(item: ItemPayload, order: OrderPayload) -> int:
    """How many units of an item have neither left nor been cancelled."""
    parts = (part for each in order.fulfillments if has_left(each) for part in each.items)
    left = sum(part.quantity for part in parts if part.order_item_id == item.id)
    canceled = sum(each.quantity or 0 for each in item.adjustments if each.stands and each.type == "Cancellation")
    return item.quantity - left - canceled


def parcel_id_of(fulfillment: FulfillmentPayload) -> ParcelId:
    """Our own id where we, or our echo, put it; else one made of ChannelAdvisor's."""
    named = fulfillment.seller_fulfillment_id.strip()
    return ParcelId(named if _OUR_PARCEL_ID.fullmatch(named) else f"channeladvisor-{fulfillment.id}")


def _parcel(fulfillment: FulfillmentPayload, order: OrderPayload) -> ReportedParcel:
    shipped_at = fulfillment.shipped_date_utc or fulfillment.updated_date_utc or fulfillment.created_date_utc
    if shipped_at is None:
        raise UnreadableOrderError(f"fulfilment {fulfillment.id} has no date")
    units = Counter[str]()
    for part in fulfillment.items:
        if part.quantity > 0:
            units[_sku(part, order.items, fulfillment)] += part.quantity
    if not units:
        # Without units the whole open order would count as shipped.
        raise UnreadableOrderError(f"fulfilment {fulfillment.id} holds no items")
    return ReportedParcel(
        id=parcel_id_of(fulfillment),
        source=Source.CHANNELADVISOR,
        carrier=fulfillment.shipping_carrier.strip(),
        shipping_class=fulfillment.shipping_class.strip(),
        tracking_number=fulfillment.tracking_number.strip(),
        shipped_at=shipped_at,
        units=tuple(units.items()),
    )


def _sku(part: FulfillmentItemPayload, items: tuple[ItemPayload, ...], parcel: FulfillmentPayload) -> str:
    sku = part.sku or next((item.sku for item in items if item.id == part.order_item_id), "")
    if not sku:
        raise UnreadableOrderError(f"fulfilment {parcel.id} holds an item without a SKU")
    return sku
