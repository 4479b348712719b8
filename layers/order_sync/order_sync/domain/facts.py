"""What TikTok Shop says about an order: facts only, no buyer data."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from typing import Final

from order_sync.domain.deadlines.business_days import Span
from order_sync.domain.ids import LineId, OrderId
from order_sync.domain.money import Money
from order_sync.domain.statuses import TikTokStatus, known_tiktok_status

_COLLECTED: Final = frozenset({TikTokStatus.IN_TRANSIT, TikTokStatus.DELIVERED, TikTokStatus.COMPLETED})
_TRACKED: Final = _COLLECTED | {TikTokStatus.AWAITING_COLLECTION}


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """One unit of an order, as TikTok shows it."""

    id: LineId
    sku: str
    canceled: bool = False
    shipped: bool = False
    collected: bool = False
    """Whether a carrier has scanned its parcel."""
    package_id: str = ""
    tracking_number: str = ""
    carrier: str = ""
    tracking_added_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class OrderFacts:
    """One order, as TikTok shows it at `updated_at`. Absent times are None, absent texts are empty."""

    id: OrderId
    status_text: str
    created_at: datetime
    updated_at: datetime
    paid_at: datetime | None = None
    release_at: datetime | None = None
    order_type: str = "NORMAL"
    """TikTok's own word, known or not."""
    handling_time: Span | None = None
    """That of the listing; orders of most types have none."""
    fulfillment_type: str = "FULFILLMENT_BY_SELLER"
    shipping_type: str = "SELLER"
    delivery_option_id: str = ""
    cancel_requested: bool = False
    canceled_by: str = ""
    canceled_at: datetime | None = None
    recipient: str = ""
    """Keyed fingerprint of the recipient; empty while TikTok does not show one."""
    ship_by: datetime | None = None
    collect_by: datetime | None = None
    cancels_unless_shipped_by: datetime | None = None
    cancels_unless_collected_by: datetime | None = None
    tracking_added_at: datetime | None = None
    collected_at: datetime | None = None
    delivered_at: datetime | None = None
    replaces: str = ""
    """The order in whose place the buyer gets this one, after a return or an exchange; empty for most."""
    paid: Money | None = None
    """All that the buyer pays for it; None while TikTok shows no payment that can be read."""
    lines: tuple[LineFacts, ...]

    @property
    def status(self) -> TikTokStatus | None:
        """The status, None when TikTok has added one that we do not know."""
        return known_tiktok_status(self.status_text)

    @property
    def all_tracking_added_at(self) -> datetime | None:
        """When the last parcel got its tracking; None while a line is in no parcel, or the order is cancelled.

        Where TikTok shows no time: that of the collection, else `updated_at`. The status holds at the latest since.
        """
        if self.status not in _TRACKED:
            return None
        return self.last_tracking_added_at or self.all_collected_at or self.updated_at

    @property
    def all_collected_at(self) -> datetime | None:
        """When the carrier had the last parcel; None before, or when the order is cancelled (OP C2, C4)."""
        if self.status not in _COLLECTED:
            return None
        return self.last_collected_at or self.delivered_at or self.updated_at

    @property
    def last_tracking_added_at(self) -> datetime | None:
        """The latest time that TikTok shows for the lines; the order's unless each of them has its own."""
        times = [line.tracking_added_at for line in self._counting_lines]
        if not times or None in times:
            times.append(self.tracking_added_at)
        return max((time for time in times if time is not None), default=None)

    @property
    def last_collected_at(self) -> datetime | None:
        """The time of the collection that TikTok shows, as far as it can be the last parcel's.

        Of several parcels it may be the first one's: it is, where the last parcel got its tracking later, and then
        that moment is the nearest that TikTok shows to the last one's.
        """
        tracked = self.last_tracking_added_at
        several = len({line.package_id for line in self._counting_lines} - {""}) > 1
        if self.collected_at is None or tracked is None or not several:
            return self.collected_at
        return max(self.collected_at, tracked)

    @property
    def left_whole(self) -> bool:
        """Whether the times of a cancelled order may be those of its last parcel: not where some lines have none."""
        in_parcels = [bool(line.tracking_number or line.tracking_added_at) for line in self.lines]
        return all(in_parcels) or not any(in_parcels)

    @property
    def _counting_lines(self) -> list[LineFacts]:
        """The living lines; of a cancelled order all."""
        return [line for line in self.lines if not line.canceled] or list(self.lines)

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
