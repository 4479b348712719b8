"""Refunds told to ChannelAdvisor whose answers get lost, or of which only a part is taken."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest

from local.simulators.channeladvisor import Doubts
from local.simulators.faults import Fault
from order_sync.domain.errors import (
    AlreadyDoneError,
    HalfDoneError,
    NotYetError,
    OutcomeUnknownError,
)
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.cancellations import assert_books_are_clean
from tests.adapters.channeladvisor.refunds import (
    RETURN,
    TEE,
    adjusts,
    item_id,
    made,
    of_two_prices,
    refund,
    shipped,
    units,
)
from tests.adapters.channeladvisor.world import World


@pytest.fixture
def order(world: World, client: ChannelAdvisor) -> str:
    return shipped(world, client)


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE])
@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("negative", [False, True])
def test_a_lost_answer_is_settled_by_looking_first(
    build: Callable[..., World], fault: Fault, after: int, *, negative: bool
) -> None:
    world = build(Doubts(negative_adjustment_amounts=negative))
    client = world.client()
    order = of_two_prices(world, client)
    told = partial(client.refund, order, refund(units(TEE, 2, "24.99", "4.99", "3.15", each=False)))
    world.simulator.faults.add(fault, "/Adjust", after=after)
    with pytest.raises(OutcomeUnknownError):
        told()
    with pytest.raises(NotYetError, match="is being processed"):
        told()
    world.clock.move(minutes=5)
    with pytest.raises(AlreadyDoneError):
        told()
    booked = world.simulator.books.refunds(int(order))
    assert sorted((each.goods, each.shipping, each.tax) for each in booked) == [
        (Decimal("8.33"), Decimal("1.66"), Decimal("1.05")),
        (Decimal("16.66"), Decimal("3.33"), Decimal("2.10")),
    ]
    assert adjusts(world) == 2
    assert_books_are_clean(world)


def test_a_refund_that_cannot_be_read_back_is_of_unknown_outcome(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    world.simulator.faults.add(Fault.UNAVAILABLE, f"/v1/Orders({order})", method="GET", times=None, after=1)
    with pytest.raises(OutcomeUnknownError, match=f"adjustment refund-{RETURN}-{item_id(world, order)} was accepted"):
        client.refund(order, refund())
    world.simulator.faults.clear()
    world.clock.move(minutes=5)
    with pytest.raises(AlreadyDoneError):
        client.refund(order, refund())
    assert len(made(world, order)) == 1


def test_an_item_that_is_refused_after_another_was_accepted_is_half_done(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    with pytest.raises(HalfDoneError, match=rf"adjustment refund-{RETURN}-{item_id(world, order)} was accepted before"):
        client.refund(order, refund(units(TEE, 1), units("MUG", 1, "20.01")))
    assert [each for _, each, _, _ in made(world, order)] == [{TEE: 1}]
