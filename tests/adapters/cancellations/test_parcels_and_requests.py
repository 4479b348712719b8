"""A parcel meets a buyer's request to cancel (issue 3 points 4 and 8; OP C16, C19): one wins, the same everywhere."""

from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.cancellations import Outcome
from local.simulators.tiktok_shop.doubts import Doubts
from local.simulators.tiktok_shop.errors import RefusalError
from order_sync.domain.timeline import Event
from tests.adapters.cancellations.races import (
    OTHER_TRACKING,
    after_answer,
    answers,
    check_over,
    connected,
    cycle_with,
    details,
    everywhere,
    ship,
    ship_in_channeladvisor,
    ship_in_seller_center,
    winners,
)
from tests.adapters.jobs.scenes import TRACKING, parcels_at_tiktok
from tests.world import MUG, TWO_TEES, World

REGIONS = ["US", "GB"]
SHIP = "/packages"
READ_ORDERS = "/order/202309/orders"


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize(
    ("requested", "reported"),
    [
        pytest.param("poll_tiktok", "poll_tiktok", id="together"),
        pytest.param("poll_tiktok", "poll_oms", id="parcel-after-the-request-is-seen"),
        pytest.param("poll_tiktok", "push_tiktok", id="parcel-seen-a-cycle-after-the-request"),
        pytest.param("push_oms", "poll_tiktok", id="request-before-the-parcel-is-read"),
        pytest.param("poll_channeladvisor", "poll_tiktok", id="request-after-the-parcel-is-read"),
        pytest.param("push_tiktok", "poll_tiktok", id="request-just-before-the-parcel-is-told"),
    ],
)
def test_a_parcel_with_requested_lines_wins_against_the_request(region: str, requested: str, reported: str) -> None:
    world = World()
    shop = connected(world, region)
    order = everywhere(world, shop, TWO_TEES, MUG)
    cycle_with(
        world,
        shop,
        (requested, lambda: world.tiktok.request_cancel(order)),
        (reported, lambda: ship(world, shop, order)),
    )
    world.cycle(3)

    assert winners(world, shop, order) == ["REJECTED by OMS"]
    assert answers(world, shop, order) == ["REJECT by OMS"]
    (end,) = world.tiktok.books.request_ends
    assert end.outcome is (Outcome.REJECTED_BY_SHIPMENT if region == "US" else Outcome.REJECTED)
    assert world.tiktok.books.refused_shipments == []
    check_over(world, shop, order)


