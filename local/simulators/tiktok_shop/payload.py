"""The order object as the API sends it (TT 2.4 and 2.5)."""

from collections.abc import Callable
from datetime import datetime

from local.simulators.tiktok_shop.addresses import recipient_address
from local.simulators.tiktok_shop.deadlines import Deadlines
from local.simulators.tiktok_shop.doubts import Blank, Doubts
from local.simulators.tiktok_shop.money import text
from local.simulators.tiktok_shop.orders import Damage, Line, Order, OrderType, PackageStatus, Status

type Json = dict[str, object]

LINE_STATUS = {
    PackageStatus.PROCESSING: "AWAITING_COLLECTION",
    PackageStatus.FULFILLING: "IN_TRANSIT",
    PackageStatus.COMPLETED: "DELIVERED",
    PackageStatus.CANCELLED: "CANCELLED",
}


def order_payload(order: Order, doubts: Doubts, now: datetime) -> Json:
    """The whole order object; absent values have no key."""
    payload = _present(
        {
            **_identity(order, doubts),
            **_times(order, doubts),
            **_limits(order.deadlines),
            **_tracking(order, doubts),
            "payment": dict(order.payment),
            "recipient_address": recipient_address(order, doubts, now),
            "line_items": [_line(order, line, doubts) for line in order.lines],
        }
    )
    if order.damage is not None:
        DAMAGES[order.damage](payload)
    return payload


def seconds(moment: datetime | None) -> int | None:
    """Unix seconds."""
    return None if moment is None else int(moment.timestamp())


def _identity(order: Order, doubts: Doubts) -> Json:
    return {
        "id": order.id,
        "status": order.shown_status or order.status.value,
        "order_type": order.order_type.value,
        "commerce_platform": "TIKTOK_SHOP",
        "fulfillment_type": order.fulfillment_type,
        "shipping_type": order.shipping_type,
        "delivery_type": "HOME_DELIVERY",
        "delivery_option_id": order.delivery_option.id,
        "delivery_option_name": order.delivery_option.name,
        "warehouse_id": order.shop.warehouse_id,
        "user_id": order.buyer.user_id,
        "buyer_email": order.buyer.email,
        "buyer_nickname": order.buyer.nickname,
        "buyer_message": order.buyer_message,
        "seller_note": "",
        "payment_method_name": "Cash on delivery" if order.is_cod else "CCDC",
        "need_upload_invoice": "NO_NEED",
        "is_cod": order.is_cod,
        "is_sample_order": order.is_sample,
        "is_on_hold_order": order.has_hold,
        "is_buyer_request_cancel": order.cancel_request_open,
        "has_updated_recipient_address": order.address_changed,
        "is_replacement_order": order.is_replacement,
        "is_exchange_order": order.exchange_source_order_id is not None,
        "is_subscription_order": False,
        "replaced_order_id": order.replaced_order_id,
        "exchange_source_order_id": order.exchange_source_order_id,
        "cancellation_initiator": order.cancel_initiator,
        "cancel_reason": order.cancel_reason,
        "split_or_combine_tag": _tag(order),
        "packages": [{"id": package_id} for package_id in _package_ids(order)] or None,
        "handling_duration": _handling(order, doubts),
    }


def _tag(order: Order) -> str | None:
    if order.combination is not None:
        return "COMBINED"
    return "SPLIT" if len(_package_ids(order)) > 1 else None


def _package_ids(order: Order) -> list[str]:
    return [*(package.id for package in order.packages), *order.waiting_packages]


def _handling(order: Order, doubts: Doubts) -> Json | None:
    if not order.handling_days or doubts.handling_time_only_of_lines:
        return None
    return {"days": str(order.handling_days), "type": order.handling_unit.value}


def _collected_at(order: Order, doubts: Doubts) -> datetime | None:
    if doubts.first_parcel_sets_collection_time:
        return min((each.collected_at for each in order.packages if each.collected_at is not None), default=None)
    return order.collected_at


def _times(order: Order, doubts: Doubts) -> Json:
    return {
        "create_time": seconds(order.created_at),
        "update_time": seconds(order.updated_at),
        "paid_time": seconds(order.paid_at),
        "request_cancel_time": seconds(order.cancel_requested_at),
        "cancel_time": seconds(order.cancelled_at),
        "rts_time": seconds(order.shipped_at),
        "collection_time": seconds(_collected_at(order, doubts)),
        "delivery_time": seconds(order.delivered_at),
        "release_date": seconds(order.release_date),
    }


