"""Taking notifications: TikTok Shop waits three seconds for an answer, so nothing is imported that is not used."""

from order_sync.bootstrap.http_api import HttpAnswer, HttpRequest
from order_sync.bootstrap.runs import now, shops, table
from order_sync.bootstrap.tiktok_app import app
from order_sync.jobs.receive_webhook import Inbox, receive_webhook
from order_sync.jobs.run import Report
from order_sync.ledger.once import Notifications
from order_sync.partners.tiktok_shop.notifications import is_from_tiktok


def take_notification(request: HttpRequest, report: Report) -> HttpAnswer:
    """TikTok Shop tells us something, or somebody else does."""
    if not is_from_tiktok(app(), request.body, request.signature):
        report.problem("webhooks_refused", "the signature is not TikTok Shop's")
        return HttpAnswer(status=401)
    receive_webhook(request.body, Inbox(shops=shops(), notifications=Notifications(table(), now), report=report))
    return HttpAnswer(status=200)
