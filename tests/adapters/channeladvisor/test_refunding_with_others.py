"""Refunds told to ChannelAdvisor while people refund there too, and parcels are on their way."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest

from local.simulators.channeladvisor import Doubts
from order_sync.domain.errors import (
    HalfDoneError,
    NotYetError,
    RejectedError,
)
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.cancellations import create
from tests.adapters.channeladvisor.refunds import (
    TEE,
    adjusts,
    made,
    refund,
    ship,
    shipped,
    units,
    with_items,
)
from tests.adapters.channeladvisor.world import World


@pytest.fixture
def order(world: World, client: ChannelAdvisor) -> str:
    return shipped(world, client)


def assert_refused(client: ChannelAdvisor, order: str, match: str, *skus: str, goods: str = "17.50") -> None:
    """Refused, with nothing of it there."""
    with pytest.raises(RejectedError, match=match) as caught:
        client.refund(order, refund(*(units(sku, 1, goods) for sku in skus or (TEE,))))
    assert not isinstance(caught.value, HalfDoneError)


@pytest.mark.parametrize("left", [{}, {"mugs": 1}, {"tees": 1}])
def test_units_that_have_not_left_wait_for_their_parcel(
    world: World, client: ChannelAdvisor, left: dict[str, int]
) -> None:
    order = create(client)
    if left:
        ship(world, order, **left)
    told = partial(client.refund, order, refund(units(TEE, 2), units("MUG", 1)))
    with pytest.raises(NotYetError, match=r"are not shipped there yet \(ShippingStatus .+\); the parcel may follow"):
        told()
    assert adjusts(world) == 0
    ship(world, order)
    with pytest.raises(NotYetError, match="is being processed"):
        told()
    assert len(made(world, order)) == 2


def test_a_second_refund_of_the_sku_waits_for_the_unit_that_has_not_left(world: World, client: ChannelAdvisor) -> None:
    order = create(client)
    ship(world, order, tees=1)
    with pytest.raises(NotYetError, match="is being processed"):
        client.refund(order, refund(of="1"))
    with pytest.raises(NotYetError, match="the parcel may follow"):
        client.refund(order, refund(of="2"))
    assert len(made(world, order)) == 1


def test_more_units_than_the_order_has_are_refused(world: World, client: ChannelAdvisor, order: str) -> None:
    text = r"3 units of 'TEE-BLU-M' are to be refunded, but of 2 there 2 are shipped and 0 refunded"
    with pytest.raises(RejectedError, match=text):
        client.refund(order, refund(units(TEE, 3, "1")))
    assert_refused(client, order, r"1 units of 'CAP' are to be refunded, but of 0 there", "CAP")
    assert adjusts(world) == 0


def test_units_that_are_cancelled_there_are_not_refunded(world: World, client: ChannelAdvisor) -> None:
    order = create(client)
    world.simulator.cancel_units_by_hand(int(order), {"MUG": 1})
    assert_refused(client, order, "of 1 there 0 are shipped", "MUG")
    world.simulator.cancel_by_hand(int(order))
    assert_refused(client, order, "of 2 there 0 are shipped")
    assert adjusts(world) == 0


def test_an_order_that_others_fulfil_is_left_to_people(world: World, client: ChannelAdvisor, order: str) -> None:
    world.simulator.set_third_party_managed(int(order))
    assert_refused(client, order, "the order is ThirdPartyManaged there")
    assert adjusts(world) == 0


def test_a_unit_that_a_person_refunded_is_not_refunded_again(world: World, client: ChannelAdvisor, order: str) -> None:
    world.simulator.refund_units_by_hand(int(order), {"MUG": 1}, amount=Decimal(5))
    (by_hand,) = world.simulator.books.refunds(int(order))
    assert_refused(
        client, order, rf"of 1 there 1 are shipped and 1 refunded by refund {by_hand.id} of 5\S* made by UserI", "MUG"
    )
    with pytest.raises(NotYetError):
        client.refund(order, refund())
    assert adjusts(world) == 1


def test_beside_a_unit_that_a_person_refunded_another_is(world: World, client: ChannelAdvisor, order: str) -> None:
    world.simulator.refund_units_by_hand(int(order), {TEE: 1})
    with pytest.raises(NotYetError):
        client.refund(order, refund())
    with pytest.raises(RejectedError, match="of 2 there 2 are shipped and 2 refunded by"):
        client.refund(order, refund(units(TEE, 2), of="2"))


@pytest.mark.parametrize("amount", [None, Decimal("17.50"), Decimal(30)])
def test_a_refund_of_the_whole_order_by_a_person_may_hold_ours(
    world: World, client: ChannelAdvisor, order: str, amount: Decimal | None
) -> None:
    world.simulator.refund_by_hand(int(order), amount=amount)
    (by_hand,) = world.simulator.books.refunds(int(order))
    text = rf"refund {by_hand.id} of \S+ made by UserInterface names no units, and may hold this one of 17\.50"
    assert_refused(client, order, text)
    assert adjusts(world) == 0


def test_several_refunds_of_the_whole_order_may_hold_ours_together(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    for amount in (10, Decimal("7.50")):
        world.simulator.refund_by_hand(int(order), amount=Decimal(amount))
    assert_refused(client, order, "names no units, and may hold this one")


def test_a_smaller_refund_of_the_order_by_a_person_cannot_hold_ours(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    world.simulator.refund_by_hand(int(order), amount=Decimal("17.49"), reason="GeneralAdjustment")
    with pytest.raises(NotYetError, match="is being processed"):
        client.refund(order, refund(units(TEE, 1)))
    assert [total for _, _, total, _ in made(world, order)] == [Decimal("17.49"), Decimal("17.5")]


def test_never_more_is_refunded_there_than_was_paid(world: World, client: ChannelAdvisor) -> None:
    order = with_items(world, (TEE, 2, "20"), ("MUG", 1, "9"))
    world.simulator.refund_by_hand(int(order), amount=Decimal("9.01"))
    with pytest.raises(RejectedError, match=r"40\S* more would make it 49\.01 of the 49\S* that was paid"):
        client.refund(order, refund(units(TEE, 2, "20")))
    assert adjusts(world) == 0


def test_a_refund_that_failed_or_that_a_buyer_only_asks_for_stands_in_nobodys_way(
    world: World, client: ChannelAdvisor, order: str
) -> None:
    world.simulator.request_by_buyer(int(order), is_return=True)
    world.simulator.request_by_buyer(int(order), units={"MUG": 1}, is_return=True)
    world.simulator.fail_next_adjustment(int(order))
    with pytest.raises(NotYetError):
        client.refund(order, refund(units("MUG", 1), of="1"))
    world.clock.move(minutes=5)
    with pytest.raises(NotYetError):
        client.refund(order, refund(units("MUG", 1), of="2"))


def test_a_cancellation_of_ours_that_became_a_refund_counts_as_refunded(build: Callable[..., World]) -> None:
    world = build(Doubts(adjusts_shipped_units_first=True))
    client = world.client()
    order = create(client)
    ship(world, order, mugs=1, tees=1)
    with pytest.raises(HalfDoneError):
        client.cancel_unit(order, TEE, "cancel-1", by_buyer=False)
    ship(world, order)
    with pytest.raises(RejectedError, match="of 2 there 2 are shipped and 1 refunded by"):
        client.refund(order, refund(units(TEE, 2)))


def test_shipping_that_channeladvisor_does_not_take_on_an_item_is_for_people(build: Callable[..., World]) -> None:
    world = build(Doubts(item_amounts_within_item_prices=True))
    client = world.client()
    order = shipped(world, client)
    with pytest.raises(RejectedError, match="ShippingAdjustment must not be"):
        client.refund(order, refund(units(TEE, 1, shipping="4.99")))
    assert made(world, order) == []


def test_a_shipped_unit_is_refunded_while_another_of_the_item_is_still_to_be_shipped(
    world: World, client: ChannelAdvisor
) -> None:
    order = create(client)
    ship(world, order, tees=1)
    with pytest.raises(NotYetError, match="is being processed"):
        client.refund(order, refund())
    ship(world, order)
    assert world.simulator.books.order(int(order))["ShippingStatus"] == "Shipped"
    assert [each["Type"] for each in world.simulator.books.adjustments(int(order))] == ["Refund"]
