"""What becomes of an order after its parcel has left: goods that come back, and money that goes back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from local.simulators.oms.cancel_records import Verdict
from local.simulators.oms.records import Order
from local.simulators.oms.return_records import ReturnRecord
from local.simulators.tiktok_shop.return_records import ReturnStatus, ReturnType

BEGINS_AFTER: Final = timedelta(minutes=10)
"""How long after the parcel, or its arrival, somebody wants something back."""
RETURNS_ANSWERED_AFTER: Final = timedelta(minutes=15)
"""How long the OMS thinks about each question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftersale:
    """Who wants what back, and what has to become of it."""

    asks: ReturnType | None = None
    """What the buyer asks for; None: the OMS refunds by itself."""
    units: int = 0
    """How many, the order's first; 0 for all."""
    oms_says: str = ""
    """The OMS's answer to each question; empty when nobody there answers."""
    rejects_for: Mapping[str, str] = field(default_factory=dict)
    """TikTok's name of the OMS's reason, by region."""
    answers: tuple[str, ...] = ()
    """What TikTok Shop must hear, in its words."""
    ends: ReturnStatus = ReturnStatus.COMPLETE
    tried_by_hand: bool = False
    """Whether somebody refunds the whole order in ChannelAdvisor afterwards, which is more than is left."""

    def verdict(self, region: str) -> Verdict | None:
        """What the OMS's people say."""
        return (self.oms_says, self.rejects_for.get(region)) if self.oms_says else None


type Judge = Callable[[ReturnRecord, Order], Verdict | None]


def verdicts_of(verdict_about: Callable[[str], Verdict | None]) -> Judge:
    """What the OMS's people say about a return, by its TikTok order."""
    return lambda given, _order: verdict_about(given.tiktok_order_id)
