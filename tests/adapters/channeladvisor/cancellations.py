"""What was cancelled in the simulated ChannelAdvisor, for checks."""

from collections.abc import Callable
from typing import Any

from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.world import World
from tests.purchases import a_line, a_purchase

type Cancel = Callable[[], None]


def create(client: ChannelAdvisor) -> str:
    """Two tees and a mug."""
    return client.create_order(a_purchase(a_line(1), a_line(2), a_line(3, sku="MUG"))).id


def made(world: World, order: str) -> list[tuple[Any, ...]]:
    """The adjustments of an order: seller's id, type, number of units, status."""
    return [
        (each["SellerAdjustmentID"], each["Type"], sum(each["Units"].values()), each["RequestStatus"])
        for each in world.simulator.books.adjustments(int(order))
    ]


def assert_books_are_clean(world: World) -> None:
    """No refund by accident, no id used twice."""
    assert world.simulator.books.accidental_refunds() == []
    assert world.simulator.books.repeated_seller_ids() == {}
