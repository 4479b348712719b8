"""The real client in front of the simulated OMS, in process."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from local.simulators.faults import FaultyTransport
from local.simulators.oms import OmsSimulator
from order_sync.domain.ids import OrderId, ShopId
from order_sync.domain.orders import Handling, Order
from order_sync.domain.purchase import Purchase
from order_sync.domain.records import OrderRecord
from order_sync.domain.statuses import OrderState
from order_sync.partners.oms.paging import Page
from order_sync.partners.oms.rest import RestOms, open_http
from tests.builders import a_shop
from tests.purchases import ORDERED_AT, a_purchase

START = datetime(2025, 8, 19, 13, 0, tzinfo=UTC)
TOKEN = "the-oms-token"
SHOP = a_shop()
OURS = OrderId("577086512123755123")


@dataclass
class World:
    """A simulator, and clients of it; sleeping moves the clock."""

    largest_page: int = 500
    now: datetime = START
    slept: list[float] = field(default_factory=list)
    clients: list[httpx.Client] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.simulator = OmsSimulator(lambda: self.now, token=TOKEN, largest_page=self.largest_page)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    def monotonic(self) -> float:
        return self.now.timestamp()

    def client(self, token: str = TOKEN, *, transport: httpx.BaseTransport | None = None) -> RestOms:
        http = open_http(
            sleep=self.sleep,
            monotonic=self.monotonic,
            random=lambda: 0.0,
            interval=0.0,
            transport=transport or FaultyTransport(httpx.WSGITransport(app=self.simulator)),
        )
        self.clients.append(http.client)
        return RestOms(http, "https://oms.example.com/", lambda: token)


def head(purchase: Purchase, **changes: Any) -> Order:
    values: dict[str, Any] = {
        "shop": SHOP.shop,
        "id": purchase.order,
        "state": OrderState.RELEASED_FOR_SHIPMENT,
        "handling": Handling.OURS,
        "tiktok_status": "AWAITING_SHIPMENT",
        "updated_at": ORDERED_AT,
        "digest": "",
        "created_at": ORDERED_AT,
        "ship_by": START + timedelta(days=2),
        "lines": (),
    }
    return Order(**(values | changes))


def take(oms: RestOms, purchase: Purchase | None = None, **changes: Any) -> str:
    purchase = purchase or a_purchase()
    return oms.take_order(purchase, OrderRecord(order=head(purchase, **changes)), SHOP)


def all_pages[Entry](read: Callable[[ShopId, str], Page[Entry]], cursor: str = "") -> list[Page[Entry]]:
    pages = [read(SHOP.shop, cursor)]
    while pages[-1].has_more:
        pages.append(read(SHOP.shop, pages[-1].next_cursor))
    return pages


def refusing(world: World, status: int, kind: str, detail: str) -> RestOms:
    """A client of another OMS, which answers every call with this problem."""
    problem = {"type": f"urn:problem:order-sync:{kind}", "title": kind, "status": status, "detail": detail}
    return world.client(transport=httpx.MockTransport(lambda _request: httpx.Response(status, json=problem)))
