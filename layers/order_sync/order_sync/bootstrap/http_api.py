"""The frame around a route of the HTTP API: little is read, and less is answered."""

import base64
import binascii
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Final

from order_sync.bootstrap.handlers import Context, Event, LambdaHandler, logger, tell
from order_sync.domain.errors import RejectedError, RetriableError
from order_sync.jobs.run import Report

LARGEST_BODY: Final = 16 * 1024
"""In bytes, of the query as of the body. TikTok Shop's notifications about authorisations have some hundred."""

_HEADERS: Final[Mapping[str, str]] = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "content-type": "text/html; charset=utf-8",
    # The address of the page holds the seller's code.
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class HttpRequest:
    """What a route may look at. Its repr is hidden: the query can hold a seller's code."""

    query: str
    body: bytes
    signature: str
    seconds_left: Callable[[], float]
    """Until the function's time-out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """A status and a text that is ours: nothing of a request is ever repeated."""

    status: int
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """What a browser is told when something is not as it should be."""

    rejected: HttpAnswer = field(default_factory=lambda: HttpAnswer(status=400))
    later: HttpAnswer = field(default_factory=lambda: HttpAnswer(status=503))


type Route = Callable[[HttpRequest, Report], HttpAnswer]


def answering(refusals: Refusals) -> Callable[[Route], LambdaHandler]:
    """Frame a route: one log line, metrics of problems, and an answer that tells nothing of what went wrong."""

    def frame(route: Route) -> LambdaHandler:
        @wraps(route)
        def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
            logger.set_correlation_id(context.aws_request_id)
            logger.append_keys(function=os.environ["AWS_LAMBDA_FUNCTION_NAME"], shop=None, source="http_api")
            report = Report()
            answer = HttpAnswer(status=500)
            try:
                request = _read(event, lambda: context.get_remaining_time_in_millis() / 1000)
                if request is None:
                    report.problem("requests_too_large", f"more than {LARGEST_BODY} bytes, or not readable")
                    answer = HttpAnswer(status=413)
                else:
                    answer = route(request, report)
            except RejectedError as error:
                report.problem("requests_refused", str(error))
                answer = refusals.rejected
            except RetriableError as error:
                report.problem("requests_postponed", str(error))
                answer = refusals.later
            finally:
                tell(report, None)
            return {"statusCode": answer.status, "headers": dict(_HEADERS), "body": answer.text}

        return lambda_handler

    return frame


def is_request(event: Event) -> bool:
    """Whether an event comes from the HTTP API, and not from an operator."""
    return isinstance(event.get("requestContext"), dict) and "http" in event["requestContext"]


def _read(event: Event, seconds_left: Callable[[], float]) -> HttpRequest | None:
    """The request; None for one that is too large, which is seen before anything of it is decoded."""
    query, body = str(event.get("rawQueryString") or ""), str(event.get("body") or "")
    is_encoded = event.get("isBase64Encoded") is True
    if len(query) > LARGEST_BODY or len(body) > (LARGEST_BODY * 4 // 3 + 4 if is_encoded else LARGEST_BODY):
        return None
    try:
        raw = base64.b64decode(body, validate=True) if is_encoded else body.encode()
    except (binascii.Error, ValueError):
        return None
    if len(raw) > LARGEST_BODY:
        return None
    headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    signature = headers.get("authorization", "")
    return HttpRequest(query=query, body=raw, signature=signature, seconds_left=seconds_left)