@pytest.mark.parametrize("doubts", [Doubts(), Doubts(pending_request_code=21008044), Doubts(business_error_status=400)])
@pytest.mark.parametrize("region", REGIONS)
def test_a_request_that_comes_while_the_parcel_is_told_loses(region: str, doubts: Doubts) -> None:
    world = World(tiktok_doubts=doubts)
    shop = connected(world, region)
    order = everywhere(world, shop, TWO_TEES, MUG)
    ship(world, shop, order)
    world.run("poll_oms", shop)
    after_answer(world, READ_ORDERS, lambda: world.tiktok.request_cancel(order))
    world.run("push_tiktok", shop)
    world.advance(timedelta(minutes=14))
    world.cycle(4)

    refused = [each.code for each in world.tiktok.books.refused_shipments]
    assert refused == ([] if region == "US" else [doubts.pending_request_code])
    # In the US TikTok Shop has rejected it before we saw it: the parcel is the decision.
    assert winners(world, shop, order) == ["REJECTED by OMS"]
    check_over(world, shop, order)


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.SERVER_ERROR])
@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("path", [SHIP, "/reject", "/cancellations/search"])
def test_lost_answers_change_nothing_about_who_wins(region: str, path: str, fault: Fault) -> None:
    world = World()
    shop = connected(world, region)
    order = everywhere(world, shop, TWO_TEES, MUG)
    world.tiktok.request_cancel(order)
    world.run("poll_tiktok", shop)
    ship(world, shop, order)
    world.tiktok.faults.add(fault, path)
    world.cycle(6)

    assert world.tiktok.faults.pending == (1 if (region, path) == ("US", "/reject") else 0)
    assert winners(world, shop, order) == ["REJECTED by OMS"]
    assert len(parcels_at_tiktok(world, order)) == 1
    check_over(world, shop, order)


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize(
    ("requested", "parcel"),
    [
        pytest.param([0], [0], id="exactly-the-requested-line"),
        pytest.param([0], [0, 1, 2], id="the-requested-line-and-others"),
        pytest.param([0, 1, 2], [2], id="one-of-the-requested-lines"),
        pytest.param([0, 1], [1, 2], id="one-requested-and-one-other-line"),
    ],
)
def test_a_parcel_with_some_requested_lines_rejects_the_whole_request(
    region: str, requested: list[int], parcel: list[int]
) -> None:
    world = World()
    shop = connected(world, region)
    order = everywhere(world, shop, TWO_TEES, MUG)
    lines = world.tiktok.line_ids(order)
    world.tiktok.request_cancel(order, [lines[each] for each in requested])
    world.run("poll_tiktok", shop)
    ship(world, shop, order, [lines[each] for each in parcel])
    world.cycle(4)

    assert winners(world, shop, order) == ["REJECTED by OMS"]
    assert parcels_at_tiktok(world, order) == [(TRACKING, tuple(lines[each] for each in parcel))]
    check_over(world, shop, order)


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("meets_other_lines", [True, False])
@pytest.mark.parametrize(
    ("decision", "winner"),
    [("approve", "APPROVED by OMS"), ("reject", "REJECTED by OMS"), (None, "APPROVED by SHOP_RULE")],
)
def test_a_parcel_with_other_lines_waits_for_the_answer(
    region: str, *, meets_other_lines: bool, decision: str | None, winner: str
) -> None:
    world = World(tiktok_doubts=Doubts(request_meets_other_lines=meets_other_lines))
    shop = connected(world, region)
    order = everywhere(world, shop, TWO_TEES, MUG)
    tee, *others = world.tiktok.line_ids(order)
    cancel = world.tiktok.request_cancel(order, [tee])
    world.cycle()
    ship(world, shop, order, others)
    world.cycle(2)
    assert parcels_at_tiktok(world, order) == []
    if decision:
        world.oms.decide(cancel, decision)
    else:
        world.advance(timedelta(hours=24))
    world.cycle(6)

    assert winners(world, shop, order) == [winner]
    assert parcels_at_tiktok(world, order) == [(TRACKING, tuple(others))]
    check_over(world, shop, order)


@pytest.mark.parametrize(
    ("region", "meets_other_lines", "winner"),
    [
        ("US", True, "REJECTED by OMS"),
        ("US", False, "APPROVED by SHOP_RULE"),
        ("GB", True, "APPROVED by SHOP_RULE"),
        ("GB", False, "APPROVED by SHOP_RULE"),
    ],
)
def test_a_parcel_with_other_lines_does_not_wait_beyond_its_own_deadline(
    region: str, *, meets_other_lines: bool, winner: str
) -> None:
    world = World(tiktok_doubts=Doubts(request_meets_other_lines=meets_other_lines))
    shop = connected(world, region)
    order = everywhere(world, shop, TWO_TEES, MUG)
    dispatch_by = world.record(shop, order).dispatch_by
    assert dispatch_by is not None
    world.advance(dispatch_by - timedelta(hours=6) - world.time)
    tee, *others = world.tiktok.line_ids(order)
    world.tiktok.request_cancel(order, [tee])
    world.cycle()
    ship(world, shop, order, others)
    world.cycle()
    assert parcels_at_tiktok(world, order) == []
    world.advance(dispatch_by - timedelta(hours=1) - world.time)
    world.cycle()

    refused = [each.code for each in world.tiktok.books.refused_shipments]
    if region == "GB" and meets_other_lines:
        assert refused == [21011007]
    else:
        assert parcels_at_tiktok(world, order) == [(TRACKING, tuple(others))]
    world.advance(timedelta(hours=24))
    world.cycle(5)
    assert parcels_at_tiktok(world, order) == [(TRACKING, tuple(others))]
    assert winners(world, shop, order) == [winner]
    check_over(world, shop, order)


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_request_for_what_is_left_is_decided_by_itself_after_a_parcel(region: str, decision: str) -> None:
    world = World()
    shop = connected(world, region)
    order = everywhere(world, shop, TWO_TEES, MUG)
    tee, *others = world.tiktok.line_ids(order)
    ship(world, shop, order, [tee])
    world.cycle(2)
    cancel = world.tiktok.request_cancel(order)
    world.cycle()
    world.oms.decide(cancel, decision)
    world.cycle(3)

    assert winners(world, shop, order) == ["APPROVED by OMS" if decision == "approve" else "REJECTED by OMS"]
    assert world.oms.books.cancel_request(cancel).lines == tuple(others)
    check_over(world, shop, order)


