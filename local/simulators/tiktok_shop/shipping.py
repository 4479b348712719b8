"""Mark Package As Shipped, and the same by hand in Seller Center (TT 3)."""

from collections.abc import Sequence
from datetime import datetime

from local.simulators.tiktok_shop.books import RefusedShipment, Shipment
from local.simulators.tiktok_shop.calls import Call, Json, check_fields, required_text
from local.simulators.tiktok_shop.cancellations import Outcome
from local.simulators.tiktok_shop.cancelling import close
from local.simulators.tiktok_shop.choosing_lines import chosen_lines, named_lines
from local.simulators.tiktok_shop.combining import check_label_of_siblings
from local.simulators.tiktok_shop.errors import RefusalError, business
from local.simulators.tiktok_shop.lifecycle import follow_packages
from local.simulators.tiktok_shop.orders import Line, Order, Package, PackageStatus, Status
from local.simulators.tiktok_shop.providers import Provider
from local.simulators.tiktok_shop.state import State
from local.simulators.tiktok_shop.tracking_rules import check_tracking

REGIONS = frozenset({"US", "GB"})
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
    line_ids = named_lines(call.body)
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
    lines = chosen_lines(state, order, line_ids)
    provider = check_tracking(state, order, tracking_number, provider_id)
    check_label_of_siblings(order, tracking_number, provider)
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
        id=_waiting_id(order, lines) or state.ids.number("package"),
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
    state.add_package(package)
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


def _waiting_id(order: Order, lines: list[Line]) -> str | None:
    """The id that a package of just these lines has before it is shipped; lines of several get a new one."""
    chosen = {line.id for line in lines}
    for package_id, waiting in order.waiting_packages.items():
        if {line.id for line in waiting} == chosen:
            return package_id
    return None


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
