"""Changing the tracking number or the carrier of a package: a few times, for 72 hours (TT 3; OP B6, D)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from local.simulators.tiktok_shop.calls import Call, Json, check_fields, required_text
from local.simulators.tiktok_shop.errors import RefusalError, business
from local.simulators.tiktok_shop.lifecycle import touch
from local.simulators.tiktok_shop.orders import Order, Package, PackageStatus, Status
from local.simulators.tiktok_shop.providers import Provider
from local.simulators.tiktok_shop.state import State
from local.simulators.tiktok_shop.tracking_books import RefusedTrackingUpdate, TrackingUpdate
from local.simulators.tiktok_shop.tracking_rules import check_tracking

TIME_TO_CHANGE = timedelta(hours=72)
FIELDS = {"tracking_number": str, "shipping_provider_id": str}


def update_package_shipping_info(call: Call) -> Json:
    """POST /fulfillment/202309/packages/{package_id}/shipping_info/update."""
    tracking_number, provider_id = _label(call)
    package_id = call.path["package_id"]
    try:
        parts = call.state.packages.get(package_id, [])
        waiting = call.state.waiting_package(package_id)
        order = parts[0].order if parts else waiting
        _check_order(call, order)
        if not parts:
            raise business(21011043)
        change_label(call.state, parts, tracking_number, provider_id, now=call.now, by="api")
    except RefusalError as refusal:
        _write_down(call, package_id, tracking_number, refusal)
        raise
    return {}


def update_shipping_info(call: Call) -> Json:
    """POST /fulfillment/202309/orders/{order_id}/shipping_info/update: for orders of one package."""
    tracking_number, provider_id = _label(call)
    order_id = call.path["order_id"]
    try:
        order = _check_order(call, call.state.orders.get(order_id))
        if order.status is Status.CANCELLED:
            raise business(call.state.doubts.cancelled_code)
        if not order.packages:
            raise business(21011043)
        if len(order.packages) + len(order.waiting_packages) > 1:
            raise business(21011048)
        parts = call.state.packages[order.packages[0].id]
        change_label(call.state, parts, tracking_number, provider_id, now=call.now, by="api")
    except RefusalError as refusal:
        _write_down(call, order_id, tracking_number, refusal)
        raise
    return {}


def change_label(
    state: State, parts: Sequence[Package], tracking_number: str, provider_id: str, *, now: datetime, by: str
) -> None:
    """Give a package, named by its parts, another label. Raises RefusalError with the code of the first broken rule."""
    living = [part for part in parts if part.status is not PackageStatus.CANCELLED]
    if not living:
        # The sheet lists only this one of the two codes for packages.
        raise business(21011042)
    if any(part.status is PackageStatus.COMPLETED for part in living):
        raise business(21011030)
    if any(_has_open_request(state, part) for part in living):
        raise business(21011007)
    before = living[0]
    is_same = (before.tracking_number, before.provider.id) == (tracking_number, provider_id)
    if is_same and not state.doubts.same_label_again_counts:
        return
    _check_limits(state, living, now)
    # The sheet lists only 21011022 for a bad label here; the others are what the same label meets in shipping.
    provider, *_ = (
        check_tracking(state, part.order, tracking_number, provider_id, relabelled=living) for part in living
    )
    state.books.tracking_updates.append(
        TrackingUpdate(
            at=now,
            shop_id=before.order.shop.id,
            package_id=before.id,
            order_ids=tuple(part.order.id for part in living),
            tracking_number=tracking_number,
            provider=provider.name,
            earlier_tracking_number=before.tracking_number,
            earlier_provider=before.provider.name,
            by=by,
        )
    )
    for part in living:
        _relabel(state, part, tracking_number, provider, now)


def _label(call: Call) -> tuple[str, str]:
    check_fields(call.body, FIELDS)
    return required_text(call.body, "tracking_number"), required_text(call.body, "shipping_provider_id")


def _check_order(call: Call, order: Order | None) -> Order:
    if order is None:
        raise business(21011001)
    if order.shop is not call.shop:
        raise business(21011028)
    if not order.is_sellers:
        raise business(21011004)
    return order


def _check_limits(state: State, parts: Sequence[Package], now: datetime) -> None:
    if any(part.order.tracking_is_fixed for part in parts):
        raise business(21011049)
    if now - min(part.created_at for part in parts) > TIME_TO_CHANGE:
        raise business(21011050)
    if max(part.changes for part in parts) >= state.doubts.tracking_changes:
        raise business(state.doubts.too_many_changes_code)


def _has_open_request(state: State, package: Package) -> bool:
    open_id = package.order.open_cancel_id
    return open_id is not None and any(each.line.package is package for each in state.cancellations[open_id].lines)


def _relabel(state: State, part: Package, tracking_number: str, provider: Provider, now: datetime) -> None:
    state.tracking_used_by[part.tracking_number].remove(part.order.id)
    state.tracking_used_by.setdefault(tracking_number, []).append(part.order.id)
    part.tracking_number = tracking_number
    part.provider = provider
    part.changes += 1
    part.updated_at = max(part.updated_at, now)
    touch(part.order, now)


def _write_down(call: Call, named: str, tracking_number: str, refusal: RefusalError) -> None:
    call.state.books.refused_tracking_updates.append(
        RefusedTrackingUpdate(
            at=call.now, shop_id=call.shop.id, named=named, tracking_number=tracking_number, code=refusal.code
        )
    )
