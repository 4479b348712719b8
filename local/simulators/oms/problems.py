"""What the OMS refuses, as RFC 9457 problem documents."""

import json
from collections.abc import Sequence
from typing import Any

from werkzeug import Response

from local.simulators.oms.contract import Mistake

_STATUS = {
    "invalid-request": 400,
    "unauthorized": 401,
    "order-unknown": 404,
    "cancel-request-unknown": 404,
    "decision-unknown": 404,
    "cancellation-unknown": 404,
    "refund-unknown": 404,
    "path-unknown": 404,
    "lines-differ": 409,
    "cancel-request-differs": 409,
    "return-differs": 409,
    "outcome-differs": 409,
    "already-packed": 409,
    "already-shipped": 409,
    "already-cancelled": 409,
    "totals-differ": 422,
    "line-unknown": 422,
    "line-repeated": 422,
    "ids-differ": 422,
    "sku-unknown": 422,
    "currency-differs": 422,
    "too-many-requests": 429,
    "unexpected": 500,
    "not-offered": 501,
    "unavailable": 503,
}
_BY_STATUS = {429: "too-many-requests", 500: "unexpected", 503: "unavailable"}


class ProblemError(Exception):
    """The request is answered with this problem."""

    def __init__(self, name: str, detail: str, mistakes: Sequence[Mistake] = ()) -> None:
        super().__init__(detail)
        self.name = name
        self.status = _STATUS[name]
        self.detail = detail
        self.mistakes = mistakes

    def body(self) -> dict[str, Any]:
        """The problem document."""
        body: dict[str, Any] = {
            "type": f"urn:problem:order-sync:{self.name}",
            "title": self.name.replace("-", " ").capitalize(),
            "status": self.status,
            "detail": self.detail,
        }
        if self.mistakes:
            body["errors"] = [{"pointer": each.pointer, "detail": each.detail} for each in self.mistakes]
        return body

    def response(self) -> Response:
        """The problem as an HTTP answer."""
        response = Response(json.dumps(self.body()), self.status, content_type="application/problem+json")
        if self.status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response


def outage(status: int) -> ProblemError:
    """The problem that words a fault on demand."""
    return ProblemError(_BY_STATUS[status], "Ask again later.")
