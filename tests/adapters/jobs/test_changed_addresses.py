"""A buyer's new address after the hand-over: in time it reaches both sides, too late it is noted."""

from local.simulators.faults import Fault
from local.tracking_numbers import usps
from order_sync.domain.ids import OrderId
from tests.adapters.jobs.checks import check_handed_over_once, check_nothing_left
from tests.world import MUG, TEE, Connected, World


def handed_over() -> tuple[World, Connected, OrderId]:
    """An order that both sides have."""
    world = World()
    shop = world.connect()
    order = world.order(shop, TEE, MUG)
    world.cycle(6)
    return world, shop, order


def street_at_tiktok(world: World, order: OrderId) -> str:
    return world.tiktok._state.order(order).address.line1


def street_in_channeladvisor(world: World, order: OrderId) -> str:
    return str(world.created(order)[0]["ShippingAddressLine1"])


def street_in_oms(world: World, order: OrderId) -> str:
    return str(world.oms.books.order(order).recipient["address_lines"][0])


def test_a_new_address_reaches_both_sides_while_nothing_has_shipped() -> None:
    world, shop, order = handed_over()
    old = street_at_tiktok(world, order)
    world.tiktok.change_address(order)
    world.cycle(2)
    new = street_at_tiktok(world, order)
    assert new != old
    assert street_in_channeladvisor(world, order) == street_in_oms(world, order) == new
    assert world.events(shop, order).count("ADDRESS_CHANGED") == 1
    assert len(world.oms.books.order(order).earlier_recipients) == 1
    check_handed_over_once(world, shop, order)


def test_each_of_two_new_addresses_is_told() -> None:
    world, shop, order = handed_over()
    for _ in range(2):
        world.tiktok.change_address(order)
        world.cycle(1)
    assert street_in_channeladvisor(world, order) == street_in_oms(world, order) == street_at_tiktok(world, order)
    assert world.events(shop, order).count("ADDRESS_CHANGED") == 2


def test_an_address_that_changes_before_the_hand_over_is_simply_the_one_that_is_given() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.cycle(3)
    world.tiktok.change_address(order)
    world.cycle(3)
    assert street_in_channeladvisor(world, order) == street_in_oms(world, order) == street_at_tiktok(world, order)
    assert world.oms.books.order(order).earlier_recipients == []


def test_an_address_that_changes_while_the_order_is_created_follows_at_once() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.cycle(4)

    def move_once_it_is_there() -> None:
        if world.created(order):
            world.on_answer = lambda: None
            world.tiktok.change_address(order)

    world.on_answer = move_once_it_is_there
    world.cycle(3)
    assert street_in_channeladvisor(world, order) == street_in_oms(world, order) == street_at_tiktok(world, order)


def test_an_oms_that_has_packed_keeps_the_old_address_and_that_is_noted() -> None:
    world, shop, order = handed_over()
    world.oms.pack(order)
    old = street_in_oms(world, order)
    world.tiktok.change_address(order)
    world.cycle(2)
    assert street_in_oms(world, order) == old
    assert street_in_channeladvisor(world, order) == street_at_tiktok(world, order)
    assert world.counted("entries_skipped") == 1
    assert world.events(shop, order).count("NOT_TOLD") == 1
    assert any(order in problem and "already packed" in problem.casefold() for problem in world.problems())
    check_nothing_left(world, shop, order)


def test_an_address_that_changes_after_a_part_has_shipped_is_a_counted_notice() -> None:
    world, shop, order = handed_over()
    old = street_in_oms(world, order)
    line = world.tiktok.line_ids(order)[0]
    world.oms.ship(order, "USPS Ground", "Ground", usps(1), lines=[line])
    world.cycle(1)
    world.tiktok.change_address(order)
    world.cycle(2)
    assert street_in_oms(world, order) == street_in_channeladvisor(world, order) == old
    assert world.counted("event_address_changed_too_late") == 1
    assert world.events(shop, order).count("ADDRESS_CHANGED_TOO_LATE") == 1
    check_nothing_left(world, shop, order)


def test_an_address_that_changes_between_the_reading_and_the_claim_is_not_given_in_its_old_form() -> None:
    world = World()
    shop = world.connect()
    order = world.order(shop)
    world.cycle(4)

    def the_buyer_moves_and_a_poll_sees_it() -> None:
        world.on_answer = lambda: None
        world.sleep(1)
        world.tiktok.change_address(order)
        world.run("poll_tiktok", shop)

    world.on_answer = the_buyer_moves_and_a_poll_sees_it
    assert world.run("push_channeladvisor", shop).counts["entries_waiting"] == 1
    assert world.created(order) == []
    world.cycle(3)
    assert street_in_channeladvisor(world, order) == street_in_oms(world, order) == street_at_tiktok(world, order)
    check_handed_over_once(world, shop, order)


def test_the_new_address_of_an_order_that_was_cancelled_meanwhile_is_told_to_nobody() -> None:
    """TikTok stars out the address of a cancelled order for good: what waits for it would wait for ever."""
    world, shop, order = handed_over()
    world.tiktok.change_address(order)
    world.channeladvisor.faults.add(Fault.LOST_BEFORE, "/v1/Orders(", method="PATCH")
    world.oms.faults.add(Fault.LOST_BEFORE, "/shipping-address")
    world.cycle(1)
    assert world.counted("outcomes_unknown") == 2
    world.tiktok.cancel_by_seller(order)
    world.cycle(3)
    check_nothing_left(world, shop, order)
    assert world.created(order)[0]["ShippingStatus"] == "Canceled"
    assert world.oms.books.order(order).state == "cancelled"
