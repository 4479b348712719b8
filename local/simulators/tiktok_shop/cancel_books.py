"""The books about cancellations: every answer received, how each request ended, every cancelling by the seller."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from local.simulators.tiktok_shop.cancellations import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """An answer to a request: `decision` APPROVE or REJECT, `by` "api" or "seller_center", `code` 0 when accepted.

    `replayed`: the same answer had come before under the same key. `order_id` and `respond_by` are None for an
    unknown request; `respond_by` is also None where nothing was asked.
    """

    at: datetime
    shop_id: str
    cancel_id: str
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
class RequestEnd:
    """A buyer's request is over; `at` is when it took effect."""

    at: datetime
    shop_id: str
    order_id: str
    cancel_id: str
    line_ids: tuple[str, ...]
    outcome: Outcome
    respond_by: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerCancel:
    """An attempt of the seller's to cancel: `code` 0 and a cancel id when it worked."""

    at: datetime
    shop_id: str
    order_id: str
    cancel_id: str | None
    line_ids: tuple[str, ...]
    reason: str
    by: str
    code: int


class CancelBooks:
    """Append-only records."""

    def __init__(self) -> None:
        self.decisions: list[DecisionRecord] = []
        self.request_ends: list[RequestEnd] = []
        self.seller_cancels: list[SellerCancel] = []

    @property
    def refused_decisions(self) -> list[DecisionRecord]:
        """Answers that TikTok Shop did not take."""
        return [decision for decision in self.decisions if decision.code != 0]

    @property
    def automatic_approvals(self) -> list[RequestEnd]:
        """Requests that nobody answered in time."""
        return [end for end in self.request_ends if end.outcome is Outcome.APPROVED_AUTOMATICALLY]

    def decisions_of(self, cancel_id: str) -> list[DecisionRecord]:
        """Every answer to one request, in the order of arrival."""
        return [decision for decision in self.decisions if decision.cancel_id == cancel_id]

    def decided(self, cancel_id: str) -> list[DecisionRecord]:
        """The answers to one request that took effect: one at most."""
        return [each for each in self.decisions_of(cancel_id) if each.code == 0 and not each.replayed]
