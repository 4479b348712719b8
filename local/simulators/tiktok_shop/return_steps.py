"""Which status of a return may follow which, and what each step leaves behind (TT 4.4)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from local.simulators.tiktok_shop.errors import IllegalStepError
from local.simulators.tiktok_shop.lifecycle import touch
from local.simulators.tiktok_shop.orders import Line, Order
from local.simulators.tiktok_shop.return_books import ReturnStep
from local.simulators.tiktok_shop.return_records import Arbitration, Return, ReturnStatus, ReturnType, record_of
from local.simulators.tiktok_shop.return_refunds import refunds_of
from local.simulators.tiktok_shop.state import State

S, T = ReturnStatus, ReturnType
_NEGOTIATED = {
    S.AWAITING_BUYER_RESPONSE: frozenset({S.PENDING, S.SUCCESS, S.CANCEL}),
    S.SUCCESS: frozenset({S.COMPLETE}),
}
ALLOWED: Mapping[ReturnType, Mapping[ReturnStatus, frozenset[ReturnStatus]]] = {
    T.REFUND: {
        S.PENDING: frozenset({S.SUCCESS, S.REJECT, S.CANCEL, S.AWAITING_BUYER_RESPONSE}),
        S.REJECT: frozenset({S.SUCCESS, S.CANCEL}),
        **_NEGOTIATED,
    },
    T.RETURN_AND_REFUND: {
        S.PENDING: frozenset({S.AWAITING_BUYER_SHIP, S.SUCCESS, S.REJECT, S.CANCEL, S.AWAITING_BUYER_RESPONSE}),
        S.AWAITING_BUYER_SHIP: frozenset({S.BUYER_SHIPPED, S.SUCCESS, S.CANCEL}),
        S.BUYER_SHIPPED: frozenset({S.SUCCESS, S.REJECT_RECEIVED, S.CANCEL}),
        S.REJECT: frozenset({S.AWAITING_BUYER_SHIP, S.CANCEL}),
        S.REJECT_RECEIVED: frozenset({S.SUCCESS, S.CANCEL}),
        **_NEGOTIATED,
    },
    T.REPLACEMENT: {
        S.REPLACEMENT_PENDING: frozenset(
            {S.REPLACEMENT_COMPLETE, S.REPLACEMENT_REFUNDED, S.REPLACEMENT_REJECT, S.REPLACEMENT_CANCEL}
        ),
        S.REPLACEMENT_REJECT: frozenset({S.REPLACEMENT_REFUNDED, S.REPLACEMENT_CANCEL}),
    },
    T.EXCHANGE: {
        S.EXCHANGE_PENDING: frozenset({S.EXCHANGE_COMPLETE, S.EXCHANGE_REFUNDED, S.EXCHANGE_CANCEL}),
    },
}
"""Rejections lead on by arbitration alone."""
FIRST = {
    T.REFUND: S.PENDING,
    T.RETURN_AND_REFUND: S.PENDING,
    T.REPLACEMENT: S.REPLACEMENT_PENDING,
    T.EXCHANGE: S.EXCHANGE_PENDING,
}
CLOSED = {
    T.REFUND: S.CANCEL,
    T.RETURN_AND_REFUND: S.CANCEL,
    T.REPLACEMENT: S.REPLACEMENT_CANCEL,
    T.EXCHANGE: S.EXCHANGE_CANCEL,
}
MADE_ANEW = {T.REPLACEMENT: S.REPLACEMENT_COMPLETE, T.EXCHANGE: S.EXCHANGE_COMPLETE}
REFUNDED_INSTEAD = {T.REPLACEMENT: S.REPLACEMENT_REFUNDED, T.EXCHANGE: S.EXCHANGE_REFUNDED}
REJECTED = frozenset({S.REJECT, S.REJECT_RECEIVED, S.REPLACEMENT_REJECT})


def enter(state: State, given: Return, status: ReturnStatus, at: datetime, *, by: str) -> None:
    """Take a step, or the first one. Raises IllegalStepError where the type of return has no such step."""
    if given.id in state.returns and status not in ALLOWED[given.type].get(given.status, frozenset()):
        raise IllegalStepError(f"return {given.id} cannot go from {given.status} to {status}")
    state.returns[given.id] = given
    given.status = status
    state.books.return_steps.append(
        ReturnStep(at=at, return_id=given.id, order_id=given.order.id, status=status, by=by)
    )
    note(state, given, at)


def note(state: State, given: Return, at: datetime) -> None:
    """Something about a return changed: update_time moves, and the search's index learns it at the same moment."""
    given.updated_at = max(given.updated_at, at)
    given.index.append((given.updated_at, int(given.updated_at.timestamp())))
    state.books.note_return(record_of(given))
    if state.doubts.returns_touch_orders:
        touch(given.order, at)


def decided(given: Return, at: datetime, by: str) -> None:
    """Keep who granted, rejected or closed it."""
    given.decided_by, given.decided_at = by, at


def gives_back_extras(state: State, order: Order, lines: Sequence[Line]) -> bool:
    """Whether shipping and fees go back with these units: nothing else of the order is left to be shipped for."""
    others = [line for line in order.remaining if line not in lines]
    claimed = {line.open_return_id for line in others if line.open_return_id}
    return (
        state.doubts.returns_give_back_shipping
        and all(line.is_settled or line.open_return_id for line in others)
        and not any(state.returns[return_id].gives_back_extras for return_id in claimed)
    )


def claim(state: State, given: Return) -> None:
    """Its units belong to it alone now; what it refunds is computed from what is left of them."""
    given.gives_back_extras = gives_back_extras(state, given.order, given.units)
    for line in given.units:
        line.open_return_id = given.id
    units, given.refund = refunds_of(given.order, given.units, extras=given.gives_back_extras)
    for each, refund in zip(given.lines, units, strict=True):
        each.refund = refund


def release(given: Return) -> None:
    """Its units may go into another return."""
    for line in given.units:
        line.open_return_id = None


def close(state: State, given: Return, at: datetime, *, by: str) -> None:
    """It ends without anything: withdrawn, run out, or overtaken."""
    release(given)
    decided(given, at, by)
    if given.arbitration is Arbitration.IN_PROGRESS:
        given.arbitration = Arbitration.CLOSED
    enter(state, given, CLOSED[given.type], at, by=by)


def overtake(state: State, order: Order, at: datetime) -> None:
    """Cancelled units are refunded by their cancellation: open returns of an order without other units end."""
    for return_id in sorted({line.open_return_id for line in order.lines if line.is_cancelled and line.open_return_id}):
        given = state.returns[return_id]
        if given.status is not S.SUCCESS:
            close(state, given, at, by="tiktok")
