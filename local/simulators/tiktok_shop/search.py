"""Order list and order detail (TT 2.2 and 2.3)."""

from collections.abc import Callable, Mapping

from local.simulators.tiktok_shop.calls import (
    Call,
    Json,
    check_fields,
    query_choice,
    query_number,
    query_text,
    text_list,
)
from local.simulators.tiktok_shop.errors import invalid
from local.simulators.tiktok_shop.indexing import indexed, within
from local.simulators.tiktok_shop.orders import Order, Status
from local.simulators.tiktok_shop.paging import page
from local.simulators.tiktok_shop.payload import order_payload

PAGE_SIZE_LIMIT, DETAIL_LIMIT, WAREHOUSE_LIMIT = 100, 50, 100
SORT_FIELDS = ("create_time", "update_time")
SHIPPING_TYPES = ("TIKTOK", "SELLER", "TIKTOK_DIGITAL")
FILTERS: Mapping[str, type] = {
    "order_status": str,
    "create_time_ge": int,
    "create_time_lt": int,
    "update_time_ge": int,
    "update_time_lt": int,
    "shipping_type": str,
    "buyer_user_id": str,
    "is_buyer_request_cancel": bool,
    "warehouse_ids": list,
}

FACTS: Mapping[str, Callable[[Order], object]] = {
    "order_status": lambda order: order.status.value,
    "shipping_type": lambda order: order.shipping_type,
    "buyer_user_id": lambda order: order.buyer.user_id,
    "is_buyer_request_cancel": lambda order: order.cancel_request_open,
}


def search_orders(call: Call) -> Json:
    """POST /order/202309/orders/search."""
    size = query_number(call, "page_size", PAGE_SIZE_LIMIT)
    sort_field = query_choice(call, "sort_field", SORT_FIELDS, "create_time")
    sort_order = query_choice(call, "sort_order", ("ASC", "DESC"), "DESC")
    _check_filters(call.body)
    found = [
        (_sort_time(order, updated, sort_field), order)
        for order in call.state.orders_of(call.shop)
        if (updated := indexed(order.index, call.now, call.state.index_lag)) is not None
        and _matches(order, updated, call.body)
    ]
    found.sort(key=lambda each: (each[0], each[1].id), reverse=sort_order == "DESC")
    binding = {"sort": [sort_field, sort_order], "size": size, "shop": call.shop.id, "filters": call.body}
    shown, next_token = page(found, call.state.shown(size), call.query.get("page_token", ""), binding)
    return {
        "orders": [order_payload(order, call.state.doubts, call.now) for _, order in shown],
        "next_page_token": next_token,
        "total_count": len(found),
    }


def order_detail(call: Call) -> Json:
    """GET /order/202309/orders: unknown ids and those of other shops are left out without a word."""
    ids = query_text(call, "ids", label="Ids").split(",")
    if len(ids) > DETAIL_LIMIT:
        raise invalid(f"Invalid ids. At most {DETAIL_LIMIT} are allowed")
    orders = (call.state.orders.get(order_id) for order_id in dict.fromkeys(ids))
    return {
        "orders": [
            order_payload(order, call.state.doubts, call.now)
            for order in orders
            if order is not None and order.shop is call.shop
        ]
    }


def _check_filters(body: Json) -> None:
    check_fields(body, FILTERS)
    if "order_status" in body and body["order_status"] not in set(Status):
        raise invalid("Invalid order_status. The value is not an order status")
    if "shipping_type" in body and body["shipping_type"] not in SHIPPING_TYPES:
        raise invalid("Invalid shipping_type. The value is not a shipping type")
    if len(text_list(body.get("warehouse_ids", []), "warehouse_ids")) > WAREHOUSE_LIMIT:
        raise invalid(f"Invalid warehouse_ids. At most {WAREHOUSE_LIMIT} are allowed")


def _sort_time(order: Order, updated: int, sort_field: str) -> int:
    return updated if sort_field == "update_time" else int(order.created_at.timestamp())


def _matches(order: Order, updated: int, wanted: Json) -> bool:
    return (
        within(updated, wanted.get("update_time_ge"), wanted.get("update_time_lt"))
        and _created_within(order, wanted)
        and all(fact(order) == wanted[name] for name, fact in FACTS.items() if name in wanted)
        and _in_warehouse(order, wanted.get("warehouse_ids"))
    )


def _in_warehouse(order: Order, warehouse_ids: object) -> bool:
    return not isinstance(warehouse_ids, list) or not warehouse_ids or order.shop.warehouse_id in warehouse_ids


def _created_within(order: Order, wanted: Json) -> bool:
    first, end = wanted.get("create_time_ge"), wanted.get("create_time_lt")
    return (first is None and end is None) or within(int(order.created_at.timestamp()), first, end)
