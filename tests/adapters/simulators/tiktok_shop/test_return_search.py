from datetime import timedelta
from typing import Any

import pytest

from local.simulators.tiktok_shop import Doubts, ReturnType, Shop, TikTokShopSimulator
from tests.adapters.simulators.tiktok_shop.cancel_caller import in_doubt
from tests.adapters.simulators.tiktok_shop.return_caller import (
    NEWER_RETURNS,
    NOT_CLEAR,
    approve,
    reject,
    returned,
    search,
    search_code,
    shown,
)
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller, Clock


def ids(found: Any) -> list[str]:
    return [each["return_id"] for each in found["return_orders"]]


def several(simulator: TikTokShopSimulator, shop: Shop, clock: Clock, count: int) -> list[str]:
    """Returns a minute apart, oldest first."""
    made = []
    for _ in range(count):
        made.append(returned(simulator, shop))
        clock.pass_time(minutes=1)
    return made


def test_a_return_has_the_documented_fields_and_types(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, delivered_order: str
) -> None:
    return_id = simulator.buyer_requests_return(delivered_order)
    found = shown(caller, return_id)
    lines = found.pop("return_line_items")
    assert found == {
        "return_id": return_id,
        "order_id": delivered_order,
        "return_type": "REFUND",
        "return_status": "RETURN_OR_REFUND_REQUEST_PENDING",
        "role": "BUYER",
        "return_reason": "ecom_order_delivered_refund_reason_not_received",
        "return_reason_text": "Package wasn't received",
        "create_time": clock.seconds,
        "update_time": clock.seconds,
        "can_buyer_keep_item": True,
        "is_combined_return": False,
        "is_quick_refund": False,
        "seller_next_action_response": [{"action": "SELLER_RESPOND_REFUND", "deadline": clock.seconds + 86400}],
        "refund_amount": {
            "currency": "USD",
            "refund_total": "59.40",
            "refund_subtotal": "55.00",
            "refund_shipping_fee": "0",
            "refund_tax": "4.40",
            "retail_delivery_fee": "0",
            "buyer_service_fee": "0",
        },
        "discount_amount": [
            {
                "currency": "USD",
                "product_seller_discount": "0",
                "product_platform_discount": "0",
                "shipping_fee_seller_discount": "0",
                "shipping_fee_platform_discount": "0",
            }
        ],
    }
    assert [line["order_line_item_id"] for line in lines] == simulator.line_ids(delivered_order)
    assert len({line["return_line_item_id"] for line in lines}) == 3
    assert lines[0]["refund_amount"]["refund_total"] == "21.60"
    assert lines[0].keys() == {
        "return_line_item_id",
        "order_line_item_id",
        "sku_id",
        "sku_name",
        "product_name",
        "seller_sku",
        "product_image",
        "refund_amount",
    }


def test_goods_that_come_back_have_a_way(simulator: TikTokShopSimulator, caller: Caller, delivered_order: str) -> None:
    return_id = simulator.buyer_requests_return(delivered_order, ReturnType.RETURN_AND_REFUND)
    simulator.tiktok_makes_label(return_id, document_type="QR_CODE")
    found = shown(caller, return_id)
    assert {name: found[name] for name in ("shipment_type", "handover_method", "return_method")} == {
        "shipment_type": "PLATFORM",
        "handover_method": "DROP_OFF",
        "return_method": "PLATFORM_SHIPPED",
    }
    assert found["return_shipping_document_type"] == "QR_CODE"
    assert found["return_warehouse_address"]["full_address"]
    assert "return_tracking_number" not in found


def test_both_versions_of_the_search_answer(simulator: TikTokShopSimulator, caller: Caller) -> None:
    return_id = returned(simulator, caller.shop)
    assert ids(search(caller)) == ids(caller.data("POST", f"{NEWER_RETURNS}/search", body={})) == [return_id]


