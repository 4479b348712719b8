"""The orders that the OMS has still to ship, to be compared with the ledger. An OMS need not offer the list."""

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import Field

from order_sync.domain.errors import SkippableError
from order_sync.domain.ids import LineId, OrderId
from order_sync.domain.orders import Line, LineState, state_from_lines
from order_sync.domain.reconciling.comparing import OrderThere
from order_sync.domain.statuses import OrderState
from order_sync.partners.http import Answer, Judge
from order_sync.partners.oms.order_answers import KnownLine
from order_sync.partners.oms.paging import Page, Payload, WireId, read_page

OPERATION: Final = "list open orders"
OpenOrdersPage = Page[OrderThere]

_LINE_STATES: Final[Mapping[str, LineState]] = {
    "open": LineState.OPEN,
    "packed": LineState.OPEN,
    "shipped": LineState.SHIPPED,
    "cancelled": LineState.CANCELED,
}


class NotOfferedError(SkippableError):
    """This OMS has no list of open orders: it is optional."""


class _OpenOrder(Payload):
    tiktok_order_id: WireId
    state: str
    lines: tuple[KnownLine, ...] = Field(min_length=1)


def read_open_orders(body: object, cursor: str) -> OpenOrdersPage:
    """A page that was asked for after a cursor. Raises RejectedError when the page itself is unreadable."""
    return read_page(OPERATION, "orders", body, cursor, _open_order)


def order_there(order: OrderId, lines: Sequence[KnownLine]) -> OrderThere:
    """An order as the OMS shows its lines. A line's word that nobody knows leaves its state open."""
    known = [(LineId(line.tiktok_line_id), _LINE_STATES.get(line.state)) for line in lines]
    there = state_from_lines(Line(id=line, sku="", state=state) for line, state in known if state)
    return OrderThere(
        order=order,
        state=(there or OrderState.RELEASED_FOR_SHIPMENT) if all(state for _, state in known) else None,
        units={line.tiktok_line_id: 1 for line in lines if line.state != "cancelled"},
        changed_at=max((at for line in lines for at in (line.packed_at, line.shipped_at) if at), default=None),
    )


def not_offered(judge: Judge) -> Judge:
    """Reads the answers of an OMS that may not have the list: whatever says so is no error."""

    def judged(answer: Answer) -> Exception | None:
        if answer.status in (404, 501):
            return NotOfferedError("the OMS offers no list of open orders")
        return judge(answer)

    return judged


def _open_order(row: object) -> OrderThere:
    order = _OpenOrder.model_validate(row)
    return order_there(OrderId(order.tiktok_order_id), order.lines)
