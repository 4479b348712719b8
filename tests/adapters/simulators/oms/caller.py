"""What the tests of this simulator call it with. Every answer is checked against the OpenAPI file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from local.simulators.oms import OmsSimulator
from local.simulators.oms.contract import Operation, read_contract

TOKEN = "oms-token"
SHOP = "7495000000000000001"
ORDER = "576400000000000001"
LINES = ["11", "12", "13"]
CANCEL = "4035000000000000001"
RETURN = "4035000000000000021"


@dataclass
class Clock:
    """The time that the simulator sees."""

    now: datetime = datetime(2025, 8, 19, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@dataclass
class Caller:
    """Order Sync, as the OMS sees it."""

    simulator: OmsSimulator
    http: httpx.Client
    contract: Mapping[str, Operation] = field(default_factory=read_contract)

    def call(self, operation: str, body: Any = None, /, **values: Any) -> httpx.Response:
        """Make the call of this name; `values` fill the path, those that are left are the query."""
        described = self.contract[operation]
        path, query = described.path, dict(values)
        for name, value in values.items():
            if "{" + name + "}" in path:
                path = path.replace("{" + name + "}", value)
                del query[name]
        answer = self.http.request(described.method, path, json=body, params=query)
        described.check_answer(answer.status_code, answer.json() if answer.content else None)
        return answer

    def take(self, tiktok_order_id: str = ORDER, /, **changes: Any) -> httpx.Response:
        body = order_body(tiktok_order_id) | changes
        return self.call("take_order", body, tiktok_order_id=tiktok_order_id)

    def shipments(self, **query: Any) -> dict[str, Any]:
        page: dict[str, Any] = self.call("list_shipments", **({"shop_id": SHOP} | query)).json()
        return page

    def ask(self, cancel_id: str = CANCEL, /, **changes: Any) -> httpx.Response:
        """Tell a buyer's cancel request."""
        return self.call("note_cancel_request", request_body() | changes, cancel_id=cancel_id)

    def settle(self, outcome: str, decided_by: str, cancel_id: str = CANCEL, /) -> httpx.Response:
        """Tell what became of a cancel request."""
        body = {"outcome": outcome, "decided_by": decided_by, "decided_at": "2025-08-19T13:00:00Z"}
        return self.call("settle_cancel_request", body, cancel_id=cancel_id)

    def tell(self, return_id: str = RETURN, /, **changes: Any) -> httpx.Response:
        """Tell how a return stands."""
        return self.call("note_return", return_body(**changes), return_id=return_id)

    def entries(self, operation: str, **query: Any) -> list[dict[str, Any]]:
        """All entries of a list, in pages of two."""
        found: list[dict[str, Any]] = []
        more = True
        while more:
            page = self.call(operation, **({"shop_id": SHOP, "limit": 2} | query)).json()
            query, more = query | {"after": page["next_cursor"]}, page["has_more"]
            found += next(value for value in page.values() if isinstance(value, list))
        return found

    def decisions(self, **query: Any) -> list[dict[str, Any]]:
        return self.entries("list_cancel_request_decisions", **query)

    def cancellations(self, **query: Any) -> list[dict[str, Any]]:
        return self.entries("list_seller_cancellations", **query)

    def return_decisions(self, **query: Any) -> list[dict[str, Any]]:
        return self.entries("list_return_decisions", **query)

    def refunds(self, **query: Any) -> list[dict[str, Any]]:
        return self.entries("list_seller_refunds", **query)


def request_body(**changes: Any) -> dict[str, Any]:
    """A cancel request of the whole order, to be answered within a day."""
    return {
        "shop_id": SHOP,
        "tiktok_order_id": ORDER,
        "reason": "No longer needed",
        "requested_at": "2025-08-19T12:00:00Z",
        "respond_by": "2025-08-20T11:15:00Z",
        "parcel_known": False,
    } | changes


def return_body(**changes: Any) -> dict[str, Any]:
    """A return of one unit, about which the seller is asked."""
    return {
        "shop_id": SHOP,
        "tiktok_order_id": ORDER,
        "kind": "return_and_refund",
        "state": "request_pending",
        "lines": [{"line": "11", "refund_amount": "18.90"}],
        "reason": "wrong_product",
        "requested_at": "2025-08-19T11:59:00Z",
        "changed_at": "2025-08-19T12:00:00Z",
        "question": {"asked": "return", "respond_by": "2025-08-21T11:15:00Z"},
        "refund": {
            "currency": "USD",
            "total": "18.90",
            "goods": "17.50",
            "shipping": "0.00",
            "tax": "1.40",
            "other": "0.00",
        },
    } | changes


def order_body(tiktok_order_id: str = ORDER) -> dict[str, Any]:
    """Two units of one SKU and a free gift: 40.00 - 5.00 + 3.00 shipping + 3.04 tax."""
    line = {"sku": "TEE", "title": "Tee", "unit_price": "20.00", "discount": "2.50", "tax": "1.40", "is_gift": False}
    gift = {"sku": "PIN", "title": "Pin", "unit_price": "0", "discount": "0", "tax": "0", "is_gift": True}
    return {
        "shop_id": SHOP,
        "tiktok_order_id": tiktok_order_id,
        "channeladvisor_order_id": "4100001",
        "ordered_at": "2025-08-19T10:00:00Z",
        "paid_at": "2025-08-19T10:00:20Z",
        "dispatch_by": "2025-08-23T06:59:59Z",
        "currency": "USD",
        "lines": [{"tiktok_line_id": "11"} | line, {"tiktok_line_id": "12"} | line, {"tiktok_line_id": "13"} | gift],
        "totals": {
            "items": "40.00",
            "discount": "5.00",
            "shipping": "3.00",
            "tax": "3.04",
            "fees": "0",
            "total": "41.04",
        },
        "recipient": recipient(),
    }


def recipient(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Sam Sample",
        "phone": "+12135550100",
        "address_lines": ["1 Example St"],
        "city": "Los Angeles",
        "state": "CA",
        "postal_code": "90001",
        "country": "US",
    } | changes


def problem_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and the last part of the problem's type."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    return answer.status_code, body["type"].removeprefix("urn:problem:order-sync:")
