"""Bringing in the OMS's parcels and ChannelAdvisor's changes: saved before the cursor moves, in any order of events."""

from datetime import timedelta
from itertools import count

import pytest

from local.simulators.faults import Fault
from local.tracking_numbers import usps
from order_sync.domain.ids import OrderId
from order_sync.domain.orders import Source
from order_sync.domain.statuses import OrderState
from order_sync.jobs.poll_channeladvisor import CHANNELADVISOR_FEED
from order_sync.jobs.poll_oms import SHIPMENTS_FEED
from order_sync.ledger.keys import order_partition
from order_sync.ledger.table import Key
from tests.adapters.jobs.scenes import an_order_everywhere, in_channeladvisor, parcels_at_tiktok, ship_from_oms
from tests.adapters.jobs.test_figures import THE_MARK_OF_A_GOOD_POLL
from tests.world import Connected, Killed, World

PROFILE = 12345678


@pytest.fixture
def world() -> World:
    return World(channeladvisor_page=3)


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect(shipping_mappings=[{"carrier": "USPS", "code": "usps"}])


def orders_everywhere(world: World, shop: Connected, number: int) -> list[OrderId]:
    orders = [world.order(shop) for _ in range(number)]
    world.until_released()
    return orders


def parcels(world: World, shop: Connected, orders: list[OrderId]) -> list[int]:
    return [len(world.record(shop, order).parcels) for order in orders]


@pytest.mark.parametrize("poll", ["poll_oms", "poll_channeladvisor"])
def test_an_idle_poll_writes_nothing_but_its_mark(world: World, shop: Connected, poll: str) -> None:
    order = an_order_everywhere(world, shop)
    ship_from_oms(world, order, carrier="usps")
    world.cycle(3)
    units = world.table.write_units
    world.run(poll, shop)

    assert world.table.write_units == units + THE_MARK_OF_A_GOOD_POLL


@pytest.mark.parametrize(("poll", "feed"), [("poll_oms", SHIPMENTS_FEED), ("poll_channeladvisor", CHANNELADVISOR_FEED)])
@pytest.mark.parametrize("request_number", range(4))
def test_a_poll_that_dies_at_a_request_loses_no_parcel(
    world: World, shop: Connected, poll: str, feed: str, request_number: int
) -> None:
    orders = orders_everywhere(world, shop, 7)
    for number, order in enumerate(orders):
        if poll == "poll_oms":
            ship_from_oms(world, order, f"TRACK{number:06d}", carrier="usps")
        else:
            world.channeladvisor.ship_by_hand(in_channeladvisor(world, order), "USPS", "Ground", f"TRACK{number:06d}")
    requests = count()

    def die() -> None:
        if next(requests) == request_number:
            raise Killed

    world.on_answer = die
    world.run(poll, shop)
    world.on_answer = lambda: None
    position = world.shops.cursor(shop.id, feed).position
    world.run(poll, shop)
    world.run(poll, shop)

    assert parcels(world, shop, orders) == [1] * 7
    assert world.shops.cursor(shop.id, feed).position >= position
    assert all(world.events(shop, order).count("PARCEL_REPORTED") == 1 for order in orders)


@pytest.mark.parametrize("poll", ["poll_oms", "poll_channeladvisor"])
def test_two_polls_at_once_keep_each_parcel_once(world: World, shop: Connected, poll: str) -> None:
    orders = orders_everywhere(world, shop, 7)
    for number, order in enumerate(orders):
        ship_from_oms(world, order, f"TRACK{number:06d}", carrier="usps")
        world.channeladvisor.ship_by_hand(in_channeladvisor(world, order), "USPS", "Ground", f"HAND{number:06d}")
    requests = count()

    def another_comes_in() -> None:
        if next(requests) == 0:
            world.run(poll, shop)

    world.on_answer = another_comes_in
    world.run(poll, shop)

    assert world.counted("overlapping_polls") == 1
    assert parcels(world, shop, orders) == [1] * 7
    assert all(world.events(shop, order).count("PARCEL_REPORTED") == 1 for order in orders)


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.TRUNCATED_JSON, Fault.UNAVAILABLE])
@pytest.mark.parametrize("poll", ["poll_oms", "poll_channeladvisor"])
def test_an_outage_postpones_the_poll_and_loses_nothing(world: World, shop: Connected, poll: str, fault: Fault) -> None:
    order = an_order_everywhere(world, shop)
    if poll == "poll_oms":
        ship_from_oms(world, order, carrier="usps")
    else:
        world.channeladvisor.ship_by_hand(in_channeladvisor(world, order), "USPS", "Ground", "HAND000001")
    for partner in (world.oms, world.channeladvisor):
        partner.faults.add(fault, times=None)
    assert world.run(poll, shop).counts["runs_postponed"] == 1

    for partner in (world.oms, world.channeladvisor):
        partner.faults.clear()
    world.run(poll, shop)
    assert parcels(world, shop, [order]) == [1]


def test_orders_of_other_sites_and_of_nobody_are_left_alone(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop)
    for _ in range(5):
        world.channeladvisor.add_order_of_another_site(12345678)
    world.channeladvisor.bring_native_tiktok_order(12345678, "576461413999999999")
    world.cycle(2)

    assert world.problems() == []
    assert world.record(shop, order).order.state is OrderState.ACKNOWLEDGED_BY_SELLER


