"""The three status vocabularies, their mapping tables and the legal transitions (G2, TT 2.8, CA 3.6, OP C10)."""

from collections.abc import Mapping
from enum import StrEnum


class OrderState(StrEnum):
    """Where an order stands with us: the marketplace states of ChannelAdvisor's partner contract (CA 6)."""

    PENDING = "PENDING"
    RELEASED_FOR_SHIPMENT = "RELEASED_FOR_SHIPMENT"
    ACKNOWLEDGED_BY_SELLER = "ACKNOWLEDGED_BY_SELLER"
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    SHIPPED = "SHIPPED"
    CANCELED = "CANCELED"


class TikTokStatus(StrEnum):
    """An order's status at TikTok Shop (TT 2.8)."""

    UNPAID = "UNPAID"
    ON_HOLD = "ON_HOLD"
    AWAITING_SHIPMENT = "AWAITING_SHIPMENT"
    PARTIALLY_SHIPPING = "PARTIALLY_SHIPPING"
    AWAITING_COLLECTION = "AWAITING_COLLECTION"
    IN_TRANSIT = "IN_TRANSIT"
    DELIVERED = "DELIVERED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class ShippingStatus(StrEnum):
    """An order's ShippingStatus in ChannelAdvisor (CA 3.6)."""

    UNSHIPPED = "Unshipped"
    PENDING_SHIPMENT = "PendingShipment"
    PARTIALLY_SHIPPED = "PartiallyShipped"
    SHIPPED = "Shipped"
    CANCELED = "Canceled"
    THIRD_PARTY_MANAGED = "ThirdPartyManaged"


TIKTOK_TO_STATE: Mapping[TikTokStatus, OrderState] = {
    TikTokStatus.UNPAID: OrderState.PENDING,
    TikTokStatus.ON_HOLD: OrderState.PENDING,
    TikTokStatus.AWAITING_SHIPMENT: OrderState.RELEASED_FOR_SHIPMENT,
    TikTokStatus.PARTIALLY_SHIPPING: OrderState.PARTIALLY_SHIPPED,
    TikTokStatus.AWAITING_COLLECTION: OrderState.SHIPPED,
    TikTokStatus.IN_TRANSIT: OrderState.SHIPPED,
    TikTokStatus.DELIVERED: OrderState.SHIPPED,
    TikTokStatus.COMPLETED: OrderState.SHIPPED,
    TikTokStatus.CANCELLED: OrderState.CANCELED,
}
"""What TikTok's status says about ours. AWAITING_SHIPMENT allows the release; the hold must be over too."""

SHIPPING_STATUS_TO_STATE: Mapping[ShippingStatus, OrderState | None] = {
    ShippingStatus.UNSHIPPED: OrderState.RELEASED_FOR_SHIPMENT,
    ShippingStatus.PENDING_SHIPMENT: OrderState.ACKNOWLEDGED_BY_SELLER,
    ShippingStatus.PARTIALLY_SHIPPED: OrderState.PARTIALLY_SHIPPED,
    ShippingStatus.SHIPPED: OrderState.SHIPPED,
    ShippingStatus.CANCELED: OrderState.CANCELED,
    ShippingStatus.THIRD_PARTY_MANAGED: None,
}
"""What ChannelAdvisor's status would make of ours; a third party's orders have no state of ours (OP C11)."""

TIKTOK_WORDS: Mapping[TikTokStatus, str] = {
    TikTokStatus.UNPAID: "Pending Shipment",
    TikTokStatus.ON_HOLD: "Pending Shipment",
    TikTokStatus.AWAITING_SHIPMENT: "Awaiting Shipment",
    TikTokStatus.PARTIALLY_SHIPPING: "Partially Shipped",
    TikTokStatus.AWAITING_COLLECTION: "Awaiting Collection",
    TikTokStatus.IN_TRANSIT: "In Transit",
    TikTokStatus.DELIVERED: "Delivered",
    TikTokStatus.COMPLETED: "Completed",
    TikTokStatus.CANCELLED: "Canceled",
}
"""The guide's words (G2) for what people see on TikTok's side."""

SHIPPING_STATUS_WORDS: Mapping[ShippingStatus, str] = {
    ShippingStatus.UNSHIPPED: "Unshipped",
    ShippingStatus.PENDING_SHIPMENT: "Pending Shipment",
    ShippingStatus.PARTIALLY_SHIPPED: "Partially Shipped",
    ShippingStatus.SHIPPED: "Shipped",
    ShippingStatus.CANCELED: "Canceled",
    ShippingStatus.THIRD_PARTY_MANAGED: "Third Party Managed",
}
"""The guide's words (G2) for what people see on ChannelAdvisor's side."""

_LATER_THAN_RELEASE = frozenset({OrderState.PARTIALLY_SHIPPED, OrderState.SHIPPED, OrderState.CANCELED})

LEGAL_TRANSITIONS: Mapping[OrderState, frozenset[OrderState]] = {
    OrderState.PENDING: _LATER_THAN_RELEASE | {OrderState.RELEASED_FOR_SHIPMENT},
    OrderState.RELEASED_FOR_SHIPMENT: _LATER_THAN_RELEASE | {OrderState.ACKNOWLEDGED_BY_SELLER},
    OrderState.ACKNOWLEDGED_BY_SELLER: _LATER_THAN_RELEASE,
    OrderState.PARTIALLY_SHIPPED: frozenset({OrderState.SHIPPED, OrderState.CANCELED}),
    # TikTok cancels parcels that no carrier collected or that were lost (TT 2.8).
    OrderState.SHIPPED: frozenset({OrderState.CANCELED}),
    OrderState.CANCELED: frozenset(),
}
"""From each state, the states that may follow. A poll can miss steps, so a state may be jumped over, never undone."""


def may_follow(current: OrderState, wanted: OrderState) -> bool:
    """Whether an order may go from one state to the other; staying is no transition."""
    return wanted in LEGAL_TRANSITIONS[current]


def known_tiktok_status(text: str) -> TikTokStatus | None:
    """TikTok's status, or None for one that it has added since."""
    try:
        return TikTokStatus(text)
    except ValueError:
        return None


def known_shipping_status(text: str) -> ShippingStatus | None:
    """ChannelAdvisor's ShippingStatus, or None for one that it has added since."""
    try:
        return ShippingStatus(text)
    except ValueError:
        return None


def words_for_tiktok(text: str) -> str:
    """The guide's word for a status of TikTok; an unknown one is shown as it came."""
    status = known_tiktok_status(text)
    return TIKTOK_WORDS[status] if status else text
