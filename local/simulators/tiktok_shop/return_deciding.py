"""Which answer to a return TikTok Shop takes (TT 4.4)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from local.simulators.tiktok_shop.cancel_reasons import Reason
from local.simulators.tiktok_shop.errors import business
from local.simulators.tiktok_shop.return_books import ReturnDecisionRecord
from local.simulators.tiktok_shop.return_reasons import OTHER_NAMES, REJECTION_NAMES, rejections
from local.simulators.tiktok_shop.return_records import (
    REJECTIONS,
    Arbitration,
    Return,
    ReturnDecision,
    ReturnStatus,
    ReturnType,
)
from local.simulators.tiktok_shop.return_steps import CLOSED, REJECTED
from local.simulators.tiktok_shop.returning import carry_out, offer
from local.simulators.tiktok_shop.shops import Shop
from local.simulators.tiktok_shop.state import State

D, S, T = ReturnDecision, ReturnStatus, ReturnType
_REFUND, _RETURN, _REPLACEMENT = frozenset({T.REFUND}), frozenset({T.RETURN_AND_REFUND}), frozenset({T.REPLACEMENT})
TYPES: Mapping[ReturnDecision, frozenset[ReturnType]] = {
    D.APPROVE_REFUND: _REFUND,
    D.REJECT_REFUND: _REFUND,
    D.APPROVE_RETURN: _RETURN,
    D.REJECT_RETURN: _RETURN,
    D.DIRECT_REFUND: _RETURN,
    D.APPROVE_RECEIVED_PACKAGE: _RETURN,
    D.REJECT_RECEIVED_PACKAGE: _RETURN,
    D.APPROVE_REPLACEMENT: _REPLACEMENT,
    D.REJECT_REPLACEMENT: _REPLACEMENT,
    D.ISSUE_REPLACEMENT_REFUND: _REPLACEMENT,
    D.OFFER_PARTIAL_REFUND: _REFUND | _RETURN,
}
RECEIVING = frozenset({D.APPROVE_RECEIVED_PACKAGE, D.REJECT_RECEIVED_PACKAGE})
_PENDING = frozenset({S.PENDING, S.REPLACEMENT_PENDING})
_STATUSES = {
    **dict.fromkeys(RECEIVING, frozenset({S.BUYER_SHIPPED})),
    D.DIRECT_REFUND: frozenset({S.PENDING, S.AWAITING_BUYER_SHIP, S.BUYER_SHIPPED}),
}


def decide_return(
    state: State,
    given: Return,
    decision: ReturnDecision,
    now: datetime,
    *,
    by: str,
    reason: str | None = None,
    keeps_item: bool = False,
    amount: Decimal | None = None,
) -> None:
    """Answer a return. Raises RefusalError with the code of the first broken rule, and changes nothing then."""
    code = return_obstacle(state, given, decision)
    if code is not None:
        raise business(code)
    if decision.rejects:
        _check_rejection(state, given, decision, reason or "")
    if keeps_item and decision is not D.APPROVE_RETURN:
        raise business(25001001)
    if (amount is not None) != (decision is D.OFFER_PARTIAL_REFUND):
        raise business(25001001)
    if amount is not None and not 0 < amount < given.refund.total:
        raise business(25001001)
    if state.next_lock_fails(given.order.id):
        raise business(25001028)
    given.keeps_item = keeps_item
    if amount is not None:
        offer(state, given, amount, now, by=by)
    else:
        carry_out(state, given, decision, now, by=by)


def return_obstacle(state: State, given: Return, decision: ReturnDecision) -> int | None:
    """The code that such an answer would meet now; None when it would be taken."""
    if given.type not in TYPES[decision]:
        return 25020004
    if given.arbitration is Arbitration.IN_PROGRESS:
        return 25011010
    if decision in RECEIVING and given.order.fulfillment_type == "FULFILLMENT_BY_TIKTOK":
        return 25011026
    if given.status in _STATUSES.get(decision, _PENDING):
        return 25011032 if decision is D.OFFER_PARTIAL_REFUND and given.offer_declined else None
    return (
        _rejecting_too_late(state, given, decision) if decision.rejects else _approving_too_late(state, given, decision)
    )


def open_rejections(state: State, given: Return, decision: ReturnDecision) -> list[Reason]:
    """The reasons for which the return may be rejected so now."""
    if return_obstacle(state, given, decision) is not None:
        return []
    question = next(question for question, rejection in REJECTIONS.items() if rejection is decision)
    return [reason for reason in rejections(given.order, question) if reason.name not in state.offline_reasons]


def write_down_return(
    state: State,
    shop: Shop,
    return_id: str,
    decision: str,
    now: datetime,
    *,
    by: str,
    reason: str | None = None,
    key: str | None = None,
    code: int = 0,
    replayed: bool = False,
) -> None:
    """Enter an answer into the books, taken (`code` 0) or not; the return may be unknown."""
    given = state.returns.get(return_id)
    state.books.return_decisions.append(
        ReturnDecisionRecord(
            at=now,
            shop_id=shop.id,
            return_id=return_id,
            order_id=None if given is None else given.order.id,
            decision=decision,
            by=by,
            idempotency_key=key,
            reason=reason,
            code=code,
            replayed=replayed,
            respond_by=None if given is None else given.respond_by,
        )
    )


def _approving_too_late(state: State, given: Return, decision: ReturnDecision) -> int:
    if given.status is CLOSED[given.type]:
        return 25020009
    if given.status is S.AWAITING_BUYER_RESPONSE:
        return 25007007
    if decision is D.OFFER_PARTIAL_REFUND:
        return 25011032
    return 25011013 if decision is D.APPROVE_RECEIVED_PACKAGE else state.doubts.return_approved_again_code


def _rejecting_too_late(state: State, given: Return, decision: ReturnDecision) -> int:
    if decision is D.REJECT_RECEIVED_PACKAGE:
        return 25020011 if given.status in {S.SUCCESS, S.COMPLETE} else 25020012
    over = REJECTED | {CLOSED[given.type], S.AWAITING_BUYER_RESPONSE}
    return state.doubts.return_rejected_again_code if given.status in over else 25020010


def _check_rejection(state: State, given: Return, decision: ReturnDecision, name: str) -> None:
    if name in {reason.name for reason in open_rejections(state, given, decision)}:
        return
    if name in state.offline_reasons:
        raise business(25001020)
    if name in REJECTION_NAMES:
        raise business(25001057)
    raise business(25001016 if name in OTHER_NAMES else 25001014)
