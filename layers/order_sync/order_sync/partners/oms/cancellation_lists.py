"""What the OMS lists about cancellations: its answers to buyers' requests, and what it cancels itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import AwareDatetime

from order_sync.domain.answering.answers import Answer
from order_sync.domain.cancelling.cancellations import ReportedCancellation, SellerReason
from order_sync.domain.ids import CancelId, LineId, OrderId
from order_sync.domain.orders import Source
from order_sync.partners.oms.entries import WireLines, answer_of, said
from order_sync.partners.oms.orders import LONGEST_TEXT
from order_sync.partners.oms.paging import Page, Payload, WireId, read_page

OURS: Final = "oms-"
"""Stands before the OMS's own id of a cancellation or a refund."""


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
    lines: WireLines | None
    reason: SellerReason
    cancelled_at: AwareDatetime


def read_decisions(body: object, cursor: str) -> DecisionsPage:
    """A page of decisions after a cursor. Raises RejectedError when the page itself is unreadable."""
    return read_page("list decisions", "decisions", body, cursor, _decision)


def read_cancellations(body: object, cursor: str) -> CancellationsPage:
    """A page of cancellations after a cursor. Raises RejectedError when the page itself is unreadable."""
    return read_page("list cancellations", "cancellations", body, cursor, _cancellation)


def _decision(row: object) -> ReportedDecision:
    decision = _Decision.model_validate(row)
    answer = answer_of(decision.decision)
    return ReportedDecision(
        id=decision.id,
        cancel_id=CancelId(decision.cancel_id),
        answer=answer,
        said="" if answer else said(decision.decision),
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
