"""What TikTok Shop remembers about a cancellation (TT 4.2)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from local.simulators.tiktok_shop.orders import Initiator, Line, Order
from local.simulators.tiktok_shop.refunds import Refund


class CancelType(StrEnum):
    """CANCEL: by the seller or by TikTok, at once. BUYER_CANCEL: by the buyer, mostly as a request."""

    CANCEL = "CANCEL"
    BUYER_CANCEL = "BUYER_CANCEL"


class CancelStatus(StrEnum):
    """SUCCESS: accepted. COMPLETE: refunded too. CANCELLED: the request is closed, the order goes on.

    How the API spells the last one is a doubt (`Doubts.closed_cancel_status`).
    """

    PENDING = "CANCELLATION_REQUEST_PENDING"
    SUCCESS = "CANCELLATION_REQUEST_SUCCESS"
    COMPLETE = "CANCELLATION_REQUEST_COMPLETE"
    CANCELLED = "CANCELLATION_REQUEST_CANCELLED"


class Role(StrEnum):
    """Who cancels; OPERATOR is TikTok's staff (see `Doubts.staff_is_operator`)."""

    BUYER = "BUYER"
    SELLER = "SELLER"
    SYSTEM = "SYSTEM"
    OPERATOR = "OPERATOR"

    @property
    def initiator(self) -> Initiator:
        """As the order names it, which knows no operators (TT 2.5)."""
        return Initiator.SYSTEM if self is Role.OPERATOR else Initiator(self.value)


class Outcome(StrEnum):
    """How a buyer's request ended: the API has one status for all that were not granted.

    OVERTAKEN: the order was cancelled otherwise. LAPSED: its time ran out when nothing could be cancelled any more.
    """

    APPROVED = "APPROVED"
    APPROVED_AUTOMATICALLY = "APPROVED_AUTOMATICALLY"
    REJECTED = "REJECTED"
    REJECTED_BY_SHIPMENT = "REJECTED_BY_SHIPMENT"
    WITHDRAWN = "WITHDRAWN"
    OVERTAKEN = "OVERTAKEN"
    LAPSED = "LAPSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledLine:
    """One unit of a cancellation, whether it is asked for or done."""

    id: str
    line: Line
    refund: Refund


@dataclass(slots=True, kw_only=True, eq=False)
class Cancellation:
    """`respond_by` and `outcome` belong to requests. `index` as for orders."""

    id: str
    order: Order
    type: CancelType
    role: Role
    reason: str
    reason_text: str
    lines: tuple[CancelledLine, ...]
    refund: Refund
    restocks: bool
    status: CancelStatus
    created_at: datetime
    updated_at: datetime
    respond_by: datetime | None = None
    outcome: Outcome | None = None
    index: list[tuple[datetime, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationRecord:
    """A cancellation as it is now, for tests and the demo."""

    id: str
    order_id: str
    type: CancelType
    status: CancelStatus
    role: Role
    reason: str
    reason_text: str
    line_ids: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    respond_by: datetime | None
    outcome: Outcome | None


def change(cancellation: Cancellation, status: CancelStatus, at: datetime) -> None:
    """Move to a status, and update_time with it; the search's index learns it at the same moment."""
    cancellation.status = status
    cancellation.updated_at = max(cancellation.updated_at, at)
    cancellation.index.append((cancellation.updated_at, int(cancellation.updated_at.timestamp())))


def record_of(cancellation: Cancellation) -> CancellationRecord:
    """What is true now, not to be changed."""
    return CancellationRecord(
        id=cancellation.id,
        order_id=cancellation.order.id,
        type=cancellation.type,
        status=cancellation.status,
        role=cancellation.role,
        reason=cancellation.reason,
        reason_text=cancellation.reason_text,
        line_ids=tuple(each.line.id for each in cancellation.lines),
        created_at=cancellation.created_at,
        updated_at=cancellation.updated_at,
        respond_by=cancellation.respond_by,
        outcome=cancellation.outcome,
    )
