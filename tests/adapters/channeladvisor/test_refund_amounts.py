"""What refunds in ChannelAdvisor amount to: exact to the cent, over whichever items bear them."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest

from local.simulators.channeladvisor import Doubts
from order_sync.domain.errors import AlreadyDoneError, NotYetError, RejectedError
from order_sync.domain.returning.refunds_told import RefundInChannelAdvisor
from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.cancellations import create
from tests.adapters.channeladvisor.refunds import TEE, item_id, made, refund, ship, shipped, units, with_items
from tests.adapters.channeladvisor.world import World


@pytest.fixture
def order(world: World, client: ChannelAdvisor) -> str:
    return shipped(world, client)


def test_nothing_is_computed_even_of_a_refund_of_nothing(world: World, client: ChannelAdvisor) -> None:
    item = {"Sku": TEE, "Quantity": 1, "UnitPrice": 20, "TaxPrice": 2, "ShippingPrice": 5, "ShippingTaxPrice": 1}
    item |= {"GiftPrice": 3, "GiftTaxPrice": 1, "RecyclingFee": 1}
    order = str(world.simulator.add_order_of_another_site(12345678, site_id=587, items=[item]))
    ship(world, order)
    with pytest.raises(NotYetError):
        client.refund(order, refund(units(TEE, 1, "0")))
    assert [total for _, _, total, _ in made(world, order)] == [0]


def test_units_go_over_items_of_the_sku_and_the_money_adds_up(world: World, client: ChannelAdvisor) -> None:
    order = with_items(world, (TEE, 1, "20"), (TEE, 2, "10"), ("MUG", 1, "9"))
    there: RefundInChannelAdvisor = refund(units(TEE, 3, "39.99", each=False))
    with pytest.raises(NotYetError):
        client.refund(order, there)
    booked = world.simulator.books.refunds(int(order))
    assert sorted((each.item_id, each.units, each.goods) for each in booked) == [
        (item_id(world, order), {TEE: 1}, Decimal("20.00")),
        (item_id(world, order, place=1), {TEE: 2}, Decimal("19.99")),
    ]
    world.clock.move(minutes=5)
    with pytest.raises(AlreadyDoneError):
        client.refund(order, there)


@pytest.mark.parametrize(("goods", "place"), [("17.50", 0), ("20", 0), ("9.50", 1), ("10", 1), ("0", 1)])
def test_a_unit_is_refunded_on_the_item_whose_price_it_fits(
    world: World, client: ChannelAdvisor, goods: str, place: int
) -> None:
    order = with_items(world, (TEE, 1, "20"), (TEE, 1, "10"))
    with pytest.raises(NotYetError):
        client.refund(order, refund(units(TEE, 1, goods)))
    (booked,) = world.simulator.books.refunds(int(order))
    assert booked.item_id == item_id(world, order, place=place)


def test_one_sku_named_twice_is_one_refund(world: World, client: ChannelAdvisor, order: str) -> None:
    with pytest.raises(NotYetError):
        client.refund(order, refund(units(TEE, 1, "17.5"), units(TEE, 1, "10", "1", "0.5")))
    (booked,) = world.simulator.books.refunds(int(order))
    assert booked.units == {TEE: 2}
    assert [booked.goods, booked.shipping, booked.tax] == [Decimal("27.5"), Decimal(1), Decimal("0.5")]


def test_a_sign_before_the_amounts_makes_no_difference(build: Callable[..., World]) -> None:
    world = build(Doubts(negative_adjustment_amounts=True))
    client = world.client()
    order = with_items(world, (TEE, 1, "20"), (TEE, 1, "10"))
    told = partial(client.refund, order, refund(units(TEE, 2, "27", "0", "0", each=False)))
    with pytest.raises(NotYetError):
        told()
    world.clock.move(minutes=5)
    with pytest.raises(AlreadyDoneError):
        told()
    assert sum(total for _, _, total, _ in made(world, order)) == 27


def test_a_later_refund_goes_to_a_unit_that_no_other_return_has_refunded(world: World, client: ChannelAdvisor) -> None:
    order = with_items(world, (TEE, 1, "20"), (TEE, 1, "10"))
    for name, goods in (("1", "5"), ("2", "8")):
        with pytest.raises(NotYetError):
            client.refund(order, refund(units(TEE, 1, goods), of=name))
    booked = {each.goods: each.item_id for each in world.simulator.books.refunds(int(order))}
    assert booked == {Decimal(5): item_id(world, order, place=1), Decimal(8): item_id(world, order)}


def test_what_no_other_return_has_refunded_bears_a_part_of_a_later_refund(world: World, client: ChannelAdvisor) -> None:
    order = with_items(world, ("MUG", 2, "20"))
    for name, quantity in (("1", 1), ("2", 2)):
        with pytest.raises(NotYetError):
            client.refund(order, refund(units("MUG", quantity, "10"), of=name))
    assert [(each, total) for _, each, total, _ in made(world, order)] == [
        ({"MUG": 1}, Decimal(10)),
        ({"MUG": 2}, Decimal(20)),
    ]


def test_two_returns_never_refund_one_unit_in_full(world: World, client: ChannelAdvisor) -> None:
    order = with_items(world, ("MUG", 1, "9"))
    with pytest.raises(NotYetError):
        client.refund(order, refund(units("MUG", 1, "9"), of="1"))
    with pytest.raises(RejectedError, match=r"9\S* more would make it 18\S* of the 9\S* that was paid"):
        client.refund(order, refund(units("MUG", 1, "9"), of="2"))
    assert len(made(world, order)) == 1


def test_no_more_units_are_refunded_again_than_have_left(world: World, client: ChannelAdvisor) -> None:
    order = with_items(world, ("MUG", 1, "20"))
    for name in ("1", "2"):
        with pytest.raises(NotYetError):
            client.refund(order, refund(units("MUG", 1, "5"), of=name))
    with pytest.raises(RejectedError, match="2 units of 'MUG' are to be refunded, but of 1 there 1 are shipped"):
        client.refund(order, refund(units("MUG", 2, "1"), of="3"))


def test_a_later_refund_of_the_same_unit_goes_on_top(world: World, client: ChannelAdvisor) -> None:
    order = create(client)
    ship(world, order)
    for name, goods in (("1", "5"), ("2", "12.50")):
        with pytest.raises(NotYetError):
            client.refund(order, refund(units("MUG", 1, goods), of=name))
        world.clock.move(minutes=5)
        with pytest.raises(AlreadyDoneError):
            client.refund(order, refund(units("MUG", 1, goods), of=name))
    assert [total for _, _, total, _ in made(world, order)] == [5, Decimal("12.5")]
