"""The orders of the stack that stays: some of each kind, and some that wait for a person."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from local.demo.planned_orders import LAMP, MUG, STICKER, TEE, TWO_TEES, PlannedOrder
from local.demo.stories import (
    APPROVED,
    CANCELLED_BY_SELLER,
    IN_TWO_PARCELS,
    MISSPELT_CARRIER,
    REFUND_UNANSWERED,
    SENT_BACK,
    UNANSWERED,
    Story,
)

TIME_TO_ANSWER: Final = timedelta(hours=24)
"""TikTok's own, so that there is time to look, and to answer by command."""
NEVER_PACKED: Final = Story(note="the warehouse leaves it lying", ships_after=None)

ORDERS: Final[Sequence[PlannedOrder]] = (
    (
        0,
        "US",
        [TEE, MUG],
        {"story": replace(UNANSWERED, note="the buyer asks to cancel: decide"), "shipping_fee": "5.00"},
    ),
    (1, "US", [MUG], {"story": replace(REFUND_UNANSWERED, note="the buyer wants money back: decide-return")}),
    (2, "US", [TWO_TEES], {"story": replace(MISSPELT_CARRIER, note="a carrier that nothing stands for: mappings")}),
    (3, "GB", [LAMP, TWO_TEES], {"story": IN_TWO_PARCELS, "shipping_fee": "3.49"}),
    (4, "US", [LAMP], {"story": NEVER_PACKED}),
    (5, "GB", [TEE], {"story": APPROVED}),
    (6, "US", [LAMP, STICKER], {"story": SENT_BACK}),
    (7, "GB", [MUG], {"story": CANCELLED_BY_SELLER}),
    (8, "GB", [TEE, MUG], {"note": "shipped as usual"}),
    (9, "US", [TEE], {"note": "fulfilled by TikTok", "travels": False, "fulfilled_by_tiktok": True}),
    (10, "GB", [TWO_TEES], {"note": "no payment yet: cash on delivery", "cod": True}),
)
