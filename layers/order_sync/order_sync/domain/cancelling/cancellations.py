"""Cancellations: what a buyer asks for, what a seller wants, and what TikTok Shop made of it (G8-G12)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.ids import CancelId, LineId, OrderId
from order_sync.domain.orders import Source


class Initiator(StrEnum):
    """Who started a cancellation."""

    BUYER = "BUYER"
    SELLER = "SELLER"
    PLATFORM = "PLATFORM"


class CancellationStatus(StrEnum):
    """What TikTok Shop shows."""

    PENDING = "PENDING"
    """Waits for the seller's answer."""
    GRANTED = "GRANTED"
    """The lines are cancelled; the refund may follow later."""
    CLOSED = "CLOSED"
    """Withdrawn or rejected: the order goes on."""


class Outcome(StrEnum):
    """What became of a cancellation at TikTok Shop."""

    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    APPROVED_AUTOMATICALLY = "APPROVED_AUTOMATICALLY"
    """The seller's time was over."""
    OVERTAKEN = "OVERTAKEN"
    """The lines were cancelled in another way before the request was answered."""
    AT_ONCE = "AT_ONCE"
    """No answer was needed: in the cool-down, by the seller, by the platform."""


GRANTED = frozenset({Outcome.APPROVED, Outcome.APPROVED_AUTOMATICALLY, Outcome.AT_ONCE})
"""Outcomes by which the lines of a cancellation are cancelled."""


class SellerReason(StrEnum):
    """Why a seller cancels. TikTok's own name for it depends on region and status (TT 4.1)."""

    OUT_OF_STOCK = "out_of_stock"
    WRONG_PRICE = "wrong_price"
    ADDRESS_NOT_DELIVERABLE = "address_not_deliverable"
    BUYER_REQUESTED = "buyer_requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationFacts:
    """One cancellation as TikTok Shop shows it at `updated_at` (TT 4.2)."""

    id: CancelId
    order: OrderId
    initiator: Initiator
    is_request: bool
    """By the buyer: a request that waits for an answer, unless the order was still in its cool-down."""
    status: CancellationStatus
    reason: str
    """TikTok's machine key."""
    line_ids: tuple[LineId, ...]
    requested_at: datetime
    updated_at: datetime
    respond_by: datetime | None = None
    """TikTok's own deadline; only while it is pending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """A cancellation at TikTok Shop as the ledger keeps it. While `outcome` is None it is open."""

    id: CancelId
    initiator: Initiator
    is_request: bool
    reason: str
    line_ids: tuple[LineId, ...]
    requested_at: datetime
    updated_at: datetime
    respond_by: datetime | None = None
    """After it TikTok Shop approves by itself."""
    answer_until: datetime | None = None
    """Until then an answer is waited for; then the shop's rule decides."""
    next_due: datetime | None = None
    """When it is looked at again: a reminder, the end of the wait, or a confirmation that is missing."""
    reminders: int = 0
    """How many of its reminders are over."""
    answer: Answer | None = None
    answered_by: Decider | None = None
    answered_at: datetime | None = None
    answer_reason: str = ""
    rejected_by_shipping: bool = False
    """TikTok Shop takes no rejection from this shop: a parcel is the rejection, and it is due."""
    left_to_tiktok: bool = False
    """Nobody answered, and the shop's rule leaves it to TikTok Shop."""
    confirm_by: datetime | None = None
    """When TikTok Shop should have confirmed the answer that it was told."""
    unconfirmed: bool = False
    outcome: Outcome | None = None
    decided_by: Decider | None = None
    closed_at: datetime | None = None

    @property
    def name(self) -> str:
        """What outbox entries call it that wait for its end."""
        return f"CANCEL_REQUEST#{self.id}"

    @property
    def is_open(self) -> bool:
        """Whether it has no outcome yet."""
        return self.outcome is None

    @property
    def is_asked(self) -> bool:
        """Whether TikTok Shop waits for an answer."""
        return self.is_open

    @property
    def asked_at(self) -> datetime:
        """Since when it waits for an answer."""
        return self.requested_at

    @property
    def is_left(self) -> bool:
        """Whether we will tell TikTok Shop nothing: a parcel, or TikTok Shop itself, is the answer."""
        return self.rejected_by_shipping or self.left_to_tiktok

    @property
    def cancels(self) -> bool:
        """Whether its lines are cancelled by it."""
        return self.outcome in GRANTED

    def meets(self, lines: Collection[LineId]) -> bool:
        """Whether it is about one of these lines."""
        return any(line in lines for line in self.line_ids)


class SellerCancelState(StrEnum):
    """Where a seller's cancellation stands."""

    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    """TikTok Shop shows the lines as cancelled."""
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedCancellation:
    """A seller's wish to cancel, in the words of whoever has it. Lines by id, or units by SKU, or neither for all."""

    id: str
    """Ours: the source's own id behind its name, such as `oms-17`."""
    source: Source
    reason: SellerReason
    requested_at: datetime
    line_ids: tuple[LineId, ...] = ()
    units: tuple[tuple[str, int], ...] = ()
    parts: tuple[str, ...] = ()
    """Ids of further steps of its source that are this one cancellation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerCancellation:
    """A seller's cancellation that TikTok Shop has to carry out, as the ledger keeps it."""

    id: str
    source: Source
    reason: SellerReason
    requested_at: datetime
    line_ids: tuple[LineId, ...] = ()
    parts: tuple[str, ...] = ()
    """Other ids under which its source shows it."""
    state: SellerCancelState = SellerCancelState.OPEN
    detail: str = ""
    """Why it was refused."""
    confirm_by: datetime | None = None
    """When TikTok Shop should have confirmed it; also when it is looked at again."""
    unconfirmed: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it is neither accepted nor refused."""
        return self.state is SellerCancelState.OPEN