@pytest.mark.parametrize("region", REGIONS)
def test_two_parcels_of_a_request_reject_it_once(region: str) -> None:
    world = World()
    shop = connected(world, region)
    order = everywhere(world, shop, TWO_TEES, MUG)
    tee, *others = world.tiktok.line_ids(order)
    world.tiktok.request_cancel(order)
    world.run("poll_tiktok", shop)
    ship(world, shop, order, [tee])
    ship(world, shop, order, others, OTHER_TRACKING)
    world.cycle(4)

    assert winners(world, shop, order) == ["REJECTED by OMS"]
    assert answers(world, shop, order) == ["REJECT by OMS"]
    assert len(parcels_at_tiktok(world, order)) == 2
    check_over(world, shop, order)


@pytest.mark.parametrize("items", [None, {"TEE-BLU-M": 1}])
@pytest.mark.parametrize("region", REGIONS)
def test_a_parcel_by_hand_in_channeladvisor_rejects_the_request_in_the_sellers_name(
    region: str, items: dict[str, int] | None
) -> None:
    world = World()
    shop = connected(world, region)
    order = everywhere(world, shop, TWO_TEES, MUG)
    world.tiktok.request_cancel(order)
    world.cycle()
    ship_in_channeladvisor(world, shop, order, items)
    world.cycle(5)

    assert winners(world, shop, order) == ["REJECTED by SELLER"]
    assert answers(world, shop, order) == ["REJECT by SELLER"]
    check_over(world, shop, order)


@pytest.mark.parametrize("lines", [slice(0, 3), slice(0, 1), slice(1, 3)], ids=["all", "requested", "others"])
@pytest.mark.parametrize("seen", [True, False], ids=["request-seen", "request-not-seen"])
def test_shipping_in_seller_center_rejects_the_request_in_the_us(lines: slice, *, seen: bool) -> None:
    world = World()
    shop = connected(world, "US")
    order = everywhere(world, shop, TWO_TEES, MUG)
    tee, *_ = ids = world.tiktok.line_ids(order)
    world.tiktok.request_cancel(order, [tee])
    if seen:
        world.cycle()
    ship_in_seller_center(world, shop, order, ids[lines])
    world.cycle(4)

    assert winners(world, shop, order) == ["REJECTED by SELLER"]
    check_over(world, shop, order)


def test_elsewhere_seller_center_ships_only_after_a_rejection_there() -> None:
    world = World()
    shop = connected(world, "GB")
    order = everywhere(world, shop, TWO_TEES, MUG)
    cancel = world.tiktok.request_cancel(order)
    world.cycle()
    with pytest.raises(RefusalError):
        ship_in_seller_center(world, shop, order)
    world.tiktok.reject_in_seller_center(cancel, "seller_reject_apply_product_has_been_packed")
    ship_in_seller_center(world, shop, order)
    world.cycle(4)

    assert winners(world, shop, order) == ["REJECTED by SELLER"]
    assert answers(world, shop, order) == []
    check_over(world, shop, order)


def test_where_shipping_does_not_reject_in_the_us_the_rejection_follows_by_call() -> None:
    world = World(tiktok_doubts=Doubts(us_shipment_rejects_request=False))
    shop = connected(world, "US")
    order = everywhere(world, shop, TWO_TEES, MUG)
    cancel = world.tiktok.request_cancel(order)
    world.cycle()
    ship(world, shop, order)
    world.cycle(4)

    (decided,) = world.tiktok.books.decided(cancel)
    assert (decided.decision, decided.by) == ("REJECT", "api")
    assert winners(world, shop, order) == ["REJECTED by OMS"]
    assert details(world, shop, order, Event.CANCEL_ANSWER_UNCONFIRMED) == []
    check_over(world, shop, order)
