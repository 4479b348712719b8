"""A return as it is told to the other sides: a small one whose money adds up, to be changed by each test."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from order_sync.domain.cancelling.cancellations import Initiator
from order_sync.domain.ids import ReturnId
from order_sync.domain.returning.returns import Question, Refund, Return, ReturnLine
from order_sync.domain.returning.statuses import ReturnKind, ReturnState
from tests.purchases import a_line

RETURNED_AT = datetime(2025, 9, 1, 8, 0, tzinfo=UTC)
RETURN = ReturnId("4035000000000000021")
HOUR = timedelta(hours=1)


def a_refund(total: str = "18.90", **changes: Any) -> Refund:
    """17.50 for the goods and 1.40 tax."""
    fields: dict[str, Any] = {"currency": "USD", "goods": Decimal("17.50"), "tax": Decimal("1.40")}
    return Refund(**(fields | {"total": Decimal(total)} | changes))


def a_return(**changes: Any) -> Return:
    """The buyer wants to send one unit back, and TikTok Shop asks the seller for two days."""
    fields: dict[str, Any] = {
        "id": RETURN,
        "kind": ReturnKind.RETURN_AND_REFUND,
        "state": ReturnState.REQUEST_PENDING,
        "status_text": "RETURN_OR_REFUND_REQUEST_PENDING",
        "initiator": Initiator.BUYER,
        "reason": "wrong_product",
        "lines": (ReturnLine(id=a_line().id, refund=a_refund()),),
        "refund": a_refund(),
        "requested_at": RETURNED_AT,
        "updated_at": RETURNED_AT,
        "question": Question.RETURN,
        "asked_at": RETURNED_AT,
        "respond_by": RETURNED_AT + 48 * HOUR,
        "answer_until": RETURNED_AT + 47 * HOUR,
    }
    return Return(**(fields | changes))
