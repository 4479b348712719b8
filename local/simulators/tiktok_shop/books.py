"""What really happened at TikTok Shop: tests and the demo judge by these, not by our own ledger."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from local.simulators.faults import Fault
from local.simulators.tiktok_shop.cancel_books import CancelBooks
from local.simulators.tiktok_shop.return_books import ReturnBooks
from local.simulators.tiktok_shop.tracking_books import TrackingBooks

SECRET = frozenset({"sign", "app_secret", "auth_code", "access_token", "refresh_token", "shop_cipher"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """`endpoint` is the path with its ids left open; `code` is the partner's code, None when none was sent."""

    at: datetime
    method: str
    path: str
    endpoint: str
    query: Mapping[str, str]
    shop_id: str | None
    status: int | None
    code: int | None
    fault: Fault | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """A package that TikTok accepted; `by` is "api", "seller_center" or "tiktok"."""

    at: datetime
    shop_id: str
    order_id: str
    package_id: str
    line_ids: tuple[str, ...]
    tracking_number: str
    provider: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedShipment:
    at: datetime
    shop_id: str
    order_id: str
    tracking_number: str
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRecord:
    """One accepted external reference, in the order of arrival: repeats show as repeats."""

    at: datetime
    order_id: str
    platform: str
    external_id: str


class Books(CancelBooks, ReturnBooks, TrackingBooks):
    """Append-only records and counters."""

    def __init__(self, double_ship_codes: frozenset[int]) -> None:
        CancelBooks.__init__(self)
        ReturnBooks.__init__(self)
        TrackingBooks.__init__(self)
        self._lock = Lock()
        self._underway = 0
        self._double_ship_codes = double_ship_codes
        self._per_second: Counter[int] = Counter()
        self._shop_per_second: Counter[tuple[str, int]] = Counter()
        self.requests: list[RequestRecord] = []
        self.shipments: list[Shipment] = []
        self.refused_shipments: list[RefusedShipment] = []
        self.references: list[ReferenceRecord] = []
        self.max_concurrent = 0

    @property
    def double_ship_attempts(self) -> list[RefusedShipment]:
        """Shipments refused because the order or line had shipped."""
        return [refused for refused in self.refused_shipments if refused.code in self._double_ship_codes]

    @property
    def max_per_second(self) -> int:
        """The busiest second of the simulator's clock."""
        with self._lock:
            return max(self._per_second.values(), default=0)

    def max_per_second_of(self, shop_id: str) -> int:
        """The busiest second of one shop, the unit that TikTok limits (TT 6.2)."""
        with self._lock:
            return max((count for (shop, _), count in self._shop_per_second.items() if shop == shop_id), default=0)

    def count(self, endpoint: str | None = None, shop_id: str | None = None) -> int:
        """How many requests came, by endpoint and shop where given."""
        return sum(
            1
            for request in self.requests
            if endpoint in (None, request.endpoint) and shop_id in (None, request.shop_id)
        )

    def counts(self) -> Counter[tuple[str, str | None]]:
        """Requests by (endpoint, shop)."""
        return Counter((request.endpoint, request.shop_id) for request in self.requests)

    def shipments_of(self, order_id: str) -> list[Shipment]:
        """The packages of one order, in the order of shipping."""
        return [shipment for shipment in self.shipments if shipment.order_id == order_id]

    def shipments_now_of(self, order_id: str) -> list[Shipment]:
        """The same with the tracking numbers and carriers that hold now."""
        last = {update.package_id: update for update in self.tracking_updates_of(order_id)}
        return [
            replace(
                each, tracking_number=last[each.package_id].tracking_number, provider=last[each.package_id].provider
            )
            if each.package_id in last
            else each
            for each in self.shipments_of(order_id)
        ]

    def references_of(self, order_id: str) -> dict[str, str]:
        """The external id that stands for each platform."""
        return {r.platform: r.external_id for r in self.references if r.order_id == order_id}

    @contextmanager
    def underway(self, at: datetime) -> Iterator[None]:
        """Count a request while it is being answered."""
        with self._lock:
            self._underway += 1
            self._per_second[int(at.timestamp())] += 1
            self.max_concurrent = max(self.max_concurrent, self._underway)
        try:
            yield
        finally:
            with self._lock:
                self._underway -= 1

    def arrived(self, shop_id: str, at: datetime) -> int:
        """Note an authorised request of a shop; returns how many came in this second, this one included."""
        with self._lock:
            key = shop_id, int(at.timestamp())
            self._shop_per_second[key] += 1
            return self._shop_per_second[key]

    def record(self, request: RequestRecord) -> None:
        """Write down one request, however it ended."""
        with self._lock:
            self.requests.append(request)


def without_secrets(query: Mapping[str, str]) -> dict[str, str]:
    """The query as it may be shown."""
    return {name: value for name, value in query.items() if name not in SECRET}
