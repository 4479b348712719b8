"""ChannelAdvisor's order as facts for the ledger: status, seller's number, parcels, adjustments (CA 3.2-3.6, 4.4)."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from order_sync.domain.cancelling.cancellations import ReportedCancellation, SellerReason
from order_sync.domain.channeladvisor_sightings import ChannelAdvisorFacts
from order_sync.domain.ids import OrderId, ParcelId
from order_sync.domain.orders import Source
from order_sync.domain.shipping.reported import ReportedParcel
from order_sync.domain.shop import ChannelAdvisorSettings
from order_sync.domain.statuses import ShippingStatus
from order_sync.partners.channeladvisor.models import (
    AdjustmentPayload,
    FulfillmentItemPayload,
    FulfillmentPayload,
    ItemPayload,
    OrderNames,
    OrderPayload,
    UnreadableOrderError,
)
from order_sync.partners.channeladvisor.own_adjustments import is_our_cancellation, is_our_refund
from order_sync.partners.channeladvisor.refunds_seen import refunds_by_others

NOT_SHIPPED: Final = frozenset({"", "NoChange", "Canceled", "ThirdPartyManaged", "Confirmed", "PickAndPack", "Held"})
"""DeliveryStatus values of goods that have not left, or not with us. Every order has a NoChange fulfilment (CA 4.4)."""
_OUR_PARCEL_ID: Final = re.compile(r"(oms|channeladvisor|tiktok)-.+")
_REASONS: Final[Mapping[str, SellerReason]] = {
    "ItemNotAvailable": SellerReason.OUT_OF_STOCK,
    "101": SellerReason.OUT_OF_STOCK,
    "CouldNotShip": SellerReason.OUT_OF_STOCK,
    "103": SellerReason.OUT_OF_STOCK,
    "BuyerCancelled": SellerReason.BUYER_REQUESTED,
    "105": SellerReason.BUYER_REQUESTED,
    "ShippingAddressUndeliverable": SellerReason.ADDRESS_NOT_DELIVERABLE,
    "108": SellerReason.ADDRESS_NOT_DELIVERABLE,
}
"""The reasons that say something to TikTok; the enumeration is open, and may come as numbers (CA 3.6)."""


def order_id_of(order: OrderNames, settings: ChannelAdvisorSettings) -> OrderId | None:
    """TikTok's order id: in the configured field or in the other one; None when neither can be one.

    A direct order's SiteOrderID may be ChannelAdvisor's own ID (CA 9.13).
    """
    fields = [order.site_order_id, order.secondary_site_order_id]
    if settings.order_id_field == "SecondarySiteOrderID":
        fields.reverse()
    return next((OrderId(text) for text in fields if text.isdecimal() and text != order.id), None)


def facts_of(order: OrderPayload, tiktok_id: OrderId, default_reason: SellerReason) -> ChannelAdvisorFacts:
    """The facts of one order; the default stands for reasons that say nothing. Raises UnreadableOrderError."""
    updated_at = order.updated_date_utc or order.created_date_utc
    if updated_at is None:
        raise UnreadableOrderError("UpdatedDateUtc: missing")
    return ChannelAdvisorFacts(
        id=order.id,
        order=tiktok_id,
        updated_at=updated_at,
        shipping_status=order.shipping_status,
        seller_order_id=order.seller_order_id.strip(),
        units=tuple((item.sku, item.quantity) for item in order.items),
        parcels=tuple(_parcels(order, updated_at)),
        cancellations=tuple(_cancellations(order, updated_at, default_reason)),
        refunds=tuple(refunds_by_others(order, updated_at)),
    )


def is_parcel(fulfillment: FulfillmentPayload) -> bool:
    """Whether a fulfilment is a parcel that left: by carrier, shipped, with a tracking number."""
    return fulfillment.type == "Ship" and has_left(fulfillment) and bool(fulfillment.tracking_number.strip())


def has_left(fulfillment: FulfillmentPayload) -> bool:
    """Whether the goods of a fulfilment have left, with or without a tracking number."""
    return fulfillment.delivery_status not in NOT_SHIPPED


def shipped_units(item: ItemPayload, order: OrderPayload) -> int:
    """How many units of an item have left."""
    parts = (part for each in order.fulfillments if has_left(each) for part in each.items)
    return sum(part.quantity for part in parts if part.order_item_id == item.id)


def unshipped_units(item: ItemPayload, order: OrderPayload) -> int:
    """How many units of an item have neither left nor been cancelled by the unit."""
    canceled = sum(each.quantity or 0 for each in item.adjustments if each.cancels)
    return item.quantity - shipped_units(item, order) - canceled


def every_adjustment(order: OrderPayload) -> list[AdjustmentPayload]:
    """Those of the order and those of its items, which ChannelAdvisor keeps apart (CA 3.5)."""
    return [*order.adjustments, *(each for item in order.items for each in item.adjustments)]


def bears_our_id(fulfillment: FulfillmentPayload) -> bool:
    """Whether a fulfilment is a parcel that we told of, or our echo."""
    return _OUR_PARCEL_ID.fullmatch(fulfillment.seller_fulfillment_id.strip()) is not None


def parcel_id_of(fulfillment: FulfillmentPayload) -> ParcelId:
    """Our own id where we, or our echo, put it; else one made of ChannelAdvisor's."""
    ours = fulfillment.seller_fulfillment_id.strip() if bears_our_id(fulfillment) else ""
    return ParcelId(ours or f"channeladvisor-{fulfillment.id}")


