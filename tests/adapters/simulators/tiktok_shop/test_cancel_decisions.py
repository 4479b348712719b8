"""Approving and rejecting a buyer's request over the API, and what TikTok says would be allowed."""

from datetime import timedelta

import httpx
import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop import CancelStatus, Doubts, LineSpec, Outcome, Status, TikTokShopSimulator
from tests.adapters.simulators.tiktok_shop.cancel_caller import (
    CANCELLATIONS,
    PACKED_UK,
    PACKED_US,
    approve,
    decisions,
    in_doubt,
    reject,
    reject_reasons,
    shown,
)
from tests.adapters.simulators.tiktok_shop.signed_caller import APP_KEY, APP_SECRET, Caller, Clock

TEE = [LineSpec("TEE", "20.00")]
UNKNOWN = "4035217600000000001"


@pytest.fixture
def asked(simulator: TikTokShopSimulator, ready_order: str) -> str:
    return simulator.request_cancel(ready_order)


@pytest.fixture
def uk_asked(simulator: TikTokShopSimulator, uk_caller: Caller) -> str:
    return simulator.request_cancel(simulator.place_order(uk_caller.shop, TEE, hold=False))


def test_an_approved_request_cancels_the_order_and_is_refunded(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, ready_order: str, asked: str
) -> None:
    clock.pass_time(hours=2)
    reply = caller.send("POST", f"{CANCELLATIONS}/{asked}/approve", query={"idempotency_key": "k1"}, body={})
    assert (reply.status_code, reply.json()["code"], reply.json()["data"]) == (200, 0, {})
    found = shown(caller, asked)
    assert (found["cancel_status"], found["update_time"]) == ("CANCELLATION_REQUEST_SUCCESS", clock.seconds)
    assert "seller_next_action_response" not in found
    order = caller.order(ready_order)
    assert (order["status"], order["cancellation_initiator"], order["update_time"]) == (
        "CANCELLED",
        "BUYER",
        clock.seconds,
    )
    clock.pass_time(hours=24)
    assert shown(caller, asked)["cancel_status"] == "CANCELLATION_REQUEST_COMPLETE"
    assert simulator.cancellation(asked).outcome is Outcome.APPROVED
    assert simulator.books.automatic_approvals == []


def test_approve_needs_no_body(caller: Caller, asked: str) -> None:
    assert caller.code("POST", f"{CANCELLATIONS}/{asked}/approve") == 0


def test_a_rejected_request_is_closed_and_the_order_goes_on(
    simulator: TikTokShopSimulator, uk_caller: Caller, clock: Clock, uk_asked: str
) -> None:
    clock.pass_time(hours=23)
    images = [{"image_id": "tos/1", "mime_type": "USE_CASE", "width": 10, "height": 10}]
    assert reject(uk_caller, uk_asked, PACKED_UK, "k1", comment="Sorry", images=images) == 0
    found = shown(uk_caller, uk_asked)
    assert (found["cancel_status"], found["update_time"]) == ("CANCELLATION_REQUEST_CANCELLED", clock.seconds)
    order = uk_caller.order(found["order_id"])
    assert (order["status"], order["is_buyer_request_cancel"]) == ("AWAITING_SHIPMENT", False)
    assert order["update_time"] == clock.seconds
    clock.pass_time(hours=24)
    assert simulator.status(found["order_id"]) is Status.AWAITING_SHIPMENT
    assert simulator.cancellation(uk_asked).outcome is Outcome.REJECTED


