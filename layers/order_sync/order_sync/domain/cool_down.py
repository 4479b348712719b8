"""The buyer's cool-down (G2, TT 2.9, OP C12-C13): how long an order is held and when the hold is looked at."""

from datetime import UTC, datetime, timedelta

from order_sync.domain.facts import OrderFacts
from order_sync.domain.shop import ShopSettings
from order_sync.domain.statuses import TikTokStatus
from order_sync.domain.timing import Timing


def hold_ends_at(facts: OrderFacts, shop: ShopSettings, timing: Timing) -> datetime | None:
    """When the hold is expected to be over; None while the buyer has not paid.

    The hold runs from payment, or from creation where there is no payment time (cash on delivery).
    A pre-order is held until its release date. The shop's extra hold comes on top of either.
    """
    if facts.paid_at is None and facts.status is TikTokStatus.UNPAID:
        return None
    end = (facts.paid_at or facts.created_at) + timing.buyer_hold
    if facts.release_at is not None:
        end = max(end, facts.release_at)
    return end + shop.extra_hold


def release_slot(hold_end: datetime | None, now: datetime, timing: Timing) -> datetime:
    """The slot in which the hold is looked at: the first one not before the end of the hold, and after now.

    An unpaid order is looked at again one hold later, since it cannot be released sooner.
    """
    wanted = max(hold_end or now + timing.buyer_hold, now + timedelta(microseconds=1))
    slot = timing.release_slot.total_seconds()
    return datetime.fromtimestamp(-(-wanted.timestamp() // slot) * slot, UTC)
