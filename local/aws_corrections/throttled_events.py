"""An asynchronous invocation over the reserved concurrency waits in Lambda's queue.

Left alone, MiniStack takes the refusal for a failed run and sends the event to the on-failure queue at once. On AWS a
throttled event is tried again until its MaximumEventAgeInSeconds, and counts as no attempt.
"""

import contextvars
import time
from collections.abc import Mapping
from typing import Any

from ministack.services import lambda_svc

SECONDS_BETWEEN_TRIES = 0.2
DEFAULT_EVENT_AGE_SECONDS = 21600

_asynchronous = contextvars.ContextVar("asynchronous", default=False)


def correct() -> None:
    """Let throttled asynchronous events wait for a free place."""
    stock_execute = lambda_svc._execute_function
    stock_invoke_async = lambda_svc.invoke_async_with_retry

    def execute(function: Mapping[str, Any], event: object) -> dict[str, Any]:
        give_up_at = time.monotonic() + _event_age(function)
        result = stock_execute(function, event)
        while _asynchronous.get() and result.get("throttle") and time.monotonic() < give_up_at:
            time.sleep(SECONDS_BETWEEN_TRIES)
            result = stock_execute(function, event)
        return dict(result)

    def invoke_async(function: Mapping[str, Any], event: object) -> None:
        def marked() -> None:
            _asynchronous.set(True)
            stock_invoke_async(function, event)

        contextvars.copy_context().run(marked)

    lambda_svc._execute_function = execute
    lambda_svc.invoke_async_with_retry = invoke_async


def _event_age(function: Mapping[str, Any]) -> float:
    settings = (function.get("event_invoke_configs") or {}).get("$LATEST") or {}
    return float(settings.get("MaximumEventAgeInSeconds", DEFAULT_EVENT_AGE_SECONDS))
