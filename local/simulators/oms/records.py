"""What the OMS remembers about an order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Line:
    """One unit and what became of it: open, packed, shipped or cancelled."""

    id: str
    sku: str
    state: str = "open"
    shipped_as: str = ""
    """Id of the shipment, or of the parcel that somebody else shipped."""
    packed_at: datetime | None = None
    shipped_at: datetime | None = None
    withheld_for: set[str] = field(default_factory=set)
    """Ids of the cancel requests that the OMS approved and of its own cancellations: it does not ship meanwhile."""

    def pack(self, at: datetime) -> None:
        """The line lies in its parcel."""
        self.state, self.packed_at = "packed", at

    def ship(self, shipped_as: str, at: datetime) -> None:
        """The line left."""
        self.state, self.shipped_as, self.shipped_at = "shipped", shipped_as, at

    def reopen(self) -> None:
        """The line is not in that parcel after all."""
        self.state, self.shipped_as, self.packed_at, self.shipped_at = "open", "", None, None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """What Order Sync said about lines that must not ship."""

    initiator: str
    reason: str
    lines: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """What the OMS shipped of one order; `by_sku` says how its lines are told."""

    id: str
    tiktok_order_id: str
    carrier: str
    shipping_class: str | None
    tracking_number: str
    shipped_at: datetime
    lines: tuple[str, ...]
    by_sku: bool


@dataclass(slots=True, kw_only=True)
class Order:
    """An order that was taken."""

    number: str
    tiktok_order_id: str
    shop_id: str
    channeladvisor_order_id: str | None
    taken_at: datetime
    body: Mapping[str, Any]
    recipient: Mapping[str, Any]
    lines: list[Line]
    times_sent: int = 1
    earlier_recipients: list[Mapping[str, Any]] = field(default_factory=list)
    cancellations: list[Cancellation] = field(default_factory=list)
    parcels: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    recovery: Mapping[str, Any] | None = None
    """What Order Sync last said about parcels that must come back."""

    @property
    def state(self) -> str:
        """Follows from the lines that are not cancelled."""
        states = [line.state for line in self.lines if line.state != "cancelled"]
        if not states:
            return "cancelled"
        if all(state == "shipped" for state in states):
            return "shipped"
        if "shipped" in states:
            return "partially_shipped"
        return "packed" if "packed" in states else "open"
