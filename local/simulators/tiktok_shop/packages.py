"""Package list and package detail (TT 3)."""

from collections import Counter
from collections.abc import Sequence

from local.simulators.tiktok_shop.addresses import TEXT_FIELDS, recipient_address
from local.simulators.tiktok_shop.calls import Call, Json, check_fields, query_choice, query_number
from local.simulators.tiktok_shop.errors import business, invalid
from local.simulators.tiktok_shop.indexing import within
from local.simulators.tiktok_shop.orders import Line, Order, Package, PackageStatus
from local.simulators.tiktok_shop.paging import page

PAGE_SIZE_LIMIT = 50
SORT_FIELDS = ("create_time", "update_time", "order_pay_time")
SUB_STATUS = {
    PackageStatus.PROCESSING: "RTSING",
    PackageStatus.FULFILLING: "TTS",
    PackageStatus.COMPLETED: "TTS",
    PackageStatus.CANCELLED: "ISSUE",
}
ADDRESS_FIELDS = frozenset(TEXT_FIELDS) - {"first_name", "last_name"}
FILTERS = {
    "create_time_ge": int,
    "create_time_lt": int,
    "update_time_ge": int,
    "update_time_lt": int,
    "package_status": str,
}


def search_packages(call: Call) -> Json:
    """POST /fulfillment/202309/packages/search."""
    size = query_number(call, "page_size", PAGE_SIZE_LIMIT)
    sort_field = query_choice(call, "sort_field", SORT_FIELDS, "create_time")
    sort_order = query_choice(call, "sort_order", ("ASC", "DESC"), "DESC")
    check_fields(call.body, FILTERS)
    if "package_status" in call.body and call.body["package_status"] not in set(PackageStatus):
        raise invalid("Invalid package_status. The value is not a package status")
    found = [
        parts
        for parts in call.state.packages.values()
        if parts[0].order.shop is call.shop and _matches(parts, call.body)
    ]
    found.sort(key=lambda parts: (_time(parts, sort_field), parts[0].id), reverse=sort_order == "DESC")
    binding = {"sort": [sort_field, sort_order], "size": size, "shop": call.shop.id, "filters": call.body}
    shown, next_token = page(found, call.state.shown(size), call.query.get("page_token", ""), binding)
    return {
        "packages": [_summary(parts) for parts in shown],
        "next_page_token": next_token,
        "total_count": len(found),
    }


def package_detail(call: Call) -> Json:
    """GET /fulfillment/202309/packages/{package_id}."""
    package_id = call.path["package_id"]
    parts = call.state.packages.get(package_id, [])
    waiting = call.state.waiting_package(package_id)
    order = parts[0].order if parts else waiting
    if order is None:
        raise business(21011001)
    if order.shop is not call.shop:
        raise business(21011028)
    lines = [line for part in parts for line in part.lines] or order.waiting_packages[package_id]
    detail: Json = {
        "package_id": package_id,
        "package_status": PackageStatus.PROCESSING.value,
        "package_sub_status": "CREATED",
        "split_and_combine_tag": _tag(order, parts),
        "has_multi_skus": len({line.sku_id for line in lines}) > 1,
        "note_tag": "BUYER_NOTED" if order.buyer_message else "BUYER_UNNOTED",
        "shipping_type": order.shipping_type,
        "delivery_option_id": order.delivery_option.id,
        "delivery_option_name": order.delivery_option.name,
        "order_line_item_ids": [line.id for line in lines],
        "orders": [_order_of(part.order, part.lines) for part in parts] or [_order_of(order, lines)],
    }
    if parts:
        detail |= {"package_status": _status(parts).value, "package_sub_status": SUB_STATUS[_status(parts)]}
        detail |= {**_label(parts[0]), **_moments(parts)}
    address = recipient_address(order, call.state.doubts, call.now)
    if address is not None:
        detail["recipient_address"] = {name: text for name, text in address.items() if name in ADDRESS_FIELDS}
    return detail


def _summary(parts: Sequence[Package]) -> Json:
    return {
        "id": parts[0].id,
        "status": _status(parts).value,
        **_label(parts[0]),
        "order_line_item_ids": [line.id for part in parts for line in part.lines],
        "orders": [_order_of(part.order, part.lines) for part in parts],
        **_moments(parts),
    }


def _tag(order: Order, parts: Sequence[Package]) -> str:
    if len(parts) > 1 or order.combination is not None:
        return "COMBINE"
    return "SPLIT" if len(order.packages) + len(order.waiting_packages) > 1 else "DEFAULT"


def _status(parts: Sequence[Package]) -> PackageStatus:
    """That of the first part that was not cancelled."""
    states = [part.status for part in parts]
    return next((status for status in states if status is not PackageStatus.CANCELLED), states[0])


def _label(package: Package) -> Json:
    return {
        "tracking_number": package.tracking_number,
        "shipping_provider_id": package.provider.id,
        "shipping_provider_name": package.provider.name,
    }


def _moments(parts: Sequence[Package]) -> Json:
    return {"create_time": _time(parts, "create_time"), "update_time": _time(parts, "update_time")}


def _order_of(order: Order, lines: Sequence[Line]) -> Json:
    quantities = Counter(line.sku_id for line in lines)
    return {
        "id": order.id,
        "skus": [
            {
                "id": sku_id,
                "name": "Default",
                "image_url": "https://example.invalid/a.jpg",
                "quantity": quantity,
            }
            for sku_id, quantity in quantities.items()
        ],
    }


def _time(parts: Sequence[Package], field: str) -> int:
    """Unix seconds."""
    match field:
        case "create_time":
            moment = min(part.created_at for part in parts)
        case "update_time":
            moment = max(part.updated_at for part in parts)
        case _:
            moment = parts[0].order.paid_at or parts[0].order.created_at
    return int(moment.timestamp())


def _matches(parts: Sequence[Package], wanted: Json) -> bool:
    status = _status(parts).value
    return wanted.get("package_status", status) == status and all(
        within(_time(parts, field), wanted.get(f"{field}_ge"), wanted.get(f"{field}_lt"))
        for field in ("create_time", "update_time")
    )
