"""A seller's OMS on one machine: the WSGI application, what its people do, and its books (DESIGN 10)."""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from wsgiref.types import StartResponse, WSGIEnvironment

from local.simulators.faults import Faults
from local.simulators.oms.contract import read_contract
from local.simulators.oms.records import Order, Shipment
from local.simulators.oms.state import CarrierChoice, LoggedRequest, Plan, State, chosen
from local.simulators.oms.web import Web


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

    def requests(self, *, method: str = "", path: str = "") -> list[LoggedRequest]:
        """The requests so far, oldest first, of this method and with this text in the path."""
        with self._state.lock:
            return [each for each in self._state.requests if method in ("", each.method) and path in each.path]


class OmsSimulator:
    """Call it as a WSGI application. Orders and lines are named by TikTok's ids.

    `largest_page` is the most shipments that a page holds, whatever the caller asks for.
    """

    def __init__(self, clock: Callable[[], datetime], *, token: str, largest_page: int = 500) -> None:
        self.faults = Faults()
        self._state = State(clock=clock)
        self._web = Web(self._state, read_contract(), self.faults, token=token, largest_page=largest_page)
        self.books = Books(self._state)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI application."""
        return self._web(environ, start_response)

    def ship(
        self,
        order: str,
        carrier: str,
        shipping_class: str | None,
        tracking_number: str,
        *,
        lines: Sequence[str] | None = None,
        after: timedelta = timedelta(0),
        by_sku: bool = False,
    ) -> str:
        """Ship these lines, or all that are left, when the time comes: the shipment's id.

        What is cancelled by then does not ship. `by_sku` tells the lines by SKU and quantity.
        """
        with self._state.lock:
            self._refuse_unknown(order, lines)
            plan = Plan(
                id=self._state.next_shipment_id(),
                due=self._state.clock() + after,
                tiktok_order_id=order,
                carrier=carrier,
                shipping_class=shipping_class,
                tracking_number=tracking_number,
                lines=None if lines is None else tuple(lines),
                by_sku=by_sku,
            )
            self._state.plan(plan)
            self._state.advance()
            return plan.id

    def ship_automatically(self, *, after: timedelta, choose: CarrierChoice) -> None:
        """From now on each order that is taken ships as a whole after this time.

        `choose` gets the order as it was taken and returns carrier, shipping class and tracking number.
        """
        with self._state.lock:
            self._state.automatic = (after, choose)

    def ship_by_hand_only(self) -> None:
        """Orders taken from now on wait for `ship`."""
        with self._state.lock:
            self._state.automatic = None

    def pack(self, order: str, *, lines: Sequence[str] | None = None) -> None:
        """Pack these open lines, or all."""
        with self._state.lock:
            self._refuse_unknown(order, lines)
            for line in chosen(self._state.orders[order], lines):
                if line.state == "open":
                    line.state = "packed"

    def repeat_shipment(self, shipment_id: str) -> None:
        """The list shows this shipment once more, at its end: the contract allows it."""
        with self._state.lock:
            again = next(each for each in self._state.shipments if each.id == shipment_id)
            self._state.shipments.append(again)

    def know_only(self, skus: Iterable[str]) -> None:
        """Orders with other SKUs are refused from now on."""
        with self._state.lock:
            self._state.catalogue = set(skus)

    def _refuse_unknown(self, order: str, lines: Sequence[str] | None) -> None:
        known = {line.id for line in self._state.orders[order].lines}
        if lines is not None and not known.issuperset(lines):
            raise ValueError(f"order {order} has no line {sorted(set(lines) - known)}")
