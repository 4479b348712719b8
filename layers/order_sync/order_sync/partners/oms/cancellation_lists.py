"""What the OMS lists about cancellations: its answers to buyers' requests, and what it cancels itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import AwareDatetime, Field, field_validator
from pydantic_core import PydanticCustomError

from order_sync.domain.cancelling.cancellations import Answer, ReportedCancellation, SellerReason
from order_sync.domain.ids import CancelId, LineId, OrderId
from order_sync.domain.orders import Source
from order_sync.partners.oms.orders import LONGEST_TEXT
from order_sync.partners.oms.paging import Page, Payload, WireId, read_page, without_halves

OURS: Final = "oms-"
"""Stands before the OMS's own id of a cancellation."""
LONGEST_SAID: Final = 100
_ANSWERS: Final = {"approve": Answer.APPROVE, "reject": Answer.REJECT}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedDecision:
    """The OMS's answer to a buyer's request."""

    id: str
    """The OMS's own id of it."""
    cancel_id: CancelId
    answer: Answer | None
    """None when the OMS said neither approve nor reject."""
    said: str = ""
    """What it said instead; empty when that was no text."""
    reason: str
    decided_at: datetime


DecisionsPage = Page[ReportedDecision]
CancellationsPage = Page[tuple[OrderId, ReportedCancellation]]


class _Decision(Payload):
    id: WireId
    cancel_id: WireId
    decision: Any = None
    reason: str | None = None
    decided_at: AwareDatetime


class _Cancellation(Payload):
    id: WireId
    tiktok_order_id: WireId
    # No default: what was left out by a slip must not cancel the whole order.
    lines: tuple[WireId, ...] | None = Field(min_length=1)
    reason: SellerReason
    cancelled_at: AwareDatetime

    @field_validator("lines")
    @classmethod
    def _each_once(cls, lines: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if lines is not None and len(set(lines)) < len(lines):
            raise PydanticCustomError("lines", "a line stands there twice")
        return lines


def read_decisions(body: object, cursor: str) -> DecisionsPage:
    """A page of decisions after a cursor. Raises RejectedError when the page itself is unreadable."""
    return read_page("list decisions", "decisions", body, cursor, _decision)


def read_cancellations(body: object, cursor: str) -> CancellationsPage:
    """A page of cancellations after a cursor. Raises RejectedError when the page itself is unreadable."""
    return read_page("list cancellations", "cancellations", body, cursor, _cancellation)


def _decision(row: object) -> ReportedDecision:
    decision = _Decision.model_validate(row)
    word = decision.decision if isinstance(decision.decision, str) else ""
    answer = _ANSWERS.get(word)
    return ReportedDecision(
        id=decision.id,
        cancel_id=CancelId(decision.cancel_id),
        answer=answer,
        said="" if answer else without_halves(word)[:LONGEST_SAID],
        reason=(decision.reason or "")[:LONGEST_TEXT],
        decided_at=decision.decided_at,
    )


def _cancellation(row: object) -> tuple[OrderId, ReportedCancellation]:
    cancellation = _Cancellation.model_validate(row)
    return OrderId(cancellation.tiktok_order_id), ReportedCancellation(
        id=f"{OURS}{cancellation.id}",
        source=Source.OMS,
        reason=cancellation.reason,
        requested_at=cancellation.cancelled_at,
        line_ids=tuple(LineId(line) for line in cancellation.lines or ()),
    )
