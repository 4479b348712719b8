"""How cancellations begin, change and end (TT 2.8, 4.1-4.3)."""

from collections.abc import Sequence
from datetime import datetime

from local.simulators.tiktok_shop.cancel_books import RequestEnd
from local.simulators.tiktok_shop.cancel_reasons import STAFF_NAMES, Reason, is_out_of_stock
from local.simulators.tiktok_shop.cancellations import (
    Cancellation,
    CancelledLine,
    CancelStatus,
    CancelType,
    Outcome,
    Role,
    change,
)
from local.simulators.tiktok_shop.lifecycle import can_be_cancelled, cancel_lines, touch
from local.simulators.tiktok_shop.money import ZERO
from local.simulators.tiktok_shop.orders import Line, Order
from local.simulators.tiktok_shop.refunds import line_refund, refund_of
from local.simulators.tiktok_shop.return_books import issued
from local.simulators.tiktok_shop.return_steps import overtake
from local.simulators.tiktok_shop.state import State


def request(state: State, order: Order, lines: Sequence[Line], reason: Reason, now: datetime) -> Cancellation:
    """The buyer asks; without an answer it is approved when the shop's time is over (TT 4.3)."""
    cancellation = _new(state, order, lines, role=Role.BUYER, reason=reason, now=now)
    cancellation.respond_by = now + order.shop.automatic_approval
    _remember(state, cancellation, CancelStatus.PENDING, now)
    order.open_cancel_id = cancellation.id
    order.cancel_requested_at = now
    touch(order, now)
    state.at(cancellation.respond_by, lambda at: _time_is_over(state, cancellation, at))
    return cancellation


def cancel_at_once(
    state: State, order: Order, lines: Sequence[Line], *, role: Role, reason: Reason, now: datetime
) -> Cancellation:
    """Nobody needs to agree. Raises IllegalStepError when TT 2.8 has no such step."""
    named = Role.OPERATOR if _is_staffs(state, role, reason) else role
    cancellation = _new(state, order, lines, role=named, reason=reason, now=now)
    _carry_out(cancellation, now)
    _end_open_request(state, order, now)
    overtake(state, order, now)
    _remember(state, cancellation, CancelStatus.SUCCESS, now)
    _refund_later(state, cancellation, now)
    return cancellation


def approve(state: State, cancellation: Cancellation, outcome: Outcome, now: datetime) -> None:
    """The request is granted: its lines are cancelled, the refund follows."""
    _end(state, cancellation, outcome, now)
    _carry_out(cancellation, now)
    change(cancellation, CancelStatus.SUCCESS, now)
    _refund_later(state, cancellation, now)


def close(state: State, cancellation: Cancellation, outcome: Outcome, now: datetime) -> None:
    """The request ends and its lines stay."""
    _end(state, cancellation, outcome, now)
    change(cancellation, CancelStatus.CANCELLED, now)
    touch(cancellation.order, now)


def _new(
    state: State, order: Order, lines: Sequence[Line], *, role: Role, reason: Reason, now: datetime
) -> Cancellation:
    return Cancellation(
        id=state.ids.number("cancellation"),
        order=order,
        type=CancelType.BUYER_CANCEL if role is Role.BUYER else CancelType.CANCEL,
        role=role,
        reason=reason.name,
        reason_text=reason.text,
        lines=tuple(
            CancelledLine(id=state.ids.number("cancel_line"), line=line, refund=line_refund(order, line))
            for line in lines
        ),
        refund=refund_of(order, lines),
        restocks=not is_out_of_stock(reason.name) and all(line.package is None for line in lines),
        status=CancelStatus.PENDING,
        created_at=now,
        updated_at=now,
    )


def _remember(state: State, cancellation: Cancellation, status: CancelStatus, now: datetime) -> None:
    state.cancellations[cancellation.id] = cancellation
    change(cancellation, status, now)


def _carry_out(cancellation: Cancellation, now: datetime) -> None:
    units = sum((each.refund.total for each in cancellation.lines), ZERO)
    cancellation.order.extras_refunded |= cancellation.refund.total > units
    cancel_lines(
        cancellation.order,
        [each.line for each in cancellation.lines],
        cancel_user=cancellation.role.value,
        initiator=cancellation.role.initiator,
        reason=cancellation.reason_text,
        at=now,
    )


def _end(state: State, cancellation: Cancellation, outcome: Outcome, now: datetime) -> None:
    order = cancellation.order
    order.open_cancel_id = None
    cancellation.outcome = outcome
    state.books.request_ends.append(
        RequestEnd(
            at=now,
            shop_id=order.shop.id,
            order_id=order.id,
            cancel_id=cancellation.id,
            line_ids=tuple(each.line.id for each in cancellation.lines),
            outcome=outcome,
            respond_by=cancellation.respond_by,
        )
    )


def _end_open_request(state: State, order: Order, now: datetime) -> None:
    if order.open_cancel_id is not None:
        close(state, state.cancellations[order.open_cancel_id], Outcome.OVERTAKEN, now)


def _time_is_over(state: State, cancellation: Cancellation, at: datetime) -> None:
    if cancellation.status is not CancelStatus.PENDING:
        return
    if can_be_cancelled(cancellation.order, [each.line for each in cancellation.lines]):
        approve(state, cancellation, Outcome.APPROVED_AUTOMATICALLY, at)
    else:
        close(state, cancellation, Outcome.LAPSED, at)


def _refund_later(state: State, cancellation: Cancellation, now: datetime) -> None:
    # Nothing was paid, so there is nothing to wait for.
    if cancellation.order.paid_at is None:
        change(cancellation, CancelStatus.COMPLETE, now)
        return

    def refund(at: datetime) -> None:
        change(cancellation, CancelStatus.COMPLETE, at)
        parts = [(each.line, each.refund) for each in cancellation.lines]
        role = cancellation.role.value
        state.books.refunds.append(
            issued(
                cancellation.order,
                parts,
                cancellation.refund,
                at,
                decided_by=role,
                decided_at=now,
                cancel_id=cancellation.id,
            )
        )

    state.at(now + state.refund_after, refund)


def _is_staffs(state: State, role: Role, reason: Reason) -> bool:
    return role is Role.SYSTEM and state.doubts.staff_is_operator and reason.name in STAFF_NAMES
