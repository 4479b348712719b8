"""Everything the simulated TikTok Shop remembers. Guarded by one lock, held by whoever acts or answers."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from threading import RLock

from local.simulators.tiktok_shop.books import Books
from local.simulators.tiktok_shop.buyers import Buyer
from local.simulators.tiktok_shop.cancellations import Cancellation
from local.simulators.tiktok_shop.doubts import Doubts
from local.simulators.tiktok_shop.errors import IllegalStepError
from local.simulators.tiktok_shop.ids import Ids
from local.simulators.tiktok_shop.lifecycle import end_hold
from local.simulators.tiktok_shop.orders import Order, Package
from local.simulators.tiktok_shop.references import Reference
from local.simulators.tiktok_shop.return_records import Return, ReturnTimes
from local.simulators.tiktok_shop.shops import Shop
from local.simulators.tiktok_shop.tokens import Authorisations


@dataclass(slots=True, kw_only=True)
class State:
    """`warnings`, `scripted` and `failing_locks` hold what a scenario arranged for coming calls.

    `answered` remembers by (shop, idempotency key) what was accepted: answers to requests, and seller's returns.
    `packages` holds the parts of each package, `announced` whose packages had an id before they were shipped.
    """

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
    packages: dict[str, list[Package]] = field(default_factory=dict)
    announced: dict[str, list[Order]] = field(default_factory=dict)
    products: dict[str, tuple[str, str]] = field(default_factory=dict)
    buyers: list[Buyer] = field(default_factory=list)
    addresses: int = 0
    personal_data: set[str] = field(default_factory=set)
    references: dict[tuple[str, str], Reference] = field(default_factory=dict)
    tracking_used_by: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[tuple[str | None, str]] = field(default_factory=list)
    scripted: list[tuple[str, int]] = field(default_factory=list)
    holds: list[tuple[datetime, str]] = field(default_factory=list)
    agenda: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)
    turns: Iterator[int] = field(default_factory=count)
    cancellations: dict[str, Cancellation] = field(default_factory=dict)
    returns: dict[str, Return] = field(default_factory=dict)
    return_times: ReturnTimes = field(default_factory=ReturnTimes)
    answered: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    failing_locks: list[str | None] = field(default_factory=list)
    offline_reasons: set[str] = field(default_factory=set)
    refund_after: timedelta = timedelta(minutes=30)
    longest_page: int | None = None

    def shown(self, size: int) -> int:
        """How many a page shows where so many are asked for: fewer while a scenario wants it so."""
        return size if self.longest_page is None else min(size, self.longest_page)

    def now(self) -> datetime:
        """The time, after everything that was due until now has happened."""
        now = self.clock()
        self.catch_up(now)
        return now

    def moment(self, order: Order, at: datetime | None) -> datetime:
        """When an action takes effect: now, or at a moment of the past, after what was due until then has happened.

        Raises IllegalStepError for a moment to come, or before the order.
        """
        if at is None:
            return self.now()
        if not order.created_at <= at <= self.clock():
            raise IllegalStepError(f"nothing can happen to order {order.id} at {at}")
        self.catch_up(at)
        return at

    def catch_up(self, until: datetime) -> None:
        """Let everything happen that was due until then."""
        while True:
            hold = self.holds[0][0] if self.holds else None
            step = self.agenda[0][0] if self.agenda else None
            if hold is not None and hold <= until and (step is None or hold <= step):
                due, order_id = heapq.heappop(self.holds)
                end_hold(self.orders[order_id], due)
            elif step is not None and step <= until:
                due, _, happen = heapq.heappop(self.agenda)
                happen(due)
            else:
                return

    def at(self, due: datetime, happen: Callable[[datetime], None]) -> None:
        """Let something happen at its time, in the order of the times."""
        heapq.heappush(self.agenda, (due, next(self.turns), happen))

    def order(self, order_id: str) -> Order:
        """An order that a scenario names. Raises IllegalStepError when there is none."""
        if order_id not in self.orders:
            raise IllegalStepError(f"no order {order_id}")
        return self.orders[order_id]

    def add_order(self, order: Order) -> None:
        """Remember a new order."""
        self.orders[order.id] = order
        self.orders_by_shop.setdefault(order.shop.id, []).append(order)

    def add_package(self, package: Package) -> None:
        """Remember a package that was shipped, or one more order's part of it."""
        self.packages.setdefault(package.id, []).append(package)
        self.tracking_used_by.setdefault(package.tracking_number, []).append(package.order.id)

    def waiting_package(self, package_id: str) -> Order | None:
        """Whose package has this id, and is not shipped yet; None when there is no such package."""
        orders = self.announced.get(package_id, [])
        return next((order for order in orders if package_id in order.waiting_packages), None)

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

    def cancellation(self, cancel_id: str) -> Cancellation:
        """A cancellation that a scenario names. Raises IllegalStepError when there is none."""
        if cancel_id not in self.cancellations:
            raise IllegalStepError(f"no cancellation {cancel_id}")
        return self.cancellations[cancel_id]

    def return_(self, return_id: str) -> Return:
        """A return that a scenario names. Raises IllegalStepError when there is none."""
        if return_id not in self.returns:
            raise IllegalStepError(f"no return {return_id}")
        return self.returns[return_id]

    def next_lock_fails(self, order_id: str) -> bool:
        """Whether the lock arranged to fail is this order's, used up by asking."""
        for position, wanted in enumerate(self.failing_locks):
            if wanted in (None, order_id):
                del self.failing_locks[position]
                return True
        return False

    def next_scripted(self, path: str) -> int | None:
        """The business refusal arranged for the next request to this path, used up by asking."""
        for position, (wanted, code) in enumerate(self.scripted):
            if wanted in path:
                del self.scripted[position]
                return code
        return None