def test_an_approved_line_leaves_the_others_to_ship(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    gone, *kept = simulator.line_ids(ready_order)
    assert approve(caller, simulator.request_cancel(ready_order, [gone])) == 0
    assert caller.ship_code(ready_order, order_line_item_ids=[gone]) == 21011041
    assert caller.ship(ready_order).json()["data"]["order_line_item_ids"] == kept
    order = caller.order(ready_order)
    assert [line["display_status"] for line in order["line_items"]] == [
        "CANCELLED",
        "AWAITING_COLLECTION",
        "AWAITING_COLLECTION",
    ]
    assert order["status"] == "AWAITING_COLLECTION"


def test_a_request_may_be_answered_until_its_deadline_and_not_at_it(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, asked: str
) -> None:
    other = simulator.request_cancel(simulator.place_order(caller.shop, TEE, hold=False))
    clock.pass_time(hours=24, seconds=-1)
    assert reject(caller, other, PACKED_US) == 0
    clock.pass_time(seconds=1)
    assert reject(caller, asked, PACKED_US) == 25020010
    assert approve(caller, asked) == 25011012
    assert simulator.cancellation(asked).outcome is Outcome.APPROVED_AUTOMATICALLY
    assert [each.time_left for each in simulator.books.decisions] == [timedelta(seconds=1), timedelta(0), timedelta(0)]


def test_what_was_approved_cannot_be_answered_again(caller: Caller, clock: Clock, asked: str) -> None:
    assert approve(caller, asked, "k1") == 0
    for _ in range(2):
        assert approve(caller, asked, "k2") == 25011012
        assert reject(caller, asked, PACKED_US, "k3") == 25020010
        clock.pass_time(hours=1)


def test_what_was_rejected_or_withdrawn_cannot_be_answered_again(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str, asked: str
) -> None:
    assert reject(caller, asked, PACKED_US, "k1") == 0
    withdrawn = simulator.request_cancel(ready_order)
    simulator.withdraw_cancel_request(ready_order)
    for cancel_id in (asked, withdrawn):
        assert approve(caller, cancel_id, "k2") == 25020009
        assert reject(caller, cancel_id, PACKED_US, "k3") == 25011011
    assert simulator.status(ready_order) is Status.AWAITING_SHIPMENT


def test_only_buyers_cancellations_are_answered(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    cancel_id = simulator.cancel_by_platform(ready_order)
    assert approve(caller, cancel_id) == 25020004
    assert reject(caller, cancel_id, PACKED_US) == 25020004


def test_an_unknown_request_is_refused_with_25007006_and_another_shop_s_with_25020005(
    simulator: TikTokShopSimulator, caller: Caller, uk_asked: str
) -> None:
    for cancel_id, code in ((UNKNOWN, 25007006), (uk_asked, 25020005)):
        assert approve(caller, cancel_id) == code
        assert reject(caller, cancel_id, PACKED_US) == code
        for path in ("/return_refund/202309/reject_reasons", "/return_refund/202601/decision_eligibility"):
            assert caller.code("GET", path, query={"return_or_cancel_id": cancel_id}) == code
    assert simulator.cancellation(uk_asked).status is CancelStatus.PENDING
    assert [(each.order_id is None, each.code) for each in simulator.books.refused_decisions] == [
        (True, 25007006),
        (True, 25007006),
        (False, 25020005),
        (False, 25020005),
    ]


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("because", 25001014),
        (PACKED_UK, 25001057),
        ("ecom_refund_reject_reason_cancel_unacceptable_uk", 25001057),
        ("seller_cancel_reason_out_of_stock", 25001016),
        ("ecom_order_to_ship_canceled_reason_better_price", 25001016),
        ("", 36009004),
    ],
)
def test_a_reason_that_is_not_for_refusing_here_is_refused(
    simulator: TikTokShopSimulator, caller: Caller, asked: str, reason: str, code: int
) -> None:
    assert reject(caller, asked, reason) == code
    assert simulator.cancellation(asked).status is CancelStatus.PENDING


def test_a_reason_that_is_offline_is_refused_and_not_offered(
    simulator: TikTokShopSimulator, caller: Caller, asked: str
) -> None:
    assert PACKED_US in reject_reasons(caller, asked)
    simulator.take_reason_offline(PACKED_US)
    assert PACKED_US not in reject_reasons(caller, asked)
    assert reject(caller, asked, PACKED_US) == 25001020


@pytest.mark.parametrize(
    "body",
    [
        {"reject_reason": None},
        {"reject_reason": PACKED_US, "note": "x"},
        {"reject_reason": PACKED_US, "comment": 1},
        {"reject_reason": PACKED_US, "images": []},
        {"reject_reason": PACKED_US, "images": [{"width": 1}]},
        {"reject_reason": PACKED_US, "images": [{"image_id": "1", "width": "1"}]},
        {},
    ],
)
def test_a_malformed_rejection_is_refused(
    simulator: TikTokShopSimulator, caller: Caller, asked: str, body: dict[str, object]
) -> None:
    assert caller.code("POST", f"{CANCELLATIONS}/{asked}/reject", body=body) == 36009004
    assert simulator.books.decisions == []


def test_an_approval_takes_no_fields(caller: Caller, asked: str) -> None:
    assert caller.code("POST", f"{CANCELLATIONS}/{asked}/approve", body={"decision": "yes"}) == 36009004


