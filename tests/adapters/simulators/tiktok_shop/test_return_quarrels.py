"""Arbitration, and returns beside cancellations."""

import pytest

from local.simulators.tiktok_shop import (
    Arbitration,
    CancelStatus,
    IllegalStepError,
    ReturnQuestion,
    ReturnStatus,
    ReturnType,
    Status,
    TikTokShopSimulator,
)
from tests.adapters.simulators.tiktok_shop.cancel_caller import cancel_code
from tests.adapters.simulators.tiktok_shop.return_caller import (
    NO_CHANGE_OF_MIND,
    NOT_CLEAR,
    USED,
    approve,
    reject,
    shown,
)
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller, Clock

GOODS, NEW = ReturnType.RETURN_AND_REFUND, ReturnType.REPLACEMENT


def rejected(simulator: TikTokShopSimulator, order_id: str, kind: ReturnType, *, goods_are_back: bool = False) -> str:
    """A return that the seller has rejected, on request or after inspection."""
    return_id = simulator.buyer_requests_return(order_id, kind, approved_by_tiktok=goods_are_back)
    if goods_are_back:
        simulator.buyer_ships_return(return_id, "BACK-1")
        simulator.reject_return_in_seller_center(return_id, USED)
    else:
        reason = NOT_CLEAR if kind is ReturnType.REFUND else NO_CHANGE_OF_MIND
        simulator.reject_return_in_seller_center(return_id, reason)
    return return_id


@pytest.mark.parametrize(
    ("kind", "goods_are_back", "status", "refunded"),
    [
        (ReturnType.REFUND, False, ReturnStatus.COMPLETE, True),
        (GOODS, False, ReturnStatus.AWAITING_BUYER_SHIP, False),
        (GOODS, True, ReturnStatus.COMPLETE, True),
        (NEW, False, ReturnStatus.REPLACEMENT_REFUNDED, True),
    ],
)
def test_an_arbitration_for_the_buyer_overrules_the_rejection(
    simulator: TikTokShopSimulator,
    caller: Caller,
    clock: Clock,
    delivered_order: str,
    kind: ReturnType,
    *,
    goods_are_back: bool,
    status: ReturnStatus,
    refunded: bool,
) -> None:
    return_id = rejected(simulator, delivered_order, kind, goods_are_back=goods_are_back)
    before = simulator.return_record(return_id).status
    clock.pass_time(minutes=1)
    simulator.buyer_escalates(return_id)
    found = shown(caller, return_id)
    assert (found["arbitration_status"], found["update_time"]) == ("IN_PROGRESS", clock.seconds)
    assert found["return_status"] == before
    assert "seller_next_action_response" not in found
    simulator.tiktok_decides_arbitration(return_id, for_buyer=True)
    clock.pass_time(hours=1)
    after = simulator.return_record(return_id)
    assert (after.status, after.arbitration) == (status, Arbitration.SUPPORT_BUYER)
    assert [each.decided_by for each in simulator.refunds_issued()] == (["tiktok"] if refunded else [])


def test_an_arbitration_for_the_seller_leaves_the_rejection(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, delivered_order: str
) -> None:
    return_id = rejected(simulator, delivered_order, ReturnType.REFUND)
    simulator.buyer_escalates(return_id)
    with pytest.raises(IllegalStepError):
        simulator.buyer_requests_return(delivered_order, lines=simulator.line_ids(delivered_order))
    simulator.tiktok_decides_arbitration(return_id, for_buyer=False)
    clock.pass_time(days=6)
    found = shown(caller, return_id)
    assert (found["return_status"], found["arbitration_status"]) == (
        "REFUND_OR_RETURN_REQUEST_REJECT",
        "SUPPORT_SELLER",
    )
    assert simulator.refunds_issued() == []
    with pytest.raises(IllegalStepError):
        simulator.buyer_escalates(return_id)


def test_only_what_was_rejected_goes_to_arbitration_and_a_buyer_may_give_in(
    simulator: TikTokShopSimulator, delivered_order: str
) -> None:
    asked = simulator.buyer_requests_return(delivered_order)
    with pytest.raises(IllegalStepError):
        simulator.buyer_escalates(asked)
    with pytest.raises(IllegalStepError):
        simulator.tiktok_decides_arbitration(asked, for_buyer=True)
    simulator.reject_return_in_seller_center(asked, NOT_CLEAR)
    simulator.buyer_escalates(asked)
    simulator.buyer_withdraws_return(asked)
    found = simulator.return_record(asked)
    assert (found.status, found.arbitration) == (ReturnStatus.CANCEL, Arbitration.CLOSED)


