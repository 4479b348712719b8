"""What the tests of this simulator call it with."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from local.simulators.channeladvisor import ChannelAdvisorSimulator

APPLICATION = "order-sync"
SECRET = "shared-secret"
PROFILE = 12345678
CARRIER = ("USPS", "Priority")


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
    """An integration with an access token."""

    simulator: ChannelAdvisorSimulator
    http: httpx.Client
    account: str
    token: str = field(default="")

    def get(self, path: str, **options: str) -> httpx.Response:
        """GET with query options named as they are, `$` written as `_`."""
        params = {name.replace("_", "$"): value for name, value in options.items()}
        return self.http.get(path, params=params, headers=self.headers)

    def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return self.http.request(method, path, json=body, headers=self.headers)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def create(self, tiktok_order_id: str = "576400000000000001", **changes: Any) -> dict[str, Any]:
        answer = self.send("POST", "/v1/Orders", order_payload(tiktok_order_id) | changes)
        assert answer.status_code == 201, answer.text
        created: dict[str, Any] = answer.json()
        return created

    def values(self, path: str = "/v1/Orders", **options: str) -> list[dict[str, Any]]:
        answer = self.get(path, **options)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["value"]
        return found


def order_payload(tiktok_order_id: str = "576400000000000001") -> dict[str, Any]:
    """Three units of two SKUs: 2 x 19.99 + 10.00 + 4.99 shipping + 3.50 tax."""
    return {
        "ProfileID": PROFILE,
        "SiteID": 587,
        "SiteOrderID": tiktok_order_id,
        "Currency": "USD",
        "CreatedDateUtc": "2025-08-19T11:00:00Z",
        "TotalPrice": 58.47,
        "TotalShippingPrice": 4.99,
        "TotalTaxPrice": 3.5,
        "ShippingFirstName": "Sam",
        "ShippingAddressLine1": "1 Example St",
        "Items": [
            {"Sku": "SKU-A", "Quantity": 2, "UnitPrice": 19.99, "SiteOrderItemID": "11,12"},
            {"Sku": "SKU-B", "Quantity": 1, "UnitPrice": 10, "SiteOrderItemID": "13"},
        ],
    }


def message_of(answer: httpx.Response) -> str:
    """The text of an OData error body."""
    text: str = answer.json()["error"]["message"]
    return text


def buy_token(caller: Caller, **changes: str) -> httpx.Response:
    """Ask the token endpoint as the sheet says, with parts of the form replaced."""
    form = {"grant_type": "refresh_token", "refresh_token": caller.simulator.refresh_token(caller.account)}
    return caller.http.post("/oauth2/token", data=form | changes, auth=(APPLICATION, SECRET))
