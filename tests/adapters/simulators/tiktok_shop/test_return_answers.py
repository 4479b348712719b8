"""How answers to returns must be written: words, reasons, offers and keys."""

from typing import Any

import httpx
import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop import (
    LineSpec,
    ReturnStatus,
    ReturnType,
    TikTokShopSimulator,
)
from tests.adapters.simulators.tiktok_shop.return_caller import (
    NOT_CLEAR,
    RETURNS,
    USED,
    approve,
    reject,
    reject_reasons,
)
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller, Clock

GOODS = ReturnType.RETURN_AND_REFUND


@pytest.fixture
def asked(simulator: TikTokShopSimulator, delivered_order: str) -> str:
    return simulator.buyer_requests_return(delivered_order)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 25001001),
        ({"partial_refund": {"currency": "USD", "amount": "12.00"}}, 0),
        ({"partial_refund": {"currency": "USD", "amount": "12"}}, 0),
        ({"partial_refund": {"currency": "EUR", "amount": "12.00"}}, 25001001),
        ({"partial_refund": {"currency": "USD", "amount": "0"}}, 25001001),
        ({"partial_refund": {"currency": "USD", "amount": "59.40"}}, 25001001),
        ({"partial_refund": {"currency": "USD", "amount": "-1.00"}}, 25001001),
        ({"partial_refund": {"currency": "USD", "amount": "1.001"}}, 25001001),
        ({"partial_refund": {"currency": "USD", "amount": "1e1"}}, 25001001),
        ({"partial_refund": {"currency": "USD"}}, 36009004),
        ({"partial_refund": {"amount": "12.00"}}, 36009004),
        ({"partial_refund": "12.00"}, 36009004),
    ],
)
def test_an_offer_needs_some_of_the_money(caller: Caller, asked: str, body: dict[str, Any], code: int) -> None:
    assert approve(caller, asked, "OFFER_PARTIAL_REFUND", **body) == code


def test_no_second_offer_is_taken_and_none_with_another_decision(
    simulator: TikTokShopSimulator, caller: Caller, asked: str
) -> None:
    some = {"currency": "USD", "amount": "12.00"}
    assert approve(caller, asked, "APPROVE_REFUND", partial_refund=some) == 25001001
    assert approve(caller, asked, "OFFER_PARTIAL_REFUND", partial_refund=some) == 0
    simulator.buyer_answers_offer(asked, accepts=False)
    assert approve(caller, asked, "OFFER_PARTIAL_REFUND", partial_refund=some) == 25011032
    assert approve(caller, asked, "APPROVE_REFUND") == 0
    assert approve(caller, asked, "OFFER_PARTIAL_REFUND", partial_refund=some) == 25011032


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("because", 25001014),
        (USED, 25001057),
        ("reverse_reject_request_reason_1_uk", 25001057),
        ("seller_reject_apply_unable_to_change_address", 25001016),
        ("ecom_order_delivered_refund_reason_damaged", 25001016),
        ("", 36009004),
    ],
)
def test_a_reason_that_is_not_for_this_rejection_is_refused(
    simulator: TikTokShopSimulator, caller: Caller, asked: str, reason: str, code: int
) -> None:
    assert reject(caller, asked, "REJECT_REFUND", reason) == code
    assert simulator.return_record(asked).status is ReturnStatus.PENDING


def test_the_reasons_depend_on_the_question_and_the_region(
    simulator: TikTokShopSimulator, caller: Caller, uk_caller: Caller, delivered_order: str
) -> None:
    uk_order = simulator.place_order(uk_caller.shop, [LineSpec("TEE", "20.00")], hold=False)
    simulator.ship_in_seller_center(uk_order, "H1001234567890", "EVRi")
    uk_refund = simulator.buyer_requests_return(uk_order)
    assert "reverse_reject_request_reason_4_uk" in reject_reasons(uk_caller, uk_refund)
    return_id = simulator.buyer_requests_return(delivered_order, GOODS, approved_by_tiktok=False)
    assert reject_reasons(caller, return_id) == {f"reverse_reject_request_reason_{number}" for number in (1, 2, 3, 5)}
    simulator.approve_return_in_seller_center(return_id)
    assert reject_reasons(caller, return_id) == set()
    simulator.buyer_ships_return(return_id, "BACK-1")
    parcel = {f"reverse_reject_return_parcel_reason_{number}" for number in range(1, 6)}
    assert reject_reasons(caller, return_id) == parcel
    simulator.take_reason_offline(USED)
    assert reject_reasons(caller, return_id) == parcel - {USED}
    assert reject(caller, return_id, "REJECT_RECEIVED_PACKAGE", USED) == 25001020


