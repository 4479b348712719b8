"""Cancel an order, or lines of it, as its seller over the API (TT 4.1)."""

from local.simulators.tiktok_shop.calls import Call, Json, check_fields, object_list, required_text, text_list
from local.simulators.tiktok_shop.cancel_search import spelled
from local.simulators.tiktok_shop.errors import business, invalid
from local.simulators.tiktok_shop.orders import Line, Order
from local.simulators.tiktok_shop.seller_cancelling import cancel_as_seller

FIELDS = {"order_id": str, "cancel_reason": str, "order_line_item_ids": list, "skus": list}
MOST_SKUS = 100


def cancel_order(call: Call) -> Json:
    """POST /return_refund/202309/cancellations: no idempotency key; a repeat meets 25001011."""
    check_fields(call.body, FIELDS)
    order = _order(call, required_text(call.body, "order_id"))
    reason = required_text(call.body, "cancel_reason")
    lines = _chosen(order, call.body)
    cancellation = cancel_as_seller(call.state, order, lines, reason, call.now, by="api")
    status = spelled(cancellation.status, call.state.doubts.closed_cancel_status)
    return {"cancel_id": cancellation.id, "cancel_status": status}


def _order(call: Call, order_id: str) -> Order:
    order = call.state.orders.get(order_id)
    if order is None:
        raise business(25001001)
    if order.shop is not call.shop:
        raise business(25020005)
    return order


def _chosen(order: Order, body: Json) -> list[Line] | None:
    if "order_line_item_ids" in body and "skus" in body:
        raise business(25001001)
    if "skus" in body:
        return _of_skus(order, body)
    if "order_line_item_ids" not in body:
        return None
    # As for shipments: whether an empty list means "all" is not documented, so it is refused.
    line_ids = text_list(body["order_line_item_ids"], "order_line_item_ids")
    by_id = {line.id: line for line in order.lines}
    if not line_ids or len(set(line_ids)) != len(line_ids) or not by_id.keys() >= set(line_ids):
        raise business(25001001)
    return [by_id[line_id] for line_id in line_ids]


def _of_skus(order: Order, body: Json) -> list[Line]:
    chosen: list[Line] = []
    for sku in object_list(body, "skus", MOST_SKUS):
        check_fields(sku, {"sku_id": str, "quantity": int}, "skus.")
        sku_id, quantity = required_text(sku, "sku_id", "skus."), sku.get("quantity")
        if not isinstance(quantity, int) or quantity < 1:
            raise invalid("skus.quantity is a required field, from 1")
        if not any(line.sku_id == sku_id for line in order.lines):
            raise business(25001001)
        left = [line for line in order.remaining if line.sku_id == sku_id and line not in chosen]
        if quantity > len(left):
            raise business(25005011)
        # Those that can still be cancelled go first.
        chosen += sorted(left, key=lambda line: line.package is not None)[:quantity]
    return chosen
