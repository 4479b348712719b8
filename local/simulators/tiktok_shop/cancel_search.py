"""Search of cancellations, and the cancellation object as the API sends it (TT 4.2)."""

from collections.abc import Callable, Mapping
from datetime import datetime

from local.simulators.tiktok_shop.calls import Call, Json, check_fields, query_choice, query_number, text_list
from local.simulators.tiktok_shop.cancellations import Cancellation, CancelledLine, CancelStatus, CancelType
from local.simulators.tiktok_shop.doubts import Doubts
from local.simulators.tiktok_shop.errors import business
from local.simulators.tiktok_shop.indexing import indexed, within
from local.simulators.tiktok_shop.paging import page

PAGE_SIZE_LIMIT, DEFAULT_PAGE_SIZE = 50, 10
SORT_FIELDS = ("create_time", "update_time")
FACTS: Mapping[str, Callable[[Cancellation, Doubts], str]] = {
    "cancel_ids": lambda cancellation, _: cancellation.id,
    "order_ids": lambda cancellation, _: cancellation.order.id,
    "buyer_user_ids": lambda cancellation, _: cancellation.order.buyer.user_id,
    "cancel_types": lambda cancellation, _: cancellation.type.value,
    "cancel_status": lambda cancellation, doubts: spelled(cancellation.status, doubts.closed_cancel_filter),
}
TIMES = ("create_time_ge", "create_time_lt", "update_time_ge", "update_time_lt")
FILTERS: Mapping[str, type] = {**dict.fromkeys(FACTS, list), **dict.fromkeys(TIMES, int), "locale": str}


def search_cancellations(call: Call) -> Json:
    """POST /return_refund/202309/cancellations/search: oldest first unless asked otherwise, unlike orders."""
    size = query_number(call, "page_size", PAGE_SIZE_LIMIT) if "page_size" in call.query else DEFAULT_PAGE_SIZE
    sort_field = query_choice(call, "sort_field", SORT_FIELDS, "create_time")
    sort_order = query_choice(call, "sort_order", ("ASC", "DESC"), "ASC")
    doubts = call.state.doubts
    wanted = _wanted(call.body, doubts)
    found = [
        (updated if sort_field == "update_time" else _created(cancellation), cancellation)
        for cancellation in call.state.cancellations.values()
        if cancellation.order.shop is call.shop
        and (updated := indexed(cancellation.index, call.now, call.state.index_lag)) is not None
        and within(updated, call.body.get("update_time_ge"), call.body.get("update_time_lt"))
        and within(_created(cancellation), call.body.get("create_time_ge"), call.body.get("create_time_lt"))
        and all(FACTS[name](cancellation, doubts) in values for name, values in wanted.items())
    ]
    found.sort(key=lambda each: (each[0], each[1].id), reverse=sort_order == "DESC")
    sort = ["cancellations", sort_field, sort_order]
    binding = {"sort": sort, "size": size, "shop": call.shop.id, "filters": call.body}
    shown, next_token = page(found, call.state.shown(size), call.query.get("page_token", ""), binding)
    return {
        "cancellations": [_payload(cancellation, doubts) for _, cancellation in shown],
        "next_page_token": next_token,
        "total_count": len(found),
    }


def spelled(status: CancelStatus, closed: str) -> str:
    """The status with the spelling in doubt."""
    return closed if status is CancelStatus.CANCELLED else status.value


def _wanted(body: Json, doubts: Doubts) -> dict[str, frozenset[str]]:
    check_fields(body, FILTERS)
    # An empty list is taken for no filter; what the real service does with one is not documented.
    wanted = {name: frozenset(text_list(body[name], name)) for name in FACTS if body.get(name)}
    known = {
        "cancel_types": frozenset(CancelType),
        "cancel_status": frozenset(spelled(status, doubts.closed_cancel_filter) for status in CancelStatus),
    }
    if any(not values <= known.get(name, values) for name, values in wanted.items()):
        raise business(25001001)
    return wanted


def _payload(cancellation: Cancellation, doubts: Doubts) -> Json:
    payload: Json = {
        "cancel_id": cancellation.id,
        "order_id": cancellation.order.id,
        "cancel_type": cancellation.type.value,
        "cancel_status": spelled(cancellation.status, doubts.closed_cancel_status),
        "role": cancellation.role.value,
        "cancel_reason": cancellation.reason,
        "cancel_reason_text": cancellation.reason_text,
        "create_time": _created(cancellation),
        "update_time": _seconds(cancellation.updated_at),
        "refund_amount": cancellation.refund.payload(),
        "cancel_line_items": [_line(each) for each in cancellation.lines],
        "should_replenish_stock": cancellation.restocks,
    }
    if cancellation.status is CancelStatus.PENDING and cancellation.respond_by is not None:
        action: Json = {"action": doubts.respond_action, "deadline": _seconds(cancellation.respond_by)}
        payload["seller_next_action_response"] = [action]
    return payload


def _line(each: CancelledLine) -> Json:
    line = each.line
    return {
        "cancel_line_item_id": each.id,
        "order_line_item_id": line.id,
        "sku_id": line.sku_id,
        "sku_name": "Default",
        "product_name": line.product_name,
        "seller_sku": line.seller_sku,
        "product_image": {"url": "https://example.invalid/a.jpg", "width": 200, "height": 200},
        "refund_amount": each.refund.payload(),
    }


def _created(cancellation: Cancellation) -> int:
    return _seconds(cancellation.created_at)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
