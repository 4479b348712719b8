"""Everything the simulated TikTok Shop remembers. Guarded by one lock, held by whoever acts or answers."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock

from local.simulators.tiktok_shop.books import Books
from local.simulators.tiktok_shop.buyers import Buyer
from local.simulators.tiktok_shop.doubts import Doubts
from local.simulators.tiktok_shop.errors import IllegalStepError
from local.simulators.tiktok_shop.ids import Ids
from local.simulators.tiktok_shop.lifecycle import end_hold
from local.simulators.tiktok_shop.orders import Order, Package
from local.simulators.tiktok_shop.references import Reference
from local.simulators.tiktok_shop.shops import Shop
from local.simulators.tiktok_shop.tokens import Authorisations


@dataclass(slots=True, kw_only=True)
class State:
    """`warnings` and `scripted` hold what a scenario arranged for coming calls."""

    clock: Callable[[], datetime]
    hold: timedelta
    index_lag: timedelta
    doubts: Doubts
    ids: Ids
    books: Books
    authorisations: Authorisations
    lock: RLock = field(default_factory=RLock)
    shops: dict[str, Shop] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    orders_by_shop: dict[str, list[Order]] = field(default_factory=dict)
    packages: dict[str, Package] = field(default_factory=dict)
    products: dict[str, tuple[str, str]] = field(default_factory=dict)
    buyers: list[Buyer] = field(default_factory=list)
    addresses: int = 0
    personal_data: set[str] = field(default_factory=set)
    references: dict[tuple[str, str], Reference] = field(default_factory=dict)
    tracking_used_by: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[tuple[str | None, str]] = field(default_factory=list)
    scripted: list[tuple[str, int]] = field(default_factory=list)
    holds: list[tuple[datetime, str]] = field(default_factory=list)

    def now(self) -> datetime:
        """The time, after everything that was due until now has happened."""
        now = self.clock()
        while self.holds and self.holds[0][0] <= now:
            due, order_id = heapq.heappop(self.holds)
            end_hold(self.orders[order_id], due)
        return now

    def order(self, order_id: str) -> Order:
        """An order that a scenario names. Raises IllegalStepError when there is none."""
        if order_id not in self.orders:
            raise IllegalStepError(f"no order {order_id}")
        return self.orders[order_id]

    def add_order(self, order: Order) -> None:
        """Remember a new order."""
        self.orders[order.id] = order
        self.orders_by_shop.setdefault(order.shop.id, []).append(order)

    def orders_of(self, shop: Shop) -> list[Order]:
        """The orders of one shop, oldest first."""
        return self.orders_by_shop.get(shop.id, [])

    def next_warning(self, order_id: str) -> str | None:
        """The warning arranged for the next shipment of this order, used up by asking."""
        for position, (wanted, message) in enumerate(self.warnings):
            if wanted in (None, order_id):
                del self.warnings[position]
                return message
        return None

    def next_scripted(self, path: str) -> int | None:
        """The business refusal arranged for the next request to this path, used up by asking."""
        for position, (wanted, code) in enumerate(self.scripted):
            if wanted in path:
                del self.scripted[position]
                return code
        return None
