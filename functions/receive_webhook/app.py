"""Lambda: take TikTok Shop's notifications about authorisations. A route of the HTTP API."""

from typing import Any

from order_sync.bootstrap.handlers import Context, Event
from order_sync.bootstrap.http_api import Refusals, answering
from order_sync.bootstrap.webhooks import take_notification

_answered = answering(Refusals())(take_notification)


def lambda_handler(event: Event, context: Context) -> dict[str, Any]:
    """Event: POST /webhook, with TikTok Shop's signature in the header `Authorization`."""
    return _answered(event, context)
