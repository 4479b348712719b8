"""The list of shipments behind its cursor."""

import base64
import binascii
from collections import Counter
from collections.abc import Mapping
from typing import Any

from local.simulators.oms.contract import Mistake
from local.simulators.oms.problems import ProblemError
from local.simulators.oms.records import Shipment
from local.simulators.oms.state import State

_DEFAULT_LIMIT = 100


def page(state: State, query: Mapping[str, str], largest_page: int) -> dict[str, Any]:
    """One shop's shipments after the cursor, in the order in which they were recorded."""
    of_shop = [each for each in state.shipments if state.orders[each.tiktok_order_id].shop_id == query["shop_id"]]
    start = _position(query["after"]) if "after" in query else 0
    if start > len(of_shop):
        raise _bad_cursor()
    limit = min(int(query.get("limit", _DEFAULT_LIMIT)), largest_page)
    shown = of_shop[start : start + limit]
    end = start + len(shown)
    return {
        "shipments": [_describe(state, shipment) for shipment in shown],
        "next_cursor": base64.urlsafe_b64encode(f"shipments:{end}".encode()).decode(),
        "has_more": end < len(of_shop),
    }


def _position(cursor: str) -> int:
    try:
        kind, _, number = base64.urlsafe_b64decode(cursor).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _bad_cursor() from None
    if kind != "shipments" or not number.isdigit():
        raise _bad_cursor()
    return int(number)


def _bad_cursor() -> ProblemError:
    mistake = Mistake("after", "is not a cursor that was handed out here")
    return ProblemError("invalid-request", "The cursor is unknown.", [mistake])


def _describe(state: State, shipment: Shipment) -> dict[str, Any]:
    lines: list[dict[str, Any]] = [{"tiktok_line_id": line} for line in shipment.lines]
    if shipment.by_sku:
        skus = {line.id: line.sku for line in state.orders[shipment.tiktok_order_id].lines}
        units = Counter(skus[line] for line in shipment.lines)
        lines = [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]
    return {
        "id": shipment.id,
        "tiktok_order_id": shipment.tiktok_order_id,
        "carrier": shipment.carrier,
        "shipping_class": shipment.shipping_class,
        "tracking_number": shipment.tracking_number,
        "shipped_at": shipment.shipped_at.isoformat(),
        "lines": lines,
    }