def _limits(limits: Deadlines | None) -> Json:
    if limits is None:
        return {}
    return {
        "rts_sla_time": seconds(limits.rts_sla_time),
        "tts_sla_time": seconds(limits.tts_sla_time),
        "delivery_sla_time": seconds(limits.delivery_sla_time),
        "shipping_due_time": seconds(limits.shipping_due_time),
        "collection_due_time": seconds(limits.collection_due_time),
        "delivery_due_time": seconds(limits.delivery_due_time),
        "cancel_order_sla_time": seconds(limits.cancel_order_sla_time),
    }


def _tracking(order: Order, doubts: Doubts) -> Json:
    if order.packages:
        first = order.packages[0]
        return {
            "tracking_number": first.tracking_number,
            "shipping_provider": first.provider.name,
            "shipping_provider_id": first.provider.id,
        }
    if doubts.tracking_before_shipping is Blank.OMITTED:
        return {}
    return {"tracking_number": "", "shipping_provider": "", "shipping_provider_id": ""}


def _line(order: Order, line: Line, doubts: Doubts) -> Json:
    price = line.price
    return _present(
        {
            "id": line.id,
            "product_id": line.product_id,
            "product_name": line.product_name,
            "sku_id": line.sku_id,
            "sku_name": "Default",
            "seller_sku": line.seller_sku,
            "sku_image": "https://example.invalid/a.jpg",
            "sku_type": "PRE_ORDER" if order.order_type is OrderType.PRE_ORDER else "NORMAL",
            "currency": order.shop.region.currency,
            "original_price": text(price.original),
            "sale_price": text(price.sale),
            "seller_discount": text(price.seller_discount),
            "platform_discount": text(price.platform_discount),
            "gift_retail_price": text(price.retail) if line.is_gift else None,
            "item_tax": _tax(line),
            "display_status": _line_status(order, line),
            "is_gift": line.is_gift,
            "is_dangerous_good": False,
            "needs_prescription": False,
            "cancel_user": line.cancel_user,
            "cancel_reason": line.cancel_reason,
            "handling_duration_days": str(order.handling_days) if order.handling_days else None,
            **_line_package(order, line, doubts),
        }
    )


def _line_package(order: Order, line: Line, doubts: Doubts) -> Json:
    package = line.package
    if package is not None:
        return {
            "package_id": package.id,
            "package_status": package.status.value,
            "rts_time": seconds(package.created_at),
            "tracking_number": package.tracking_number,
            "shipping_provider_id": package.provider.id,
            "shipping_provider_name": package.provider.name,
        }
    waiting = next((id_ for id_, lines in order.waiting_packages.items() if line in lines), None)
    named: Json = {} if waiting is None else {"package_id": waiting, "package_status": "TO_FULFILL"}
    if doubts.tracking_before_shipping is Blank.OMITTED:
        return named
    return {**named, "tracking_number": "", "shipping_provider_id": "", "shipping_provider_name": ""}


def _line_status(order: Order, line: Line) -> str:
    if line.is_cancelled:
        return Status.CANCELLED.value
    if order.status in {Status.UNPAID, Status.CANCELLED, Status.COMPLETED}:
        return order.status.value
    if line.package is None:
        return "AWAITING_SHIPMENT"
    return LINE_STATUS[line.package.status]


def _tax(line: Line) -> list[Json] | None:
    if not line.price.tax_rate:
        return None
    rate = str(line.price.tax_rate)
    return [{"tax_type": "SALES_TAX", "tax_amount": text(line.price.tax), "tax_rate": rate}]


def _present(values: Json) -> Json:
    return {name: value for name, value in values.items() if value is not None}


def _unknown_enums(payload: Json) -> None:
    payload["status"] = payload["order_type"] = payload["fulfillment_type"] = "SOMETHING_NEW"


def _wrong_types(payload: Json) -> None:
    payload["update_time"] = "yesterday"
    payload["payment"] = []


def _bad_money(payload: Json) -> None:
    payload["payment"] = {"currency": "USD", "total_amount": "a lot"}


DAMAGES: dict[Damage, Callable[[Json], object]] = {
    Damage.MISSING_ID: lambda payload: payload.pop("id"),
    Damage.WRONG_TYPE: _wrong_types,
    Damage.NO_LINE_ITEMS: lambda payload: payload.pop("line_items"),
    Damage.EMPTY_LINE_ITEMS: lambda payload: payload.update(line_items=[]),
    Damage.UNKNOWN_ENUMS: _unknown_enums,
    Damage.BAD_MONEY: _bad_money,
}
