"""How goods come back, and what shows it: labels, parcels, times and offers."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from local.simulators.tiktok_shop import (
    Doubts,
    IllegalStepError,
    LabelSign,
    LineSpec,
    ReturnQuestion,
    ReturnStatus,
    ReturnType,
    TikTokShopSimulator,
)
from tests.adapters.simulators.tiktok_shop.return_caller import ship_and_deliver, shown
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller, Clock

GOODS = ReturnType.RETURN_AND_REFUND


def test_goods_come_back_step_by_step(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, delivered_order: str
) -> None:
    return_id = simulator.buyer_requests_return(delivered_order, GOODS, approved_by_tiktok=False)
    assert simulator.return_record(return_id).question is ReturnQuestion.RETURN
    simulator.approve_return_in_seller_center(return_id)
    assert shown(caller, return_id)["return_status"] == "AWAITING_BUYER_SHIP"
    assert "seller_next_action_response" not in shown(caller, return_id)
    clock.pass_time(hours=1)
    simulator.buyer_ships_return(return_id, "1Z999AA10123456784", "UPS")
    found = shown(caller, return_id)
    assert (found["return_tracking_number"], found["return_provider_name"]) == ("1Z999AA10123456784", "UPS")
    (action,) = found["seller_next_action_response"]
    assert action == {"action": "SELLER_RESPOND_RECEIVE_PACKAGE", "deadline": clock.seconds + 30 * 86400}
    simulator.approve_return_in_seller_center(return_id)
    clock.pass_time(minutes=30)
    assert simulator.return_record(return_id).status is ReturnStatus.COMPLETE
    assert simulator.books.steps_of(return_id) == [
        ReturnStatus.PENDING,
        ReturnStatus.AWAITING_BUYER_SHIP,
        ReturnStatus.BUYER_SHIPPED,
        ReturnStatus.SUCCESS,
        ReturnStatus.COMPLETE,
    ]
    assert [each.decision for each in simulator.books.decided_return(return_id)] == [
        "APPROVE_RETURN",
        "APPROVE_RECEIVED_PACKAGE",
    ]


@pytest.mark.parametrize(
    ("sign", "present", "absent"),
    [
        (LabelSign.DOCUMENT, "return_shipping_document_type", "return_tracking_number"),
        (LabelSign.TRACKING, "return_tracking_number", "return_shipping_document_type"),
    ],
)
def test_what_shows_that_a_label_was_made_is_a_doubt(
    doubtful: Callable[[Doubts], tuple[TikTokShopSimulator, Caller]],
    clock: Clock,
    sign: LabelSign,
    present: str,
    absent: str,
) -> None:
    simulator, caller = doubtful(Doubts(label_shows_as=sign))
    order_id = simulator.place_order(caller.shop, [LineSpec("TEE", "20.00")], hold=False)
    ship_and_deliver(simulator, order_id)
    return_id = simulator.buyer_requests_return(order_id, GOODS)
    assert not {present, absent} & shown(caller, return_id).keys()
    clock.pass_time(minutes=5)
    simulator.tiktok_makes_label(return_id)
    found = shown(caller, return_id)
    assert found[present]
    assert absent not in found
    assert (found["return_status"], found["update_time"]) == ("AWAITING_BUYER_SHIP", clock.seconds)
    with pytest.raises(IllegalStepError):
        simulator.tiktok_makes_label(return_id)
    simulator.buyer_ships_return(return_id, "LABEL-1")
    found = shown(caller, return_id)
    assert (found["shipment_type"], found["return_tracking_number"]) == ("PLATFORM", "LABEL-1")


def test_a_buyer_who_ships_without_a_label_has_arranged_it(
    simulator: TikTokShopSimulator, caller: Caller, delivered_order: str
) -> None:
    return_id = simulator.buyer_requests_return(delivered_order, GOODS)
    simulator.buyer_ships_return(return_id, "OWN-1")
    found = shown(caller, return_id)
    assert (found["shipment_type"], found["return_method"]) == ("BUYER_ARRANGE", "BUYER_SHIPPED")
    assert "handover_method" not in found


def test_a_return_whose_goods_do_not_leave_is_closed_after_14_days(
    simulator: TikTokShopSimulator, clock: Clock, delivered_order: str
) -> None:
    return_id = simulator.buyer_requests_return(delivered_order, GOODS)
    clock.pass_time(days=14, seconds=-1)
    assert simulator.return_record(return_id).status is ReturnStatus.AWAITING_BUYER_SHIP
    clock.pass_time(seconds=1)
    closed = simulator.return_record(return_id)
    assert (closed.status, closed.decided_by) == (ReturnStatus.CANCEL, "tiktok")
    assert simulator.buyer_requests_return(delivered_order)


def test_goods_that_left_in_time_are_not_closed(
    simulator: TikTokShopSimulator, clock: Clock, delivered_order: str
) -> None:
    return_id = simulator.buyer_requests_return(delivered_order, GOODS)
    simulator.buyer_ships_return(return_id, "OWN-1")
    clock.pass_time(days=15)
    assert simulator.return_record(return_id).status is ReturnStatus.BUYER_SHIPPED
    clock.pass_time(days=15)
    assert simulator.return_record(return_id).status is ReturnStatus.SUCCESS


def test_the_time_to_answer_can_be_shortened(
    simulator: TikTokShopSimulator, clock: Clock, delivered_order: str
) -> None:
    simulator.set_time_to_answer_return(ReturnQuestion.RECEIVE_PACKAGE, timedelta(hours=2))
    return_id = simulator.buyer_requests_return(delivered_order, GOODS)
    simulator.buyer_ships_return(return_id, "OWN-1")
    clock.pass_time(hours=2)
    assert simulator.return_record(return_id).status is ReturnStatus.SUCCESS


def test_a_return_that_is_on_its_way_back_cannot_be_withdrawn(
    simulator: TikTokShopSimulator, delivered_order: str
) -> None:
    return_id = simulator.buyer_requests_return(delivered_order, GOODS)
    simulator.buyer_ships_return(return_id, "OWN-1")
    with pytest.raises(IllegalStepError):
        simulator.buyer_withdraws_return(return_id)


def test_the_goods_of_an_order_that_tiktok_fulfils_go_back_to_tiktok(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    order_id = simulator.place_order(caller.shop, [LineSpec("TEE", "20.00")], hold=False, fulfilled_by_tiktok=True)
    simulator.ship_by_tiktok(order_id, "TT-1")
    simulator.collect(order_id)
    simulator.deliver(order_id)
    return_id = simulator.buyer_requests_return(order_id, GOODS)
    simulator.buyer_ships_return(return_id, "TT-2")
    assert "seller_next_action_response" not in shown(caller, return_id)
    clock.pass_time(days=30)
    assert simulator.return_record(return_id).status is ReturnStatus.SUCCESS


def test_an_offer_of_some_of_the_money_waits_for_the_buyer(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, delivered_order: str
) -> None:
    return_id = simulator.buyer_requests_return(delivered_order)
    simulator.offer_partial_refund_in_seller_center(return_id, "12.34")
    found = shown(caller, return_id)
    assert (found["return_status"], found["partial_refund"]) == (
        "AWAITING_BUYER_RESPONSE",
        {"currency": "USD", "amount": "12.34"},
    )
    assert "seller_next_action_response" not in found
    simulator.buyer_answers_offer(return_id, accepts=True)
    clock.pass_time(hours=1)
    found = shown(caller, return_id)
    assert (found["return_status"], found["refund_amount"]["refund_total"]) == (
        "RETURN_OR_REFUND_REQUEST_COMPLETE",
        "12.34",
    )
    assert simulator.refunds_issued()[0].refund.total == simulator.return_record(return_id).refund.total


@pytest.mark.parametrize("silent", [True, False])
def test_a_declined_offer_asks_the_seller_again_and_is_the_last(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, delivered_order: str, *, silent: bool
) -> None:
    return_id = simulator.buyer_requests_return(delivered_order)
    simulator.offer_partial_refund_in_seller_center(return_id, "12.34")
    if silent:
        clock.pass_time(hours=48)
    else:
        simulator.buyer_answers_offer(return_id, accepts=False)
    found = shown(caller, return_id)
    assert (found["return_status"], found["buyer_rejected_partial_refund"]) == (
        "RETURN_OR_REFUND_REQUEST_PENDING",
        True,
    )
    assert found["seller_next_action_response"][0]["deadline"] == clock.seconds + 86400
    clock.pass_time(hours=24)
    assert simulator.return_record(return_id).status is ReturnStatus.SUCCESS
    assert simulator.books.return_decisions_by_tiktok[0].decision == "APPROVE_REFUND"
