"""The orders of a random day, as their people know them, and where the partners have them."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from local.simulators.oms.records import Order as OmsOrder
from local.simulators.tiktok_shop.orders import Order as TikTokOrder
from order_sync.domain.ids import OrderId
from tests.world import Connected

LABELS: Final = 40
"""Of one order at most."""

if TYPE_CHECKING:
    from tests.simulation.days import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueParcel:
    """A parcel as its sender knows it. Without `lines` only its units are known."""

    tracking: str
    source: str
    units: Counter[str]
    lines: frozenset[str] = frozenset()
    at: datetime
    corrected: str = ""
    """The number that its sender gave it later; whether partners still take that depends on when."""


@dataclass(slots=True, kw_only=True, eq=False)
class PlacedOrder:
    """An order, and what people did with it."""

    shop: Connected
    id: OrderId
    kind: str
    way: str
    """Who ships it. In a brawl everybody does, whether or not somebody has before."""
    by_sku: bool
    number: int = 0
    """Of all orders of its days."""
    labels: int = 0
    """How many tracking numbers were given for it."""
    parcels: list[TrueParcel] = field(default_factory=list)
    contested: str = ""
    """Why the partners' books cannot agree: people did two things that exclude each other."""
    canceled_at: datetime | None = None
    moved_at: datetime | None = None
    moved_late: bool = False
    packed: bool = False
    damaged: bool = False
    misspelt: bool = False
    seller_number: str = ""
    answers: str = "silent"
    """Who answers a buyer's request to cancel it."""
    asked: list[str] = field(default_factory=list)
    """The buyer's requests to cancel it, by their ids."""
    joined: tuple["PlacedOrder", ...] = ()
    """The buyer's other orders that travel in the same parcel."""
    refunded_by_hand: bool = False
    """Whether a person has refunded something of it in ChannelAdvisor."""


def at_tiktok(world: "Place", order: PlacedOrder) -> TikTokOrder:
    """The order as TikTok really has it."""
    return world.tiktok._state.order(order.id)


def in_oms(world: "Place", order: PlacedOrder) -> OmsOrder | None:
    """The order as the OMS has it."""
    try:
        return world.oms.books.order(order.id)
    except KeyError:
        return None


def has_oms(world: "Place", shop: Connected) -> bool:
    """Whether a shop's orders go to an OMS of their own."""
    return world.shops.settings(shop.id).has_oms
