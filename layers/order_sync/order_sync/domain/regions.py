"""The markets that the guide covers. A region is data: another one is a member here and its carriers."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Region(StrEnum):
    """A market of TikTok Shop, by TikTok's own code."""

    US = "US"
    GB = "GB"


SHIPPING_REJECTS: Final = frozenset({Region.US})
"""Where a parcel rejects the buyer's open request to cancel; elsewhere TikTok refuses the parcel (TT 4.3)."""
PARTS_MAY_BE_CANCELED: Final = frozenset({Region.US, Region.GB})
"""Where a seller may cancel a part of an order, and only as out of stock (TT 4.1, OP B2)."""
USUAL_TIME_ZONES: Final[Mapping[Region, str]] = {Region.US: "America/Los_Angeles", Region.GB: "Europe/London"}
"""Where a new shop's days begin and end, unless the seller says otherwise."""
