"""Which lines a seller may cancel, and for which reasons (TT 4.1, OP B2)."""

from collections.abc import Sequence
from datetime import datetime

from local.simulators.tiktok_shop.cancel_books import SellerCancel
from local.simulators.tiktok_shop.cancel_reasons import (
    CANCEL_NAMES,
    REFUSAL_NAMES,
    SELLER_NAMES,
    Reason,
    cancel_reasons,
    is_out_of_stock,
    sellers_of_region,
)
from local.simulators.tiktok_shop.cancellations import Cancellation, Role
from local.simulators.tiktok_shop.cancelling import cancel_at_once
from local.simulators.tiktok_shop.errors import RefusalError, business
from local.simulators.tiktok_shop.lifecycle import can_be_cancelled
from local.simulators.tiktok_shop.orders import Line, Order, Status
from local.simulators.tiktok_shop.state import State

PART_ORDER_REGIONS = frozenset({"US", "GB"})


def cancel_as_seller(
    state: State, order: Order, lines: Sequence[Line] | None, reason: str, now: datetime, *, by: str
) -> Cancellation:
    """Cancel lines, or all that are left. Raises RefusalError with the code of the first broken rule."""
    chosen = order.remaining if lines is None else list(lines)
    try:
        code = order_obstacle(state, order) or lines_obstacle(order, chosen)
        if code is not None:
            raise business(code)
        words = _reason(state, order, reason)
        _check_part(order, chosen, reason)
        if state.next_lock_fails(order.id):
            raise business(25001028)
    except RefusalError as refusal:
        _write_down(state, order, chosen, reason, now, by=by, code=refusal.code)
        raise
    cancellation = cancel_at_once(state, order, chosen, role=Role.SELLER, reason=words, now=now)
    _write_down(state, order, chosen, reason, now, by=by, cancel_id=cancellation.id)
    return cancellation


def order_obstacle(state: State, order: Order) -> int | None:
    """The code that keeps the seller from cancelling anything of this order."""
    if order.status is Status.CANCELLED:
        return state.doubts.cancelled_again_code
    if order.status is Status.COMPLETED:
        return 25001051
    return 25001011 if order.cancel_request_open else None


def lines_obstacle(order: Order, lines: Sequence[Line]) -> int | None:
    """The code that keeps the seller from cancelling these lines together."""
    if any(line.open_return_id for line in lines):
        return 25001011
    if any(line.is_cancelled or line.is_settled for line in lines):
        return 25005011
    return None if can_be_cancelled(order, lines) else 25001045


def offered_reasons(state: State, order: Order, *, part: bool) -> list[Reason]:
    """What the seller may give as a reason now; parts of an order only where TT 4.1 allows them."""
    return [
        reason
        for reason in cancel_reasons(order, Role.SELLER)
        if reason.name not in state.offline_reasons and (not part or _may_be_part(order, reason.name))
    ]


def _reason(state: State, order: Order, name: str) -> Reason:
    if name in state.offline_reasons:
        raise business(25001020)
    for reason in cancel_reasons(order, Role.SELLER):
        if reason.name == name:
            return reason
    if name in sellers_of_region(order.shop.region.code):
        raise business(25001021)
    raise business(25001015 if name in SELLER_NAMES | CANCEL_NAMES | REFUSAL_NAMES else 25001014)


def _check_part(order: Order, lines: Sequence[Line], reason: str) -> None:
    if len(lines) < len(order.remaining) and not _may_be_part(order, reason):
        raise business(25005010)


def _may_be_part(order: Order, reason: str) -> bool:
    awaits_shipment = order.status in {Status.AWAITING_SHIPMENT, Status.PARTIALLY_SHIPPING}
    return awaits_shipment and order.shop.region.code in PART_ORDER_REGIONS and is_out_of_stock(reason)


def _write_down(
    state: State,
    order: Order,
    lines: Sequence[Line],
    reason: str,
    now: datetime,
    *,
    by: str,
    cancel_id: str | None = None,
    code: int = 0,
) -> None:
    state.books.seller_cancels.append(
        SellerCancel(
            at=now,
            shop_id=order.shop.id,
            order_id=order.id,
            cancel_id=cancel_id,
            line_ids=tuple(line.id for line in lines),
            reason=reason,
            by=by,
            code=code,
        )
    )
