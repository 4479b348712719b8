"""What TikTok Shop remembers about a return (TT 4.4)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from local.simulators.tiktok_shop.cancellations import Role
from local.simulators.tiktok_shop.orders import Line, Order
from local.simulators.tiktok_shop.providers import Provider
from local.simulators.tiktok_shop.refunds import Refund


class ReturnType(StrEnum):
    """REFUND: the buyer keeps the goods. EXCHANGE is TikTok's own affair: the seller is not asked."""

    REFUND = "REFUND"
    RETURN_AND_REFUND = "RETURN_AND_REFUND"
    REPLACEMENT = "REPLACEMENT"
    EXCHANGE = "EXCHANGE"


class ReturnStatus(StrEnum):
    """SUCCESS: granted, the refund is under way. COMPLETE: refunded, or a new order was made. CANCEL: closed."""

    PENDING = "RETURN_OR_REFUND_REQUEST_PENDING"
    REJECT = "REFUND_OR_RETURN_REQUEST_REJECT"
    AWAITING_BUYER_SHIP = "AWAITING_BUYER_SHIP"
    BUYER_SHIPPED = "BUYER_SHIPPED_ITEM"
    REJECT_RECEIVED = "REJECT_RECEIVE_PACKAGE"
    SUCCESS = "RETURN_OR_REFUND_REQUEST_SUCCESS"
    CANCEL = "RETURN_OR_REFUND_REQUEST_CANCEL"
    COMPLETE = "RETURN_OR_REFUND_REQUEST_COMPLETE"
    AWAITING_BUYER_RESPONSE = "AWAITING_BUYER_RESPONSE"
    REPLACEMENT_PENDING = "REPLACEMENT_REQUEST_PENDING"
    REPLACEMENT_REJECT = "REPLACEMENT_REQUEST_REJECT"
    REPLACEMENT_REFUNDED = "REPLACEMENT_REQUEST_REFUND_SUCCESS"
    REPLACEMENT_CANCEL = "REPLACEMENT_REQUEST_CANCEL"
    REPLACEMENT_COMPLETE = "REPLACEMENT_REQUEST_COMPLETE"
    EXCHANGE_PENDING = "EXCHANGE_REQUEST_PENDING"
    EXCHANGE_REFUNDED = "EXCHANGE_REQUEST_REFUND_SUCCESS"
    EXCHANGE_CANCEL = "EXCHANGE_REQUEST_CANCEL"
    EXCHANGE_COMPLETE = "EXCHANGE_REQUEST_COMPLETE"


class Arbitration(StrEnum):
    """How far TikTok's staff is with a quarrel. CLOSED: the buyer gave in before they decided."""

    IN_PROGRESS = "IN_PROGRESS"
    SUPPORT_BUYER = "SUPPORT_BUYER"
    SUPPORT_SELLER = "SUPPORT_SELLER"
    CLOSED = "CLOSED"


class ReturnQuestion(StrEnum):
    """What the seller is asked; the API puts SELLER_RESPOND_ before it."""

    REFUND = "REFUND"
    RETURN = "RETURN"
    RECEIVE_PACKAGE = "RECEIVE_PACKAGE"
    REPLACEMENT = "REPLACEMENT"


class ReturnDecision(StrEnum):
    """What the seller may say. OFFER_PARTIAL_REFUND asks the buyer in turn."""

    APPROVE_REFUND = "APPROVE_REFUND"
    APPROVE_RETURN = "APPROVE_RETURN"
    APPROVE_RECEIVED_PACKAGE = "APPROVE_RECEIVED_PACKAGE"
    APPROVE_REPLACEMENT = "APPROVE_REPLACEMENT"
    ISSUE_REPLACEMENT_REFUND = "ISSUE_REPLACEMENT_REFUND"
    OFFER_PARTIAL_REFUND = "OFFER_PARTIAL_REFUND"
    DIRECT_REFUND = "DIRECT_REFUND"
    REJECT_REFUND = "REJECT_REFUND"
    REJECT_RETURN = "REJECT_RETURN"
    REJECT_RECEIVED_PACKAGE = "REJECT_RECEIVED_PACKAGE"
    REJECT_REPLACEMENT = "REJECT_REPLACEMENT"

    @property
    def rejects(self) -> bool:
        return self.startswith("REJECT_")


APPROVALS = {
    ReturnQuestion.REFUND: ReturnDecision.APPROVE_REFUND,
    ReturnQuestion.RETURN: ReturnDecision.APPROVE_RETURN,
    ReturnQuestion.RECEIVE_PACKAGE: ReturnDecision.APPROVE_RECEIVED_PACKAGE,
    ReturnQuestion.REPLACEMENT: ReturnDecision.APPROVE_REPLACEMENT,
}
REJECTIONS = {
    ReturnQuestion.REFUND: ReturnDecision.REJECT_REFUND,
    ReturnQuestion.RETURN: ReturnDecision.REJECT_RETURN,
    ReturnQuestion.RECEIVE_PACKAGE: ReturnDecision.REJECT_RECEIVED_PACKAGE,
    ReturnQuestion.REPLACEMENT: ReturnDecision.REJECT_REPLACEMENT,
}


