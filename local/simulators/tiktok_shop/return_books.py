"""What really happened to returns and refunds, for tests and the demo."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from local.simulators.tiktok_shop.money import ZERO
from local.simulators.tiktok_shop.orders import Line, Order
from local.simulators.tiktok_shop.refunds import Refund
from local.simulators.tiktok_shop.return_records import ReturnRecord, ReturnStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnStep:
    """A return came into a status; `by` as in `ReturnRecord.decided_by`."""

    at: datetime
    return_id: str
    order_id: str
    status: ReturnStatus
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnDecisionRecord:
    """An answer to a return: `by` "api", "seller_center" or, at its deadline, "tiktok"; `code` 0 when accepted.

    `decision` is the word that was sent, which may be none of TikTok's. `order_id` is None for an unknown return,
    `respond_by` where nothing was asked. `replayed`: the same answer had come before under the same key.
    """

    at: datetime
    shop_id: str
    return_id: str
    order_id: str | None
    decision: str
    by: str
    idempotency_key: str | None
    reason: str | None
    code: int
    replayed: bool
    respond_by: datetime | None

    @property
    def time_left(self) -> timedelta | None:
        """From the answer to the deadline: negative when it came too late."""
        return None if self.respond_by is None else self.respond_by - self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerReturn:
    """An attempt of the seller's to refund or to take back: `code` 0 and a return id when it worked.

    `amount` None: all that was left of these lines.
    """

    at: datetime
    shop_id: str
    order_id: str
    return_id: str | None
    line_ids: tuple[str, ...]
    amount: str | None
    reason: str
    by: str
    idempotency_key: str | None
    code: int
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundedUnit:
    """One unit of a refund; `paid` is its price with tax."""

    line_id: str
    amount: Decimal
    paid: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedRefund:
    """Money that went to the buyer, by a return or a cancellation. `paid` is what the buyer paid for the order.

    Shipping and fees come on top of the units' amounts.
    """

    at: datetime
    shop_id: str
    order_id: str
    return_id: str | None
    cancel_id: str | None
    units: tuple[RefundedUnit, ...]
    refund: Refund
    paid: Decimal
    decided_by: str
    decided_at: datetime

    @property
    def line_ids(self) -> tuple[str, ...]:
        """The units that are refunded."""
        return tuple(unit.line_id for unit in self.units)


def issued(
    order: Order,
    lines: Iterable[tuple[Line, Refund]],
    refund: Refund,
    at: datetime,
    *,
    decided_by: str,
    decided_at: datetime,
    return_id: str | None = None,
    cancel_id: str | None = None,
) -> IssuedRefund:
    """The entry for money that goes to the buyer of an order now."""
    return IssuedRefund(
        at=at,
        shop_id=order.shop.id,
        order_id=order.id,
        return_id=return_id,
        cancel_id=cancel_id,
        units=tuple(
            RefundedUnit(line_id=line.id, amount=part.subtotal + part.tax, paid=line.price.sale + line.price.tax)
            for line, part in lines
        ),
        refund=refund,
        paid=Decimal(order.payment["total_amount"]) if order.paid_at else ZERO,
        decided_by=decided_by,
        decided_at=decided_at,
    )


class ReturnBooks:
    """Append-only records, and every return as it was when it changed last."""

    def __init__(self) -> None:
        self._returns: dict[str, ReturnRecord] = {}
        self.return_steps: list[ReturnStep] = []
        self.return_decisions: list[ReturnDecisionRecord] = []
        self.seller_returns: list[SellerReturn] = []
        self.refunds: list[IssuedRefund] = []

    def note_return(self, record: ReturnRecord) -> None:
        """Keep what is true of a return now."""
        self._returns[record.id] = record

    def returns(self, order_id: str | None = None) -> list[ReturnRecord]:
        """All returns, or an order's, in the order of asking; as of the last request or act."""
        return [record for record in self._returns.values() if order_id in (None, record.order_id)]

    def refunds_issued(self, order_id: str | None = None) -> list[IssuedRefund]:
        """What returns have refunded, of all orders or of one; cancellations are only in `refunds`."""
        return [each for each in self.refunds if each.return_id is not None and order_id in (None, each.order_id)]

    def steps_of(self, return_id: str) -> list[ReturnStatus]:
        """The statuses that a return has been in."""
        return [step.status for step in self.return_steps if step.return_id == return_id]

    def return_decisions_of(self, return_id: str) -> list[ReturnDecisionRecord]:
        """Every answer to a return, in the order of arrival."""
        return [decision for decision in self.return_decisions if decision.return_id == return_id]

    def decided_return(self, return_id: str) -> list[ReturnDecisionRecord]:
        """The answers to a return that took effect: one at most to each question."""
        return [each for each in self.return_decisions_of(return_id) if each.code == 0 and not each.replayed]

    @property
    def refused_return_decisions(self) -> list[ReturnDecisionRecord]:
        """Answers that TikTok Shop did not take."""
        return [decision for decision in self.return_decisions if decision.code != 0]

    @property
    def return_decisions_by_tiktok(self) -> list[ReturnDecisionRecord]:
        """Questions that nobody answered in time."""
        return [decision for decision in self.return_decisions if decision.by == "tiktok"]

    @property
    def refunds_beyond_payment(self) -> dict[str, Decimal]:
        """By order, how much more went back than was paid: must always be empty."""
        paid: dict[str, Decimal] = {}
        back: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        for each in self.refunds:
            paid[each.order_id] = each.paid
            back[each.order_id] += each.refund.total
        return {order_id: sum_ - paid[order_id] for order_id, sum_ in back.items() if sum_ > paid[order_id]}

    @property
    def units_beyond_price(self) -> dict[str, Decimal]:
        """By line, how much more went back than the unit had cost: must always be empty."""
        prices: dict[str, Decimal] = {}
        back: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        for unit in (unit for each in self.refunds for unit in each.units):
            prices[unit.line_id] = unit.paid
            back[unit.line_id] += unit.amount
        return {line_id: sum_ - prices[line_id] for line_id, sum_ in back.items() if sum_ > prices[line_id]}
