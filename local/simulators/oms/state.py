"""All that the simulated OMS remembers, behind one lock, and the shipments that it makes when their time comes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from threading import RLock
from typing import Any

from local.simulators.oms.cancel_records import CancelRequest, DecisionRule, Listed
from local.simulators.oms.records import Line, Order, Shipment
from local.simulators.oms.return_records import ReturnRecord, ReturnRule

type CarrierChoice = Callable[[Mapping[str, Any]], tuple[str, str | None, str]]
"""From the order as it was taken to carrier, shipping class and tracking number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A shipment that will be made at `due`; without lines everything that is left goes."""

    id: str
    due: datetime
    tiktok_order_id: str
    carrier: str
    shipping_class: str | None
    tracking_number: str
    lines: tuple[str, ...] | None
    by_sku: bool


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request as it was answered."""

    at: datetime
    method: str
    path: str
    status: int


@dataclass(slots=True, eq=False)
class State:
    """Orders, shipments in the order in which they were recorded, and the log."""

    clock: Callable[[], datetime]
    lock: RLock = field(default_factory=RLock)
    orders: dict[str, Order] = field(default_factory=dict)
    shipments: list[Shipment] = field(default_factory=list)
    automatic: tuple[timedelta, CarrierChoice] | None = None
    cancel_requests: dict[str, CancelRequest] = field(default_factory=dict)
    decisions: list[Listed] = field(default_factory=list)
    seller_cancellations: list[Listed] = field(default_factory=list)
    automatic_decisions: tuple[timedelta, DecisionRule] | None = None
    returns: dict[str, ReturnRecord] = field(default_factory=dict)
    return_decisions: list[Listed] = field(default_factory=list)
    seller_refunds: list[Listed] = field(default_factory=list)
    automatic_return_decisions: tuple[timedelta, ReturnRule] | None = None
    catalogue: set[str] | None = None
    lists_open_orders: bool = True
    requests: list[LoggedRequest] = field(default_factory=list)
    _to_come: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)
    _coming_numbers: "count[int]" = field(default_factory=count)
    _order_numbers: "count[int]" = field(default_factory=lambda: count(100001))
    _shipment_numbers: "count[int]" = field(default_factory=lambda: count(1))
    _decision_numbers: "count[int]" = field(default_factory=lambda: count(1))
    _cancellation_numbers: "count[int]" = field(default_factory=lambda: count(1))
    _refund_numbers: "count[int]" = field(default_factory=lambda: count(1))

    def next_order_number(self) -> str:
        """The next number of an order."""
        return f"SO-{next(self._order_numbers)}"

    def next_shipment_id(self) -> str:
        """The next id of a shipment."""
        return f"SHIP-{next(self._shipment_numbers)}"

    def next_decision_id(self) -> str:
        """The next id of a decision."""
        return f"DEC-{next(self._decision_numbers)}"

    def next_cancellation_id(self) -> str:
        """The next id of a cancellation of the OMS."""
        return f"CAN-{next(self._cancellation_numbers)}"

    def next_refund_id(self) -> str:
        """The next id of a refund of the OMS."""
        return f"REF-{next(self._refund_numbers)}"

    def advance(self) -> None:
        """Let happen what is due."""
        now = self.clock()
        while self._to_come and self._to_come[0][0] <= now:
            due, _, happen = heappop(self._to_come)
            happen(due)

    def at(self, due: datetime, happen: Callable[[datetime], None]) -> None:
        """Note what happens at that time, which it is told; at one moment the first noted happens first."""
        heappush(self._to_come, (due, next(self._coming_numbers), happen))

    def plan(self, plan: Plan) -> None:
        """Note a shipment to be made. Lines that are cancelled, shipped or withheld by then stay where they are."""
        self.at(plan.due, lambda _: self._make(plan))

    def _make(self, plan: Plan) -> None:
        order = self.orders[plan.tiktok_order_id]
        lines = [
            line for line in chosen(order, plan.lines) if line.state in ("open", "packed") and not line.withheld_for
        ]
        if not lines:
            return
        for line in lines:
            line.ship(plan.id, plan.due)
        self.shipments.append(
            Shipment(
                id=plan.id,
                tiktok_order_id=plan.tiktok_order_id,
                carrier=plan.carrier,
                shipping_class=plan.shipping_class,
                tracking_number=plan.tracking_number,
                shipped_at=plan.due,
                lines=tuple(line.id for line in lines),
                by_sku=plan.by_sku,
            )
        )


def chosen(order: Order, ids: Iterable[str] | None) -> list[Line]:
    """The lines of these ids, or all of them."""
    wanted = None if ids is None else set(ids)
    return [line for line in order.lines if wanted is None or line.id in wanted]
