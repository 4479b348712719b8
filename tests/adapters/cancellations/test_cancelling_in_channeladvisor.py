"""Cancelling in ChannelAdvisor (CA 4.5): by the line, never twice, never a refund by accident, believed when done."""

from collections.abc import Iterator

import pytest

from local.simulators.channeladvisor.doubts import Doubts
from local.simulators.faults import Fault
from local.tracking_numbers import usps
from order_sync.domain.ids import OrderId
from tests.adapters.cancellations.seller_cancel_scenes import MAPPINGS, adjustments, check_books, units_in_oms
from tests.adapters.jobs.checks import check_nothing_left, failed_entries
from tests.adapters.jobs.scenes import an_order_everywhere, in_channeladvisor, ship_from_oms
from tests.world import MUG, TWO_TEES, Connected, World

DONE, ERROR = "PostProcessingComplete", "Error"
HAND = ("USPS", "Ground", usps(7))


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    check_books(world)


@pytest.fixture
def shop(world: World) -> Connected:
    return world.connect()


def adjusts(world: World) -> int:
    """How often Adjust was called."""
    return len(world.channeladvisor.books.requests(method="POST", path="/Adjust"))


def cancel_at_tiktok(world: World, order: OrderId, *units: int) -> list[str]:
    """Seller Center cancels these units, or the whole order: our ids for the adjustments."""
    ids = world.tiktok.line_ids(order)
    world.tiktok.cancel_by_seller(order, lines=[ids[number] for number in units] or None)
    return [f"cancel-{ids[number]}" for number in units] or [f"cancel-{order}"]


@pytest.mark.parametrize("units", [(), (0,)], ids=["whole order", "one unit"])
def test_what_is_shipped_there_by_hand_is_not_refunded_but_recovered(
    world: World, shop: Connected, units: tuple[int, ...]
) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES)
    world.channeladvisor.ship_by_hand(in_channeladvisor(world, order), *HAND)
    cancel_at_tiktok(world, order, *units)
    world.cycle(3)
    assert adjustments(world, order) == []
    assert adjusts(world) == 0
    assert any("CANCEL_" in problem and "settle it by hand" in problem for problem in world.problems())
    assert order in world.oms.books.recoveries()


def test_what_is_shipped_there_by_hand_in_part_is_recovered_and_the_rest_cancelled_by_the_line(
    world: World, shop: Connected
) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES, MUG)
    world.channeladvisor.ship_by_hand(in_channeladvisor(world, order), *HAND, items={"MUG-RED": 1})
    cancel_at_tiktok(world, order)
    world.cycle(4)
    first, second, _ = world.tiktok.line_ids(order)
    tees = [("Cancellation", f"cancel-{line}", DONE) for line in sorted((first, second))]
    assert sorted(adjustments(world, order)) == tees
    assert order in world.oms.books.recoveries()
    check_nothing_left(world, shop, order)


def test_the_oms_hears_of_a_parcel_by_hand_that_holds_a_cancelled_unit_and_ships_nothing_twice(world: World) -> None:
    shop = world.connect(shipping_mappings=MAPPINGS["US"])
    order = an_order_everywhere(world, shop, TWO_TEES, MUG)
    world.channeladvisor.ship_by_hand(in_channeladvisor(world, order), *HAND)
    cancel_at_tiktok(world, order, 0)
    world.cycle(4)
    assert order in world.oms.books.recoveries()
    assert units_in_oms(world, order) == ["cancelled", "shipped", "shipped"]
    check_nothing_left(world, shop, order)


def test_the_open_units_are_cancelled_where_another_sku_was_shipped_by_hand(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES, MUG)
    world.channeladvisor.ship_by_hand(in_channeladvisor(world, order), *HAND, items={"MUG-RED": 1})
    (name,) = cancel_at_tiktok(world, order, 0)
    world.cycle(3)
    assert adjustments(world, order) == [("Cancellation", name, DONE)]


