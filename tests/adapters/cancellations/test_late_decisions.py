"""A decision about a request that is decided already, or over (issue 3 point 8): the first one holds, and is told."""

from datetime import timedelta

import pytest

from local.simulators.tiktok_shop.doubts import Doubts
from order_sync.domain.cancelling.cancellations import Outcome
from order_sync.domain.ids import OrderId
from order_sync.domain.timeline import Event
from tests.adapters.cancellations.races import (
    after_oms_answer,
    answers,
    check_over,
    connected,
    details,
    everywhere,
    ship,
    told_problems,
    winners,
)
from tests.world import MUG, TWO_TEES, Connected, World

PACKED = {
    "US": "ecom_reverse_reject_cancel_reason_product_packed",
    "GB": "seller_reject_apply_product_has_been_packed",
}


@pytest.fixture
def world(region: str) -> World:
    """One region with the usual codes, the other with those that the sheet holds possible too."""
    other = Doubts(business_error_status=400, approved_again_code=25020003, rejected_again_code=25020003)
    return World(tiktok_doubts=Doubts() if region == "US" else other)


def decide_in_seller_center(world: World, region: str, cancel: str, decision: str) -> None:
    if decision == "approve":
        world.tiktok.approve_in_seller_center(cancel)
    else:
        world.tiktok.reject_in_seller_center(cancel, PACKED[region])


SHOWN_AS_WITHDRAWN = "WITHDRAWN by BUYER"
"""TikTok Shop shows a rejection by hand as it shows a withdrawal (TT 4.2); only a parcel tells them apart."""


@pytest.mark.parametrize("by_hand", ["approve", "reject"])
@pytest.mark.parametrize("decision", ["approve", "reject"])
@pytest.mark.parametrize("seen", [True, False], ids=["seen-first", "not-seen"])
def test_what_seller_center_decided_first_holds_against_the_oms(
    world: World, shop: Connected, order: OrderId, region: str, by_hand: str, decision: str, *, seen: bool
) -> None:
    cancel = world.tiktok.request_cancel(order)
    world.cycle()
    decide_in_seller_center(world, region, cancel, by_hand)
    if seen:
        world.run("poll_tiktok", shop)
    world.oms.decide(cancel, decision)
    world.run("poll_oms", shop)
    world.advance(timedelta(minutes=10))
    world.cycle(4)

    approved = "APPROVED by OMS" if not seen and decision == "approve" else "APPROVED by SELLER"
    assert winners(world, shop, order) == [approved if by_hand == "approve" else SHOWN_AS_WITHDRAWN]
    assert told_problems(world, cancel) == (["cancel-request-closed"] if seen else [])
    (closed,) = details(world, shop, order, Event.CANCEL_REQUEST_CLOSED)
    assert closed.get("overruled", "") == (
        "REJECT" if not seen and (by_hand, decision) == ("approve", "reject") else ""
    )
    check_over(world, shop, order)


@pytest.mark.parametrize("by_hand", ["approve", "reject"])
@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_what_seller_center_decides_while_the_answer_is_told_holds(
    world: World, shop: Connected, order: OrderId, region: str, by_hand: str, decision: str
) -> None:
    cancel = world.tiktok.request_cancel(order)
    world.cycle()
    world.oms.decide(cancel, decision)
    after_oms_answer(
        world, "/cancel-request-decisions", lambda: decide_in_seller_center(world, region, cancel, by_hand)
    )
    world.cycle(4)

    approved = "APPROVED by OMS" if decision == "approve" else "APPROVED by SELLER"
    assert winners(world, shop, order) == [approved if by_hand == "approve" else SHOWN_AS_WITHDRAWN]
    assert len(world.tiktok.books.decided(cancel)) == 1
    check_over(world, shop, order)


@pytest.mark.parametrize("decision", ["approve", "reject"])
@pytest.mark.parametrize("doubts", [Doubts(), Doubts(approved_again_code=25020003)], ids=["25011012", "25020003"])
@pytest.mark.parametrize("seen", [True, False], ids=["seen-first", "not-seen"])
def test_tiktoks_approval_after_an_hour_holds_against_a_later_decision(
    decision: str, doubts: Doubts, *, seen: bool
) -> None:
    world = World(tiktok_doubts=doubts)
    shop = connected(world, "US", cancellations={"without_answer": "leave_to_tiktok"})
    world.tiktok.set_automatic_approval(shop.simulated, 1)
    order = everywhere(world, shop, TWO_TEES, MUG)
    cancel = world.tiktok.request_cancel(order)
    world.cycle()
    world.advance(timedelta(minutes=50))
    if seen:
        world.run("poll_tiktok", shop)
    world.oms.decide(cancel, decision)
    world.run("poll_oms", shop)
    world.advance(timedelta(minutes=10))
    world.cycle(4)

    assert winners(world, shop, order) == ["APPROVED_AUTOMATICALLY by PLATFORM"]
    assert world.tiktok.books.decided(cancel) == []
    assert told_problems(world, cancel) == ["cancel-request-closed"]
    check_over(world, shop, order)


@pytest.mark.parametrize("decision", ["approve", "reject"])
@pytest.mark.parametrize("asked", [True, False], ids=["oms-was-asked", "oms-was-not-asked"])
def test_a_withdrawn_request_is_over_whoever_was_asked(
    world: World, shop: Connected, order: OrderId, decision: str, *, asked: bool
) -> None:
    cancel = world.tiktok.request_cancel(order)
    world.run("poll_tiktok", shop)
    if asked:
        world.run("push_oms", shop)
    world.tiktok.withdraw_cancel_request(order)
    world.cycle(2)
    requests = world.oms.books.cancel_requests()
    assert [each.id for each in requests] == ([cancel] if asked else [])
    if asked:
        world.oms.decide(cancel, decision)
    ship(world, shop, order)
    world.cycle(4)

    assert winners(world, shop, order) == ["WITHDRAWN by BUYER"]
    assert answers(world, shop, order) == []
    assert told_problems(world, cancel) == (["cancel-request-closed"] if asked else [])
    check_over(world, shop, order)


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_request_withdrawn_while_the_answer_is_told_stays_withdrawn(
    world: World, shop: Connected, order: OrderId, decision: str
) -> None:
    cancel = world.tiktok.request_cancel(order)
    world.cycle()
    world.oms.decide(cancel, decision)
    after_oms_answer(world, "/cancel-request-decisions", lambda: world.tiktok.withdraw_cancel_request(order))
    world.cycle(4)

    assert winners(world, shop, order) == ["WITHDRAWN by BUYER"]
    assert world.tiktok.books.decided(cancel) == []
    check_over(world, shop, order)


@pytest.mark.parametrize("decision", ["approve", "reject", ""])
@pytest.mark.parametrize("reason", ["Potential fraud", "Shipping timed out"])
def test_what_the_platform_cancels_meanwhile_overtakes_the_request(
    world: World, shop: Connected, order: OrderId, decision: str, reason: str
) -> None:
    cancel = world.tiktok.request_cancel(order)
    world.cycle()
    world.tiktok.cancel_by_platform(order, reason)
    if decision:
        world.oms.decide(cancel, decision)
        world.run("poll_oms", shop)
    world.cycle(5)

    assert winners(world, shop, order) == ["OVERTAKEN by PLATFORM"]
    assert [each["initiator"] for each in details(world, shop, order, Event.CANCELED)] == ["SYSTEM"]
    assert world.record(shop, order).cancellations[0].outcome is Outcome.OVERTAKEN
    check_over(world, shop, order)