def test_a_key_replays_the_same_answer_whatever_has_happened_since(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, asked: str
) -> None:
    assert [approve(caller, asked, "k1") for _ in range(2)] == [0, 0]
    clock.pass_time(days=2)
    assert approve(caller, asked, "k1") == 0
    booked = simulator.books.decisions_of(asked)
    assert [(each.idempotency_key, each.code, each.replayed) for each in booked] == [
        ("k1", 0, False),
        ("k1", 0, True),
        ("k1", 0, True),
    ]
    assert simulator.books.decided(asked) == booked[:1]
    assert len(simulator.books.request_ends) == 1


def test_a_key_that_stood_for_another_answer_is_refused_with_25001001(
    simulator: TikTokShopSimulator, caller: Caller, asked: str
) -> None:
    other = simulator.request_cancel(simulator.place_order(caller.shop, TEE, hold=False))
    assert reject(caller, asked, PACKED_US, "k1") == 0
    assert reject(caller, asked, PACKED_US, "k1") == 0
    assert reject(caller, asked, "seller_reject_apply_unable_to_change_address", "k1") == 25001001
    assert approve(caller, asked, "k1") == 25001001
    assert approve(caller, other, "k1") == 25001001
    assert simulator.cancellation(other).status is CancelStatus.PENDING


def test_keys_of_different_shops_do_not_meet(caller: Caller, uk_caller: Caller, asked: str, uk_asked: str) -> None:
    assert (approve(caller, asked, "k1"), approve(uk_caller, uk_asked, "k1")) == (0, 0)


def test_a_refused_answer_is_not_remembered_under_its_key(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str, asked: str
) -> None:
    simulator.fail_next_lock(ready_order)
    assert approve(caller, asked, "k1") == 25001028
    assert simulator.cancellation(asked).status is CancelStatus.PENDING
    assert approve(caller, asked, "k1") == 0
    assert [(each.code, each.replayed) for each in simulator.books.decisions] == [(25001028, False), (0, False)]


def test_a_lock_fails_for_the_order_it_was_arranged_for(
    simulator: TikTokShopSimulator, caller: Caller, asked: str
) -> None:
    simulator.fail_next_lock(simulator.place_order(caller.shop, TEE))
    assert reject(caller, asked, PACKED_US) == 0
    other = simulator.request_cancel(simulator.place_order(caller.shop, TEE, hold=False))
    simulator.fail_next_lock(times=2)
    assert [reject(caller, other, PACKED_US) for _ in range(3)] == [25001028, 25001028, 0]


@pytest.mark.parametrize(("key", "code"), [("k" * 255, 0), ("k" * 256, 36009004), ("", 36009004)])
def test_a_key_has_1_to_255_characters(caller: Caller, asked: str, key: str, code: int) -> None:
    assert approve(caller, asked, key) == code


def test_a_lost_answer_to_an_approval_is_found_again_under_its_key(
    simulator: TikTokShopSimulator, caller: Caller, asked: str
) -> None:
    simulator.faults.add(Fault.LOST_AFTER, "/approve")
    with pytest.raises(httpx.ReadTimeout):
        approve(caller, asked, "k1")
    assert simulator.cancellation(asked).outcome is Outcome.APPROVED
    assert approve(caller, asked, "k1") == 0


@pytest.mark.parametrize("code", [25001003, 25001045, 25001058, 25007002, 25020005, 36009003, 11050001])
def test_other_codes_of_the_endpoint_can_be_arranged(
    simulator: TikTokShopSimulator, caller: Caller, asked: str, code: int
) -> None:
    simulator.refuse_next("/approve", code)
    assert [approve(caller, asked) for _ in range(2)] == [code, 0]


def test_the_doubts_about_second_answers_are_switches(clock: Clock) -> None:
    doubts = Doubts(approved_again_code=25020003, rejected_again_code=25020003)
    with in_doubt(clock, doubts) as (simulator, caller):
        one, two = (simulator.request_cancel(simulator.place_order(caller.shop, TEE, hold=False)) for _ in range(2))
        assert [approve(caller, one) for _ in range(2)] == [0, 25020003]
        assert [reject(caller, two, PACKED_US) for _ in range(2)] == [0, 25020003]


def test_the_reject_reasons_are_those_of_the_region(
    caller: Caller, uk_caller: Caller, asked: str, uk_asked: str
) -> None:
    assert reject_reasons(caller, asked) == {
        "ecom_reverse_reject_refund_request_package_delivery_multiple_boxes",
        "seller_reject_apply_unable_to_change_address",
        PACKED_US,
    }
    prefix = "order_manage_list_action_respond_popup_reject_reason_"
    assert reject_reasons(uk_caller, uk_asked) == {
        f"{prefix}invalid_cancellation_reason_uk",
        f"{prefix}buyer_agree_uk",
        PACKED_UK,
    }


