"""Take TikTok Shop's notifications about authorisations; everything else is left to the polls (TT 5)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from order_sync.domain.authorizations import Authorization, Grantor, announced_end, is_trouble, withdrawn
from order_sync.jobs.refresh_tokens import AGREE_AGAIN, AUTHORIZATION
from order_sync.jobs.run import Report
from order_sync.ledger.once import Notifications
from order_sync.ledger.shops import Shops
from order_sync.partners.tiktok_shop.notifications import Notification, NotificationType, read_notification

KEPT: Final = timedelta(days=2)
"""TikTok Shop sends the same one for up to 16 hours (TT 5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """What notifications are taken with."""

    shops: Shops
    notifications: Notifications
    report: Report


def receive_webhook(body: bytes, inbox: Inbox) -> None:
    """Act on one notification whose signature is right. Each is acted on once, and one that is known is no fault."""
    report = inbox.report
    notification = read_notification(body)
    if notification is None:
        report.problem("webhooks_unreadable", "a notification with a right signature cannot be read")
        return
    if notification.type not in {*NotificationType}:
        report.count("webhooks_left_to_polls")
    elif notification.id and inbox.notifications.is_known(notification.id):
        report.count("webhooks_repeated")
    elif not inbox.shops.starting_moment(notification.shop):
        report.count("webhooks_of_unknown_shops")
    else:
        _act(notification, inbox)
        if notification.id:
            # Afterwards: what a death leaves half done is done again when it comes again.
            inbox.notifications.remember(notification.id, KEPT)


def _act(notification: Notification, inbox: Inbox) -> None:
    shop, at = notification.shop, notification.at
    if notification.type == NotificationType.SELLER_DEAUTHORIZATION:
        decide: Callable[[Authorization | None], Authorization | None] = lambda known: withdrawn(known, at)  # noqa: E731
        kind, text = "authorizations_withdrawn", f"the seller has taken the authorisation back: {AGREE_AGAIN}"
    else:
        until = notification.until
        decide = lambda known: announced_end(known, until, at)  # noqa: E731
        when = f"at {until:%Y-%m-%d %H:%M} UTC" if until else "soon"
        kind, text = "authorizations_announced_to_end", f"the seller's authorisation ends {when}: {AGREE_AGAIN}"
    authorization = inbox.shops.change_authorization(shop, Grantor.TIKTOK_SHOP, decide)
    if authorization is None:
        inbox.report.count("webhooks_overtaken")
        return
    inbox.shops.put_notice(shop, AUTHORIZATION, text)
    inbox.report.problem(kind, f"shop {shop}: {text}")
    if is_trouble(authorization, trades=inbox.shops.is_active(shop)):
        # The next run of refresh_tokens counts them all; the alarm need not wait for it.
        inbox.report.gauge("authorization_troubles", 1)
