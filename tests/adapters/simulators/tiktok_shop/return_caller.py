"""Calls of the endpoints of returns, as a signing application makes them."""

from typing import Any

import httpx

from local.simulators.tiktok_shop import LineSpec, ReturnType, Shop, TikTokShopSimulator
from local.tracking_numbers import usps
from tests.adapters.simulators.tiktok_shop.signed_caller import Caller

RETURNS = "/return_refund/202309/returns"
NEWER_RETURNS = "/return_refund/202602/returns"
NOT_CLEAR = "reverse_reject_refund_request_unclear_evidence"
NO_CHANGE_OF_MIND = "reverse_reject_request_reason_2"
USED = "reverse_reject_return_parcel_reason_5"
DAMAGED, LOST = "ecom_order_delivered_refund_reason_damaged_seller", "seller_shipped_refund_package_lost"


def ship_and_deliver(simulator: TikTokShopSimulator, order_id: str) -> None:
    """Ship an order of a US shop whole, and deliver it."""
    simulator.ship_in_seller_center(order_id, usps(int(order_id) % 10**8), "USPS")
    simulator.collect(order_id)
    simulator.deliver(order_id)


def returned(simulator: TikTokShopSimulator, shop: Shop, kind: ReturnType = ReturnType.REFUND) -> str:
    """A return of a new order."""
    order_id = simulator.place_order(shop, [LineSpec("TEE", "20.00")], hold=False)
    ship_and_deliver(simulator, order_id)
    return simulator.buyer_requests_return(order_id, kind)


def approve(caller: Caller, return_id: str, decision: str, key: str | None = None, **body: Any) -> int:
    path = f"{RETURNS}/{return_id}/approve"
    return caller.code("POST", path, query={"idempotency_key": key}, body={"decision": decision, **body})


def reject(caller: Caller, return_id: str, decision: str, reason: str, key: str | None = None, **body: Any) -> int:
    said = {"decision": decision, "reject_reason": reason, **body}
    return caller.code("POST", f"{RETURNS}/{return_id}/reject", query={"idempotency_key": key}, body=said)


def create(caller: Caller, order: str, key: str | None = None, **body: Any) -> httpx.Response:
    said = {"order_id": order, "return_reason": DAMAGED, "return_type": "REFUND", **body}
    given = {name: value for name, value in said.items() if value is not None}
    return caller.send("POST", NEWER_RETURNS, query={"idempotency_key": key}, body=given)


def create_code(caller: Caller, order: str, key: str | None = None, **body: Any) -> int:
    code = create(caller, order, key, **body).json()["code"]
    assert isinstance(code, int)
    return code


def search(caller: Caller, query: dict[str, str | None] | None = None, **filters: object) -> Any:
    return caller.data("POST", f"{RETURNS}/search", query=query or {}, body=filters)


def search_code(caller: Caller, query: dict[str, str | None] | None = None, **filters: object) -> int:
    return caller.code("POST", f"{RETURNS}/search", query=query or {}, body=filters)


def shown(caller: Caller, return_id: str) -> Any:
    (given,) = search(caller, return_ids=[return_id])["return_orders"]
    return given


def reject_reasons(caller: Caller, return_id: str) -> set[str]:
    path = "/return_refund/202309/reject_reasons"
    reasons = caller.data("GET", path, query={"return_or_cancel_id": return_id})["reasons"]
    assert all(reason["text"] for reason in reasons)
    return {reason["name"] for reason in reasons}


def decisions(caller: Caller, return_id: str, check: str | None = None) -> dict[str, Any]:
    path = "/return_refund/202601/decision_eligibility"
    query = {"return_or_cancel_id": return_id, "check_decisions": check}
    return {each["decision"]: each for each in caller.data("GET", path, query=query)["decisions"]}


def eligibility(caller: Caller, order_id: str, types: str = "REFUND") -> list[Any]:
    path = f"/return_refund/202602/orders/{order_id}/aftersale_eligibility"
    query: dict[str, str | None] = {"initiate_aftersale_user": "SELLER", "request_types": types}
    skus = caller.data("GET", path, query=query)["sku_eligibility"]
    return [each for sku in skus for each in sku["line_item_eligibility"]]
