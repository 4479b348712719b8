"""The simulated OMS's own books: what it was told and what it did, for checks."""

from copy import deepcopy

from local.simulators.oms.cancel_records import CancelRequest, Listed
from local.simulators.oms.records import Order, Shipment
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

    def unsettled(self) -> list[str]:
        """Ids of the cancel requests and cancellations whose outcome, or refusal, was never told."""
        listed = [*self.decisions(), *self.seller_cancellations()]
        requests = self.cancel_requests()
        known = {request.id for request in requests}
        left = [request.id for request in requests if request.outcome is None]
        # A decision on a known request is settled by the request's outcome.
        left += [each.id for each in listed if each.told is None and each.body.get("cancel_id") not in known]
        return list(dict.fromkeys(left))

    def recoveries(self) -> dict[str, dict[str, object]]:
        """What was said about parcels that must come back, by TikTok order id."""
        return {order.tiktok_order_id: dict(order.recovery) for order in self.orders() if order.recovery is not None}

    def requests(self, *, method: str = "", path: str = "") -> list[LoggedRequest]:
        """The requests so far, oldest first, of this method and with this text in the path."""
        with self._state.lock:
            return [each for each in self._state.requests if method in ("", each.method) and path in each.path]
