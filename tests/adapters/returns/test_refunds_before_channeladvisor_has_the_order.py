"""ChannelAdvisor is away when an order is handed over, and gets it only after TikTok Shop has refunded some of it."""

from local.simulators.faults import Fault
from tests.adapters.returns.return_checks import check_agreed
from tests.adapters.returns.return_scenes import HOUR, booked, issued, line_ids, note, ship
from tests.world import MUG, TWO_TEES, Connected, World


def test_a_refund_that_tiktok_made_before_channeladvisor_got_the_order_is_booked_there(
    world: World, shop: Connected
) -> None:
    order = world.order(shop, TWO_TEES, MUG)
    world.run("poll_tiktok", shop)
    world.channeladvisor.faults.add(Fault.UNREACHABLE, times=None)
    world.cycle(9)
    ship(world, shop, order)
    return_id = world.tiktok.refund_in_seller_center(order, line_ids(world, order)[:1])
    world.advance(HOUR)
    world.cycle(2)
    assert issued(world, order)
    assert world.created(order) == []
    world.channeladvisor.faults.clear()
    world.advance(HOUR)
    world.cycle(10)
    assert note(world, order, return_id).startswith("Refunded (")
    assert len(booked(world, order)) == 1
    check_agreed(world, shop, order)
