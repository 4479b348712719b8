"""Which answer to a buyer's cancel request TikTok Shop takes, and what it does (TT 4.3)."""

from datetime import datetime
from enum import StrEnum

from local.simulators.tiktok_shop.cancel_books import DecisionRecord
from local.simulators.tiktok_shop.cancel_reasons import CANCEL_NAMES, REFUSAL_NAMES, Reason, refusals
from local.simulators.tiktok_shop.cancellations import Cancellation, CancelStatus, CancelType, Outcome
from local.simulators.tiktok_shop.cancelling import approve, close
from local.simulators.tiktok_shop.errors import business
from local.simulators.tiktok_shop.lifecycle import can_be_cancelled
from local.simulators.tiktok_shop.shops import Shop
from local.simulators.tiktok_shop.state import State


class Decision(StrEnum):
    APPROVE = "APPROVE"
    REJECT = "REJECT"


def decide(state: State, cancellation: Cancellation, decision: Decision, reason: str | None, now: datetime) -> None:
    """Answer the request. Raises RefusalError with the code of the first broken rule, and changes nothing then."""
    code = obstacle(state, cancellation, decision)
    if code is not None:
        raise business(code)
    if decision is Decision.REJECT:
        _check_refusal(state, cancellation, reason or "")
    if state.next_lock_fails(cancellation.order.id):
        raise business(25001028)
    if decision is Decision.APPROVE:
        approve(state, cancellation, Outcome.APPROVED, now)
    else:
        close(state, cancellation, Outcome.REJECTED, now)


def obstacle(state: State, cancellation: Cancellation, decision: Decision) -> int | None:
    """The code that such an answer would meet now; None when it would be taken."""
    if cancellation.type is not CancelType.BUYER_CANCEL:
        return 25020004
    match decision, cancellation.status:
        case Decision.APPROVE, CancelStatus.SUCCESS | CancelStatus.COMPLETE:
            return state.doubts.approved_again_code
        case Decision.APPROVE, CancelStatus.CANCELLED:
            return 25020009
        case Decision.REJECT, CancelStatus.SUCCESS | CancelStatus.COMPLETE:
            return 25020010
        case Decision.REJECT, CancelStatus.CANCELLED:
            return state.doubts.rejected_again_code
        case Decision.APPROVE, _:
            lines = [each.line for each in cancellation.lines]
            return None if can_be_cancelled(cancellation.order, lines) else 25001045
        case _:
            return None if cancellation.order.shop.offers_reject else 25020003


def open_refusals(state: State, cancellation: Cancellation) -> list[Reason]:
    """The reasons for which the request may be rejected now."""
    if obstacle(state, cancellation, Decision.REJECT) is not None:
        return []
    return [reason for reason in refusals(cancellation.order) if reason.name not in state.offline_reasons]


def write_down(
    state: State,
    shop: Shop,
    cancel_id: str,
    decision: Decision,
    now: datetime,
    *,
    by: str,
    reason: str | None,
    key: str | None = None,
    code: int = 0,
    replayed: bool = False,
) -> None:
    """Enter an answer into the books, taken (`code` 0) or not; the request may be unknown."""
    cancellation = state.cancellations.get(cancel_id)
    state.books.decisions.append(
        DecisionRecord(
            at=now,
            shop_id=shop.id,
            cancel_id=cancel_id,
            order_id=None if cancellation is None else cancellation.order.id,
            decision=decision.value,
            by=by,
            idempotency_key=key,
            reason=reason,
            code=code,
            replayed=replayed,
            respond_by=None if cancellation is None else cancellation.respond_by,
        )
    )


def _check_refusal(state: State, cancellation: Cancellation, name: str) -> None:
    if name in {reason.name for reason in open_refusals(state, cancellation)}:
        return
    if name in state.offline_reasons:
        raise business(25001020)
    if name in REFUSAL_NAMES:
        raise business(25001057)
    raise business(25001016 if name in CANCEL_NAMES else 25001014)
