"""A refund that the OMS starts: TikTok Shop makes it once, and it is verified on the next poll."""

import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.return_records import ReturnStatus
from order_sync.domain.ids import OrderId
from order_sync.domain.returning.returns import SellerRefundState
from tests.adapters.cancellations.races import connected
from tests.adapters.returns.return_checks import check_agreed
from tests.adapters.returns.return_scenes import (
    CREATE,
    HOUR,
    RETURNS,
    a_shipped_order,
    an_asked_return,
    arrive,
    ask,
    at_oms,
    at_tiktok,
    booked,
    decisions,
    details,
    issued,
    line_ids,
    outcome,
    until,
    wish,
)
from tests.world import Connected, World

RETURNS_POST = "/202602/returns"


def attempts(world: World, order: OrderId) -> list[int]:
    """TikTok's answers to our attempts to refund the order; 0 is a yes."""
    tried = [each for each in world.tiktok.books.seller_returns if (each.order_id, each.by) == (order, "api")]
    return [each.code for each in tried if not each.replayed]


@pytest.mark.parametrize("has_arrived", [True, False])
@pytest.mark.parametrize("units", [None, [0], [0, 2]])
def test_a_refund_of_the_oms_s_is_made_once_by_tiktok_and_booked_everywhere(
    world: World, shop: Connected, units: list[int] | None, *, has_arrived: bool
) -> None:
    order = a_shipped_order(world, shop)
    if has_arrived:
        arrive(world, order)
        world.cycle()
    ids = line_ids(world, order)
    refund = world.oms.refund(shop.id, order, None if units is None else [ids[unit] for unit in units])
    world.run("poll_oms", shop)
    assert attempts(world, order) == [0]
    assert outcome(world, refund) is None
    world.cycle(7)
    (made,) = issued(world, order)
    assert sorted(made.line_ids) == sorted(ids if units is None else [ids[unit] for unit in units])
    assert outcome(world, refund) == {"outcome": "accepted", "return_id": made.return_id}
    assert wish(world, shop, order).state is SellerRefundState.ACCEPTED
    assert attempts(world, order) == [0]
    events = world.events(shop, order)
    for event in ("SELLER_REFUND_REPORTED", "REFUND_CONFIRMED", "SELLER_REFUND_ACCEPTED"):
        assert events.count(event) == 1
    assert details(world, shop, order, "RETURN_REQUESTED")[0]["initiator"] == "SELLER"
    check_agreed(world, shop, order)


@pytest.mark.parametrize("amount", ["0.01", "5.00", "20.00"])
def test_some_of_the_money_of_one_unit_goes_back(world: World, shop: Connected, amount: str) -> None:
    order = a_shipped_order(world, shop)
    refund = world.oms.refund(shop.id, order, line_ids(world, order)[:1], amount)
    world.cycle(7)
    assert f"{issued(world, order)[0].refund.total:.2f}" == amount
    assert sum(each.total for each in booked(world, order)) == issued(world, order)[0].refund.total
    told = outcome(world, refund)
    assert told is not None
    assert told["outcome"] == "accepted"
    check_agreed(world, shop, order)


def test_the_reason_is_the_oms_s_else_the_shop_s_else_tiktok_s_first(region: str) -> None:
    world = World()
    named = "seller_shipped_refund_package_delivery_failed" if region == "US" else "seller_package_lost_uk"
    shop = connected(world, region, returns={"refund_reason": named})
    order = a_shipped_order(world, shop)
    ids = line_ids(world, order)
    other = (
        "seller_shipped_refund_miss_estimated_delivery_date"
        if region == "US"
        else "ecom_order_shipped_refund_reason_not_arrive_on_time_seller_uk"
    )
    world.oms.refund(shop.id, order, ids[:1], reason=other)
    world.oms.refund(shop.id, order, ids[1:2])
    world.run("poll_oms", shop)
    world.reconnect(shop, returns={"refund_reason": ""})
    world.oms.refund(shop.id, order, ids[2:])
    world.cycle(7)
    reasons = [each.reason for each in world.tiktok.books.seller_returns]
    first = "seller_shipped_refund_package_lost" if region == "US" else "seller_package_lost_uk"
    assert reasons == [other, named, first]
    check_agreed(world, shop, order)


@pytest.mark.parametrize(
    "fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.TRUNCATED_JSON, Fault.HTML, Fault.SERVER_ERROR]
)
def test_a_lost_answer_refunds_nothing_twice_and_the_oms_hears_that_it_worked(
    world: World, shop: Connected, fault: Fault
) -> None:
    order = a_shipped_order(world, shop)
    refund = world.oms.refund(shop.id, order)
    world.tiktok.faults.add(fault, RETURNS_POST, method="POST")
    world.run("poll_oms", shop)
    world.cycle(8)
    assert len(issued(world, order)) == 1
    told = outcome(world, refund)
    assert told is not None
    assert told["outcome"] == "accepted"
    check_agreed(world, shop, order)


