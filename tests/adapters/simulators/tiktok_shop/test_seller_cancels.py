"""The seller cancels over the API, and asks what it may cancel."""

import httpx
import pytest

from local.simulators.faults import Fault
from local.simulators.tiktok_shop import CancelStatus, CancelType, Doubts, LineSpec, Role, Status, TikTokShopSimulator
from tests.adapters.simulators.tiktok_shop.cancel_caller import (
    CANCELLATIONS,
    NO_STOCK,
    NO_STOCK_UK,
    cancel,
    cancel_code,
    eligibility,
    in_doubt,
    shown,
)
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller, Clock

TEE, TEES = [LineSpec("TEE", "20.00")], [LineSpec("TEE", "20.00", 2)]
UNPAID_US = {
    "seller_cancel_unpaid_reason_out_of_stock",
    "seller_cancel_unpaid_reason_wrong_price",
    "seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed",
    "seller_cancel_unpaid_reason_buyer_requested_cancellation",
}
PAID_US = {
    NO_STOCK,
    "seller_cancel_reason_wrong_price",
    "seller_cancel_paid_reason_address_not_deliver",
    "seller_cancel_paid_reason_buyer_requested_cancellation",
}
UNPAID_UK = {
    "seller_cancel_unpaid_reason_out_of_stock_uk",
    "seller_cancel_unpaid_reason_wrong_price_uk",
    "seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed_uk",
}
PAID_UK = {NO_STOCK_UK, "seller_cancel_reason_wrong_price_uk", "seller_cancel_paid_reason_address_not_deliver_uk"}


def test_a_seller_s_cancel_is_done_at_once(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, ready_order: str
) -> None:
    clock.pass_time(minutes=7)
    data = cancel(caller, ready_order).json()["data"]
    assert data["cancel_status"] == "CANCELLATION_REQUEST_SUCCESS"
    order = caller.order(ready_order)
    assert (order["status"], order["cancellation_initiator"], order["cancel_reason"]) == (
        "CANCELLED",
        "SELLER",
        "Out of stock",
    )
    assert order["cancel_time"] == order["update_time"] == clock.seconds
    found = simulator.cancellation(data["cancel_id"])
    assert (found.type, found.role, found.reason) == (CancelType.CANCEL, Role.SELLER, NO_STOCK)
    clock.pass_time(minutes=30)
    assert simulator.cancellation(data["cancel_id"]).status is CancelStatus.COMPLETE
    (booked,) = simulator.books.seller_cancels
    assert (booked.cancel_id, booked.by, booked.reason, booked.code) == (data["cancel_id"], "api", NO_STOCK, 0)


@pytest.mark.parametrize(
    ("region", "paid", "hold", "allowed", "refused"),
    [
        ("US", False, True, UNPAID_US, PAID_US),
        ("US", True, True, PAID_US, UNPAID_US),
        ("US", True, False, PAID_US, UNPAID_US),
        ("GB", False, True, UNPAID_UK, PAID_UK),
        ("GB", True, True, PAID_UK, UNPAID_UK),
        ("GB", True, False, PAID_UK, UNPAID_UK),
    ],
)
def test_reasons_depend_on_region_and_status(
    simulator: TikTokShopSimulator,
    caller: Caller,
    uk_caller: Caller,
    *,
    region: str,
    paid: bool,
    hold: bool,
    allowed: set[str],
    refused: set[str],
) -> None:
    of = {"US": caller, "GB": uk_caller}[region]
    order_id = simulator.place_order(of.shop, TEE, paid=paid, hold=hold)
    (line,) = eligibility(of, order_id)
    assert set(line["available_reason_names"]) == allowed
    assert {cancel_code(of, order_id, reason) for reason in refused} == {25001021}
    for reason in allowed:
        assert cancel_code(of, simulator.place_order(of.shop, TEE, paid=paid, hold=hold), reason) == 0


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("out of stock", 25001014),
        (NO_STOCK_UK, 25001015),
        ("seller_cancel_order_reason_potential_fraud", 25001015),
        ("ecom_order_to_ship_canceled_reason_better_price", 25001015),
        ("system_cancel_order_reason_shipping_timeout", 25001015),
        ("ecom_reverse_reject_cancel_reason_product_packed", 25001015),
        ("", 36009004),
    ],
)
def test_a_reason_that_is_not_the_seller_s_is_refused(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str, reason: str, code: int
) -> None:
    assert cancel_code(caller, ready_order, reason) == code
    assert simulator.status(ready_order) is Status.AWAITING_SHIPMENT


