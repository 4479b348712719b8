"""Random days in observe mode: people, a link that is late or dead, partners that fail; judged by their books."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest

from local.simulators.faults import Fault
from local.simulators.native_link import NativeLink
from local.tracking_numbers import usps
from order_sync.domain.ids import OrderId
from tests.adapters.jobs.scenes import ship_from_oms
from tests.adapters.observing.link_scenes import adjusted, last_gauges, nothing_created, observed
from tests.world import MUG, TEE, TWO_TEES, Connected, World

SEEDS = (1, 2, 3, 4, 5, 6)
CYCLES = 40
FAULTS = (Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.SERVER_ERROR, Fault.UNREACHABLE, Fault.RATE_LIMITED)


def act(world: World, shop: Connected, order: OrderId, random: Random, number: int) -> str:
    """Somebody does something with an order that is everywhere and of which nothing has left."""
    what = random.choice(["oms ships", "typed in", "oms cancels", "platform cancels", "cancelled by hand", "nothing"])
    there = int(world.record(shop, order).order.channeladvisor_id or 0)
    match what:
        case "oms ships":
            ship_from_oms(world, order, usps(number), by_sku=random.random() < 0.5)
        case "typed in" if there:
            world.channeladvisor.ship_by_hand(there, "USPS", "Ground", usps(number))
        case "oms cancels":
            world.oms.cancel_order(order, reason="out_of_stock")
        case "platform cancels":
            world.tiktok.cancel_by_platform(order)
        case "cancelled by hand" if there:
            world.channeladvisor.cancel_by_hand(there)
        case _:
            what = "nothing"
    return what


def disturb(world: World, link: NativeLink, random: Random) -> None:
    """The link is late, dies, and comes back; partners fail for some calls."""
    if random.random() < 0.1:
        link.lag = timedelta(minutes=random.choice([0, 15, 45, 90]))
    if random.random() < 0.05:
        link.die()
    elif random.random() < 0.3:
        link.revive()
    if random.random() < 0.2:
        world.channeladvisor.faults.add(random.choice(FAULTS), "/v1/", times=random.randint(1, 4))
    if random.random() < 0.1:
        world.tiktok.faults.add(random.choice(FAULTS), "/order", times=1)


@pytest.mark.parametrize("pushes", [True, False])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_day_of_the_link_ends_with_everything_once_and_nothing_by_us(seed: int, *, pushes: bool) -> None:
    random, world = Random(seed), World()
    shop, link = observed(world, push_late_parcels=pushes)
    orders: list[OrderId] = []
    untouched: list[OrderId] = []
    done: dict[OrderId, str] = {}
    for cycle in range(CYCLES):
        if cycle < CYCLES // 2 and random.random() < 0.5:
            orders.append(world.order(shop, *random.choice([(TEE,), (TWO_TEES,), (TEE, MUG)])))
            untouched.append(orders[-1])
        disturb(world, link, random)
        ready = [order for order in untouched if order in {each.tiktok_order_id for each in world.oms.books.orders()}]
        if ready and random.random() < 0.6:
            order = random.choice(ready)
            untouched.remove(order)
            done[order] = act(world, shop, order, random, len(done) + 1)
        world.cycle()
        assert nothing_created(world)
    link.revive()
    link.lag = timedelta(0)
    world.channeladvisor.faults.clear()
    world.cycle(24)
    assert nothing_created(world)
    assert adjusted(world) == []
    assert world.channeladvisor.books.duplicates() == {}
    numbers = Counter(each.tracking_number for order in orders for each in world.tiktok.books.shipments_of(order))
    assert all(times == 1 for times in numbers.values()), numbers
    assert last_gauges(world)["parcels_missing_at_tiktok"] == 0
    assert {order for order in orders if not world.record(shop, order).order.channeladvisor_id} <= {
        order for order, what in done.items() if "cancel" in what
    }
    for order, what in done.items():
        if what in ("oms ships", "typed in"):
            assert len(world.tiktok.books.shipments_of(order)) == 1, (order, what)
    assert len(done) >= 3


def test_a_day_of_a_dead_link_is_alarmed_and_by_setting_every_parcel_is_told_once_by_us() -> None:
    for pushes in (False, True):
        world = World()
        shop, link = observed(world, push_late_parcels=pushes)
        orders = [world.order(shop) for _ in range(3)]
        world.cycle(7)
        link.die()
        for number, order in enumerate(orders, 1):
            ship_from_oms(world, order, usps(number))
        world.cycle(14)
        told = [len(world.tiktok.books.shipments_of(order)) for order in orders]
        assert (told, last_gauges(world)["parcels_missing_at_tiktok"]) == (([1] * 3, 0) if pushes else ([0] * 3, 3))
