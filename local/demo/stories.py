"""The ways in which orders of the day are shipped, cancelled, or given back, and how each of them has to end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import Final

from local.demo.aftersales import Aftersale
from local.simulators.oms.cancel_records import CancelRequest, Verdict
from local.simulators.oms.records import Order as OmsOrder
from local.simulators.tiktok_shop.return_records import ReturnStatus, ReturnType

SHIPS_AFTER: Final = timedelta(hours=1)
"""How long the warehouse takes with an order."""
SHIPS_SOON_AFTER: Final = timedelta(minutes=30)
"""The same for what has some way to go after that."""
SHIPS_AT_ONCE_AFTER: Final = timedelta(minutes=10)
"""The same for what has a long way to go after that."""
ASKS_AFTER: Final = timedelta(minutes=10)
"""How long after the OMS took the order the buyer asks, or the seller cancels."""
ANSWERS_AFTER: Final = timedelta(minutes=30)
"""How long the OMS thinks about a buyer's request."""
TIME_TO_ANSWER: Final = timedelta(hours=3)
"""After it TikTok Shop approves: one of the times that sellers may choose. The usual 24 hours do not fit into a day."""


class Packing(Enum):
    """How the warehouse packs an order, and what it gets wrong."""

    WHOLE = auto()
    IN_PARTS = auto()
    """One unit leaves, the others follow in a parcel of their own."""
    TOGETHER = auto()
    """In one parcel with another order of the same recipient."""
    MISSPELT_CARRIER = auto()
    MISTYPED_NUMBER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What happens to an order once the OMS has it. An ordinary one is shipped, and that is all."""

    note: str = ""
    asks: str = ""
    """The buyer's reason for asking to cancel."""
    oms_says: str = ""
    """The OMS's answer; empty when nobody there answers."""
    ships_after: timedelta | None = SHIPS_AFTER
    """None: the warehouse leaves it lying. What is cancelled by then does not ship."""
    packing: Packing = Packing.WHOLE
    seller_cancels: bool = False
    platform_cancels: bool = False
    """After the parcel has left."""
    ends: str = ""
    """What must become of the buyer's request: approved or rejected. On a slow machine the OMS's rejection may reach
    TikTok Shop before its parcel, or the parcel before the rejection."""
    decided_by: str = ""
    """Who the OMS must hear has decided it."""
    is_express: bool = False
    """Whether the carrier brings it at once."""
    aftersale: Aftersale | None = None
    """What somebody wants back once the parcel has left."""

    @property
    def parcel_leaves(self) -> bool:
        """Whether the order ships, whatever becomes of it then."""
        return not self.seller_cancels and self.ends != "approved"


ORDINARY: Final = Story()
APPROVED: Final = Story(
    note="buyer asks, OMS approves",
    asks="No longer needed",
    oms_says="approve",
    ships_after=timedelta(hours=3),
    ends="approved",
    decided_by="oms",
)
REJECTED: Final = Story(
    note="buyer asks, OMS rejects",
    asks="Better price available",
    oms_says="reject",
    ships_after=timedelta(hours=2),
    ends="rejected",
    decided_by="oms",
)
REJECTED_BY_PARCEL: Final = Story(
    note="buyer asks, parcel leaves",
    asks="Not shipped on time",
    ends="rejected",
    decided_by="oms",
)
UNANSWERED: Final = Story(
    note="buyer asks, nobody answers",
    asks="High delivery costs",
    ships_after=None,
    ends="approved",
    decided_by="shop_rule",
)
CANCELLED_BY_SELLER: Final = Story(note="OMS cancels: out of stock", seller_cancels=True)
CANCELLED_BY_PLATFORM: Final = Story(note="parcel gets lost", platform_cancels=True)
IN_TWO_PARCELS: Final = Story(note="in two parcels", ships_after=SHIPS_SOON_AFTER, packing=Packing.IN_PARTS)
SHARES_A_PARCEL: Final = Story(note="shares a parcel", packing=Packing.TOGETHER)
MISSPELT_CARRIER: Final = Story(note="carrier misspelt", ships_after=SHIPS_SOON_AFTER, packing=Packing.MISSPELT_CARRIER)
MISTYPED_NUMBER: Final = Story(note="number mistyped", ships_after=SHIPS_SOON_AFTER, packing=Packing.MISTYPED_NUMBER)

SENT_BACK: Final = Story(
    note="goods come back",
    ships_after=SHIPS_AT_ONCE_AFTER,
    is_express=True,
    aftersale=Aftersale(
        asks=ReturnType.RETURN_AND_REFUND,
        units=1,
        oms_says="approve",
        answers=("APPROVE_RETURN", "APPROVE_RECEIVED_PACKAGE"),
    ),
)
REFUND_REJECTED: Final = Story(
    note="buyer wants money, OMS rejects",
    ships_after=SHIPS_SOON_AFTER,
    aftersale=Aftersale(
        asks=ReturnType.REFUND,
        oms_says="reject",
        # "Product delivery is on schedule", in TikTok's names.
        rejects_for={"US": "reverse_reject_request_reason_4", "GB": "reverse_reject_request_reason_4_uk"},
        answers=("REJECT_REFUND",),
        ends=ReturnStatus.REJECT,
    ),
)
REFUND_UNANSWERED: Final = Story(
    note="buyer wants money, nobody answers",
    ships_after=SHIPS_AT_ONCE_AFTER,
    aftersale=Aftersale(asks=ReturnType.REFUND, answers=("APPROVE_REFUND",)),
)
REFUNDED_BY_OMS: Final = Story(
    note="OMS refunds a unit",
    ships_after=SHIPS_AT_ONCE_AFTER,
    aftersale=Aftersale(units=1, tried_by_hand=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An order of the day, and whether it should reach ChannelAdvisor and the OMS."""

    id: str
    region: str
    note: str = ""
    travels: bool = True
    story: Story = ORDINARY

    @property
    def ships(self) -> bool:
        """Whether a parcel should leave."""
        return self.travels and self.story.parcel_leaves

    @property
    def stays_shipped(self) -> bool:
        """Whether it should be shipped in the end, and not cancelled behind its parcel."""
        return self.ships and not self.story.platform_cancels

    @property
    def is_stopped(self) -> bool:
        """Whether it should be cancelled before a parcel leaves, once the other sides have it."""
        return self.travels and not self.story.parcel_leaves


def answers_of(stories: Callable[[str], Story]) -> Callable[[CancelRequest, OmsOrder], Verdict | None]:
    """What the OMS's people say to a buyer's request, by the story of its TikTok order."""

    def verdict(request: CancelRequest, _order: OmsOrder) -> Verdict | None:
        said = stories(request.tiktok_order_id).oms_says
        return (said, None) if said else None

    return verdict