def test_a_rejection_whose_units_are_returned_anew_cannot_go_to_arbitration(
    simulator: TikTokShopSimulator, delivered_order: str
) -> None:
    return_id = rejected(simulator, delivered_order, ReturnType.REFUND)
    simulator.buyer_requests_return(delivered_order, GOODS, follows=return_id)
    with pytest.raises(IllegalStepError):
        simulator.buyer_escalates(return_id)


def test_a_return_and_a_cancel_request_of_one_order_go_their_own_ways(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, ready_order: str
) -> None:
    shipped, waiting, other = simulator.line_ids(ready_order)
    simulator.ship_in_seller_center(ready_order, "9400110898825022579493", "USPS", [shipped])
    cancel_id = simulator.request_cancel(ready_order, [waiting])
    return_id = simulator.buyer_requests_return(ready_order)
    assert simulator.return_record(return_id).line_ids == (shipped,)
    assert reject(caller, return_id, "REJECT_REFUND", NOT_CLEAR) == 0
    clock.pass_time(hours=24)
    assert simulator.cancellation(cancel_id).status is CancelStatus.SUCCESS
    assert caller.ship_code(ready_order, order_line_item_ids=[other], tracking_number="9400110898825022579509") == 0


def test_what_is_being_returned_or_was_refunded_is_not_cancelled(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, ready_order: str
) -> None:
    one, *_ = simulator.line_ids(ready_order)
    simulator.ship_in_seller_center(ready_order, "9400110898825022579493", "USPS")
    return_id = simulator.buyer_requests_return(ready_order, lines=[one])
    assert cancel_code(caller, ready_order) == 25001011
    with pytest.raises(IllegalStepError):
        simulator.cancel_by_seller(ready_order)
    simulator.approve_return_in_seller_center(return_id)
    clock.pass_time(hours=1)
    assert cancel_code(caller, ready_order) == 25005011
    assert simulator.status(ready_order) is Status.AWAITING_COLLECTION


def test_a_cancellation_by_tiktok_ends_open_returns(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, ready_order: str
) -> None:
    one, two, three = simulator.line_ids(ready_order)
    simulator.ship_in_seller_center(ready_order, "9400110898825022579493", "USPS")
    pending = simulator.buyer_requests_return(ready_order, lines=[one])
    quarrel = rejected_line(simulator, ready_order, two)
    granted = simulator.refund_in_seller_center(ready_order, [three])
    clock.pass_time(minutes=1)
    simulator.cancel_by_platform(ready_order, "Package lost")
    ended = simulator.return_record(pending)
    assert (ended.status, ended.decided_by, ended.question) == (ReturnStatus.CANCEL, "tiktok", None)
    assert simulator.return_record(quarrel).arbitration is Arbitration.CLOSED
    clock.pass_time(hours=48)
    assert simulator.return_record(granted).status is ReturnStatus.COMPLETE
    assert sum(each.refund.total for each in simulator.books.refunds) == simulator.total_of(ready_order)
    assert approve(caller, pending, "APPROVE_REFUND") == 25020009


def rejected_line(simulator: TikTokShopSimulator, order_id: str, line_id: str) -> str:
    """A return of one unit that is in arbitration."""
    return_id = simulator.buyer_requests_return(order_id, lines=[line_id])
    simulator.reject_return_in_seller_center(return_id, NOT_CLEAR)
    simulator.buyer_escalates(return_id)
    return return_id


def test_questions_are_told_in_the_books(simulator: TikTokShopSimulator, delivered_order: str) -> None:
    return_id = simulator.buyer_requests_return(delivered_order, GOODS)
    simulator.buyer_ships_return(return_id, "BACK-1")
    (booked,) = simulator.books.returns(delivered_order)
    assert (booked.question, booked.respond_by) == (
        ReturnQuestion.RECEIVE_PACKAGE,
        simulator.return_record(return_id).respond_by,
    )
    assert simulator.books.returns("576461413038785752") == []