def test_of_a_partly_shipped_order_the_rest_is_cancelled_by_the_line(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES, MUG)
    ids = world.tiktok.line_ids(order)
    ship_from_oms(world, order, lines=[ids[0]])
    world.cycle(2)
    names = cancel_at_tiktok(world, order, 1, 2)
    world.cycle(3)
    assert sorted(adjustments(world, order)) == [("Cancellation", name, DONE) for name in sorted(names)]
    assert units_in_oms(world, order) == ["shipped", "cancelled", "cancelled"]
    check_nothing_left(world, shop, order)


def test_a_whole_order_whose_parcel_left_is_recovered_and_refunded_by_nobody(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES)
    ship_from_oms(world, order)
    world.cycle(2)
    cancel_at_tiktok(world, order)
    world.cycle(3)
    assert adjusts(world) == 0
    assert order in world.oms.books.recoveries()
    assert world.created(order)[0]["ShippingStatus"] == "Shipped"
    check_nothing_left(world, shop, order)


def test_a_platform_s_cancellation_of_a_parcel_on_its_way_is_refunded_by_nobody(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES)
    ship_from_oms(world, order)
    world.cycle(2)
    world.tiktok.collect(order)
    world.tiktok.cancel_by_platform(order, "Package lost")
    world.cycle(3)
    assert adjusts(world) == 0
    assert order in world.oms.books.recoveries()


def test_a_person_cancels_units_of_a_part_shipped_item_where_adjusting_would_refund() -> None:
    world = World(channeladvisor_doubts=Doubts(adjusts_shipped_units_first=True))
    shop = world.connect()
    account = world.shops.settings(shop.id).channeladvisor.model_dump()
    world.reconnect(shop, channeladvisor=account | {"adjusts_unshipped_first": False})
    order = an_order_everywhere(world, shop, TWO_TEES)
    ship_from_oms(world, order, lines=world.tiktok.line_ids(order)[:1])
    world.cycle(2)
    cancel_at_tiktok(world, order, 1)
    world.cycle(3)
    assert world.channeladvisor.books.accidental_refunds() == []
    assert any("CANCEL_LINE" in name and "by hand" in why for name, why in failed_entries(world, shop, order).items())


@pytest.mark.parametrize("failures", [1, 2])
@pytest.mark.parametrize("units", [(), (0,)], ids=["whole order", "one unit"])
def test_an_adjustment_that_ends_in_error_is_tried_again_under_another_id(
    world: World, shop: Connected, units: tuple[int, ...], failures: int
) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES)
    (name,) = cancel_at_tiktok(world, order, *units)
    fail_adjustments(world, order, failures)
    world.cycle(4)
    tried = [name, f"{name}-2", f"{name}-3"][: failures + 1]
    ends = [ERROR] * failures + [DONE]
    assert adjustments(world, order) == [("Cancellation", *each) for each in zip(tried, ends, strict=True)]
    assert world.record(shop, order).order.state == ("ACKNOWLEDGED_BY_SELLER" if units else "CANCELED")
    check_nothing_left(world, shop, order)


def test_an_adjustment_that_failed_three_times_is_left_to_a_person_who_settles_it_and_replays(
    world: World, shop: Connected
) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES)
    (name,) = cancel_at_tiktok(world, order)
    fail_adjustments(world, order, 3)
    world.cycle(4)
    assert [end for _, _, end in adjustments(world, order)] == [ERROR] * 3
    assert any("failed 3 times" in why for why in failed_entries(world, shop, order).values())
    assert world.counted("entries_failed") == 1

    world.channeladvisor.cancel_by_hand(in_channeladvisor(world, order))
    world.cycle(1)
    world.replay(shop, order)
    world.cycle(2)
    assert adjusts(world) == 3
    assert world.record(shop, order).seller_cancellations[0].state == "ACCEPTED"
    assert sorted(known for _, known, _ in adjustments(world, order)) == ["", name, f"{name}-2", f"{name}-3"]
    check_nothing_left(world, shop, order)


