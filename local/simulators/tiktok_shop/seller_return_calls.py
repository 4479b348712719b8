"""Refund units, or take them back, as their seller over the API (TT 4.4)."""

import json
from decimal import Decimal

from local.simulators.tiktok_shop.calls import Call, Json, check_fields, object_list, required_text, text_list
from local.simulators.tiktok_shop.decision_calls import idempotency_key
from local.simulators.tiktok_shop.errors import business, invalid
from local.simulators.tiktok_shop.orders import Line, Order
from local.simulators.tiktok_shop.return_decision_calls import money_of
from local.simulators.tiktok_shop.return_records import Return, ReturnType
from local.simulators.tiktok_shop.seller_returning import note_attempt, return_as_seller

FIELDS = {
    "order_id": str,
    "return_reason": str,
    "return_type": str,
    "order_line_item_ids": list,
    "order_line_list": list,
    "skus": list,
    "refund_total": str,
    "currency": str,
    "shipment_type": str,
    "handover_method": str,
}
WAYS_TO_NAME = ("order_line_item_ids", "order_line_list", "skus")
CHOICES = {
    "return_type": frozenset({"REFUND", "RETURN_AND_REFUND"}),
    "shipment_type": frozenset({"PLATFORM", "BUYER_ARRANGE"}),
    "handover_method": frozenset({"DROP_OFF", "PICKUP"}),
}
MOST = 100


def create_return(call: Call) -> Json:
    """POST /return_refund/202309/returns and 202602; a repeat under the same key gives the same return."""
    check_fields(call.body, FIELDS)
    key = idempotency_key(call)
    order = _order(call, required_text(call.body, "order_id"))
    reason = required_text(call.body, "return_reason")
    required_text(call.body, "return_type")
    if any(name in call.body and call.body[name] not in choices for name, choices in CHOICES.items()):
        raise business(25001001)
    amount = _amount(order, call.body)
    meant = "CREATE_RETURN", json.dumps(call.body, sort_keys=True)
    known = call.state.answered.get((call.shop.id, key)) if key is not None else None
    if known is None:
        type_ = ReturnType(str(call.body["return_type"]))
        lines = _chosen(order, call.body)
        given = return_as_seller(
            call.state, order, lines, reason, call.now, type_=type_, by="api", amount=amount, key=key
        )
        if key is not None:
            call.state.answered[call.shop.id, key] = (*meant, given.id)
        return _answer(given)
    if known[:2] != meant:
        # What the real service does with a key that stood for something else is not documented.
        raise business(25001001)
    given = call.state.returns[known[2]]
    note_attempt(
        call.state,
        order,
        given.units,
        reason,
        call.now,
        by="api",
        amount=amount,
        key=key,
        return_id=given.id,
        replayed=True,
    )
    return _answer(given)


def _answer(given: Return) -> Json:
    return {"return_id": given.id, "return_status": given.status.value}


def _order(call: Call, order_id: str) -> Order:
    order = call.state.orders.get(order_id)
    if order is None:
        raise business(25001001)
    if order.shop is not call.shop:
        raise business(25020005)
    return order


def _amount(order: Order, body: Json) -> Decimal | None:
    if "currency" in body and body["currency"] != order.shop.region.currency:
        raise business(25001001)
    if "refund_total" not in body:
        return None
    if "currency" not in body:
        raise business(25001001)
    return money_of(str(body["refund_total"]))


def _chosen(order: Order, body: Json) -> list[Line] | None:
    named = [name for name in WAYS_TO_NAME if name in body]
    if len(named) > 1:
        raise business(25001001)
    if not named:
        return None
    if named == ["skus"]:
        return _of_skus(order, body)
    line_ids = _line_ids(body)
    by_id = {line.id: line for line in order.lines}
    if not line_ids or len(set(line_ids)) != len(line_ids) or not by_id.keys() >= set(line_ids):
        raise business(25001001)
    return [by_id[line_id] for line_id in line_ids]


def _line_ids(body: Json) -> list[str]:
    if "order_line_item_ids" in body:
        return text_list(body["order_line_item_ids"], "order_line_item_ids")
    line_ids = []
    for each in object_list(body, "order_line_list", MOST):
        # Parts of bundles are not simulated.
        check_fields(each, {"order_line_item_id": str}, "order_line_list.")
        line_ids.append(required_text(each, "order_line_item_id", "order_line_list."))
    return line_ids


def _of_skus(order: Order, body: Json) -> list[Line]:
    chosen: list[Line] = []
    for sku in object_list(body, "skus", MOST):
        check_fields(sku, {"sku_id": str, "quantity": int}, "skus.")
        sku_id, quantity = required_text(sku, "sku_id", "skus."), sku.get("quantity")
        if not isinstance(quantity, int) or quantity < 1:
            raise invalid("skus.quantity is a required field, from 1")
        if not any(line.sku_id == sku_id for line in order.lines):
            raise business(25001001)
        left = [line for line in order.remaining if line.sku_id == sku_id and line not in chosen]
        if quantity > len(left):
            raise business(25005011)
        # Those that can still be returned go first.
        chosen += sorted(left, key=lambda line: line.is_settled or line.package is None)[:quantity]
    return chosen
