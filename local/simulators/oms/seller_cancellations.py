"""The OMS's own cancellations, and what became of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from local.simulators.oms.cancel_records import Listed
from local.simulators.oms.lists import page_of_entries, tell_outcome
from local.simulators.oms.records import Line
from local.simulators.oms.state import State, chosen


def record(
    state: State, order_id: str, lines: Sequence[str] | None, reason: str, at: datetime, *, cancellation_id: str
) -> None:
    """Cancel these lines, or all, and withhold them from shipping until the outcome is told."""
    order = state.orders[order_id]
    body = {
        "id": cancellation_id,
        "tiktok_order_id": order_id,
        "lines": None if lines is None else list(lines),
        "reason": reason,
        "cancelled_at": at.isoformat(),
    }
    state.seller_cancellations.append(Listed(shop_id=order.shop_id, body=body, recorded_at=at))
    for line in chosen(order, lines):
        line.withheld_for.add(cancellation_id)


def settle(state: State, cancellation_id: str, body: Mapping[str, Any]) -> None:
    """Accepted, the lines are cancelled; refused, they are to be shipped again."""
    if not tell_outcome(state.seller_cancellations, cancellation_id, body, kind="cancellation"):
        return
    for line in _withheld(state, cancellation_id):
        line.withheld_for.discard(cancellation_id)
        if body["outcome"] == "accepted" and line.state != "shipped":
            line.state = "cancelled"


def page(state: State, query: Mapping[str, str], largest_page: int) -> dict[str, Any]:
    """One shop's cancellations after the cursor."""
    return page_of_entries(state.seller_cancellations, query, largest_page, name="cancellations")


def _withheld(state: State, cancellation_id: str) -> list[Line]:
    return [line for order in state.orders.values() for line in order.lines if cancellation_id in line.withheld_for]
