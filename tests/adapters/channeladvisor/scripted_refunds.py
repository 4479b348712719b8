"""A ChannelAdvisor that shows what the simulated one never would, and keeps nothing."""

import json
from typing import Any

import httpx

from order_sync.partners.channeladvisor.client import ChannelAdvisor
from tests.adapters.channeladvisor.refunds import RETURN
from tests.adapters.channeladvisor.world import World


class Scripted:
    """Its order of a mug and two caps, all shipped, always shows these adjustments of the mug; `sent` is asked for."""

    def __init__(self, world: World, *adjustments: dict[str, Any], answer: int = 204, **changes: Any) -> None:
        self.sent: list[dict[str, Any]] = []
        self._answer = answer
        self._row = _order(*adjustments) | changes
        self.client: ChannelAdvisor = world.client(transport=httpx.MockTransport(self._send))

    def _send(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth2/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
        if request.method == "GET":
            return httpx.Response(200, json=self._row)
        self.sent.append(json.loads(request.content))
        return httpx.Response(self._answer)


def adjustment(**changes: Any) -> dict[str, Any]:
    """Our refund of the mug, done."""
    return {
        "ID": 7,
        "Type": "Refund",
        "RequestStatus": "PostProcessingComplete",
        "CreatedSource": "Api",
        "SellerAdjustmentID": f"refund-{RETURN}-1",
        "Quantity": 1,
        "ItemAdjustment": 9.0,
    } | changes


def by_hand(**changes: Any) -> dict[str, Any]:
    """The same by a person."""
    return adjustment(**{"SellerAdjustmentID": None, "CreatedSource": "UserInterface"} | changes)


def _order(*adjustments: dict[str, Any]) -> dict[str, Any]:
    left = [{"OrderItemID": 1, "Sku": "MUG", "Quantity": 1}, {"OrderItemID": 2, "Sku": "CAP", "Quantity": 2}]
    return {
        "ID": 9,
        "SiteID": 587,
        "ShippingStatus": "Shipped",
        "TotalPrice": 19.0,
        "Items": [
            {"ID": 1, "Sku": "MUG", "Quantity": 1, "UnitPrice": 9.0, "Adjustments": list(adjustments)},
            {"ID": 2, "Sku": "CAP", "Quantity": 2, "UnitPrice": 5.0},
        ],
        "Fulfillments": [{"ID": 5, "DeliveryStatus": "Complete", "Items": left}],
    }
