"""Lambda: connect a seller's shops by the seller's consent. A route of the HTTP API, and invoked by an operator."""

from typing import Any

from order_sync.bootstrap.connecting import REFUSALS, take_command, take_request
from order_sync.bootstrap.handlers import Context, Event, reporting
from order_sync.bootstrap.http_api import answering, is_request
from order_sync.jobs.run import Report


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Event: GET /connect, {"begin": {"region": …, <settings>}}, or {"pasted": "<address or code>", <settings>}."""
    return _redirected(event, context) if is_request(event) else _asked(event, context)


_redirected = answering(REFUSALS)(take_request)


@reporting
def _asked(event: Event, context: Context, report: Report) -> Report:
    return take_command(event, report, lambda: context.get_remaining_time_in_millis() / 1000)