def test_on_its_way_is_a_reason_only_where_there_is_a_parcel(
    simulator: TikTokShopSimulator, uk_caller: Caller, uk_asked: str
) -> None:
    delivered = "order_manage_list_action_respond_popup_reject_reason_delivered_uk"
    assert reject(uk_caller, uk_asked, delivered) == 25001057
    order_id = simulator.place_order(uk_caller.shop, [LineSpec("TEE", "20.00", 2)], hold=False)
    simulator.ship_in_seller_center(order_id, "H1001234567890", "EVRi", simulator.line_ids(order_id)[:1])
    partly_shipped = simulator.request_cancel(order_id)
    assert delivered in reject_reasons(uk_caller, partly_shipped)
    assert reject(uk_caller, partly_shipped, delivered) == 0


def test_an_open_request_may_be_approved_or_rejected(caller: Caller, asked: str) -> None:
    found = decisions(caller, asked)
    assert found["APPROVE_REQUEST_CANCEL"] == {"decision": "APPROVE_REQUEST_CANCEL", "eligible": True}
    rejecting = found["REJECT_REQUEST_CANCEL"]
    assert rejecting["eligible"] is True
    assert {reason["name"] for reason in rejecting["available_reject_reasons"]} == reject_reasons(caller, asked)
    assert list(decisions(caller, asked, "REJECT_REQUEST_CANCEL")) == ["REJECT_REQUEST_CANCEL"]


def test_what_would_be_refused_is_not_eligible_and_has_that_code(caller: Caller, asked: str) -> None:
    approve(caller, asked)
    found = decisions(caller, asked, "APPROVE_REQUEST_CANCEL,REJECT_REQUEST_CANCEL,APPROVE_REFUND")
    assert {name: (each["eligible"], each["ineligible_code"]) for name, each in found.items()} == {
        "APPROVE_REQUEST_CANCEL": (False, 25011012),
        "REJECT_REQUEST_CANCEL": (False, 25020010),
        "APPROVE_REFUND": (False, 25020004),
    }
    assert found["REJECT_REQUEST_CANCEL"]["ineligible_reason"].startswith("Aftersales has been approved")
    assert reject_reasons(caller, asked) == set()


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("/return_refund/202601/decision_eligibility", {"check_decisions": "SHIP_IT"}, 25001001),
        ("/return_refund/202601/decision_eligibility", {"locale": "en-US"}, 0),
        ("/return_refund/202309/reject_reasons", {"locale": "en-US"}, 0),
        ("/return_refund/202309/reject_reasons", {"lang": "en"}, 36009004),
        ("/return_refund/202309/reject_reasons", {"return_or_cancel_id": None}, 36009004),
        ("/return_refund/202601/decision_eligibility", {"return_or_cancel_id": None}, 36009004),
    ],
)
def test_the_questions_take_their_own_parameters_only(
    caller: Caller, asked: str, path: str, query: dict[str, str | None], code: int
) -> None:
    assert caller.code("GET", path, query={"return_or_cancel_id": asked, **query}) == code


def test_a_shop_may_not_be_offered_to_reject(simulator: TikTokShopSimulator, caller: Caller, asked: str) -> None:
    simulator.set_reject_offered(caller.shop, offered=False)
    found = decisions(caller, asked)
    assert found["APPROVE_REQUEST_CANCEL"]["eligible"] is True
    assert (found["REJECT_REQUEST_CANCEL"]["eligible"], found["REJECT_REQUEST_CANCEL"]["ineligible_code"]) == (
        False,
        25020003,
    )
    assert reject_reasons(caller, asked) == set()
    assert reject(caller, asked, PACKED_US) == 25020003
    assert approve(caller, asked) == 0


def test_that_us_apps_may_not_reject_is_a_doubt(clock: Clock) -> None:
    doubts = Doubts(us_offers_reject=False)
    simulator = TikTokShopSimulator(clock, app_key=APP_KEY, app_secret=APP_SECRET, doubts=doubts)
    offered = {region: simulator.open_shop(region, "Demo").offers_reject for region in ("US", "GB")}
    assert offered == {"US": False, "GB": True}


def test_the_endpoints_need_the_scope_of_returns_and_refunds(
    simulator: TikTokShopSimulator, caller: Caller, asked: str
) -> None:
    caller.token = simulator.authorize(caller.shop, scopes={"seller.order.info"}).access_token
    assert approve(caller, asked) == 105005
    assert caller.code("POST", f"{CANCELLATIONS}/search", body={}) == 105005
