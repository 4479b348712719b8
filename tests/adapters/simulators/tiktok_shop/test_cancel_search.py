from datetime import timedelta
from typing import Any

import pytest

from local.simulators.tiktok_shop import Doubts, LineSpec, Shop, TikTokShopSimulator
from tests.adapters.simulators.tiktok_shop.cancel_caller import (
    CANCELLATIONS,
    approve,
    in_doubt,
    search,
    search_code,
    shown,
)
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller, Clock

TEE = [LineSpec("TEE", "20.00")]


def ids(found: Any) -> list[str]:
    return [each["cancel_id"] for each in found["cancellations"]]


def several(simulator: TikTokShopSimulator, shop: Shop, clock: Clock, count: int) -> list[str]:
    """Requests a minute apart, oldest first."""
    made = []
    for _ in range(count):
        made.append(simulator.request_cancel(simulator.place_order(shop, TEE, hold=False)))
        clock.pass_time(minutes=1)
    return made


def test_a_cancellation_has_the_documented_fields_and_types(
    simulator: TikTokShopSimulator, caller: Caller, clock: Clock, ready_order: str
) -> None:
    cancel_id = simulator.request_cancel(ready_order)
    found = shown(caller, cancel_id)
    lines = found.pop("cancel_line_items")
    assert found == {
        "cancel_id": cancel_id,
        "order_id": ready_order,
        "cancel_type": "BUYER_CANCEL",
        "cancel_status": "CANCELLATION_REQUEST_PENDING",
        "role": "BUYER",
        "cancel_reason": "ecom_order_to_ship_canceled_reason_no_longer_needed",
        "cancel_reason_text": "No longer needed",
        "create_time": clock.seconds,
        "update_time": clock.seconds,
        "seller_next_action_response": [{"action": "SELLER_RESPOND_CANCEL", "deadline": clock.seconds + 86400}],
        "refund_amount": {
            "currency": "USD",
            "refund_total": "59.40",
            "refund_subtotal": "55.00",
            "refund_shipping_fee": "0",
            "refund_tax": "4.40",
            "retail_delivery_fee": "0",
            "buyer_service_fee": "0",
        },
        "should_replenish_stock": True,
    }
    assert [line["order_line_item_id"] for line in lines] == simulator.line_ids(ready_order)
    assert len({line["cancel_line_item_id"] for line in lines}) == 3
    assert lines[0]["refund_amount"]["refund_total"] == "21.60"
    assert lines[0].keys() == {
        "cancel_line_item_id",
        "order_line_item_id",
        "sku_id",
        "sku_name",
        "product_name",
        "seller_sku",
        "product_image",
        "refund_amount",
    }


def test_what_is_out_of_stock_or_has_shipped_is_not_replenished(
    simulator: TikTokShopSimulator, caller: Caller, ready_order: str
) -> None:
    other = simulator.place_order(caller.shop, TEE, hold=False)
    assert shown(caller, simulator.cancel_by_seller(other, "Out of stock"))["should_replenish_stock"] is False
    simulator.ship_in_seller_center(ready_order, "FIRST-1", "UPS")
    assert shown(caller, simulator.cancel_by_seller(ready_order, "Pricing error"))["should_replenish_stock"] is False


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
    approve(caller, one)
    by_update: dict[str, str | None] = {"sort_field": "update_time"}
    assert ids(search(caller, by_update)) == [two, three, one]
    assert ids(search(caller, by_update, update_time_ge=before)) == [one]
    assert ids(search(caller, by_update, update_time_lt=before)) == [two, three]
    clock.pass_time(minutes=30)
    assert ids(search(caller, by_update, update_time_ge=clock.seconds)) == [one]


def test_each_filter_narrows_the_search(simulator: TikTokShopSimulator, caller: Caller, clock: Clock) -> None:
    start = clock.seconds
    one, two, three = several(simulator, caller.shop, clock, 3)
    fraud = simulator.cancel_by_platform(simulator.place_order(caller.shop, TEE), "Potential fraud")
    approve(caller, two)
    simulator.withdraw_cancel_request(simulator.cancellation(three).order_id)
    order = caller.order(simulator.cancellation(one).order_id)
    assert ids(search(caller, cancel_ids=[one, fraud])) == [one, fraud]
    assert ids(search(caller, order_ids=[order["id"]])) == [one]
    assert ids(search(caller, buyer_user_ids=[order["user_id"]])) == [one]
    assert ids(search(caller, cancel_types=["CANCEL"])) == [fraud]
    assert ids(search(caller, cancel_status=["CANCELLATION_REQUEST_PENDING"])) == [one]
    assert ids(search(caller, cancel_status=["CANCELLATION_REQUEST_CANCEL", "CANCELLATION_REQUEST_SUCCESS"])) == [
        two,
        three,
        fraud,
    ]
    assert ids(search(caller, create_time_ge=start + 60, create_time_lt=start + 120)) == [two]
    assert ids(search(caller, locale="en-US", cancel_types=[], cancel_ids=[two])) == [two]
    assert ids(search(caller, cancel_ids=["1"])) == []


