"""Mark Package As Shipped, and the same by hand in Seller Center (TT 3)."""

import re
from collections.abc import Sequence
from datetime import datetime

from local.simulators.tiktok_shop.books import RefusedShipment, Shipment
from local.simulators.tiktok_shop.calls import Call, Json, check_fields, object_list, required_text, text_list
from local.simulators.tiktok_shop.cancellations import Outcome
from local.simulators.tiktok_shop.cancelling import close
from local.simulators.tiktok_shop.errors import RefusalError, business
from local.simulators.tiktok_shop.lifecycle import follow_packages
from local.simulators.tiktok_shop.orders import Line, Order, Package, PackageStatus, Status
from local.simulators.tiktok_shop.providers import Provider
from local.simulators.tiktok_shop.state import State

REGIONS = frozenset({"US", "GB"})
TRACKING_LENGTHS = range(4, 51)
TRACKING_CHARACTERS = re.compile(r"[A-Za-z0-9\-_./]*")
ORDERS_PER_TRACKING_NUMBER = 20
FIELDS = {
    "tracking_number": str,
    "shipping_provider_id": str,
    "order_line_item_ids": list,
    "order_line_list": list,
}


def mark_package_as_shipped(call: Call) -> Json:
    """POST /fulfillment/202309/orders/{order_id}/packages."""
    check_fields(call.body, FIELDS)
    tracking_number = required_text(call.body, "tracking_number")
    provider_id = required_text(call.body, "shipping_provider_id")
    line_ids = _line_ids(call.body)
    order = call.state.orders.get(call.path["order_id"])
    if order is None:
        raise business(21011001)
    if order.shop is not call.shop:
        raise business(21011028)
    try:
        package = ship(
            call.state,
            order,
            tracking_number=tracking_number,
            provider_id=provider_id,
            line_ids=line_ids,
            now=call.now,
            by="api",
        )
    except RefusalError as refusal:
        call.state.books.refused_shipments.append(
            RefusedShipment(
                at=call.now,
                shop_id=order.shop.id,
                order_id=order.id,
                tracking_number=tracking_number,
                code=refusal.code,
            )
        )
        raise
    warning = call.state.next_warning(order.id)
    return {
        "order_id": order.id,
        "order_line_item_ids": [line.id for line in package.lines],
        "package_id": package.id,
        **({"warning": {"message": warning}} if warning else {}),
    }


def ship(
    state: State,
    order: Order,
    *,
    tracking_number: str,
    provider_id: str,
    line_ids: Sequence[str] | None,
    now: datetime,
    by: str,
) -> Package:
    """The seller ships some lines, or all that are left. Raises Refusal with the code of the first broken rule."""
    _check_sellers_order(order)
    _check_status(state, order)
    lines = _chosen_lines(state, order, line_ids)
    provider = _check_tracking(state, order, tracking_number, provider_id)
    _meet_pending_request(state, order, lines, now)
    return pack(state, order, lines, tracking_number=tracking_number, provider=provider, now=now, by=by)


def pack(
    state: State,
    order: Order,
    lines: list[Line],
    *,
    tracking_number: str,
    provider: Provider,
    now: datetime,
    by: str,
) -> Package:
    """Put the lines into a package and write it into the books. Raises IllegalStepError."""
    package = Package(
        id=state.ids.number("package"),
        order=order,
        lines=lines,
        tracking_number=tracking_number,
        provider=provider,
        status=PackageStatus.PROCESSING,
        created_at=now,
        updated_at=now,
    )
    order.packages.append(package)
    for line in lines:
        line.package = package
    follow_packages(order, now)
    state.packages[package.id] = package
    state.tracking_used_by.setdefault(tracking_number, []).append(order.id)
    state.books.shipments.append(
        Shipment(
            at=now,
            shop_id=order.shop.id,
            order_id=order.id,
            package_id=package.id,
            line_ids=tuple(line.id for line in lines),
            tracking_number=tracking_number,
            provider=provider.name,
            by=by,
        )
    )
    return package


def _line_ids(body: Json) -> list[str] | None:
    if "order_line_item_ids" in body and "order_line_list" in body:
        raise business(21001001)
    if "order_line_list" in body:
        chosen = object_list(body, "order_line_list", 100)
        return [required_text(each, "order_line_id", "order_line_list.") for each in chosen]
    if "order_line_item_ids" not in body:
        return None
    # Whether an empty list means "all" is not documented: a client that sends one is refused here.
    line_ids = text_list(body["order_line_item_ids"], "order_line_item_ids")
    if not line_ids or len(set(line_ids)) != len(line_ids):
        raise business(21001001)
    return line_ids


def _check_sellers_order(order: Order) -> None:
    if order.shop.region.code not in REGIONS:
        raise business(21008106)
    if order.fulfillment_type != "FULFILLMENT_BY_SELLER":
        raise business(21008025)
    if order.shipping_type != "SELLER":
        raise business(21011004)


def _check_status(state: State, order: Order) -> None:
    match order.status:
        case Status.ON_HOLD:
            raise business(21011044)
        case Status.CANCELLED:
            raise business(state.doubts.cancelled_code)
        case Status.UNPAID:
            raise business(21042057)
        case Status.AWAITING_SHIPMENT | Status.PARTIALLY_SHIPPING:
            return
        case _:
            raise business(state.doubts.already_shipped_code)


def _chosen_lines(state: State, order: Order, line_ids: Sequence[str] | None) -> list[Line]:
    if line_ids is None:
        left = {line.id for line in order.unshipped}
        if sum(1 for group in order.groups if group & left) > 1:
            raise business(21011048)
        return order.unshipped
    by_id = {line.id: line for line in order.lines}
    if not by_id.keys() >= set(line_ids):
        raise business(21011029)
    lines = [by_id[line_id] for line_id in line_ids]
    if any(line.is_cancelled for line in lines):
        raise business(state.doubts.cancelled_code)
    if any(line.package is not None for line in lines):
        raise business(state.doubts.packed_line_code)
    if not state.doubts.same_sku_may_be_split and _splits_a_sku(order, lines):
        raise business(21011036)
    return lines


def _splits_a_sku(order: Order, lines: list[Line]) -> bool:
    chosen = {line.id for line in lines}
    return any(line.sku_id in {c.sku_id for c in lines} for line in order.remaining if line.id not in chosen)


def _check_tracking(state: State, order: Order, tracking_number: str, provider_id: str) -> Provider:
    if not TRACKING_CHARACTERS.fullmatch(tracking_number):
        raise business(21004012)
    provider = order.delivery_option.providers.get(provider_id)
    if provider is None or len(tracking_number) not in TRACKING_LENGTHS:
        raise business(21011022)
    used_by = state.tracking_used_by.get(tracking_number, [])
    if order.id in used_by:
        raise business(21011025)
    if any(_recipient(state.orders[other]) != _recipient(order) for other in used_by):
        raise business(21034012)
    if len(used_by) >= ORDERS_PER_TRACKING_NUMBER:
        raise business(21011026)
    return provider


def _recipient(order: Order) -> tuple[str, object]:
    return order.buyer.name, order.address


def _meet_pending_request(state: State, order: Order, lines: list[Line], now: datetime) -> None:
    if order.open_cancel_id is None:
        return
    request = state.cancellations[order.open_cancel_id]
    if not state.doubts.request_meets_other_lines and not any(each.line in lines for each in request.lines):
        return
    if order.shop.region.code != "US":
        raise business(state.doubts.pending_request_code)
    if state.doubts.us_shipment_rejects_request:
        close(state, request, Outcome.REJECTED_BY_SHIPMENT, now)
