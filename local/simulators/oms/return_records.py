"""What the OMS remembers about buyers' returns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local.simulators.oms.cancel_records import Verdict
from local.simulators.oms.records import Order


@dataclass(slots=True, kw_only=True)
class ReturnRecord:
    """A return as Order Sync told it last; what is older than that is told in vain."""

    id: str
    body: Mapping[str, Any]
    told_at: datetime
    times_told: int = 1
    earlier: list[Mapping[str, Any]] = field(default_factory=list)
    """What was told before and held then, oldest first."""
    asked_at: datetime | None = None
    """When the open question was told first."""

    @property
    def tiktok_order_id(self) -> str:
        """The order that it is about."""
        return str(self.body["tiktok_order_id"])

    @property
    def shop_id(self) -> str:
        """The order's shop."""
        return str(self.body["shop_id"])

    @property
    def state(self) -> str:
        """Where it stands."""
        return str(self.body["state"])

    @property
    def lines(self) -> tuple[str, ...]:
        """Line ids."""
        return tuple(line["line"] for line in self.body["lines"])

    @property
    def changed_at(self) -> datetime:
        """Since when it stands there."""
        return datetime.fromisoformat(self.body["changed_at"])

    @property
    def question(self) -> str:
        """What the OMS is asked; empty when nothing."""
        return _asked(self.body)

    @property
    def problem(self) -> str:
        """Why an answer to it was not taken."""
        return str(self.body["question"].get("problem", "")) if self.body["question"] else ""

    @property
    def questions(self) -> frozenset[str]:
        """All that the OMS was ever asked about it."""
        return frozenset(_asked(body) for body in (*self.earlier, self.body)) - {""}


type ReturnRule = Callable[[ReturnRecord, Order], Verdict | None]
"""From the return and its order to the verdict, its reason being TikTok's name of one; None stays silent."""


def _asked(body: Mapping[str, Any]) -> str:
    return str(body["question"]["asked"]) if body["question"] else ""
