"""One run of one job for one shop: what it works with and what it has to say at the end."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from order_sync.domain.cancelling.cancellations import SellerCancelState
from order_sync.domain.errors import RetriableError
from order_sync.domain.ids import OrderId
from order_sync.domain.records import Change, OrderRecord
from order_sync.domain.returning.returns import SellerRefundState
from order_sync.domain.shop import ShopSettings
from order_sync.domain.timeline import Event
from order_sync.domain.timing import Timing
from order_sync.ledger.ledger import DamagedItemError, Ledger
from order_sync.ledger.shops import Shops

logger = Logger(child=True)


@dataclass(slots=True)
class Report:
    """What a run did and found, in numbers, and what went wrong, in words without buyer data."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    gauges: dict[str, float] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    """What an operator asked for, beside the counts."""

    def count(self, what: str, number: int = 1) -> None:
        """Count something that an operator may want to see as a metric."""
        self.counts[what] += number

    def problem(self, what: str, text: str) -> None:
        """Count something that went wrong and say what and where."""
        self.counts[what] += 1
        self.problems.append(f"{what}: {text}")

    def gauge(self, name: str, value: float) -> None:
        """Tell how the shop stands in one respect, as a metric. What a run does not tell is not known."""
        self.gauges[name] = value


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopRun:
    """Everything that jobs share. Time, chance and the time that is left come in from outside."""

    shop: ShopSettings
    ledger: Ledger
    shops: Shops
    timing: Timing
    now: Callable[[], datetime]
    jitter: Callable[[], float]
    has_time: Callable[[], bool]
    report: Report = field(default_factory=Report)

    def keep_for_a_person(self, what: str, subject: str, text: str) -> None:
        """Count something that a feed will not bring again and keep it beyond the log, as a notice of the shop."""
        self.shops.put_notice(self.shop.shop, subject, text)
        self.report.problem(what, text)

    @contextmanager
    def apart(self, kind: str, subject: str, what: str) -> Iterator[None]:
        """Whatever is wrong with one thing must not stop the others: it is logged and kept for a person."""
        try:
            yield
        except RetriableError:
            raise
        except Exception as error:
            logger.exception(kind, extra={"what": what})
            self.keep_for_a_person(kind, subject, f"{what}: {type(error).__name__}")

    def load(self, order: OrderId) -> OrderRecord | None:
        """An order of the shop; None where it is not known, and where it is damaged, which is counted."""
        try:
            return self.ledger.load(self.shop.shop, order)
        except DamagedItemError as error:
            self.count_damaged(error)
            return None

    def count_damaged(self, error: DamagedItemError) -> None:
        """Count an order that somebody has damaged in the ledger, once in a run; only it is held up."""
        if f"orders_damaged: {error}" not in self.report.problems:
            self.report.problem("orders_damaged", str(error))

    def mark_good_poll(self, job: str) -> None:
        """A poll has read all there was: how long ago that was is watched. One that was cut short says nothing."""
        if not self.report.counts["polls_cut_short"]:
            self.shops.mark_polled(self.shop.shop, job)

    def count_parcels(self, change: Change) -> None:
        """Count parcels that are told to nobody, those that left although what they hold is cancelled, and changes."""
        deleted = {fact.detail["parcel"] for fact in change.timeline if fact.event is Event.PARCEL_DELETED}
        self.report.count("parcels_deleted", len(deleted))
        for parcel in change.parcels:
            if parcel.refused and parcel.id not in deleted:
                self.report.problem("parcels_refused", f"order {change.order.id} parcel {parcel.id}: {parcel.refused}")
        for fact in change.timeline:
            if fact.event is Event.PARCEL_CORRECTED:
                self.report.count("parcels_corrected")
            if fact.event is Event.PARCEL_DELETED and fact.detail.get("told"):
                text = f"order {change.order.id} parcel {fact.detail['parcel']}: {fact.detail['told']} had been told"
                self.report.problem("parcels_deleted_too_late", text)
            if fact.event is Event.RECOVERY_NEEDED:
                self.report.problem(
                    "event_recovery_needed", f"order {change.order.id} {fact.detail['tracking_numbers']}"
                )

    def count_seller_cancellations(self, change: Change) -> None:
        """Count a seller's cancellations that were refused before TikTok Shop was asked."""
        for wish in change.seller_cancellations:
            if wish.state is SellerCancelState.REFUSED:
                text = f"order {change.order.id} cancellation {wish.id}: {wish.detail}"
                self.report.problem("seller_cancellations_refused", text)

    def count_seller_refunds(self, change: Change) -> None:
        """Count a seller's refunds that were refused before TikTok Shop was asked."""
        for wish in change.seller_refunds:
            if wish.state is SellerRefundState.REFUSED:
                text = f"order {change.order.id} refund {wish.id}: {wish.detail}"
                self.report.problem("seller_refunds_refused", text)
