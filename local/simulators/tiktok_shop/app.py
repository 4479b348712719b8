"""The simulated TikTok Shop as a WSGI application: the API and the auth host on one origin."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug import Request, Response
from werkzeug.exceptions import MethodNotAllowed, NotFound

from local.simulators.faults import AnswerLostError, Fault, Faults, Refused
from local.simulators.tiktok_shop.actions import Actions
from local.simulators.tiktok_shop.books import RequestRecord, without_secrets
from local.simulators.tiktok_shop.calls import Call
from local.simulators.tiktok_shop.consent import CONSENT_PAGE, SignedIn, answer_consent_page, signed_notification
from local.simulators.tiktok_shop.doubts import Doubts
from local.simulators.tiktok_shop.endpoints import ROUTES, Endpoint
from local.simulators.tiktok_shop.errors import DETAILS, MESSAGES, RefusalError, business
from local.simulators.tiktok_shop.gate import (
    App,
    check_query,
    check_shop,
    check_signature,
    check_token,
    read_body,
    read_query,
)
from local.simulators.tiktok_shop.shops import Shop
from local.simulators.tiktok_shop.token_calls import answer_token_call

type Json = dict[str, object]


@dataclass(slots=True, kw_only=True)
class _Outcome:
    """What the books will say about a request."""

    endpoint: str
    shop: Shop | None = None
    status: int | None = None
    code: int | None = None
    fault: Fault | None = None


class TikTokShopSimulator(Actions):
    """A strict and stateful TikTok Shop: call it over WSGI, act on it through the methods of `Actions`.

    `clock` gives aware UTC times and is the only source of time. `requests_per_second` is TikTok's unpublished
    limit per shop (429 above it), none by default.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        app_key: str,
        app_secret: str,
        hold: timedelta = timedelta(hours=1),
        index_lag: timedelta = timedelta(0),
        requests_per_second: int | None = None,
        doubts: Doubts | None = None,
        seed: int = 0,
        service_id: str = "7000000000000000001",
    ) -> None:
        super().__init__(clock, hold=hold, index_lag=index_lag, doubts=doubts, seed=seed)
        self.faults = Faults()
        self._app = App(key=app_key, secret=app_secret, service_id=service_id)
        self._seller: SignedIn | None = None
        self._requests_per_second = requests_per_second

    @property
    def service_id(self) -> str:
        """The app's id for sellers' consent."""
        return self._app.service_id

    def register(self, redirect_url: str) -> None:
        """The app's owner enters where the consent page leads back to."""
        self._app = replace(self._app, redirect_url=redirect_url)

    def sign_in(self, *shops: Shop, agrees: bool = True) -> None:
        """The seller of these shops is the next to open the consent page."""
        self._seller = SignedIn(shops=shops, agrees=agrees)

    def notification(self, type_: int, shop_id: str, data: Mapping[str, object]) -> tuple[bytes, dict[str, str]]:
        """A notification as TikTok posts it: body and headers."""
        with self._state.lock:
            now, number = self._state.now(), self._state.ids.number("notification")
        envelope = {"type": type_, "tts_notification_id": number, "shop_id": shop_id}
        return signed_notification(self._app, envelope | {"timestamp": int(now.timestamp()), "data": data})

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        request.get_data()
        at = self._state.clock()
        outcome = _Outcome(endpoint=request.path)
        with self.books.underway(at):
            try:
                response = self.faults.around(
                    request.method,
                    request.path,
                    lambda: self._answer(request, outcome),
                    lambda refused: self._refuse(refused, outcome),
                )
                outcome.status = response.status_code
            except AnswerLostError as lost:
                outcome.fault = lost.fault
                raise
            finally:
                self._record(request, at, outcome)
        return response(environ, start_response)

    def _answer(self, request: Request, outcome: _Outcome) -> Response:
        if request.path == CONSENT_PAGE and request.method == "GET":
            with self._state.lock:
                return answer_consent_page(self._state, self._app, request, self._seller)
        with self._state.lock:
            now = self._state.now()
            try:
                message, data = self._handle(request, outcome, now)
            except RefusalError as refusal:
                status = self.doubts.business_error_status if refusal.status is None else refusal.status
                return self._envelope(outcome, code=refusal.code, message=refusal.message, status=status, now=now)
            return self._envelope(outcome, code=0, message=message, status=HTTPStatus.OK, now=now, data=data)

    def _handle(self, request: Request, outcome: _Outcome, now: datetime) -> tuple[str, Json]:
        try:
            matched, path = ROUTES.bind_to_environ(request.environ).match(return_rule=False)
        except NotFound as unknown:
            raise RefusalError(36009009, "Invalid path." + DETAILS, HTTPStatus.NOT_FOUND) from unknown
        except MethodNotAllowed as wrong:
            raise RefusalError(36009010, "Invalid method." + DETAILS, HTTPStatus.METHOD_NOT_ALLOWED) from wrong
        query = read_query(request)
        if not isinstance(matched, Endpoint):
            grant, data = answer_token_call(self._state, self._app, request.path, query, now)
            outcome.shop = grant.shops[0]
            return "success", data
        outcome.endpoint = matched.path
        check_signature(self._app, request, query, now)
        grant = check_token(self._state, request, matched, now)
        outcome.shop = shop = check_shop(self._state, matched, grant, query.get("shop_cipher"))
        self._limit(shop or grant.shops[0], now)
        check_query(matched, query)
        body = read_body(request, matched)
        scripted = self._state.next_scripted(request.path)
        if scripted is not None:
            raise business(scripted)
        call = Call(
            state=self._state,
            now=now,
            shops=grant.shops,
            named_shop=shop,
            path=path,
            query=query,
            body=body,
        )
        return "Success", matched.answer(call)

    def _limit(self, shop: Shop, now: datetime) -> None:
        arrived = self.books.arrived(shop.id, now)
        if self._requests_per_second is not None and arrived > self._requests_per_second:
            raise RefusalError(36009002, "Too many requests." + DETAILS, HTTPStatus.TOO_MANY_REQUESTS)

    def _refuse(self, refused: Refused, outcome: _Outcome) -> Response:
        outcome.fault = refused.fault
        now = self._state.clock()
        match refused.fault:
            case Fault.RATE_LIMITED:
                message = "Too many requests." + DETAILS
                return self._envelope(outcome, code=36009002, message=message, status=refused.status, now=now)
            case Fault.SERVER_ERROR:
                return self._envelope(
                    outcome, code=36009003, message=MESSAGES[36009003], status=refused.status, now=now
                )
            case _:
                # An outage (TT 6.2) is answered in front of the API, so without its envelope.
                return Response("Service Unavailable", status=refused.status, content_type="text/plain")

    def _envelope(
        self, outcome: _Outcome, *, code: int, message: str, status: int, now: datetime, data: Json | None = None
    ) -> Response:
        outcome.code = code
        with self._state.lock:
            request_id = self._state.ids.request(now)
        envelope = {"code": code, "message": message, "data": data, "request_id": request_id}
        text = json.dumps(envelope, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return Response(text, status=status, content_type="application/json")

    def _record(self, request: Request, at: datetime, outcome: _Outcome) -> None:
        self.books.record(
            RequestRecord(
                at=at,
                method=request.method,
                path=request.path,
                endpoint=outcome.endpoint,
                query=without_secrets(request.args.to_dict()),
                shop_id=None if outcome.shop is None else outcome.shop.id,
                status=outcome.status,
                code=outcome.code,
                fault=outcome.fault,
            )
        )
