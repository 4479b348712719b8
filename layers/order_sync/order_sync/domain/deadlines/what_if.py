"""The stored orders as another policy profile would have them: the same events, other deadlines (OP E3)."""

from dataclasses import replace
from datetime import date, datetime

from order_sync.domain.deadlines.counting import figures
from order_sync.domain.deadlines.deadlines import Deadlines
from order_sync.domain.deadlines.pairs import beside_tiktoks
from order_sync.domain.deadlines.policies import profile_for
from order_sync.domain.deadlines.policy_files import policy_profiles
from order_sync.domain.deadlines.warnings import is_watched
from order_sync.domain.orders import Order
from order_sync.domain.shop import ShopSettings


def choosing(shop: ShopSettings, profile: str) -> ShopSettings:
    """The shop as if it had chosen another profile. Raises RejectedError for one that its region does not have."""
    profile_for(policy_profiles(), shop.region, profile, date.max)
    return shop.model_copy(update={"deadlines": shop.deadlines.model_copy(update={"profile": profile})})


def counted_again(order: Order, deadlines: Deadlines, shop: ShopSettings, now: datetime) -> Deadlines:
    """An order's deadlines counted afresh as the shop's settings have them, also where they are settled.

    What is open is open now.
    """
    again = beside_tiktoks(order, replace(deadlines, figures=figures(order, deadlines.clock, shop)), shop)
    return replace(again, found_open_at=now if is_watched(order, again) and not again.is_decided else None)
