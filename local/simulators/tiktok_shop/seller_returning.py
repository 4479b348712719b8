"""Which units a seller may refund or take back by itself, how much of them, and for which reasons (TT 4.4)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from local.simulators.tiktok_shop.cancel_reasons import Reason
from local.simulators.tiktok_shop.cancellations import Role
from local.simulators.tiktok_shop.errors import RefusalError, business
from local.simulators.tiktok_shop.money import text
from local.simulators.tiktok_shop.orders import Line, Order, Status
from local.simulators.tiktok_shop.return_books import SellerReturn
from local.simulators.tiktok_shop.return_reasons import (
    OTHER_NAMES,
    SELLER_RETURN_NAMES,
    seller_reasons,
    sellers_of_region,
)
from local.simulators.tiktok_shop.return_records import Return, ReturnType
from local.simulators.tiktok_shop.return_refunds import refunds_of
from local.simulators.tiktok_shop.return_steps import gives_back_extras
from local.simulators.tiktok_shop.returning import await_buyer, grant, new_return
from local.simulators.tiktok_shop.state import State

NOT_SHIPPED = frozenset({Status.UNPAID, Status.ON_HOLD, Status.AWAITING_SHIPMENT})
OVER = frozenset({Status.COMPLETED, Status.CANCELLED})


def return_as_seller(
    state: State,
    order: Order,
    lines: Sequence[Line] | None,
    reason: str,
    now: datetime,
    *,
    type_: ReturnType,
    by: str,
    amount: Decimal | None = None,
    key: str | None = None,
) -> Return:
    """Refund units, or all that are left, or take them back. Raises RefusalError with the first broken rule's code."""
    chosen = order.remaining if lines is None else list(lines)
    try:
        code = units_obstacle(state, order, chosen)
        if code is not None:
            raise business(code)
        words = _reason(state, order, chosen, reason)
        if amount is not None:
            _check_amount(state, order, chosen, type_, amount)
        if state.next_lock_fails(order.id):
            raise business(25001028)
    except RefusalError as refusal:
        note_attempt(state, order, chosen, reason, now, by=by, amount=amount, key=key, code=refusal.code)
        raise
    given = new_return(state, order, chosen, type_=type_, role=Role.SELLER, reason=words, now=now)
    if type_ is ReturnType.REFUND:
        grant(state, given, now, by=by, most=amount)
    else:
        await_buyer(state, given, now, by=by)
    note_attempt(state, order, chosen, reason, now, by=by, amount=amount, key=key, return_id=given.id)
    return given


def units_obstacle(state: State, order: Order, lines: Sequence[Line]) -> int | None:
    """The code that keeps anybody from returning these units together now."""
    if order.status in OVER:
        return 25001051
    if order.status in NOT_SHIPPED or not lines:
        return 25001003
    if any(line.is_cancelled for line in lines):
        return 25005011
    asked = state.cancellations[order.open_cancel_id].lines if order.open_cancel_id else ()
    if any(line.open_return_id or line in [each.line for each in asked] for line in lines):
        return 25001011
    if any(line.package is None for line in lines):
        return 25001003
    return 25001010 if any(line.is_settled for line in lines) else None


def offered_return_reasons(state: State, order: Order, lines: Sequence[Line]) -> list[Reason]:
    """What the seller may give as a reason for these units now."""
    return [reason for reason in seller_reasons(order, lines) if reason.name not in state.offline_reasons]


def note_attempt(
    state: State,
    order: Order,
    lines: Sequence[Line],
    reason: str,
    now: datetime,
    *,
    by: str,
    amount: Decimal | None,
    key: str | None,
    return_id: str | None = None,
    code: int = 0,
    replayed: bool = False,
) -> None:
    """Enter what the seller tried into the books."""
    state.books.seller_returns.append(
        SellerReturn(
            at=now,
            shop_id=order.shop.id,
            order_id=order.id,
            return_id=return_id,
            line_ids=tuple(line.id for line in lines),
            amount=None if amount is None else text(amount),
            reason=reason,
            by=by,
            idempotency_key=key,
            code=code,
            replayed=replayed,
        )
    )


def _reason(state: State, order: Order, lines: Sequence[Line], name: str) -> Reason:
    if name in state.offline_reasons:
        raise business(25001020)
    for reason in seller_reasons(order, lines):
        if reason.name == name:
            return reason
    if name in sellers_of_region(order.shop.region.code):
        raise business(25001021)
    raise business(25001015 if name in SELLER_RETURN_NAMES | OTHER_NAMES else 25001014)


def _check_amount(state: State, order: Order, lines: Sequence[Line], type_: ReturnType, amount: Decimal) -> None:
    _, left = refunds_of(order, lines, extras=gives_back_extras(state, order, lines))
    if amount > left.total:
        raise business(25005005)
    if type_ is not ReturnType.REFUND or (amount == 0 and left.total > 0):
        raise business(25001001)