@dataclass(slots=True, kw_only=True)
class ReturnTimes:
    """How long everybody has; only the 24 hours are documented (OP B2). After `answer` TikTok approves by itself."""

    answer: dict[ReturnQuestion, timedelta] = field(
        default_factory=lambda: {
            ReturnQuestion.REFUND: timedelta(hours=24),
            ReturnQuestion.RETURN: timedelta(hours=48),
            ReturnQuestion.RECEIVE_PACKAGE: timedelta(days=30),
            ReturnQuestion.REPLACEMENT: timedelta(hours=48),
        }
    )
    exchange: timedelta = timedelta(hours=24)
    """Until TikTok carries out an exchange."""
    shipping: timedelta = timedelta(days=14)
    """Until a return is closed whose buyer ships nothing."""
    offer: timedelta = timedelta(hours=48)
    """Until a buyer who does not answer has declined an offer."""


@dataclass(slots=True, kw_only=True)
class ReturnedLine:
    """One unit of a return, and what is refunded for it."""

    id: str
    line: Line
    refund: Refund


@dataclass(slots=True, kw_only=True, eq=False)
class Return:
    """`asked` and `respond_by` are the question that is open, or was last; `buyer_until` is the buyer's own limit.

    `gives_back_extras`: the shipping fee and what else is paid once for an order is in its refund.
    `shown` replaces fields of the answer, None leaves them out. `index` as for orders.
    """

    id: str
    order: Order
    type: ReturnType
    role: Role
    reason: str
    reason_text: str
    lines: tuple[ReturnedLine, ...]
    refund: Refund
    gives_back_extras: bool
    status: ReturnStatus
    created_at: datetime
    updated_at: datetime
    asked: ReturnQuestion | None = None
    respond_by: datetime | None = None
    buyer_until: datetime | None = None
    arbitration: Arbitration | None = None
    has_label: bool = False
    document_type: str | None = None
    tracking_number: str | None = None
    provider: Provider | None = None
    keeps_item: bool = False
    offer: Decimal | None = None
    offer_declined: bool = False
    exchange_for: str = ""
    previous_id: str | None = None
    next_id: str | None = None
    new_order_id: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    refunded_at: datetime | None = None
    shown: dict[str, object] = field(default_factory=dict)
    index: list[tuple[datetime, int]] = field(default_factory=list)

    @property
    def units(self) -> list[Line]:
        return [each.line for each in self.lines]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRecord:
    """A return as it is now, for tests and the demo.

    `decided_by`: who granted, rejected or closed it last: "api", "seller_center", "tiktok" or "buyer".
    `question`: None when the seller is not asked.
    """

    id: str
    shop_id: str
    order_id: str
    type: ReturnType
    status: ReturnStatus
    arbitration: Arbitration | None
    role: Role
    reason: str
    reason_text: str
    line_ids: tuple[str, ...]
    refund: Refund
    created_at: datetime
    updated_at: datetime
    question: ReturnQuestion | None
    respond_by: datetime | None
    has_label: bool
    tracking_number: str | None
    previous_id: str | None
    next_id: str | None
    new_order_id: str | None
    decided_by: str | None
    decided_at: datetime | None
    refunded_at: datetime | None


WAITING_FOR_SELLER = frozenset({ReturnStatus.PENDING, ReturnStatus.BUYER_SHIPPED, ReturnStatus.REPLACEMENT_PENDING})


def open_question(given: Return) -> ReturnQuestion | None:
    """What the seller is asked now. TikTok receives itself what it ships itself."""
    if given.status not in WAITING_FOR_SELLER or given.arbitration is Arbitration.IN_PROGRESS:
        return None
    if given.asked is ReturnQuestion.RECEIVE_PACKAGE and given.order.fulfillment_type == "FULFILLMENT_BY_TIKTOK":
        return None
    return given.asked


def record_of(given: Return) -> ReturnRecord:
    """What is true now, not to be changed."""
    question = open_question(given)
    return ReturnRecord(
        id=given.id,
        shop_id=given.order.shop.id,
        order_id=given.order.id,
        type=given.type,
        status=given.status,
        arbitration=given.arbitration,
        role=given.role,
        reason=given.reason,
        reason_text=given.reason_text,
        line_ids=tuple(line.id for line in given.units),
        refund=given.refund,
        created_at=given.created_at,
        updated_at=given.updated_at,
        question=question,
        respond_by=given.respond_by if question else None,
        has_label=given.has_label,
        tracking_number=given.tracking_number,
        previous_id=given.previous_id,
        next_id=given.next_id,
        new_order_id=given.new_order_id,
        decided_by=given.decided_by,
        decided_at=given.decided_at,
        refunded_at=given.refunded_at,
    )
