"""The HTTP face of the simulated OMS; its paths, requests and answers are those of the OpenAPI file."""

import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug import Request, Response
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule

from local.simulators.faults import Faults, Refused
from local.simulators.oms import cancel_requests, open_orders, returns, seller_cancellations, seller_refunds
from local.simulators.oms.contract import ContractBrokenError, Mistake, Operation
from local.simulators.oms.lists import refuse, without_raw_entries
from local.simulators.oms.orders import cancel, change_address, note_parcel, recover, take
from local.simulators.oms.problems import ProblemError, outage
from local.simulators.oms.records import Order
from local.simulators.oms.shipments import page
from local.simulators.oms.state import LoggedRequest, State

type Answer = tuple[int, dict[str, Any] | None]


class Web:
    """The WSGI application over one State."""

    def __init__(
        self,
        state: State,
        contract: Mapping[str, Operation],
        faults: Faults,
        *,
        token: str,
        largest_page: int,
    ) -> None:
        self._state = state
        self._contract = contract
        self._faults = faults
        self._token = token
        self._largest_page = largest_page
        self._handlers: dict[str, Callable[..., Answer]] = {
            "take_order": self._take_order,
            "read_order": self._read_order,
            "set_channeladvisor_order": self._set_channeladvisor_order,
            "change_shipping_address": self._change_shipping_address,
            "cancel_order": self._cancel_order,
            "note_parcel": self._note_parcel,
            "recover_parcels": self._recover_parcels,
            "list_open_orders": self._list_open_orders,
            "list_shipments": self._list_shipments,
            "note_cancel_request": self._note_cancel_request,
            "settle_cancel_request": self._settle_cancel_request,
            "list_cancel_request_decisions": self._list_decisions,
            "refuse_cancel_request_decision": self._refuse_decision,
            "list_seller_cancellations": self._list_seller_cancellations,
            "settle_seller_cancellation": self._settle_seller_cancellation,
            "note_return": self._note_return,
            "list_return_decisions": self._list_return_decisions,
            "refuse_return_decision": self._refuse_return_decision,
            "list_seller_refunds": self._list_seller_refunds,
            "settle_seller_refund": self._settle_seller_refund,
        }
        if self._handlers.keys() != contract.keys():
            raise ContractBrokenError(f"not simulated: {self._handlers.keys() ^ contract.keys()}")
        self._routes = Map(
            [
                Rule(
                    operation.path.replace("{", "<").replace("}", ">"),
                    methods=[operation.method],
                    endpoint=operation.name,
                )
                for operation in contract.values()
            ]
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)

        def refuse(refused: Refused) -> Response:
            self._log(request, refused.status)
            return outage(refused.status).response()

        response = self._faults.around(request.method, request.path, lambda: self._answer(request), refuse)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        with self._state.lock:
            self._state.advance()
            try:
                response = self._dispatch(request)
            except ProblemError as problem:
                response = problem.response()
            self._log(request, response.status_code)
        return response

    def _dispatch(self, request: Request) -> Response:
        try:
            name, values = self._routes.bind("oms").match(request.path, request.method)
        except (NotFound, MethodNotAllowed):
            raise ProblemError("path-unknown", "The contract has no such call.") from None
        operation = self._contract[name]
        try:
            self._authorise(request)
            body = self._checked_body(request, operation, values)
            status, answer = self._handlers[name](body=body, query=request.args.to_dict(), **values)
        except ProblemError as problem:
            operation.check_answer(problem.status, problem.body())
            raise
        operation.check_answer(status, without_raw_entries(answer))
        if answer is None:
            response = Response(status=status)
            del response.headers["Content-Type"]
            return response
        return Response(json.dumps(answer), status, content_type="application/json")

    def _authorise(self, request: Request) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), self._token.encode()):
            raise ProblemError("unauthorized", "The bearer token is missing or not valid.")

    def _checked_body(self, request: Request, operation: Operation, values: Mapping[str, str]) -> Any:
        mistakes = operation.mistakes_in_parameters(values, request.args.to_dict())
        body = None
        if operation.body is not None:
            if request.mimetype != "application/json":
                mistakes.append(Mistake("", "is not application/json"))
            try:
                body = json.loads(request.get_data())
            except ValueError:
                mistakes.append(Mistake("", "is not JSON"))
            else:
                mistakes += operation.mistakes_in_body(body)
        if mistakes:
            raise ProblemError("invalid-request", "The request is not what the contract describes.", mistakes)
        return body

    def _log(self, request: Request, status: int) -> None:
        with self._state.lock:
            entry = LoggedRequest(self._state.clock(), request.method, request.path, status)
            self._state.requests.append(entry)

    def _order(self, tiktok_order_id: str) -> Order:
        order = self._state.orders.get(tiktok_order_id)
        if order is None:
            raise ProblemError("order-unknown", "No such order here.")
        return order

    def _take_order(self, *, tiktok_order_id: str, body: Any, **_: Any) -> Answer:
        order, new = take(self._state, tiktok_order_id, body)
        return 201 if new else 200, {"number": order.number}

    def _read_order(self, *, tiktok_order_id: str, **_: Any) -> Answer:
        order = self._order(tiktok_order_id)
        return 200, {
            "number": order.number,
            "tiktok_order_id": order.tiktok_order_id,
            "shop_id": order.shop_id,
            "channeladvisor_order_id": order.channeladvisor_order_id,
            "state": order.state,
            "lines": [
                {
                    "tiktok_line_id": line.id,
                    "sku": line.sku,
                    "state": line.state,
                    "packed_at": line.packed_at and line.packed_at.isoformat(),
                    "shipped_at": line.shipped_at and line.shipped_at.isoformat(),
                }
                for line in order.lines
            ],
        }

    def _set_channeladvisor_order(self, *, tiktok_order_id: str, body: Any, **_: Any) -> Answer:
        self._order(tiktok_order_id).channeladvisor_order_id = body["channeladvisor_order_id"]
        return 204, None

    def _change_shipping_address(self, *, tiktok_order_id: str, body: Any, **_: Any) -> Answer:
        change_address(self._order(tiktok_order_id), body)
        return 204, None

    def _cancel_order(self, *, tiktok_order_id: str, body: Any, **_: Any) -> Answer:
        cancel(self._state, self._order(tiktok_order_id), body)
        return 204, None

    def _note_parcel(self, *, tiktok_order_id: str, parcel_id: str, body: Any, **_: Any) -> Answer:
        note_parcel(self._order(tiktok_order_id), parcel_id, body, self._state.clock())
        return 204, None

    def _list_open_orders(self, *, query: Mapping[str, str], **_: Any) -> Answer:
        return 200, open_orders.page(self._state, query, self._largest_page)

    def _list_shipments(self, *, query: Mapping[str, str], **_: Any) -> Answer:
        return 200, page(self._state, query, self._largest_page)

    def _recover_parcels(self, *, tiktok_order_id: str, body: Any, **_: Any) -> Answer:
        recover(self._order(tiktok_order_id), body)
        return 204, None

    def _note_cancel_request(self, *, cancel_id: str, body: Any, **_: Any) -> Answer:
        cancel_requests.note(self._state, cancel_id, body)
        return 204, None

    def _settle_cancel_request(self, *, cancel_id: str, body: Any, **_: Any) -> Answer:
        cancel_requests.settle(self._state, cancel_id, body)
        return 204, None

    def _list_decisions(self, *, query: Mapping[str, str], **_: Any) -> Answer:
        return 200, cancel_requests.decisions_page(self._state, query, self._largest_page)

    def _refuse_decision(self, *, decision_id: str, body: Any, **_: Any) -> Answer:
        refuse(self._state.decisions, decision_id, body)
        return 204, None

    def _list_seller_cancellations(self, *, query: Mapping[str, str], **_: Any) -> Answer:
        return 200, seller_cancellations.page(self._state, query, self._largest_page)

    def _settle_seller_cancellation(self, *, cancellation_id: str, body: Any, **_: Any) -> Answer:
        seller_cancellations.settle(self._state, cancellation_id, body)
        return 204, None

    def _note_return(self, *, return_id: str, body: Any, **_: Any) -> Answer:
        returns.note(self._state, return_id, body)
        return 204, None

    def _list_return_decisions(self, *, query: Mapping[str, str], **_: Any) -> Answer:
        return 200, returns.decisions_page(self._state, query, self._largest_page)

    def _refuse_return_decision(self, *, decision_id: str, body: Any, **_: Any) -> Answer:
        refuse(self._state.return_decisions, decision_id, body)
        return 204, None

    def _list_seller_refunds(self, *, query: Mapping[str, str], **_: Any) -> Answer:
        return 200, seller_refunds.page(self._state, query, self._largest_page)

    def _settle_seller_refund(self, *, refund_id: str, body: Any, **_: Any) -> Answer:
        seller_refunds.settle(self._state, refund_id, body)
        return 204, None