@pytest.mark.parametrize(
    "body",
    [
        {"reject_reason": NOT_CLEAR},
        {"decision": "REJECT_REFUND"},
        {"decision": "REJECT_REFUND", "reject_reason": NOT_CLEAR, "note": "x"},
        {"decision": "REJECT_REFUND", "reject_reason": NOT_CLEAR, "images": [{"width": 1}]},
        {"decision": 1, "reject_reason": NOT_CLEAR},
    ],
)
def test_a_malformed_rejection_is_refused(
    simulator: TikTokShopSimulator, caller: Caller, asked: str, body: dict[str, object]
) -> None:
    assert caller.code("POST", f"{RETURNS}/{asked}/reject", body=body) == 36009004
    assert simulator.books.return_decisions == []


@pytest.mark.parametrize(
    "said", ["SHIP_IT", "REJECT_REFUND", "OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG", "approve_refund"]
)
def test_a_word_that_is_no_approval_meets_25001001(caller: Caller, asked: str, said: str) -> None:
    assert approve(caller, asked, said) == 25001001
    assert reject(caller, asked, "APPROVE_REFUND", NOT_CLEAR) == 25001001
    assert approve(caller, asked, "") == 36009004


def test_a_key_replays_the_same_answer_whatever_has_happened_since(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, asked: str
) -> None:
    assert [approve(caller, asked, "APPROVE_REFUND", "k1") for _ in range(2)] == [0, 0]
    clock.pass_time(days=2)
    assert approve(caller, asked, "APPROVE_REFUND", "k1") == 0
    assert [each.replayed for each in simulator.books.return_decisions_of(asked)] == [False, True, True]
    assert len(simulator.refunds_issued()) == 1


def test_a_key_that_stood_for_another_answer_is_refused_with_25001001(
    simulator: TikTokShopSimulator, caller: Caller, asked: str
) -> None:
    assert reject(caller, asked, "REJECT_REFUND", NOT_CLEAR, "k1") == 0
    assert reject(caller, asked, "REJECT_REFUND", NOT_CLEAR, "k1", comment="Sorry") == 25001001
    assert approve(caller, asked, "APPROVE_REFUND", "k1") == 25001001
    order_id = simulator.place_order(caller.shop, [LineSpec("TEE", "20.00")], hold=False)
    cancel_id = simulator.request_cancel(order_id)
    path = f"/return_refund/202309/cancellations/{cancel_id}/approve"
    assert caller.code("POST", path, query={"idempotency_key": "k1"}, body={}) == 25001001


def test_a_refused_answer_is_not_remembered_under_its_key(
    simulator: TikTokShopSimulator, caller: Caller, delivered_order: str, asked: str
) -> None:
    simulator.fail_next_lock(delivered_order)
    assert approve(caller, asked, "APPROVE_REFUND", "k1") == 25001028
    assert simulator.return_record(asked).status is ReturnStatus.PENDING
    assert approve(caller, asked, "APPROVE_REFUND", "k1") == 0


@pytest.mark.parametrize(("key", "code"), [("k" * 255, 0), ("k" * 256, 36009004), ("", 36009004)])
def test_a_key_has_1_to_255_characters(caller: Caller, asked: str, key: str, code: int) -> None:
    assert approve(caller, asked, "APPROVE_REFUND", key) == code


def test_a_lost_answer_to_an_approval_is_found_again_under_its_key(
    simulator: TikTokShopSimulator, caller: Caller, asked: str
) -> None:
    simulator.faults.add(Fault.LOST_AFTER, "/approve")
    with pytest.raises(httpx.ReadTimeout):
        approve(caller, asked, "APPROVE_REFUND", "k1")
    assert simulator.return_record(asked).status is ReturnStatus.SUCCESS
    assert approve(caller, asked, "APPROVE_REFUND", "k1") == 0
