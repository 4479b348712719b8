"""Calls of the cancellation endpoints, as a signing application makes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx

from local.simulators.tiktok_shop import Doubts, TikTokShopSimulator
from tests.adapters.simulators.tiktok_shop.signed_caller import APP_KEY, APP_SECRET, Caller, Clock

CANCELLATIONS = "/return_refund/202309/cancellations"
PACKED_US = "ecom_reverse_reject_cancel_reason_product_packed"
PACKED_UK = "seller_reject_apply_product_has_been_packed"
NO_STOCK, NO_STOCK_UK = "seller_cancel_reason_out_of_stock", "seller_cancel_reason_out_of_stock_uk"


@contextmanager
def in_doubt(
    clock: Clock, doubts: Doubts, region: str = "US", *, index_lag: timedelta = timedelta(0)
) -> Iterator[tuple[TikTokShopSimulator, Caller]]:
    """A simulator with doubts of its own, and a caller for its only shop."""
    simulator = TikTokShopSimulator(clock, app_key=APP_KEY, app_secret=APP_SECRET, doubts=doubts, index_lag=index_lag)
    shop = simulator.open_shop(region, f"Demo {region}")
    token = simulator.authorize(shop).access_token
    with httpx.Client(transport=httpx.WSGITransport(app=simulator), base_url="https://tiktok.invalid") as client:
        yield simulator, Caller(client=client, clock=clock, shop=shop, token=token)


def approve(caller: Caller, cancel_id: str, key: str | None = None) -> int:
    return caller.code("POST", f"{CANCELLATIONS}/{cancel_id}/approve", query={"idempotency_key": key}, body={})


def reject(caller: Caller, cancel_id: str, reason: str, key: str | None = None, **body: object) -> int:
    path = f"{CANCELLATIONS}/{cancel_id}/reject"
    return caller.code("POST", path, query={"idempotency_key": key}, body={"reject_reason": reason, **body})


def cancel(caller: Caller, order_id: str, reason: str = NO_STOCK, **body: object) -> httpx.Response:
    return caller.send("POST", CANCELLATIONS, body={"order_id": order_id, "cancel_reason": reason, **body})


def cancel_code(caller: Caller, order_id: str, reason: str = NO_STOCK, **body: object) -> int:
    code = cancel(caller, order_id, reason, **body).json()["code"]
    assert isinstance(code, int)
    return code


def search(caller: Caller, query: dict[str, str | None] | None = None, **filters: object) -> Any:
    return caller.data("POST", f"{CANCELLATIONS}/search", query=query or {}, body=filters)


def search_code(caller: Caller, query: dict[str, str | None] | None = None, **filters: object) -> int:
    return caller.code("POST", f"{CANCELLATIONS}/search", query=query or {}, body=filters)


def shown(caller: Caller, cancel_id: str) -> Any:
    (cancellation,) = search(caller, cancel_ids=[cancel_id])["cancellations"]
    return cancellation


def reject_reasons(caller: Caller, cancel_id: str) -> set[str]:
    path = "/return_refund/202309/reject_reasons"
    reasons = caller.data("GET", path, query={"return_or_cancel_id": cancel_id})["reasons"]
    assert all(reason["text"] for reason in reasons)
    return {reason["name"] for reason in reasons}


def decisions(caller: Caller, cancel_id: str, check: str | None = None) -> dict[str, Any]:
    path = "/return_refund/202601/decision_eligibility"
    query = {"return_or_cancel_id": cancel_id, "check_decisions": check}
    return {each["decision"]: each for each in caller.data("GET", path, query=query)["decisions"]}


def eligibility(caller: Caller, order_id: str) -> list[Any]:
    path = f"/return_refund/202602/orders/{order_id}/aftersale_eligibility"
    query: dict[str, str | None] = {"initiate_aftersale_user": "SELLER", "request_types": "CANCEL"}
    skus = caller.data("GET", path, query=query)["sku_eligibility"]
    return [each for sku in skus for each in sku["line_item_eligibility"]]
