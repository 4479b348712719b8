"""What became of an order's parcels, in the partners' own books."""

from collections.abc import Mapping
from typing import Any, Final

from local.demo.partners import Partners
from local.simulators.oms.records import Shipment

CARRIERS: Final[Mapping[str, str]] = {"1Z": "UPS", "94": "USPS", "QW": "Royal Mail"}
"""Who carries a parcel, by the first two characters of its tracking number, as TikTok Shop and ChannelAdvisor say."""

type Label = tuple[str, str]
"""Tracking number and carrier."""


def shipped(partners: Partners, order: str) -> list[Shipment]:
    """What the OMS shipped of an order, each with the label that it has by now."""
    return list({each.id: each for each in partners.oms.books.shipments(order)}.values())


def labels_shipped(partners: Partners, order: str) -> list[Label]:
    """What everyone should know, whatever the warehouse calls the carrier."""
    numbers = (each.tracking_number for each in shipped(partners, order))
    return sorted((number, CARRIERS[number[:2]]) for number in numbers)


def labels_at_tiktok(partners: Partners, order: str) -> list[Label]:
    """What TikTok Shop shows now."""
    return sorted((each.tracking_number, each.provider) for each in partners.tiktok.books.shipments_now_of(order))


def fulfillments(partners: Partners, order: str) -> list[dict[str, Any]]:
    """The parcels that left by ChannelAdvisor's books, oldest first."""
    books = partners.channeladvisor.books
    return [each for there in books.orders_of_tiktok(order) for each in books.shipped_fulfillments(there["ID"])]


def labels_in_channeladvisor(partners: Partners, order: str) -> list[Label]:
    """What ChannelAdvisor shows now."""
    return sorted((each["TrackingNumber"], each["ShippingCarrier"]) for each in fulfillments(partners, order))


def is_known_everywhere(partners: Partners, order: str) -> bool:
    """Whether what was shipped so far is on all three sides as it was shipped."""
    labels = labels_shipped(partners, order)
    return (
        bool(labels)
        and labels_at_tiktok(partners, order) == labels
        and labels_in_channeladvisor(partners, order) == labels
    )


def numbers_replaced(partners: Partners, order: str) -> set[str]:
    """The tracking numbers that somebody at the OMS has mended since."""
    right = {each.tracking_number for each in shipped(partners, order)}
    return {each.tracking_number for each in partners.oms.books.shipments(order)} - right


def numbers_heard(partners: Partners) -> set[str]:
    """Every tracking number that TikTok Shop was ever told, whether it took it or not."""
    books = partners.tiktok.books
    told = (books.shipments, books.refused_shipments, books.tracking_updates, books.refused_tracking_updates)
    return {each.tracking_number for records in told for each in records}
