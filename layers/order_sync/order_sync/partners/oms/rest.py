"""The client of an OMS that offers `docs/oms_openapi.yaml`: orders, parcels, and what must not ship.

Every write is a PUT that means the same twice as once, so after an OutcomeUnknownError the same call is simply
made again; there is nothing to read back.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, Literal

import httpx
from pydantic import ValidationError

from order_sync.domain.cancelling import cancellations
from order_sync.domain.errors import AlreadyDoneError, HalfDoneError, RejectedError, SkippableError
from order_sync.domain.ids import LineId, OrderId, ShopId
from order_sync.domain.parcels import Parcel
from order_sync.domain.purchase import Purchase, Recipient
from order_sync.domain.reconciling.comparing import OrderThere
from order_sync.domain.records import OrderRecord
from order_sync.domain.shop import ShopSettings, is_safe_address
from order_sync.partners.http import Answer, Pace, PartnerHttp, open_client
from order_sync.partners.oms.cancellations import OmsCancellations
from order_sync.partners.oms.connection import OmsConnection, path_to
from order_sync.partners.oms.open_orders import OPERATION as LIST_OPEN_ORDERS
from order_sync.partners.oms.open_orders import OpenOrdersPage, not_offered, order_there, read_open_orders
from order_sync.partners.oms.order_answers import KnownLine, KnownOrder, OrderNumber, UnreadableAnswerError
from order_sync.partners.oms.orders import (
    LONGEST_TEXT,
    buyer_texts,
    order_body,
    parcel_body,
    recipient_body,
    wire_id,
    wire_time,
)
from order_sync.partners.oms.problems import judge_for, read_problem, rejected
from order_sync.partners.oms.returns import OmsReturns
from order_sync.partners.oms.shipments import ShipmentsPage, read_page
from order_sync.partners.unreadable import why_unreadable

CALL_INTERVAL: Final = 0.05

Initiator = Literal["buyer", "seller", "platform"]


class TooLateError(SkippableError):
    """The OMS has packed or shipped the order, so its address stays as it was."""


class LinesDifferError(RejectedError):
    """The OMS has the order with other lines: it was given before one of them was cancelled."""


class AlreadyShippedError(SkippableError):
    """A line that must not ship has left, so the OMS cancelled nothing: the parcel has to be got back."""


class _UnknownOrderError(Exception):
    """The OMS does not know the order; for a look-up that is an answer."""


def open_http(
    *,
    sleep: Callable[[float], None],
    monotonic: Callable[[], float],
    random: Callable[[], float],
    interval: float = CALL_INTERVAL,
    transport: httpx.BaseTransport | None = None,
) -> PartnerHttp:
    """The connection to an OMS. `interval` is in seconds, between any two calls."""
    pace = Pace(interval, sleep=sleep, monotonic=monotonic)
    return PartnerHttp(
        open_client(transport=transport),
        partner="OMS",
        sleep=sleep,
        monotonic=monotonic,
        random=random,
        reads=pace,
        writes=pace,
    )


class RestOms:
    """One shop's OMS."""

    def __init__(self, http: PartnerHttp, url: str, token: Callable[[], str]) -> None:
        """`token` gives the bearer token. Raises RejectedError unless the address is a safe one."""
        self._connection = OmsConnection(http, safe_address(url), token)
        self.cancellations = OmsCancellations(self._connection)
        self.returns = OmsReturns(self._connection)

    def take_order(self, purchase: Purchase, record: OrderRecord, shop: ShopSettings) -> str:
        """Give the OMS an order and get its number; a known order keeps its number.

        Raises LinesDifferError when the OMS has it with other lines, RejectedError for a purchase that cannot be
        told, and when the OMS refuses it.
        """
        body = order_body(purchase, record, shop)
        operation = f"take order {purchase.order}"
        path = path_to("orders", purchase.order)
        answer = self._connection.put(
            operation,
            path,
            body,
            private=buyer_texts(body["recipient"]),
            conflict=lambda kind, text: LinesDifferError(text) if kind == "lines-differ" else RejectedError(text),
        )
        return self._number_in(operation, answer)

    def set_channeladvisor_number(self, order: OrderId, channeladvisor_id: str) -> None:
        """Tell which ChannelAdvisor order this is, when the OMS had to have it before ChannelAdvisor."""
        self._connection.put(
            f"set the ChannelAdvisor number of order {order}",
            path_to("orders", order, "channeladvisor-order"),
            {"channeladvisor_order_id": channeladvisor_id},
        )

    def update_address(self, order: OrderId, recipient: Recipient, buyer_message: str = "") -> None:
        """Ship to another address; it replaces all of the old one, the buyer's message too.

        Raises TooLateError once anything is packed or shipped.
        """
        body = recipient_body(recipient, buyer_message)
        self._connection.put(
            f"change the address of order {order}",
            path_to("orders", order, "shipping-address"),
            body,
            private=buyer_texts(body),
            conflict=lambda _kind, text: TooLateError(text),
        )

    def cancel_order(self, order: OrderId, *, initiator: Initiator, reason: str, lines: Sequence[LineId] = ()) -> None:
        """These lines, or the whole order, must not ship.

        Raises AlreadyShippedError when one of them has left, and then none is cancelled; AlreadyDoneError when the
        OMS has cancelled them before, or was never given the only line.
        """
        body: dict[str, Any] = {"initiator": initiator, "reason": reason[:LONGEST_TEXT]}
        self._connection.put(
            f"cancel {' '.join(lines) or 'all'} of order {order}",
            path_to("orders", order, "cancellation"),
            body | {"lines": list(lines)} if lines else body,
            conflict=_not_cancelled,
            unprocessable=_never_given if len(lines) == 1 else rejected,
        )

    def note_parcel(self, order: OrderId, parcel: Parcel) -> None:
        """These lines were shipped elsewhere. Raises RejectedError when the OMS has shipped one of them itself."""
        self._connection.put(
            f"note parcel {parcel.id} of order {order}",
            path_to("orders", order, "parcels", wire_id(parcel.id)),
            parcel_body(parcel),
        )

    def recover_parcels(
        self,
        order: OrderId,
        parcels: Sequence[Parcel],
        *,
        initiator: Initiator,
        reason: str,
        cancelled_at: datetime,
    ) -> None:
        """Get these parcels back: their lines were cancelled after they had left. It replaces what was said before.

        Raises RejectedError when there is no parcel, or one without lines.
        """
        operation = f"recover the parcels of order {order}"
        if not parcels:
            raise RejectedError(f"OMS: {operation}: there is none")
        body = {
            "initiator": initiator,
            "reason": reason[:LONGEST_TEXT],
            "cancelled_at": wire_time(cancelled_at),
            "parcels": [parcel_body(parcel) for parcel in parcels],
        }
        self._connection.put(operation, path_to("orders", order, "recovery"), body)

    def find_order(self, order: OrderId) -> str:
        """The OMS's number of an order; empty when it does not know the order."""
        operation = f"look up order {order}"
        answer = self._look_up(operation, order)
        return "" if answer is None else self._number_in(operation, answer)

    def packed_lines(self, order: OrderId) -> frozenset[LineId]:
        """The lines that the OMS has packed or shipped, cancelled or not; none when it does not know the order."""
        return frozenset(LineId(line.tiktok_line_id) for line in self._lines_of(order) if line.is_packed)

    def look_up(self, order: OrderId) -> OrderThere | None:
        """An order as the OMS has it, to be compared; None when it does not know the order.

        Raises UnreadableAnswerError when nobody can say.
        """
        lines = self._lines_of(order)
        return order_there(order, lines) if lines else None

    def open_orders_after(self, shop: ShopId, cursor: str) -> OpenOrdersPage:
        """The page of a shop's open orders after a cursor; an empty cursor asks for the first.

        Raises NotOfferedError where the OMS has no such list.
        """
        connection = self._connection
        answer = connection.get(
            LIST_OPEN_ORDERS,
            path_to("open-orders"),
            params={"shop_id": shop} | ({"after": cursor} if cursor else {}),
            judge=not_offered(judge_for(connection.http, LIST_OPEN_ORDERS)),
        )
        return read_open_orders(answer.body, cursor)

    def shipments_after(self, shop: ShopId, cursor: str) -> ShipmentsPage:
        """The page of a shop's shipments after a cursor; an empty cursor asks for the oldest."""
        return read_page(self._connection.list_after("list shipments", path_to("shipments"), shop, cursor), cursor)

    def _lines_of(self, order: OrderId) -> tuple[KnownLine, ...]:
        operation = f"look up the lines of order {order}"
        answer = self._look_up(operation, order)
        if answer is None:
            return ()
        try:
            return KnownOrder.model_validate(answer.body).lines
        except ValidationError as error:
            problem = f"the answer is unreadable: {why_unreadable(error)}"
            raise UnreadableAnswerError(self._connection.http.text(operation, problem, answer)) from None

    def _look_up(self, operation: str, order: OrderId) -> Answer | None:
        """The OMS's answer about an order; None when it does not know the order."""
        judge = judge_for(self._connection.http, operation)

        def judge_look_up(answer: Answer) -> Exception | None:
            if answer.status == 404 and read_problem(answer.body).kind == "order-unknown":
                return _UnknownOrderError()
            return judge(answer)

        try:
            return self._connection.get(operation, path_to("orders", order), judge=judge_look_up)
        except _UnknownOrderError:
            return None

    def _number_in(self, operation: str, answer: Answer) -> str:
        try:
            return OrderNumber.model_validate(answer.body).number
        except ValidationError as error:
            problem = f"the answer holds no usable number: {why_unreadable(error)}"
            raise HalfDoneError(self._connection.http.text(operation, problem, answer)) from None


def safe_address(url: str) -> str:
    """The address without its last slash. Raises RejectedError where buyers' addresses could be read on the way."""
    if not is_safe_address(url):
        raise RejectedError("the OMS's url must be https, or http on 127.0.0.1, without a user, a query or a fragment")
    return url.rstrip("/")


def wire_initiator(initiator: cancellations.Initiator) -> Initiator:
    """Who started a cancellation, in the contract's word."""
    match initiator:
        case cancellations.Initiator.BUYER:
            return "buyer"
        case cancellations.Initiator.SELLER:
            return "seller"
        case cancellations.Initiator.PLATFORM:
            return "platform"


def _not_cancelled(kind: str, text: str) -> Exception:
    match kind:
        case "already-cancelled":
            return AlreadyDoneError(text)
        case "already-shipped":
            return AlreadyShippedError(text)
        case _:
            return RejectedError(text)


def _never_given(kind: str, text: str) -> Exception:
    return AlreadyDoneError(text) if kind == "line-unknown" else RejectedError(text)
