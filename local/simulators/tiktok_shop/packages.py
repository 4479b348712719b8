"""Package list, package detail and shipping providers (TT 3)."""

from collections import Counter

from local.simulators.tiktok_shop.addresses import TEXT_FIELDS, recipient_address
from local.simulators.tiktok_shop.calls import Call, Json, check_fields, query_choice, query_number
from local.simulators.tiktok_shop.errors import business, invalid
from local.simulators.tiktok_shop.orders import Package, PackageStatus
from local.simulators.tiktok_shop.paging import page
from local.simulators.tiktok_shop.payload import seconds

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
        package
        for package in call.state.packages.values()
        if package.order.shop is call.shop and _matches(package, call.body)
    ]
    found.sort(key=lambda package: (_time(package, sort_field), package.id), reverse=sort_order == "DESC")
    binding = {"sort": [sort_field, sort_order], "size": size, "shop": call.shop.id, "filters": call.body}
    shown, next_token = page(found, size, call.query.get("page_token", ""), binding)
    return {
        "packages": [_summary(package) for package in shown],
        "next_page_token": next_token,
        "total_count": len(found),
    }


def package_detail(call: Call) -> Json:
    """GET /fulfillment/202309/packages/{package_id}."""
    package = call.state.packages.get(call.path["package_id"])
    if package is None:
        raise business(21011001)
    if package.order.shop is not call.shop:
        raise business(21011028)
    order = package.order
    detail: Json = {
        "package_id": package.id,
        "package_status": package.status.value,
        "package_sub_status": SUB_STATUS[package.status],
        "split_and_combine_tag": "SPLIT" if len(order.packages) > 1 else "DEFAULT",
        "has_multi_skus": len({line.sku_id for line in package.lines}) > 1,
        "note_tag": "BUYER_NOTED" if order.buyer_message else "BUYER_UNNOTED",
        "shipping_type": order.shipping_type,
        "shipping_provider_id": package.provider.id,
        "shipping_provider_name": package.provider.name,
        "delivery_option_id": order.delivery_option.id,
        "delivery_option_name": order.delivery_option.name,
        "tracking_number": package.tracking_number,
        "order_line_item_ids": [line.id for line in package.lines],
        "orders": [_order_of(package)],
        "create_time": seconds(package.created_at),
        "update_time": seconds(package.updated_at),
    }
    address = recipient_address(order, call.state.doubts, call.now)
    if address is not None:
        detail["recipient_address"] = {name: text for name, text in address.items() if name in ADDRESS_FIELDS}
    return detail


def shipping_providers(call: Call) -> Json:
    """GET /logistics/202309/delivery_options/{delivery_option_id}/shipping_providers."""
    option = call.shop.delivery_options.get(call.path["delivery_option_id"])
    if option is None:
        raise business(21008116)
    if option.shipped_by_tiktok:
        raise business(21008117)
    providers = option.providers.values()
    return {"shipping_providers": [{"id": provider.id, "name": provider.name} for provider in providers]}


def _summary(package: Package) -> Json:
    return {
        "id": package.id,
        "status": package.status.value,
        "tracking_number": package.tracking_number,
        "shipping_provider_id": package.provider.id,
        "shipping_provider_name": package.provider.name,
        "order_line_item_ids": [line.id for line in package.lines],
        "orders": [_order_of(package)],
        "create_time": seconds(package.created_at),
        "update_time": seconds(package.updated_at),
    }


def _order_of(package: Package) -> Json:
    quantities = Counter(line.sku_id for line in package.lines)
    return {
        "id": package.order.id,
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


def _time(package: Package, field: str) -> int:
    moment = {
        "create_time": package.created_at,
        "update_time": package.updated_at,
        "order_pay_time": package.order.paid_at or package.order.created_at,
    }[field]
    return int(moment.timestamp())


def _matches(package: Package, wanted: Json) -> bool:
    if wanted.get("package_status", package.status.value) != package.status.value:
        return False
    for field in ("create_time", "update_time"):
        moment, first, end = _time(package, field), wanted.get(f"{field}_ge"), wanted.get(f"{field}_lt")
        if isinstance(first, int) and moment < first:
            return False
        if isinstance(end, int) and moment >= end:
            return False
    return True
