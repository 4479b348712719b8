"""Who orders what on the trading day, and what is special about it."""

from collections.abc import Sequence
from typing import Any, Final

from local.demo.stories import (
    APPROVED,
    CANCELLED_BY_PLATFORM,
    CANCELLED_BY_SELLER,
    IN_TWO_PARCELS,
    MISSPELT_CARRIER,
    MISTYPED_NUMBER,
    REFUND_REJECTED,
    REFUND_UNANSWERED,
    REFUNDED_BY_OMS,
    REJECTED,
    REJECTED_BY_PARCEL,
    SENT_BACK,
    SHARES_A_PARCEL,
    UNANSWERED,
)
from local.simulators.tiktok_shop.money import LineSpec

TEE: Final = LineSpec("TEE-BLU-M", "20.00", 1, seller_discount="1.00", platform_discount="1.50")
TWO_TEES: Final = LineSpec("TEE-BLU-M", "20.00", 2, seller_discount="1.00", platform_discount="1.50")
MUG: Final = LineSpec("MUG-RED", "12.50")
STICKER: Final = LineSpec("STICKER", "2.00", is_gift=True)
LAMP: Final = LineSpec("LAMP-OAK", "79.90", name="Lampe d'été")

type PlannedOrder = tuple[float, str, list[LineSpec], dict[str, Any]]
"""Minutes after opening, region, basket, and what is special about it."""

_US_SHIPPING: Final[dict[str, Any]] = {"shipping_fee": "5.00", "shipping_platform_discount": "2.00"}

A_WHOLE_DAY: Final[Sequence[PlannedOrder]] = (
    (0, "US", [TEE], {"story": MISTYPED_NUMBER, **_US_SHIPPING}),
    (1, "US", [MUG], {"note": "no cool-down: held by us", "hold": False, "story": REFUND_UNANSWERED, **_US_SHIPPING}),
    (2, "GB", [LAMP, TWO_TEES], {"story": IN_TWO_PARCELS, "shipping_fee": "3.49"}),
    (3, "US", [LAMP], {"story": UNANSWERED, **_US_SHIPPING}),
    (4, "US", [TEE, MUG], {"story": APPROVED, **_US_SHIPPING}),
    (5, "US", [TWO_TEES, MUG], {"note": "answers about it get lost", "answers_get_lost": True, **_US_SHIPPING}),
    (6, "GB", [LAMP], {"story": REJECTED}),
    (7, "US", [MUG], {"story": CANCELLED_BY_PLATFORM}),
    (8, "GB", [LAMP], {"story": CANCELLED_BY_SELLER}),
    (10, "US", [TEE], {"story": REJECTED_BY_PARCEL}),
    (12, "US", [LAMP, STICKER], {"note": "with a gift; goods come back", "story": SENT_BACK, **_US_SHIPPING}),
    (14, "GB", [TWO_TEES, MUG], {"story": REFUNDED_BY_OMS, "shipping_fee": "3.49"}),
    (15, "US", [TEE], {"note": "cancelled in the cool-down", "travels": False, "cancel_at": 50}),
    (18, "GB", [TWO_TEES], {"note": "cash on delivery", "cod": True}),
    (26, "GB", [MUG, TEE], {"story": SHARES_A_PARCEL}),
    (30, "US", [TEE], {"note": "a sample: no money", "sample": True}),
    (34, "GB", [TEE], {"note": "fulfilled by TikTok", "travels": False, "fulfilled_by_tiktok": True}),
    (42, "US", [TWO_TEES], {"story": MISSPELT_CARRIER, **_US_SHIPPING}),
    (46, "GB", [LAMP, MUG], {"story": SHARES_A_PARCEL, "shipping_fee": "3.49"}),
    (58, "GB", [TEE], {"story": REFUND_REJECTED}),
    (64, "US", [LAMP], _US_SHIPPING),
    (90, "US", [TEE], {}),
)

WITHOUT_COOL_DOWN: Final[Sequence[PlannedOrder]] = tuple(
    (minutes, "US", [MUG], {"hold": False}) for minutes in (40, 70, 100, 130)
)
"""A short day. On a busy machine an order may be held up by as much as a cool-down takes, but not each of these."""
