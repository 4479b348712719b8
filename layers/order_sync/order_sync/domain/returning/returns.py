"""Returns: what a buyer wants back, what the seller answered, and what TikTok Shop refunds (G2, TT 4.4)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from order_sync.domain.answering.answers import Answer, Decider
from order_sync.domain.cancelling.cancellations import Initiator
from order_sync.domain.ids import LineId, OrderId, ReturnId
from order_sync.domain.money import Money, add_up
from order_sync.domain.orders import Source
from order_sync.domain.returning.statuses import ENDED, ReturnKind, ReturnState


class Question(StrEnum):
    """What TikTok Shop asks the seller about a return, one after the other."""

    REFUND = "REFUND"
    """Money back without goods."""
    RETURN = "RETURN"
    """Goods back for money."""
    RECEIVE_PACKAGE = "RECEIVE_PACKAGE"
    """The goods that came back, after inspection."""
    REPLACEMENT = "REPLACEMENT"


class GivenAnswer(NamedTuple):
    """An answer to a question that is closed."""

    question: Question
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """What the buyer gets back, as TikTok Shop adds it up: total = goods + shipping + tax + other fees."""

    currency: str
    total: Decimal
    goods: Decimal
    shipping: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    other: Decimal = Decimal(0)

    @property
    def money(self) -> Money:
        """The total."""
        return Money(amount=self.total, currency=self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLine:
    """One unit of a return, with what is refunded for it; None while TikTok Shop does not say."""

    id: LineId
    refund: Refund | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnFacts:
    """One return as TikTok Shop shows it at `updated_at` (TT 4.4). No buyer, no words of people."""

    id: ReturnId
    order: OrderId
    kind: ReturnKind
    status_text: str
    initiator: Initiator
    reason: str
    """TikTok's machine key."""
    lines: tuple[ReturnLine, ...]
    refund: Refund | None = None
    """Of the whole return."""
    requested_at: datetime
    updated_at: datetime
    question: Question | None = None
    """What TikTok Shop waits for from the seller."""
    respond_by: datetime | None = None
    """TikTok's own deadline for that."""
    has_label: bool = False
    """Whether a return label, a code in its place or a return's tracking number exists."""
    tracking_number: str = ""
    """Of the parcel that comes back."""
    in_arbitration: bool = False
    arbitration: str = ""
    """TikTok's word for how far an arbitration is."""
    follows: ReturnId | None = None
    """The return that this one continues."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """A return as the ledger keeps it, with the question that is open, or was last."""

    id: ReturnId
    kind: ReturnKind
    state: ReturnState
    status_text: str
    initiator: Initiator
    reason: str
    lines: tuple[ReturnLine, ...]
    refund: Refund | None = None
    requested_at: datetime
    updated_at: datetime
    has_label: bool = False
    tracking_number: str = ""
    arbitration: str = ""
    follows: ReturnId | None = None
    changes: int = 0
    """How often it changed in a way that others hear of."""
    question: Question | None = None
    """None while TikTok Shop waits for nobody, or for the buyer."""
    asked_at: datetime
    """Since when the question is open."""
    respond_by: datetime | None = None
    answer_until: datetime | None = None
    next_due: datetime | None = None
    """When it is looked at again; None for one that is not ours, or waits for nothing of ours."""
    reminders: int = 0
    answer: Answer | None = None
    """To the question that is open."""
    answer_problem: str = ""
    """Why TikTok Shop did not take an answer, so that the question is open again."""
    decisions: tuple[str, ...] = ()
    """Ids of the OMS's decisions about the open question that were taken."""
    given_before: tuple[GivenAnswer, ...] = ()
    """Answers to earlier questions."""
    reject_reason: str = ""
    """TikTok's name of the reason to reject, where the seller chose one."""
    answered_by: Decider | None = None
    answered_at: datetime | None = None
    left_to_tiktok: bool = False
    """Nobody answered, and the shop's rule leaves it to TikTok Shop."""
    confirm_by: datetime | None = None
    """When TikTok Shop should have confirmed the answer that it was told."""
    unconfirmed: bool = False
    refund_due: datetime | None = None
    """When TikTok Shop should have refunded what it, or the seller, granted."""
    refund_late: bool = False
    refunded_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether something about it is still to come."""
        return self.state not in ENDED

    @property
    def is_asked(self) -> bool:
        """Whether TikTok Shop waits for an answer."""
        return self.question is not None and self.is_open

    @property
    def is_left(self) -> bool:
        """Whether we will tell TikTok Shop nothing."""
        return self.left_to_tiktok

    @property
    def line_ids(self) -> tuple[LineId, ...]:
        """The units that it is about."""
        return tuple(line.id for line in self.lines)

    @property
    def money(self) -> Money | None:
        """What it refunds, or would; None while TikTok Shop does not say. Raises RejectedError for two currencies."""
        if self.refund:
            return self.refund.money
        return add_up(line.refund.money for line in self.lines if line.refund)


BY_HAND: Final = "channeladvisor-"
"""Stands before ChannelAdvisor's own id of a refund that was made there."""


class SellerRefundState(StrEnum):
    """Where a refund stands that the seller started."""

    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    """TikTok Shop has refunded it."""
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRefund:
    """A refund that a seller started, as its source says it. Lines by id, or units by SKU, or neither for all."""

    id: str
    """Ours: the source's own id behind its name, such as `oms-17`."""
    source: Source
    requested_at: datetime
    line_ids: tuple[LineId, ...] = ()
    units: tuple[tuple[str, int], ...] = ()
    amount: Money | None = None
    """None for all that was paid for these lines."""
    reason: str = ""
    """TikTok's name of a reason; empty leaves it to the shop's settings."""
    problem: str = ""
    """What its source does not say, so that it cannot be carried out: no amount and no unit is ever guessed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerRefund:
    """A refund that the seller started and TikTok Shop has to carry out, as the ledger keeps it."""

    id: str
    source: Source
    requested_at: datetime
    line_ids: tuple[LineId, ...] = ()
    amount: Money | None = None
    reason: str = ""
    state: SellerRefundState = SellerRefundState.OPEN
    return_id: ReturnId | None = None
    """The return that it became at TikTok Shop."""
    detail: str = ""
    """Why it was refused."""
    confirm_by: datetime | None = None
    """When TikTok Shop should have refunded it; also when it is looked at again."""
    unconfirmed: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it is neither refunded nor refused."""
        return self.state is SellerRefundState.OPEN