def test_a_seller_whose_oms_works_inside_channeladvisor_ships_from_there(world: World) -> None:
    shop = world.connect(oms={"adapter": "none"}, shipping_mappings=[{"carrier": "USPS", "code": "usps"}])
    order = world.order(shop)
    world.until_released()
    number = in_channeladvisor(world, order)
    world.channeladvisor.set_pending_shipment(number)
    world.cycle()
    assert world.record(shop, order).order.state is OrderState.ACKNOWLEDGED_BY_SELLER

    world.channeladvisor.set_seller_order_id(number, "SELLER-1")
    world.channeladvisor.ship_by_hand(number, "USPS", "Ground", usps(1))
    world.cycle(2)
    (parcel,) = world.record(shop, order).parcels

    assert parcel.source is Source.CHANNELADVISOR
    assert parcels_at_tiktok(world, order) == [(usps(1), parcel.line_ids)]
    assert world.record(shop, order).order.oms_number == "SELLER-1"
    assert world.oms.books.requests() == []


def test_the_channeladvisor_poll_survives_a_change_on_every_page(world: World, shop: Connected) -> None:
    orders = orders_everywhere(world, shop, 9)
    for number, order in enumerate(orders):
        world.time += timedelta(minutes=1)
        world.channeladvisor.ship_by_hand(in_channeladvisor(world, order), "USPS", "Ground", f"HAND{number:06d}")
    world.time += timedelta(hours=1)
    numbers = iter([in_channeladvisor(world, order) for order in orders])

    def one_changes() -> None:
        if (number := next(numbers, None)) is not None:
            world.channeladvisor.set_seller_order_id(number, "CHANGED")

    world.on_answer = one_changes
    world.run("poll_channeladvisor", shop)
    world.on_answer = lambda: None
    world.run("poll_channeladvisor", shop)

    assert parcels(world, shop, orders) == [1] * 9


def damage(world: World, shop: Connected, order: OrderId, sort_key: str, attribute: str) -> None:
    """An item of an order loses an attribute, as by a mistaken repair."""
    del world.table.items[Key(order_partition(shop.id, order), sort_key)][attribute]


@pytest.mark.parametrize(("sort_key", "attribute"), [("ORDER", "state"), ("OUTBOX#OMS#CREATE_ORDER#order#1", "state")])
def test_a_damaged_order_stops_no_other_and_is_named_wherever_it_is_met(
    world: World, shop: Connected, sort_key: str, attribute: str
) -> None:
    broken, whole = orders_everywhere(world, shop, 2)
    damage(world, shop, broken, sort_key, attribute)
    world.tiktok.touch(broken)
    lost = world.oms.ship(broken, "usps", "Ground", usps(1))
    world.oms.ship(whole, "usps", "Ground", usps(2))
    world.channeladvisor.set_pending_shipment(in_channeladvisor(world, broken))
    world.cycle(2)

    assert parcels_at_tiktok(world, whole)[0][0] == usps(2)
    assert world.counted("parcels_undecided") == 1
    assert broken in world.shops.notice(shop.id, f"parcel oms-{lost}")
    assert set(world.shops.unread(shop.id)) == {broken}
    assert world.counted("orders_damaged") > 0
    assert (world.counted("channeladvisor_orders_undecided") > 0) == (sort_key != "ORDER")


def test_orders_of_other_sites_are_left_alone_and_only_our_damaged_order_is_a_problem(
    world: World, shop: Connected
) -> None:
    order = an_order_everywhere(world, shop)
    decoy = world.channeladvisor.add_order_of_another_site(PROFILE, site_order_id="200012345678901")
    for each in (decoy, in_channeladvisor(world, order)):
        world.channeladvisor.ship_by_hand(each, "USPS", "Ground", f"TRACK{each}")
        world.channeladvisor._state.orders[each].fulfillments[0].items.clear()
    report = world.run("poll_channeladvisor", shop)

    (problem,) = report.problems
    assert problem.startswith(f"channeladvisor_orders_unreadable: order {in_channeladvisor(world, order)}: ")
    assert report.counts["channeladvisor_orders_not_ours"] == 1


def test_what_happens_in_channeladvisor_while_a_creation_is_in_doubt_is_not_lost() -> None:
    """The feed shows it once: by the time that we know the order's number, the cursor can be far beyond it."""
    world = World()
    shop = world.connect(oms={"adapter": "none"}, shipping_mappings=[{"carrier": "USPS", "code": "usps"}])
    order, other = world.order(shop), world.order(shop)
    world.cycle(4)
    world.channeladvisor.faults.add(Fault.LOST_AFTER, "/v1/Orders", method="POST")
    world.run("push_channeladvisor", shop)
    in_doubt, known = sorted((order, other), key=lambda each: world.record(shop, each).order.channeladvisor_id)
    assert world.record(shop, in_doubt).order.channeladvisor_id == ""

    world.channeladvisor.set_seller_order_id(in_channeladvisor(world, in_doubt), "ERP-4711")
    world.channeladvisor.ship_by_hand(in_channeladvisor(world, in_doubt), "USPS", "Ground", usps(1))
    world.run("poll_channeladvisor", shop)
    world.time += timedelta(minutes=11)
    world.channeladvisor.set_seller_order_id(in_channeladvisor(world, known), "ERP-4712")
    world.run("poll_channeladvisor", shop)
    world.cycle(3)
    assert [tracking for tracking, _ in parcels_at_tiktok(world, in_doubt)] == [usps(1)]
    assert world.tiktok.books.references_of(in_doubt)["ORDER_MANAGEMENT_SYSTEM"] == "ERP-4711"
    assert world.record(shop, in_doubt).order.state is OrderState.SHIPPED
