"""What the people who look after parcels have written down so far."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True, kw_only=True)
class UnmappedCarrier:
    """A warehouse's words for a carrier that stood for nothing, as the product listed them."""

    words: str
    parcels: int
    """How many waited when it was seen."""
    dispatch_by: datetime | None
    """Where the shop is; the earliest of their orders."""
    seen_at: datetime
    code: str = ""
    """What they stand for by now."""
    mapped_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class StoppedParcel:
    """A parcel of which TikTok Shop was not told."""

    number: str
    """As it was then."""
    reason: str
    seen_at: datetime
    mended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ParcelNotes:
    """By the region of the shop and the warehouse's words, and by order."""

    unmapped: dict[tuple[str, str], UnmappedCarrier] = field(default_factory=dict)
    stopped: dict[str, StoppedParcel] = field(default_factory=dict)
