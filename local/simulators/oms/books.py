"""The simulated OMS's own books: what it was told and what it did, for checks."""

from copy import deepcopy

from local.simulators.oms.cancel_records import CancelRequest, Listed
from local.simulators.oms.records import Order, Shipment
from local.simulators.oms.return_records import ReturnRecord
from local.simulators.oms.state import LoggedRequest, State


class Books:
    """Copies of what the OMS knows, with what is due done first."""

    def __init__(self, state: State) -> None:
        self._state = state

    def order(self, tiktok_order_id: str) -> Order:
        """One order as it stands. Raises KeyError when it was never taken."""
        with self._state.lock:
            self._state.advance()
            return deepcopy(self._state.orders[tiktok_order_id])

    def orders(self) -> list[Order]:
        """All orders, in the order in which they were taken. `times_sent` counts the PUTs of each."""
        with self._state.lock:
            self._state.advance()
            return deepcopy(list(self._state.orders.values()))

    def shipments(self, tiktok_order_id: str | None = None) -> list[Shipment]:
        """What the OMS shipped, of one order or of all, as recorded; a repeated entry stands here twice."""
        with self._state.lock:
            self._state.advance()
            return [each for each in self._state.shipments if tiktok_order_id in (None, each.tiktok_order_id)]

    def cancel_request(self, cancel_id: str) -> CancelRequest:
        """One cancel request as it stands. Raises KeyError when it was never told."""
        with self._state.lock:
            self._state.advance()
            return deepcopy(self._state.cancel_requests[cancel_id])

    def cancel_requests(self) -> list[CancelRequest]:
        """All cancel requests, in the order in which they were told. `times_told` counts the PUTs of each."""
        with self._state.lock:
            self._state.advance()
            return deepcopy(list(self._state.cancel_requests.values()))

    def decisions(self, cancel_id: str | None = None) -> list[Listed]:
        """The OMS's answers, to one request or to all, as recorded; a repeated entry stands here twice."""
        with self._state.lock:
            self._state.advance()
            found = [each for each in self._state.decisions if cancel_id in (None, each.body.get("cancel_id"))]
            return deepcopy(found)

    def seller_cancellations(self, tiktok_order_id: str | None = None) -> list[Listed]:
        """The OMS's own cancellations, of one order or of all, as recorded; a repeated entry stands here twice."""
        with self._state.lock:
            self._state.advance()
            found = self._state.seller_cancellations
            return deepcopy([each for each in found if tiktok_order_id in (None, each.body.get("tiktok_order_id"))])

    def return_(self, return_id: str) -> ReturnRecord:
        """One return as it stands. Raises KeyError when it was never told."""
        with self._state.lock:
            self._state.advance()
            return deepcopy(self._state.returns[return_id])

    def returns(self, tiktok_order_id: str | None = None) -> list[ReturnRecord]:
        """The returns of one order or of all, in the order in which they were told. `times_told` counts the PUTs."""
        with self._state.lock:
            self._state.advance()
            found = self._state.returns.values()
            return deepcopy([each for each in found if tiktok_order_id in (None, each.tiktok_order_id)])

    def return_decisions(self, return_id: str | None = None) -> list[Listed]:
        """The OMS's answers about one return or about all, as recorded; a repeated entry stands here twice."""
        with self._state.lock:
            self._state.advance()
            found = self._state.return_decisions
            return deepcopy([each for each in found if return_id in (None, each.body.get("return_id"))])

    def seller_refunds(self, tiktok_order_id: str | None = None) -> list[Listed]:
        """The refunds that the OMS started, of one order or of all, as recorded; a repeated entry stands here twice."""
        with self._state.lock:
            self._state.advance()
            found = self._state.seller_refunds
            return deepcopy([each for each in found if tiktok_order_id in (None, each.body.get("tiktok_order_id"))])

    def unsettled(self) -> list[str]:
        """Ids of what Order Sync owes the OMS a word about.

        Cancel requests, cancellations and refunds without an outcome, returns with an open question, and decisions
        that were neither refused nor about such a request or question.
        """
        requests, returns = self.cancel_requests(), self.returns()
        left = [request.id for request in requests if request.outcome is None]
        left += [each.id for each in returns if each.question]
        # A decision is settled by the end of the request, or of the question, that it answers.
        answerable: set[object] = {request.id for request in requests}
        answerable |= {(each.id, question) for each in returns for question in each.questions}
        for each in (*self.decisions(), *self.return_decisions()):
            about = each.body.get("cancel_id") or (each.body.get("return_id"), each.body.get("question"))
            if each.told is None and about not in answerable:
                left.append(each.id)
        left += [each.id for each in (*self.seller_cancellations(), *self.seller_refunds()) if each.told is None]
        return list(dict.fromkeys(left))

    def recoveries(self) -> dict[str, dict[str, object]]:
        """What was said about parcels that must come back, by TikTok order id."""
        return {order.tiktok_order_id: dict(order.recovery) for order in self.orders() if order.recovery is not None}

    def requests(self, *, method: str = "", path: str = "") -> list[LoggedRequest]:
        """The requests so far, oldest first, of this method and with this text in the path."""
        with self._state.lock:
            return [each for each in self._state.requests if method in ("", each.method) and path in each.path]
