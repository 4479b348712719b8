"""The HTTP face of the simulated ChannelAdvisor: tokens, limits, faults and the request log (CA 1)."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug import Request, Response
from werkzeug.exceptions import MethodNotAllowed, NotFound

from local.simulators.channeladvisor.bodies import plain_response, refusal_response
from local.simulators.channeladvisor.calls import Call
from local.simulators.channeladvisor.endpoints import ENDPOINTS, ROUTES
from local.simulators.channeladvisor.limits import Limits
from local.simulators.channeladvisor.oauth import LIFE, Access, GrantRefusedError, TokenIssuer
from local.simulators.channeladvisor.refusals import RefusedError, no_resource, unauthorised
from local.simulators.channeladvisor.settling import advance
from local.simulators.channeladvisor.state import LoggedRequest, State
from local.simulators.faults import Faults, Refused

_TOKEN_PATH = "/oauth2/token"
_FAULT_WORDS = {429: "Too Many Requests", 500: "An error has occurred.", 503: "The service is unavailable."}


class Web:
    """The WSGI application over one State."""

    def __init__(
        self,
        state: State,
        tokens: TokenIssuer,
        limits: Limits,
        faults: Faults,
        *,
        page_size: int,
        linger: Callable[[], None],
    ) -> None:
        self._state = state
        self._tokens = tokens
        self._limits = limits
        self._faults = faults
        self._page_size = page_size
        self._linger = linger

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)

        def refuse(refused: Refused) -> Response:
            self._log(request, None, refused.status)
            return plain_response({"Message": _FAULT_WORDS[refused.status]}, refused.status)

        response = self._faults.around(request.method, request.path, lambda: self._answer(request), refuse)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.path == _TOKEN_PATH:
            return self._grant(request)
        access: Access | None = None
        try:
            with self._state.lock:
                access = self._authorise(request)
            with self._counted(access):
                self._linger()
                with self._state.lock:
                    advance(self._state)
                    response = self._dispatch(request, access)
        except RefusedError as refused:
            response = refusal_response(refused)
        self._log(request, access, response.status_code)
        return response

    def _authorise(self, request: Request) -> Access:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            token = request.args.get("access_token", "")
        elif scheme.lower() != "bearer":
            raise unauthorised()
        access = self._tokens.access(token)
        if access is None:
            raise unauthorised()
        return access

    @contextmanager
    def _counted(self, access: Access) -> Iterator[None]:
        with self._state.lock:
            self._limits.enter(access.application, access.account, self._state.clock())
        try:
            yield
        finally:
            with self._state.lock:
                self._limits.leave(access.application)

    def _dispatch(self, request: Request, access: Access) -> Response:
        try:
            endpoint, values = ROUTES.bind("channeladvisor").match(request.path, request.method)
        except NotFound:
            raise no_resource(request.path) from None
        except MethodNotAllowed:
            message = f"The requested resource does not support http method '{request.method}'."
            raise RefusedError(405, message, odata=False) from None
        call = Call(
            request=request,
            application=access.application,
            account=self._state.accounts[access.account],
            state=self._state,
            page_size=self._page_size,
        )
        return ENDPOINTS[endpoint](call, **values)

    def _grant(self, request: Request) -> Response:
        if request.method != "POST":
            return plain_response({"Message": "The requested resource does not support this http method."}, 405)
        application = ""
        try:
            with self._state.lock:
                application, token = self._tokens.answer(
                    request.headers.get("Authorization", ""), request.mimetype, request.form
                )
            body = {"access_token": token, "token_type": "bearer", "expires_in": int(LIFE.total_seconds())}
            response = plain_response(body, 200)
        except GrantRefusedError as refused:
            response = plain_response({"error": refused.error}, 400)
        self._log(request, None, response.status_code, application=application)
        return response

    def _log(self, request: Request, access: Access | None, status: int, *, application: str = "") -> None:
        query = "&".join(f"{name}={text}" for name, text in request.args.items() if name != "access_token")
        with self._state.lock:
            self._state.requests.append(
                LoggedRequest(
                    at=self._state.clock(),
                    application=access.application if access else application,
                    account=access.account if access else "",
                    method=request.method,
                    path=request.path,
                    query=query,
                    status=status,
                )
            )