def test_another_shop_s_cancellations_are_not_found(
    simulator: TikTokShopSimulator, caller: Caller, uk_caller: Caller, clock: Clock
) -> None:
    made = several(simulator, uk_caller.shop, clock, 1)
    assert ids(search(caller)) == []
    assert ids(search(caller, cancel_ids=made)) == []
    assert ids(search(uk_caller)) == made


@pytest.mark.parametrize(
    ("query", "filters", "code"),
    [
        ({"page_size": "0"}, {}, 36009004),
        ({"page_size": "51"}, {}, 36009004),
        ({"page_size": "ten"}, {}, 36009004),
        ({"sort_field": "pay_time"}, {}, 36009004),
        ({"sort_order": "asc"}, {}, 36009004),
        ({"page_token": "nonsense"}, {}, 36009004),
        ({}, {"page_size": "10"}, 36009004),
        ({}, {"cancel_ids": "1"}, 36009004),
        ({}, {"cancel_ids": [1]}, 36009004),
        ({}, {"update_time_ge": "1780300800"}, 36009004),
        ({}, {"cancel_types": ["BUYER"]}, 25001001),
        ({}, {"cancel_status": ["PENDING"]}, 25001001),
        ({}, {"cancel_status": ["CANCELLATION_REQUEST_CANCELLED"]}, 25001001),
    ],
)
def test_a_bad_search_is_refused(
    caller: Caller, query: dict[str, str | None], filters: dict[str, object], code: int
) -> None:
    assert search_code(caller, query, **filters) == code


def test_a_page_token_belongs_to_its_query(simulator: TikTokShopSimulator, caller: Caller, clock: Clock) -> None:
    several(simulator, caller.shop, clock, 3)
    token = search(caller, {"page_size": "1"})["next_page_token"]
    assert search_code(caller, {"page_size": "1", "page_token": token}) == 0
    assert search_code(caller, {"page_size": "2", "page_token": token}) == 36009004
    assert search_code(caller, {"page_size": "1", "page_token": token}, cancel_types=["CANCEL"]) == 36009004
    orders = {"page_size": "1", "sort_order": "ASC", "page_token": token}
    assert caller.code("POST", "/order/202309/orders/search", query=orders, body={}) == 36009004


def test_the_index_learns_late_of_requests_and_answers(clock: Clock) -> None:
    with in_doubt(clock, Doubts(), index_lag=timedelta(seconds=30)) as (simulator, caller):
        cancel_id = simulator.request_cancel(simulator.place_order(caller.shop, TEE, hold=False))
        assert ids(search(caller)) == []
        clock.pass_time(seconds=30)
        assert ids(search(caller)) == [cancel_id]
        approve(caller, cancel_id)
        assert ids(search(caller, update_time_ge=clock.seconds)) == []
        clock.pass_time(seconds=30)
        assert ids(search(caller, update_time_ge=clock.seconds - 30)) == [cancel_id]


def test_the_spellings_in_doubt_are_switches(clock: Clock) -> None:
    doubts = Doubts(
        closed_cancel_status="CANCELLATION_REQUEST_CANCEL",
        closed_cancel_filter="CANCELLATION_REQUEST_CANCELLED",
        respond_action="SELLER_RESPOND_BUYER_CANCEL",
    )
    with in_doubt(clock, doubts) as (simulator, caller):
        order_id = simulator.place_order(caller.shop, TEE, hold=False)
        cancel_id = simulator.request_cancel(order_id)
        (action,) = shown(caller, cancel_id)["seller_next_action_response"]
        assert action["action"] == "SELLER_RESPOND_BUYER_CANCEL"
        simulator.withdraw_cancel_request(order_id)
        (found,) = search(caller, cancel_status=["CANCELLATION_REQUEST_CANCELLED"])["cancellations"]
        assert found["cancel_status"] == "CANCELLATION_REQUEST_CANCEL"
        assert search_code(caller, cancel_status=["CANCELLATION_REQUEST_CANCEL"]) == 25001001


@pytest.mark.parametrize("code", [25020005, 25020008, 36009003])
def test_other_codes_of_the_search_can_be_arranged(simulator: TikTokShopSimulator, caller: Caller, code: int) -> None:
    simulator.refuse_next("/cancellations/search", code)
    assert [search_code(caller) for _ in range(2)] == [code, 0]
    assert simulator.books.count(f"{CANCELLATIONS}/search", caller.shop.id) == 2
