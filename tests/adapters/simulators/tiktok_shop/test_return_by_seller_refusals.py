"""What a seller cannot refund by itself, and how it is said."""

from decimal import Decimal
from typing import Any

import pytest

from local.simulators.tiktok_shop import (
    LineSpec,
    TikTokShopSimulator,
)
from tests.adapters.simulators.tiktok_shop.return_caller import (
    LOST,
    create_code,
    eligibility,
)
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller

TEE = [LineSpec("TEE", "20.00")]


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("59.40", 0),
        ("59.4", 0),
        ("10.00", 0),
        ("59.41", 25005005),
        ("60", 25005005),
        ("0", 25001001),
        ("0.00", 25001001),
        ("-1.00", 25001001),
        ("1.001", 25001001),
        ("a lot", 25001001),
        ("1e1", 25001001),
        ("", 25001001),
        (10, 36009004),
    ],
)
def test_an_amount_is_some_of_what_is_left(
    simulator: TikTokShopSimulator, caller: Caller, delivered_order: str, amount: object, code: int
) -> None:
    assert create_code(caller, delivered_order, refund_total=amount, currency="USD") == code
    totals = [each.refund.total for each in simulator.returns()]
    assert totals == ([] if code else [Decimal(str(amount))])


@pytest.mark.parametrize(
    "body",
    [
        {"refund_total": "1.00"},
        {"refund_total": "1.00", "currency": "EUR"},
        {"currency": "GBP"},
        {"return_type": "REPLACEMENT"},
        {"return_type": "RETURN_AND_REFUND", "refund_total": "1.00", "currency": "USD"},
        {"return_type": "RETURN_AND_REFUND", "shipment_type": "PIGEON"},
        {"return_type": "RETURN_AND_REFUND", "handover_method": "BEAM"},
        {"order_line_item_ids": []},
        {"order_line_item_ids": ["1"]},
        {"skus": [{"sku_id": "1", "quantity": 1}]},
        {"order_line_list": [{"order_line_item_id": "1"}]},
        {"order_line_item_ids": ["1"], "skus": [{"sku_id": "1", "quantity": 1}]},
        {"order_id": "576461413038785752"},
    ],
)
def test_a_wrong_value_meets_25001001_and_changes_nothing(
    simulator: TikTokShopSimulator, caller: Caller, delivered_order: str, body: dict[str, Any]
) -> None:
    assert create_code(caller, delivered_order, **body) == 25001001
    assert simulator.returns() == []


@pytest.mark.parametrize(
    "body",
    [
        {"return_reason": None},
        {"return_type": None},
        {"order_id": None},
        {"skus": []},
        {"skus": [{"sku_id": "1", "quantity": 0}]},
        {"order_line_list": [{"sub_order_line_item_id": "1"}]},
        {"idempotency_key": "k"},
        {"order_line_item_ids": [1]},
    ],
)
def test_a_malformed_request_meets_36009004(
    simulator: TikTokShopSimulator, caller: Caller, delivered_order: str, body: dict[str, Any]
) -> None:
    assert create_code(caller, delivered_order, **body) == 36009004
    assert simulator.returns() == []


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (LOST, 0),
        ("seller_shipped_refund_miss_estimated_delivery_date", 25001021),
        ("ecom_order_delivered_refund_reason_damaged_seller_uk", 25001015),
        ("ecom_order_delivered_refund_reason_damaged", 25001015),
        ("reverse_reject_request_reason_3", 25001015),
        ("because", 25001014),
    ],
)
def test_a_reason_is_one_of_the_seller_s_for_what_has_arrived(
    caller: Caller, delivered_order: str, reason: str, code: int
) -> None:
    assert create_code(caller, delivered_order, return_reason=reason) == code


def test_what_cannot_be_returned_meets_its_code_and_is_not_eligible(
    simulator: TikTokShopSimulator, caller: Caller, uk_caller: Caller, ready_order: str
) -> None:
    shipped, waiting, cancelled = simulator.line_ids(ready_order)
    assert create_code(caller, ready_order) == 25001003
    simulator.ship_in_seller_center(ready_order, "9400110898825022579493", "USPS", [shipped])
    simulator.cancel_by_seller(ready_order, lines=[cancelled])
    asked = simulator.request_cancel(ready_order, [waiting])
    codes = {shipped: None, waiting: 25001011, cancelled: 25005011}
    told = {line: each for each in eligibility(caller, ready_order) for line in each["order_line_items_ids"]}
    assert {line: told[line].get("ineligible_code") for line in codes} == codes
    assert told[waiting]["available_reason_names"] == []
    assert LOST in told[shipped]["available_reason_names"]
    for line in (waiting, cancelled):
        assert create_code(caller, ready_order, order_line_item_ids=[line], return_reason=LOST) == codes[line]
    simulator.reject_in_seller_center(asked, "ecom_reverse_reject_cancel_reason_product_packed")
    assert create_code(caller, ready_order, order_line_item_ids=[waiting], return_reason=LOST) == 25001003
    assert create_code(caller, ready_order, order_line_item_ids=[shipped], return_reason=LOST) == 0
    assert create_code(uk_caller, ready_order) == 25020005
    assert simulator.cancellation(asked).line_ids == (waiting,)


def test_an_order_that_is_over_meets_25001051(
    simulator: TikTokShopSimulator, caller: Caller, delivered_order: str
) -> None:
    simulator.complete(delivered_order)
    gone = simulator.place_order(caller.shop, TEE, hold=False)
    simulator.cancel_by_seller(gone)
    for order_id in (delivered_order, gone):
        assert create_code(caller, order_id) == 25001051
        assert {each["ineligible_code"] for each in eligibility(caller, order_id)} == {25001051}


def test_units_that_a_buyer_wants_to_return_are_in_process(
    simulator: TikTokShopSimulator, caller: Caller, delivered_order: str
) -> None:
    one, two, _ = simulator.line_ids(delivered_order)
    simulator.buyer_requests_return(delivered_order, lines=[one])
    assert create_code(caller, delivered_order) == 25001011
    assert create_code(caller, delivered_order, order_line_item_ids=[two]) == 0
