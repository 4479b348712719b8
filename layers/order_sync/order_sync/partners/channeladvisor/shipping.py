"""Parcels told to ChannelAdvisor: shipped once, and corrected without ever shipping anything else (CA 4.3, 4.4)."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from order_sync.domain.errors import AlreadyDoneError, CarrierRefusedError, RejectedError
from order_sync.domain.ids import ParcelId
from order_sync.domain.parcels import Parcel
from order_sync.domain.shipping_mappings import MappedCarrier
from order_sync.partners.channeladvisor.calls import Calls, order_path, read_as
from order_sync.partners.channeladvisor.creating import wire_time
from order_sync.partners.channeladvisor.models import FulfillmentPayload
from order_sync.partners.channeladvisor.odata import walk
from order_sync.partners.channeladvisor.refusals import MissingError
from order_sync.partners.channeladvisor.seeing import bears_our_id, has_left, is_parcel, parcel_id_of


def ship_parcel(
    calls: Calls,
    channeladvisor_id: str,
    parcel: Parcel,
    mapped: MappedCarrier,
    units: Sequence[tuple[str, int]],
    *,
    relay: bool,
) -> None:
    """Ship some units by SKU, under our parcel id and its newest label. Only with `relay` the marketplace hears of
    it by ChannelAdvisor's own link."""
    wanted = Counter[str]()
    for sku, quantity in units:
        wanted[sku] += quantity
    operation = f"ship parcel {parcel.id} of order {channeladvisor_id}"
    if not wanted:
        # Without items ChannelAdvisor would ship all that is left.
        raise RejectedError(f"ChannelAdvisor: {operation}: the parcel holds no units")
    value = _label(parcel, mapped) | {
        "ShippedDateUtc": wire_time(parcel.shipped_at),
        "SellerFulfillmentID": parcel.id,
        "DeliveryStatus": "Complete",
        "PreventMarketplaceCommunication": not relay,
        "Items": [{"Sku": sku, "Quantity": quantity} for sku, quantity in wanted.items()],
    }
    with _naming(mapped):
        calls.write(operation, "POST", f"{order_path(channeladvisor_id)}/Ship", {"Value": value})


def correct_parcel(calls: Calls, channeladvisor_id: str, parcel: Parcel, mapped: MappedCarrier) -> None:
    """Write the parcel's newest label over the one that it has there."""
    try:
        _correct(calls, channeladvisor_id, parcel, mapped)
    except MissingError:
        # Deleted between the look and the change: what is left there decides.
        _correct(calls, channeladvisor_id, parcel, mapped)


def is_shipped(calls: Calls, channeladvisor_id: str, parcel_id: ParcelId) -> bool:
    """Whether a shipped fulfilment stands for this parcel there."""
    operation = f"look for parcel {parcel_id} of order {channeladvisor_id}"
    return any(
        parcel_id_of(each) == parcel_id and has_left(each)
        for each in _fulfillments(calls, channeladvisor_id, operation)
    )


def has_number(calls: Calls, channeladvisor_id: str, numbers: Collection[str]) -> bool:
    """Whether a shipped fulfilment carries one of these tracking numbers there."""
    operation = f"look for parcels of order {channeladvisor_id}"
    return any(
        has_left(each) and each.tracking_number.strip() in numbers
        for each in _fulfillments(calls, channeladvisor_id, operation)
    )


def _correct(calls: Calls, channeladvisor_id: str, parcel: Parcel, mapped: MappedCarrier) -> None:
    operation = f"correct parcel {parcel.id} of order {channeladvisor_id}"
    label = _label(parcel, mapped)
    found = _standing_for(parcel, _fulfillments(calls, channeladvisor_id, operation))
    if not found:
        raise RejectedError(
            f"ChannelAdvisor: {operation}: no shipped fulfilment stands for it there, it may have been deleted; "
            f"enter tracking number {label['TrackingNumber']!r}, carrier {label['ShippingCarrier']!r} "
            f"and class {label['ShippingClass']!r} on the order there by hand"
        )
    wrong = [each for each in found if _label_of(each) != label]
    if not wrong:
        raise AlreadyDoneError(f"ChannelAdvisor: {operation}: it carries this label already")
    for each in wrong:
        # A change without DeliveryStatus ships (CA 4.4).
        change = label | {"DeliveryStatus": each.delivery_status}
        with _naming(mapped):
            calls.write(operation, "PATCH", f"/v1/Fulfillments({each.id})", change)


def _standing_for(parcel: Parcel, fulfillments: Iterable[FulfillmentPayload]) -> list[FulfillmentPayload]:
    """Those that bear its id, last, and those that a person typed in with their number.

    Without one that bears its id, the numbers that it has or had tell which a person typed in.
    """
    left = [each for each in fulfillments if has_left(each)]
    named = [each for each in left if parcel_id_of(each) == parcel.id]
    numbers = {each.tracking_number.strip() for each in named} or parcel.numbers
    typed = [
        each
        for each in left
        if each not in named and is_parcel(each) and not bears_our_id(each) and each.tracking_number.strip() in numbers
    ]
    return [*typed, *named]


def _fulfillments(calls: Calls, channeladvisor_id: str, operation: str) -> Iterable[FulfillmentPayload]:
    start = calls.url(f"{order_path(channeladvisor_id)}/Fulfillments")
    return (
        read_as(FulfillmentPayload, row, operation) for row in walk(partial(calls.get, operation), start, calls.base)
    )


def _label(parcel: Parcel, mapped: MappedCarrier) -> dict[str, Any]:
    return {
        "TrackingNumber": parcel.newest_label.tracking_number,
        "ShippingCarrier": mapped.channeladvisor_carrier,
        "ShippingClass": mapped.channeladvisor_class,
    }


def _label_of(fulfillment: FulfillmentPayload) -> dict[str, Any]:
    return {
        "TrackingNumber": fulfillment.tracking_number,
        "ShippingCarrier": fulfillment.shipping_carrier,
        "ShippingClass": fulfillment.shipping_class,
    }


@contextmanager
def _naming(mapped: MappedCarrier) -> Iterator[None]:
    """A refused carrier is told with what was sent, and with what helps."""
    try:
        yield
    except CarrierRefusedError as error:
        raise CarrierRefusedError(
            f"{error}; sent were carrier {mapped.channeladvisor_carrier!r} and class {mapped.channeladvisor_class!r}: "
            "add them to the account's carriers (Fulfill > Carriers), "
            "or set channeladvisor_carrier and channeladvisor_class of the shop's shipping mapping"
        ) from None
