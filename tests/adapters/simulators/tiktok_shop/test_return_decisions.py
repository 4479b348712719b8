"""Approving and rejecting returns over the API, and what TikTok says would be allowed."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from local.simulators.tiktok_shop import (
    Doubts,
    LineSpec,
    ReturnDecision,
    ReturnStatus,
    ReturnType,
    TikTokShopSimulator,
)
from tests.adapters.simulators.tiktok_shop.return_caller import (
    NO_CHANGE_OF_MIND,
    NOT_CLEAR,
    RETURNS,
    USED,
    approve,
    decisions,
    reject,
    reject_reasons,
    ship_and_deliver,
    shown,
)
from tests.adapters.simulators.tiktok_shop.return_states import CASES, brought_to
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller, Clock

GOODS, NEW = ReturnType.RETURN_AND_REFUND, ReturnType.REPLACEMENT
UNKNOWN = "4040217600000000001"
REASONS = {
    "REJECT_REFUND": NOT_CLEAR,
    "REJECT_RETURN": NO_CHANGE_OF_MIND,
    "REJECT_RECEIVED_PACKAGE": USED,
    "REJECT_REPLACEMENT": NO_CHANGE_OF_MIND,
}


@pytest.fixture
def asked(simulator: TikTokShopSimulator, delivered_order: str) -> str:
    return simulator.buyer_requests_return(delivered_order)


def decide(caller: Caller, return_id: str, decision: str) -> int:
    if decision.startswith("REJECT"):
        return reject(caller, return_id, decision, REASONS[decision])
    return approve(caller, return_id, decision)


@pytest.mark.parametrize(("kind", "state", "said", "code"), CASES)
def test_each_decision_meets_its_code_in_each_state_and_eligibility_says_so_before(
    simulator: TikTokShopSimulator,
    caller: Caller,
    delivered_order: str,
    kind: ReturnType,
    state: str,
    said: str,
    code: int,
) -> None:
    return_id = brought_to(simulator, delivered_order, kind, state)
    before = simulator.return_record(return_id)
    told = decisions(caller, return_id, said)[said]
    assert (told["eligible"], told.get("ineligible_code", 0)) == (code == 0, code)
    if code == 0 and said in REASONS:
        assert REASONS[said] in {reason["name"] for reason in told["available_reject_reasons"]}
    assert decide(caller, return_id, said) == code
    assert (simulator.return_record(return_id) == before) is (code != 0)


@pytest.mark.parametrize("kind", list(ReturnType))
def test_a_decision_about_another_kind_of_return_meets_25020004(
    simulator: TikTokShopSimulator, caller: Caller, delivered_order: str, kind: ReturnType
) -> None:
    fitting = {
        ReturnType.REFUND: {"APPROVE_REFUND", "REJECT_REFUND"},
        GOODS: {
            "APPROVE_RETURN",
            "REJECT_RETURN",
            "APPROVE_RECEIVED_PACKAGE",
            "REJECT_RECEIVED_PACKAGE",
            "DIRECT_REFUND",
        },
        NEW: {"APPROVE_REPLACEMENT", "REJECT_REPLACEMENT", "ISSUE_REPLACEMENT_REFUND"},
        ReturnType.EXCHANGE: set(),
    }[kind]
    return_id = simulator.buyer_requests_return(delivered_order, kind, approved_by_tiktok=False)
    told = decisions(caller, return_id)
    assert told.keys() == set(ReturnDecision) - {"OFFER_PARTIAL_REFUND"}
    assert {name for name, each in told.items() if each.get("ineligible_code") != 25020004} == fitting
    assert (
        decisions(caller, return_id, "APPROVE_REQUEST_CANCEL")["APPROVE_REQUEST_CANCEL"]["ineligible_code"] == 25020004
    )
    for said in told.keys() - fitting:
        assert decide(caller, return_id, said) == 25020004


def test_an_approval_of_a_refund_takes_effect_at_once_and_the_money_comes_later(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, asked: str
) -> None:
    clock.pass_time(hours=2)
    assert approve(caller, asked, "APPROVE_REFUND", "k1") == 0
    found = shown(caller, asked)
    assert (found["return_status"], found["update_time"]) == ("RETURN_OR_REFUND_REQUEST_SUCCESS", clock.seconds)
    clock.pass_time(minutes=30)
    assert shown(caller, asked)["return_status"] == "RETURN_OR_REFUND_REQUEST_COMPLETE"
    (decision,) = simulator.books.decided_return(asked)
    assert (decision.by, decision.time_left) == ("api", timedelta(hours=22))
    assert simulator.books.return_decisions_by_tiktok == []


def test_a_return_may_be_answered_until_its_deadline_and_not_at_it(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, asked: str
) -> None:
    order_id = simulator.place_order(caller.shop, [LineSpec("TEE", "20.00")], hold=False)
    ship_and_deliver(simulator, order_id)
    other = simulator.buyer_requests_return(order_id)
    clock.pass_time(hours=24, seconds=-1)
    assert reject(caller, other, "REJECT_REFUND", NOT_CLEAR) == 0
    clock.pass_time(seconds=1)
    assert reject(caller, asked, "REJECT_REFUND", NOT_CLEAR) == 25020010
    assert approve(caller, asked, "APPROVE_REFUND") == 25011012
    clock.pass_time(days=2)
    assert simulator.return_record(other).status is ReturnStatus.REJECT


def test_a_buyer_who_may_keep_the_goods_ships_nothing(
    simulator: TikTokShopSimulator, caller: Caller, delivered_order: str
) -> None:
    return_id = simulator.buyer_requests_return(delivered_order, GOODS, approved_by_tiktok=False)
    assert approve(caller, return_id, "DIRECT_REFUND", buyer_keep_item=True) == 25001001
    assert approve(caller, return_id, "APPROVE_RETURN", buyer_keep_item=True) == 0
    found = shown(caller, return_id)
    assert (found["return_status"], found["can_buyer_keep_item"]) == ("RETURN_OR_REFUND_REQUEST_SUCCESS", True)


def test_an_unknown_return_is_refused_with_25007006_and_another_shop_s_with_25020005(
    simulator: TikTokShopSimulator, caller: Caller, uk_caller: Caller, asked: str
) -> None:
    for sender, return_id, code in ((caller, UNKNOWN, 25007006), (uk_caller, asked, 25020005)):
        assert approve(sender, return_id, "APPROVE_REFUND") == code
        assert reject(sender, return_id, "REJECT_REFUND", NOT_CLEAR) == code
        for path in ("/return_refund/202309/reject_reasons", "/return_refund/202601/decision_eligibility"):
            assert sender.code("GET", path, query={"return_or_cancel_id": return_id}) == code
    assert simulator.return_record(asked).status is ReturnStatus.PENDING
    assert [(each.order_id is None, each.code) for each in simulator.books.refused_return_decisions] == [
        (True, 25007006),
        (True, 25007006),
        (False, 25020005),
        (False, 25020005),
    ]


@pytest.mark.parametrize("code", [25001044, 25001058, 25011023, 25011025, 25011035, 25020008])
def test_other_codes_of_the_endpoints_can_be_arranged(
    simulator: TikTokShopSimulator, caller: Caller, asked: str, code: int
) -> None:
    simulator.refuse_next("/returns/", code)
    assert [approve(caller, asked, "APPROVE_REFUND") for _ in range(2)] == [code, 0]


def test_a_parcel_that_goes_back_to_tiktok_is_not_for_the_seller_to_judge(
    simulator: TikTokShopSimulator, caller: Caller
) -> None:
    order_id = simulator.place_order(caller.shop, [LineSpec("TEE", "20.00")], hold=False, fulfilled_by_tiktok=True)
    simulator.ship_by_tiktok(order_id, "TT-1")
    return_id = simulator.buyer_requests_return(order_id, GOODS)
    simulator.buyer_ships_return(return_id, "TT-2")
    assert approve(caller, return_id, "APPROVE_RECEIVED_PACKAGE") == 25011026
    assert reject(caller, return_id, "REJECT_RECEIVED_PACKAGE", USED) == 25011026
    assert reject_reasons(caller, return_id) == set()


def test_the_doubts_about_second_answers_are_switches(
    doubtful: Callable[[Doubts], tuple[TikTokShopSimulator, Caller]],
) -> None:
    simulator, caller = doubtful(Doubts(return_approved_again_code=25001003, return_rejected_again_code=25011011))
    order_id = simulator.place_order(caller.shop, [LineSpec("TEE", "20.00", 2)], hold=False)
    ship_and_deliver(simulator, order_id)
    one, two = (simulator.buyer_requests_return(order_id, lines=[line]) for line in simulator.line_ids(order_id))
    assert [approve(caller, one, "APPROVE_REFUND") for _ in range(2)] == [0, 25001003]
    assert [reject(caller, two, "REJECT_REFUND", NOT_CLEAR) for _ in range(2)] == [0, 25011011]


def test_the_endpoints_need_the_scope_of_returns_and_refunds(
    simulator: TikTokShopSimulator, caller: Caller, asked: str
) -> None:
    caller.token = simulator.authorize(caller.shop, scopes={"seller.order.info"}).access_token
    assert approve(caller, asked, "APPROVE_REFUND") == 105005
    assert reject(caller, asked, "REJECT_REFUND", NOT_CLEAR) == 105005
    assert caller.code("POST", f"{RETURNS}/search", body={}) == 105005
    assert caller.code("POST", RETURNS, body={}) == 105005