def test_a_reason_that_is_offline_is_neither_offered_nor_taken(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    simulator.take_reason_offline(NO_STOCK)
    assert cancel_code(caller, ready_order) == 25001020
    assert all(NO_STOCK not in line["available_reason_names"] for line in eligibility(caller, ready_order))


def test_a_cancelled_order_is_refused_with_25001011_and_a_completed_one_with_25001051(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    completed = simulator.place_order(caller.shop, TEE, hold=False)
    simulator.ship_in_seller_center(completed, "FIRST-1", "UPS")
    for step in (simulator.collect, simulator.deliver, simulator.complete):
        step(completed)
    assert [cancel_code(caller, ready_order) for _ in range(2)] == [0, 25001011]
    assert cancel_code(caller, completed) == 25001051
    assert [each.code for each in simulator.books.seller_cancels] == [0, 25001011, 25001051]
    assert len(simulator.cancellations_of(ready_order)) == 1


def test_the_code_for_a_cancelled_order_is_a_doubt(clock: Clock) -> None:
    doubts = Doubts(cancelled_again_code=25001051)
    with in_doubt(clock, doubts) as (simulator, caller):
        order_id = simulator.place_order(caller.shop, TEE)
        assert [cancel_code(caller, order_id) for _ in range(2)] == [0, 25001051]


def test_an_open_buyer_s_request_comes_first_with_the_same_code(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    asked = simulator.request_cancel(ready_order)
    assert cancel_code(caller, ready_order) == 25001011
    assert {line["ineligible_code"] for line in eligibility(caller, ready_order)} == {25001011}
    assert simulator.cancellation(asked).status is CancelStatus.PENDING


def test_a_shipped_order_is_cancelled_only_in_the_us_and_only_before_collection(
    simulator: TikTokShopSimulator, caller: Caller, uk_caller: Caller
) -> None:
    us, us_gone = (simulator.place_order(caller.shop, TEES, hold=False) for _ in range(2))
    uk = simulator.place_order(uk_caller.shop, TEE, hold=False)
    simulator.ship_in_seller_center(us, "FIRST-1", "UPS")
    simulator.ship_in_seller_center(us_gone, "SECOND-1", "UPS")
    simulator.collect(us_gone)
    simulator.ship_in_seller_center(uk, "H1001234567890", "EVRi")
    assert [eligibility(of, order_id)[0]["eligible"] for of, order_id in ((caller, us), (uk_caller, uk))] == [
        True,
        False,
    ]
    assert cancel_code(caller, us, order_line_item_ids=simulator.line_ids(us)[:1]) == 25001045
    assert cancel_code(caller, us) == 0
    assert cancel_code(caller, us_gone) == 25001045
    assert cancel_code(uk_caller, uk, NO_STOCK_UK) == 25001045
    assert (simulator.status(us), simulator.status(uk)) == (Status.CANCELLED, Status.AWAITING_COLLECTION)


def test_one_line_is_cancelled_when_out_of_stock(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, ready_order: str
) -> None:
    gone, *kept = simulator.line_ids(ready_order)
    clock.pass_time(minutes=1)
    data = cancel(caller, ready_order, order_line_item_ids=[gone]).json()["data"]
    found = shown(caller, data["cancel_id"])
    assert [line["order_line_item_id"] for line in found["cancel_line_items"]] == [gone]
    order = caller.order(ready_order)
    assert (order["status"], order["update_time"]) == ("AWAITING_SHIPMENT", clock.seconds)
    assert [line["display_status"] for line in order["line_items"]] == [
        "CANCELLED",
        "AWAITING_SHIPMENT",
        "AWAITING_SHIPMENT",
    ]
    assert order["line_items"][0]["cancel_user"] == "SELLER"
    assert cancel_code(caller, ready_order, order_line_item_ids=[gone]) == 25005011
    assert cancel_code(caller, ready_order, order_line_item_ids=kept) == 0
    assert simulator.status(ready_order) is Status.CANCELLED


def test_lines_may_be_named_by_sku_and_quantity(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    sku = caller.order(ready_order)["line_items"][0]["sku_id"]
    one, two, _ = simulator.line_ids(ready_order)
    simulator.ship_in_seller_center(ready_order, "FIRST-1", "UPS", [one])
    data = cancel(caller, ready_order, skus=[{"sku_id": sku, "quantity": 1}]).json()["data"]
    assert simulator.cancellation(data["cancel_id"]).line_ids == (two,)
    assert cancel_code(caller, ready_order, skus=[{"sku_id": sku, "quantity": 2}]) == 25005011
    assert cancel_code(caller, ready_order, skus=[{"sku_id": sku, "quantity": 1}]) == 25001045


def test_a_sku_may_be_named_twice_but_no_unit(simulator: TikTokShopSimulator, caller: Caller, ready_order: str) -> None:
    sku = caller.order(ready_order)["line_items"][0]["sku_id"]
    one, two, _ = simulator.line_ids(ready_order)
    single = {"sku_id": sku, "quantity": 1}
    assert cancel_code(caller, ready_order, skus=[single, single, single]) == 25005011
    data = cancel(caller, ready_order, skus=[single, single]).json()["data"]
    assert simulator.cancellation(data["cancel_id"]).line_ids == (one, two)


def test_a_part_for_another_reason_is_refused_with_25005010(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    first, *_ = lines = simulator.line_ids(ready_order)
    wrong_price = "seller_cancel_reason_wrong_price"
    assert cancel_code(caller, ready_order, wrong_price, order_line_item_ids=[first]) == 25005010
    assert cancel_code(caller, ready_order, wrong_price, order_line_item_ids=lines) == 0


@pytest.mark.parametrize("paid", [True, False])
def test_a_part_of_an_order_that_does_not_await_shipment_is_refused(
    simulator: TikTokShopSimulator, caller: Caller, *, paid: bool
) -> None:
    order_id = simulator.place_order(caller.shop, TEES, paid=paid)
    reason = NO_STOCK if paid else "seller_cancel_unpaid_reason_out_of_stock"
    line = simulator.line_ids(order_id)[0]
    assert cancel_code(caller, order_id, reason, order_line_item_ids=[line]) == 25005010


def test_of_a_partly_shipped_order_only_the_rest_and_only_out_of_stock(
    simulator: TikTokShopSimulator, uk_caller: Caller
) -> None:
    order_id = simulator.place_order(uk_caller.shop, TEES, hold=False)
    shipped, left = simulator.line_ids(order_id)
    simulator.ship_in_seller_center(order_id, "H1001234567890", "EVRi", [shipped])
    by_line = {line["order_line_items_ids"][0]: line for line in eligibility(uk_caller, order_id)}
    assert (by_line[shipped]["eligible"], by_line[shipped]["ineligible_code"]) == (False, 25001045)
    assert (by_line[left]["eligible"], by_line[left]["available_reason_names"]) == (True, [NO_STOCK_UK])
    assert cancel_code(uk_caller, order_id, NO_STOCK_UK) == 25001045
    wrong_price = "seller_cancel_reason_wrong_price_uk"
    assert cancel_code(uk_caller, order_id, wrong_price, order_line_item_ids=[left]) == 25005010
    assert cancel_code(uk_caller, order_id, NO_STOCK_UK, order_line_item_ids=[left]) == 0
    assert simulator.status(order_id) is Status.AWAITING_COLLECTION


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"order_line_item_ids": []}, 25001001),
        ({"order_line_item_ids": ["1"]}, 25001001),
        ({"order_line_item_ids": [1]}, 36009004),
        ({"order_line_item_ids": ["1"], "skus": [{"sku_id": "1", "quantity": 1}]}, 25001001),
        ({"skus": [{"sku_id": "1", "quantity": 1}]}, 25001001),
        ({"skus": []}, 36009004),
        ({"skus": [{"sku_id": "1", "quantity": 0}]}, 36009004),
        ({"skus": [{"sku_id": "1", "quantity": "1"}]}, 36009004),
        ({"skus": [{"sku_id": "1"}]}, 36009004),
        ({"order_line_list": [{"order_line_item_id": "1"}]}, 36009004),
        ({"idempotency_key": "k"}, 36009004),
    ],
)
def test_a_malformed_cancel_is_refused_and_changes_nothing(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str, body: dict[str, object], code: int
) -> None:
    assert cancel_code(caller, ready_order, NO_STOCK, **body) == code
    assert simulator.cancellations_of(ready_order) == []


def test_there_is_no_idempotency_key(caller: Caller, ready_order: str) -> None:
    body = {"order_id": ready_order, "cancel_reason": NO_STOCK}
    assert caller.code("POST", CANCELLATIONS, query={"idempotency_key": "k"}, body=body) == 36009004


def test_a_line_named_twice_is_refused(simulator: TikTokShopSimulator, caller: Caller, ready_order: str) -> None:
    line = simulator.line_ids(ready_order)[0]
    assert cancel_code(caller, ready_order, order_line_item_ids=[line, line]) == 25001001


def test_an_unknown_order_is_refused_with_25001001_and_another_shop_s_with_25020005(
    caller: Caller, uk_caller: Caller, ready_order: str
) -> None:
    assert cancel_code(caller, "576461413038785752") == 25001001
    assert cancel_code(uk_caller, ready_order, NO_STOCK_UK) == 25020005
    path = "/return_refund/202602/orders/{}/aftersale_eligibility"
    assert caller.code("GET", path.format("576461413038785752")) == 25007006
    assert uk_caller.code("GET", path.format(ready_order)) == 25020005


def test_a_lock_that_fails_changes_nothing(simulator: TikTokShopSimulator, caller: Caller, ready_order: str) -> None:
    simulator.fail_next_lock(ready_order)
    assert [cancel_code(caller, ready_order) for _ in range(2)] == [25001028, 0]


def test_a_repeat_after_a_lost_answer_meets_25001011(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    simulator.faults.add(Fault.LOST_AFTER, CANCELLATIONS)
    with pytest.raises(httpx.ReadTimeout):
        cancel(caller, ready_order)
    assert simulator.status(ready_order) is Status.CANCELLED
    assert cancel_code(caller, ready_order) == 25001011


@pytest.mark.parametrize("code", [25001046, 36009003])
def test_other_codes_of_the_endpoint_can_be_arranged(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str, code: int
) -> None:
    simulator.refuse_next(CANCELLATIONS, code)
    assert [cancel_code(caller, ready_order) for _ in range(2)] == [code, 0]


def test_eligibility_names_every_line_by_sku(simulator: TikTokShopSimulator, caller: Caller, ready_order: str) -> None:
    one, two, three = simulator.line_ids(ready_order)
    tees, cap = eligibility(caller, ready_order)
    assert (tees["request_type"], tees["order_line_items_ids"]) == ("CANCEL", [one, two])
    assert (cap["eligible"], cap["order_line_list"]) == (True, [{"order_line_item_id": three}])
    cancel(caller, ready_order, order_line_item_ids=[one])
    gone, left, _ = eligibility(caller, ready_order)
    assert (gone["order_line_items_ids"], gone["eligible"], gone["ineligible_code"]) == ([one], False, 25005011)
    assert (gone["available_reason_names"], left["order_line_items_ids"]) == ([], [two])
    assert set(left["available_reason_names"]) == PAID_US


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, 0),
        ({"request_types": "CANCEL"}, 0),
        ({"request_types": "CANCEL,REFUND"}, 0),
        ({"request_types": "REPLACEMENT"}, 36009004),
        ({"initiate_aftersale_user": "BUYER"}, 36009004),
        ({"locale": "en-US"}, 36009004),
    ],
)
def test_eligibility_is_about_what_the_seller_may_begin(
    caller: Caller, ready_order: str, query: dict[str, str | None], code: int
) -> None:
    path = f"/return_refund/202602/orders/{ready_order}/aftersale_eligibility"
    assert caller.code("GET", path, query=query) == code
