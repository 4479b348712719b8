"""What the OMS lists about returns: its answers to TikTok's questions, and refunds that it starts itself."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AwareDatetime, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from order_sync.domain.answering.answers import Answer
from order_sync.domain.ids import LineId, OrderId, ReturnId
from order_sync.domain.money import Money
from order_sync.domain.orders import Source
from order_sync.domain.returning.returns import Question, ReportedRefund
from order_sync.partners.oms.cancellation_lists import OURS
from order_sync.partners.oms.entries import WireLines, answer_of, said
from order_sync.partners.oms.paging import Page, Payload, WireId, read_page

_QUESTIONS: Final = {question.lower(): question for question in Question}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedReturnDecision:
    """The OMS's answer to a question about a return."""

    id: str
    """The OMS's own id of it."""
    return_id: ReturnId
    question: Question | None
    """None when the OMS named no question that the contract knows."""
    answer: Answer | None
    """None when the OMS said neither approve nor reject."""
    said: str = ""
    """What it said instead, of the answer before the question; empty when that was no text."""
    reject_reason: str = ""
    """TikTok's name of the reason to reject; empty leaves it to us."""
    decided_at: datetime


ReturnDecisionsPage = Page[ReportedReturnDecision]
RefundsPage = Page[tuple[OrderId, ReportedRefund]]


class _Decision(Payload):
    id: WireId
    return_id: WireId
    question: Any = None
    decision: Any = None
    reject_reason: WireId | None = None
    decided_at: AwareDatetime

    @field_validator("reject_reason")
    @classmethod
    def _not_of_an_approval(cls, reason: str | None, info: ValidationInfo) -> str | None:
        if reason is not None and answer_of(info.data.get("decision")) is Answer.APPROVE:
            raise PydanticCustomError("reject_reason", "only a rejection has one")
        return reason


def _more_than_nothing(total: str) -> str:
    if not Decimal(total):
        raise PydanticCustomError("total", "it is nothing to refund")
    return total


class _Amount(Payload):
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    total: Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,4})?$"), AfterValidator(_more_than_nothing)]


class _Refund(Payload):
    id: WireId
    tiktok_order_id: WireId
    lines: WireLines | None
    # No default, as for the lines: what was left out must not refund all that was paid.
    amount: _Amount | None
    reason: WireId | None = None
    refunded_at: AwareDatetime


def read_return_decisions(body: object, cursor: str) -> ReturnDecisionsPage:
    """A page of decisions after a cursor. Raises RejectedError when the page itself is unreadable."""
    return read_page("list return decisions", "decisions", body, cursor, _decision)


def read_refunds(body: object, cursor: str) -> RefundsPage:
    """A page of refunds after a cursor. Raises RejectedError when the page itself is unreadable."""
    return read_page("list refunds", "refunds", body, cursor, _refund)


def _decision(row: object) -> ReportedReturnDecision:
    decision = _Decision.model_validate(row)
    answer = answer_of(decision.decision)
    question = _QUESTIONS.get(decision.question) if isinstance(decision.question, str) else None
    unknown = decision.decision if answer is None else None if question else decision.question
    return ReportedReturnDecision(
        id=decision.id,
        return_id=ReturnId(decision.return_id),
        question=question,
        answer=answer,
        said=said(unknown),
        reject_reason=decision.reject_reason or "",
        decided_at=decision.decided_at,
    )


def _refund(row: object) -> tuple[OrderId, ReportedRefund]:
    refund = _Refund.model_validate(row)
    amount = Money(amount=Decimal(refund.amount.total), currency=refund.amount.currency) if refund.amount else None
    return OrderId(refund.tiktok_order_id), ReportedRefund(
        id=f"{OURS}{refund.id}",
        source=Source.OMS,
        requested_at=refund.refunded_at,
        line_ids=tuple(LineId(line) for line in refund.lines or ()),
        amount=amount,
        reason=refund.reason or "",
    )
