"""The client of an OMS that offers `docs/oms_openapi.yaml`.

Every write is a PUT that means the same twice as once, so after an OutcomeUnknownError the same call is simply
made again; there is nothing to read back.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from order_sync.domain.errors import AlreadyDoneError, HalfDoneError, RejectedError, SkippableError
from order_sync.domain.ids import LineId, OrderId, ShopId
from order_sync.domain.orders import Order, Parcel
from order_sync.domain.purchase import Purchase, Recipient
from order_sync.domain.shop import ShopSettings, is_safe_address
from order_sync.partners.http import Answer, Pace, PartnerHttp, open_client
from order_sync.partners.oms.orders import (
    LONGEST_TEXT,
    buyer_texts,
    order_body,
    parcel_body,
    recipient_body,
    wire_id,
)
from order_sync.partners.oms.problems import Conflict, judge_for, rejected
from order_sync.partners.oms.shipments import ShipmentsPage, read_page
from order_sync.partners.unreadable import why_unreadable

CALL_INTERVAL: Final = 0.05

Initiator = Literal["buyer", "seller", "platform"]


class TooLateError(SkippableError):
    """The OMS has packed or shipped the order, so its address stays as it was."""


class _UnknownOrderError(Exception):
    """The OMS does not know the order; for a look-up that is an answer."""


class _Number(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    number: str = Field(min_length=1, max_length=25, pattern=r"\S")


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
        self._http = http
        self._url = safe_address(url)
        self._token = token

    def take_order(self, purchase: Purchase, order: Order, shop: ShopSettings) -> str:
        """Give the OMS an order and get its number; a known order keeps its number.

        Raises RejectedError for a purchase that cannot be told, and when the OMS refuses it.
        """
        body = order_body(purchase, order, shop)
        operation = f"take order {purchase.order}"
        answer = self._put(operation, purchase.order, "", body, private=buyer_texts(body["recipient"]))
        return self._number_in(operation, answer)

    def set_channeladvisor_number(self, order: OrderId, channeladvisor_id: str) -> None:
        """Tell which ChannelAdvisor order this is, when the OMS had to have it before ChannelAdvisor."""
        self._put(
            f"set the ChannelAdvisor number of order {order}",
            order,
            "/channeladvisor-order",
            {"channeladvisor_order_id": channeladvisor_id},
        )

    def update_address(self, order: OrderId, recipient: Recipient, buyer_message: str = "") -> None:
        """Ship to another address; it replaces all of the old one, the buyer's message too.

        Raises TooLateError once anything is packed or shipped.
        """
        body = recipient_body(recipient, buyer_message)
        self._put(
            f"change the address of order {order}",
            order,
            "/shipping-address",
            body,
            private=buyer_texts(body),
            conflict=lambda _kind, text: TooLateError(text),
        )

    def cancel_order(self, order: OrderId, *, initiator: Initiator, reason: str, lines: Sequence[LineId] = ()) -> None:
        """These lines, or the whole order, must not ship. Raises RejectedError when one of them has left."""
        body: dict[str, Any] = {"initiator": initiator, "reason": reason[:LONGEST_TEXT]}
        self._put(
            f"cancel {' '.join(lines) or 'all'} of order {order}",
            order,
            "/cancellation",
            body | {"lines": list(lines)} if lines else body,
            conflict=_already_cancelled,
        )

    def note_parcel(self, order: OrderId, parcel: Parcel) -> None:
        """These lines were shipped elsewhere. Raises RejectedError when the OMS has shipped one of them itself."""
        self._put(
            f"note parcel {parcel.id} of order {order}",
            order,
            f"/parcels/{wire_id(parcel.id)}",
            parcel_body(parcel),
        )

    def find_order(self, order: OrderId) -> str:
        """The OMS's number of an order; empty when it does not know the order."""
        operation = f"look up order {order}"
        url = f"{self._url}/orders/{quote(order, safe='')}"
        judge = judge_for(self._http, operation)
        try:
            answer = self._http.send(
                operation,
                lambda: self._http.client.build_request("GET", url, headers=self._headers()),
                repeatable=True,
                judge=lambda answer: _UnknownOrderError() if answer.status == 404 else judge(answer),
            )
        except _UnknownOrderError:
            return ""
        return self._number_in(operation, answer)

    def shipments_after(self, shop: ShopId, cursor: str) -> ShipmentsPage:
        """The page of a shop's shipments after a cursor; an empty cursor asks for the oldest."""
        params = {"shop_id": shop} | ({"after": cursor} if cursor else {})
        operation = "list shipments"
        answer = self._http.send(
            operation,
            lambda: self._http.client.build_request(
                "GET", f"{self._url}/shipments", params=params, headers=self._headers()
            ),
            repeatable=True,
            judge=judge_for(self._http, operation),
        )
        return read_page(answer.body, cursor)

    def _number_in(self, operation: str, answer: Answer) -> str:
        try:
            return _Number.model_validate(answer.body).number
        except ValidationError as error:
            problem = f"the answer holds no usable number: {why_unreadable(error)}"
            raise HalfDoneError(self._http.text(operation, problem, answer)) from None

    def _put(
        self,
        operation: str,
        order: OrderId,
        path: str,
        body: dict[str, Any],
        *,
        private: Iterable[str] = (),
        conflict: Conflict = rejected,
    ) -> Answer:
        url = f"{self._url}/orders/{quote(order, safe='')}{path}"
        return self._http.send(
            operation,
            lambda: self._http.client.build_request("PUT", url, json=body, headers=self._headers()),
            repeatable=False,
            judge=judge_for(self._http, operation, private=private, conflict=conflict),
            may_be_empty=True,
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token()}"}


def safe_address(url: str) -> str:
    """The address without its last slash. Raises RejectedError where buyers' addresses could be read on the way."""
    if not is_safe_address(url):
        raise RejectedError("the OMS's url must be https, or http on 127.0.0.1, without a user, a query or a fragment")
    return url.rstrip("/")


def _already_cancelled(kind: str, text: str) -> Exception:
    return AlreadyDoneError(text) if kind == "already-cancelled" else RejectedError(text)
