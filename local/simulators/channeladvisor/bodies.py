"""Request and response bodies with their headers (CA 1.5)."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from werkzeug import Request, Response

from local.simulators.channeladvisor.refusals import RefusedError, invalid

_ODATA = "application/json; odata.metadata=minimal; odata.streaming=true"
_PLAIN = "application/json; charset=utf-8"
_VERSION = {"OData-Version": "4.0"}


def read_payload(request: Request) -> Any:
    """The JSON body, numbers with a fraction as Decimal. Refuses other media types with 415, broken JSON with 400."""
    if request.mimetype != "application/json":
        message = f"The request entity's media type '{request.mimetype}' is not supported for this resource."
        raise RefusedError(415, message, odata=False)
    try:
        return json.loads(request.get_data(), parse_float=Decimal)
    except ValueError:
        raise invalid("The request body is not valid JSON.") from None


def odata_response(body: Mapping[str, Any], status: int) -> Response:
    """An answer of the OData layer."""
    return Response(json.dumps(body), status, _VERSION, content_type=_ODATA)


def plain_response(body: Mapping[str, Any], status: int) -> Response:
    """An answer from outside of the OData layer."""
    return Response(json.dumps(body), status, content_type=_PLAIN)


def refusal_response(refused: RefusedError) -> Response:
    """The answer to a request that is refused."""
    if refused.odata:
        return Response(refused.body(), refused.status, _VERSION, content_type=_ODATA)
    return Response(refused.body(), refused.status, content_type=_PLAIN)


def done() -> Response:
    """204: it took effect, and there is nothing to say."""
    response = Response(status=204, headers=_VERSION)
    del response.headers["Content-Type"]
    return response
