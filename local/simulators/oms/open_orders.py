"""The list of orders that are still to be shipped, behind its cursor: the number of the last order shown."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from local.simulators.oms.contract import Mistake
from local.simulators.oms.problems import ProblemError
from local.simulators.oms.records import Order
from local.simulators.oms.state import State

_DEFAULT_LIMIT = 100
_OPEN = ("open", "packed", "partially_shipped")


def page(state: State, query: Mapping[str, str], largest_page: int) -> dict[str, Any]:
    """One shop's open orders after the cursor, in the order in which they were taken."""
    if not state.lists_open_orders:
        raise ProblemError("not-offered", "There is no such list here.")
    after = _number(query["after"]) if "after" in query else 0
    found = [
        order
        for order in state.orders.values()
        if order.shop_id == query["shop_id"] and order.state in _OPEN and _position(order) > after
    ]
    shown = found[: min(int(query.get("limit", _DEFAULT_LIMIT)), largest_page)]
    reached = _position(shown[-1]) if shown else after
    return {
        "orders": [_describe(order) for order in shown],
        "next_cursor": base64.urlsafe_b64encode(f"open-orders:{reached}".encode()).decode(),
        "has_more": len(shown) < len(found),
    }


def _position(order: Order) -> int:
    return int(order.number.removeprefix("SO-"))


def _describe(order: Order) -> dict[str, Any]:
    return {
        "tiktok_order_id": order.tiktok_order_id,
        "state": order.state,
        "lines": [{"tiktok_line_id": line.id, "state": line.state} for line in order.lines],
    }


def _number(cursor: str) -> int:
    try:
        name, _, number = base64.urlsafe_b64decode(cursor).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        name, number = "", ""
    if name != "open-orders" or not number.isdigit():
        mistake = Mistake("after", "is not a cursor that was handed out here")
        raise ProblemError("invalid-request", "The cursor is unknown.", [mistake])
    return int(number)
