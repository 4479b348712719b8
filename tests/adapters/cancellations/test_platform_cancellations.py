"""What TikTok Shop cancels by itself (G12; issue 3 point 9; OP C17): everybody is told, what has left is recovered."""

from collections.abc import Callable

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.doubts import Doubts
from order_sync.domain.ids import OrderId
from order_sync.domain.orders import LineState
from order_sync.domain.timeline import Event
from tests.adapters.cancellations.races import (
    OTHER_TRACKING,
    check_over,
    check_settled,
    connected,
    details,
    everywhere,
    recoveries,
    released,
    ship,
    ship_in_channeladvisor,
    ship_in_seller_center,
    winners,
)
from tests.adapters.jobs.checks import check_nothing_left, check_nothing_twice, given_to_oms
from tests.adapters.jobs.scenes import TRACKING, in_channeladvisor
from tests.world import MUG, TWO_TEES, Connected, World

FRAUD, LATE = "Potential fraud", "Shipping timed out"
KEYS = {
    FRAUD: "system_cancel_order_reason_potential_fraud",
    LATE: "system_cancel_order_reason_shipping_timeout",
}
RECOVERY = "A cancelled order has left: get the parcel back"

type Leave = Callable[[World, Connected, OrderId], None]
WAYS_TO_LEAVE: dict[str, Leave] = {
    "oms": ship,
    "channeladvisor": ship_in_channeladvisor,
    "seller-center": ship_in_seller_center,
}


@pytest.fixture
def world(region: str) -> World:
    """TikTok's staff may be called OPERATOR instead of SYSTEM (TT 4.2): tried in one of the regions."""
    return World(tiktok_doubts=Doubts(staff_is_operator=region == "GB"))


@pytest.fixture(params=[FRAUD, LATE])
def reason(request: pytest.FixtureRequest) -> str:
    words: str = request.param
    return words


def check_seen(world: World, shop: Connected, order: OrderId, reason: str) -> None:
    """The timeline says that the platform cancelled, why, and what the buyer reads; nobody was asked."""
    (seen,) = details(world, shop, order, Event.CANCELLATION_SEEN)
    assert (seen["initiator"], seen["reason"]) == ("PLATFORM", KEYS[reason])
    assert seen["buyer_notice"].startswith('"order cancelled"')
    assert winners(world, shop, order) == []
    assert details(world, shop, order, Event.CANCEL_REQUEST_ANSWERED) == []
    assert world.tiktok.books.decisions == []


def check_told_to_recover(world: World, order: OrderId, reason: str, *tracking: str) -> None:
    """The OMS was told once which parcels to get back, and that the platform cancelled, and why."""
    recovery = world.oms.books.order(order).recovery
    assert recovery is not None
    assert (recovery["initiator"], recovery["reason"]) == ("platform", KEYS[reason])
    assert recoveries(world, order) == list(tracking)
    assert world.counted("event_recovery_needed") == len(tracking)


def test_an_order_that_nobody_has_yet_is_given_to_nobody(world: World, shop: Connected, reason: str) -> None:
    order = released(world, shop, TWO_TEES, MUG)
    world.tiktok.cancel_by_platform(order, reason)
    world.cycle(3)

    assert world.created(order) == []
    assert given_to_oms(world) == []
    check_seen(world, shop, order, reason)
    check_nothing_left(world, shop, order)


def test_an_order_that_everybody_has_is_cancelled_everywhere(world: World, shop: Connected, reason: str) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    world.tiktok.cancel_by_platform(order, reason)
    world.cycle(3)

    (told,) = world.oms.books.order(order).cancellations
    assert (told.initiator, told.reason) == ("platform", KEYS[reason])
    (adjustment,) = world.channeladvisor.books.adjustments(in_channeladvisor(world, order))
    assert adjustment["PreventSiteProcessing"]
    assert adjustment["Reason"] != "BuyerCancelled"
    assert recoveries(world, order) == []
    check_seen(world, shop, order, reason)
    check_over(world, shop, order)


@pytest.mark.parametrize("way", WAYS_TO_LEAVE)
def test_a_parcel_that_everybody_knows_is_recovered(world: World, shop: Connected, reason: str, way: str) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    WAYS_TO_LEAVE[way](world, shop, order)
    world.cycle(3)
    world.tiktok.cancel_by_platform(order, reason)
    world.cycle(4)

    check_told_to_recover(world, order, reason, TRACKING)
    check_seen(world, shop, order, reason)
    # What is shipped in ChannelAdvisor stays so: an adjustment would be a refund there.
    assert world.channeladvisor.books.adjustments(in_channeladvisor(world, order)) == []
    check_settled(world, shop, order)


@pytest.mark.parametrize("way", ["oms", "channeladvisor"])
@pytest.mark.parametrize("seen", [True, False], ids=["cancellation-seen", "cancellation-not-seen"])
def test_a_parcel_that_is_reported_only_after_the_cancellation_is_recovered(
    world: World, shop: Connected, reason: str, way: str, *, seen: bool
) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    if not seen:
        WAYS_TO_LEAVE[way](world, shop, order)
    world.tiktok.cancel_by_platform(order, reason)
    if seen:
        world.run("poll_tiktok", shop)
        WAYS_TO_LEAVE[way](world, shop, order)
    world.cycle(4)

    check_told_to_recover(world, order, reason, TRACKING)
    assert world.tiktok.books.shipments == []
    assert world.tiktok.books.refused_shipments == []
    assert world.channeladvisor.books.accidental_refunds() == []
    check_nothing_twice(world)


