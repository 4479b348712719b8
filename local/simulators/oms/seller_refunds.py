"""Refunds that the OMS starts, and what became of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from local.simulators.oms.cancel_records import Listed
from local.simulators.oms.lists import page_of_entries, tell_outcome
from local.simulators.oms.state import State


def record(
    state: State,
    order_id: str,
    lines: Sequence[str] | None,
    amount: Mapping[str, str] | None,
    at: datetime,
    *,
    reason: str,
    refund_id: str,
) -> None:
    """Want the buyer to get this back; it moves no line."""
    body = {
        "id": refund_id,
        "tiktok_order_id": order_id,
        "lines": None if lines is None else list(lines),
        "amount": None if amount is None else dict(amount),
        "reason": reason or None,
        "refunded_at": at.isoformat(),
    }
    state.seller_refunds.append(Listed(shop_id=state.orders[order_id].shop_id, body=body, recorded_at=at))


def settle(state: State, refund_id: str, body: Mapping[str, Any]) -> None:
    """TikTok Shop has refunded it, or will not. A return that was not named at first may be named later."""
    tell_outcome(state.seller_refunds, refund_id, body, kind="refund")


def page(state: State, query: Mapping[str, str], largest_page: int) -> dict[str, Any]:
    """One shop's refunds after the cursor."""
    return page_of_entries(state.seller_refunds, query, largest_page, name="refunds")
