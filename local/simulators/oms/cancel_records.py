"""What the OMS remembers about cancel requests, and about the entries of its own lists."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.simulators.oms.records import Order


@dataclass(slots=True, kw_only=True)
class CancelRequest:
    """A buyer's request as Order Sync told it last, and what became of it."""

    id: str
    body: Mapping[str, Any]
    told_at: datetime
    times_told: int = 1
    outcome: Mapping[str, Any] | None = None
    outcome_told_at: datetime | None = None
    times_outcome_told: int = 0

    @property
    def tiktok_order_id(self) -> str:
        """The order that it is about."""
        return str(self.body["tiktok_order_id"])

    @property
    def lines(self) -> tuple[str, ...] | None:
        """Line ids; None is the whole order."""
        return tuple(self.body["lines"]) if "lines" in self.body else None

    @property
    def respond_by(self) -> datetime:
        """A decision that was read by then counts."""
        return datetime.fromisoformat(self.body["respond_by"])


@dataclass(slots=True, kw_only=True)
class Listed:
    """An entry of one of the OMS's lists, as the list shows it; `raw` when the contract may not allow it."""

    shop_id: str
    body: Mapping[str, Any]
    recorded_at: datetime
    raw: bool = False
    told: Mapping[str, Any] | None = None
    """What Order Sync said became of it: a refusal, or the outcome of a cancellation or a refund."""

    @property
    def id(self) -> str:
        """The entry's own id; empty when it has none."""
        return str(self.body.get("id", ""))


type Verdict = tuple[str, str | None]
"""`approve` or `reject`, and the reason."""
type DecisionRule = Callable[[CancelRequest, Order], Verdict | None]
"""From the request and the order as they stand to the verdict; None stays silent."""