def test_a_parcel_that_leaves_before_the_oms_hears_is_recovered_and_the_rest_does_not_ship(
    world: World, shop: Connected, reason: str
) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    tee, *_ = world.tiktok.line_ids(order)
    world.tiktok.cancel_by_platform(order, reason)
    world.run("poll_tiktok", shop)
    ship(world, shop, order, [tee])
    world.cycle(4)

    check_told_to_recover(world, order, reason, TRACKING)
    assert [line.state for line in world.oms.books.order(order).lines] == ["shipped", "cancelled", "cancelled"]
    assert world.channeladvisor.books.shipped_fulfillments(in_channeladvisor(world, order)) == []
    check_settled(world, shop, order)


def test_every_further_parcel_makes_the_list_longer(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    tee, *others = world.tiktok.line_ids(order)
    ship(world, shop, order, [tee])
    world.run("poll_oms", shop)
    world.tiktok.cancel_by_platform(order, FRAUD)
    world.run("poll_tiktok", shop)
    ship(world, shop, order, others, OTHER_TRACKING)
    world.cycle(4)

    check_told_to_recover(world, order, FRAUD, TRACKING, OTHER_TRACKING)
    check_nothing_left(world, shop, order)


def test_a_lost_answer_of_the_oms_tells_the_recovery_again_and_counts_it_once(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    ship(world, shop, order)
    world.cycle(3)
    world.tiktok.cancel_by_platform(order, FRAUD)
    world.oms.faults.add(Fault.LOST_AFTER, "/recovery", times=2)
    world.cycle(4)

    check_told_to_recover(world, order, FRAUD, TRACKING)
    check_settled(world, shop, order)


@pytest.mark.parametrize("left", [True, False], ids=["left", "not-left"])
def test_shops_without_an_oms_of_ours_have_their_people_told(world: World, region: str, *, left: bool) -> None:
    shop = connected(world, region, oms={"adapter": "none"})
    order = released(world, shop, TWO_TEES, MUG)
    world.run("push_channeladvisor", shop)
    if left:
        ship_in_channeladvisor(world, shop, order)
    world.cycle(2)
    world.tiktok.cancel_by_platform(order, FRAUD)
    world.cycle(4)

    assert [subject for subject, _ in world.published] == ([f"{RECOVERY}: order {order}"] if left else [])
    assert world.counted("event_recovery_needed") == int(left)
    if left:
        assert TRACKING in world.published[0][1]
        assert world.channeladvisor.books.accidental_refunds() == []
    else:
        assert [each["ShippingStatus"] for each in world.created(order)] == ["Canceled"]
    check_nothing_left(world, shop, order)


def test_people_are_told_where_the_oms_never_had_the_order(world: World, shop: Connected) -> None:
    order = released(world, shop, TWO_TEES, MUG)
    world.oms.faults.add(Fault.UNREACHABLE, times=None)
    world.cycle(3)
    ship_in_channeladvisor(world, shop, order)
    world.run("poll_channeladvisor", shop)
    world.tiktok.cancel_by_platform(order, LATE)
    world.cycle(4)
    world.oms.faults.clear()
    world.cycle(5)

    assert f"{RECOVERY}: order {order}" in [subject for subject, _ in world.published]
    assert given_to_oms(world) == []
    check_nothing_left(world, shop, order)


def test_what_was_cancelled_in_part_after_one_line_left_is_not_recovered(
    world: World, shop: Connected, reason: str
) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    tee, *others = world.tiktok.line_ids(order)
    ship(world, shop, order, [tee])
    world.cycle(3)
    world.tiktok.cancel_by_seller(order, lines=others)
    world.cycle(3)

    assert recoveries(world, order) == []
    assert [line.state for line in world.record(shop, order).order.lines] == [
        LineState.SHIPPED,
        LineState.CANCELED,
        LineState.CANCELED,
    ]
    check_over(world, shop, order)

    world.tiktok.cancel_by_platform(order, reason)
    world.cycle(4)
    check_told_to_recover(world, order, reason, TRACKING)
    check_settled(world, shop, order)


def test_a_cancellation_on_the_way_to_the_buyer_is_recovered(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    ship(world, shop, order)
    world.cycle(3)
    world.tiktok.collect(order)
    world.cycle()
    world.tiktok.cancel_by_platform(order, "Package lost")
    world.cycle(3)

    (seen,) = details(world, shop, order, Event.CANCELLATION_SEEN)
    assert (seen["initiator"], seen["reason"]) == ("PLATFORM", "package_lost")
    assert recoveries(world, order) == [TRACKING]
    check_settled(world, shop, order)


def test_a_request_that_is_overtaken_after_a_part_left_recovers_that_part(world: World, shop: Connected) -> None:
    order = everywhere(world, shop, TWO_TEES, MUG)
    tee, *others = world.tiktok.line_ids(order)
    world.tiktok.request_cancel(order, others)
    world.cycle()
    ship(world, shop, order, [tee])
    world.run("poll_oms", shop)
    world.tiktok.cancel_by_platform(order, FRAUD)
    world.cycle(4)

    assert winners(world, shop, order) == ["OVERTAKEN by PLATFORM"]
    check_told_to_recover(world, order, FRAUD, TRACKING)
    assert world.tiktok.books.shipments == []
    check_settled(world, shop, order)