def test_a_refund_waits_for_a_tiktok_that_is_away_and_is_made_once(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop)
    refund = world.oms.refund(shop.id, order)
    world.tiktok.faults.add(Fault.UNREACHABLE, times=None)
    world.cycle(8)
    world.tiktok.faults.clear()
    world.advance(HOUR)
    world.cycle(8)
    assert attempts(world, order) == [0]
    told = outcome(world, refund)
    assert told is not None
    assert told["outcome"] == "accepted"
    check_agreed(world, shop, order)


def test_a_refund_whose_return_no_poll_has_brought_is_looked_at_before_it_counts_as_late(
    world: World, shop: Connected
) -> None:
    order = a_shipped_order(world, shop)
    world.oms.refund(shop.id, order)
    world.tiktok.faults.add(Fault.UNAVAILABLE, RETURNS, times=None)
    world.run("poll_oms", shop)
    world.tiktok.faults.clear()
    started = wish(world, shop, order)
    assert started.return_id is not None
    assert started.confirm_by is not None
    assert world.record(shop, order).returns == ()
    until(world, started.confirm_by)
    world.run("settle_requests", shop)
    assert wish(world, shop, order).state is SellerRefundState.ACCEPTED
    assert "SELLER_REFUND_UNCONFIRMED" not in world.events(shop, order)


def test_a_refund_that_the_list_shows_again_is_made_once(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop)
    refund = world.oms.refund(shop.id, order)
    world.cycle()
    world.oms.repeat_refund(refund)
    world.cycle(7)
    assert attempts(world, order) == [0]
    check_agreed(world, shop, order)


def test_a_refund_of_what_the_buyer_asks_for_answers_the_buyer(world: World, shop: Connected) -> None:
    order, return_id = an_asked_return(world, shop)
    refund = world.oms.refund(shop.id, order)
    world.cycle(7)
    assert [(word, by) for word, by, _ in decisions(world, return_id)] == [("APPROVE_REFUND", "api")]
    assert attempts(world, order) == []
    assert outcome(world, refund) == {"outcome": "accepted", "return_id": return_id}
    check_agreed(world, shop, order)


def test_a_buyer_s_request_that_comes_to_light_before_the_refund_is_told_is_answered_instead(
    world: World, shop: Connected
) -> None:
    order = a_shipped_order(world, shop)
    return_id = ask(world, order)
    refund = world.oms.refund(shop.id, order)
    world.tiktok.faults.add(Fault.UNAVAILABLE, "/aftersale_eligibility", times=9)
    world.cycle(2)
    world.tiktok.faults.clear()
    world.cycle(8)
    assert at_tiktok(world, return_id).status is ReturnStatus.COMPLETE
    told = outcome(world, refund)
    assert told is not None
    assert told["outcome"] == "accepted"
    check_agreed(world, shop, order)


def test_a_buyer_s_request_that_nobody_has_seen_yet_is_granted_instead_of_refused(
    world: World, shop: Connected
) -> None:
    order = a_shipped_order(world, shop)
    return_id = ask(world, order)
    refund = world.oms.refund(shop.id, order)
    world.run("poll_oms", shop)
    world.cycle(8)
    assert at_tiktok(world, return_id).status is ReturnStatus.COMPLETE
    assert outcome(world, refund) == {"outcome": "accepted", "return_id": return_id}
    check_agreed(world, shop, order)


def test_an_oms_that_is_away_hears_what_became_of_its_refund_when_it_is_back(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop)
    refund = world.oms.refund(shop.id, order)
    world.run("poll_oms", shop)
    world.oms.faults.add(Fault.UNAVAILABLE, times=None)
    world.cycle(8)
    assert issued(world, order)
    world.oms.faults.clear()
    world.advance(HOUR)
    world.cycle(4)
    told = outcome(world, refund)
    assert told is not None
    assert told["outcome"] == "accepted"
    assert at_oms(world, str(told["return_id"])).state == "refunded"
    check_agreed(world, shop, order)


def test_the_request_names_the_lines_and_a_key_of_its_own(world: World, shop: Connected) -> None:
    order = a_shipped_order(world, shop)
    refund = world.oms.refund(shop.id, order)
    world.run("poll_oms", shop)
    (made,) = world.tiktok.books.seller_returns
    assert (made.idempotency_key, made.amount) == (f"order-sync-refund-oms-{refund}", None)
    assert sorted(made.line_ids) == sorted(line_ids(world, order))
    assert world.tiktok.books.count(CREATE) == 1
