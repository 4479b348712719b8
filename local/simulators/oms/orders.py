"""What the OMS does with what Order Sync tells it about orders."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from local.simulators.oms.problems import ProblemError
from local.simulators.oms.records import Cancellation, Line, Order
from local.simulators.oms.state import Plan, State, chosen


def take(state: State, tiktok_order_id: str, body: Mapping[str, Any]) -> tuple[Order, bool]:
    """The order, and whether it is new. The same again changes nothing but a missing ChannelAdvisor id."""
    if body["tiktok_order_id"] != tiktok_order_id:
        raise ProblemError("ids-differ", "tiktok_order_id in the body is not the one in the path.")
    known = state.orders.get(tiktok_order_id)
    if known is not None:
        known.times_sent += 1
        if _content(body) != _content(known.body):
            raise ProblemError("lines-differ", "This order is known with another shop or other lines.")
        known.channeladvisor_order_id = known.channeladvisor_order_id or body["channeladvisor_order_id"]
        return known, False
    _check(state, body)
    order = Order(
        number=state.next_order_number(),
        tiktok_order_id=tiktok_order_id,
        shop_id=body["shop_id"],
        channeladvisor_order_id=body["channeladvisor_order_id"],
        taken_at=state.clock(),
        body=body,
        recipient=body["recipient"],
        lines=[Line(line["tiktok_line_id"], line["sku"]) for line in body["lines"]],
    )
    state.orders[tiktok_order_id] = order
    if state.automatic is not None:
        after, choose = state.automatic
        carrier, shipping_class, tracking_number = choose(body)
        state.plan(
            Plan(
                id=state.next_shipment_id(),
                due=state.clock() + after,
                tiktok_order_id=tiktok_order_id,
                carrier=carrier,
                shipping_class=shipping_class,
                tracking_number=tracking_number,
                lines=None,
                by_sku=False,
            )
        )
    return order, True


def change_address(order: Order, recipient: Mapping[str, Any]) -> None:
    """The parcel goes to another address, as long as it is not packed. The same address again is no change."""
    if recipient == order.recipient:
        return
    for state, problem in (("shipped", "already-shipped"), ("packed", "already-packed")):
        if any(line.state == state for line in order.lines):
            raise ProblemError(problem, f"A part of this order is {state}.")
    if order.state == "cancelled":
        raise ProblemError("already-cancelled", "This order is cancelled.")
    order.earlier_recipients.append(order.recipient)
    order.recipient = recipient


def cancel(state: State, order: Order, body: Mapping[str, Any]) -> None:
    """These lines, or all, do not ship. Nothing is cancelled when one of them has left."""
    lines = named(order, body.get("lines"))
    if any(line.state == "shipped" for line in lines):
        raise ProblemError("already-shipped", "A line of this cancellation has left.")
    left = [line for line in lines if line.state != "cancelled"]
    if not left:
        return
    for line in left:
        line.state = "cancelled"
    order.cancellations.append(
        Cancellation(
            initiator=body["initiator"],
            reason=body["reason"],
            lines=tuple(line.id for line in left),
            at=state.clock(),
        )
    )


def note_parcel(order: Order, parcel_id: str, body: Mapping[str, Any], now: datetime) -> None:
    """Somebody else shipped these lines. The same parcel again replaces what was said about it."""
    lines = named(order, body["lines"])
    if any(line.state == "shipped" and line.shipped_as != parcel_id for line in lines):
        raise ProblemError("already-shipped", "A line of this parcel has left in another one.")
    if any(line.state == "cancelled" for line in lines):
        raise ProblemError("already-cancelled", "A line of this parcel is cancelled.")
    shipped_at = datetime.fromisoformat(body["shipped_at"]) if "shipped_at" in body else now
    for line in order.lines:
        if line.shipped_as == parcel_id:
            line.reopen()
    for line in lines:
        line.ship(parcel_id, shipped_at)
    order.parcels[parcel_id] = body


def recover(order: Order, body: Mapping[str, Any]) -> None:
    """These parcels have left and must come back. The last one said holds."""
    for parcel in body["parcels"]:
        named(order, parcel["lines"])
    order.recovery = body


def named(order: Order, ids: Sequence[str] | None) -> list[Line]:
    """The lines of these ids, or all. Raises ProblemError when one is not in the order."""
    lines = chosen(order, ids)
    if ids is not None and len(lines) != len(ids):
        raise ProblemError("line-unknown", "A line of this request is not in the order.")
    return lines


def _content(body: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    return body["shop_id"], sorted((line["tiktok_line_id"], line["sku"]) for line in body["lines"])


def _check(state: State, body: Mapping[str, Any]) -> None:
    lines = body["lines"]
    if len({line["tiktok_line_id"] for line in lines}) != len(lines):
        raise ProblemError("line-repeated", "Two lines have the same id.")
    if state.catalogue is not None:
        unknown = sorted({line["sku"] for line in lines} - state.catalogue)
        if unknown:
            raise ProblemError("sku-unknown", f"No such SKU here: {', '.join(unknown)}.")
    totals = {name: Decimal(amount) for name, amount in body["totals"].items()}
    owed = totals["items"] - totals["discount"] + totals["shipping"] + totals["tax"] + totals["fees"]
    if (
        totals["total"] != owed
        or totals["items"] != _sum(lines, "unit_price")
        or totals["discount"] != _sum(lines, "discount")
        or totals["tax"] < _sum(lines, "tax")
    ):
        raise ProblemError("totals-differ", "The totals are not the sums of their parts.")


def _sum(lines: Sequence[Mapping[str, Any]], name: str) -> Decimal:
    return sum((Decimal(line[name]) for line in lines), Decimal(0))
