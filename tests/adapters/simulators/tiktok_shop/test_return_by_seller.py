"""The seller refunds over the API without being asked, and asks what it may refund."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop import (
    Doubts,
    LineSpec,
    RefusalError,
    ReturnStatus,
    ReturnType,
    Role,
    TikTokShopSimulator,
)
from tests.adapters.simulators.tiktok_shop.return_caller import (
    DAMAGED,
    LOST,
    NEWER_RETURNS,
    RETURNS,
    create,
    create_code,
    eligibility,
    ship_and_deliver,
    shown,
)
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller, Clock

TEE = [LineSpec("TEE", "20.00")]


def test_a_refund_by_the_seller_is_granted_at_once(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, delivered_order: str
) -> None:
    one, *_ = simulator.line_ids(delivered_order)
    data = create(caller, delivered_order, order_line_item_ids=[one]).json()["data"]
    assert data["return_status"] == "RETURN_OR_REFUND_REQUEST_SUCCESS"
    found = shown(caller, data["return_id"])
    assert (found["role"], found["return_reason"], found["refund_amount"]["refund_total"]) == (
        "SELLER",
        DAMAGED,
        "21.60",
    )
    clock.pass_time(minutes=30)
    (refund,) = simulator.refunds_issued(delivered_order)
    assert (refund.line_ids, refund.decided_by) == ((one,), "api")
    assert simulator.return_record(data["return_id"]).status is ReturnStatus.COMPLETE
    (booked,) = simulator.books.seller_returns
    assert (booked.return_id, booked.by, booked.code, booked.amount) == (data["return_id"], "api", 0, None)


@pytest.mark.parametrize("path", [RETURNS, NEWER_RETURNS])
def test_a_repeat_under_the_same_key_is_the_same_return(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, delivered_order: str, path: str
) -> None:
    body = {"order_id": delivered_order, "return_reason": DAMAGED, "return_type": "REFUND"}
    first = caller.data("POST", path, query={"idempotency_key": "k1"}, body=body)
    clock.pass_time(days=2)
    again = create(caller, delivered_order, "k1").json()["data"]
    assert (again["return_id"], again["return_status"]) == (first["return_id"], "RETURN_OR_REFUND_REQUEST_COMPLETE")
    assert len(simulator.refunds_issued()) == 1
    assert [each.replayed for each in simulator.books.seller_returns] == [False, True]
    assert create_code(caller, delivered_order, "k1", return_reason=LOST) == 25001001


def test_a_repeat_without_a_key_meets_25001011_and_later_25001010(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, delivered_order: str
) -> None:
    simulator.faults.add(Fault.LOST_AFTER, RETURNS.replace("202309", "202602"))
    with pytest.raises(httpx.ReadTimeout):
        create(caller, delivered_order)
    assert create_code(caller, delivered_order) == 25001011
    clock.pass_time(minutes=30)
    assert create_code(caller, delivered_order) == 25001010


def test_a_refused_refund_is_not_remembered_under_its_key(
    simulator: TikTokShopSimulator, caller: Caller, delivered_order: str
) -> None:
    simulator.fail_next_lock(delivered_order)
    assert [create_code(caller, delivered_order, "k1") for _ in range(2)] == [25001028, 0]


def test_a_smaller_amount_leaves_the_rest(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, delivered_order: str
) -> None:
    assert create_code(caller, delivered_order, refund_total="40.00", currency="USD") == 0
    clock.pass_time(hours=1)
    one, two, cap = simulator.line_ids(delivered_order)
    assert create_code(caller, delivered_order, order_line_item_ids=[one]) == 25001010
    rest: dict[str, Any] = {"order_line_item_ids": [two, cap], "currency": "USD"}
    assert create_code(caller, delivered_order, refund_total="19.41", **rest) == 25005005
    assert create_code(caller, delivered_order, refund_total="19.40", **rest) == 0


def test_units_are_named_by_id_by_object_or_by_sku(
    simulator: TikTokShopSimulator, caller: Caller, delivered_order: str
) -> None:
    one, two, cap = simulator.line_ids(delivered_order)
    tee = caller.order(delivered_order)["line_items"][0]["sku_id"]
    assert create_code(caller, delivered_order, order_line_item_ids=[cap, cap]) == 25001001
    ways: list[dict[str, Any]] = [
        {"order_line_list": [{"order_line_item_id": cap}]},
        {"skus": [{"sku_id": tee, "quantity": 1}]},
        {"order_line_item_ids": [two]},
    ]
    made = [create(caller, delivered_order, **way).json()["data"]["return_id"] for way in ways]
    assert [simulator.return_record(return_id).line_ids for return_id in made] == [(cap,), (one,), (two,)]
    assert create_code(caller, delivered_order, skus=[{"sku_id": tee, "quantity": 3}]) == 25005011


def test_eligibility_is_told_for_each_type_that_is_asked_about(caller: Caller, delivered_order: str) -> None:
    told = eligibility(caller, delivered_order, "CANCEL,REFUND,RETURN_AND_REFUND")
    assert [each["request_type"] for each in told] == ["CANCEL", "REFUND", "RETURN_AND_REFUND"] * 2
    assert [each["eligible"] for each in told] == [False, True, True] * 2
    assert DAMAGED in told[1]["available_reason_names"]


def test_the_name_of_the_type_in_answers_is_a_doubt(
    doubtful: Callable[[Doubts], tuple[TikTokShopSimulator, Caller]],
) -> None:
    simulator, caller = doubtful(Doubts(refund_eligibility_type="RETURN"))
    order_id = simulator.place_order(caller.shop, TEE, hold=False)
    ship_and_deliver(simulator, order_id)
    assert [each["request_type"] for each in eligibility(caller, order_id)] == ["RETURN"]


def test_the_seller_may_have_goods_sent_back(
    simulator: TikTokShopSimulator, caller: Caller, delivered_order: str
) -> None:
    given = create(caller, delivered_order, return_type="RETURN_AND_REFUND", shipment_type="PLATFORM").json()["data"]
    assert given["return_status"] == "AWAITING_BUYER_SHIP"
    simulator.buyer_ships_return(given["return_id"], "BACK-1")
    simulator.approve_return_in_seller_center(given["return_id"])
    assert simulator.return_record(given["return_id"]).status is ReturnStatus.SUCCESS


def test_people_refund_in_seller_center_under_the_same_rules(
    simulator: TikTokShopSimulator, delivered_order: str
) -> None:
    one, *_ = simulator.line_ids(delivered_order)
    with pytest.raises(RefusalError, match="25005005"):
        simulator.refund_in_seller_center(delivered_order, [one], amount="21.61")
    return_id = simulator.refund_in_seller_center(delivered_order, [one], amount="21.60")
    assert simulator.return_record(return_id).decided_by == "seller_center"
    assert [each.code for each in simulator.books.seller_returns] == [25005005, 0]


@pytest.mark.parametrize(("is_operator", "role"), [(True, Role.OPERATOR), (False, Role.SYSTEM)])
def test_tiktok_refunds_by_itself(
    doubtful: Callable[[Doubts], tuple[TikTokShopSimulator, Caller]], clock: Clock, *, is_operator: bool, role: Role
) -> None:
    simulator, caller = doubtful(Doubts(staff_is_operator=is_operator))
    order_id = simulator.place_order(caller.shop, TEE, hold=False)
    ship_and_deliver(simulator, order_id)
    return_id = simulator.refund_by_platform(order_id)
    clock.pass_time(hours=1)
    found = simulator.return_record(return_id)
    assert (found.role, found.type, found.status) == (role, ReturnType.REFUND, ReturnStatus.COMPLETE)
    assert simulator.refunds_issued()[0].decided_by == "tiktok"
