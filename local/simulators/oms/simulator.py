"""A seller's OMS on one machine: the WSGI application, what its people do, and its books (DESIGN 10)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from local.simulators.faults import Faults
from local.simulators.oms import cancel_requests, seller_cancellations
from local.simulators.oms.books import Books
from local.simulators.oms.cancel_records import DecisionRule
from local.simulators.oms.contract import read_contract
from local.simulators.oms.return_actions import ReturnActions
from local.simulators.oms.state import CarrierChoice, Plan, State, chosen
from local.simulators.oms.web import Web


class OmsSimulator(ReturnActions):
    """Call it as a WSGI application. Orders and lines are named by TikTok's ids.

    `largest_page` is the most shipments that a page holds, whatever the caller asks for.
    """

    def __init__(self, clock: Callable[[], datetime], *, token: str, largest_page: int = 500) -> None:
        self.faults = Faults()
        super().__init__(State(clock=clock))
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
                    line.pack(self._state.clock())

    def repeat_shipment(self, shipment_id: str) -> None:
        """The list shows this shipment once more, at its end: the contract allows it."""
        with self._state.lock:
            again = next(each for each in self._state.shipments if each.id == shipment_id)
            self._state.shipments.append(again)

    def correct_shipment(self, shipment_id: str, tracking_number: str, carrier: str | None = None) -> None:
        """Somebody mends a shipment's label: the list shows it once more, at its end, with the new one."""
        with self._state.lock:
            shipments = self._state.shipments
            newest = [each for each in shipments if each.id == shipment_id][-1]
            shipments.append(
                replace(newest, tracking_number=tracking_number, carrier=newest.carrier if carrier is None else carrier)
            )

    def decide(
        self,
        cancel_id: str,
        decision: str,
        reason: str | None = None,
        *,
        after: timedelta = timedelta(0),
        withhold: bool = True,
    ) -> str:
        """Answer a cancel request with approve or reject when the time comes: the decision's id.

        It is entered even if the request is decided or closed by then. What is approved is not shipped unless the
        request ends otherwise; with `withhold=False` the warehouse does not listen and ships on.
        Raises KeyError for a request that was not told, ValueError for another word: see `list_raw_decision`.
        """
        if decision not in ("approve", "reject"):
            raise ValueError(f"{decision} is neither approve nor reject")
        with self._state.lock:
            request = self._state.cancel_requests[cancel_id]
            decision_id = self._state.next_decision_id()
            self._state.at(
                self._state.clock() + after,
                lambda due: cancel_requests.record(
                    self._state, request.id, decision, reason, due, decision_id=decision_id, withhold=withhold
                ),
            )
            self._state.advance()
            return decision_id

    def decide_automatically(self, rule: DecisionRule, *, after: timedelta = timedelta(0)) -> None:
        """From now on each cancel request that is told is answered by this rule after this time.

        The rule sees request and order as they stand then; what is decided or closed by then it does not see.
        """
        with self._state.lock:
            self._state.automatic_decisions = (after, rule)

    def stay_silent(self) -> None:
        """Nobody answers but `decide` and `decide_return`; answers of a rule that are still to come do not come."""
        with self._state.lock:
            self._state.automatic_decisions = None
            self._state.automatic_return_decisions = None

    def cancel_order(
        self,
        order: str,
        lines: Sequence[str] | None = None,
        *,
        reason: str = "out_of_stock",
        after: timedelta = timedelta(0),
    ) -> str:
        """The seller cancels these lines, or the whole order, when the time comes: the cancellation's id.

        Nothing of it ships from then on, until Order Sync says that the cancellation was refused.
        """
        with self._state.lock:
            self._refuse_unknown(order, lines)
            cancellation_id = self._state.next_cancellation_id()
            self._state.at(
                self._state.clock() + after,
                lambda due: seller_cancellations.record(
                    self._state, order, lines, reason, due, cancellation_id=cancellation_id
                ),
            )
            self._state.advance()
            return cancellation_id

    def list_raw_decision(self, shop_id: str, entry: Mapping[str, Any]) -> None:
        """A broken OMS: its list of decisions shows this entry as it is."""
        self._list_raw(self._state.decisions, shop_id, entry)

    def list_raw_cancellation(self, shop_id: str, entry: Mapping[str, Any]) -> None:
        """A broken OMS: its list of cancellations shows this entry as it is."""
        self._list_raw(self._state.seller_cancellations, shop_id, entry)

    def repeat_decision(self, decision_id: str) -> None:
        """The list shows this decision once more, at its end: the contract allows it."""
        self._repeat(self._state.decisions, decision_id)

    def repeat_cancellation(self, cancellation_id: str) -> None:
        """The list shows this cancellation once more, at its end: the contract allows it."""
        self._repeat(self._state.seller_cancellations, cancellation_id)

    def offer_open_orders(self, *, offered: bool) -> None:
        """Whether this OMS has the optional list of open orders."""
        with self._state.lock:
            self._state.lists_open_orders = offered

    def lose(self, order: str) -> None:
        """Somebody deletes an order: the OMS does not know it any more."""
        with self._state.lock:
            self._refuse_unknown(order, None)
            del self._state.orders[order]

    def reopen(self, order: str) -> None:
        """A backup is restored: what was cancelled of an order is open again."""
        with self._state.lock:
            self._refuse_unknown(order, None)
            for line in self._state.orders[order].lines:
                if line.state == "cancelled":
                    line.reopen()

    def know_only(self, skus: Iterable[str]) -> None:
        """Orders with other SKUs are refused from now on."""
        with self._state.lock:
            self._state.catalogue = set(skus)
