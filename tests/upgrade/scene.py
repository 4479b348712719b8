"""A trading day up to the moment at which the stack is deployed anew: orders in every stage that a version knows.

It was played by every released version, to write its ledger down (`ledgers/`), and is played by today's, to have the
partners as they were. So it says only what all of them can: keep to that, and add the next version's ledger.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from tests.world import MUG, TEE, Connected, World

TRACKING = ("9400100000000000000013", "9400100000000000000020", "9400100000000000000037")
LATE = ("push_tiktok", "push_channeladvisor")


@dataclass(frozen=True)
class Scene:
    """The orders by how far they had come."""

    shop: Connected
    told: str
    """Its parcel is known everywhere."""

    shipped: str
    """The OMS has shipped it, and TikTok Shop and ChannelAdvisor have yet to hear of it."""

    waiting: str
    """Both sides have it, and nothing has left."""

    asked: str
    """Both sides have it; where a version knows of cancellations, its buyer asks to cancel and nobody has answered."""

    held: str
    """The buyer's hour is not over."""

    cancel: str = ""
    """The request of the order that is asked about."""

    returned: str = ""
    """A return of the order that is told, which waits for an answer; where a version knows of returns."""


def play(world: World, *, cancellations: bool, returns: bool) -> Scene:
    """Up to the deployment."""
    shop = world.connect("US")
    told, shipped, asked = (world.order(shop, TEE) for _ in range(3))
    waiting = world.order(shop, TEE, MUG)
    world.until_released()
    world.oms.ship(told, "USPS Ground", "Ground", TRACKING[0])
    world.cycle(2)
    cancel = world.tiktok.request_cancel(asked) if cancellations else ""
    returned = world.tiktok.buyer_requests_return(told, _refund()) if returns else ""
    held = world.order(shop, TEE)
    world.oms.ship(shipped, "USPS Ground", "Ground", TRACKING[1])
    world.cycle(skip=LATE)
    return Scene(
        shop=shop,
        told=told,
        shipped=shipped,
        waiting=waiting,
        asked=asked,
        held=held,
        cancel=cancel,
        returned=returned,
    )


def _refund() -> Any:
    # The first versions have no such module.
    return import_module("local.simulators.tiktok_shop.return_records").ReturnType.REFUND
