"""What TikTok Shop says about an order: facts only, no buyer data."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b

from order_sync.domain.ids import LineId, OrderId
from order_sync.domain.statuses import TikTokStatus, known_tiktok_status


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """One unit of an order, as TikTok shows it."""

    id: LineId
    sku: str
    canceled: bool = False
    shipped: bool = False
    package_id: str = ""
    tracking_number: str = ""
    carrier: str = ""


@dataclass(frozen=True, kw_only=True)
class OrderFacts:
    """One order, as TikTok shows it at `updated_at`. Absent times are None, absent texts are empty."""

    id: OrderId
    status_text: str
    created_at: datetime
    updated_at: datetime
    paid_at: datetime | None = None
    release_at: datetime | None = None
    fulfillment_type: str = "FULFILLMENT_BY_SELLER"
    shipping_type: str = "SELLER"
    delivery_option_id: str = ""
    cancel_requested: bool = False
    canceled_by: str = ""
    recipient: str = ""
    """Keyed fingerprint of the recipient; empty while TikTok does not show one."""
    ship_by: datetime | None = None
    collect_by: datetime | None = None
    cancels_unless_shipped_by: datetime | None = None
    cancels_unless_collected_by: datetime | None = None
    collected_at: datetime | None = None
    delivered_at: datetime | None = None
    lines: tuple[LineFacts, ...]

    @property
    def status(self) -> TikTokStatus | None:
        """The status, None when TikTok has added one that we do not know."""
        return known_tiktok_status(self.status_text)

    @cached_property
    def digest(self) -> str:
        """A short digest of the content, to tell two sightings with the same `updated_at` apart."""
        return blake2b(repr(self).encode(), digest_size=6).hexdigest()

    @property
    def third_party_reason(self) -> str:
        """Why the seller does not ship this order; empty when the seller does (DESIGN 4, OP C11)."""
        if self.fulfillment_type != "FULFILLMENT_BY_SELLER":
            return f"fulfilled by {self.fulfillment_type}"
        if self.shipping_type != "SELLER":
            return f"shipping type {self.shipping_type}"
        return ""