def _parcels(order: OrderPayload, seen_at: datetime) -> Iterator[ReportedParcel]:
    """One parcel for each tracking number, over however many fulfilments; none where others do the shipping."""
    if order.shipping_status == ShippingStatus.THIRD_PARTY_MANAGED:
        return
    by_number: dict[str, list[FulfillmentPayload]] = {}
    for each in order.fulfillments:
        if is_parcel(each):
            by_number.setdefault(each.tracking_number.strip(), []).append(each)
    for parts in by_number.values():
        yield _parcel(parts, order, seen_at)


def _parcel(parts: list[FulfillmentPayload], order: OrderPayload, seen_at: datetime) -> ReportedParcel:
    first = min(parts, key=lambda each: (not bears_our_id(each), int(each.id)))
    shipped_at = first.shipped_date_utc or first.updated_date_utc or first.created_date_utc
    if shipped_at is None:
        raise UnreadableOrderError(f"fulfilment {first.id} has no date")
    units = Counter[str]()
    for fulfillment in parts:
        for part in fulfillment.items:
            if part.quantity > 0:
                units[_sku(part, order.items, fulfillment)] += part.quantity
    if not units:
        # Without units the whole open order would count as shipped.
        raise UnreadableOrderError(f"fulfilment {first.id} holds no items")
    return ReportedParcel(
        id=parcel_id_of(first),
        source=Source.CHANNELADVISOR,
        carrier=first.shipping_carrier.strip(),
        shipping_class=first.shipping_class.strip(),
        tracking_number=first.tracking_number.strip(),
        shipped_at=shipped_at,
        units=tuple(units.items()),
        seen_at=seen_at,
    )


def _sku(part: FulfillmentItemPayload, items: tuple[ItemPayload, ...], parcel: FulfillmentPayload) -> str:
    sku = part.sku or next((item.sku for item in items if item.id == part.order_item_id), "")
    if not sku:
        raise UnreadableOrderError(f"fulfilment {parcel.id} holds an item without a SKU")
    return sku


def _cancellations(
    order: OrderPayload, updated_at: datetime, default_reason: SellerReason
) -> Iterator[ReportedCancellation]:
    """What others than us have cancelled there. A channel's own cancellations are TikTok's, or its buyer's requests."""

    def reported(adjustment: AdjustmentPayload, name: str, *units: tuple[str, int]) -> ReportedCancellation:
        return ReportedCancellation(
            id=name,
            source=Source.CHANNELADVISOR,
            reason=_REASONS.get(adjustment.reason, default_reason),
            requested_at=adjustment.created_date_utc or updated_at,
            units=units,
        )

    for each in order.adjustments:
        if _is_by_others(each):
            yield reported(each, f"channeladvisor-order-{each.id}")
    for item in order.items:
        for each in item.adjustments:
            if _is_by_others(each) and not is_our_refund(each, item):
                yield reported(each, f"channeladvisor-item-{each.id}", _units_of(each, item))
    if order.shipping_status == ShippingStatus.CANCELED and not _is_explained(order):
        yield ReportedCancellation(
            id="channeladvisor-status",
            source=Source.CHANNELADVISOR,
            reason=default_reason,
            requested_at=updated_at,
        )


def _is_by_others(adjustment: AdjustmentPayload) -> bool:
    return adjustment.cancels and not is_our_cancellation(adjustment) and adjustment.created_source != "Channel"


def _is_explained(canceled: OrderPayload) -> bool:
    """Whether cancellations that stand, anybody's, account for every unit of the cancelled order."""
    if any(each.cancels for each in canceled.adjustments):
        return True
    by_unit = [each for item in canceled.items for each in item.adjustments if each.cancels]
    return bool(by_unit) and all(unshipped_units(item, canceled) <= 0 for item in canceled.items)


def _units_of(adjustment: AdjustmentPayload, item: ItemPayload) -> tuple[str, int]:
    if not item.sku:
        raise UnreadableOrderError(f"item {item.id} is cancelled, but has no SKU")
    if not adjustment.quantity or adjustment.quantity < 0:
        # Without units the whole order would count as cancelled.
        raise UnreadableOrderError(f"adjustment {adjustment.id} of item {item.id} has no quantity")
    return item.sku, adjustment.quantity