def test_ten_at_a_time_oldest_first_unless_asked_otherwise(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    made = several(simulator, caller.shop, clock, 12)
    first = search(caller)
    assert (ids(first), first["total_count"]) == (made[:10], 12)
    second = search(caller, {"page_token": first["next_page_token"]})
    assert (ids(second), second["next_page_token"]) == (made[10:], "")
    assert ids(search(caller, {"page_size": "50", "sort_order": "DESC"})) == made[::-1]


def test_sorting_by_update_time_follows_the_changes(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock
) -> None:
    one, two, three = several(simulator, caller.shop, clock, 3)
    before = clock.seconds
    approve(caller, one, "APPROVE_REFUND")
    by_update: dict[str, str | None] = {"sort_field": "update_time"}
    assert ids(search(caller, by_update)) == [two, three, one]
    assert ids(search(caller, by_update, update_time_ge=before)) == [one]
    assert ids(search(caller, by_update, update_time_lt=before)) == [two, three]
    clock.pass_time(minutes=30)
    assert ids(search(caller, by_update, update_time_ge=clock.seconds)) == [one]


def test_each_filter_narrows_the_search(simulator: TikTokShopSimulator, caller: Caller, clock: Clock) -> None:
    start = clock.seconds
    one, two, three = several(simulator, caller.shop, clock, 3)
    goods = returned(simulator, caller.shop, ReturnType.RETURN_AND_REFUND)
    exchange = returned(simulator, caller.shop, ReturnType.EXCHANGE)
    approve(caller, two, "APPROVE_REFUND")
    reject(caller, three, "REJECT_REFUND", NOT_CLEAR)
    simulator.buyer_escalates(three)
    simulator.offer_partial_refund_in_seller_center(one, "1.00")
    order = caller.order(simulator.return_record(one).order_id)
    assert ids(search(caller, return_ids=[one, goods])) == [one, goods]
    assert ids(search(caller, order_ids=[order["id"]])) == [one]
    assert ids(search(caller, buyer_user_ids=[order["user_id"]])) == [one]
    assert ids(search(caller, return_types=["RETURN_AND_REFUND", "EXCHANGE"])) == [goods, exchange]
    assert ids(search(caller, return_status=["AWAITING_BUYER_RESPONSE"])) == [one]
    assert ids(search(caller, arbitration_status=["IN_PROGRESS"])) == [three]
    assert ids(search(caller, seller_proposed_return_type=["PARTIAL_REFUND"])) == [one]
    assert ids(search(caller, create_time_ge=start + 60, create_time_lt=start + 180)) == [two, three]
    assert ids(search(caller, return_types=[], locale="en-US")) == [one, two, three, goods, exchange]
    assert search(caller, return_ids=["4040217600000000001"])["return_orders"] == []


def test_a_shop_sees_its_own_returns_only(simulator: TikTokShopSimulator, caller: Caller, uk_caller: Caller) -> None:
    returned(simulator, caller.shop)
    assert search(uk_caller)["return_orders"] == []


@pytest.mark.parametrize(
    ("query", "body", "code"),
    [
        ({"page_size": "0"}, {}, 36009004),
        ({"page_size": "51"}, {}, 36009004),
        ({"page_size": "many"}, {}, 36009004),
        ({"sort_field": "total"}, {}, 36009004),
        ({"sort_order": "UP"}, {}, 36009004),
        ({"page_token": "nonsense"}, {}, 36009004),
        ({}, {"return_types": ["CANCEL"]}, 25001001),
        ({}, {"return_status": ["PENDING"]}, 25001001),
        ({}, {"return_status": ["REPLACEMENT_REQUEST_PENDING"]}, 25001001),
        ({}, {"arbitration_status": ["LOST"]}, 25001001),
        ({}, {"return_ids": "1"}, 36009004),
        ({}, {"return_ids": [1]}, 36009004),
        ({}, {"update_time_ge": "1"}, 36009004),
        ({}, {"cancel_ids": ["1"]}, 36009004),
    ],
)
def test_a_search_that_tiktok_would_not_take_is_refused(
    caller: Caller, query: dict[str, str | None], body: dict[str, object], code: int
) -> None:
    assert search_code(caller, query, **body) == code


def test_a_token_belongs_to_its_query(simulator: TikTokShopSimulator, caller: Caller, clock: Clock) -> None:
    several(simulator, caller.shop, clock, 3)
    token = search(caller, {"page_size": "2"})["next_page_token"]
    assert search_code(caller, {"page_size": "2", "page_token": token}, return_types=["REFUND"]) == 36009004
    assert search_code(caller, {"page_size": "2", "page_token": token}) == 0


def test_the_index_hears_of_changes_late(clock: Clock) -> None:
    with in_doubt(clock, Doubts(), index_lag=timedelta(seconds=30)) as (simulator, caller):
        return_id = returned(simulator, caller.shop)
        assert ids(search(caller)) == []
        clock.pass_time(seconds=30)
        asked_at = clock.seconds - 30
        assert ids(search(caller)) == [return_id]
        approve(caller, return_id, "APPROVE_REFUND")
        assert ids(search(caller, update_time_ge=asked_at + 1)) == []
        assert shown(caller, return_id)["update_time"] == asked_at + 30
        clock.pass_time(seconds=30)
        assert ids(search(caller, update_time_ge=asked_at + 1)) == [return_id]
