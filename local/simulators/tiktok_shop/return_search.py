"""Search of returns, and the return object as the API sends it (TT 4.4)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from local.simulators.tiktok_shop.calls import Call, Json, check_fields, query_choice, query_number, text_list
from local.simulators.tiktok_shop.doubts import Doubts
from local.simulators.tiktok_shop.errors import business
from local.simulators.tiktok_shop.indexing import indexed, within
from local.simulators.tiktok_shop.money import ZERO, text
from local.simulators.tiktok_shop.paging import page
from local.simulators.tiktok_shop.return_records import (
    Arbitration,
    Return,
    ReturnedLine,
    ReturnStatus,
    ReturnType,
    open_question,
)

PAGE_SIZE_LIMIT, DEFAULT_PAGE_SIZE = 50, 10
SORT_FIELDS = ("create_time", "update_time")
PARTIAL_REFUND = "PARTIAL_REFUND"
FACTS: Mapping[str, Callable[[Return], str]] = {
    "return_ids": lambda given: given.id,
    "order_ids": lambda given: given.order.id,
    "buyer_user_ids": lambda given: given.order.buyer.user_id,
    "return_types": lambda given: given.type.value,
    "return_status": lambda given: given.status.value,
    "seller_proposed_return_type": lambda given: PARTIAL_REFUND if given.offer is not None else "",
    "arbitration_status": lambda given: given.arbitration.value if given.arbitration else "",
}
KNOWN: Mapping[str, frozenset[str]] = {
    "return_types": frozenset(ReturnType),
    # The request names no statuses of replacements and exchanges.
    "return_status": frozenset(status for status in ReturnStatus if not status.startswith(("REPLACE", "EXCHANGE"))),
    "seller_proposed_return_type": frozenset({PARTIAL_REFUND}),
    "arbitration_status": frozenset(Arbitration),
}
TIMES = ("create_time_ge", "create_time_lt", "update_time_ge", "update_time_lt")
FILTERS: Mapping[str, type] = {**dict.fromkeys(FACTS, list), **dict.fromkeys(TIMES, int), "locale": str}


def search_returns(call: Call) -> Json:
    """POST /return_refund/202309/returns/search and 202602: oldest first unless asked otherwise."""
    size = query_number(call, "page_size", PAGE_SIZE_LIMIT) if "page_size" in call.query else DEFAULT_PAGE_SIZE
    sort_field = query_choice(call, "sort_field", SORT_FIELDS, "create_time")
    sort_order = query_choice(call, "sort_order", ("ASC", "DESC"), "ASC")
    wanted = _wanted(call.body)
    found = [
        (updated if sort_field == "update_time" else _seconds(given.created_at), given)
        for given in call.state.returns.values()
        if given.order.shop is call.shop
        and (updated := indexed(given.index, call.now, call.state.index_lag)) is not None
        and within(updated, call.body.get("update_time_ge"), call.body.get("update_time_lt"))
        and within(_seconds(given.created_at), call.body.get("create_time_ge"), call.body.get("create_time_lt"))
        and all(FACTS[name](given) in values for name, values in wanted.items())
    ]
    found.sort(key=lambda each: (each[0], each[1].id), reverse=sort_order == "DESC")
    binding = {
        "sort": ["returns", sort_field, sort_order],
        "size": size,
        "shop": call.shop.id,
        "filters": call.body,
    }
    shown, next_token = page(found, call.state.shown(size), call.query.get("page_token", ""), binding)
    return {
        "return_orders": [_payload(given, call.state.doubts) for _, given in shown],
        "next_page_token": next_token,
        "total_count": len(found),
    }


def _wanted(body: Json) -> dict[str, frozenset[str]]:
    check_fields(body, FILTERS)
    # An empty list is taken for no filter; what the real service does with one is not documented.
    wanted = {name: frozenset(text_list(body[name], name)) for name in FACTS if body.get(name)}
    if any(not values <= KNOWN.get(name, values) for name, values in wanted.items()):
        raise business(25001001)
    return wanted


def _payload(given: Return, doubts: Doubts) -> Json:
    payload: Json = {
        "return_id": given.id,
        "order_id": given.order.id,
        "return_type": given.type.value,
        "return_status": given.status.value,
        "arbitration_status": given.arbitration.value if given.arbitration else None,
        "role": given.role.value,
        "return_reason": given.reason,
        "return_reason_text": given.reason_text,
        "create_time": _seconds(given.created_at),
        "update_time": _seconds(given.updated_at),
        "pre_return_id": given.previous_id,
        "next_return_id": given.next_id,
        "can_buyer_keep_item": given.keeps_item or given.type is ReturnType.REFUND,
        "is_combined_return": False,
        "is_quick_refund": False,
        "return_line_items": [_line(given, each) for each in given.lines],
        "refund_amount": given.refund.payload() if _refunds(given) else None,
        "seller_next_action_response": _next_actions(given) if doubts.returns_name_next_action else None,
        **_way_back(given),
        **_offer(given),
        **_discounts(given),
        **given.shown,
    }
    return {name: value for name, value in payload.items() if value is not None}


def _refunds(given: Return) -> bool:
    """Whether it gives money back, or would: others do so only when they were settled by a refund."""
    return given.type in {ReturnType.REFUND, ReturnType.RETURN_AND_REFUND} or given.refunded_at is not None


def _next_actions(given: Return) -> list[Json] | None:
    question = open_question(given)
    if question is None or given.respond_by is None:
        return None
    return [{"action": f"SELLER_RESPOND_{question}", "deadline": _seconds(given.respond_by)}]


def _way_back(given: Return) -> Json:
    if given.type is not ReturnType.RETURN_AND_REFUND:
        return {}
    by_platform = given.has_label or given.provider is None
    return {
        "shipment_type": "PLATFORM" if by_platform else "BUYER_ARRANGE",
        "handover_method": "DROP_OFF" if by_platform else None,
        "return_method": "PLATFORM_SHIPPED" if by_platform else "BUYER_SHIPPED",
        "return_shipping_document_type": given.document_type,
        "return_tracking_number": given.tracking_number,
        "return_provider_name": given.provider.name if given.provider else None,
        "return_provider_id": given.provider.id if given.provider else None,
        "return_warehouse_address": {"full_address": "1 Returns Road"},
        "shipping_fee_amount": [
            {
                "currency": given.refund.currency,
                "seller_paid_return_shipping_fee": "0",
                "platform_paid_return_shipping_fee": "0",
                "buyer_paid_return_shipping_fee": "0",
            }
        ],
    }


def _offer(given: Return) -> Json:
    if given.offer is None:
        return {}
    return {
        "seller_proposed_return_type": PARTIAL_REFUND,
        "partial_refund": {"currency": given.refund.currency, "amount": text(given.offer)},
        "buyer_rejected_partial_refund": given.offer_declined,
    }


def _discounts(given: Return) -> Json:
    seller = sum((line.price.seller_discount for line in given.units), ZERO)
    platform = sum((line.price.platform_discount for line in given.units), ZERO)
    shipping = given.order.payment if given.gives_back_extras else {}
    return {
        "discount_amount": [
            {
                "currency": given.refund.currency,
                "product_seller_discount": text(seller),
                "product_platform_discount": text(platform),
                "shipping_fee_seller_discount": text(Decimal(shipping.get("shipping_fee_seller_discount", "0"))),
                "shipping_fee_platform_discount": text(Decimal(shipping.get("shipping_fee_platform_discount", "0"))),
            }
        ]
    }


def _line(given: Return, each: ReturnedLine) -> Json:
    line = each.line
    payload: Json = {
        "return_line_item_id": each.id,
        "order_line_item_id": line.id,
        "sku_id": line.sku_id,
        "sku_name": "Default",
        "product_name": line.product_name,
        "seller_sku": line.seller_sku,
        "product_image": {"url": "https://example.invalid/a.jpg", "width": 200, "height": 200},
    }
    return {**payload, "refund_amount": each.refund.payload()} if _refunds(given) else payload


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