def fail_adjustments(world: World, order: OrderId, times: int) -> None:
    """Let cycles pass in which the next adjustments end in Error."""
    number = in_channeladvisor(world, order)
    for expected in range(1, times + 1):
        world.channeladvisor.fail_next_adjustment(number)
        for _ in range(4):
            world.cycle(1)
            if len(world.channeladvisor.books.adjustments(number)) == expected:
                break
        else:
            raise AssertionError(f"there was no attempt number {expected}")


def test_an_adjustment_is_done_only_when_its_request_status_says_so(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES)
    cancel_at_tiktok(world, order)
    world.run("poll_tiktok", shop)
    world.run("push_channeladvisor", shop)
    assert [end for _, _, end in adjustments(world, order)] == ["SubmittedNotProcessed"]
    entry = next(each for each in world.record(shop, order).outbox if each.action == "CANCEL_ORDER")
    assert entry.target == "CHANNELADVISOR"
    assert not entry.has_ended
    world.cycle(2)
    assert adjusts(world) == 1
    check_nothing_left(world, shop, order)


@pytest.mark.parametrize("units", [(), (0,)], ids=["whole order", "one unit"])
@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.SERVER_ERROR, Fault.TRUNCATED_JSON])
def test_a_lost_answer_leaves_one_cancellation(
    world: World, shop: Connected, fault: Fault, units: tuple[int, ...]
) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES)
    (name,) = cancel_at_tiktok(world, order, *units)
    world.channeladvisor.faults.add(fault, "/Adjust")
    world.cycle(4)
    assert world.channeladvisor.faults.happened[fault] == 1
    assert adjustments(world, order) == [("Cancellation", name, DONE)]
    check_nothing_left(world, shop, order)


def test_a_status_that_cannot_be_re_read_is_read_later_and_nothing_is_repeated(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES)
    (name,) = cancel_at_tiktok(world, order)
    world.run("poll_tiktok", shop)
    world.channeladvisor.faults.add(Fault.UNREACHABLE, "/v1/Orders(", method="GET", after=1, times=None)
    world.run("push_channeladvisor", shop)
    world.channeladvisor.faults.clear()
    world.cycle(3)
    assert adjusts(world) == 1
    assert adjustments(world, order) == [("Cancellation", name, DONE)]
    check_nothing_left(world, shop, order)


def test_an_outage_of_channeladvisor_delays_only_its_own_cancellation(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES)
    world.channeladvisor.faults.add(Fault.UNREACHABLE, times=None)
    (name,) = cancel_at_tiktok(world, order)
    world.cycle(2)
    assert units_in_oms(world, order) == ["cancelled", "cancelled"]
    world.channeladvisor.faults.clear()
    world.cycle(4)
    assert adjustments(world, order) == [("Cancellation", name, DONE)]
    check_nothing_left(world, shop, order)


def test_no_channel_is_ever_told_by_channeladvisor(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES, MUG)
    cancel_at_tiktok(world, order, 0)
    world.cycle(2)
    cancel_at_tiktok(world, order)
    world.cycle(3)
    found = world.channeladvisor.books.adjustments(in_channeladvisor(world, order))
    assert found
    assert all(each["PreventSiteProcessing"] for each in found)
    assert world.created(order)[0]["ShippingStatus"] == "Canceled"


def test_what_a_third_party_manages_there_is_left_to_a_person(world: World, shop: Connected) -> None:
    order = an_order_everywhere(world, shop, TWO_TEES)
    world.channeladvisor.set_third_party_managed(in_channeladvisor(world, order))
    cancel_at_tiktok(world, order)
    world.cycle(3)
    assert adjustments(world, order) == []
    assert any("CANCEL_ORDER" in name for name in failed_entries(world, shop, order))
