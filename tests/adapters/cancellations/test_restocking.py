"""Whether cancelled units go back into ChannelAdvisor's stock: a rule of the shop (CA 4.5)."""

from collections.abc import Iterator

import pytest

from local.simulators.faults import Fault
from tests.adapters.cancellations.seller_cancel_scenes import check_books
from tests.adapters.jobs.scenes import an_order_everywhere, in_channeladvisor
from tests.world import TWO_TEES, World


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    check_books(world)


RESTOCKED = {
    ("never", "Out of stock"): False,
    ("never", "Pricing error"): False,
    ("always", "Out of stock"): True,
    ("always", "Pricing error"): True,
    ("unless_out_of_stock", "Out of stock"): False,
    ("unless_out_of_stock", "Pricing error"): True,
}


@pytest.mark.parametrize(("rule", "reason"), RESTOCKED)
def test_units_go_back_into_stock_by_the_shop_s_rule(world: World, rule: str, reason: str) -> None:
    shop = world.connect(cancellations={"restock": rule})
    order = an_order_everywhere(world, shop, TWO_TEES)
    world.tiktok.cancel_by_seller(order, reason)
    world.cycle(2)
    (adjustment,) = world.channeladvisor.books.adjustments(in_channeladvisor(world, order))
    assert adjustment["IsRestock"] is RESTOCKED[rule, reason]


@pytest.mark.parametrize("rule", ["never", "always", "unless_out_of_stock"])
def test_a_single_unit_goes_back_into_stock_by_the_same_rule(world: World, rule: str) -> None:
    shop = world.connect(cancellations={"restock": rule})
    order = an_order_everywhere(world, shop, TWO_TEES)
    world.tiktok.cancel_by_seller(order, lines=world.tiktok.line_ids(order)[:1])
    world.cycle(2)
    (adjustment,) = world.channeladvisor.books.adjustments(in_channeladvisor(world, order))
    assert adjustment["IsRestock"] is (rule == "always")


def test_what_the_oms_has_not_got_is_not_restocked_though_tiktok_s_list_of_cancellations_fails(world: World) -> None:
    shop = world.connect(cancellations={"restock": "unless_out_of_stock"})
    order = an_order_everywhere(world, shop, TWO_TEES)
    world.oms.cancel_order(order, reason="out_of_stock")
    world.run("poll_oms", shop)
    world.tiktok.faults.add(Fault.UNREACHABLE, "/cancellations/search", times=None)
    world.cycle(2)
    (adjustment,) = world.channeladvisor.books.adjustments(in_channeladvisor(world, order))
    assert adjustment["IsRestock"] is False


def test_a_buyer_s_cancellation_restocks_unless_out_of_stock_and_says_that_it_was_the_buyer(world: World) -> None:
    shop = world.connect(cancellations={"restock": "unless_out_of_stock"})
    order = an_order_everywhere(world, shop, TWO_TEES)
    request = world.tiktok.request_cancel(order)
    world.cycle(1)
    world.oms.decide(request, "approve")
    world.cycle(2)
    (adjustment,) = world.channeladvisor.books.adjustments(in_channeladvisor(world, order))
    assert (adjustment["Reason"], adjustment["IsRestock"]) == ("BuyerCancelled", True)
