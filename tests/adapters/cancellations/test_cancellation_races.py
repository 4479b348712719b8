"""The seller cancels, and the buyer asks to cancel (issue 3 point 8; OP C19): one wins, all three sides agree."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.doubts import Doubts
from order_sync.domain.cancelling.cancellations import SellerCancelState
from order_sync.domain.ids import OrderId
from order_sync.domain.timeline import Event
from tests.adapters.cancellations.races import (
    after_answer,
    answers,
    check_over,
    connected,
    cycle_with,
    details,
    everywhere,
    ship,
    winners,
)
from tests.adapters.jobs.scenes import TRACKING, in_channeladvisor, parcels_at_tiktok
from tests.world import MUG, TWO_TEES, Connected, World

READ_ORDERS = "/order/202309/orders"
ELIGIBILITY = "/aftersale_eligibility"
CANCEL = "/return_refund/202309/cancellations"


def canceled_units(world: World, order: OrderId) -> int:
    return sum(line.state == "cancelled" for line in world.oms.books.order(order).lines)


@pytest.mark.parametrize("requested", [[0, 1, 2], [0]], ids=["same-lines", "subset-of-the-sellers"])
@pytest.mark.parametrize(
    ("asks", "cancels"),
    [
        pytest.param("poll_tiktok", "poll_tiktok", id="both-before-anybody-looks"),
        pytest.param("poll_tiktok", "push_tiktok", id="request-seen-first"),
        pytest.param("push_oms", "poll_tiktok", id="cancellation-seen-first"),
    ],
)
def test_a_sellers_cancellation_of_all_that_is_asked_for_is_the_approval(
    world: World, shop: Connected, order: OrderId, requested: list[int], asks: str, cancels: str
) -> None:
    lines = [world.tiktok.line_ids(order)[each] for each in requested]
    cycle_with(
        world,
        shop,
        (asks, lambda: world.tiktok.request_cancel(order, lines)),
        (cancels, lambda: world.oms.cancel_order(order)),
    )
    world.cycle(5)

    assert winners(world, shop, order) == ["APPROVED by OMS"]
    assert canceled_units(world, order) == 3
    (wish,) = world.record(shop, order).seller_cancellations
    assert wish.state is SellerCancelState.ACCEPTED
    check_over(world, shop, order)


@pytest.mark.parametrize("doubts", [Doubts(), Doubts(business_error_status=400)], ids=["200", "400"])
@pytest.mark.parametrize("path", [READ_ORDERS, ELIGIBILITY])
@pytest.mark.parametrize("whole", [True, False], ids=["same-lines", "another-line"])
def test_a_request_in_the_middle_of_telling_the_cancellation_is_met_first(
    region: str, path: str, doubts: Doubts, *, whole: bool
) -> None:
    world = World(tiktok_doubts=doubts)
    shop = connected(world, region)
    order = everywhere(world, shop, TWO_TEES, MUG)
    tee, *others = world.tiktok.line_ids(order)
    world.oms.cancel_order(order, None if whole else others)
    after_answer(world, path, lambda: world.tiktok.request_cancel(order, None if whole else [tee]))
    world.cycle(3)
    for request in world.oms.books.cancel_requests():
        world.oms.decide(request.id, "approve")
    world.cycle(4)

    assert winners(world, shop, order) == ["APPROVED by OMS"]
    assert canceled_units(world, order) == 3
    assert details(world, shop, order, Event.SELLER_CANCELLATION_REFUSED) == []
    check_over(world, shop, order)


@pytest.mark.parametrize("canceled", [[0], [1, 2]], ids=["part-of-the-request", "other-lines"])
@pytest.mark.parametrize("request_first", [True, False], ids=["request-first", "cancellation-first"])
@pytest.mark.parametrize(
    ("decision", "winner"),
    [("approve", "APPROVED by OMS"), ("reject", "REJECTED by OMS"), ("", "APPROVED by SHOP_RULE")],
)
def test_a_cancellation_of_part_of_the_request_or_of_other_lines_waits_for_its_end(
    world: World,
    shop: Connected,
    order: OrderId,
    canceled: list[int],
    decision: str,
    winner: str,
    *,
    request_first: bool,
) -> None:
    tee, *_ = ids = world.tiktok.line_ids(order)
    requested = ids if canceled == [0] else [tee]
    wished = [ids[each] for each in canceled]

    def both() -> None:
        steps: list[Callable[[], object]] = [
            lambda: world.tiktok.request_cancel(order, requested),
            lambda: world.oms.cancel_order(order, wished),
        ]
        for step in steps if request_first else reversed(steps):
            step()
            world.run("poll_tiktok", shop)
            if request_first:
                world.run("poll_oms", shop)

    both()
    world.cycle(3)
    (request,) = world.oms.books.cancel_requests()
    if decision:
        world.oms.decide(request.id, decision)
    else:
        world.advance(timedelta(hours=24))
    world.cycle(5)

    assert winners(world, shop, order) == [winner]
    (wish,) = world.record(shop, order).seller_cancellations
    assert wish.state is SellerCancelState.ACCEPTED
    assert canceled_units(world, order) == len(set(wished) | set(() if decision == "reject" else requested))
    check_over(world, shop, order)


def test_a_request_for_what_a_cancellation_left_is_decided_by_itself(
    world: World, shop: Connected, order: OrderId
) -> None:
    tee, *others = world.tiktok.line_ids(order)
    world.oms.cancel_order(order, [tee])
    world.run("poll_oms", shop)
    cancel = world.tiktok.request_cancel(order, others)
    world.cycle(2)
    world.oms.decide(cancel, "reject")
    world.cycle(3)

    assert winners(world, shop, order) == ["REJECTED by OMS"]
    assert canceled_units(world, order) == 1
    check_over(world, shop, order)


@pytest.mark.parametrize("seen", [True, False], ids=["request-seen", "request-not-seen"])
def test_cancelling_in_seller_center_overtakes_the_request(
    world: World, shop: Connected, order: OrderId, *, seen: bool
) -> None:
    world.tiktok.request_cancel(order)
    if seen:
        world.cycle()
    world.tiktok.cancel_by_seller(order)
    world.cycle(4)

    assert winners(world, shop, order) == ["OVERTAKEN by SELLER"]
    assert [each["initiator"] for each in details(world, shop, order, Event.CANCELED)] == ["SELLER"]
    check_over(world, shop, order)


@pytest.mark.parametrize("units", [None, {"MUG-RED": 1}], ids=["whole", "one-unit"])
@pytest.mark.parametrize("request_first", [True, False], ids=["request-first", "cancellation-first"])
def test_cancelling_by_hand_in_channeladvisor_approves_the_request_in_the_sellers_name(
    world: World, shop: Connected, order: OrderId, units: dict[str, int] | None, *, request_first: bool
) -> None:
    *_, mug = world.tiktok.line_ids(order)
    world.tiktok.request_cancel(order, [mug] if units else None)
    if request_first:
        world.cycle()
    if units:
        world.channeladvisor.cancel_units_by_hand(in_channeladvisor(world, order), units)
    else:
        world.channeladvisor.cancel_by_hand(in_channeladvisor(world, order))
    if not request_first:
        world.run("poll_channeladvisor", shop)
    world.cycle(4)

    assert winners(world, shop, order) == ["APPROVED by SELLER"]
    assert canceled_units(world, order) == (1 if units else 3)
    assert len(world.channeladvisor.books.adjustments(in_channeladvisor(world, order))) == 1
    check_over(world, shop, order)


def test_a_rejection_that_was_committed_does_not_flip_when_the_seller_cancels(
    world: World, shop: Connected, order: OrderId
) -> None:
    cancel = world.tiktok.request_cancel(order)
    world.cycle()
    world.tiktok.faults.add(Fault.UNAVAILABLE, "/reject", times=None)
    world.tiktok.faults.add(Fault.UNAVAILABLE, "/decision_eligibility", times=None)
    world.oms.decide(cancel, "reject")
    world.cycle()
    world.oms.cancel_order(order)
    world.cycle()
    world.tiktok.faults.clear()
    world.cycle(8)

    assert winners(world, shop, order) == ["REJECTED by OMS"]
    assert answers(world, shop, order) == ["REJECT by OMS"]
    # The seller's later wish is carried out by itself, after the rejection.
    assert canceled_units(world, order) == 3
    check_over(world, shop, order)


@pytest.mark.parametrize("cancel_first", [True, False], ids=["cancellation-first", "parcel-first"])
def test_a_parcel_beats_a_cancellation_and_a_request_that_tiktok_was_not_told_of(
    world: World, shop: Connected, order: OrderId, *, cancel_first: bool
) -> None:
    world.tiktok.request_cancel(order, [world.tiktok.line_ids(order)[0]])
    world.run("poll_tiktok", shop)
    if cancel_first:
        world.tiktok.faults.add(Fault.UNAVAILABLE, CANCEL, method="POST", times=None)
    ship(world, shop, order)
    world.oms.cancel_order(order)
    world.cycle()
    world.tiktok.faults.clear()
    world.cycle(6)

    assert winners(world, shop, order) == ["REJECTED by OMS"]
    (wish,) = world.record(shop, order).seller_cancellations
    assert wish.state is SellerCancelState.REFUSED
    assert [tracking for tracking, _ in parcels_at_tiktok(world, order)] == [TRACKING]
    check_over(world, shop, order)


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.SERVER_ERROR])
@pytest.mark.parametrize("path", ["/approve", CANCEL])
def test_lost_answers_change_nothing_about_the_sellers_approval(
    world: World, shop: Connected, order: OrderId, path: str, fault: Fault
) -> None:
    world.tiktok.request_cancel(order, [world.tiktok.line_ids(order)[0]])
    world.cycle()
    world.oms.cancel_order(order)
    world.tiktok.faults.add(fault, path)
    world.cycle(6)

    assert winners(world, shop, order) == ["APPROVED by OMS"]
    assert canceled_units(world, order) == 3
    assert len(world.tiktok.cancellations_of(order)) == 2
    check_over(world, shop, order)
