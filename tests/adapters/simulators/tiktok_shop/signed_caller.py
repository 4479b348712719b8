"""A partner application that signs its requests, with every part of a request open to spoiling."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from local.simulators.tiktok_shop import Shop, TikTokShopSimulator
from local.simulators.tiktok_shop.signing import expected_sign

APP_KEY, APP_SECRET = "29a39d", "e59af819cc"
START = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **parts: float) -> None:
        self.now += timedelta(**parts)

    @property
    def seconds(self) -> int:
        return int(self.now.timestamp())


@dataclass(kw_only=True)
class Caller:
    """Requests of one shop. A parameter given as None is left out."""

    client: httpx.Client
    clock: Clock
    shop: Shop
    token: str

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | None] | None = None,
        body: object = None,
        raw: bytes | None = None,
        secret: str = APP_SECRET,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        given: dict[str, str | None] = {
            "app_key": APP_KEY,
            "timestamp": str(self.clock.seconds),
            "shop_cipher": self.shop.cipher,
            **(query or {}),
        }
        params = {name: value for name, value in given.items() if value is not None}
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        if given.get("sign", "") == "":
            params["sign"] = expected_sign(secret, path, params, content)
        sent = {"x-tts-access-token": self.token, "content-type": "application/json", **(headers or {})}
        return self.client.request(method, path, params=params, content=content, headers=sent)

    def code(self, method: str, path: str, **parts: Any) -> int:
        code = self.send(method, path, **parts).json()["code"]
        assert isinstance(code, int)
        return code

    def data(self, method: str, path: str, **parts: Any) -> Any:
        response = self.send(method, path, **parts)
        reply = response.json()
        assert (response.status_code, reply["code"]) == (200, 0), reply
        return reply["data"]

    def search(self, query: Mapping[str, str | None] | None = None, **filters: object) -> Any:
        path = "/order/202309/orders/search"
        return self.data("POST", path, query={"page_size": "100", **(query or {})}, body=filters)

    def order(self, order_id: str) -> Any:
        (order,) = self.data("GET", "/order/202309/orders", query={"ids": order_id})["orders"]
        return order

    def ship(self, order_id: str, **body: object) -> httpx.Response:
        path = f"/fulfillment/202309/orders/{order_id}/packages"
        usps = TikTokShopSimulator.provider_id("US", "USPS")
        given = {"tracking_number": "9400110898825022579493", "shipping_provider_id": usps, **body}
        return self.send("POST", path, body={name: value for name, value in given.items() if value is not None})

    def ship_code(self, order_id: str, **body: object) -> int:
        code = self.ship(order_id, **body).json()["code"]
        assert isinstance(code, int)
        return code

    def relabel(self, package_id: str, tracking_number: str, provider: str = "USPS") -> int:
        """The code of Update Package Shipping Info; the carrier is one of the US."""
        return self.relabel_by(f"packages/{package_id}", tracking_number, provider)

    def relabel_by(self, owner: str, tracking_number: str, provider: str = "USPS") -> int:
        """The same of a package or an order: "orders/576..."."""
        body = {
            "tracking_number": tracking_number,
            "shipping_provider_id": TikTokShopSimulator.provider_id("US", provider),
        }
        return self.code("POST", f"/fulfillment/202309/{owner}/shipping_info/update", body=body)

    def package(self, package_id: str) -> Any:
        return self.data("GET", f"/fulfillment/202309/packages/{package_id}")

    def split_attributes(self, *order_ids: str) -> Any:
        path = "/fulfillment/202309/orders/split_attributes"
        return self.data("GET", path, query={"order_ids": ",".join(order_ids)})["split_attributes"]
