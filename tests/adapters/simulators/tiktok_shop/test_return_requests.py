"""What buyers may ask to be returned, and how a return goes on without the API."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from local.simulators.tiktok_shop import (
    Doubts,
    IllegalStepError,
    LineSpec,
    ReturnQuestion,
    ReturnStatus,
    ReturnType,
    TikTokShopSimulator,
)
from tests.adapters.simulators.tiktok_shop.return_caller import NO_CHANGE_OF_MIND, ship_and_deliver, shown
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller, Clock

GOODS = ReturnType.RETURN_AND_REFUND


def test_a_refund_that_nobody_answers_is_granted_after_24_hours_and_arrives_later(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, delivered_order: str
) -> None:
    return_id = simulator.buyer_requests_return(delivered_order)
    asked_at = clock.now
    (action,) = shown(caller, return_id)["seller_next_action_response"]
    assert action == {"action": "SELLER_RESPOND_REFUND", "deadline": clock.seconds + 86400}
    clock.pass_time(hours=24, seconds=-1)
    assert shown(caller, return_id)["return_status"] == "RETURN_OR_REFUND_REQUEST_PENDING"
    clock.pass_time(seconds=1)
    granted = shown(caller, return_id)
    assert (granted["return_status"], granted["update_time"]) == ("RETURN_OR_REFUND_REQUEST_SUCCESS", clock.seconds)
    assert "seller_next_action_response" not in granted
    clock.pass_time(minutes=29)
    assert simulator.refunds_issued() == []
    clock.pass_time(minutes=1)
    assert shown(caller, return_id)["return_status"] == "RETURN_OR_REFUND_REQUEST_COMPLETE"
    (refund,) = simulator.refunds_issued(delivered_order)
    assert (refund.return_id, refund.decided_by, refund.decided_at) == (
        return_id,
        "tiktok",
        asked_at + timedelta(hours=24),
    )
    (decision,) = simulator.books.return_decisions_by_tiktok
    assert (decision.return_id, decision.decision, decision.time_left) == (return_id, "APPROVE_REFUND", timedelta(0))


def test_an_order_s_first_request_to_return_goods_is_granted_by_tiktok(
    simulator: TikTokShopSimulator, delivered_order: str
) -> None:
    one, two, _ = simulator.line_ids(delivered_order)
    first = simulator.buyer_requests_return(delivered_order, GOODS, [one])
    second = simulator.buyer_requests_return(delivered_order, GOODS, [two])
    assert simulator.return_record(first).status is ReturnStatus.AWAITING_BUYER_SHIP
    assert simulator.return_record(first).decided_by == "tiktok"
    assert simulator.return_record(second).status is ReturnStatus.PENDING


def test_that_tiktok_grants_the_first_request_is_a_doubt(
    doubtful: Callable[[Doubts], tuple[TikTokShopSimulator, Caller]],
) -> None:
    simulator, caller = doubtful(Doubts(first_return_is_approved=False))
    order_id = simulator.place_order(caller.shop, [LineSpec("TEE", "20.00")], hold=False)
    ship_and_deliver(simulator, order_id)
    return_id = simulator.buyer_requests_return(order_id, GOODS)
    assert simulator.return_record(return_id).question is ReturnQuestion.RETURN


@pytest.mark.parametrize("kind", list(ReturnType))
def test_a_withdrawn_return_is_closed_and_its_units_are_free(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, delivered_order: str, kind: ReturnType
) -> None:
    return_id = simulator.buyer_requests_return(delivered_order, kind, approved_by_tiktok=False)
    with pytest.raises(IllegalStepError):
        simulator.buyer_requests_return(delivered_order, kind, simulator.line_ids(delivered_order))
    clock.pass_time(minutes=1)
    simulator.buyer_withdraws_return(return_id)
    found = shown(caller, return_id)
    assert (found["return_status"].rpartition("_")[2], found["update_time"]) == ("CANCEL", clock.seconds)
    clock.pass_time(days=60)
    assert simulator.returns_of(delivered_order)[0].updated_at == clock.now - timedelta(days=60)
    assert simulator.buyer_requests_return(delivered_order, kind)


@pytest.mark.parametrize("kind", list(ReturnType))
def test_only_what_has_shipped_can_be_returned(
    simulator: TikTokShopSimulator, ready_order: str, kind: ReturnType
) -> None:
    shipped, waiting, _ = simulator.line_ids(ready_order)
    with pytest.raises(IllegalStepError):
        simulator.buyer_requests_return(ready_order, kind)
    simulator.ship_in_seller_center(ready_order, "9400110898825022579493", "USPS", [shipped])
    with pytest.raises(IllegalStepError):
        simulator.buyer_requests_return(ready_order, kind, [waiting])
    return_id = simulator.buyer_requests_return(ready_order, kind)
    assert simulator.return_record(return_id).line_ids == (shipped,)


@pytest.mark.parametrize("kind", list(ReturnType))
def test_nothing_is_returned_of_a_completed_or_cancelled_order(
    simulator: TikTokShopSimulator, caller: Caller, delivered_order: str, kind: ReturnType
) -> None:
    simulator.complete(delivered_order)
    cancelled = simulator.place_order(caller.shop, [LineSpec("TEE", "20.00")], hold=False)
    simulator.cancel_by_seller(cancelled)
    for order_id in (delivered_order, cancelled):
        with pytest.raises(IllegalStepError):
            simulator.buyer_requests_return(order_id, kind, simulator.line_ids(order_id))


def test_what_was_refunded_cannot_be_returned(simulator: TikTokShopSimulator, clock: Clock, ready_order: str) -> None:
    one, *_ = simulator.line_ids(ready_order)
    ship_and_deliver(simulator, ready_order)
    simulator.approve_return_in_seller_center(simulator.buyer_requests_return(ready_order, lines=[one]))
    clock.pass_time(days=1)
    for kind in ReturnType:
        with pytest.raises(IllegalStepError):
            simulator.buyer_requests_return(ready_order, kind, [one])
    assert one not in simulator.return_record(simulator.buyer_requests_return(ready_order)).line_ids


def test_a_rejected_return_may_be_asked_for_again(simulator: TikTokShopSimulator, delivered_order: str) -> None:
    return_id = simulator.buyer_requests_return(delivered_order, GOODS, approved_by_tiktok=False)
    simulator.reject_return_in_seller_center(return_id, NO_CHANGE_OF_MIND)
    assert simulator.return_record(return_id).status is ReturnStatus.REJECT
    assert simulator.buyer_requests_return(delivered_order, GOODS)


def test_a_return_that_is_changed_is_followed_by_another(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, delivered_order: str
) -> None:
    old = simulator.buyer_requests_return(delivered_order)
    clock.pass_time(minutes=1)
    new = simulator.buyer_requests_return(delivered_order, GOODS, follows=old)
    assert (shown(caller, old)["next_return_id"], shown(caller, new)["pre_return_id"]) == (new, old)
    assert shown(caller, old)["return_status"] == "RETURN_OR_REFUND_REQUEST_CANCEL"
    assert shown(caller, old)["update_time"] == clock.seconds
    other = simulator.place_order(caller.shop, [LineSpec("TEE", "20.00")], hold=False)
    ship_and_deliver(simulator, other)
    with pytest.raises(IllegalStepError):
        simulator.buyer_requests_return(other, follows=new)


def test_reasons_are_those_of_the_region_the_kind_and_what_has_arrived(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    simulator.ship_in_seller_center(ready_order, "9400110898825022579493", "USPS")
    on_its_way = simulator.buyer_requests_return(ready_order)
    assert shown(caller, on_its_way)["return_reason"] == "ecom_order_shipped_refund_reason_not_arrive_on_time"
    simulator.buyer_withdraws_return(on_its_way)
    simulator.collect(ready_order)
    simulator.deliver(ready_order)
    damaged = simulator.buyer_requests_return(ready_order, reason="ecom_order_delivered_refund_reason_damaged")
    assert shown(caller, damaged)["return_reason_text"] == "Package or product is damaged"
    simulator.buyer_withdraws_return(damaged)
    for wrong in (
        "ecom_order_delivered_refund_reason_damaged_uk",
        "ecom_order_shipped_refund_reason_not_arrive_on_time",
    ):
        with pytest.raises(IllegalStepError):
            simulator.buyer_requests_return(ready_order, reason=wrong)
    own_words = simulator.buyer_requests_return(ready_order, GOODS, reason="It does not fit me")
    found = shown(caller, own_words)
    assert found["return_reason"].startswith("ecom_order_delivered_refund_and_return_reason_")
    assert found["return_reason_text"] == "It does not fit me"
