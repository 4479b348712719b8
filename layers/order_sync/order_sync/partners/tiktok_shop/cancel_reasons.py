"""TikTok Shop's names for reasons: they depend on region and status, so they are chosen among those it offers."""

from collections.abc import Collection
from typing import Final

from order_sync.domain.cancelling.cancellations import SellerReason

_PART_OF_NAME: Final = {
    SellerReason.OUT_OF_STOCK: "out_of_stock",
    SellerReason.WRONG_PRICE: "wrong_price",
    SellerReason.ADDRESS_NOT_DELIVERABLE: "address_not_deliver",
    SellerReason.BUYER_REQUESTED: "buyer_requested_cancellation",
}
_PACKED: Final = ("product_packed", "product_has_been_packed")


def tiktok_reason(reason: SellerReason, available: Collection[str]) -> str | None:
    """TikTok's name for a seller's reason, None when it does not offer the reason now (TT 4.1)."""
    fitting = [name for name in available if _PART_OF_NAME[reason] in name]
    return min(fitting, key=lambda name: (len(name), name), default=None)


def reject_reason(available: Collection[str]) -> str | None:
    """For what to reject a buyer's request: that it is packed, or else the first that TikTok offers (TT 4.3)."""
    return next((name for name in available if any(part in name for part in _PACKED)), next(iter(available), None))
