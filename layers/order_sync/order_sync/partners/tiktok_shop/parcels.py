"""TikTok Shop: other labels for parcels that it has, and in how many parcels an order may go (TT 3)."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from order_sync.domain.errors import RejectedError
from order_sync.domain.ids import OrderId
from order_sync.partners.http import sentence
from order_sync.partners.tiktok_shop.gateway import PARTNER, Gateway
from order_sync.partners.tiktok_shop.parcel_models import SplitAttributesData

LONGEST_REASON: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitAttributes:
    """Whether TikTok lets an order go in several packages, or wants it to; `reason` in TikTok's words, cut short."""

    can_split: bool
    reason: str = ""
    must_split: bool = False


def correct(gateway: Gateway, package_id: str, *, tracking_number: str, provider_id: str) -> None:
    """Update Package Shipping Info; see `TikTokShop.correct`."""
    operation = "correct parcel"
    if not package_id:
        raise RejectedError(sentence(PARTNER, operation, "TikTok's id of the package is not known"))
    gateway.write(
        operation,
        f"/fulfillment/202309/packages/{quote(package_id, safe='')}/shipping_info/update",
        {"tracking_number": tracking_number, "shipping_provider_id": provider_id},
    )


def split_attributes(gateway: Gateway, order: OrderId) -> SplitAttributes:
    """Get Order Split Attributes; see `TikTokShop.split_attributes`."""
    operation = "read split attributes"
    answer = gateway.read(operation, "GET", "/fulfillment/202309/orders/split_attributes", query={"order_ids": order})
    data = gateway.data(SplitAttributesData, operation, answer)
    for each in data.split_attributes:
        if each.order_id == order:
            return SplitAttributes(
                can_split=each.can_split, reason=each.reason[:LONGEST_REASON], must_split=each.must_split
            )
    raise RejectedError(gateway.http.text(operation, f"order {order} is not there", answer))
